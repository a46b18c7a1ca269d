"""Whatever botocore raises -> AwsError with the Fault that the program acts on.

Told by AWS's error code; by HTTP status only where that alone says it all: 501, and 5xx with an unknown code. The
message decides only where AWS gives one code to two things. AWS's words and request id pass through verbatim.
An answer that can't be understood is UNAVAILABLE, never "absent": the reader must not take silence for a fact.
Facts: https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html and each operation's own errors.
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
from reconciler.aws.hints import hint_for, permission_hint, role_hint
from reconciler.errors import AwsError, Fault

T = TypeVar("T")

NEVER_SENT = frozenset({"EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError"})
"""Codes of UNAVAILABLE that say for certain that the request did not leave this machine."""


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
        fault=_local_fault(error),
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
    return hint_for(code, words) or (role_hint(answered) if answered != call.operation else None)


def _message(call: Call, fault: Fault, words: str) -> str:
    if fault is Fault.DENIED and call.operation not in words:
        return f"{words} ({call.action} on {call.resource})"
    return words


def fault_of(code: str, words: str, status: int) -> Fault:
    """What an answer of AWS means for the program."""
    if status == 501:
        return Fault.UNSUPPORTED
    if code.isdecimal():
        return _fault_of_bare_status(int(code))
    for sign, meaning in _TWO_MEANINGS.get(code, ()):
        if sign in words:
            return meaning
    if code in _FAULTS:
        return _FAULTS[code]
    return Fault.UNAVAILABLE if status >= 500 else Fault.REFUSED


def _fault_of_bare_status(status: int) -> Fault:
    """What is left in place of a code, the HTTP status, when the answer is not in AWS's form."""
    match status:
        case 404 | 405 | 501:
            return Fault.UNSUPPORTED
        case 429:
            return Fault.THROTTLED
        case 401 | 403 | 407:
            return Fault.CREDENTIALS
        case _:
            return Fault.UNAVAILABLE if status == 408 or status >= 500 else Fault.REFUSED


def _codes(fault: Fault, *codes: str) -> dict[str, Fault]:
    return dict.fromkeys(codes, fault)


_FAULTS: Mapping[str, Fault] = {
    **_codes(
        Fault.THROTTLED,
        "TooManyRequestsException",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "ProvisionedThroughputExceededException",
        "PriorRequestNotComplete",
        "SlowDown",
    ),
    **_codes(
        Fault.UNAVAILABLE,
        "ServiceException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "InternalFailure",
        "InternalError",
        "InternalServerError",
        "InternalServerException",
        "InternalServiceException",
        "InternalServiceFault",
        "InternalServiceError",
        "RequestTimeout",
        "RequestTimeoutException",
        "IDPCommunicationError",
    ),
    **_codes(Fault.STALE, "PreconditionFailedException"),
    **_codes(Fault.MISSING, "ResourceNotFoundException", "ObjectNotFoundException"),
    **_codes(Fault.NO_PROVISIONED, "ProvisionedConcurrencyConfigNotFoundException"),
    **_codes(Fault.CONFLICT, "ResourceConflictException", "ConflictException", "ConcurrentUpdateException"),
    **_codes(Fault.DENIED, "AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "NotAuthorized"),
    **_codes(
        Fault.CREDENTIALS,
        "ExpiredToken",
        "ExpiredTokenException",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "InvalidToken",
        "AuthFailure",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "RequestInTheFuture",
        "OptInRequired",
        "UnauthorizedException",
        "ForbiddenException",
        "RegionDisabledException",
    ),
    **_codes(
        Fault.UNSUPPORTED,
        "UnknownOperation",
        "UnknownOperationException",
        "InvalidAction",
        "NotImplemented",
        "NotImplementedException",
    ),
}

# Codes that AWS gives to several things; the words tell which.
_TWO_MEANINGS: Mapping[str, tuple[tuple[str, Fault], ...]] = {
    "ResourceConflictException": (
        ("An update is in progress", Fault.UPDATING),
        ("The function is currently in the following state: Pending", Fault.UPDATING),
        ("Alias already exists", Fault.EXISTS),
    ),
    "InvalidParameterValueException": (
        ("Alias with weights can not be used", Fault.WEIGHTED),
        ("Additional version weight must be less than 100 %", Fault.WEIGHTED),
        ("is already included in routing configuration", Fault.WEIGHTED),
        ("Invalid alias configuration for Provisioned Concurrency", Fault.WEIGHTED),
        ("is different from current CodeSHA256 in $LATEST", Fault.STALE),
    ),
}


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


def _local_fault(error: Exception) -> Fault:
    """The fault of an error that botocore raised itself; what is not known to be harmless may have happened."""
    if isinstance(error, _NO_WAY_IN):
        return Fault.CREDENTIALS
    if isinstance(error, (boto.ParamValidationError, boto.ValidationError)):
        return Fault.REFUSED
    return Fault.UNAVAILABLE


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


# Of the OSErrors only those of files: botocore's proxy and TLS errors are OSErrors too, and come from the network.
_NO_WAY_IN = (
    RuntimeError,
    JSONDecodeError,
    FileNotFoundError,
    PermissionError,
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.NoAuthTokenError,
    boto.TokenRetrievalError,
    boto.UnknownTokenProviderError,
    boto.UnknownCredentialError,
    boto.SSOError,
    boto.LoginError,
    boto.MetadataRetrievalError,
    boto.MissingDependencyException,
    boto.RefreshWithMFAUnsupportedError,
    boto.ProfileNotFound,
    boto.ConfigParseError,
    boto.ConfigNotFound,
    boto.InvalidConfigError,
    boto.NoRegionError,
    boto.InvalidRegionError,
    boto.UnknownRegionError,
    boto.ServiceNotInRegionError,
    boto.UnknownEndpointError,
    boto.EndpointProviderError,
    boto.EndpointVariantError,
    boto.InvalidEndpointConfigurationError,
    boto.InvalidProxiesConfigError,
    boto.InvalidDefaultsMode,
)
