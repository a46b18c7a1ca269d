"""The calls that Terraform's AWS provider makes for what leads to an alias: URL, async settings, permission, trigger.

`aws_lambda_function_url`, `aws_lambda_function_event_invoke_config`, `aws_lambda_permission` and
`aws_lambda_event_source_mapping`, on each of two aliases. A plan right after the apply reads back what was written: no
attribute differs. Waits poll GetEventSourceMapping; a 404 takes a resource out of the state.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from serving import TIMING, Endpoint, serving

ALIASES = ("blue", "live")
ACCOUNT = "123456789012"
FN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"
DEAD = f"arn:aws:sqs:us-east-1:{ACCOUNT}:dead"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:t"
Attributes = dict[str, Any]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    yield from serving()


@pytest.fixture
def client(endpoint: Endpoint) -> Any:  # noqa: ANN401 - a boto3 client
    endpoint.world.seed(ACCOUNT, "us-east-1", ("f",))
    client = endpoint.client()
    client.publish_version(FunctionName="f")
    for alias in ALIASES:
        client.create_alias(FunctionName="f", Name=alias, FunctionVersion="1", Description="")
        endpoint.client("sqs").create_queue(QueueName=f"q-{alias}")
    return client


def written(alias: str) -> dict[str, Attributes]:
    """What the configuration says of one alias, by resource."""
    return {
        "url": {"auth_type": "NONE", "invoke_mode": "BUFFERED", "cors": None, "qualifier": alias},
        "async": {"maximum_retry_attempts": 2, "maximum_event_age_in_seconds": None, "on_failure": DEAD},
        "permission": {"action": "lambda:InvokeFunction", "principal": "sns.amazonaws.com", "source_arn": TOPIC},
        "mapping": {"function_arn": f"{FN}:{alias}", "batch_size": 10, "enabled": True, "tags": {"of": alias}},
    }


def apply(endpoint: Endpoint, client: Any, alias: str) -> str:  # noqa: ANN401 - a boto3 client
    """Create the four resources of one alias; the UUID of the mapping."""
    named = {"FunctionName": "f", "Qualifier": alias}
    client.create_function_url_config(**named, AuthType="NONE", InvokeMode="BUFFERED")
    client.add_permission(
        **named,
        StatementId="FunctionURLAllowPublicAccess",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
    )
    destinations = {"OnFailure": {"Destination": DEAD}}
    client.put_function_event_invoke_config(**named, MaximumRetryAttempts=2, DestinationConfig=destinations)
    client.add_permission(
        **named,
        StatementId="sns",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
        SourceArn=TOPIC,
    )
    made = client.create_event_source_mapping(
        FunctionName=f"{FN}:{alias}",
        EventSourceArn=f"arn:aws:sqs:us-east-1:{ACCOUNT}:q-{alias}",
        Enabled=True,
        Tags={"of": alias},
    )
    await_mapping(endpoint, client, made["UUID"])
    return str(made["UUID"])


def await_mapping(endpoint: Endpoint, client: Any, identity: str) -> None:  # noqa: ANN401 - a boto3 client
    assert client.get_event_source_mapping(UUID=identity)["State"] in {"Creating", "Updating", "Enabling", "Disabling"}
    endpoint.clock.advance(TIMING.mapping)
    assert client.get_event_source_mapping(UUID=identity)["State"] in {"Enabled", "Disabled"}


def read(client: Any, alias: str, identity: str) -> dict[str, Attributes]:  # noqa: ANN401 - a boto3 client
    """What the provider's reads make of the four resources."""
    named = {"FunctionName": "f", "Qualifier": alias}
    url = client.get_function_url_config(**named)
    asynchronous = client.get_function_event_invoke_config(**named)
    statements = json.loads(client.get_policy(**named)["Policy"])["Statement"]
    (permission,) = [each for each in statements if each["Sid"] == "sns"]
    mapping = client.get_event_source_mapping(UUID=identity)
    assert permission["Resource"] == asynchronous["FunctionArn"] == url["FunctionArn"] == f"{FN}:{alias}"
    return {
        "url": {
            "auth_type": url["AuthType"],
            "invoke_mode": url["InvokeMode"],
            "cors": url.get("Cors"),
            "qualifier": url["FunctionArn"].rpartition(":")[2],
        },
        "async": {
            "maximum_retry_attempts": asynchronous.get("MaximumRetryAttempts"),
            "maximum_event_age_in_seconds": asynchronous.get("MaximumEventAgeInSeconds"),
            "on_failure": asynchronous["DestinationConfig"]["OnFailure"].get("Destination"),
        },
        "permission": {
            "action": permission["Action"],
            "principal": permission["Principal"]["Service"],
            "source_arn": permission["Condition"]["ArnLike"]["AWS:SourceArn"],
        },
        "mapping": {
            "function_arn": mapping["FunctionArn"],
            "batch_size": mapping["BatchSize"],
            "enabled": mapping["State"] in {"Enabled", "Enabling"},
            "tags": client.list_tags(Resource=mapping["EventSourceMappingArn"])["Tags"],
        },
    }


