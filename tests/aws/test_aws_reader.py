"""reconciler/aws/reader.py against botocore's model: what is asked, what is kept, what is "absent" and what is not."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest
from aws_stubs import ARN, FUNCTION, SECRET, Refuses, Says, configuration, reading

from reconciler.aws.reader import LambdaReader
from reconciler.model.errors import AwsError, ErrorKind
from reconciler.model.observed import AccountSettings, AliasPointer, Provisioned, Qualified, ScalingTarget

if TYPE_CHECKING:
    from reconciler.model.ports import Reader

SIGNED_URL = "https://bucket.s3.amazonaws.com/code?X-Amz-Signature=5ecret"
NOT_FOUND = "ResourceNotFoundException"
PROVISIONED = {
    "RequestedProvisionedConcurrentExecutions": 5,
    "AllocatedProvisionedConcurrentExecutions": 2,
    "AvailableProvisionedConcurrentExecutions": 1,
    "Status": "IN_PROGRESS",
}
BARE = {"FunctionName": FUNCTION}
LIVE = {"FunctionName": FUNCTION, "Qualifier": "live"}
LIVE_ALIAS = {"FunctionName": FUNCTION, "Name": "live"}
LIVE_TARGET = f"function:{FUNCTION}:live"


def get_function(params: dict[str, str], *, reserved: int | None = None, **changes: object) -> Says:
    answer: dict[str, object] = {
        "Configuration": configuration(**changes),
        "Code": {"RepositoryType": "S3", "Location": SIGNED_URL},
        "Tags": {"owner": "somebody"},
    }
    if reserved is not None:
        answer["Concurrency"] = {"ReservedConcurrentExecutions": reserved}
    return Says("GetFunction", params, answer)


def target(resource_id: str, more: Mapping[str, object] | None = None) -> dict[str, object]:
    return {
        "ServiceNamespace": "lambda",
        "ResourceId": resource_id,
        "ScalableDimension": "lambda:function:ProvisionedConcurrency",
        "MinCapacity": 1,
        "MaxCapacity": 10,
        "RoleARN": "arn:aws:iam::123456789012:role/scaling",
        "CreationTime": 0,
    } | dict(more or {})


def test_it_is_a_reader() -> None:
    with reading() as reader:
        port: Reader = reader
        assert isinstance(port, LambdaReader)


# ---------------------------------------------------------------- $LATEST


def test_latest_is_the_bare_function_with_its_reserved_concurrency() -> None:
    with reading(get_function(BARE, reserved=20, LastUpdateStatus="InProgress")) as reader:
        latest = reader.latest(FUNCTION)

    assert latest is not None
    assert (latest.revision_id, latest.state, latest.update_status) == ("revision-1", "Active", "InProgress")
    assert (latest.settings.code_sha256, latest.reserved) == ("c0de=", 20)


@pytest.mark.parametrize("reserved", [None, 0])
def test_no_reserved_concurrency_is_not_the_same_as_reserving_none(reserved: int | None) -> None:
    with reading(get_function(BARE, reserved=reserved)) as reader:
        latest = reader.latest(FUNCTION)

    assert latest is not None
    assert latest.reserved == reserved


def test_why_an_update_failed_is_kept_in_aws_words() -> None:
    with reading(
        get_function(BARE, State="Failed", StateReason="no subnet", LastUpdateStatusReason="no role")
    ) as reader:
        latest = reader.latest(FUNCTION)

    assert latest is not None
    assert (latest.state_reason, latest.update_reason) == ("no subnet", "no role")


def test_secrets_of_an_answer_do_not_get_in() -> None:
    with reading(get_function(BARE), get_function(LIVE, Version="7")) as reader:
        kept = repr(reader.latest(FUNCTION)) + repr(reader.version(FUNCTION, "live"))

    assert [word for word in (SECRET, SIGNED_URL, "Signature", "somebody") if word in kept] == []


def test_latest_read_the_slow_way_equals_the_fast_one() -> None:
    with reading(
        get_function(BARE, reserved=7),
        Says("GetFunctionConfiguration", BARE, configuration()),
        Says("GetFunctionConcurrency", BARE, {"ReservedConcurrentExecutions": 7}),
    ) as reader:
        assert reader.latest(FUNCTION) == reader.latest_slowly(FUNCTION)


def test_a_function_that_vanishes_between_the_two_slow_calls_is_missing() -> None:
    with reading(
        Says("GetFunctionConfiguration", BARE, configuration()),
        Refuses("GetFunctionConcurrency", BARE, NOT_FOUND, status=404),
    ) as reader:
        assert reader.latest_slowly(FUNCTION) is None


def test_the_second_slow_call_that_is_denied_is_named() -> None:
    with (
        reading(
            Says("GetFunctionConfiguration", BARE, configuration()),
            Refuses("GetFunctionConcurrency", BARE, "AccessDeniedException", "no", status=403),
        ) as reader,
        pytest.raises(AwsError) as caught,
    ):
        reader.latest_slowly(FUNCTION)

    assert (caught.value.kind, caught.value.operation) == (ErrorKind.DENIED, "GetFunctionConcurrency")


# ---------------------------------------------------------------- versions and aliases


def test_the_version_behind_an_alias_is_told_by_its_number() -> None:
    with reading(get_function(LIVE, Version="7", State="Inactive")) as reader:
        version = reader.version(FUNCTION, "live")

    assert version is not None
    assert (version.number, version.state) == ("7", "Inactive")


def test_a_version_read_the_slow_way_equals_the_fast_one() -> None:
    slow = Says("GetFunctionConfiguration", LIVE, configuration(Version="7"))
    with reading(get_function(LIVE, Version="7"), slow) as reader:
        assert reader.version(FUNCTION, "live") == reader.version_slowly(FUNCTION, "live")


@pytest.mark.parametrize("weights", [{"7": 1}, {"7": 1.0}])
def test_a_weight_is_a_fraction_however_aws_writes_it(weights: dict[str, float]) -> None:
    answer = {"FunctionVersion": "8", "RevisionId": "r", "RoutingConfig": {"AdditionalVersionWeights": weights}}
    with reading(Says("GetAlias", LIVE_ALIAS, answer)) as reader:
        assert reader.alias(FUNCTION, "live") == AliasPointer("8", (("7", 1.0),), "r")


@pytest.mark.parametrize("routing", [{}, {"RoutingConfig": {}}, {"RoutingConfig": {"AdditionalVersionWeights": {}}}])
def test_an_alias_without_weights_has_none_in_every_form(routing: dict[str, object]) -> None:
    answer = {"FunctionVersion": "8", "RevisionId": "r"} | routing
    with reading(Says("GetAlias", LIVE_ALIAS, answer)) as reader:
        assert reader.alias(FUNCTION, "live") == AliasPointer("8", (), "r")


# ---------------------------------------------------------------- provisioned concurrency


def test_provisioned_concurrency_keeps_three_numbers_a_status_and_a_reason() -> None:
    failed = PROVISIONED | {"Status": "FAILED", "StatusReason": "FUNCTION_ERROR_INIT_FAILURE"}
    with reading(Says("GetProvisionedConcurrencyConfig", LIVE, failed)) as reader:
        read = reader.provisioned(FUNCTION, "live")
    assert read == Provisioned(5, 2, 1, "FAILED", "FUNCTION_ERROR_INIT_FAILURE")


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ({"LastModified": "2026-11-28T05:00:00+0000"}, 1_795_842_000.0),
        ({"LastModified": "yesterday"}, None),
        ({}, None),
    ],
)
def test_when_the_number_was_put_is_known_where_aws_says_so(said: dict[str, str], seconds: float | None) -> None:
    with reading(Says("GetProvisionedConcurrencyConfig", LIVE, PROVISIONED | said)) as reader:
        read = reader.provisioned(FUNCTION, "live")
    assert read
    assert read.modified == seconds


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ProvisionedConcurrencyConfigNotFoundException", "No Provisioned Concurrency Config found for this function"),
        (NOT_FOUND, f"Cannot find alias arn: {ARN}:live"),
    ],
)
def test_no_config_and_no_alias_both_mean_no_provisioned_concurrency(code: str, message: str) -> None:
    with reading(Refuses("GetProvisionedConcurrencyConfig", LIVE, code, message, status=404)) as reader:
        assert reader.provisioned(FUNCTION, "live") is None


def test_every_qualifier_of_a_function_is_listed_page_by_page() -> None:
    rows = [{"FunctionArn": f"{ARN}:{qualifier}"} | PROVISIONED for qualifier in ("live", "7")]
    params = {"FunctionName": FUNCTION, "MaxItems": 50}
    listing = "ListProvisionedConcurrencyConfigs"
    with reading(
        Says(listing, params, {"ProvisionedConcurrencyConfigs": rows, "NextMarker": "more"}),
        Says(listing, params | {"Marker": "more"}, {"ProvisionedConcurrencyConfigs": []}),
    ) as reader:
        first, marker = reader.provisioned_list(FUNCTION, None)
        second, end = reader.provisioned_list(FUNCTION, marker)

    expected = Provisioned(5, 2, 1, "IN_PROGRESS")
    assert first == (Qualified("live", expected), Qualified("7", expected))
    assert (second, end) == ((), None)


# ---------------------------------------------------------------- the account and its neighbours


def test_account_settings_are_concurrency_and_code_storage() -> None:
    answer = {
        "AccountLimit": {
            "TotalCodeSize": 80530636800,
            "CodeSizeUnzipped": 262144000,
            "CodeSizeZipped": 52428800,
            "ConcurrentExecutions": 1000,
            "UnreservedConcurrentExecutions": 900,
        },
        "AccountUsage": {"TotalCodeSize": 1000, "FunctionCount": 3},
    }
    with reading(Says("GetAccountSettings", {}, answer)) as reader:
        assert reader.account_settings() == AccountSettings(1000, 900, 80530636800, 1000)


def test_targets_of_named_functions_are_asked_with_their_dimension() -> None:
    request = {
        "ServiceNamespace": "lambda",
        "MaxResults": 50,
        "ResourceIds": [LIVE_TARGET],
        "ScalableDimension": "lambda:function:ProvisionedConcurrency",
    }
    with reading(Says("DescribeScalableTargets", request, {"ScalableTargets": [target(LIVE_TARGET)]})) as reader:
        assert reader.scaling_targets((LIVE_TARGET,), None) == (((LIVE_TARGET, ScalingTarget(1, 10)),), None)


def test_all_targets_are_asked_without_a_dimension_and_only_ours_are_kept() -> None:
    request = {"ServiceNamespace": "lambda", "MaxResults": 50}
    rows = [target(LIVE_TARGET), target("function:f:9", {"ScalableDimension": "custom-resource:ResourceType:Property"})]
    with reading(
        Says("DescribeScalableTargets", request, {"ScalableTargets": rows, "NextToken": "more"}),
        Says("DescribeScalableTargets", request | {"NextToken": "more"}, {"ScalableTargets": []}),
    ) as reader:
        page, token = reader.scaling_targets((), None)
        rest, end = reader.scaling_targets((), token)

    assert page == ((LIVE_TARGET, ScalingTarget(1, 10)),)
    assert (rest, end) == ((), None)


@pytest.mark.parametrize(
    ("switches", "suspended"),
    [((True, True, True), True), ((True, True, False), False), ((False, True, True), False), (None, False)],
)
def test_a_target_is_suspended_only_when_nothing_is_left_that_acts(
    switches: tuple[bool, bool, bool] | None, *, suspended: bool
) -> None:
    names = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
    state = {"SuspendedState": dict(zip(names, switches, strict=True))} if switches else {}
    answer = {"ScalableTargets": [target(LIVE_TARGET, state)]}
    request = {"ServiceNamespace": "lambda", "MaxResults": 50}
    with reading(Says("DescribeScalableTargets", request, answer)) as reader:
        ((_, found),), _ = reader.scaling_targets((), None)

    assert found.suspended is suspended


def test_names_of_functions_come_page_by_page() -> None:
    with reading(
        Says("ListFunctions", {}, {"Functions": [{"FunctionName": "a"}, {"FunctionName": "b"}], "NextMarker": "more"}),
        Says("ListFunctions", {"Marker": "more"}, {"Functions": [{"FunctionName": "c"}]}),
    ) as reader:
        assert reader.function_names(None) == (("a", "b"), "more")
        assert reader.function_names("more") == (("c",), None)


# ---------------------------------------------------------------- absent, and what is not absent

READS: list[tuple[str, dict[str, str], Callable[[LambdaReader], object]]] = [
    ("GetFunction", BARE, lambda reader: reader.latest(FUNCTION)),
    ("GetFunctionConfiguration", BARE, lambda reader: reader.latest_slowly(FUNCTION)),
    ("GetFunction", LIVE, lambda reader: reader.version(FUNCTION, "live")),
    ("GetFunctionConfiguration", LIVE, lambda reader: reader.version_slowly(FUNCTION, "live")),
    ("GetAlias", LIVE_ALIAS, lambda reader: reader.alias(FUNCTION, "live")),
    ("GetProvisionedConcurrencyConfig", LIVE, lambda reader: reader.provisioned(FUNCTION, "live")),
]


@pytest.mark.parametrize(("operation", "params", "read"), READS)
def test_what_aws_does_not_find_is_none(
    operation: str, params: dict[str, str], read: Callable[[LambdaReader], object]
) -> None:
    with reading(Refuses(operation, params, NOT_FOUND, status=404)) as reader:
        assert read(reader) is None


@pytest.mark.parametrize(
    ("code", "status", "fault"),
    [
        ("404", 404, ErrorKind.UNSUPPORTED),
        ("InternalFailure", 501, ErrorKind.UNSUPPORTED),
        ("AccessDeniedException", 403, ErrorKind.DENIED),
        ("TooManyRequestsException", 429, ErrorKind.THROTTLED),
        ("ServiceException", 500, ErrorKind.UNAVAILABLE),
    ],
)
@pytest.mark.parametrize(("operation", "params", "read"), READS)
def test_no_other_failure_passes_for_absent(  # noqa: PLR0913 - a table
    *,
    operation: str,
    params: dict[str, str],
    read: Callable[[LambdaReader], object],
    code: str,
    status: int,
    fault: ErrorKind,
) -> None:
    with reading(Refuses(operation, params, code, status=status)) as reader, pytest.raises(AwsError) as caught:
        read(reader)

    assert (caught.value.kind, caught.value.operation) == (fault, operation)


@pytest.mark.parametrize(("operation", "params", "read"), [READS[0], *READS[2:]])
def test_an_answer_without_its_members_is_not_believed(
    operation: str, params: dict[str, str], read: Callable[[LambdaReader], object]
) -> None:
    with reading(Says(operation, params, {})) as reader, pytest.raises(AwsError) as caught:
        read(reader)

    assert (caught.value.kind, caught.value.code) == (ErrorKind.UNAVAILABLE, "IncompleteAnswer")


def test_a_list_without_its_rows_is_not_an_empty_list() -> None:
    request = {"ServiceNamespace": "lambda", "MaxResults": 50}
    with reading(Says("DescribeScalableTargets", request, {})) as reader, pytest.raises(AwsError):
        reader.scaling_targets((), None)


def test_a_row_whose_arn_names_no_qualifier_is_not_believed() -> None:
    rows = [{"FunctionArn": ARN} | PROVISIONED]
    listing = Says(
        "ListProvisionedConcurrencyConfigs",
        {"FunctionName": FUNCTION, "MaxItems": 50},
        {"ProvisionedConcurrencyConfigs": rows},
    )
    with reading(listing) as reader, pytest.raises(AwsError, match="no qualifier"):
        reader.provisioned_list(FUNCTION, None)
