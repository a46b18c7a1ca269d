"""Event source mappings: their life, what changes them, what is refused, and what a duplicate is."""

from collections.abc import Mapping
from typing import Any

import pytest
from lambda_world import ACCOUNT, FN, REGION, World

from reconciler.sandbox.control_plane import Behaviour

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"
STREAM = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/t/stream/2025-02-22T03:03:25.490"
MAPPING = 10.0
GONE = "The resource you requested does not exist."
NOBODY = "00000000-0000-4000-8000-000000000000"
KAFKA: dict[str, Any] = {
    "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["kafka:1000"]}},
    "SourceAccessConfigurations": [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:1:secret:s"}],
    "Topics": ["topic"],
}


def world(behaviour: Behaviour | None = None) -> World:
    made = World(behaviour, mapping=MAPPING)
    made.alias()
    return made


def created(world: World, **given: object) -> str:
    """The UUID of a mapping that is Enabled (or Disabled, where it was asked for)."""
    identity = str(world("CreateEventSourceMapping", **{"EventSourceArn": QUEUE, **given})["UUID"])
    world.wait(MAPPING)
    return identity


def state(world: World, identity: str) -> tuple[str, str]:
    found = world("GetEventSourceMapping", UUID=identity)
    return found["State"], found["FunctionArn"]


def test_a_queues_mapping_has_what_aws_gives_it() -> None:
    made = world()
    answered = made("CreateEventSourceMapping", EventSourceArn=QUEUE)
    identity = answered["UUID"]
    assert answered == {
        "UUID": identity,
        "EventSourceMappingArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:{identity}",
        "EventSourceArn": QUEUE,
        "FunctionArn": f"{FN}:f",
        "BatchSize": 10,
        "MaximumBatchingWindowInSeconds": 0,
        "FunctionResponseTypes": [],
        "LastModified": made.now,
        "State": "Creating",
        "StateTransitionReason": "USER_INITIATED",
    }


def test_a_streams_mapping_has_more() -> None:
    made = world()
    answered = made("CreateEventSourceMapping", EventSourceArn=STREAM, StartingPosition="LATEST", BatchSize=1)
    del answered["UUID"], answered["EventSourceMappingArn"]
    assert answered == {
        "EventSourceArn": STREAM,
        "FunctionArn": f"{FN}:f",
        "BatchSize": 1,
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "FunctionResponseTypes": [],
        "LastModified": made.now,
        "LastProcessingResult": "No records processed",
        "MaximumBatchingWindowInSeconds": 0,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "StartingPosition": "LATEST",
        "TumblingWindowInSeconds": 0,
        "State": "Creating",
        "StateTransitionReason": "User action",
    }


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("f", f"{FN}:f"),
        (f"{FN}:f", f"{FN}:f"),
        (f"{ACCOUNT}:function:f", f"{FN}:f"),
        ("f:$LATEST", f"{FN}:f:$LATEST"),
        ("f:1", f"{FN}:f:1"),
        ("f:a", f"{FN}:f:a"),
        (f"{FN}:f:a", f"{FN}:f:a"),
    ],
)
def test_a_mapping_is_qualified_as_it_was_named_and_listed_by_that(named: str, expected: str) -> None:
    made = world()
    assert made("CreateEventSourceMapping", FunctionName=named, EventSourceArn=QUEUE)["FunctionArn"] == expected
    listed = made("ListEventSourceMappings", FunctionName=named)["EventSourceMappings"]
    assert [each["FunctionArn"] for each in listed] == [expected]


def test_a_mapping_moves_to_the_alias_and_keeps_the_rest() -> None:
    made = world()
    identity = created(made, MaximumBatchingWindowInSeconds=1)
    moved = made("UpdateEventSourceMapping", UUID=identity, FunctionName="f:a")
    assert (moved["State"], moved["FunctionArn"]) == ("Updating", f"{FN}:f:a")
    assert (moved["BatchSize"], moved["MaximumBatchingWindowInSeconds"]) == (10, 1)
    made.wait(MAPPING)
    assert state(made, identity) == ("Enabled", f"{FN}:f:a")
    assert made("ListEventSourceMappings", FunctionName="f")["EventSourceMappings"] == []


def test_a_change_leaves_the_function_where_it_was() -> None:
    made = world()
    identity = created(made, FunctionName="f:a")
    made("UpdateEventSourceMapping", FunctionName="f:a", UUID=identity, BatchSize=5)
    made.wait(MAPPING)
    without_name = made.plane.call("UpdateEventSourceMapping", {"UUID": identity, "BatchSize": 6}).body
    assert without_name is not None
    assert (without_name["FunctionArn"], without_name["BatchSize"]) == (f"{FN}:f:a", 6)


def test_a_disabled_mapping_is_moved_and_stays_disabled() -> None:
    made = world()
    answered = made("CreateEventSourceMapping", EventSourceArn=QUEUE, Enabled=False)
    assert answered["State"] == "Disabled"
    assert made("UpdateEventSourceMapping", UUID=answered["UUID"], FunctionName="f:a")["State"] == "Updating"
    made.wait(MAPPING)
    assert state(made, answered["UUID"]) == ("Disabled", f"{FN}:f:a")


