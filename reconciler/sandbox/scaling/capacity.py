"""The one thing that scaling does to Lambda: put or delete a number, by the control plane's own rules.

A refusal (weights on the alias, reserved concurrency, the account's limit, no such alias) becomes a Failed activity
with Lambda's words, and nobody is told.
"""

from dataclasses import replace
from functools import partial

from reconciler.sandbox.control_plane import ApiError
from reconciler.sandbox.scaling.region import Region
from reconciler.sandbox.scaling.state import Activity, Change, Target

_RETRY = 60.0  # seconds between two tries of a change that was refused, where it is tried again
REGISTERED = "the scalable target was registered"


def current(region: Region, target: Target, moment: float) -> int:
    """The number asked of Lambda at this moment, 0 where there is none; raises Lambda's ApiError without the alias."""
    where = {"FunctionName": target.function, "Qualifier": target.qualifier}
    try:
        body = region.plane.call_at(moment, "GetProvisionedConcurrencyConfig", where).body or {}
    except ApiError as refusal:
        if refusal.code == "ProvisionedConcurrencyConfigNotFoundException":
            return 0
        raise
    return int(str(body["RequestedProvisionedConcurrentExecutions"]))


def bring_inside(region: Region, target: Target, change: Change) -> None:
    """Change the number to the bound that it is outside of, if it is; what Lambda refuses may be tried again."""
    done = _brought_inside(region, target, change)
    again = None if done or not change.tries else Change(change.due + _RETRY, change.cause, change.tries - 1)
    region.put(replace(target, change=again))


def _brought_inside(region: Region, target: Target, change: Change) -> bool:
    try:
        number = current(region, target, change.due)
    except ApiError:  # no such alias any more: the write says so
        return set_number(region, target, target.minimum, change.due, change.cause)
    wanted = min(max(number, target.minimum), target.maximum)
    starts = region.behaviour.register_starts_from_nothing or change.cause != REGISTERED
    if wanted == number or not (number or starts):
        return True
    bound = "minimum" if number < target.minimum else "maximum"
    return set_number(region, target, wanted, change.due, f"{bound} capacity was set to {wanted}")


def set_number(region: Region, target: Target, number: int, moment: float, cause: str) -> bool:
    """Put the number, or delete the config for 0; whether Lambda took it."""
    params: dict[str, object] = {"FunctionName": target.function, "Qualifier": target.qualifier}
    operation = "DeleteProvisionedConcurrencyConfig"
    if number:
        operation = "PutProvisionedConcurrencyConfig"
        params["ProvisionedConcurrentExecutions"] = number
    told = partial(Activity, target.resource_id, f"Setting provisioned concurrency to {number}.", cause, moment)
    try:
        region.plane.call_at(moment, operation, params)
    except ApiError as refusal:
        message = f"Failed to set provisioned concurrency to {number}. Reason: {refusal.message}"
        region.tell(told("Failed", message))
        return False
    message = f"Successfully set provisioned concurrency to {number}. Change successfully fulfilled by lambda."
    region.tell(told("Successful", message))
    return True
