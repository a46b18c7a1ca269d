"""Executions of Step Functions state machines, as a deploy starts them: start, describe, list, stop.

Nothing is executed. An execution ends SUCCEEDED after `seconds`, or as its input says: `{"SANDBOX_ENDS": "FAILED"}`,
with `SANDBOX_ERROR` and `SANDBOX_CAUSE` where they are given; RUNNING and PENDING_REDRIVE never end. Time is the
clock's. State machines are kept elsewhere: `exists` tells whether there is one of this ARN. Answers and refusals as
recorded.
"""

import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from reconciler.sandbox.control_plane import ApiError
from reconciler.sandbox.control_plane.errors import misshapen
from reconciler.sandbox.control_plane.shapes import violations
from reconciler.sandbox.control_plane.world import mapping

_MACHINE = re.compile(r"arn:[^:]+:states:[^:]+:\d{12}:stateMachine:.+")
_EXECUTION = re.compile(r"arn:[^:]+:states:[^:]+:\d{12}:execution:.+")
_UNENDING = frozenset({"RUNNING", "PENDING_REDRIVE"})
_ENDS = _UNENDING | {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}
_ERRORS = {"FAILED": "States.TaskFailed", "TIMED_OUT": "States.Timeout"}
_PAGE = 100

Body = dict[str, object]


@dataclass(frozen=True, slots=True)
class Execution:
    """`ends_at`: the moment at which it is `ends` instead of RUNNING; None: it stays as it is."""

    arn: str
    machine: str
    given: str
    started: float
    ends: str
    ends_at: float | None
    error: str | None = None
    cause: str | None = None

    def status(self, now: float) -> str:
        return "RUNNING" if self.ends_at is not None and now < self.ends_at else self.ends


class Executions:
    """Those of one account and region."""

    def __init__(self, *, clock: Callable[[], float], seconds: float, exists: Callable[[str], bool]) -> None:
        self.clock = clock
        self.seconds = seconds
        self.exists = exists
        self._kept: dict[str, Execution] = {}

    @staticmethod
    def supports(operation: str) -> bool:
        return operation in _RULES

    def call(self, operation: str, params: Mapping[str, object]) -> Body:
        """Answer one call with boto3-shaped members (moments in seconds), or raise the ApiError that AWS answers."""
        wrong = violations(operation, params, "stepfunctions")
        if wrong:
            raise misshapen(wrong)
        return _RULES[operation](self, params)

    def start(self, params: Mapping[str, object]) -> Body:
        machine, given = self._machine(params), str(params.get("input", "{}"))
        told = _told(given)
        name = str(params.get("name") or uuid.uuid5(uuid.NAMESPACE_OID, f"{machine}/{len(self._kept)}"))
        arn = f"{machine.replace(':stateMachine:', ':execution:', 1)}:{name}"
        now, before = self.clock(), self._kept.get(arn)
        if before is not None:
            if before.given != given or before.status(now) != "RUNNING":
                raise _refusal("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'")
            return {"executionArn": arn, "startDate": before.started}
        ends = str(told.get("SANDBOX_ENDS", "SUCCEEDED"))
        self._kept[arn] = Execution(
            arn=arn,
            machine=machine,
            given=given,
            started=now,
            ends=ends,
            ends_at=None if ends in _UNENDING else now + self.seconds,
            error=_text(told.get("SANDBOX_ERROR", _ERRORS.get(ends))),
            cause=_text(told.get("SANDBOX_CAUSE")),
        )
        return {"executionArn": arn, "startDate": now}

    def describe(self, params: Mapping[str, object]) -> Body:
        execution = self._execution(params)
        now = self.clock()
        status = execution.status(now)
        body = {**_listed(execution, now), "input": execution.given, "inputDetails": {"included": True}}
        if status == "SUCCEEDED":
            return {**body, **_redrive(status), "output": "{}", "outputDetails": {"included": True}}
        told = {"error": execution.error, "cause": execution.cause} if status != "RUNNING" else {}
        return {**body, **_redrive(status), **{name: text for name, text in told.items() if text is not None}}

    def list(self, params: Mapping[str, object]) -> Body:
        """The newest first."""
        machine, wanted, now = self._machine(params), params.get("statusFilter"), self.clock()
        found = [each for each in reversed(self._kept.values()) if each.machine == machine]
        found = [each for each in found if wanted in (None, each.status(now))]
        start = _position(params.get("nextToken"))
        size = params.get("maxResults")
        end = start + (size if isinstance(size, int) and size > 0 else _PAGE)
        body: Body = {"executions": [_listed(each, now) for each in found[start:end]]}
        return {**body, "nextToken": str(end)} if end < len(found) else body

    def stop(self, params: Mapping[str, object]) -> Body:
        execution, now = self._execution(params), self.clock()
        if execution.status(now) == "RUNNING":
            error, cause = _text(params.get("error")), _text(params.get("cause"))
            execution = replace(execution, ends="ABORTED", ends_at=now, error=error, cause=cause)
            self._kept[execution.arn] = execution
        return {"stopDate": execution.ends_at}

    def _machine(self, params: Mapping[str, object]) -> str:
        arn = str(params.get("stateMachineArn", ""))
        _refuse_other(_MACHINE, arn)
        if not self.exists(arn):
            raise _refusal("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        return arn

    def _execution(self, params: Mapping[str, object]) -> Execution:
        arn = str(params.get("executionArn"))
        _refuse_other(_EXECUTION, arn)
        found = self._kept.get(arn)
        if found is None:
            raise _refusal("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
        return found


def _told(given: str) -> Mapping[str, object]:
    """What the input says about the end; raises the ApiError for an input that is not JSON."""
    try:
        told = mapping(json.loads(given))
    except ValueError as error:
        raise _refusal("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'") from None
    if told.get("SANDBOX_ENDS", "SUCCEEDED") not in _ENDS:
        ends = ", ".join(sorted(_ENDS))
        raise _refusal("InvalidExecutionInput", f"Invalid State Machine Execution Input: 'SANDBOX_ENDS: one of {ends}'")
    return told


def _listed(execution: Execution, now: float) -> Body:
    status = execution.status(now)
    body: Body = {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine,
        "name": execution.arn.rpartition(":")[2],
        "status": status,
        "startDate": execution.started,
        "redriveCount": 0,
    }
    return {**body, "stopDate": execution.ends_at} if status not in _UNENDING else body


def _redrive(status: str) -> Body:
    """Recorded for SUCCEEDED; the others: AWS's documentation."""
    if status in {"FAILED", "TIMED_OUT", "ABORTED"}:
        return {"redriveStatus": "REDRIVABLE"}
    reason = f"Execution is {status} and cannot be redriven"
    return {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}


def _refuse_other(kind: re.Pattern[str], arn: str) -> None:
    if not arn.startswith("arn:"):
        raise _refusal("InvalidArn", f"Invalid Arn: 'Invalid ARN prefix: {arn}'")
    if kind.fullmatch(arn) is None:
        raise _refusal("InvalidArn", f"Invalid Arn: 'Resource type not valid in this context: {arn}'")


def _position(token: object) -> int:
    if token is None:
        return 0
    if not str(token).isdecimal():
        raise _refusal("InvalidToken", "Invalid Token: 'Invalid token'")
    return int(str(token))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _refusal(code: str, message: str) -> ApiError:
    return ApiError(400, code, message, type_=None)


_RULES: Mapping[str, Callable[[Executions, Mapping[str, object]], Body]] = {
    "StartExecution": Executions.start,
    "DescribeExecution": Executions.describe,
    "ListExecutions": Executions.list,
    "StopExecution": Executions.stop,
}