def test_a_mapping_is_disabled_and_enabled_by_an_update() -> None:
    made = world()
    identity = created(made)
    assert made("UpdateEventSourceMapping", UUID=identity, Enabled=False)["State"] == "Disabling"
    made.wait(MAPPING)
    assert state(made, identity)[0] == "Disabled"
    assert made("UpdateEventSourceMapping", UUID=identity, Enabled=True)["State"] == "Enabling"
    made.wait(MAPPING)
    assert state(made, identity)[0] == "Enabled"


def test_a_mapping_that_is_being_changed_takes_no_other_change() -> None:
    made = world()
    identity = str(made("CreateEventSourceMapping", EventSourceArn=QUEUE)["UUID"])
    for changing in ("Creating", "Updating"):
        refusal = made.refusal("UpdateEventSourceMapping", UUID=identity, FunctionName="f:a")
        assert (refusal.status, refusal.code) == (400, "ResourceInUseException")
        assert refusal.body()["Message"] == "Cannot update the event source mapping because it is in use."
        assert made.words("DeleteEventSourceMapping", UUID=identity) == (
            "Cannot delete the event source mapping because it is in use."
        )
        assert state(made, identity) == (changing, f"{FN}:f")
        made.wait(MAPPING)
        made("UpdateEventSourceMapping", UUID=identity, BatchSize=5)


def test_a_deleted_mapping_is_there_until_it_is_gone() -> None:
    made = world()
    identity = created(made)
    assert made("DeleteEventSourceMapping", UUID=identity)["State"] == "Deleting"
    assert state(made, identity)[0] == "Deleting"
    made.wait(MAPPING)
    assert made.words("GetEventSourceMapping", UUID=identity) == GONE
    assert made("ListEventSourceMappings")["EventSourceMappings"] == []


def test_a_mapping_outlives_its_function() -> None:
    made = world()
    identity = created(made)
    made("DeleteFunction")
    assert state(made, identity) == ("Enabled", f"{FN}:f")
    assert made("DeleteEventSourceMapping", UUID=identity)["State"] == "Deleting"


@pytest.mark.parametrize("operation", ["Get", "Update", "Delete"])
def test_an_unknown_mapping_is_not_found(operation: str) -> None:
    refusal = world().refusal(f"{operation}EventSourceMapping", UUID=NOBODY)
    assert (refusal.status, refusal.code, refusal.message) == (404, "ResourceNotFoundException", GONE)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"FunctionName": "none", "EventSourceArn": QUEUE}, "Function does not exist"),
        ({"FunctionName": "f:none", "EventSourceArn": QUEUE}, "Function does not exist"),
        ({"FunctionName": "f:9", "EventSourceArn": QUEUE}, "Function does not exist"),
        ({"FunctionName": "none"}, "Unrecognized event source."),
        (
            {
                "FunctionName": "none",
                "EventSourceArn": QUEUE,
                "DestinationConfig": {"OnSuccess": {"Destination": QUEUE}},
            },
            "Unsupported DestinationConfig parameter for given event source mapping type.",
        ),
        (
            {"EventSourceArn": QUEUE, "BatchSize": 11},
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
        ),
        (
            {"EventSourceArn": STREAM},
            (
                "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
                "Member must not be null."
            ),
        ),
        (
            {"EventSourceArn": STREAM, "StartingPosition": "AT_TIMESTAMP"},
            f"Unsupported starting position for arn type: {STREAM}",
        ),
        (
            {key: value for key, value in KAFKA.items() if key != "SourceAccessConfigurations"},
            "Required 'sourceAccessConfigurations' parameter is missing.",
        ),
    ],
)
def test_what_create_refuses(given: dict[str, Any], words: str) -> None:
    refusal = world().refusal("CreateEventSourceMapping", **given)
    assert (refusal.status, refusal.code, refusal.message) == (400, "InvalidParameterValueException", words)


@pytest.mark.parametrize(
    "pattern", ["null", "simple string", '{"eventSource": "aws:sqs"}', '{"eventSource": []}', "[]"]
)
def test_a_filter_that_selects_nothing_is_refused(pattern: str) -> None:
    filters = {"Filters": [{"Pattern": pattern}]}
    assert world().words("CreateEventSourceMapping", EventSourceArn=QUEUE, FilterCriteria=filters) == (
        "Invalid filter pattern definition."
    )


