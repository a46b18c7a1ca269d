"""Who and what the endpoint turns away: web pages, other services, and requests that are no good, on raw sockets."""

import json
import socket
from collections.abc import Iterator
from http.client import HTTPResponse
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError
from serving import Endpoint, serving

from reconciler.sandbox.server import LARGEST, Server, running

PUBLISH = "POST /2015-03-31/functions/f/versions HTTP/1.1"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    for endpoint in serving():
        endpoint.world.seed("123456789012", "us-east-1", ("f",))
        yield endpoint


def _sent(url: str, *head: str, body: bytes = b"") -> tuple[int, str | None]:
    """The status and error code of a request that is written as it stands; OWN is the endpoint's address."""
    address = urlsplit(url)
    text = "\r\n".join((*head, "", "")).replace("OWN", address.netloc)
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(text.encode() + body)
        response = HTTPResponse(connection)
        response.begin()
        response.read()
        return response.status, response.getheader("x-amzn-ErrorType")


@pytest.mark.parametrize(
    "headers",
    [
        ("Host: evil.example",),
        ("Host: 127.0.0.1",),
        ("Host: 127.0.0.1:1",),
        ("Host: localhost.evil.example",),
        ("X-No-Host: OWN",),
        ("Host: OWN", "Host: evil.example"),
        ("Host: OWN", "Origin: null"),
        ("Host: OWN", "Origin: http://OWN"),
        ("Host: OWN", "Sec-Fetch-Site: cross-site"),
        ("Host: OWN", "Referer: http://evil.example/"),
    ],
)
def test_a_web_page_and_another_hosts_name_are_forbidden_and_nothing_happens(
    endpoint: Endpoint, headers: tuple[str, ...]
) -> None:
    assert _sent(endpoint.url, PUBLISH, *headers, "Content-Length: 0") == (403, "AccessDeniedException")
    expecting = ("Content-Length: 9", "Expect: 100-continue")
    assert _sent(endpoint.url, PUBLISH, *headers, *expecting) == (403, "AccessDeniedException")
    assert endpoint.calls == []


def test_localhost_is_the_endpoints_own_name(endpoint: Endpoint) -> None:
    port = urlsplit(endpoint.url).port
    assert _sent(endpoint.url, PUBLISH, f"Host: LOCALHOST:{port}", "Content-Length: 0") == (201, None)


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        ((PUBLISH.replace("/2015", "http://evil.example/2015"), "Content-Length: 0"), b"", 400),
        ((PUBLISH, "Content-Length: -1"), b"", 400),
        ((PUBLISH, "Content-Length: +2"), b"{}", 400),
        ((PUBLISH, "Content-Length: many"), b"", 400),
        ((PUBLISH, "Content-Length:"), b"", 400),
        ((PUBLISH, "Content-Length: 2", "Content-Length: 2"), b"{}", 400),
        ((PUBLISH, "Content-Length: 2", "Transfer-Encoding: chunked"), b"2\r\n{}\r\n0\r\n\r\n", 400),
        ((PUBLISH, "Transfer-Encoding: gzip, chunked"), b"", 400),
        ((PUBLISH, "Transfer-Encoding: chunked"), b"xyz\r\n", 400),
        ((PUBLISH, "Transfer-Encoding: chunked"), b"-1\r\n", 400),
        ((PUBLISH, "Transfer-Encoding: chunked"), f"{LARGEST + 1:x}\r\n".encode(), 413),
        ((PUBLISH, "Transfer-Encoding: chunked"), f"2\r\n{{}}\r\n{LARGEST - 1:x}\r\n".encode(), 413),
        ((PUBLISH, f"Content-Length: {LARGEST + 1}"), b"{", 413),
        ((PUBLISH, f"Content-Length: {'9' * 5000}"), b"{", 413),
        ((PUBLISH, f"Content-Length: {LARGEST + 1}", "Expect: 100-continue"), b"", 413),
        ((PUBLISH, *(f"X-{number}: x" for number in range(200))), b"", 431),
    ],
)
def test_a_request_that_is_no_good_is_answered_at_once_and_not_carried_out(
    endpoint: Endpoint, head: tuple[str, ...], body: bytes, status: int
) -> None:
    assert _sent(endpoint.url, *head, "Host: OWN", body=body)[0] == status
    assert endpoint.calls == []


