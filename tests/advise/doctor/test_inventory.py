"""The further reads against botocore's own model: what is asked, page after page, and what is kept of an answer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
from botocore.stub import Stubber

from reconciler.aws.inventory import AwsInventory, permissions_of
from reconciler.model.callers import EventSource
from reconciler.model.errors import AwsError, ErrorKind
from reconciler.model.inventory import Measured, Metric, Permission

ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
ONE, OTHER = f"{1:036}", f"{2:036}"
METRICS = tuple(Metric(name, "f", "f:live", "Sum") for name in ("A", "B"))


class OneClient:
    def __init__(self, client: Any) -> None:  # noqa: ANN401 - botocore makes its clients' types at run time
        self._client = client

    def get(self, _service: str) -> Any:  # noqa: ANN401 - as above
        return self._client


@contextmanager
def stubbed(service: str) -> Iterator[tuple[AwsInventory, Stubber]]:
    session = botocore.session.Session()
    session.set_credentials("AKIDEXAMPLE", "secret")
    client = session.create_client(service, region_name="us-east-1")
    clients: Any = OneClient(client)
    with Stubber(client) as stub:
        yield AwsInventory(clients), stub
        stub.assert_no_pending_responses()


def test_a_page_goes_on_from_the_marker_of_the_last() -> None:
    alias = {"Name": "live", "FunctionVersion": "7", "RevisionId": "r"}
    with stubbed("lambda") as (inventory, stub):
        stub.add_response("list_aliases", {"Aliases": [alias], "NextMarker": "m"}, {"FunctionName": "f"})
        stub.add_response("list_aliases", {"Aliases": []}, {"FunctionName": "f", "Marker": "m"})
        rows, marker = inventory.aliases("f", None)
        assert ([row.name for row in rows], marker) == (["live"], "m")
        assert inventory.aliases("f", marker) == ((), None)


def test_mappings_of_the_whole_place_are_listed_with_whom_they_call() -> None:
    mapping = {"UUID": ONE, "FunctionArn": f"{ARN}:live", "EventSourceArn": "arn:aws:sqs:::q", "State": "Disabled"}
    kafka = {"UUID": OTHER, "FunctionArn": ARN, "State": "Enabled"}
    with stubbed("lambda") as (inventory, stub):
        stub.add_response("list_event_source_mappings", {"EventSourceMappings": [mapping], "NextMarker": "m"}, {})
        stub.add_response("list_event_source_mappings", {"EventSourceMappings": [kafka]}, {"Marker": "m"})
        assert inventory.event_sources(None) == (
            (EventSource(ONE, "arn:aws:sqs:::q", "f", "live", "Disabled"),),
            "m",
        )
        assert inventory.event_sources("m") == (
            (EventSource(OTHER, "a self-managed event source", "f", None),),
            None,
        )


def test_metrics_come_back_by_what_was_asked_and_page_after_page() -> None:
    def answer(number: int, *values: float) -> dict[str, object]:
        times = [datetime.fromtimestamp(300 * index, UTC) for index in range(len(values))]
        return {"Id": f"q{number}", "Values": list(values), "Timestamps": times, "StatusCode": "PartialData"}

    with stubbed("cloudwatch") as (inventory, stub):
        stub.add_response("get_metric_data", {"MetricDataResults": [answer(1, 2.0, 3.0)], "NextToken": "t"})
        stub.add_response("get_metric_data", {"MetricDataResults": [answer(0), answer(1, 4.0)]})
        assert inventory.measured(METRICS, start=0.0, end=9.0, marker=None) == (
            (Measured(METRICS[1], ((0.0, 2.0), (300.0, 3.0))),),
            "t",
        )
        assert inventory.measured(METRICS, start=0.0, end=9.0, marker="t") == (
            (Measured(METRICS[0], ()), Measured(METRICS[1], ((0.0, 4.0),))),
            None,
        )


@pytest.mark.parametrize("status", ["InternalError", "Forbidden"])
def test_a_metric_that_cloudwatch_could_not_tell_is_no_silence(status: str) -> None:
    result = {"Id": "q0", "Values": [], "StatusCode": status}
    with stubbed("cloudwatch") as (inventory, stub):
        stub.add_response("get_metric_data", {"MetricDataResults": [result]})
        with pytest.raises(AwsError, match=status) as raised:
            inventory.measured(METRICS, start=0.0, end=9.0, marker=None)
        assert raised.value.kind is ErrorKind.UNAVAILABLE


def test_no_policy_is_nobody_and_a_denied_one_is_an_error() -> None:
    with stubbed("lambda") as (inventory, stub):
        stub.add_client_error("get_policy", "ResourceNotFoundException", expected_params={"FunctionName": "f"})
        assert inventory.permissions("f", None) == ()
        stub.add_client_error(
            "get_policy", "AccessDeniedException", expected_params={"FunctionName": "f", "Qualifier": "live"}
        )
        with pytest.raises(AwsError, match="lambda:GetPolicy on f:live"):
            inventory.permissions("f", "live")


def statement(**members: object) -> str:
    return json.dumps({"Statement": [{"Sid": "s", "Effect": "Allow", "Action": "lambda:InvokeFunction", **members}]})


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (statement(Principal="*"), [Permission("s", "*", "lambda:InvokeFunction")]),
        (statement(Principal={"AWS": ["a", "b"]}), [Permission("s", p, "lambda:InvokeFunction") for p in "ab"]),
        (statement(Principal="*", Action=["x", "y"]), [Permission("s", "*", action) for action in "xy"]),
        (statement(Principal="*", Effect="Deny"), []),
        (
            statement(
                Principal={"Service": "s3.amazonaws.com"},
                Condition={
                    "ArnLike": {"aws:SourceArn": "arn:aws:s3:::b"},
                    "StringEquals": {"AWS:SourceAccount": "123456789012", "aws:PrincipalOrgID": "o-1"},
                    "StringNotEquals": {"aws:SourceVpc": "v"},
                },
            ),
            [
                Permission(
                    "s",
                    "s3.amazonaws.com",
                    "lambda:InvokeFunction",
                    source="arn:aws:s3:::b",
                    source_account="123456789012",
                    organization="o-1",
                    others=("aws:SourceVpc",),
                )
            ],
        ),
        (
            statement(Principal="*", Condition={"StringNotLike": {"aws:SourceArn": "x"}}),
            [Permission("s", "*", "lambda:InvokeFunction", others=("aws:SourceArn",))],
        ),
        ("{}", []),
    ],
)
def test_a_policy_is_read_statement_by_statement(policy: str, expected: list[Permission]) -> None:
    assert list(permissions_of(policy)) == expected


def test_a_policy_that_is_not_json_is_not_understood() -> None:
    with pytest.raises(ValueError, match="not JSON"):
        permissions_of("<html>")