def test_filters_are_kept_until_they_are_taken_out() -> None:
    made, filters = world(), {"Filters": [{"Pattern": '{"body": {"k": [{"exists": true}]}}'}]}
    identity = created(made, FilterCriteria=filters)
    assert made("GetEventSourceMapping", UUID=identity)["FilterCriteria"] == filters
    made("UpdateEventSourceMapping", UUID=identity, FilterCriteria={"Filters": []})
    assert "FilterCriteria" not in made("GetEventSourceMapping", UUID=identity)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"EventSourceArn": QUEUE},
            f'An event source mapping with SQS arn (" {QUEUE} ") and function (" f ") already exists. ',
        ),
        (
            {"EventSourceArn": STREAM, "StartingPosition": "LATEST"},
            f'The event source arn (" {STREAM} ") and function (" f ") provided mapping already exists. ',
        ),
        (
            KAFKA,
            (
                f'An event source mapping with event source ("kafka:1000"), function ("{FN}:f"), topics ("topic") '
                "already exists. "
            ),
        ),
    ],
)
def test_one_source_has_one_mapping_to_a_function(given: Mapping[str, Any], words: str) -> None:
    made = world()
    identity = made("CreateEventSourceMapping", **given)["UUID"]
    refusal = made.refusal("CreateEventSourceMapping", **given)
    assert (refusal.status, refusal.code) == (409, "ResourceConflictException")
    assert refusal.message == f"{words}Please update or delete the existing mapping with UUID {identity}"


def test_another_topic_of_the_same_servers_is_another_mapping() -> None:
    made = world()
    made("CreateEventSourceMapping", **KAFKA)
    made("CreateEventSourceMapping", **{**KAFKA, "Topics": ["other"]})
    assert len(made("ListEventSourceMappings")["EventSourceMappings"]) == 2


@pytest.mark.parametrize("clash", [False, True])
def test_whether_two_qualifiers_of_one_function_clash_is_an_open_question(clash: bool) -> None:  # noqa: FBT001 - a case
    made = world(Behaviour(mappings_clash_across_qualifiers=clash))
    created(made)
    given = {"EventSourceArn": QUEUE, "FunctionName": "f:a"}
    if clash:
        assert made.refusal("CreateEventSourceMapping", **given).status == 409
    else:
        assert made("CreateEventSourceMapping", **given)["State"] == "Creating"


def test_a_mapping_can_not_be_moved_onto_another_of_its_source() -> None:
    made = world()
    identity = created(made)
    created(made, FunctionName="f:a")
    assert made.refusal("UpdateEventSourceMapping", UUID=identity, FunctionName="f:a").status == 409
    assert state(made, identity) == ("Enabled", f"{FN}:f")


def test_an_update_to_a_missing_alias_changes_nothing() -> None:
    made = world()
    identity = created(made)
    assert made.words("UpdateEventSourceMapping", UUID=identity, FunctionName="f:none") == "Function does not exist"
    assert state(made, identity) == ("Enabled", f"{FN}:f")


def test_mappings_are_listed_by_source_and_in_pages() -> None:
    made = world()
    sources = [f"{QUEUE}{number}" for number in range(101)]
    for source in sources:
        made("CreateEventSourceMapping", EventSourceArn=source)
    found = made.plane.call("ListEventSourceMappings", {}).body or {}
    rest = made.plane.call("ListEventSourceMappings", {"Marker": found["NextMarker"]}).body or {}
    assert (len(found["EventSourceMappings"]), len(rest["EventSourceMappings"])) == (100, 1)  # type: ignore[arg-type]
    listed = made.plane.call("ListEventSourceMappings", {"EventSourceArn": sources[7]}).body or {}
    assert [each["EventSourceArn"] for each in listed["EventSourceMappings"]] == [sources[7]]  # type: ignore[attr-defined]
    assert made("ListEventSourceMappings", FunctionName="doesnotexist") == {"EventSourceMappings": []}


def test_a_copy_of_the_world_has_mappings_of_its_own() -> None:
    made = world()
    identity = created(made)
    twin = made.plane.copy()
    made("DeleteEventSourceMapping", UUID=identity)
    made.wait(MAPPING)
    assert twin.call("GetEventSourceMapping", {"UUID": identity}).status == 200
    assert twin.snapshot() != made.plane.snapshot()


def test_the_tags_of_a_mapping_are_its_own() -> None:
    made = world()
    arn = made("CreateEventSourceMapping", EventSourceArn=QUEUE, Tags={"a": "1"})["EventSourceMappingArn"]
    made.plane.call("TagResource", {"Resource": arn, "Tags": {"b": "2"}})
    made.plane.call("UntagResource", {"Resource": arn, "TagKeys": ["a"]})
    assert made.plane.call("ListTags", {"Resource": arn}).body == {"Tags": {"b": "2"}}
    assert made.plane.call("ListTags", {"Resource": f"{FN}:f"}).body == {"Tags": {}}


def test_a_queue_that_does_not_exist_is_refused_where_somebody_knows() -> None:
    made = world()
    made.plane._world.queue_exists = lambda arn: arn == QUEUE  # noqa: SLF001 - as the endpoint sets it
    created(made)
    assert made.words("CreateEventSourceMapping", EventSourceArn=f"{QUEUE}2") == (
        "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
        "SQS Error Message: The specified queue does not exist."
    )
