"""reconciler/aws/events.py: what `-v` is told of a call, and what it is never told."""

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import botocore.session
import pytest
from aws_endpoint import Endpoint, Response, serving
from aws_stubs import SECRET

from reconciler.aws.clients import Clients
from reconciler.aws.events import log_calls
from reconciler.aws.translate import Operation, asked
from reconciler.model.errors import AwsError

Line = tuple[str, str, float, str]


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    with serving() as served:
        monkeypatch.setenv("AWS_ENDPOINT_URL", served.url)
        yield served


@cache
def session() -> botocore.session.Session:
    made = botocore.session.Session()
    made.set_credentials("AKIDEXAMPLE", "secret")
    return made


def clients(log: list[Line]) -> Clients:
    return Clients(session().create_client, "us-east-1", parallelism=1, log=lambda *line: log.append(line))


def test_each_call_is_told_with_its_service_operation_and_outcome(endpoint: Endpoint) -> None:
    log: list[Line] = []
    made = clients(log)
    functions = made.get("lambda")
    asked(Operation("sts", "GetCallerIdentity"), made.get("sts").get_caller_identity)
    throttle = Response("{}", 429, {"x-amzn-ErrorType": "TooManyRequestsException"})
    answers = iter([Response(), throttle, Response(hang_up=True)])
    endpoint.answer = lambda _: next(answers)
    for _ in range(3):
        with suppress(AwsError):
            asked(Operation("lambda", "GetFunction"), lambda: functions.get_function(FunctionName="f"))

    assert [(service, operation, outcome) for service, operation, _, outcome in log] == [
        ("sts", "GetCallerIdentity", "200"),
        ("lambda", "GetFunction", "200"),
        ("lambda", "GetFunction", "429 TooManyRequestsException"),
        ("lambda", "GetFunction", "ConnectionClosedError"),
    ]


def test_an_answer_that_is_cut_is_told_as_well(endpoint: Endpoint) -> None:
    log: list[Line] = []
    functions = clients(log).get("lambda")
    endpoint.answer = lambda _: Response('{"a": 1}', cut=3)
    with suppress(AwsError):
        asked(Operation("lambda", "GetFunction"), lambda: functions.get_function(FunctionName="f"))

    assert [outcome for _, _, _, outcome in log] == ["InvalidResponse"]


def test_nothing_of_a_request_or_an_answer_is_told(endpoint: Endpoint) -> None:
    log: list[Line] = []
    body = json.dumps({"Configuration": {"Environment": {"Variables": {"TOKEN": SECRET}}}})
    endpoint.answer = lambda _: Response(body)
    clients(log).get("lambda").get_function(FunctionName="name-of-the-function")

    assert len(log) == 1
    assert [word for word in (SECRET, "TOKEN", "name-of-the-function", "AKIDEXAMPLE") if word in repr(log)] == []


def test_the_duration_is_the_clocks(endpoint: Endpoint) -> None:
    log: list[Line] = []
    ticks = iter([100.0, 100.25])
    functions: Any = session().create_client("lambda", region_name="us-east-1")
    log_calls(functions, lambda *line: log.append(line), clock=lambda: next(ticks))
    endpoint.answer = lambda _: Response()
    functions.get_function(FunctionName="f")

    assert [seconds for _, _, seconds, _ in log] == [0.25]
