"""A step in words, as an item of a list: `move the alias 7 → new`. Foreign text is made literal."""

from reconciler.decide.callers import who
from reconciler.model.steps import (
    AddPermission,
    AliasWait,
    AliasWrite,
    AwaitActive,
    AwaitNumber,
    AwaitReady,
    AwaitSettled,
    AwaitUpdated,
    CallersWrite,
    CopyAsyncConfig,
    CreateAlias,
    DeleteScalingPolicy,
    DeleteScheduledAction,
    DeleteVersion,
    DeregisterTarget,
    MoveAlias,
    MoveEventSource,
    NewVersion,
    PublishVersion,
    PutScalingPolicy,
    PutScheduledAction,
    RegisterTarget,
    RemoveProvisioned,
    ScalingStep,
    SetProvisioned,
    Step,
    Version,
)
from reconciler.report.escape import escape


def step_words(step: Step) -> str:
    if isinstance(step, DeleteVersion):
        return f"delete version {step.version}"
    if isinstance(step, CallersWrite):
        return _callers_words(step)
    return _scaling_words(step) if isinstance(step, ScalingStep) else _alias_words(step)


def _alias_words(step: AliasWrite | AliasWait) -> str:  # noqa: PLR0911 - one line for each of the nine steps
    match step:
        case AwaitUpdated():
            return "await the update of $LATEST"
        case PublishVersion():
            return "publish a version"
        case AwaitActive(version):
            return f"await {_version(version)} active"
        case CreateAlias(version):
            return f"create the alias at {_version(version)}"
        case MoveAlias(before, version, clear_weights):
            cleared = ", clearing its weights" if clear_weights else ""
            after = "new" if isinstance(version, NewVersion) else escape(version)
            return f"move the alias {escape(before)} → {after}{cleared}"
        case AwaitSettled():
            return "await the alias settled"
        case SetProvisioned(concurrency):
            return f"set concurrency {concurrency}"
        case RemoveProvisioned():
            return "remove the provisioned concurrency"
        case AwaitReady():
            return "await READY"


def _version(version: Version) -> str:
    return "the new version" if isinstance(version, NewVersion) else f"version {escape(version)}"


def _scaling_words(step: ScalingStep) -> str:  # noqa: PLR0911 - one line for each of the steps
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


def _callers_words(step: CallersWrite) -> str:
    match step:
        case AddPermission(grant):
            return f"allow {escape(grant.sid)} ({escape(who(grant))})"
        case CopyAsyncConfig():
            return "copy the asynchronous settings of $LATEST"
        case MoveEventSource(source=source):
            return f"point {escape(source)} at the alias"
