"""What time alone does: scheduled actions run, and numbers that were late, or refused, are changed.

Everything due happens in the order of its time and at its own moment, so that looking seldom and looking often see the
same world. A scheduled action overwrites the target's own bounds (AWS's user guide), and nothing restores them.
"""

from dataclasses import replace
from functools import partial
from math import inf

from reconciler.sandbox.control_plane import ApiError
from reconciler.sandbox.scaling import capacity
from reconciler.sandbox.scaling.errors import BOUNDS
from reconciler.sandbox.scaling.region import Region
from reconciler.sandbox.scaling.state import Action, Activity, Change, Target, with_action


def catch_up(region: Region, now: float) -> None:
    """Do all that has come due by now."""
    while (moment := min(region.due.values(), default=inf)) <= now:
        first = min(name for name, due in region.due.items() if due == moment)
        _fire(region, region.targets[first])


def _fire(region: Region, target: Target) -> None:
    if not region.behaviour.target_outlives_alias and is_orphan(region, target, target.wakes_at):
        region.remove(target)
    elif target.change is not None and target.change.due == target.wakes_at:
        capacity.bring_inside(region, target, target.change)
    else:
        _run(region, target, min(target.actions.values(), key=lambda action: (action.runs_at, action.name)))


def _run(region: Region, target: Target, action: Action) -> None:
    moment = action.runs_at
    target = region.put(with_action(target, action.name, replace(action, runs_at=action.times.next_after(moment))))
    if target.suspended["ScheduledScalingSuspended"]:
        return
    minimum = target.minimum if action.minimum is None else action.minimum
    maximum = target.maximum if action.maximum is None else action.maximum
    cause = f"scheduled action name {action.name} was triggered"
    bounds = f"min capacity to {minimum} and max capacity to {maximum}"
    told = partial(Activity, target.resource_id, f"Setting {bounds}", cause, moment)
    if maximum < minimum:
        region.tell(told("Failed", BOUNDS))
        return
    region.tell(told("Successful", f"Successfully set {bounds}"))
    change = Change(moment + region.behaviour.lateness, cause, region.behaviour.retries)
    region.put(replace(target, minimum=minimum, maximum=maximum, change=change))


def is_orphan(region: Region, target: Target, moment: float) -> bool:
    """Whether the alias or version is gone."""
    try:
        capacity.current(region, target, moment)
    except ApiError:
        return True
    return False
