"""A step in words, as an item of a list: `move the alias 7 → new`. Foreign text is made literal."""

from reconciler.decide.callers import who
from reconciler.model import steps
from reconciler.report.escape import escape


def step_words(step: steps.Step) -> str:
    if isinstance(step, steps.DeleteVersion):
        return f"delete version {step.version}"
    if isinstance(step, steps.CallersWrite):
        return _callers_words(step)
    return _scaling_words(step) if isinstance(step, steps.ScalingStep) else _alias_words(step)


def _alias_words(step: steps.AliasWrite | steps.AliasWait) -> str:  # noqa: PLR0911 - one line for each of the nine steps
    match step:
        case steps.AwaitUpdated():
            return "await the update of $LATEST"
        case steps.PublishVersion():
            return "publish a version"
        case steps.AwaitActive(version):
            return f"await {_version(version)} active"
        case steps.CreateAlias(version):
            return f"create the alias at {_version(version)}"
        case steps.MoveAlias(before, version, clear_weights):
            cleared = ", clearing its weights" if clear_weights else ""
            after = "new" if isinstance(version, steps.NewVersion) else escape(version)
            return f"move the alias {escape(before)} → {after}{cleared}"
        case steps.AwaitSettled():
            return "await the alias settled"
        case steps.SetProvisioned(concurrency):
            return f"set concurrency {concurrency}"
        case steps.RemoveProvisioned():
            return "remove the provisioned concurrency"
        case steps.AwaitReady():
            return "await READY"


def _version(version: steps.Version) -> str:
    return "the new version" if isinstance(version, steps.NewVersion) else f"version {escape(version)}"


def _scaling_words(step: steps.ScalingStep) -> str:  # noqa: PLR0911 - one line for each of the steps
    match step:
        case steps.RegisterTarget(minimum, maximum):
            return f"register the scalable target, {minimum} to {maximum} at present"
        case steps.PutScheduledAction(action):
            number = str(action.minimum)
            bounds = number if action.minimum == action.maximum else f"{number} to {action.maximum}"
            return escape(f"put {action.name}: {bounds} at {action.schedule} {action.timezone}")
        case steps.DeleteScheduledAction(name):
            return escape(f"delete {name}")
        case steps.PutScalingPolicy(name, target):
            return escape(f"put {name}: utilisation at {target:.0%}")
        case steps.DeleteScalingPolicy(name):
            return escape(f"delete {name}")
        case steps.DeregisterTarget():
            return "deregister the scalable target"
        case steps.AwaitNumber():
            return "await the number"


def _callers_words(step: steps.CallersWrite) -> str:
    match step:
        case steps.AddPermission(grant):
            return f"allow {escape(grant.sid)} ({escape(who(grant))})"
        case steps.CopyAsyncConfig():
            return "copy the asynchronous settings of $LATEST"
        case steps.MoveEventSource(source=source):
            return f"point {escape(source)} at the alias"
