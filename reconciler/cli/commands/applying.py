"""What the commands that write share: the plan shown and approved, applied, followed up on, and told about."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from reconciler.apply import ApplyOptions, CancelToken, apply
from reconciler.apply.follow_up import ApplyContext, finish_settled
from reconciler.cli.approval import approve, check_refusals, check_same_accounts
from reconciler.cli.commands import FAILED, OK
from reconciler.cli.commands.deciding import Decided
from reconciler.cli.options import Options
from reconciler.cli.output import Output
from reconciler.cli.plan_file import SavedPlan
from reconciler.cli.signals import INTERRUPTED, Signals
from reconciler.decide.summary import summarize_applied
from reconciler.model.desired import Config
from reconciler.model.errors import NotApproved, OwnFault, ReconcileError
from reconciler.model.outcome import Applied
from reconciler.model.plan import Approved


@dataclass(frozen=True, slots=True)
class Applying:
    """A command that writes. `decide` observes and decides afresh, as often as it is called."""

    decide: Callable[[], Decided]
    config: Config
    options: Options
    output: Output
    signals: Signals

    def run(self, saved: SavedPlan | None = None) -> int:
        """Have the plan approved, apply it, and tell what was done; gives the exit code."""
        decided, approved = _approved(self.decide, saved, self.options, self.output)
        cancel = CancelToken()
        with self.signals.gracefully(cancel):
            applied = self._carry_out(decided, approved, cancel)
            self.output.applied(decided.plan, applied)
            sys.stdout.flush()
        return _exit_code(applied)

    def _carry_out(self, decided: Decided, approved: Approved, cancel: CancelToken) -> Applied:
        """Apply, then follow up on ions that had to settle first. If either fails, what was done is still reported."""
        environments, options = decided.resolved.environments, self.options
        apply_options = ApplyOptions(timeout=options.timeout, wait=not options.no_wait)
        applied: Applied | None = None
        with self.output.progress([ion.key for ion in decided.plan.ions if ion.steps]) as waiting:
            try:
                applied = apply(decided.plan, environments, options=apply_options, cancel=cancel, on_wait=waiting.waits)
                return finish_settled(
                    applied, approved, ApplyContext(self.config, environments, apply_options, cancel, waiting.waits)
                )
            except Exception as error:  # noqa: BLE001 - told below, with what was done
                failure = error if isinstance(error, ReconcileError) else OwnFault(error)
        if applied:
            self.output.applied(decided.plan, applied, failed=failure)
            failure.shown = True
        else:
            failure.hint = "some steps may have been carried out: see what is left with `reconcile plan`"
        raise failure


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


def _exit_code(applied: Applied) -> int:
    if applied.interrupted:
        return INTERRUPTED
    return FAILED if summarize_applied(applied).troubled else OK
