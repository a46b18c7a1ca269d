"""reconciler/aws/translate.py: every code that AWS or botocore gives, and the fault that follows."""

import json
import re

import pytest
from botocore import exceptions as boto
from botocore.parsers import ResponseParserError
from urllib3.exceptions import IncompleteRead

from reconciler.aws.answers import Incomplete, InvalidResponse
from reconciler.aws.error_kinds import NO_WAY_IN
from reconciler.aws.translate import Operation, asked, aws_error, found
from reconciler.model.errors import AwsError, ErrorKind

GET_ALIAS = Operation("lambda", "GetAlias", "f:live")
URL = "https://lambda.us-east-1.amazonaws.com/"


def refusal(
    code: str,
    message: str = "words",
    status: int = 400,
    *,
    operation: str = "GetAlias",
    headers: dict[str, str] | None = None,
) -> boto.ClientError:
    metadata = {"RequestId": "request-1", "HTTPStatusCode": status, "HTTPHeaders": headers or {}, "RetryAttempts": 0}
    return boto.ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata},  # type: ignore[typeddict-item]
        operation,
    )


def error_kind_of(code: str, message: str = "words", status: int = 400) -> ErrorKind:
    return aws_error(GET_ALIAS, refusal(code, message, status)).kind


@pytest.mark.parametrize(
    ("code", "status", "fault"),
    [
        ("TooManyRequestsException", 429, ErrorKind.THROTTLED),
        ("Throttling", 400, ErrorKind.THROTTLED),
        ("ThrottlingException", 400, ErrorKind.THROTTLED),
        ("ThrottledException", 400, ErrorKind.THROTTLED),
        ("RequestThrottled", 400, ErrorKind.THROTTLED),
        ("RequestThrottledException", 400, ErrorKind.THROTTLED),
        ("RequestLimitExceeded", 503, ErrorKind.THROTTLED),
        ("BandwidthLimitExceeded", 503, ErrorKind.THROTTLED),
        ("ProvisionedThroughputExceededException", 400, ErrorKind.THROTTLED),
        ("PriorRequestNotComplete", 400, ErrorKind.THROTTLED),
        ("SlowDown", 503, ErrorKind.THROTTLED),
        ("429", 429, ErrorKind.THROTTLED),
        ("ServiceException", 500, ErrorKind.UNAVAILABLE),
        ("ServiceUnavailable", 503, ErrorKind.UNAVAILABLE),
        ("InternalFailure", 500, ErrorKind.UNAVAILABLE),
        ("InternalServiceException", 500, ErrorKind.UNAVAILABLE),
        ("RequestTimeout", 408, ErrorKind.UNAVAILABLE),
        ("SomethingNew", 503, ErrorKind.UNAVAILABLE),
        ("500", 500, ErrorKind.UNAVAILABLE),
        ("502", 502, ErrorKind.UNAVAILABLE),
        ("408", 408, ErrorKind.UNAVAILABLE),
        ("PreconditionFailedException", 412, ErrorKind.STALE),
        ("ResourceNotFoundException", 404, ErrorKind.MISSING),
        ("ObjectNotFoundException", 400, ErrorKind.MISSING),
        ("ProvisionedConcurrencyConfigNotFoundException", 404, ErrorKind.NO_PROVISIONED),
        ("ResourceConflictException", 409, ErrorKind.CONFLICT),
        ("AccessDeniedException", 403, ErrorKind.DENIED),
        ("AccessDenied", 403, ErrorKind.DENIED),
        ("UnauthorizedOperation", 403, ErrorKind.DENIED),
        ("ExpiredToken", 403, ErrorKind.CREDENTIALS),
        ("ExpiredTokenException", 403, ErrorKind.CREDENTIALS),
        ("UnrecognizedClientException", 403, ErrorKind.CREDENTIALS),
        ("InvalidClientTokenId", 403, ErrorKind.CREDENTIALS),
        ("InvalidSignatureException", 403, ErrorKind.CREDENTIALS),
        ("SignatureDoesNotMatch", 403, ErrorKind.CREDENTIALS),
        ("IncompleteSignatureException", 400, ErrorKind.CREDENTIALS),
        ("MissingAuthenticationTokenException", 403, ErrorKind.CREDENTIALS),
        ("RequestExpired", 400, ErrorKind.CREDENTIALS),
        ("OptInRequired", 403, ErrorKind.CREDENTIALS),
        ("403", 403, ErrorKind.CREDENTIALS),
        ("407", 407, ErrorKind.CREDENTIALS),
        ("404", 404, ErrorKind.UNSUPPORTED),
        ("405", 405, ErrorKind.UNSUPPORTED),
        ("501", 501, ErrorKind.UNSUPPORTED),
        ("InternalFailure", 501, ErrorKind.UNSUPPORTED),
        ("UnknownOperationException", 404, ErrorKind.UNSUPPORTED),
        ("InvalidAction", 400, ErrorKind.UNSUPPORTED),
        ("NotImplemented", 400, ErrorKind.UNSUPPORTED),
        ("InvalidParameterValueException", 400, ErrorKind.REFUSED),
        ("ValidationException", 400, ErrorKind.REFUSED),
        ("CodeStorageExceededException", 400, ErrorKind.REFUSED),
        ("SomethingNew", 404, ErrorKind.REFUSED),
        ("400", 400, ErrorKind.REFUSED),
    ],
)
def test_a_code_has_one_fault(code: str, status: int, fault: ErrorKind) -> None:
    assert error_kind_of(code, status=status) is fault


