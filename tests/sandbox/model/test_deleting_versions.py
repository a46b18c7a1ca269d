"""Versions that are deleted: what AWS refuses, what goes with them, and what nobody knows."""

import pytest
from lambda_world import ACCOUNT, ALLOCATION, FN, REGION, World

from reconciler.sandbox.control_plane import Behaviour

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"
NAMED = "Unable to delete version because the following aliases reference it: [a]"


def versions(world: World) -> list[str]:
    return [each["Version"] for each in world("ListVersionsByFunction")["Versions"]]


@pytest.mark.parametrize(
    "named", [{"Qualifier": "1"}, {"FunctionName": "f:1"}, {"FunctionName": f"{FN}:f:1"}, {"FunctionName": f"{FN}:f"}]
)
def test_a_version_is_named_by_its_number_wherever_that_stands(named: dict[str, str]) -> None:
    world = World()
    world.deploy()
    world("DeleteFunction", **{"Qualifier": "1", **named})
    assert versions(world) == ["$LATEST", "2"]


@pytest.mark.parametrize("number", ["9", "2", "0"])
def test_a_number_that_is_not_there_is_no_error(number: str) -> None:
    world = World()
    world("DeleteFunction", Qualifier=number)
    assert versions(world) == ["$LATEST", "1"]


@pytest.mark.parametrize(
    ("named", "status", "words"),
    [
        ({"Qualifier": "1"}, 409, NAMED),
        ({"FunctionName": "f:1"}, 409, NAMED),
        ({"Qualifier": "$LATEST"}, 400, "$LATEST version cannot be deleted without deleting the function."),
        ({"Qualifier": "a"}, 400, "Deletion of aliases is not currently supported."),
        ({"Qualifier": "none"}, 400, "Deletion of aliases is not currently supported."),
        ({"FunctionName": "none", "Qualifier": "1"}, 404, f"Function not found: {FN}:none"),
        ({"FunctionName": "none"}, 404, f"Function not found: {FN}:none"),
    ],
)
def test_what_is_never_deleted(named: dict[str, str], status: int, words: str) -> None:
    world = World()
    world.alias()
    refusal = world.refusal("DeleteFunction", **named)
    assert (refusal.status, refusal.message) == (status, words)
    assert versions(world) == ["$LATEST", "1"]


def test_an_empty_qualifier_deletes_nothing() -> None:
    world = World()
    refusal = world.refusal("DeleteFunction", Qualifier="")
    assert (refusal.status, refusal.code) == (400, "ValidationException")
    assert versions(world) == ["$LATEST", "1"]


def test_what_hangs_on_a_version_goes_with_it_and_does_not_come_back() -> None:
    world = World()
    world.deploy()
    given = {"StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
    world("AddPermission", Qualifier="1", **given)
    world("PutFunctionEventInvokeConfig", Qualifier="1", MaximumRetryAttempts=0)
    world.provision(qualifier="1")
    world("DeleteFunction", Qualifier="1")
    assert world.words("GetPolicy", Qualifier="1") == "The resource you requested does not exist."
    assert world("ListFunctionEventInvokeConfigs")["FunctionEventInvokeConfigs"] == []
    assert world("ListProvisionedConcurrencyConfigs")["ProvisionedConcurrencyConfigs"] == []
    assert world.deploy(Timeout=7) == "3"


@pytest.mark.parametrize("deletable", [False, True])
def test_whether_a_weighted_version_can_be_deleted_is_an_open_question(deletable: bool) -> None:  # noqa: FBT001 - a case
    world = World(Behaviour(weighted_version_deletable=deletable))
    world.alias(world.deploy(), RoutingConfig={"AdditionalVersionWeights": {"1": 0.5}})
    if not deletable:
        assert world.words("DeleteFunction", Qualifier="1") == NAMED
        return
    world("DeleteFunction", Qualifier="1")
    assert (versions(world), world.weights()) == (["$LATEST", "2"], None)


@pytest.mark.parametrize("deletable", [False, True])
def test_the_version_that_an_alias_is_leaving_counts_as_weighted(deletable: bool) -> None:  # noqa: FBT001 - a case
    world = World(Behaviour(weighted_version_deletable=deletable))
    world.warm_alias()
    world.move("2")
    if not deletable:
        assert world.words("DeleteFunction", Qualifier="1") == NAMED
        return
    world("DeleteFunction", Qualifier="1")
    assert world.weights() is None
    world.wait(ALLOCATION)
    assert world.provisioned()[0] == "READY"


@pytest.mark.parametrize("deletable", [False, True])
def test_whether_a_version_with_provisioned_concurrency_can_be_deleted_is_an_open_question(
    deletable: bool,  # noqa: FBT001 - a case
) -> None:
    world = World(Behaviour(provisioned_version_deletable=deletable))
    world.deploy()
    world.provision(qualifier="1")
    if deletable:
        world("DeleteFunction", Qualifier="1")
    else:
        assert world.refusal("DeleteFunction", Qualifier="1").status == 409
    assert ("1" in versions(world)) is not deletable


@pytest.mark.parametrize("deletable", [False, True])
def test_whether_a_version_that_a_mapping_names_can_be_deleted_is_an_open_question(
    deletable: bool,  # noqa: FBT001 - a case
) -> None:
    world = World(Behaviour(mapped_version_deletable=deletable))
    world.deploy()
    world("CreateEventSourceMapping", FunctionName="f:1", EventSourceArn=QUEUE)
    if deletable:
        world("DeleteFunction", Qualifier="1")
    else:
        assert world.refusal("DeleteFunction", Qualifier="1").status == 409
    assert ("1" in versions(world)) is not deletable
