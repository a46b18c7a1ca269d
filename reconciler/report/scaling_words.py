"""Numbers that scale, in words: the steps that set them up, and how an alias scales before and after."""

from reconciler.model.plan import ScalingSummary
from reconciler.model.steps import (
    AwaitNumber,
    DeleteScalingPolicy,
    DeleteScheduledAction,
    DeregisterTarget,
    PutScalingPolicy,
    PutScheduledAction,
    RegisterTarget,
    ScalingStep,
)
from reconciler.report.escape import escape


def summary_words(value: ScalingSummary) -> str:
    """`0-3 by office`, `2-20 at 70 %`: the bounds of the moment, and what moves them."""
    bounds = str(value.minimum) if value.minimum == value.maximum else f"{value.minimum}-{value.maximum}"
    clock = f" by {', '.join(value.schedules)}" if value.schedules else ""
    load = f" at {value.target:.0%}" if value.target is not None else ""
    return f"{bounds}{clock}{load}"


def scaling_step_words(step: ScalingStep) -> str:  # noqa: PLR0911 - one line for each of the steps
    match step:
        case RegisterTarget(minimum, maximum):
            return f"register the scalable target, {minimum} to {maximum} at present"
        case PutScheduledAction(action):
            number = str(action.minimum)
            bounds = number if action.minimum == action.maximum else f"{number} to {action.maximum}"
            return escape(f"put {action.name}: {bounds} at {action.schedule} {action.timezone}")
        case DeleteScheduledAction(name):
            return escape(f"delete {name}")
        case PutScalingPolicy(name, target):
            return escape(f"put {name}: utilisation at {target:.0%}")
        case DeleteScalingPolicy(name):
            return escape(f"delete {name}")
        case DeregisterTarget():
            return "deregister the scalable target"
        case AwaitNumber():
            return "await the number"