@pytest.mark.parametrize(
    "head",
    [
        (PUBLISH,),
        (
            PUBLISH,
            "X-Amz-Target: AWSEvents.PutRule",
            "Authorization: Credential=A/20260101/us-east-1/events/aws4_request",
        ),
    ],
)
def test_json_that_is_nested_too_deeply_is_no_fault_of_the_sandbox(endpoint: Endpoint, head: tuple[str, ...]) -> None:
    body = b'{"Description": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    length = f"Content-Length: {len(body)}"
    assert _sent(endpoint.url, *head, "Host: OWN", length, body=body) == (400, "SerializationException")


@pytest.mark.parametrize("begun", [b"", b"GET /2015-03-31/functions HTTP/1.1\r\nHost: OWN\r\n", b"OWN-BODY"])
def test_a_client_that_stops_sending_is_hung_up_on_and_nothing_happens(endpoint: Endpoint, begun: bytes) -> None:
    server = Server(0, endpoint.world.answer, latency=0.0, sleep=endpoint.slept.append, throttle_timeout=0.05)
    with running(server) as url:
        address = urlsplit(url)
        body = f"{PUBLISH}\r\nHost: OWN\r\nContent-Length: 9\r\n\r\n{{".encode()
        with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
            connection.sendall(begun.replace(b"OWN-BODY", body).replace(b"OWN", address.netloc.encode()))
            assert connection.recv(1024) == b""
    assert endpoint.calls == []


@pytest.mark.parametrize("service", ["batch", "dynamodb", "ec2", "ecs", "lightsail", "logs", "ssm"])
def test_other_services_are_refused(endpoint: Endpoint, service: str) -> None:
    operation = {
        "batch": "describe_compute_environments",
        "dynamodb": "list_tables",
        "ec2": "describe_instances",
        "ecs": "list_clusters",
        "lightsail": "get_instances",
        "logs": "describe_log_groups",
        "ssm": "describe_parameters",
    }[service]
    with pytest.raises(ClientError) as refused:
        getattr(endpoint.client(service), operation)()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"].partition(";")[0]) == (
        "NotImplemented",
        f"The sandbox does not offer {service}",
    )


@pytest.mark.parametrize("region", ["x.amazonaws.com#", "x.amazonaws.com?", "1.s3-control.us-east-1"])
@pytest.mark.parametrize("service", ["motoapi", "batch", "streams.dynamodb", "batch.us-east-1.amazonaws.com#"])
def test_no_crafted_scope_leads_to_another_service(endpoint: Endpoint, service: str, region: str) -> None:
    scope = f"Authorization: Credential=A/20260101/{region}/{service}/aws4_request"
    assert _sent(endpoint.url, "GET / HTTP/1.1", "Host: OWN", scope) == (501, "NotImplemented")


def test_a_topic_posts_to_no_address(endpoint: Endpoint) -> None:
    posted: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(self.path)
            self.send_response(200)
            self.end_headers()

    sns: Any = endpoint.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    with HTTPServer(("127.0.0.1", 0), Listener) as listener:
        Thread(target=listener.serve_forever, daemon=True).start()
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"http://127.0.0.1:{listener.server_port}/")
        assert sns.publish(TopicArn=topic, Message="hello")["MessageId"]
        listener.shutdown()
    assert posted == []


def test_a_message_runs_no_function(endpoint: Endpoint) -> None:
    sns: Any = endpoint.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    endpoint.client().invoke(FunctionName="f")  # from now on moto knows the function
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint="arn:aws:lambda:us-east-1:123456789012:function:f")
    assert sns.publish(TopicArn=topic, Message="hello")["MessageId"]


def test_an_invocation_answers_without_running_anything(endpoint: Endpoint) -> None:
    answered = endpoint.client().invoke(FunctionName="f", Payload=json.dumps({"a": 1}))
    assert (answered["StatusCode"], json.loads(answered["Payload"].read())) == (200, {"a": 1})
