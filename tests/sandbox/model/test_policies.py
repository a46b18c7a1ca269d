"""Resource policies: one per qualifier, statements as AWS writes them, and every refusal that was recorded."""

import json
from typing import Any

import pytest
from lambda_world import ACCOUNT, FN, World

GIVEN: dict[str, Any] = {"StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
READ_POLICY = (
    "The Revision Id provided does not match the latest Revision Id. "
    "Call the GetPolicy API to retrieve the latest Revision Id"
)
GONE = "The resource you requested does not exist."


def added(world: World, **more: object) -> dict[str, Any]:
    statement: dict[str, Any] = json.loads(world("AddPermission", **GIVEN, **more)["Statement"])
    return statement


def policy(world: World, **more: object) -> list[str]:
    document = json.loads(world("GetPolicy", **more)["Policy"])
    return [statement["Sid"] for statement in document["Statement"]]


def test_a_statement_names_what_it_was_put_on_and_under_which_conditions() -> None:
    world = World()
    world.alias()
    source = {"SourceArn": "arn:aws:s3:::bucket", "SourceAccount": ACCOUNT}
    assert added(world, Qualifier="a", **source) == {
        "Sid": "s3",
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": f"{FN}:f:a",
        "Condition": {
            "StringEquals": {"AWS:SourceAccount": ACCOUNT},
            "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::bucket"},
        },
    }


@pytest.mark.parametrize(
    ("principal", "written"),
    [
        ("*", "*"),
        ("lambda.amazonaws.com", {"Service": "lambda.amazonaws.com"}),
        (ACCOUNT, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
        ("arn:aws:iam::222222222222:user/x", {"AWS": "arn:aws:iam::222222222222:user/x"}),
    ],
)
def test_a_principal_is_written_by_its_kind(principal: str, written: object) -> None:
    statement = json.loads(World()("AddPermission", **{**GIVEN, "Principal": principal})["Statement"])
    assert statement["Principal"] == written
    assert statement["Resource"] == f"{FN}:f"
    assert "Condition" not in statement


def test_each_qualifier_has_a_policy_of_its_own() -> None:
    world = World()
    added(world)
    assert policy(world) == ["s3"]
    assert world.words("GetPolicy", Qualifier="1") == GONE
    added(world, Qualifier="1")
    assert policy(world, Qualifier="1") == ["s3"]


def test_a_policy_has_a_revision_of_its_own() -> None:
    world = World()
    world.alias()
    first = world("GetAlias", Name="a")["RevisionId"]
    assert world.words("AddPermission", **GIVEN, Qualifier="a", RevisionId="wrong") == READ_POLICY
    added(world, Qualifier="a", RevisionId=first)
    revision = world("GetPolicy", Qualifier="a")["RevisionId"]
    assert revision != first
    second = {**GIVEN, "StatementId": "s3_2", "Qualifier": "a"}
    assert world.refusal("AddPermission", **second, RevisionId=first).status == 412
    world("AddPermission", **second, RevisionId=revision)
    assert policy(world, Qualifier="a") == ["s3", "s3_2"]


def test_publishing_leaves_the_policy_as_it_is() -> None:
    world = World()
    added(world)
    before = world("GetPolicy")
    world.deploy()
    assert world("GetPolicy") == before


def test_the_last_statement_takes_the_policy_with_it() -> None:
    world = World()
    added(world)
    assert world.words("RemovePermission", StatementId="other") == "Statement other is not found in resource policy."
    world("RemovePermission", StatementId="s3", RevisionId=world("GetPolicy")["RevisionId"])
    assert world.words("GetPolicy") == GONE
    assert world.words("RemovePermission", StatementId="s3") == "No policy is associated with the given resource."


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"Qualifier": "$LATEST"}, 400, "We currently do not support adding policies for $LATEST."),
        ({"Qualifier": "42"}, 404, f"Function not found: {FN}:f:42"),
        ({"Qualifier": "none"}, 404, f"Cannot find alias arn: {FN}:f:none"),
        ({"FunctionName": "f:none"}, 404, f"Cannot find alias arn: {FN}:f:none"),
        ({"Qualifier": "with-$-inside"}, 404, f"Function not found: {FN}:f:with-$-inside"),
        ({"FunctionName": "doesnotexist"}, 404, f"Function not found: {FN}:doesnotexist"),
        (
            {"Principal": "invalid.nonaws.com"},
            400,
            "The provided principal was invalid. Please check the principal and try again.",
        ),
        (
            {"FunctionName": "f:other", "Qualifier": "42"},
            400,
            "The derived qualifier from the function name does not match the specified qualifier.",
        ),
        (
            {"StatementId": "example.com"},
            400,
            (
                "1 validation error detected: Value 'example.com' at 'statementId' failed to satisfy constraint: "
                "Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)"
            ),
        ),
        (
            {"Qualifier": "with-?-inside"},
            400,
            (
                "1 validation error detected: Value 'with-?-inside' at 'qualifier' failed to satisfy constraint: "
                r"Member must satisfy regular expression pattern: \$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
            ),
        ),
    ],
)
def test_what_add_permission_refuses(more: dict[str, str], status: int, words: str) -> None:
    refusal = World().refusal("AddPermission", **{**GIVEN, **more})
    assert (refusal.status, refusal.message) == (status, words)


