"""What has to change about an alias whose number Application Auto Scaling keeps, or kept: reasons and steps. Pure.

Ours are scheduled actions and policies by their names (`reconcile-…`). A target that has any other is somebody's: a
plain number is then judged by its bounds (`blocked`, `intent`), and a mapping is blocked. A target without any is taken
over by a mapping, and is somebody's for a plain number.

The live bounds are compared with those that are due now: a scheduled action overwrites the target's own, so that they
differ from any constant in the normal course (https://docs.aws.amazon.com/autoscaling/application/userguide/
examples-scheduled-actions.html). Registering changes the number at once to one within the bounds.
"""

from collections.abc import Iterator
from typing import Final

from reconciler.decide.clock import (
    PREFIX,
    actions,
    coming,
    due,
    local_time,
    next_edge,
    next_opening,
    open_window,
    read_cron,
    right,
    same_action,
    share_of_always,
)
from reconciler.model.observed import Ion, Key, Observed, ScalingTarget, ScalingUnknown, Unreadable
from reconciler.model.plan import Change, ScalingSummary
from reconciler.model.scaling import Bounds, Scaled, Schedule, Window
from reconciler.model.steps import (
    DeleteScalingPolicy,
    DeleteScheduledAction,
    DeregisterTarget,
    PutScalingPolicy,
    PutScheduledAction,
    RegisterTarget,
    ScalingWrite,
)

Detail = PutScheduledAction | DeleteScheduledAction | PutScalingPolicy | DeleteScalingPolicy
POLICY: Final = f"{PREFIX}load"
CLOSE: Final = 1e-6  # two utilisations that differ by less are the same


def is_ours(target: ScalingTarget) -> bool:
    """Whether this target scales by our actions and policies, and by nobody else's."""
    names = _names(target)
    return bool(names) and all(name.startswith(PREFIX) for name in names)


def _names(target: ScalingTarget) -> list[str]:
    return [*(each.name for each in target.actions or ()), *(each.name for each in target.policies or ())]


def unread_scaling(ion: Ion, observed: Observed) -> Unreadable | None:
    """Why nothing can be decided about a number that scales: its target, actions or policies could not be read."""
    if not isinstance(ion.desired.concurrency, Scaled):
        return None
    match observed.scaling:
        case ScalingUnknown(why):
            return Unreadable(f"whether Application Auto Scaling keeps its number could not be read: {why}")
        case ScalingTarget(unread=str(why)):
            return Unreadable(f"its scheduled actions and policies could not be read: {why}")
        case _:
            return None


def somebody_scales(key: Key, target: ScalingTarget) -> Iterator[str]:
    """That somebody else scales an alias for which the file asks for the same."""
    others = [name for name in _names(target) if not name.startswith(PREFIX)]
    if others:
        yield (
            f"somebody else scales {key.function}:{key.alias}: {', '.join(others)} on its scalable target. Remove "
            f"{'it' if len(others) == 1 else 'them'}, or give `concurrency` as a number or not at all"
        )


def read_back(target: ScalingTarget) -> Scaled | None:
    """What a file would say for a target of ours; None: it has something that no file says."""
    live = {action.name: action for action in target.actions or ()}
    windows: list[Window] = []
    otherwise = Bounds(target.minimum, target.maximum)
    for name, on in sorted(live.items()):
        if not name.endswith("-on"):
            continue
        off = live.pop(f"{name.removesuffix('-on')}-off", None)
        opens, closes = read_cron(on.schedule), read_cron(off.schedule) if off else None
        if off is None or opens is None or closes is None or None in {on.minimum, on.maximum, off.minimum, off.maximum}:
            return None
        schedule = Schedule(
            name.removeprefix(PREFIX).removesuffix("-on"), opens[0], opens[1], closes[1], on.timezone or "UTC"
        )
        windows.append(Window(schedule, Bounds(on.minimum or 0, on.maximum or 0)))
        otherwise = Bounds(off.minimum or 0, off.maximum or 0)
    tracked = next((policy.target for policy in target.policies or () if policy.name == POLICY), None)
    return Scaled(tuple(windows), otherwise, tracked)


# ---------------------------------------------------------------- what differs


def scaling_changes(ion: Ion, observed: Observed) -> tuple[Change, ...]:
    """At most one change, `scaling`, with every reason."""
    reasons = tuple(_drift(ion, observed))
    if not reasons:
        return ()
    target, asked = observed.scaling, ion.desired.concurrency
    before = _live_summary(target) if isinstance(target, ScalingTarget) else None
    after = _asked_summary(asked, observed.now) if isinstance(asked, Scaled) else None
    return (Change("scaling", before, after, "; ".join(reasons)),)


def _drift(ion: Ion, observed: Observed) -> Iterator[str]:
    asked, target = ion.desired.concurrency, observed.scaling
    if isinstance(asked, int) and isinstance(target, ScalingTarget) and is_ours(target):
        yield "the file asks for a plain number"
    if not isinstance(asked, Scaled):
        return
    if not isinstance(target, ScalingTarget):
        yield "no scalable target is registered"
    else:
        yield from _target_drift(asked, target, observed.now)
    yield from _number_drift(asked, observed)