@pytest.mark.parametrize(
    ("code", "message", "fault"),
    [
        (
            "ResourceConflictException",
            "The operation cannot be performed at this time. An update is in progress for resource: arn:f",
            ErrorKind.UPDATING,
        ),
        (
            "ResourceConflictException",
            "The operation cannot be performed at this time. The function is currently in the following state: Pending",
            ErrorKind.UPDATING,
        ),
        ("ResourceConflictException", "Alias already exists: arn:f:live", ErrorKind.EXISTS),
        ("ResourceConflictException", "The statement id (s3) provided already exists.", ErrorKind.EXISTS),
        (
            "ResourceConflictException",
            "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
            ErrorKind.CONFLICT,
        ),
        (
            "InvalidParameterValueException",
            "Alias with weights can not be used with Provisioned Concurrency",
            ErrorKind.WEIGHTED,
        ),
        ("InvalidParameterValueException", "Additional version weight must be less than 100 %", ErrorKind.WEIGHTED),
        (
            "InvalidParameterValueException",
            "Invalid function version 1. Function version 1 is already included in routing configuration.",
            ErrorKind.WEIGHTED,
        ),
        (
            "InvalidParameterValueException",
            "Invalid alias configuration for Provisioned Concurrency",
            ErrorKind.WEIGHTED,
        ),
        (
            "InvalidParameterValueException",
            "CodeSHA256 (a) is different from current CodeSHA256 in $LATEST (b). Please try again.",
            ErrorKind.STALE,
        ),
    ],
)
def test_words_tell_apart_what_shares_a_code(code: str, message: str, fault: ErrorKind) -> None:
    assert error_kind_of(code, message) is fault


def test_words_decide_nothing_under_another_code() -> None:
    assert error_kind_of("ValidationException", "Alias already exists: An update is in progress") is ErrorKind.REFUSED


@pytest.mark.parametrize(
    "error",
    [
        boto.EndpointConnectionError(endpoint_url=URL, error="dns"),
        boto.ConnectTimeoutError(endpoint_url=URL),
        boto.ProxyConnectionError(proxy_url="http://proxy"),
    ],
)
def test_a_connection_that_never_came_about_is_told_by_its_code(error: Exception) -> None:
    translated = aws_error(GET_ALIAS, error)

    assert (translated.kind, translated.code) == (ErrorKind.UNAVAILABLE, type(error).__name__)
    assert "proxy" in (translated.hint or "")


