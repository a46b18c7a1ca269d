"""AWS's error codes and botocore's error classes -> ErrorKind: the tables, and nothing else.

A code decides; an HTTP status only where it alone says it all: 501, 5xx with an unknown code, and an answer that has no
code. Words decide only where AWS gives one code to several things. What is not known to be harmless may have happened.
https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html and each operation's own errors.
"""

from collections.abc import Mapping
from json import JSONDecodeError

from botocore import exceptions as boto

from reconciler.model.errors import ErrorKind


def error_kind_of(code: str, words: str, status: int) -> ErrorKind:
    """What an answer of AWS means for the program."""
    if status == 501:
        return ErrorKind.UNSUPPORTED
    if code.isdecimal():
        return _kind_of_bare_status(int(code))
    for sign, meaning in _TWO_MEANINGS.get(code, ()):
        if sign in words:
            return meaning
    if code in _KINDS:
        return _KINDS[code]
    return ErrorKind.UNAVAILABLE if status >= 500 else ErrorKind.REFUSED


def _kind_of_bare_status(status: int) -> ErrorKind:
    """What is left in place of a code, the HTTP status, when the answer is not in AWS's form."""
    match status:
        case 404 | 405 | 501:
            return ErrorKind.UNSUPPORTED
        case 429:
            return ErrorKind.THROTTLED
        case 401 | 403 | 407:
            return ErrorKind.CREDENTIALS
        case _:
            return ErrorKind.UNAVAILABLE if status == 408 or status >= 500 else ErrorKind.REFUSED


def _codes(kind: ErrorKind, *codes: str) -> dict[str, ErrorKind]:
    return dict.fromkeys(codes, kind)


_KINDS: Mapping[str, ErrorKind] = {
    **_codes(
        ErrorKind.THROTTLED,
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
        "ConcurrentUpdateException",
    ),
    **_codes(
        ErrorKind.UNAVAILABLE,
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
    **_codes(ErrorKind.STALE, "PreconditionFailedException"),
    **_codes(ErrorKind.MISSING, "ResourceNotFoundException", "ObjectNotFoundException"),
    **_codes(ErrorKind.NO_PROVISIONED, "ProvisionedConcurrencyConfigNotFoundException"),
    **_codes(ErrorKind.CONFLICT, "ResourceConflictException", "ConflictException"),
    **_codes(ErrorKind.IN_USE, "ResourceInUseException"),
    **_codes(ErrorKind.DENIED, "AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "NotAuthorized"),
    **_codes(
        ErrorKind.CREDENTIALS,
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
        ErrorKind.UNSUPPORTED,
        "UnknownOperation",
        "UnknownOperationException",
        "InvalidAction",
        "NotImplemented",
        "NotImplementedException",
    ),
}

# Codes that AWS gives to several things; the words tell which.
_TWO_MEANINGS: Mapping[str, tuple[tuple[str, ErrorKind], ...]] = {
    "ResourceConflictException": (
        ("An update is in progress", ErrorKind.UPDATING),
        ("The function is currently in the following state: Pending", ErrorKind.UPDATING),
        ("Alias already exists", ErrorKind.EXISTS),
        ("The statement id (", ErrorKind.EXISTS),
    ),
    "ValidationException": (("is missing the following permissions", ErrorKind.DENIED),),  # Application Auto Scaling
    "FailedResourceAccessException": (("Rate exceeded", ErrorKind.THROTTLED),),  # of Lambda's calls, which it makes
    "InvalidParameterValueException": (
        ("Alias with weights can not be used", ErrorKind.WEIGHTED),
        ("Additional version weight must be less than 100 %", ErrorKind.WEIGHTED),
        ("is already included in routing configuration", ErrorKind.WEIGHTED),
        ("Invalid alias configuration for Provisioned Concurrency", ErrorKind.WEIGHTED),
        ("is different from current CodeSHA256 in $LATEST", ErrorKind.STALE),
    ),
}


# ---------------------------------------------------------------- no answer


def local_error_kind(error: Exception) -> ErrorKind:
    """Of an error that did not come from AWS; what is not known to be harmless may have happened."""
    if isinstance(error, _OF_CREDENTIAL_FILES) or not NO_WAY_IN.isdisjoint(_class_names(error)):
        return ErrorKind.CREDENTIALS
    if isinstance(error, boto.ParamValidationError | boto.ValidationError):
        return ErrorKind.REFUSED
    return ErrorKind.UNAVAILABLE


def _class_names(error: Exception) -> list[str]:
    return [cls.__name__ for cls in type(error).__mro__]


# Of the OSErrors only those of files: botocore's proxy and TLS errors are OSErrors too, and come from the network.
_OF_CREDENTIAL_FILES = (JSONDecodeError, FileNotFoundError, PermissionError)

# By name: older versions of botocore lack some of these.
NO_WAY_IN = frozenset(
    {
        "NoCredentialsError",
        "PartialCredentialsError",
        "CredentialRetrievalError",
        "NoAuthTokenError",
        "TokenRetrievalError",
        "UnknownTokenProviderError",
        "UnknownCredentialError",
        "SSOError",
        "LoginError",
        "MetadataRetrievalError",
        "MissingDependencyException",
        "RefreshWithMFAUnsupportedError",
        "ProfileNotFound",
        "ConfigParseError",
        "ConfigNotFound",
        "InvalidConfigError",
        "NoRegionError",
        "InvalidRegionError",
        "UnknownRegionError",
        "ServiceNotInRegionError",
        "UnknownEndpointError",
        "EndpointProviderError",
        "EndpointVariantError",
        "InvalidEndpointConfigurationError",
        "InvalidProxiesConfigError",
        "InvalidDefaultsMode",
    }
)
"""Botocore's errors that say: no request can be made at all. Credentials, configuration, region, endpoint."""
