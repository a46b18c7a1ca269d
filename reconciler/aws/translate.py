"""Whatever botocore raises -> AwsError: AWS's words and request id verbatim, the Fault to act on, a hint for people.

What a code means is decided in reconciler/aws/faults.py, what to do about it in hints.py. An answer that can't be
understood is UNAVAILABLE, never "absent": the reader must not take silence for a fact.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from json import JSONDecodeError
from math import inf
from typing import TypeVar

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from reconciler.aws.answers import Unintelligible
from reconciler.aws.faults import fault_of, local_fault
from reconciler.aws.hints import endpoint_hint, hint_for, permission_hint, role_hint
from reconciler.errors import AwsError, Fault

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """One AWS call, as a policy would name it: lambda:GetAlias on `f:live`."""

    service: str
    operation: str
    resource: str = "*"

    @property
    def action(self) -> str:
        return f"{self.service}:{self.operation}"


# Everything that a botocore call raises. OSError and JSONDecodeError: a credential process or cache that can't be run
# or read. RuntimeError: botocore's word for refreshed credentials that are expired already.
FAILURES = (
    boto.ClientError,
    boto.BotoCoreError,
    ResponseParserError,
    HTTPError,
    OSError,
    RuntimeError,
    JSONDecodeError,
    Unintelligible,
)


def asked(call: Call, read: Callable[[], T]) -> T:
    """What `read` returns, any failure of it as AwsError."""
    try:
        return read()
    except FAILURES as error:
        raise aws_error(call, error) from error


def found(call: Call, read: Callable[[], T], *, absent: frozenset[Fault] = frozenset({Fault.MISSING})) -> T | None:
    """As `asked`, but None when AWS says that the thing does not exist."""
    try:
        return asked(call, read)
    except AwsError as error:
        if error.fault in absent:
            return None
        raise


def aws_error(call: Call, error: Exception) -> AwsError:
    if isinstance(error, boto.ClientError):
        return _answered(call, error)
    code = _local_code(error)
    return AwsError(
        _own_words(error) or code,
        fault=local_fault(error),
        code=code,
        operation=call.operation,
        hint=hint_for(code),
    )


# ---------------------------------------------------------------- AWS answered


def _answered(call: Call, error: boto.ClientError) -> AwsError:
    answer: Mapping[str, object] = {**error.response}
    details, metadata = _mapping(answer.get("Error")), _mapping(answer.get("ResponseMetadata"))
    status = metadata.get("HTTPStatusCode")
    code, words = str(details.get("Code") or status or "Unknown"), str(details.get("Message") or "")
    fault = fault_of(code, words, status if isinstance(status, int) else 0)
    if error.operation_name != call.operation and fault in _OF_ANOTHER_CALL:
        fault = Fault.CREDENTIALS
    request_id = metadata.get("RequestId")
    return AwsError(
        _message(call, fault, words or f"AWS answered {code} without a message"),
        fault=fault,
        code=code,
        operation=call.operation,
        request_id=request_id if isinstance(request_id, str) else None,
        retry_after=_retry_after(answer, metadata),
        hint=_hint(call, fault, code, words, answered=error.operation_name),
    )


# botocore fetches credentials (AssumeRole, SSO's GetRoleCredentials) inside the call that needs them. What those calls
# are refused says nothing about the function: a role that is "not found" must not pass for a missing alias.
_OF_ANOTHER_CALL = frozenset(Fault) - {Fault.THROTTLED, Fault.UNAVAILABLE}


def _hint(call: Call, fault: Fault, code: str, words: str, *, answered: str) -> str | None:
    """`answered` is the operation that AWS refused, which may be the one that was to fetch credentials."""
    if fault is Fault.DENIED:
        return permission_hint(call.action, call.resource)
    if fault is Fault.UNSUPPORTED:
        return endpoint_hint(call.action)
    return hint_for(code, words) or (role_hint(answered) if answered != call.operation else None)


def _message(call: Call, fault: Fault, words: str) -> str:
    if fault is Fault.DENIED and call.operation not in words:
        return f"{words} ({call.action} on {call.resource})"
    return words


def _retry_after(answer: Mapping[str, object], metadata: Mapping[str, object]) -> float | None:
    """Seconds that AWS asks to wait; the header's other form, a date, is of no use without AWS's clock."""
    given = answer.get("retryAfterSeconds") or _mapping(metadata.get("HTTPHeaders")).get("retry-after")
    try:
        seconds = float(str(given))
    except ValueError:
        return None
    return seconds if 0 <= seconds < inf else None


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


# ---------------------------------------------------------------- no answer


def _own_words(error: Exception) -> str:
    """What botocore says, but for a body that it could not read: it quotes that, and it may hold credentials."""
    return "the answer is not in AWS's form" if isinstance(error, ResponseParserError) else str(error)


def _local_code(error: Exception) -> str:
    match error:
        case RuntimeError():
            return "RefreshedCredentialsExpired"
        case Unintelligible() | ResponseParserError():
            return "UnintelligibleAnswer"
        case JSONDecodeError() | FileNotFoundError() | PermissionError():
            return "CredentialRetrievalError"
        case _:
            return type(error).__name__