@pytest.mark.parametrize(
    "error",
    [
        boto.ReadTimeoutError(endpoint_url=URL),
        boto.ConnectionClosedError(endpoint_url=URL),
        boto.HTTPClientError(error="reset"),
        boto.SSLError(endpoint_url=URL, error=OSError("certificate")),
        boto.ResponseStreamingError(error="cut"),
        boto.IncompleteReadError(actual_bytes=1, expected_bytes=2),
        ResponseParserError("not JSON"),
        IncompleteRead(1, 2),
        ConnectionResetError("reset"),
        InvalidResponse("RevisionId is missing"),
    ],
)
def test_an_answer_that_was_lost_or_makes_no_sense_may_have_happened(error: Exception) -> None:
    translated = aws_error(GET_ALIAS, error)

    assert translated.kind is ErrorKind.UNAVAILABLE


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (boto.NoCredentialsError(), "aws sso login"),
        (boto.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"), "AWS_SECRET_ACCESS_KEY"),
        (boto.CredentialRetrievalError(provider="process", error_msg="exit 1"), "get-caller-identity"),
        (boto.UnauthorizedSSOTokenError(), "aws sso login"),
        (boto.SSOTokenLoadError(error_msg="no token"), "aws sso login"),
        (boto.TokenRetrievalError(provider="sso", error_msg="expired"), "aws sso login"),
        (boto.NoAuthTokenError(), "aws sso login"),
        (boto.ProfileNotFound(profile="prod"), "list-profiles"),
        (boto.ConfigParseError(path="~/.aws/config"), "~/.aws/config"),
        (boto.NoRegionError(), "AWS_REGION"),
        (FileNotFoundError("credential-helper"), "credentials"),
        (json.JSONDecodeError("no JSON", "", 0), "credentials"),
        (RuntimeError("refreshed credentials are still expired."), "expired"),
        (refusal("ExpiredTokenException"), "expired"),
        (refusal("UnrecognizedClientException"), "does not know"),
        (refusal("InvalidSignatureException", "The request signature we calculated does not match"), "secret key"),
        (refusal("InvalidSignatureException", "Signature expired: 20250101T000000Z is now earlier than"), "clock"),
        (refusal("403", "<html>", 403), "proxy"),
    ],
)
def test_credentials_that_do_not_work_come_with_what_to_do(error: Exception, hint: str) -> None:
    translated = aws_error(GET_ALIAS, error)

    assert translated.kind is ErrorKind.CREDENTIALS
    assert hint in (translated.hint or "")


@pytest.mark.parametrize(
    ("operation", "code", "hint"),
    [
        ("AssumeRole", "AccessDenied", "trust policy"),
        ("GetRoleCredentials", "ResourceNotFoundException", "sso_role_name"),
        ("GetRoleCredentials", "ForbiddenException", "sso_role_name"),
    ],
)
def test_what_fetching_credentials_was_refused_says_nothing_about_the_function(
    operation: str, code: str, hint: str
) -> None:
    translated = aws_error(GET_ALIAS, refusal(code, operation=operation))

    assert translated.kind is ErrorKind.CREDENTIALS
    assert hint in (translated.hint or "")


def test_a_throttle_while_fetching_credentials_is_a_throttle() -> None:
    assert aws_error(GET_ALIAS, refusal("Throttling", operation="AssumeRole")).kind is ErrorKind.THROTTLED


def test_parameters_that_never_left_the_machine_were_refused() -> None:
    assert aws_error(GET_ALIAS, boto.ParamValidationError(report="bad")).kind is ErrorKind.REFUSED


def test_aws_words_code_and_request_id_pass_through_verbatim() -> None:
    words = " ReservedConcurrentExecutions  1 should not be lower than [2]. \x1b[31m[/x]"
    translated = aws_error(GET_ALIAS, refusal("InvalidParameterValueException", words))

    assert (translated.message, translated.code) == (words, "InvalidParameterValueException")
    assert (translated.request_id, translated.operation) == ("request-1", "GetAlias")


