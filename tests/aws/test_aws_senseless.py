"""Every read and every write x answers that make no sense: each becomes an AwsError that quotes nothing of them."""

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import botocore.session
import pytest
from aws_endpoint import Endpoint, Response, serving
from aws_stubs import ARN, configuration

from reconciler.aws.clients import Clients
from reconciler.aws.inventory import AwsInventory
from reconciler.aws.reader import LambdaReader
from reconciler.aws.writer import LambdaWriter
from reconciler.model.errors import AwsError, ErrorKind
from reconciler.model.inventory import Metric

SECRET = "s3cr3t"
POINTER = {"AliasArn": f"{ARN}:live", "Name": "live", "FunctionVersion": "7", "RevisionId": "r"}
NUMBERS = {f"{each}ProvisionedConcurrentExecutions": 5 for each in ("Requested", "Allocated", "Available")}
PROVISIONED = {**NUMBERS, "Status": "READY"}
METRIC = Metric("Invocations", "f", "f", "Sum")


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Endpoint, Clients]]:
    session = botocore.session.Session()
    session.set_credentials("AKIDEXAMPLE", "secret")
    with serving() as endpoint:

        def make(service: str, **options: Any) -> Any:  # noqa: ANN401 - botocore makes its clients' types at run time
            return session.create_client(service, endpoint_url=endpoint.url, **options)

        yield endpoint, Clients(make, "us-east-1", parallelism=1, log=None)


@dataclass(frozen=True)
class Operation:
    """One call, an answer of AWS to it, and paths to the members that AWS always sends, by what they hold."""

    call: Callable[[Clients], object]
    answer: Mapping[str, Any]
    texts: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    structures: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    writes: bool = False
    status: int = 200


def reader(clients: Clients) -> LambdaReader:
    return LambdaReader(clients.get("lambda"), clients.get("application-autoscaling"))


def writer(clients: Clients) -> LambdaWriter:
    return LambdaWriter(clients.get("lambda"), clients.get("application-autoscaling"))


