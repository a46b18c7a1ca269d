"""Plan -> Applied, through a Writer: all ions at once, accounts and regions side by side.

Only the plan's steps are carried out, with the waits between them polled together. Nothing is decided anew here, apart
from the ways out of a stuck alias that AWS makes necessary (`repair`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reconciler.apply.ion_run import IonRun, trailing_waits
from reconciler.apply.loop import CancelToken, Watch, run_all
from reconciler.apply.state import Run, State, begin
from reconciler.model.observed import Key, Observed
from reconciler.model.outcome import Applied, IonResult, NotAttempted, Outcome
from reconciler.model.plan import IonPlan, Plan, Precedence, Step
from reconciler.observe.environments import Environment, side_by_side

__all__ = ["ApplyOptions", "CancelToken", "apply"]


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """How to apply. `timeout`: seconds an ion may wait after its last write. `wait` False: no wait that ends an ion."""

    timeout: float = 900.0
    wait: bool = True


def apply(
    plan: Plan, sites: tuple[Environment, ...], *, manner: ApplyOptions, stop: CancelToken, watch: Watch
) -> Applied:
    """Carry out a plan. Raises nothing that AWS says: each step has its outcome. The order of the ions stays."""
    done: dict[Key, IonResult] = {}
    for of_site in side_by_side([_applying(plan, site, manner, stop, watch) for site in sites]):
        done |= of_site
    results = tuple(done.get(ion.key) or _untouched(ion) for ion in plan.ions)
    return Applied(results, interrupted=stop.requested)


def _untouched(plan: IonPlan) -> IonResult:
    """An ion without steps, or (should that ever be) without a site."""
    return IonResult(plan, tuple((step, NotAttempted("its account was not reached")) for step in plan.steps))


def _applying(
    plan: Plan, site: Environment, manner: ApplyOptions, stop: CancelToken, watch: Watch
) -> Callable[[], dict[Key, IonResult]]:
    def applying() -> dict[Key, IonResult]:
        mine = {ion.key: ion for ion in plan.ions if ion.key in site.connections and ion.steps}
        walks = _walks(plan, mine, site, manner, stop)
        try:
            run_all(site.dispatcher, {key: walk.way() for key, walk in walks.items()}, stop=stop, watch=watch)
        except Exception as error:  # noqa: BLE001 - what other ions and regions did has to be reported all the same
            for walk in walks.values():
                walk.give_up(error)
        return {key: _result(walk) for key, walk in walks.items()}

    return applying


def _walks(
    plan: Plan, mine: Mapping[Key, IonPlan], site: Environment, manner: ApplyOptions, stop: CancelToken
) -> dict[Key, IonRun]:
    run = Run(site.dispatcher.clock, manner.timeout, stop.guarded)
    for rule in plan.precedence:
        if rule.earlier.key not in mine:
            run.ended[rule.earlier] = NotAttempted("it is not carried out here")
    walks: dict[Key, IonRun] = {}
    for key, ion in mine.items():
        holds = tuple(rule for rule in plan.precedence if rule.later.key == key)
        skipped = len(ion.steps) if manner.wait else _first_idle_wait(ion.steps, key, plan.precedence)
        walks[key] = IonRun(_state(ion, site, run), ion.steps, holds, lambda: stop.requested, skipped)
    return walks


def _first_idle_wait(steps: tuple[Step, ...], key: Key, precedence: tuple[Precedence, ...]) -> int:
    """From where on no write comes after, neither of this ion nor of one that waits for it."""
    awaited = [rule.earlier.index + 1 for rule in precedence if rule.earlier.key == key]
    return max([trailing_waits(steps), *awaited])


def _state(ion: IonPlan, site: Environment, run: Run) -> State:
    link = site.connections[ion.key]
    if not isinstance(ion.observed, Observed):
        raise TypeError(ion.observed)
    return begin(ion, ion.observed, reader=link.reader, writer=link.writer, run=run)


def _result(walk: IonRun) -> IonResult:
    outcomes: tuple[tuple[Step, Outcome], ...] = tuple(zip(walk.steps, walk.outcomes, strict=True))
    return IonResult(walk.state.plan, outcomes, walk.state.after())
