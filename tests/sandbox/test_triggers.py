"""Triggers, URLs and the rest beside a function, by boto3; what the model does not have is moto's."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from serving import EMPTY_ZIP, TIMING, Endpoint, serving

ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    yield from serving()


@pytest.fixture
def client(endpoint: Endpoint) -> Any:  # noqa: ANN401 - a boto3 client
    endpoint.world.seed("123456789012", "us-east-1", ("f",))
    client = endpoint.client()
    client.publish_version(FunctionName="f")
    client.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    return client


@pytest.fixture
def queue(endpoint: Endpoint) -> str:
    sqs = endpoint.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


def test_a_trigger_is_moved_to_the_alias_by_the_name_alone(endpoint: Endpoint, client: Any, queue: str) -> None:  # noqa: ANN401 - a boto3 client
    made = client.create_event_source_mapping(FunctionName="f", EventSourceArn=queue)
    assert (made["ResponseMetadata"]["HTTPStatusCode"], made["State"]) == (202, "Creating")
    endpoint.clock.advance(TIMING.mapping)
    assert client.get_event_source_mapping(UUID=made["UUID"])["State"] == "Enabled"
    moved = client.update_event_source_mapping(UUID=made["UUID"], FunctionName="f:live")
    assert (moved["State"], moved["FunctionArn"]) == ("Updating", f"{ARN}:live")
    assert moved["LastModified"].timestamp() == endpoint.clock()
    assert client.list_event_source_mappings(FunctionName="f")["EventSourceMappings"] == []
    listed = client.list_event_source_mappings(FunctionName=f"{ARN}:live")["EventSourceMappings"]
    assert [trigger["UUID"] for trigger in listed] == [made["UUID"]]


def test_a_trigger_needs_its_queue(client: Any, queue: str) -> None:  # noqa: ANN401 - a boto3 client
    with pytest.raises(ClientError) as refused:
        client.create_event_source_mapping(FunctionName="f", EventSourceArn=f"{queue}2")
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"
    assert refused.value.response["Error"]["Message"] == (
        "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
        "SQS Error Message: The specified queue does not exist."
    )


def test_a_function_url_goes_when_its_function_is_deleted(client: Any) -> None:  # noqa: ANN401 - a boto3 client
    made = client.create_function_url_config(FunctionName="f", AuthType="NONE")
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    client.delete_function(FunctionName="f")
    client.create_function(
        FunctionName="f",
        Runtime="python3.12",
        Handler="h.h",
        Role="arn:aws:iam::123456789012:role/r",
        Code={"ZipFile": EMPTY_ZIP},
    )
    with pytest.raises(ClientError) as refused:
        client.get_function_url_config(FunctionName="f")
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_invoking_answers_without_running_anything(client: Any) -> None:  # noqa: ANN401 - a boto3 client
    answered = client.invoke(FunctionName="f", Payload=b"{}")
    assert answered["StatusCode"] == 200
    answered["Payload"].close()


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ({"FunctionName": "arn:aws:lambda:eu-west-1:123456789012:function:f"}, "ResourceNotFoundException"),
        ({"FunctionName": "210987654321:function:f"}, "AccessDeniedException"),
        ({"FunctionName": "f:live", "Qualifier": "other"}, "InvalidParameterValueException"),
        ({"FunctionName": "f", "Qualifier": "no!"}, "ValidationException"),
    ],
)
def test_every_operation_has_the_same_gates(client: Any, named: dict[str, str], code: str) -> None:  # noqa: ANN401 - a boto3 client
    for operation in (client.get_function_url_config, client.get_function_event_invoke_config, client.invoke):
        with pytest.raises(ClientError) as refused:
            operation(**named)
        assert refused.value.response["Error"]["Code"] == code


def test_tags_of_a_trigger_are_not_those_of_a_function(client: Any, queue: str) -> None:  # noqa: ANN401 - a boto3 client
    arn = client.create_event_source_mapping(FunctionName="f", EventSourceArn=queue)["EventSourceMappingArn"]
    client.tag_resource(Resource=arn, Tags={"of": "trigger"})
    client.tag_resource(Resource=ARN, Tags={"of": "function"})
    assert client.list_tags(Resource=arn)["Tags"] == {"of": "trigger"}
    assert client.get_function(FunctionName="f")["Tags"] == {"of": "function"}


@pytest.mark.parametrize(
    ("operation", "params", "message"),
    [
        ("invoke", {"FunctionName": "none"}, "Function not found: ARN:none:$LATEST"),
        ("invoke", {"FunctionName": "f", "Qualifier": "none"}, "Function not found: ARN:f:none"),
        ("create_function_url_config", {"FunctionName": "none", "AuthType": "NONE"}, "Function does not exist"),
        ("get_function_url_config", {"FunctionName": "none"}, "The resource you requested does not exist."),
        (
            "put_function_event_invoke_config",
            {"FunctionName": "none", "MaximumRetryAttempts": 1},
            "The function doesn't exist.",
        ),
        (
            "get_function_event_invoke_config",
            {"FunctionName": "f", "Qualifier": "9"},
            "The function ARN:f:9 doesn't have an EventInvokeConfig",
        ),
        ("get_function_code_signing_config", {"FunctionName": "none"}, "Function not found: ARN:none"),
    ],
)
def test_a_missing_function_is_told_in_each_operations_words(
    client: Any,  # noqa: ANN401 - a boto3 client
    operation: str,
    params: dict[str, Any],
    message: str,
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(**params)
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert refused.value.response["Error"]["Message"] == message.replace("ARN", ARN.removesuffix(":f"))


@pytest.mark.parametrize(("qualifier", "version"), [("live", "1"), ("1", "1"), ("$LATEST", "$LATEST")])
def test_an_invocation_tells_the_version_that_would_have_run(client: Any, qualifier: str, version: str) -> None:  # noqa: ANN401 - a boto3 client
    answered = client.invoke(FunctionName="f", Qualifier=qualifier)
    answered["Payload"].close()
    assert answered["ExecutedVersion"] == version
