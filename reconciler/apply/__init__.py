"""Plan -> Applied, through a Writer: all ions at once, accounts and regions side by side.

Only the plan's steps are carried out. Nothing is decided anew here, apart from how to free a stuck alias where AWS
refuses the plan's own steps (`repair`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reconciler.apply.ion_run import IonRun, trailing_waits
from reconciler.apply.loop import CancelToken, OnWait, run_all
from reconciler.apply.state import Run, State, begin
from reconciler.model.observed import Key, Observed
from reconciler.model.outcome import Applied, IonResult, NotAttempted, Outcome
from reconciler.model.plan import IonPlan, Plan, Precedence
from reconciler.model.steps import Step
from reconciler.observe.environments import Environment, side_by_side

__all__ = ["ApplyOptions", "CancelToken", "apply"]


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """How to apply. `timeout`: seconds an ion may wait after its last write. `wait` False: no wait that ends an ion."""

    timeout: float = 900.0
    wait: bool = True


def apply(
    plan: Plan,
    environments: tuple[Environment, ...],
    *,
    options: ApplyOptions,
    cancel: CancelToken,
    on_wait: OnWait,
) -> Applied:
    """Carry out a plan. Raises nothing that AWS says: each step has its outcome. The order of the ions stays."""
    done: dict[Key, IonResult] = {}
    for of_environment in side_by_side(
        [_applying(plan, environment, options, cancel, on_wait) for environment in environments]
    ):
        done |= of_environment
    results = tuple(done.get(ion.key) or _untouched(ion) for ion in plan.ions)
    return Applied(results, interrupted=cancel.requested)


def _untouched(plan: IonPlan) -> IonResult:
    """An ion without steps, or (should that ever be) without an environment."""
    return IonResult(plan, tuple((step, NotAttempted("its account was not reached")) for step in plan.steps))


def _applying(
    plan: Plan, environment: Environment, options: ApplyOptions, cancel: CancelToken, on_wait: OnWait
) -> Callable[[], dict[Key, IonResult]]:
    def applying() -> dict[Key, IonResult]:
        mine = {ion.key: ion for ion in plan.ions if ion.key in environment.connections and ion.steps}
        ion_runs = _ion_runs(plan, mine, environment, options, cancel)
        try:
            run_all(
                environment.dispatcher,
                {key: ion_run.coroutine() for key, ion_run in ion_runs.items()},
                cancel=cancel,
                on_wait=on_wait,
            )
        except Exception as error:  # noqa: BLE001 - what other ions and regions did has to be reported all the same
            for ion_run in ion_runs.values():
                ion_run.give_up(error)
        return {key: _result(ion_run) for key, ion_run in ion_runs.items()}

    return applying


def _ion_runs(
    plan: Plan, mine: Mapping[Key, IonPlan], environment: Environment, options: ApplyOptions, cancel: CancelToken
) -> dict[Key, IonRun]:
    run = Run(environment.dispatcher.clock, options.timeout, cancel.guarded, environment.now)
    for rule in plan.precedence:
        if rule.earlier.key not in mine:
            run.ended[rule.earlier] = NotAttempted("it is not carried out here")
    ion_runs: dict[Key, IonRun] = {}
    for key, ion in mine.items():
        holds = tuple(rule for rule in plan.precedence if rule.later.key == key)
        skipped = len(ion.steps) if options.wait else _first_idle_wait(ion.steps, key, plan.precedence)
        ion_runs[key] = IonRun(_state(ion, environment, run), ion.steps, holds, lambda: cancel.requested, skipped)
    return ion_runs


def _first_idle_wait(steps: tuple[Step, ...], key: Key, precedence: tuple[Precedence, ...]) -> int:
    """From where on no write comes after, neither of this ion nor of one that waits for it."""
    awaited = [rule.earlier.index + 1 for rule in precedence if rule.earlier.key == key]
    return max([trailing_waits(steps), *awaited])


def _state(ion: IonPlan, environment: Environment, run: Run) -> State:
    connection = environment.connections[ion.key]
    if not isinstance(ion.observed, Observed):
        raise TypeError(ion.observed)
    return begin(ion, ion.observed, connection=connection, run=run)


def _result(ion_run: IonRun) -> IonResult:
    outcomes: tuple[tuple[Step, Outcome], ...] = tuple(zip(ion_run.steps, ion_run.outcomes, strict=True))
    return IonResult(ion_run.state.plan, outcomes, ion_run.state.after())
