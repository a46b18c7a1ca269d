"""Function URLs: one per alias and one of the bare function, and every refusal that was recorded."""

import re
from typing import Any

import pytest
from lambda_world import FN, REGION, World

GONE = "The resource you requested does not exist."
PATTERN = r"Member must satisfy regular expression pattern: ((?!^\d+$)^[0-9a-zA-Z-_]+$)"


def world() -> World:
    made = World()
    made.alias()
    made("CreateAlias", Name="b", FunctionVersion="1")
    return made


def created(world: World, **given: object) -> dict[str, Any]:
    return world("CreateFunctionUrlConfig", **{"AuthType": "NONE", **given})


def test_an_address_belongs_to_one_qualifier() -> None:
    made = world()
    answers = [created(made, **named) for named in ({}, {"Qualifier": "a"}, {"FunctionName": "f:b", "Qualifier": "b"})]
    assert [each["FunctionArn"] for each in answers] == [f"{FN}:f", f"{FN}:f:a", f"{FN}:f:b"]
    addresses = {each["FunctionUrl"] for each in answers}
    assert len(addresses) == 3
    assert all(re.fullmatch(rf"https://[0-9a-z]{{32}}\.lambda-url\.{REGION}\.on\.aws/", each) for each in addresses)
    listed = made("ListFunctionUrlConfigs")["FunctionUrlConfigs"]
    assert {each["FunctionUrl"] for each in listed} == addresses


def test_a_read_tells_more_than_the_creation() -> None:
    made = world()
    answered = created(made)
    assert sorted(answered) == ["AuthType", "CreationTime", "FunctionArn", "FunctionUrl"]
    assert answered["CreationTime"] == "2023-11-14T22:13:20.000000Z"
    made.wait(1)
    assert made("GetFunctionUrlConfig") == {
        **answered,
        "InvokeMode": "BUFFERED",
        "LastModifiedTime": answered["CreationTime"],
    }


def test_an_update_keeps_the_address_and_what_it_leaves_out() -> None:
    made, cors = world(), {"AllowOrigins": ["*"], "MaxAge": 60}
    answered = created(made, Qualifier="a", Cors=cors, InvokeMode="RESPONSE_STREAM")
    made.wait(1)
    updated = made("UpdateFunctionUrlConfig", Qualifier="a", AuthType="AWS_IAM")
    assert updated == {
        "AuthType": "AWS_IAM",
        "Cors": cors,
        "CreationTime": answered["CreationTime"],
        "FunctionArn": f"{FN}:f:a",
        "FunctionUrl": answered["FunctionUrl"],
        "LastModifiedTime": "2023-11-14T22:13:21.000000Z",
    }
    assert made("GetFunctionUrlConfig", Qualifier="a") == {**updated, "InvokeMode": "RESPONSE_STREAM"}
    assert "Cors" not in made("UpdateFunctionUrlConfig", Qualifier="a", Cors={})
    assert "Cors" not in made("GetFunctionUrlConfig", Qualifier="a")


def test_a_delete_without_a_qualifier_leaves_the_aliases_theirs() -> None:
    made = world()
    created(made)
    created(made, Qualifier="a")
    made("DeleteFunctionUrlConfig")
    assert made.words("GetFunctionUrlConfig") == GONE
    assert made("GetFunctionUrlConfig", Qualifier="a")["FunctionArn"] == f"{FN}:f:a"


def test_an_address_goes_with_its_alias_and_does_not_come_back() -> None:
    made = world()
    before = created(made, Qualifier="a")["FunctionUrl"]
    made("DeleteAlias", Name="a")
    assert made.words("GetFunctionUrlConfig", Qualifier="a") == GONE
    made.alias()
    assert made.words("GetFunctionUrlConfig", Qualifier="a") == GONE
    assert created(made, Qualifier="a")["FunctionUrl"] != before


def test_a_qualifier_has_one_address() -> None:
    made = world()
    created(made, Qualifier="a")
    refusal = made.refusal("CreateFunctionUrlConfig", AuthType="NONE", Qualifier="a")
    assert (refusal.status, refusal.code) == (409, "ResourceConflictException")
    assert refusal.message == (
        f"Failed to create function url config for [functionArn = {FN}:f:a]. "
        "Error message:  FunctionUrlConfig exists for this Lambda function"
    )


@pytest.mark.parametrize("named", [{"FunctionName": "none"}, {"FunctionName": f"{FN}:none"}, {"Qualifier": "none"}])
@pytest.mark.parametrize(
    ("operation", "words"),
    [
        ("CreateFunctionUrlConfig", "Function does not exist"),
        ("UpdateFunctionUrlConfig", "Function does not exist"),
        ("GetFunctionUrlConfig", GONE),
        ("DeleteFunctionUrlConfig", GONE),
    ],
)
def test_what_is_missing_is_told_in_each_operations_words(named: dict[str, str], operation: str, words: str) -> None:
    given = {"AuthType": "NONE"} if operation.startswith("Create") else {}
    refusal = world().refusal(operation, **named, **given)
    assert (refusal.status, refusal.code, refusal.message) == (404, "ResourceNotFoundException", words)


@pytest.mark.parametrize("operation", ["Update", "Get", "Delete"])
def test_no_address_is_not_found(operation: str) -> None:
    assert world().words(f"{operation}FunctionUrlConfig", Qualifier="a") == GONE


@pytest.mark.parametrize("qualifier", ["1", "2", "$LATEST"])
@pytest.mark.parametrize("operation", ["Create", "Update", "Get", "Delete"])
def test_neither_a_version_nor_latest_is_a_qualifier_of_an_address(operation: str, qualifier: str) -> None:
    refusal = world().refusal(f"{operation}FunctionUrlConfig", AuthType="NONE", Qualifier=qualifier)
    assert (refusal.status, refusal.code, refusal.message) == (
        400,
        "ValidationException",
        f"1 validation error detected: Value '{qualifier}' at 'qualifier' failed to satisfy constraint: {PATTERN}",
    )


def test_addresses_are_listed_in_pages() -> None:
    made = world()
    created(made)
    created(made, Qualifier="a")
    first = made("ListFunctionUrlConfigs", MaxItems=1)
    second = made("ListFunctionUrlConfigs", MaxItems=1, Marker=first["NextMarker"])
    arns = [each["FunctionArn"] for page in (first, second) for each in page["FunctionUrlConfigs"]]
    assert arns == [f"{FN}:f", f"{FN}:f:a"]
    assert "NextMarker" not in second
    assert made.words("ListFunctionUrlConfigs", FunctionName="none") == "Function does not exist"