def test_a_refusal_without_words_says_its_code() -> None:
    assert aws_error(GET_ALIAS, refusal("ServiceException", "", 500)).message == (
        "AWS answered ServiceException without a message"
    )


def test_a_denial_names_the_action_and_the_resource_and_how_to_allow_it() -> None:
    bare = aws_error(GET_ALIAS, refusal("AccessDeniedException", "Access denied"))
    full = aws_error(GET_ALIAS, refusal("AccessDeniedException", "not authorized to perform: lambda:GetAlias on arn"))

    assert bare.message == "Access denied (lambda:GetAlias on f:live)"
    assert full.message == "not authorized to perform: lambda:GetAlias on arn"
    assert bare.hint == "allow lambda:GetAlias on f:live; `reconcile iam-policy` prints the whole policy for the file"
    assert full.hint == bare.hint


def test_a_denial_of_what_a_call_takes_beside_itself_names_that() -> None:
    words = "User: arn:aws:iam::1:user/u is not authorized to perform: iam:CreateServiceLinkedRole on resource: role/x"
    assert aws_error(GET_ALIAS, refusal("AccessDeniedException", words)).hint == (
        "allow iam:CreateServiceLinkedRole; `reconcile iam-policy` prints the whole policy for the file"
    )


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("3", 3.0), ("0.5", 0.5), (None, None), ("Wed, 21 Oct 2025 07:28:00 GMT", None), ("-1", None), ("inf", None)],
)
def test_a_throttle_carries_the_seconds_that_aws_asks_for(header: str | None, seconds: float | None) -> None:
    headers = {"retry-after": header} if header else {}

    assert aws_error(GET_ALIAS, refusal("TooManyRequestsException", headers=headers)).retry_after == seconds


def test_an_error_without_a_code_is_refused_and_named_unknown() -> None:
    translated = aws_error(GET_ALIAS, boto.ClientError({}, "GetAlias"))

    assert (translated.kind, translated.code, translated.request_id) == (ErrorKind.REFUSED, "Unknown", None)


def test_found_is_none_only_for_the_faults_that_mean_absent() -> None:
    def refuse(code: str) -> object:
        raise refusal(code)

    assert found(GET_ALIAS, lambda: refuse("ResourceNotFoundException")) is None
    with pytest.raises(AwsError):
        found(GET_ALIAS, lambda: refuse("ProvisionedConcurrencyConfigNotFoundException"))


@pytest.mark.parametrize(
    "error", [TypeError("s3cr3t"), UnicodeDecodeError("utf-8", b"s3cr3t", 0, 1, "s3cr3t"), MemoryError()]
)
def test_whatever_a_call_raises_ends_that_call_alone_and_is_named_by_its_type(error: Exception) -> None:
    def mistake() -> object:
        raise error

    with pytest.raises(AwsError) as caught:
        asked(GET_ALIAS, mistake)

    assert caught.value.kind is ErrorKind.UNAVAILABLE
    assert type(error).__name__ in caught.value.message
    assert "s3cr3t" not in caught.value.message


@pytest.mark.parametrize(
    "error", [RecursionError("maximum recursion depth exceeded"), RuntimeError("offset of s3cr3t")]
)
def test_only_botocores_words_of_expired_credentials_are_taken_for_those(error: Exception) -> None:
    translated = aws_error(GET_ALIAS, error)

    assert (translated.kind, translated.code) == (ErrorKind.UNAVAILABLE, "UnintelligibleAnswer")
    assert "s3cr3t" not in translated.message


@pytest.mark.parametrize(
    "error",
    [
        boto.EndpointConnectionError(endpoint_url="http://user:s3cr3t@host/path", error="dns"),
        boto.HTTPClientError(error=OSError("no proxy at http://user:s3/cr@3t@host:1")),
        ValueError("Invalid endpoint: http://user:s3cr3t@-host-"),
        ValueError("Invalid endpoint: user:s3cr3t@host"),
        boto.EndpointConnectionError(endpoint_url="//user:s3cr3t@host/path", error="dns"),
        refusal("ServiceException", "http://user:s3cr3t@host is down", 500),
    ],
)
def test_user_information_of_an_endpoint_is_masked(error: Exception) -> None:
    translated = aws_error(GET_ALIAS, error)

    assert "***@" in translated.message
    assert not any(part in translated.message for part in ("user", "s3", "3t"))


