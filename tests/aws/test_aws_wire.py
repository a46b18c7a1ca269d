"""Lambda's clients over HTTP: no call is repeated, and no answer that is cut or somebody else's passes for AWS's."""

import json
from collections.abc import Iterator
from functools import cache

import botocore.session
import pytest
from aws_endpoint import Endpoint, Response, lambda_error, serving
from aws_stubs import configuration

from reconciler.aws.bounded import MOST_BYTES
from reconciler.aws.clients import Clients
from reconciler.aws.reader import LambdaReader
from reconciler.aws.writer import LambdaWriter
from reconciler.model.errors import AwsError, ErrorKind


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


def clients() -> Clients:
    return Clients(session().create_client, "us-east-1", parallelism=1, log=None)


def write(clients: Clients) -> None:
    LambdaWriter(clients.get("lambda"), clients.get("application-autoscaling")).create_alias("f", "live", version="1")


def read_concurrency(clients: Clients) -> None:
    LambdaReader(clients.get("lambda"), clients.get("application-autoscaling")).latest_slowly("f")


@pytest.mark.parametrize(
    ("mode", "response"),
    [
        ("legacy", lambda_error("ServiceException", "AWS's side", 500)),
        ("standard", lambda_error("ServiceException", "AWS's side", 500)),
        ("adaptive", lambda_error("TooManyRequestsException", "Rate exceeded", 429)),
        ("legacy", Response(hang_up=True)),
        ("standard", Response('{"FunctionVersion": "1"', 201)),
    ],
)
def test_botocore_never_repeats_a_call_by_itself(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, *, mode: str, response: Response
) -> None:
    monkeypatch.setenv("AWS_RETRY_MODE", mode)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "5")
    endpoint.answer = lambda _: response

    with pytest.raises(AwsError) as caught:
        write(clients())

    assert len(endpoint.seen) == 1
    assert caught.value.kind in (ErrorKind.UNAVAILABLE, ErrorKind.THROTTLED)


@pytest.mark.parametrize(
    "response",
    [
        Response('{"ReservedConcurrentExecutions": 20}', cut=5),
        Response('{"ReservedConcurrentExecutions": 20}', cut=0),
        Response("<html>log in to the guest network</html>"),
        Response(""),
        Response("[]"),
    ],
)
def test_an_answer_that_is_cut_or_not_aws_is_never_taken_for_nothing_there(
    endpoint: Endpoint, *, response: Response
) -> None:
    """Without the check, botocore gives an answer without members: no reserved concurrency."""
    whole = Response(json.dumps(configuration()))
    endpoint.answer = lambda request: response if request.path.endswith("/concurrency") else whole

    with pytest.raises(AwsError) as caught:
        read_concurrency(clients())

    assert (caught.value.kind, caught.value.code) == (ErrorKind.UNAVAILABLE, "UnintelligibleAnswer")
    assert caught.value.operation == "GetFunctionConcurrency"


@pytest.mark.parametrize("status", [200, 503])
def test_an_answer_far_longer_than_any_of_aws_is_not_read_to_its_end(endpoint: Endpoint, status: int) -> None:
    """The server announces no length, as one that never ends."""
    endpoint.answer = lambda _: Response(b'"' + b"x" * (MOST_BYTES + 2**20), status, {"Content-Length": "none"})

    with pytest.raises(AwsError, match="longer than 32 MB") as caught:
        write(clients())

    assert caught.value.kind is ErrorKind.UNAVAILABLE


def test_an_empty_answer_where_aws_sends_none_is_fine(endpoint: Endpoint) -> None:
    endpoint.answer = lambda _: Response("", 204)

    LambdaWriter(clients().get("lambda"), clients().get("application-autoscaling")).remove_provisioned("f", "live")

    assert endpoint.operations[-1].startswith("DELETE ")