CONFIGURED = ("CodeSha256", "State", "FunctionName")
OPERATIONS = {
    "latest": Operation(
        lambda c: reader(c).latest("f"),
        {"Configuration": configuration(), "Concurrency": {"ReservedConcurrentExecutions": 3}},
        texts=tuple(f"Configuration.{each}" for each in (*CONFIGURED, "RevisionId")),
        numbers=("Configuration.MemorySize", "Concurrency.ReservedConcurrentExecutions"),
        structures=("Configuration", "Concurrency"),
    ),
    "latest slowly": Operation(
        lambda c: reader(c).latest_slowly("f"), configuration(), (*CONFIGURED, "RevisionId"), ("MemorySize",)
    ),
    "version": Operation(
        lambda c: reader(c).version("f", "7"),
        {"Configuration": configuration(Version="7")},
        texts=tuple(f"Configuration.{each}" for each in (*CONFIGURED, "Version")),
        numbers=("Configuration.MemorySize",),
        structures=("Configuration",),
    ),
    "version slowly": Operation(
        lambda c: reader(c).version_slowly("f", "7"), configuration(), (*CONFIGURED, "Version"), ("MemorySize",)
    ),
    "alias": Operation(
        lambda c: reader(c).alias("f", "live"),
        POINTER | {"RoutingConfig": {"AdditionalVersionWeights": {"8": 0.5}}},
        texts=("FunctionVersion", "RevisionId"),
        numbers=("RoutingConfig.AdditionalVersionWeights.8",),
        structures=("RoutingConfig", "RoutingConfig.AdditionalVersionWeights"),
    ),
    "provisioned": Operation(
        lambda c: reader(c).provisioned("f", "live"), PROVISIONED, texts=("Status",), numbers=tuple(NUMBERS)
    ),
    "provisioned list": Operation(
        lambda c: reader(c).provisioned_list("f", None),
        {"ProvisionedConcurrencyConfigs": [PROVISIONED | {"FunctionArn": f"{ARN}:live"}]},
        texts=("ProvisionedConcurrencyConfigs.0.FunctionArn", "ProvisionedConcurrencyConfigs.0.Status"),
        numbers=tuple(f"ProvisionedConcurrencyConfigs.0.{each}" for each in NUMBERS),
        lists=("ProvisionedConcurrencyConfigs",),
    ),
    "account settings": Operation(
        lambda c: reader(c).account_settings(),
        {
            "AccountLimit": {
                "ConcurrentExecutions": 1000,
                "UnreservedConcurrentExecutions": 900,
                "TotalCodeSize": 80_000_000_000,
            },
            "AccountUsage": {"TotalCodeSize": 5},
        },
        numbers=("AccountLimit.ConcurrentExecutions", "AccountLimit.TotalCodeSize", "AccountUsage.TotalCodeSize"),
        structures=("AccountLimit", "AccountUsage"),
    ),
    "scaling targets": Operation(
        lambda c: reader(c).scaling_targets((), None),
        {
            "ScalableTargets": [
                {
                    "ResourceId": "function:f:live",
                    "ScalableDimension": "lambda:function:ProvisionedConcurrency",
                    "MinCapacity": 1,
                    "MaxCapacity": 9,
                }
            ]
        },
        texts=("ScalableTargets.0.ResourceId",),
        numbers=("ScalableTargets.0.MinCapacity", "ScalableTargets.0.MaxCapacity"),
        lists=("ScalableTargets",),
    ),
    "scheduled actions": Operation(
        lambda c: reader(c).scheduled_actions(None),
        {
            "ScheduledActions": [
                {
                    "ResourceId": "function:f:live",
                    "ScheduledActionName": "reconcile-office-on",
                    "Schedule": "cron(40 7 ? * MON-FRI *)",
                    "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 9},
                }
            ]
        },
        texts=(
            "ScheduledActions.0.ResourceId",
            "ScheduledActions.0.ScheduledActionName",
            "ScheduledActions.0.Schedule",
        ),
        lists=("ScheduledActions",),
    ),
    "scaling policies": Operation(
        lambda c: reader(c).scaling_policies(None),
        {"ScalingPolicies": [{"ResourceId": "function:f:live", "PolicyName": "reconcile-load"}]},
        texts=("ScalingPolicies.0.ResourceId", "ScalingPolicies.0.PolicyName"),
        lists=("ScalingPolicies",),
    ),
    "function names": Operation(
        lambda c: reader(c).function_names(None),
        {"Functions": [{"FunctionName": "f"}]},
        texts=("Functions.0.FunctionName",),
        lists=("Functions",),
    ),
    "aliases": Operation(
        lambda c: AwsInventory(c).aliases("f", None),
        {"Aliases": [POINTER]},
        texts=("Aliases.0.Name", "Aliases.0.FunctionVersion"),
        lists=("Aliases",),
    ),
    "permissions": Operation(
        lambda c: AwsInventory(c).permissions("f", None), {"Policy": '{"Statement": []}'}, texts=("Policy",)
    ),
    "event sources": Operation(
        lambda c: AwsInventory(c).event_sources(None),
        {"EventSourceMappings": [{"UUID": "u", "FunctionArn": f"{ARN}:live", "State": "Enabled"}]},
        texts=("EventSourceMappings.0.UUID", "EventSourceMappings.0.FunctionArn"),
        lists=("EventSourceMappings",),
    ),
    "publish": Operation(
        lambda c: writer(c).publish_version("f", code_sha256="x", revision_id="r"),
        configuration(Version="8"),
        texts=(*CONFIGURED, "Version"),
        numbers=("MemorySize",),
        writes=True,
        status=201,
    ),
    "create": Operation(
        lambda c: writer(c).create_alias("f", "live", version="7"),
        POINTER,
        texts=("FunctionVersion", "RevisionId"),
        writes=True,
        status=201,
    ),
    "move": Operation(
        lambda c: writer(c).move_alias("f", "live", version="7", revision_id="r", clear_weights=False),
        POINTER,
        texts=("FunctionVersion", "RevisionId"),
        writes=True,
    ),
    "set": Operation(
        lambda c: writer(c).set_provisioned("f", "live", concurrency=5),
        PROVISIONED,
        texts=("Status",),
        numbers=tuple(NUMBERS),
        writes=True,
        status=202,
    ),
    "remove": Operation(lambda c: writer(c).remove_provisioned("f", "live"), {}, writes=True),
}
BODIES = {
    "an error page that is not UTF-8": Response(b"<html>\xff\xfe s3cr3t", 503),
    "an error that is a list": Response(f'["{SECRET}"]', 500),
    "an error that is a text": Response(f'"{SECRET}"', 500),
    "an error 100,000 deep": Response("[" * 100_000, 500),
    "an error with half a character": Response('{"message": "\\ud800"}', 500, {"x-amzn-ErrorType": "ServiceException"}),
    "not UTF-8": Response(b'{"Version": "\xff s3cr3t"}'),
    "100,000 deep": Response('{"a":' * 100_000),
    "an integer of 10^5 digits": Response('{"MemorySize": ' + "1" * 100_000 + "}"),
    "NaN": Response('{"MemorySize": NaN}'),
    "Infinity": Response('{"MemorySize": -Infinity}'),
    "1e999": Response('{"MemorySize": 1e999}'),
    "a page": Response(f"<html>{SECRET}"),
    "a list": Response(f'["{SECRET}"]'),
    "nothing": Response(""),
}
NO_TEXT = (7, 1.5, True, ["s3cr3t"], {"s3cr3t": 1}, "\ud800", None, "")
NO_NUMBER = (
    "s3cr3t",
    "NaN",
    -1,
    10**400,
    2**63,
    [5],
    {"s3cr3t": 5},
)  # botocore itself reads "5", 5.5 and true as 5, 5, 1
NO_STRUCTURE = ("s3cr3t", 7, ["s3cr3t"], True)
NO_LIST = ("s3cr3t", 7, {"s3cr3t": 1}, ["s3cr3t"], [None], [7], None)
OF_ALL = [pytest.param(operation, id=name) for name, operation in OPERATIONS.items()]


