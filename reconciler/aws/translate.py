"""Whatever a call raises -> AwsError: AWS's words and request id verbatim, the ErrorKind to act on, a hint for people.

What a code means is decided in reconciler/aws/error_kinds.py, what to do about it in hints.py. An answer that can't be
understood is UNAVAILABLE, never "absent": the reader must not take silence for a fact. Only AWS's own words and
botocore's are repeated, user information of URLs masked; any other exception may quote an answer, and is named by its
type alone.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from json import JSONDecodeError
from math import inf
from typing import TypeVar

from botocore import exceptions as boto
from urllib3.exceptions import HTTPError

from reconciler.aws.answers import Incomplete, InvalidResponse
from reconciler.aws.error_kinds import error_kind_of, local_error_kind
from reconciler.aws.hints import endpoint_hint, hint_for, permission_hint, role_hint
from reconciler.model.errors import AwsError, ErrorKind

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Operation:
    """One AWS call, as a policy would name it: lambda:GetAlias on `f:live`."""

    service: str
    operation: str
    resource: str = "*"

    @property
    def action(self) -> str:
        return f"{self.service}:{self.operation}"


def asked(call: Operation, read: Callable[[], T]) -> T:
    """What `read` returns, any failure of it as AwsError: what an answer holds never ends more than its own call."""
    try:
        return read()
    except AwsError:
        raise
    except Exception as error:
        raise aws_error(call, error) from error


def found(
    call: Operation, read: Callable[[], T], *, absent: frozenset[ErrorKind] = frozenset({ErrorKind.MISSING})
) -> T | None:
    """As `asked`, but None when AWS says that the thing does not exist."""
    try:
        return asked(call, read)
    except AwsError as error:
        if error.kind in absent:
            return None
        raise


def aws_error(call: Operation, error: Exception) -> AwsError:
    if isinstance(error, boto.ClientError):
        return _answered(call, error)
    code = _local_code(error)
    return AwsError(
        _own_words(call, error) or code,
        kind=ErrorKind.CREDENTIALS if code in _NO_REQUEST else local_error_kind(error),
        code=code,
        operation=call.operation,
        hint=hint_for(code),
    )


# ---------------------------------------------------------------- AWS answered


def _answered(call: Operation, error: boto.ClientError) -> AwsError:
    answer: Mapping[str, object] = {**error.response}
    details, metadata = _mapping(answer.get("Error")), _mapping(answer.get("ResponseMetadata"))
    status = metadata.get("HTTPStatusCode")
    code, words = _printable(details.get("Code") or status or "Unknown"), _printable(details.get("Message") or "")
    kind = error_kind_of(code, words, status if isinstance(status, int) else 0)
    if error.operation_name != call.operation and kind in _OF_ANOTHER_CALL:
        kind = ErrorKind.CREDENTIALS
    request_id = metadata.get("RequestId")
    return AwsError(
        _message(call, kind, code, words),
        kind=kind,
        code=code,
        operation=call.operation,
        request_id=request_id if isinstance(request_id, str) else None,
        retry_after=_retry_after(answer, metadata),
        hint=_hint(call, kind, code, words, answered=error.operation_name),
    )


# botocore fetches credentials (AssumeRole, SSO's GetRoleCredentials) inside the call that needs them. What those calls
# are refused says nothing about the function: a role that is "not found" must not pass for a missing alias.
_OF_ANOTHER_CALL = frozenset(ErrorKind) - {ErrorKind.THROTTLED, ErrorKind.UNAVAILABLE}


def _hint(call: Operation, kind: ErrorKind, code: str, words: str, *, answered: str) -> str | None:
    """`answered` is the operation that AWS refused, which may be the one that was to fetch credentials."""
    if kind is ErrorKind.DENIED:
        return permission_hint(call.action, call.resource, words)
    if kind is ErrorKind.UNSUPPORTED:
        return endpoint_hint(call.action)
    return hint_for(code, words) or (role_hint(answered) if answered != call.operation else None)


def _message(call: Operation, kind: ErrorKind, code: str, words: str) -> str:
    """AWS's words. Without a code of AWS's they are the body of whatever answered, which is not repeated."""
    if code.isdecimal():
        return f"HTTP status {code}, without an error code of AWS"
    words = words or f"AWS answered {code} without a message"
    if kind is ErrorKind.DENIED and call.operation not in words:
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


_LONGEST = 2000  # characters of AWS's words; they have a few hundred


def _printable(words: object) -> str:
    """Text without lone surrogates, which no terminal or file takes, of bounded length, user information masked."""
    text = masked(str(words)).encode(errors="replace").decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


# Of a URL, or of what botocore takes for none. ARNs, whose session names may hold an @, stay as they are.
_USER_INFORMATION = re.compile(r"(?:(?<=//)|(?<=Invalid endpoint: ))[^\s\"'<>]*@")


def masked(words: str) -> str:
    """`http://user:secret@host` as `http://***@host`."""
    return _USER_INFORMATION.sub("***@", words)


# ---------------------------------------------------------------- no answer


_NO_REQUEST = frozenset({"RefreshedCredentialsExpired", "InvalidEndpoint"})


def _own_words(call: Operation, error: Exception) -> str:
    match _local_code(error), error:
        case "IncompleteAnswer", _:
            return f"the answer of {call.operation} has no {error}: this endpoint is not complete enough"
        case "UnintelligibleAnswer", InvalidResponse():
            return _printable(error)
        case "UnintelligibleAnswer", _:
            return f"the answer is not in AWS's form: {type(error).__name__}"
        case _:
            return _printable(error)


def _local_code(error: Exception) -> str:
    match error:
        case Incomplete():
            return "IncompleteAnswer"
        case RuntimeError() if str(error).endswith("refreshed credentials are still expired."):
            return "RefreshedCredentialsExpired"
        case ValueError() if str(error).startswith("Invalid endpoint: "):
            return "InvalidEndpoint"
        case JSONDecodeError() | FileNotFoundError() | PermissionError():
            return "CredentialRetrievalError"
        case boto.BotoCoreError() | HTTPError() | OSError():
            return type(error).__name__
        case _:
            return "UnintelligibleAnswer"