def test_a_policy_that_grows_beyond_20_kb_is_refused() -> None:
    world = World()
    source = "arn:aws:s3:::" + "x" * 1000
    for number in range(15):
        world("AddPermission", **{**GIVEN, "StatementId": f"s{number}"}, SourceArn=source)
    refusal = world.refusal("AddPermission", **{**GIVEN, "StatementId": "last"}, SourceArn=source * 3)
    assert (refusal.status, refusal.code) == (400, "PolicyLengthExceededException")
    assert len(policy(world)) == 15


def test_a_statement_id_is_taken_once_a_policy() -> None:
    world = World()
    added(world)
    refusal = world.refusal("AddPermission", **GIVEN)
    assert refusal.status == 409
    assert str(refusal.message).startswith("The statement id (s3) provided already exists.")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"FunctionName": "doesnotexist"}, f"No policy found for: {FN}:doesnotexist"),
        ({"Qualifier": "none"}, f"Cannot find alias arn: {FN}:f:none"),
        ({}, "No policy is associated with the given resource."),
    ],
)
def test_what_remove_permission_does_not_find(more: dict[str, str], words: str) -> None:
    assert World().words("RemovePermission", **{"StatementId": "s3", **more}) == words


def test_a_policy_may_hold_statements_that_add_permission_can_not_make() -> None:
    world = World()
    deny = {"Effect": "Deny", "Principal": {"AWS": ["1", "2"]}, "Action": ["lambda:Invoke*"], "Resource": f"{FN}:f:*"}
    world.plane.put_policy("f", None, deny)
    assert json.loads(world("GetPolicy")["Policy"])["Statement"] == [deny]
    added(world, RevisionId=world("GetPolicy")["RevisionId"])
    assert [each.get("Sid") for each in json.loads(world("GetPolicy")["Policy"])["Statement"]] == [None, "s3"]
    world("RemovePermission", StatementId="s3")
    assert json.loads(world("GetPolicy")["Policy"])["Statement"] == [deny]
    world.plane.put_policy("f", None)
    assert world.words("GetPolicy") == GONE


def test_the_first_statement_after_the_last_was_removed_takes_the_aliass_revision_again() -> None:
    world = World()
    world.alias()
    added(world, Qualifier="a")
    stale = world("GetPolicy", Qualifier="a")["RevisionId"]
    world("RemovePermission", Qualifier="a", StatementId="s3")
    assert world.refusal("AddPermission", **GIVEN, Qualifier="a", RevisionId=stale).status == 412
    added(world, Qualifier="a", RevisionId=world("GetAlias", Name="a")["RevisionId"])


def test_neither_the_alias_nor_the_bare_policy_moves_with_a_statement_on_the_alias() -> None:
    world = World()
    world.alias()
    added(world)
    before = world("GetPolicy")["RevisionId"], world("GetAlias", Name="a"), world.revision()
    added(world, Qualifier="a")
    assert (world("GetPolicy")["RevisionId"], world("GetAlias", Name="a"), world.revision()) == before


def test_a_policy_stays_when_its_alias_moves_and_goes_when_it_is_deleted() -> None:
    world = World()
    world.alias()
    added(world, Qualifier="a")
    world.move(world.deploy())
    assert policy(world, Qualifier="a") == ["s3"]
    world("DeleteAlias", Name="a")
    world.alias()
    assert world.words("GetPolicy", Qualifier="a") == GONE


@pytest.mark.parametrize("named", [{"FunctionName": "f:a"}, {"FunctionName": f"{FN}:f:a"}, {"Qualifier": "a"}])
def test_an_alias_is_named_in_the_function_or_beside_it(named: dict[str, str]) -> None:
    world = World()
    world.alias()
    assert added(world, **named)["Resource"] == f"{FN}:f:a"
    assert policy(world, **named) == ["s3"]
    world("RemovePermission", StatementId="s3", **named)
    assert world.words("GetPolicy", **named) == GONE
