"""`reconcile plan`: what differs between the file and AWS. Reads only."""

import os

from reconciler.commands import CHANGES, FAILED, OK
from reconciler.commands.deciding import chosen, observed_and_decided, reaching, selection
from reconciler.config import fingerprint, read
from reconciler.options import Options
from reconciler.output import Output
from reconciler.planfile import SavedPlan, save
from reconciler.signals import Signals


def run(options: Options, output: Output, _: Signals) -> int:
    config = read(options.config)
    wanted = selection(options)
    desired = chosen(config, wanted)
    with reaching(config, options) as aws:
        plan = observed_and_decided(aws, config, desired, output).plan
    from reconciler.decide.identity import write_identities  # noqa: PLC0415 - not before AWS is asked
    from reconciler.decide.summary import summarize  # noqa: PLC0415 - as above

    if options.out:
        save(options.out, SavedPlan(fingerprint(config), wanted, plan.digest, write_identities(plan.ions)))
    output.plan(plan)
    summary = summarize(plan)
    if summary.changes:
        _hint(options, output)
    if summary.troubled:
        return FAILED
    return CHANGES if summary.changes and options.detailed_exitcode else OK


def _hint(options: Options, output: Output) -> None:
    """What to do next, for people."""
    if options.detailed_exitcode or os.environ.get("CI"):
        return
    words = ["reconcile apply", options.out or "", "--sandbox" if options.sandbox else ""]
    command = " ".join(word for word in words if word)
    output.hint(f"To make these changes: {command}. In scripts, plan --detailed-exitcode exits 2 when there are any.")
