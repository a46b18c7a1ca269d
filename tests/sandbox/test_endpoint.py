"""The endpoint as a client meets it: raw HTTP, AWS's quotas, the journal, and a port that is taken."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError
from sandbox_clock import Clock
from serving import Endpoint, serving

from reconciler.model.desired import Config, ConnectionSettings, Desired, FollowLatest, Limits
from reconciler.model.errors import ReconcileError
from reconciler.sandbox import EndpointOptions, moto_backend, serve
from reconciler.sandbox import endpoint as endpoint_module
from reconciler.sandbox.journal import Entry
from reconciler.sandbox.server import Server, running
from reconciler.sandbox.wire import Request, Scope
from reconciler.sandbox.world import World


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    yield from serving()


@pytest.fixture
def limited() -> Iterator[Endpoint]:
    yield from serving(limited=True)


def _connect(endpoint: Endpoint) -> HTTPConnection:
    url = urlsplit(endpoint.url)
    return HTTPConnection(url.hostname or "", url.port, timeout=30)


def test_one_connection_carries_many_requests(endpoint: Endpoint) -> None:
    endpoint.world.seed("123456789012", "us-east-1", ("f",))
    connection = _connect(endpoint)
    for _ in range(3):
        connection.request("GET", "/2015-03-31/functions/f/configuration")
        response = connection.getresponse()
        assert (response.status, json.loads(response.read())["FunctionName"]) == (200, "f")
        assert response.getheader("x-amzn-RequestId")
    connection.close()


def test_a_connection_can_be_closed_after_one_request(endpoint: Endpoint) -> None:
    connection = _connect(endpoint)
    connection.request("GET", "/2015-03-31/functions", headers={"Connection": "close"})
    response = connection.getresponse()
    assert response.getheader("Connection") == "close"
    assert json.loads(response.read())["Functions"] == []
    connection.close()


def test_a_refusal_says_its_code_in_a_header(endpoint: Endpoint) -> None:
    connection = _connect(endpoint)
    connection.request("GET", "/2015-03-31/functions/none")
    response = connection.getresponse()
    assert (response.status, response.getheader("x-amzn-ErrorType")) == (404, "ResourceNotFoundException")
    arn = "arn:aws:lambda:us-east-1:123456789012:function:none"
    assert json.loads(response.read()) == {"Type": "User", "Message": f"Function not found: {arn}"}
    connection.close()


def test_a_client_that_waits_for_100_continue_gets_it(endpoint: Endpoint) -> None:
    endpoint.world.seed("123456789012", "us-east-1", ("f",))
    url = urlsplit(endpoint.url)
    body = b'{"Description": "x"}'
    head = (
        f"POST /2015-03-31/functions/f/versions HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: {len(body)}\r\n"
        "Expect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((url.hostname, url.port), timeout=30) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        response = HTTPResponse(connection)
        response.begin()
        assert (response.status, json.loads(response.read())["Description"]) == (201, "x")


def test_a_chunked_body_is_read_whole(endpoint: Endpoint) -> None:
    endpoint.world.seed("123456789012", "us-east-1", ("f",))
    connection = _connect(endpoint)
    body = iter([b'{"Descri', b'ption": "x"}'])
    connection.request("POST", "/2015-03-31/functions/f/versions", body=body, encode_chunked=True)
    response = connection.getresponse()
    assert (response.status, json.loads(response.read())["Description"]) == (201, "x")
    connection.close()


def test_a_request_whose_client_died_halfway_is_not_carried_out(endpoint: Endpoint) -> None:
    endpoint.world.seed("123456789012", "us-east-1", ("f",))
    url = urlsplit(endpoint.url)
    head = f"POST /2015-03-31/functions/f/versions HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: 50\r\n\r\n{{"
    with socket.create_connection((url.hostname, url.port), timeout=30) as connection:
        connection.sendall(head.encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1024) == b""
    assert endpoint.calls == []


def test_a_204_has_no_body_and_leaves_the_connection_usable(endpoint: Endpoint) -> None:
    endpoint.world.seed("123456789012", "us-east-1", ("f",))
    connection = _connect(endpoint)
    connection.request("DELETE", "/2017-10-31/functions/f/concurrency")
    response = connection.getresponse()
    assert (response.status, response.read(), response.getheader("Content-Length")) == (204, b"", None)
    connection.request("GET", "/2019-09-30/functions/f/concurrency")
    assert connection.getresponse().read() == b"{}"
    connection.close()


def test_a_path_that_lambda_does_not_have_is_404(endpoint: Endpoint) -> None:
    connection = _connect(endpoint)
    connection.request("GET", "/2015-03-31/nothing")
    response = connection.getresponse()
    assert (response.status, response.getheader("x-amzn-ErrorType")) == (404, "UnknownOperationException")
    response.read()
    connection.close()


def test_the_sixteenth_call_of_a_second_is_throttled_as_aws_words_it(limited: Endpoint) -> None:
    client = limited.client()
    for _ in range(15):
        client.get_account_settings()
    with pytest.raises(ClientError) as refused:
        client.get_account_settings()
    response: Mapping[str, Any] = refused.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert response["Error"] == {"Code": "TooManyRequestsException", "Message": "Rate exceeded"}
    assert (response["Reason"], response["Type"]) == ("CallerRateLimitExceeded", "User")
    limited.client(account="210987654321").get_account_settings()
    limited.client(region="eu-west-1").get_account_settings()
    limited.clock.advance(0.1)
    client.get_account_settings()


def test_sts_has_no_part_in_lambdas_quota(limited: Endpoint) -> None:
    for _ in range(20):
        assert limited.client("sts", account="210987654321").get_caller_identity()["Account"] == "210987654321"


def test_latency_is_spent_outside_the_world_half_before_and_half_after() -> None:
    for endpoint in serving(latency=0.5):
        endpoint.client().get_account_settings()
        assert endpoint.slept == [0.25, 0.25]


def test_sixty_four_connections_are_served_at_once(endpoint: Endpoint) -> None:
    endpoint.world.seed("123456789012", "us-east-1", tuple(f"f{number}" for number in range(64)))

    def publish(number: int) -> str:
        connection = _connect(endpoint)
        connection.request("POST", f"/2015-03-31/functions/f{number}/versions", body=b"{}")
        version = str(json.loads(connection.getresponse().read())["Version"])
        connection.close()
        return version

    with ThreadPoolExecutor(64) as threads:
        assert set(threads.map(publish, range(64))) == {"1"}


def test_the_journal_has_names_and_statuses_and_no_values(endpoint: Endpoint) -> None:
    endpoint.world.seed("123456789012", "us-east-1", ("f",))
    client = endpoint.client()
    client.update_function_configuration(FunctionName="f", Environment={"Variables": {"KEY": "hush"}})
    with pytest.raises(ClientError):
        client.get_alias(FunctionName="f", Name="live")
    endpoint.client("sts").get_caller_identity()
    told = [str(entry).split(" ", 1)[1] for entry in endpoint.calls]
    assert told == [
        "123456789012 us-east-1 lambda UpdateFunctionConfiguration f 200",
        "123456789012 us-east-1 lambda GetAlias f:live 404 ResourceNotFoundException",
        "123456789012 us-east-1 sts GetCallerIdentity - 200",
    ]


def test_a_journal_line_stays_one_line_whatever_a_client_sends(endpoint: Endpoint) -> None:
    connection = _connect(endpoint)
    connection.request("GET", "/2015-03-31/functions/f%0A%1B%5B31m")
    connection.getresponse().read()
    connection.close()
    assert str(endpoint.calls[0]).split(" ", 1)[1].startswith("123456789012 us-east-1 lambda GetFunction f??[31m 4")


def test_a_fault_of_the_sandbox_is_answered_as_a_fault_of_aws(caplog: pytest.LogCaptureFixture) -> None:
    with running(Server(0, _nobody, latency=0.0, sleep=_nobody)) as url:
        connection = HTTPConnection(urlsplit(url).netloc, timeout=30)
        connection.request("GET", "/2015-03-31/functions/f")
        response = connection.getresponse()
        assert (response.status, response.getheader("x-amzn-ErrorType")) == (500, "ServiceException")
        response.read()
        connection.close()
    assert "GET /2015-03-31/functions/f failed" in caplog.text


def test_an_account_that_is_seeded_with_many_ions_has_a_limit_that_leaves_them_room(endpoint: Endpoint) -> None:
    endpoint.world.seed("123456789012", "us-east-1", tuple(f"f{number}" for number in range(60)))
    limit = endpoint.client().get_account_settings()["AccountLimit"]
    assert (limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]) == (2000, 800)


def test_accounts_and_regions_are_worlds_of_their_own(endpoint: Endpoint) -> None:
    endpoint.world.seed("111111111111", "us-east-1", ("f",))
    assert endpoint.client(account="111111111111").get_function(FunctionName="f")
    for client in (endpoint.client(), endpoint.client(account="111111111111", region="eu-west-1")):
        assert client.list_functions()["Functions"] == []


def test_an_assumed_role_leads_to_its_own_account(endpoint: Endpoint) -> None:
    endpoint.world.seed("444455556666", "us-east-1", ("f",))
    role = "arn:aws:iam::444455556666:role/reconcile"
    granted = endpoint.client("sts").assume_role(RoleArn=role, RoleSessionName="reconcile")["Credentials"]
    client = endpoint.session.client(
        "lambda",
        endpoint_url=endpoint.url,
        region_name="us-east-1",
        aws_access_key_id=granted["AccessKeyId"],
        aws_secret_access_key=granted["SecretAccessKey"],
        aws_session_token=granted["SessionToken"],
    )
    arn = client.get_function(FunctionName="f")["Configuration"]["FunctionArn"]
    assert arn == "arn:aws:lambda:us-east-1:444455556666:function:f"


def test_a_taken_port_is_one_line_and_says_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ReconcileError) as refused:
            Server(port, _nobody, latency=0.0, sleep=_nobody)
    assert refused.value.message == f"port {port} is taken"
    assert refused.value.hint == "choose another with --port, or any free one with --port 0"


def test_a_port_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ReconcileError, match="port 70000 can't be used"):
        Server(70000, _nobody, latency=0.0, sleep=_nobody)


def test_it_listens_on_this_machine_only(endpoint: Endpoint) -> None:
    assert urlsplit(endpoint.url).hostname == "127.0.0.1"


def test_the_files_functions_are_there_in_their_accounts_and_regions() -> None:
    ions = (
        _ion("a", ConnectionSettings(account="111111111111", region="eu-west-1")),
        _ion("b", ConnectionSettings(role_arn="arn:aws:iam::222222222222:role/r")),
        _ion("c", ConnectionSettings()),
        _ion("c", ConnectionSettings()),
    )
    world = endpoint_module.make_world(EndpointOptions(functions=2), list[Entry]().append)
    endpoint_module.populate(world, EndpointOptions(functions=2), Config("warm.yaml", ions, Limits(), {}))
    assert _names(world, "111111111111", "eu-west-1") == ["a", "demo-ion-001", "demo-ion-002"]
    assert _names(world, "222222222222", "us-east-1") == ["b"]
    assert _names(world, "123456789012", "us-east-1") == ["c"]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_what_a_shell_needs_and_ends_on_a_signal(tmp_path: Path, ending: signal.Signals) -> None:
    words = ["sandbox", "--port", "0", "--functions", "1", "--log", str(tmp_path / "calls")]
    program = [sys.executable, "-m", "reconciler", *words]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout is not None
        lines = dict(process.stdout.readline().removeprefix("export ").strip().split("=", 1) for _ in range(5))
        url = urlsplit(lines["AWS_ENDPOINT_URL"])
        connection = HTTPConnection(url.hostname or "", url.port, timeout=30)
        connection.request("GET", "/2015-03-31/functions/demo-ion-001")
        reserved = json.loads(connection.getresponse().read())["Concurrency"]["ReservedConcurrentExecutions"]
        connection.close()
        os.kill(process.pid, ending)
        _, told = process.communicate(timeout=60)
    assert (process.returncode, reserved) == (0, 20)
    assert "Traceback" not in told
    assert set(lines) == {
        "AWS_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
    }
    assert "lambda GetFunction demo-ion-001 200" in (tmp_path / "calls").read_text()


def test_a_faster_clock_takes_everything_along_but_the_quota() -> None:
    real = Clock()
    options = EndpointOptions(functions=1, quota=True, allocation=60.0, clock=60.0)
    world = endpoint_module.make_world(options, list[Entry]().append, time_of_day=real)
    endpoint_module.populate(world, options, None)
    plane, warm = world.plane("123456789012", "us-east-1"), {"FunctionName": "demo-ion-001", "Qualifier": "1"}
    plane.call("PublishVersion", {"FunctionName": "demo-ion-001"})
    plane.call("PutProvisionedConcurrencyConfig", {**warm, "ProvisionedConcurrentExecutions": 1})
    began = world.clock()
    real.advance(1.0)
    assert world.clock() == began + 60
    assert (plane.call("GetProvisionedConcurrencyConfig", warm).body or {})["Status"] == "READY"
    asked = [world.answer(Request("GET", "/2016-08-19/account-settings/")) for _ in range(16)]
    assert [response.status for response in asked] == [200] * 15 + [429]
    real.advance(0.2)  # three tokens in real time, 180 by the faster clock
    asked = [world.answer(Request("GET", "/2016-08-19/account-settings/")) for _ in range(16)]
    assert [response.status for response in asked].count(200) == 3
    assert asked[0].headers["Date"] == formatdate(began + 72, usegmt=True)


def test_a_faster_clock_is_announced(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_server: Server) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(Server, "serve_forever", interrupted)
    monkeypatch.setattr("reconciler.sandbox.moto_backend.warm_up", lambda: None)
    assert serve(EndpointOptions(port=0, clock=60.0), None) == 0
    assert "Its clock runs 60 times as fast: a day takes 24 minutes" in capsys.readouterr().err


def test_it_says_in_which_account_the_files_first_ion_lives(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_server: Server) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(Server, "serve_forever", interrupted)
    monkeypatch.setattr("reconciler.sandbox.moto_backend.warm_up", lambda: None)
    ion = _ion("f", ConnectionSettings(account="111111111111", region="eu-west-1"))
    assert serve(EndpointOptions(port=0, log="-"), Config("warm.yaml", (ion,), Limits(), {})) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[1:] == [
        "export AWS_ACCESS_KEY_ID=AKIA111111111111",
        "export AWS_SECRET_ACCESS_KEY=sandbox",
        "export AWS_REGION=eu-west-1",
        "export AWS_DEFAULT_REGION=eu-west-1",
    ]
    assert "111111111111, eu-west-1" in told.err
    assert told.err.endswith("The sandbox has ended.\n")


def test_without_moto_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.sandbox.find_spec", lambda _name: None)
    with pytest.raises(ReconcileError, match=r"the sandbox needs moto: pip install '\.\[sandbox\]'"):
        serve(EndpointOptions(), None)


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [(NotImplementedError("no such operation"), 501, "NotImplemented"), (KeyError("x"), 500, "InternalFailure")],
)
@pytest.mark.usefixtures("caplog")
def test_what_moto_lacks_is_501_and_a_fault_inside_it_500(
    monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int, code: str
) -> None:
    def fail(*_request: object) -> NoReturn:
        raise fault

    monkeypatch.setattr(moto_backend, "_answered", fail)
    response = moto_backend.answer(Request("POST", "/"), Scope("", "us-east-1", "sts"), "123456789012")
    assert (response.status, response.headers["x-amzn-ErrorType"]) == (status, code)


def test_a_service_without_a_region_answers(endpoint: Endpoint) -> None:
    assert endpoint.client("iam", account="111111111111").list_roles()["Roles"] == []


def test_a_journal_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReconcileError, match="the journal can't be written"):
        endpoint_module.serve(EndpointOptions(port=0, log=str(tmp_path)), None)


def _ion(function: str, connection: ConnectionSettings) -> Desired:
    return Desired(connection, None, function, "live", FollowLatest(), 1)


def _names(world: World, account: str, region: str) -> list[str]:
    answer = world.plane(account, region).call("ListFunctions", {})
    body: Any = answer.body
    return sorted(function["FunctionName"] for function in body["Functions"])


def _nobody(_anything: object) -> NoReturn:
    raise AssertionError