def _target_drift(asked: Scaled, target: ScalingTarget, now: float) -> Iterator[str]:
    if target.hindered:
        yield "scaling is suspended"
    if Bounds(target.minimum, target.maximum) not in right(asked, now):
        live = Bounds(target.minimum, target.maximum)
        yield f"the bounds are {_span(live)}, and {_span(due(asked, now))} is due"
    for step in _detail_steps(asked, target):
        match step:
            case PutScheduledAction(action) if action.name in _names(target):
                yield f"scheduled action {action.name} differs"
            case PutScheduledAction(action):
                yield f"scheduled action {action.name} is missing"
            case DeleteScheduledAction(name):
                yield f"scheduled action {name} is no longer asked for"
            case PutScalingPolicy(name) if name in _names(target):
                yield f"policy {name} differs"
            case PutScalingPolicy(name):
                yield f"policy {name} is missing"
            case DeleteScalingPolicy(name):
                yield f"policy {name} is no longer asked for"


def _number_drift(asked: Scaled, observed: Observed) -> Iterator[str]:
    """By load, any number inside the bounds is right."""
    if not _number_is_right(asked, observed):
        yield f"{observed.requested} requested, and {_span(due(asked, observed.now))} due"


def _span(bounds: Bounds) -> str:
    return str(bounds.minimum) if bounds.minimum == bounds.maximum else f"{bounds.minimum} to {bounds.maximum}"


def _number_is_right(asked: Scaled, observed: Observed) -> bool:
    return any(each.minimum <= observed.requested <= each.maximum for each in right(asked, observed.now))


def _live_summary(target: ScalingTarget) -> ScalingSummary:
    names = {action.name.removesuffix("-on").removesuffix("-off") for action in target.actions or ()}
    tracked = next((policy.target for policy in target.policies or () if policy.target is not None), None)
    schedules = tuple(sorted(name.removeprefix(PREFIX) for name in names))
    return ScalingSummary(target.minimum, target.maximum, tracked, schedules)


def _asked_summary(asked: Scaled, now: float) -> ScalingSummary:
    bounds = coming(asked, now)
    names = tuple(sorted(window.schedule.name for window in asked.windows))
    return ScalingSummary(bounds.minimum, bounds.maximum, asked.target, names)


# ---------------------------------------------------------------- steps


def scaling_steps(ion: Ion, observed: Observed) -> tuple[ScalingWrite, ...]:
    """The writes to Application Auto Scaling, in their order; only those that are needed."""
    asked, target = ion.desired.concurrency, observed.scaling
    if not isinstance(asked, Scaled):
        ours = isinstance(asked, int) and isinstance(target, ScalingTarget) and is_ours(target)
        return (DeregisterTarget(),) if ours else ()
    bounds = coming(asked, observed.now)
    known = target if isinstance(target, ScalingTarget) else None
    registered = (
        known is not None
        and not known.hindered
        and Bounds(known.minimum, known.maximum) in right(asked, observed.now)
        and _number_is_right(asked, observed)
    )
    register = () if registered else (RegisterTarget(bounds.minimum, bounds.maximum),)
    return (*register, *_detail_steps(asked, known or ScalingTarget(0, 0)))


def _detail_steps(asked: Scaled, target: ScalingTarget) -> Iterator[Detail]:
    """Actions, the policy, then those of ours that are gone."""
    live = {action.name: action for action in target.actions or ()}
    wanted = actions(asked)
    for action in wanted:
        if action.name not in live or not same_action(action, live[action.name]):
            yield PutScheduledAction(action)
    policies = {policy.name: policy for policy in target.policies or ()}
    if asked.target is not None:
        policy = policies.get(POLICY)
        if policy is None or not policy.plain or policy.target is None or abs(policy.target - asked.target) > CLOSE:
            yield PutScalingPolicy(POLICY, asked.target)
    for name in sorted(live.keys() - {action.name for action in wanted}):
        if name.startswith(PREFIX):
            yield DeleteScheduledAction(name)
    for name in policies:
        if name.startswith(PREFIX) and (name != POLICY or asked.target is None):
            yield DeleteScalingPolicy(name)


def clock_note(ion: Ion, observed: Observed) -> str | None:
    """Which window is open, and when the next one opens, by its zone's clock."""
    asked = ion.desired.concurrency
    if not isinstance(asked, Scaled) or not asked.windows:
        return None
    window, following = open_window(asked, observed.now), next_opening(asked, observed.now)
    now = "no window is open"
    if window:
        zone, closes = window.schedule.timezone, next_edge(Scaled((window,), asked.otherwise, None), observed.now)
        now = f"{window.schedule.name} is open until {local_time(closes or observed.now, zone)} ({zone})"
    cost = f"{share_of_always(asked):.0%} of the price of always"
    if following is None:
        return f"{now}; {cost}"
    opens, later = following
    zone = later.schedule.timezone
    again = "again " if window and later.schedule == window.schedule else ""
    return f"{now}; {later.schedule.name} opens {again}{local_time(opens, zone)} ({zone}); {cost}"
