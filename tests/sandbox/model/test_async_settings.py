"""Settings of asynchronous invocations: one set per qualifier, and every refusal that was recorded."""

from typing import Any

import pytest
from lambda_world import ACCOUNT, FN, REGION, World

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"
NOTHING: dict[str, Any] = {"OnFailure": {}, "OnSuccess": {}}
DERIVED = "The derived qualifier from the function name does not match the specified qualifier."


def put(world: World, **given: object) -> dict[str, Any]:
    return world("PutFunctionEventInvokeConfig", **given)


def world() -> World:
    made = World()
    made.alias()
    return made


@pytest.mark.parametrize(
    ("named", "qualifier"),
    [
        ({}, "$LATEST"),
        ({"Qualifier": "$LATEST"}, "$LATEST"),
        ({"Qualifier": "1"}, "1"),
        ({"Qualifier": "a"}, "a"),
        ({"FunctionName": "f:a"}, "a"),
        ({"FunctionName": "f:a", "Qualifier": "a"}, "a"),
        ({"FunctionName": f"{FN}:f:a"}, "a"),
        ({"FunctionName": "f:1"}, "1"),
        ({"FunctionName": "f:$LATEST", "Qualifier": "$LATEST"}, "$LATEST"),
    ],
)
def test_settings_belong_to_the_qualifier_that_was_named(named: dict[str, str], qualifier: str) -> None:
    made = world()
    expected = {
        "FunctionArn": f"{FN}:f:{qualifier}",
        "MaximumRetryAttempts": 0,
        "DestinationConfig": NOTHING,
        "LastModified": made.now,
    }
    assert put(made, **named, MaximumRetryAttempts=0) == expected
    assert made("GetFunctionEventInvokeConfig", Qualifier=qualifier) == expected
    assert made("ListFunctionEventInvokeConfigs") == {"FunctionEventInvokeConfigs": [expected]}


def test_a_put_replaces_everything_and_an_update_keeps_what_it_leaves_out() -> None:
    made = world()
    put(made, MaximumRetryAttempts=2, MaximumEventAgeInSeconds=60)
    assert "MaximumEventAgeInSeconds" not in put(made, MaximumRetryAttempts=0)
    put(made, MaximumRetryAttempts=2, DestinationConfig={"OnFailure": {"Destination": QUEUE}})
    updated = made("UpdateFunctionEventInvokeConfig", MaximumEventAgeInSeconds=60)
    assert (updated["MaximumRetryAttempts"], updated["MaximumEventAgeInSeconds"]) == (2, 60)
    assert updated["DestinationConfig"] == {"OnFailure": {"Destination": QUEUE}, "OnSuccess": {}}


def test_neither_a_new_version_nor_a_new_alias_inherits_settings() -> None:
    made = world()
    put(made, MaximumRetryAttempts=0)
    made.deploy()
    for qualifier in ("1", "2", "a"):
        assert made.words("GetFunctionEventInvokeConfig", Qualifier=qualifier) == (
            f"The function {FN}:f:{qualifier} doesn't have an EventInvokeConfig"
        )


def test_settings_go_with_their_qualifier() -> None:
    made = world()
    for qualifier in ("a", "1"):
        put(made, Qualifier=qualifier, MaximumRetryAttempts=0)
    made("DeleteAlias", Name="a")
    made("DeleteFunction", Qualifier="1")
    assert made("ListFunctionEventInvokeConfigs") == {"FunctionEventInvokeConfigs": []}


def test_a_delete_leaves_the_other_qualifiers() -> None:
    made = world()
    for qualifier in ("$LATEST", "1", "a"):
        put(made, Qualifier=qualifier, MaximumRetryAttempts=0)
    made("DeleteFunctionEventInvokeConfig")
    found = made("ListFunctionEventInvokeConfigs", MaxItems=1)
    rest = made("ListFunctionEventInvokeConfigs", Marker=found["NextMarker"])
    arns = [each["FunctionArn"] for page in (found, rest) for each in page["FunctionEventInvokeConfigs"]]
    assert arns == [f"{FN}:f:1", f"{FN}:f:a"]


@pytest.mark.parametrize(
    ("named", "arn"),
    [({}, f"{FN}:f:$LATEST"), ({"FunctionName": "none"}, f"{FN}:none:$LATEST"), ({"Qualifier": "9"}, f"{FN}:f:9")],
)
@pytest.mark.parametrize("operation", ["Get", "Delete"])
def test_whatever_is_missing_reads_alike(operation: str, named: dict[str, str], arn: str) -> None:
    refusal = world().refusal(f"{operation}FunctionEventInvokeConfig", **named)
    assert (refusal.status, refusal.message) == (404, f"The function {arn} doesn't have an EventInvokeConfig")


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({"FunctionName": "none", "MaximumRetryAttempts": 1}, 404, "The function doesn't exist."),
        ({"FunctionName": f"{FN}:none", "MaximumRetryAttempts": 1}, 404, "The function doesn't exist."),
        ({"Qualifier": "none", "MaximumRetryAttempts": 1}, 404, "The function doesn't exist."),
        (
            {"FunctionName": "none"},
            400,
            "You must specify at least one of error handling or destination setting.",
        ),
        (
            {"DestinationConfig": {"OnSuccess": {"Destination": f"{FN}:none"}}},
            400,
            f"The destination ARN {FN}:none is invalid.",
        ),
        (
            {"DestinationConfig": {"OnSuccess": {"Destination": f"{FN}:f"}}},
            400,
            "You can't specify the function as a destination for itself.",
        ),
        (
            {"DestinationConfig": {"OnSuccess": {"Destination": "arn:aws:iam::111111111111:role/r"}}},
            400,
            (
                "The provided destination config DestinationConfig("
                "onSuccess=OnSuccess(destination=arn:aws:iam::111111111111:role/r), onFailure=null) is invalid."
            ),
        ),
        ({"FunctionName": "f:1", "Qualifier": "a", "MaximumRetryAttempts": 1}, 400, DERIVED),
        (
            {"MaximumRetryAttempts": 3},
            400,
            (
                "1 validation error detected: Value '3' at 'maximumRetryAttempts' failed to satisfy constraint: "
                "Member must have value less than or equal to 2"
            ),
        ),
    ],
)
def test_what_put_refuses(given: dict[str, Any], status: int, words: str) -> None:
    refusal = world().refusal("PutFunctionEventInvokeConfig", **given)
    assert (refusal.status, refusal.message) == (status, words)


def test_what_update_does_not_find() -> None:
    made = world()
    assert made.words("UpdateFunctionEventInvokeConfig", FunctionName="none", MaximumRetryAttempts=1) == (
        "The function doesn't exist."
    )
    assert made.words("UpdateFunctionEventInvokeConfig", Qualifier="a", MaximumRetryAttempts=1) == (
        f"The function {FN}:f:a doesn't have an EventInvokeConfig"
    )


def test_no_function_has_no_list() -> None:
    assert world().words("ListFunctionEventInvokeConfigs", FunctionName="none") == "The function doesn't exist."


@pytest.mark.parametrize("destination", [{"OnSuccess": {}}, {"OnFailure": {}}])
def test_an_empty_destination_is_none(destination: dict[str, Any]) -> None:
    assert put(world(), DestinationConfig=destination)["DestinationConfig"] == NOTHING


def test_another_function_may_be_a_destination() -> None:
    made = world()
    made.plane.seed("g")
    answered = put(made, DestinationConfig={"OnSuccess": {"Destination": f"{FN}:g:a"}})
    assert answered["DestinationConfig"]["OnSuccess"] == {"Destination": f"{FN}:g:a"}
