"""A step, and what became of it -> the JSON of it."""

from dataclasses import asdict
from typing import Any

from reconciler.model import steps
from reconciler.model.callers import AsyncSettings, Grant
from reconciler.model.outcome import Done, Failed, NotAttempted, Outcome
from reconciler.report import documents


def step_document(step: steps.Step) -> documents.Step:
    if isinstance(step, steps.DeleteVersion):
        return documents.Step(op="delete_version", version=str(step.version))
    if isinstance(step, steps.CallersWrite):
        return _callers_step(step)
    return _scaling_step(step) if isinstance(step, steps.ScalingStep) else _alias_step(step)


def attempted_document(step: steps.Step, outcome: Outcome) -> documents.AttemptedStep:
    planned = dict(step_document(step))
    match outcome:
        case Done(note):
            return documents.AttemptedStep(**planned, outcome="done", error=None, note=note)
        case Failed(code, message, request_id, hint):
            error = documents.StepError(code=code, message=message, request_id=request_id, hint=hint)
            return documents.AttemptedStep(**planned, outcome="failed", error=error, note=None)
        case NotAttempted(why):
            return documents.AttemptedStep(**planned, outcome="not_attempted", error=None, note=why)


def _alias_step(step: steps.AliasWrite | steps.AliasWait) -> documents.Step:  # noqa: PLR0911 - one line for each of the nine steps
    match step:
        case steps.AwaitUpdated():
            return documents.Step(op="await_updated")
        case steps.PublishVersion():
            return documents.Step(op="publish_version")
        case steps.AwaitActive(version):
            return documents.Step(op="await_active", version=_version(version))
        case steps.CreateAlias(version):
            return documents.Step(op="create_alias", version=_version(version))
        case steps.MoveAlias(version=version, clear_weights=clears):
            return documents.Step(op="move_alias", version=_version(version), clear_weights=clears)
        case steps.AwaitSettled():
            return documents.Step(op="await_settled")
        case steps.SetProvisioned(concurrency):
            return documents.Step(op="set_provisioned", concurrency=concurrency)
        case steps.RemoveProvisioned():
            return documents.Step(op="remove_provisioned")
        case steps.AwaitReady():
            return documents.Step(op="await_ready")


def _version(version: steps.Version) -> str:
    return "new" if isinstance(version, steps.NewVersion) else version


def _scaling_step(step: steps.ScalingStep) -> documents.Step:  # noqa: PLR0911 - one line for each of the steps
    match step:
        case steps.RegisterTarget(minimum, maximum):
            return documents.Step(op="register_target", min=minimum, max=maximum)
        case steps.PutScheduledAction(action):
            return documents.Step(
                op="put_scheduled_action",
                name=action.name,
                schedule=action.schedule,
                timezone=action.timezone,
                min=action.minimum,
                max=action.maximum,
            )
        case steps.DeleteScheduledAction(name):
            return documents.Step(op="delete_scheduled_action", name=name)
        case steps.PutScalingPolicy(name, target):
            return documents.Step(op="put_scaling_policy", name=name, target=target)
        case steps.DeleteScalingPolicy(name):
            return documents.Step(op="delete_scaling_policy", name=name)
        case steps.DeregisterTarget():
            return documents.Step(op="deregister_target")
        case steps.AwaitNumber():
            return documents.Step(op="await_number")


def _callers_step(step: steps.CallersWrite) -> documents.Step:
    match step:
        case steps.AddPermission(grant):
            return documents.Step(op="add_permission", statement=_given(grant))
        case steps.CopyAsyncConfig(settings):
            return documents.Step(op="copy_async_config", settings=_given(settings))
        case steps.MoveEventSource(uuid, source):
            return documents.Step(op="move_event_source", uuid=uuid, source=source)


def _given(parameters: Grant | AsyncSettings) -> dict[str, Any]:
    """Those that are set."""
    return {name: value for name, value in asdict(parameters).items() if value is not None}
