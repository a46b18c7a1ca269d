"""The calls that Terraform's AWS provider makes for `aws_lambda_alias` and `aws_lambda_provisioned_concurrency_config`.

Every update of an alias sends a RoutingConfig, empty where none is written, and then polls GetAlias until no weights
are there; PC is put, then polled until READY. A 404 ResourceNotFoundException, or the one of a missing PC config, takes
a resource out of the state.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from serving import EMPTY_ZIP, TIMING, Endpoint, serving

ALIAS: dict[str, str] = {"FunctionName": "f", "Name": "live"}
PC: dict[str, str] = {"FunctionName": "f", "Qualifier": "live"}


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    yield from serving()


@pytest.fixture
def client(endpoint: Endpoint) -> Any:  # noqa: ANN401 - a boto3 client
    """Two versions of a function, and what the first `terraform apply` makes of the two resources."""
    client = endpoint.client()
    role = "arn:aws:iam::123456789012:role/r"
    client.create_function(
        FunctionName="f", Runtime="python3.12", Handler="h.h", Role=role, Code={"ZipFile": EMPTY_ZIP}, Publish=True
    )
    endpoint.clock.advance(TIMING.update)
    client.update_function_configuration(FunctionName="f", Timeout=9)
    endpoint.clock.advance(TIMING.update)
    client.publish_version(FunctionName="f")
    client.create_alias(**ALIAS, FunctionVersion="1", Description="", RoutingConfig={})
    client.put_provisioned_concurrency_config(**PC, ProvisionedConcurrentExecutions=2)
    endpoint.clock.advance(TIMING.allocation)
    return client


def _code(call: Any, **params: Any) -> str:  # noqa: ANN401 - a boto3 method
    with pytest.raises(ClientError) as refused:
        call(**params)
    return str(refused.value.response["Error"]["Code"])


def test_what_is_read_after_a_create_is_what_was_written(client: Any) -> None:  # noqa: ANN401 - a boto3 client
    alias = client.get_alias(FunctionName="arn:aws:lambda:us-east-1:123456789012:function:f", Name="live")
    assert (alias["FunctionVersion"], alias["Description"], "RoutingConfig" in alias) == ("1", "", False)
    found = client.get_provisioned_concurrency_config(**PC)
    assert (found["Status"], found["AllocatedProvisionedConcurrentExecutions"]) == ("READY", 2)


def test_a_move_is_waited_for_by_its_weights(endpoint: Endpoint, client: Any) -> None:  # noqa: ANN401 - a boto3 client
    client.update_alias(**ALIAS, FunctionVersion="2", Description="", RoutingConfig={})
    assert client.get_alias(**ALIAS)["RoutingConfig"] == {"AdditionalVersionWeights": {"1": 1.0}}
    refused = _code(client.put_provisioned_concurrency_config, **PC, ProvisionedConcurrentExecutions=3)
    assert refused == "InvalidParameterValueException"
    endpoint.clock.advance(TIMING.allocation)
    assert "RoutingConfig" not in client.get_alias(**ALIAS)
    client.put_provisioned_concurrency_config(**PC, ProvisionedConcurrentExecutions=3)
    assert client.get_provisioned_concurrency_config(**PC)["Status"] == "IN_PROGRESS"


def test_a_plan_that_changes_nothing_about_the_alias_reads_the_same_again(client: Any) -> None:  # noqa: ANN401 - a boto3 client
    client.update_alias(**ALIAS, FunctionVersion="1", Description="told", RoutingConfig={})
    assert "RoutingConfig" not in client.get_alias(**ALIAS)
    assert client.get_provisioned_concurrency_config(**PC)["Status"] == "READY"


def test_weights_that_are_written_are_kept_until_they_are_taken_out(client: Any) -> None:  # noqa: ANN401 - a boto3 client
    weights = {"AdditionalVersionWeights": {"2": 0.1}}
    client.update_alias(**ALIAS, FunctionVersion="1", Description="", RoutingConfig=weights)
    assert client.get_alias(**ALIAS)["RoutingConfig"] == weights
    client.update_alias(**ALIAS, FunctionVersion="1", Description="", RoutingConfig={})
    assert "RoutingConfig" not in client.get_alias(**ALIAS)


def test_what_is_destroyed_is_not_found(client: Any) -> None:  # noqa: ANN401 - a boto3 client
    client.delete_provisioned_concurrency_config(**PC)
    missing = _code(client.get_provisioned_concurrency_config, **PC)
    assert missing == "ProvisionedConcurrencyConfigNotFoundException"
    client.delete_alias(**ALIAS)
    assert _code(client.get_alias, **ALIAS) == "ResourceNotFoundException"
    assert _code(client.get_provisioned_concurrency_config, **PC) == "ResourceNotFoundException"


def test_what_somebody_else_destroyed_can_be_destroyed_once_more(client: Any) -> None:  # noqa: ANN401 - a boto3 client
    client.delete_function(FunctionName="f")
    for call, params in ((client.delete_provisioned_concurrency_config, PC), (client.delete_alias, ALIAS)):
        assert _code(call, **params) == "ResourceNotFoundException"
