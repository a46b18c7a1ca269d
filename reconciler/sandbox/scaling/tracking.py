"""Target tracking, once its metric has data: what a policy does when one of its alarms goes off.

The alarm's periods (3 minutes out, 15 in) are not modelled: whoever reports a utilisation says that it lasted. From no
environments there is no utilisation, so nothing comes back from 0.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import ceil

from reconciler.sandbox.scaling import capacity
from reconciler.sandbox.scaling.alarms import LOW
from reconciler.sandbox.scaling.region import Region
from reconciler.sandbox.scaling.state import Activity, Policy, Target


def react(region: Region, target: Target, utilisation: float, moment: float) -> None:
    """Scale out when one policy says so, in when all do; the largest number wins (AWS's service model)."""
    number = capacity.current(region, target, moment)
    asked = max(_asked(target, number, utilisation), default=number)
    wanted = min(max(asked, target.minimum), target.maximum)
    cause = f"monitor alarm of a policy with a utilisation of {utilisation} was in state ALARM"
    if wanted != number:
        capacity.set_number(region, target, wanted, moment, cause)
    elif asked != number:
        reason = "AlreadyAtMaxCapacity" if asked > number else "AlreadyAtMinCapacity"
        told = Activity(
            target.resource_id, "Attempting to scale due to alarm triggered", cause, moment, "Unfulfilled", ""
        )
        region.tell(replace(told, reason=reason))


def _asked(target: Target, number: int, utilisation: float) -> Iterator[int]:
    for policy in target.policies.values() if number else ():
        value = float(str(policy.tracking["TargetValue"]))
        wanted = ceil(round(number * utilisation / value, 6))
        if utilisation > value and not target.suspended["DynamicScalingOutSuspended"]:
            yield max(wanted, number)
        elif utilisation < LOW * value and not _stays(target, policy):
            yield min(wanted, number)
        else:
            yield number


def _stays(target: Target, policy: Policy) -> bool:
    tracking: Mapping[str, object] = policy.tracking
    return tracking.get("DisableScaleIn") is True or target.suspended["DynamicScalingInSuspended"]
