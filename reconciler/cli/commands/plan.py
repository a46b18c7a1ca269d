"""`reconcile plan`: what differs between the file and AWS. Reads only."""

import os
import shlex
from collections.abc import Iterator

from reconciler.cli.approval import check_allowed_codes
from reconciler.cli.commands import CHANGES, FAILED, OK
from reconciler.cli.commands.deciding import chosen, observed_and_decided, reaching, selection
from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.cli.plan_file import SavedPlan, check_target, save
from reconciler.cli.signals import Signals
from reconciler.config import fingerprint, read
from reconciler.decide.applicability import applicability
from reconciler.model.errors import NotApproved


def run(options: Options, output: Output, _: Signals) -> int:
    check_allowed_codes(options.allow)
    file, wanted = read(options.config), selection(options)
    config, desired = chosen(file, wanted, options)
    if options.out:
        check_target(options.out, config=options.config)
    with reaching(config, options) as aws:
        plan = observed_and_decided(aws, config, desired, output).plan
        endpoint = aws.endpoint
    if options.out:
        approved = SavedPlan(fingerprint(file), endpoint, plan.accounts, wanted, plan.digest, plan.writes)
        save(options.out, approved, config=options.config)
    output.plan(plan)
    answer = applicability(plan, options.allow)
    if answer.can_apply:
        _hint(options, output)
    if answer.troubled:
        return FAILED
    if answer.refusals:
        return NotApproved.exit_code
    return CHANGES if answer.changes and options.detailed_exitcode else OK


def _hint(options: Options, output: Output) -> None:
    """What to do next, for people."""
    if options.detailed_exitcode or os.environ.get("CI"):
        return
    command = shlex.join(_next_words(options))
    output.hint(f"To make these changes: {command}. In scripts, plan --detailed-exitcode exits 2 when there are any.")


def _next_words(options: Options) -> Iterator[str]:
    """The `apply` that is about the same ions. A saved plan keeps to its own."""
    yield from ("reconcile", "apply")
    if options.out:
        yield options.out
    if options.config_given:
        yield from ("-c", options.config)
    if not options.out:
        chosen_by = (("--group", options.group), ("--only", options.only), ("--exclude", options.exclude))
        yield from (word for name, values in chosen_by for value in values for word in (name, value))
    where = (("--profile", options.profile), ("--region", options.region))
    yield from (word for name, value in where if value for word in (name, value))
    yield from (word for code in options.allow for word in ("--allow", code))
    if options.sandbox:
        yield "--sandbox"
