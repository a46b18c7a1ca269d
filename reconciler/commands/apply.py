"""`reconcile apply`: make AWS as the file says."""

import sys

from reconciler.apply import Manner, Stop, apply
from reconciler.approval import Approved, approve, check_allowed_codes
from reconciler.commands import FAILED, OK
from reconciler.commands.deciding import Decided, chosen, observed_and_decided, reaching, selection
from reconciler.config import fingerprint, read
from reconciler.decide.summary import summarize_applied
from reconciler.desired import Config
from reconciler.errors import NotApproved
from reconciler.model import Applied
from reconciler.options import Options
from reconciler.output import Output
from reconciler.planfile import SavedPlan, Selection, load
from reconciler.settle import Means, finish_settled
from reconciler.signals import INTERRUPTED, Signals


def run(options: Options, output: Output, signals: Signals) -> int:
    check_allowed_codes(options.allow)
    config = read(options.config)
    saved = _saved(options, config)
    wanted = saved.selection if saved and selection(options) == Selection() else selection(options)
    desired = chosen(config, wanted)
    with reaching(config, options) as aws:
        decided = observed_and_decided(aws, config, desired, output)
        approved, stop = _approved(decided, saved, options, output), Stop()
        with signals.gracefully(stop):
            applied = _carry_out(decided, config, approved, options, output, stop)
            output.applied(decided.plan, applied)
            sys.stdout.flush()
    return _exit_code(applied)


def _saved(options: Options, config: Config) -> SavedPlan | None:
    saved = load(options.planfile) if options.planfile else None
    if saved and saved.config != fingerprint(config):
        raise NotApproved(
            f"the saved plan was made from a file that asks for something else than {config.source} does now. "
            "Nothing was written",
            hint="plan again, with --out",
        )
    return saved


def _approved(decided: Decided, saved: SavedPlan | None, options: Options, output: Output) -> Approved:
    """Show the plan, and have it approved. In formats that are one document, a refused plan is the result."""
    text = options.format == "text"
    if text:
        output.plan(decided.plan)
    try:
        return approve(decided.plan, options, saved, lambda question: output.ask(question, decided.plan))
    except NotApproved as error:
        if not text:
            output.plan(decided.plan, refused=error)
            error.shown = True
        raise


def _carry_out(  # noqa: PLR0913, PLR0917 - what an apply is made of
    decided: Decided, config: Config, approved: Approved, options: Options, output: Output, stop: Stop
) -> Applied:
    """Apply, then look once more at what had to settle first."""
    sites = decided.resolved.sites
    manner = Manner(timeout=options.timeout, wait=not options.no_wait)
    with output.progress() as waiting:
        applied = apply(decided.plan, sites, manner=manner, stop=stop, watch=waiting.waits)
        return finish_settled(applied, approved, Means(config, sites, manner, stop, waiting.waits))


def _exit_code(applied: Applied) -> int:
    if applied.interrupted:
        return INTERRUPTED
    return FAILED if summarize_applied(applied).troubled else OK
