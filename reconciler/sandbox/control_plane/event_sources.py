"""Event source mappings: a queue or stream that Lambda polls for a function, a version or an alias.

They belong to the account, not to the function: a mapping outlives the function that it names (recorded). A change
takes `timing.mapping` seconds, during which the mapping is Creating, Updating, Enabling, Disabling or Deleting and
refuses the next one (AWS's documentation; the words: public issues). An update keeps what it leaves out, so that
FunctionName alone moves a mapping (recorded).
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import replace

from reconciler.model.observed import partition
from reconciler.sandbox.control_plane.errors import conflict, in_use, invalid, not_found
from reconciler.sandbox.control_plane.names import LATEST, parse
from reconciler.sandbox.control_plane.state import EventSourceMapping
from reconciler.sandbox.control_plane.tags import given_tags
from reconciler.sandbox.control_plane.world import Body, Call, Rule, World, mapping, page

Settings = dict[str, object]

_STREAMS = frozenset({"kinesis", "dynamodb"})
_NOT_SETTINGS = frozenset({"UUID", "FunctionName", "Enabled", "Tags"})
_EMPTY_MEANS_NONE = ("FilterCriteria", "ScalingConfig", "KMSKeyArn")
_MISSING = "The resource you requested does not exist."


def create_event_source_mapping(call: Call) -> Body:
    source = _source(call)
    settings = _configured(_defaults(source), call)
    _refuse_destination(settings)
    _refuse_settings(source, settings)
    function_arn = _function_arn(call)
    _refuse_missing_queue(call, settings)
    _refuse_duplicate(call, settings, function_arn)
    call.world.mapped += 1
    identity = _identity(call.world)
    if source == "kafka":
        settings.setdefault("SelfManagedKafkaEventSourceConfig", {"ConsumerGroupId": identity})
    enabled = call.params.get("Enabled") is not False
    made = EventSourceMapping(
        uuid=identity, function_arn=function_arn, settings=settings, state="Disabled", modified=call.now
    )
    made = replace(made, tags=given_tags(call))
    return _answer(call.world, _changing(call, made, "Creating", "Enabled") if enabled else _kept(call, made))


def _source(call: Call) -> str:
    """The kind of source: the service in its ARN, or kafka where nobody but the caller runs it."""
    if call.params.get("SelfManagedEventSource") is not None:
        if call.params.get("SourceAccessConfigurations") is None:
            raise invalid("Required 'sourceAccessConfigurations' parameter is missing.")
        return "kafka"
    arn = call.text("EventSourceArn")
    if arn is None:
        _refuse_destination(call.params)
        raise invalid("Unrecognized event source.")
    return arn.split(":")[2]


def _defaults(source: str) -> Settings:
    """What a mapping has that says nothing (recorded)."""
    if source == "sqs":
        return {"BatchSize": 10, "MaximumBatchingWindowInSeconds": 0, "FunctionResponseTypes": []}
    processed = {"BatchSize": 100, "LastProcessingResult": "No records processed"}
    if source == "kafka":
        return {**processed, "StartingPosition": "TRIM_HORIZON"}
    if source not in _STREAMS:
        return {**processed, "MaximumBatchingWindowInSeconds": 0}
    return {
        **processed,
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "FunctionResponseTypes": [],
        "MaximumBatchingWindowInSeconds": 0,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "TumblingWindowInSeconds": 0,
    }


def _configured(before: Mapping[str, object], call: Call) -> Settings:
    """The settings before, and over them those of the request."""
    given = {name: value for name, value in call.params.items() if name not in _NOT_SETTINGS and value is not None}
    after = {**before, **given}
    if not mapping(after.get("FilterCriteria")).get("Filters"):
        after["FilterCriteria"] = None
    return {name: value for name, value in after.items() if value or name not in _EMPTY_MEANS_NONE}


def _refuse_destination(settings: Mapping[str, object]) -> None:
    if "OnSuccess" in mapping(settings.get("DestinationConfig")):
        raise invalid("Unsupported DestinationConfig parameter for given event source mapping type.")


def _refuse_settings(source: str, settings: Settings) -> None:
    if source in _STREAMS:
        _refuse_position(source, settings)
    size = settings.get("BatchSize")
    if source == "sqs" and isinstance(size, int) and size > 10 and not settings.get("MaximumBatchingWindowInSeconds"):
        raise invalid("Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10")
    filters = mapping(settings.get("FilterCriteria")).get("Filters")
    if isinstance(filters, list) and not all(_is_pattern(mapping(each).get("Pattern")) for each in filters):
        raise invalid("Invalid filter pattern definition.")


def _refuse_position(source: str, settings: Settings) -> None:
    position = settings.get("StartingPosition")
    if position is None:
        raise invalid(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
            "Member must not be null."
        )
    if source == "dynamodb" and position == "AT_TIMESTAMP":
        raise invalid(f"Unsupported starting position for arn type: {settings['EventSourceArn']}")


def _is_pattern(text: object) -> bool:
    """An event pattern: JSON objects down to lists that name at least one value (recorded refusals)."""
    try:
        document = json.loads(str(text))
    except ValueError:
        return False
    return isinstance(document, dict) and _selects(document)


def _selects(value: object) -> bool:
    if isinstance(value, dict):
        return all(_selects(inner) for inner in value.values())
    return isinstance(value, list) and len(value) > 0


def _function_arn(call: Call) -> str:
    """The ARN as the caller qualified it (recorded). A missing function is no 404 here (recorded)."""
    function = call.world.find(call.name)
    if function is None or (call.qualifier and function.target(call.qualifier) is None):
        raise invalid("Function does not exist")
    return call.arn(call.qualifier)


def _refuse_missing_queue(call: Call, settings: Settings) -> None:
    exists, arn = call.world.queue_exists, str(settings.get("EventSourceArn"))
    if exists is not None and arn.split(":")[2:3] == ["sqs"] and not exists(arn):
        raise invalid(
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
            "SQS Error Message: The specified queue does not exist."
        )


def _refuse_duplicate(call: Call, settings: Settings, function_arn: str, own: str = "") -> None:
    """One mapping of a source and a function (recorded for SQS, the streams and Kafka, each in its own words)."""
    for other in call.world.all_mappings():
        if other.uuid != own and _same_function(call.world, other.function_arn, function_arn):
            words = _clash(settings, other, function_arn)
            if words is not None:
                raise conflict(
                    f"{words} already exists. Please update or delete the existing mapping with UUID {other.uuid}"
                )


def _same_function(world: World, one: str, other: str) -> bool:
    """Whether two targets clash: an open question for two qualifiers of one function."""
    if world.behaviour.mappings_clash_across_qualifiers:
        return parse(one).name == parse(other).name
    return one.removesuffix(f":{LATEST}") == other.removesuffix(f":{LATEST}")


def _clash(settings: Settings, other: EventSourceMapping, function_arn: str) -> str | None:
    arn, name = settings.get("EventSourceArn"), parse(function_arn).name
    if arn is not None:
        if other.settings.get("EventSourceArn") != arn:
            return None
        if str(arn).split(":")[2] == "sqs":
            return f'An event source mapping with SQS arn (" {arn} ") and function (" {name} ")'
        return f'The event source arn (" {arn} ") and function (" {name} ") provided mapping'
    servers, topics = _servers(settings), _names(settings.get("Topics"))
    if not set(servers) & set(_servers(other.settings)) or not set(topics) & set(_names(other.settings.get("Topics"))):
        return None
    return (
        f'An event source mapping with event source ("{",".join(servers)}"), function ("{function_arn}"), '
        f'topics ("{",".join(topics)}")'
    )


def _servers(settings: Mapping[str, object]) -> list[str]:
    endpoints = mapping(mapping(settings.get("SelfManagedEventSource")).get("Endpoints"))
    return _names(endpoints.get("KAFKA_BOOTSTRAP_SERVERS"))


def _names(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _identity(world: World) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{world.account}/{world.region}/mapping/{world.mapped}"))


def _changing(call: Call, made: EventSourceMapping, state: str, then: str | None) -> EventSourceMapping:
    """In this state until the change is through; `then` None: it is gone."""
    ends = call.now + call.world.timing.mapping
    return _kept(call, replace(made, state=state, settles_to=then, settles_at=ends, modified=call.now))


def _kept(call: Call, made: EventSourceMapping) -> EventSourceMapping:
    call.world.mappings[made.uuid] = made
    return made


def get_event_source_mapping(call: Call) -> Body:
    return _answer(call.world, _found(call))


def _found(call: Call) -> EventSourceMapping:
    found = call.world.find_mapping(call.required("UUID"))
    if found is None:
        raise not_found(_MISSING)
    return found


def update_event_source_mapping(call: Call) -> Body:
    found = _unchanging(call, "update")
    source = str(found.settings["EventSourceArn"]).split(":")[2] if "EventSourceArn" in found.settings else "kafka"
    settings = _configured(found.settings, call)
    _refuse_destination(settings)
    _refuse_settings(source, settings)
    function_arn = found.function_arn if call.text("FunctionName") is None else _function_arn(call)
    _refuse_duplicate(call, settings, function_arn, own=found.uuid)
    enabled = call.params.get("Enabled")
    then = found.state if enabled is None else ("Enabled" if enabled else "Disabled")
    state = "Updating" if then == found.state else {"Enabled": "Enabling", "Disabled": "Disabling"}[then]
    moved = replace(found, settings=settings, function_arn=function_arn)
    return _answer(call.world, _changing(call, moved, state, then))


def _unchanging(call: Call, verb: str) -> EventSourceMapping:
    found = _found(call)
    if found.settles_at is not None:
        raise in_use(f"Cannot {verb} the event source mapping because it is in use.")
    return found


def delete_event_source_mapping(call: Call) -> Body:
    return _answer(call.world, _changing(call, _unchanging(call, "delete"), "Deleting", None))


def list_event_source_mappings(call: Call) -> Body:
    """Nobody looks whether the function or the source exists (recorded)."""
    source = call.text("EventSourceArn")
    function = None if call.text("FunctionName") is None else call.arn(call.qualifier)
    found = [
        _answer(call.world, each)
        for each in call.world.all_mappings()
        if source in (None, each.settings.get("EventSourceArn")) and function in (None, each.function_arn)
    ]
    return page(call, "EventSourceMappings", found, size=100)


def mapping_arn(world: World, identity: str) -> str:
    return f"arn:{partition(world.region)}:lambda:{world.region}:{world.account}:event-source-mapping:{identity}"


def _answer(world: World, made: EventSourceMapping) -> dict[str, object]:
    stream = str(made.settings.get("EventSourceArn", ":::")).split(":")[2] in _STREAMS
    return {
        **made.settings,
        "UUID": made.uuid,
        "EventSourceMappingArn": mapping_arn(world, made.uuid),
        "FunctionArn": made.function_arn,
        "LastModified": made.modified,
        "State": made.state,
        "StateTransitionReason": "User action" if stream else "USER_INITIATED",
    }


RULES: Mapping[str, Rule] = {
    "CreateEventSourceMapping": create_event_source_mapping,
    "GetEventSourceMapping": get_event_source_mapping,
    "UpdateEventSourceMapping": update_event_source_mapping,
    "DeleteEventSourceMapping": delete_event_source_mapping,
    "ListEventSourceMappings": list_event_source_mappings,
}
