"""Follow-up on ions that were settling when the plan was made: observe each once more, and finish what is left.

In: what was applied and approved. Out: the same results, with those ions' extended. While an ion settles, nothing else
can be decided about it; afterwards it may turn out to differ. Then only approved writes run; with `--yes` new ones too,
but never a removal of provisioned concurrency, nor what a safety rule refuses. Anything else ends as "plan again".
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from reconciler.apply import ApplyOptions, CancelToken, apply
from reconciler.apply.loop import OnWait
from reconciler.decide.identity import write_identities
from reconciler.decide.plan import decide
from reconciler.model.desired import Config
from reconciler.model.observed import Ion, Key, Observation, Observed, Snapshot, Unreadable
from reconciler.model.outcome import Applied, Done, IonResult
from reconciler.model.plan import Approved, Blocked, InSync, IonPlan, Pending, Plan, Settling
from reconciler.model.steps import RemoveProvisioned
from reconciler.observe.environment import EnvironmentSnapshot, observe_environment
from reconciler.observe.environments import Environment, side_by_side


@dataclass(frozen=True, slots=True)
class ApplyContext:
    """What a follow-up needs to observe again and to apply."""

    config: Config
    environments: tuple[Environment, ...]
    options: ApplyOptions
    cancel: CancelToken
    on_wait: OnWait


def finish_settled(applied: Applied, approved: Approved, context: ApplyContext) -> Applied:
    """The results, with those of ions that have settled completed."""
    ions = {result.plan.key: result.plan.ion for result in applied.results if _has_settled(result)}
    if not ions or context.cancel.requested:
        return applied
    plan = decide(_world(applied, ions, context), context.config)
    runnable = tuple(each for each in plan.ions if each.key in ions and _may_run(each, plan, approved))
    more = apply(
        replace(plan, ions=runnable),
        context.environments,
        options=context.options,
        cancel=context.cancel,
        on_wait=context.on_wait,
    )
    later = {result.plan.key: result for result in more.results}
    seen = {each.key: each for each in plan.ions if each.key in ions}
    results = tuple(_joined(result, seen.get(result.plan.key), later) for result in applied.results)
    return Applied(results, interrupted=applied.interrupted or more.interrupted)


def _has_settled(result: IonResult) -> bool:
    if not isinstance(result.plan.verdict, Settling) or not result.outcomes:
        return False
    return all(isinstance(outcome, Done) for _, outcome in result.outcomes)


def _world(applied: Applied, ions: dict[Key, Ion], context: ApplyContext) -> Snapshot:
    """Settled ions as they are now, others as last observed: rules that span ions need all of them."""
    concerned = [
        environment for environment in context.environments if any(key in ions for key in environment.connections)
    ]
    seen = side_by_side([_looking(environment, ions) for environment in concerned])
    observations: dict[Key, Observation] = {each.plan.key: each.after or each.plan.observed for each in applied.results}
    for each in seen:
        observations |= each.observations
    return Snapshot(
        tuple(result.plan.ion for result in applied.results),
        observations,
        {environment.place: each.account for environment, each in zip(concerned, seen, strict=True) if each.account},
    )


def _looking(environment: Environment, ions: dict[Key, Ion]) -> Callable[[], EnvironmentSnapshot]:
    mine = tuple(ion for key, ion in ions.items() if key in environment.connections)
    return lambda: observe_environment(environment, mine)


def _may_run(plan: IonPlan, whole: Plan, approved: Approved) -> bool:
    if not isinstance(plan.verdict, Pending):
        return False
    if frozenset(write_identities([plan])) <= approved.writes:
        return True
    refused = any(plan.key in refusal.keys for refusal in whole.refusals)
    return approved.anything and not refused and RemoveProvisioned() not in plan.verdict.steps


def _joined(result: IonResult, seen: IonPlan | None, later: dict[Key, IonResult]) -> IonResult:
    if seen is None:
        return result
    after = seen.observed if isinstance(seen.observed, Observed) else result.after
    match seen.verdict:
        case InSync():
            return replace(result, after=after)
        case Pending() if more := later.get(seen.key):
            return replace(more, plan=result.plan, outcomes=(*result.outcomes, *more.outcomes))
        case Pending(changes):
            fields = ", ".join(change.field for change in changes)
            problem = f"it has settled, and now differs in {fields}, which was not approved: plan again"
        case Settling(why) | Blocked(why) | Unreadable(why):
            problem = f"it has settled, and now: {why}. Plan again"
    return replace(result, after=after, problem=problem)