def test_the_session_name_in_an_arn_is_no_user_information() -> None:
    words = "User: arn:aws:sts::123456789012:assumed-role/Admin/ann@example.com is not authorized to perform GetAlias"
    assert aws_error(GET_ALIAS, refusal("AccessDeniedException", words)).message == words


def test_a_body_without_an_error_code_of_aws_is_not_repeated() -> None:
    assert aws_error(GET_ALIAS, refusal("503", "<html>s3cr3t", 503)).message == (
        "HTTP status 503, without an error code of AWS"
    )


def test_words_of_aws_can_be_written_anywhere_and_are_of_bounded_length() -> None:
    translated = aws_error(GET_ALIAS, refusal("ServiceException", "\ud800" + "x" * 100_000, 500))

    assert translated.message.startswith("?x")
    assert len(translated.message) < 3000


def test_an_endpoint_that_leaves_a_member_out_is_told_by_what_is_missing() -> None:
    translated = aws_error(GET_ALIAS, Incomplete("RevisionId"))

    assert translated.message == "the answer of GetAlias has no RevisionId: this endpoint is not complete enough"
    assert translated.kind is ErrorKind.UNAVAILABLE
    assert "LocalStack works" in (translated.hint or "")


def test_every_error_that_is_told_by_name_exists() -> None:
    assert {name for name in NO_WAY_IN if not hasattr(boto, name)} == set()


def test_whatever_botocore_says_of_credentials_and_configuration_ends_the_account() -> None:
    """Held against botocore itself, so that an error class of a newer one can't pass for a lost answer."""
    about = re.compile(r"Credential|SSO|Login|Token|Profile|Config|Region|EndpointProvider|EndpointResolution")
    other = {
        *("InvalidS3UsEast1RegionalEndpointConfigError", "UnsupportedS3ConfigurationError"),
        *("UnsupportedS3AccesspointConfigurationError", "InvalidEndpointDiscoveryConfigurationError"),
        *("UnsupportedS3ControlConfigurationError", "InvalidRetryConfigurationError", "InvalidChecksumConfigError"),
        *("WaiterConfigError", "InvalidSTSRegionalEndpointsConfigError"),
    }
    classes = {
        name: cls
        for name, cls in vars(boto).items()
        if isinstance(cls, type) and issubclass(cls, boto.BotoCoreError) and about.search(name) and name not in other
    }

    assert len(classes) > 20
    assert {
        name for name, cls in classes.items() if aws_error(GET_ALIAS, cls.__new__(cls)).kind != ErrorKind.CREDENTIALS
    } == set()


def test_an_operation_that_an_endpoint_lacks_names_the_setting_to_check() -> None:
    assert aws_error(GET_ALIAS, refusal("404", "Not yet implemented", 404)).hint == (
        "this endpoint does not offer lambda:GetAlias: check AWS_ENDPOINT_URL and its like"
    )


def test_a_body_that_can_not_be_parsed_is_never_quoted() -> None:
    """Botocore's words quote the whole body, and AssumeRole's holds credentials."""
    translated = aws_error(GET_ALIAS, ResponseParserError("invalid XML: <SecretAccessKey>s3cr3t"))

    assert "s3cr3t" not in translated.message


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [55].",
            "limit raised",
        ),
        ("… decreases account's UnreservedConcurrentExecution below its minimum value of [100].", "limit raised"),
        (
            "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function",
            "raise the function's reserved concurrency",
        ),
    ],
)
def test_a_number_that_does_not_fit_comes_with_what_to_do(words: str, said: str) -> None:
    assert said in (aws_error(GET_ALIAS, refusal("InvalidParameterValueException", words)).hint or "")
