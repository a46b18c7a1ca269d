"""`reconcile apply`: change AWS to match the file."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from reconciler.apply import ApplyOptions, CancelToken, apply
from reconciler.apply.follow_up import ApplyContext, finish_settled
from reconciler.cli.approval import approve, check_allowed_codes, check_refusals, check_same_accounts
from reconciler.cli.commands import FAILED, OK
from reconciler.cli.commands.deciding import Decided, chosen, observed_and_decided, reaching, selection
from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.cli.plan_file import SavedPlan, Selection, load
from reconciler.cli.signals import INTERRUPTED, Signals
from reconciler.config import fingerprint, read
from reconciler.decide.summary import summarize_applied
from reconciler.model.desired import Config
from reconciler.model.errors import NotApproved, OwnFault, ReconcileError
from reconciler.model.outcome import Applied
from reconciler.model.plan import Approved


def run(options: Options, output: Output, signals: Signals) -> int:
    check_allowed_codes(options.allow)
    file = read(options.config)
    saved = _saved(options, file)
    wanted = saved.selection if saved and selection(options) == Selection() else selection(options)
    config, desired = chosen(file, wanted, options)
    with reaching(config, options) as aws:

        def decide() -> Decided:
            return observed_and_decided(aws, config, desired, output)

        decided, approved = _approved(decide, saved, options, output)
        cancel = CancelToken()
        with signals.gracefully(cancel):
            applied = _carry_out(decided, config, approved, options, output, cancel)
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


def _approved(
    decide: Callable[[], Decided], saved: SavedPlan | None, options: Options, output: Output
) -> tuple[Decided, Approved]:
    """Show the plan and have it approved.

    After a yes at the prompt everything is observed again, since some time has passed: the same writes go on, others
    are shown and asked about.
    """
    decided = decide()
    while True:
        approved = _approval(decided, saved, options, output)
        if not approved.asked:
            return decided, approved
        again = decide()
        with _shown_when_refused(again, options, output):
            check_same_accounts(decided.plan, again.plan)
            if again.plan.digest == decided.plan.digest:
                check_refusals(again.plan, options.allow)
                return again, approved
        output.warn(["The plan changed while it was being approved; the new one is asked about"])
        decided = again


def _approval(decided: Decided, saved: SavedPlan | None, options: Options, output: Output) -> Approved:
    if options.format == "text":
        output.plan(decided.plan)
    with _shown_when_refused(decided, options, output):
        return approve(
            decided.plan,
            options,
            saved,
            endpoint=output.endpoint,
            ask=lambda question: output.ask(question, decided.plan),
        )


@contextmanager
def _shown_when_refused(decided: Decided, options: Options, output: Output) -> Iterator[None]:
    """In the formats that are one document, a refused plan is the result."""
    try:
        yield
    except NotApproved as error:
        if options.format != "text":
            output.plan(decided.plan, refused=error)
            error.shown = True
        raise


def _carry_out(  # noqa: PLR0913, PLR0917 - what an apply is made of
    decided: Decided, config: Config, approved: Approved, options: Options, output: Output, cancel: CancelToken
) -> Applied:
    """Apply, then follow up on ions that had to settle first. If either fails, what was done is still reported."""
    environments = decided.resolved.environments
    apply_options = ApplyOptions(timeout=options.timeout, wait=not options.no_wait)
    applied: Applied | None = None
    with output.progress([ion.key for ion in decided.plan.ions if ion.steps]) as waiting:
        try:
            applied = apply(decided.plan, environments, options=apply_options, cancel=cancel, on_wait=waiting.waits)
            return finish_settled(
                applied, approved, ApplyContext(config, environments, apply_options, cancel, waiting.waits)
            )
        except Exception as error:  # noqa: BLE001 - told below, with what was done
            failure = error if isinstance(error, ReconcileError) else OwnFault(error)
    if applied:
        output.applied(decided.plan, applied, failed=failure)
        failure.shown = True
    else:
        failure.hint = "some steps may have been carried out: see what is left with `reconcile plan`"
    raise failure


def _exit_code(applied: Applied) -> int:
    if applied.interrupted:
        return INTERRUPTED
    return FAILED if summarize_applied(applied).troubled else OK