def refused(served: tuple[Endpoint, Clients], operation: Operation, response: Response) -> None:
    endpoint, clients = served
    endpoint.answer = lambda _: response
    with pytest.raises(AwsError) as caught:
        operation.call(clients)
    said = f"{caught.value.message} {caught.value.hint}"
    assert caught.value.kind is ErrorKind.UNAVAILABLE
    assert SECRET not in said
    said.encode()


@pytest.mark.parametrize("operation", OF_ALL)
def test_these_answers_are_understood(served: tuple[Endpoint, Clients], operation: Operation) -> None:
    endpoint, clients = served
    endpoint.answer = lambda _: Response(json.dumps(operation.answer), operation.status)
    operation.call(clients)


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in BODIES.items()])
@pytest.mark.parametrize("operation", OF_ALL)
def test_a_body_that_makes_no_sense(served: tuple[Endpoint, Clients], operation: Operation, body: Response) -> None:
    refused(served, operation, body)


@pytest.mark.parametrize("operation", OF_ALL)
def test_a_member_that_makes_no_sense(served: tuple[Endpoint, Clients], operation: Operation) -> None:
    for paths, values in (
        (operation.texts, NO_TEXT),
        (operation.numbers, NO_NUMBER),
        (operation.structures, NO_STRUCTURE),
        (operation.lists, NO_LIST),
    ):
        for path in paths:
            for value in values:
                refused(served, operation, Response(json.dumps(_with(operation.answer, path, value)), operation.status))


@pytest.mark.parametrize("values", [["s3cr3t"], [None], "s3cr3t", ["NaN"], [10**400]])
def test_measured_values_that_make_no_sense(served: tuple[Endpoint, Clients], values: object) -> None:
    """CloudWatch's answers come in a form of their own; the parsed answer is spoiled here instead."""
    _, clients = served
    cloudwatch = clients.get("cloudwatch")
    row = {"Id": "q0", "StatusCode": "Complete", "Values": values}
    spoil = {"MetricDataResults": [row], "ResponseMetadata": {}}

    def answer(**_: object) -> tuple[object, object]:
        return type("Answered", (), {"status_code": 200})(), spoil

    cloudwatch.meta.events.register_first("before-call", answer)
    try:
        with pytest.raises(AwsError) as caught:
            AwsInventory(clients).measured((METRIC,), start=0.0, end=86_400.0, marker=None)
    finally:
        cloudwatch.meta.events.unregister("before-call", answer)
    assert SECRET not in caught.value.message


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00.000+0000", "9999-99-99", "s3cr3t", "1969-01-01T00:00:00+0000"])
def test_a_moment_that_makes_no_sense_is_left_out(served: tuple[Endpoint, Clients], moment: str) -> None:
    endpoint, clients = served
    endpoint.answer = lambda _: Response(json.dumps({"Configuration": configuration(LastModified=moment)}))
    version = reader(clients).version("f", "7")
    assert version is not None
    assert version.modified is None


def _with(answer: Mapping[str, Any], path: str, value: object) -> dict[str, Any]:
    changed: Any = deepcopy(dict(answer))
    *way, last = path.split(".")
    inner = changed
    for step in way:
        inner = inner[int(step) if step.isdigit() and isinstance(inner, list) else step]
    inner[last] = value
    return dict(changed)