def test_a_plan_right_after_the_apply_shows_no_drift(endpoint: Endpoint, client: Any) -> None:  # noqa: ANN401 - a boto3 client
    made = {alias: apply(endpoint, client, alias) for alias in ALIASES}
    for alias, identity in made.items():
        assert read(client, alias, identity) == written(alias)
    addresses = {client.get_function_url_config(FunctionName="f", Qualifier=each)["FunctionUrl"] for each in ALIASES}
    assert len(addresses) == 2


def test_a_change_of_one_alias_is_no_drift_of_the_other(endpoint: Endpoint, client: Any) -> None:  # noqa: ANN401 - a boto3 client
    made = {alias: apply(endpoint, client, alias) for alias in ALIASES}
    blue, cors = {"FunctionName": "f", "Qualifier": "blue"}, {"AllowOrigins": ["https://example.com"]}
    client.update_function_url_config(**blue, AuthType="AWS_IAM", Cors=cors, InvokeMode="BUFFERED")
    client.put_function_event_invoke_config(**blue, MaximumRetryAttempts=0, MaximumEventAgeInSeconds=60)
    client.update_event_source_mapping(UUID=made["blue"], BatchSize=5, FunctionName=f"{FN}:blue", Enabled=False)
    await_mapping(endpoint, client, made["blue"])
    expected = written("blue")
    expected["url"] |= {"auth_type": "AWS_IAM", "cors": cors}
    expected["async"] = {"maximum_retry_attempts": 0, "maximum_event_age_in_seconds": 60, "on_failure": None}
    expected["mapping"] |= {"batch_size": 5, "enabled": False}
    assert read(client, "blue", made["blue"]) == expected
    assert read(client, "live", made["live"]) == written("live")
    client.update_function_url_config(**blue, AuthType="AWS_IAM", Cors={}, InvokeMode="BUFFERED")
    assert read(client, "blue", made["blue"])["url"]["cors"] is None


def test_what_is_destroyed_is_not_found_and_the_other_alias_keeps_its_own(endpoint: Endpoint, client: Any) -> None:  # noqa: ANN401 - a boto3 client
    made = {alias: apply(endpoint, client, alias) for alias in ALIASES}
    blue: Attributes = {"FunctionName": "f", "Qualifier": "blue"}
    client.delete_event_source_mapping(UUID=made["blue"])
    assert code(client.delete_event_source_mapping, UUID=made["blue"]) == "ResourceInUseException"
    endpoint.clock.advance(TIMING.mapping)
    for sid in ("sns", "FunctionURLAllowPublicAccess"):
        client.remove_permission(**blue, StatementId=sid)
    client.delete_function_event_invoke_config(**blue)
    client.delete_function_url_config(**blue)
    gone = [
        code(client.get_event_source_mapping, UUID=made["blue"]),
        code(client.get_policy, **blue),
        code(client.get_function_event_invoke_config, **blue),
        code(client.get_function_url_config, **blue),
    ]
    assert set(gone) == {"ResourceNotFoundException"}
    assert read(client, "live", made["live"]) == written("live")


def code(call: Any, **params: Any) -> str:  # noqa: ANN401 - a boto3 method
    with pytest.raises(ClientError) as refused:
        call(**params)
    return str(refused.value.response["Error"]["Code"])
