"""Signals, kills and closed pipes: real processes against an endpoint in this one, whose clock stands still.

Nothing sleeps: a signal is sent by the endpoint itself, when a certain call arrives or was answered.
"""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import IO, Any

import boto3
import pytest
from commandline import Shell
from printed import read_back
from sandbox_clock import Clock
from scenes import REPAIR, SCENES, Scene, world_of
from simulation import Killed, carried_out, killed, killed_after

from reconciler.apply import CancelToken
from reconciler.cli.output import Output
from reconciler.cli.signals import Interruption, Signals
from reconciler.model.outcome import Applied
from reconciler.model.plan import Plan
from reconciler.sandbox import moto_backend
from reconciler.sandbox.control_plane import Behaviour, Timing
from reconciler.sandbox.journal import Entry
from reconciler.sandbox.server import Server, running
from reconciler.sandbox.wire import Request, Response, access_key
from reconciler.sandbox.world import World

ACCOUNT = "123456789012"
FILE = "version: 1\nregion: us-east-1\ndefaults: {alias: live, concurrency: 1}\nions: {f: , g: }\n"
TWO_REGIONS = (
    "version: 1\ndefaults: {alias: live, concurrency: 1}\n"
    "groups:\n  a: {region: us-east-1, ions: {f: {function: f}}}\n  b: {region: eu-west-1, ions: {g: {function: g}}}\n"
)
PATIENCE = 60  # seconds until a child that hangs fails its test


@dataclass
class Endpoint:
    """An AWS for real processes. `hold`: this operation gets no answer until `release` is set. `told`: after a call."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    release: Event = field(default_factory=Event)
    hold: str | None = None
    arrived: Callable[[str], None] = lambda _: None
    told: Callable[[Entry], None] = lambda _: None
    url: str = ""
    world: World = field(init=False)

    def __post_init__(self) -> None:
        timing = Timing(allocation=90.0, init_failure=200.0, update=0.0, pending=0.0)
        self.world = World(clock=self.clock, timing=timing, behaviour=Behaviour(), journal=self._tell)

    def _tell(self, entry: Entry) -> None:
        self.told(entry)

    def answer(self, request: Request) -> Response:
        operation = f"{request.method} {request.path}"
        if self.hold and self.hold in operation:
            self.arrived(operation)
            self.release.wait(PATIENCE)
        return self.world.answer(request)

    def client(self) -> Any:  # noqa: ANN401 - a boto3 client
        return boto3.Session().client(
            "lambda",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=access_key(ACCOUNT),
            aws_secret_access_key="any",
        )

    def start(
        self, *words: str, stdin: str = "", stdout: int = subprocess.PIPE, stderr: int = subprocess.PIPE
    ) -> "subprocess.Popen[str]":
        """`reconcile` as a process; `stdin` is a redirection of the shell."""
        command = ["sh", "-c", f'exec "$@" {stdin or "</dev/null"}', "sh", sys.executable, "-m", "reconciler", *words]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self._environment(),
            stdout=stdout,
            stderr=stderr,
            text=True,
        )

    def _environment(self) -> Mapping[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return kept | {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": access_key(ACCOUNT),
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[Endpoint]:
    moto_backend.reset()
    (tmp_path / "warm.yaml").write_text(FILE, encoding="utf-8")
    made = Endpoint(tmp_path)
    for region in ("us-east-1", "eu-west-1"):
        made.world.seed(ACCOUNT, region, ("f", "g"))
    with running(Server(0, made.answer, latency=0.0, sleep=lambda _: None)) as url:
        made.url = url
        yield made
        made.release.set()


def at_operation(
    operation: str, act: Callable[[], None], *, times: int = 1, function: str = ""
) -> Callable[[Entry], None]:
    """Act once this operation was carried out so many times."""
    left = [times]

    def told(entry: Entry) -> None:
        if entry.operation == operation and entry.subject.startswith(function):
            left[0] -= 1
            if left[0] == 0:
                act()

    return told


def ended(child: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = child.communicate(timeout=PATIENCE)
    assert "Traceback" not in err, err
    return child.returncode, out or "", err


# ---------------------------------------------------------------- Ctrl-C


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_while_it_waits_it_reports_what_was_done_and_the_next_run_finishes(
    endpoint: Endpoint, number: signal.Signals
) -> None:
    children: list[subprocess.Popen[str]] = []
    started = Event()

    def send() -> None:
        started.wait(PATIENCE)
        children[0].send_signal(number)

    endpoint.told = at_operation("PutProvisionedConcurrencyConfig", send, times=2)
    children.append(endpoint.start("apply", "--yes", "--format", "json"))
    started.set()
    code, out, err = ended(children[0])

    report = read_back(out)
    assert code == 130
    assert report["interrupted"] is True
    assert "Again to leave at once" in err
    for ion in report["ions"]:
        outcomes = {step["op"]: step["outcome"] for step in ion["steps"]}
        assert outcomes["publish_version"] == outcomes["set_provisioned"] == "done"
        assert outcomes["await_ready"] == "not_attempted"

    endpoint.clock.advance(300)
    code, out, _ = ended(endpoint.start("apply", "--yes", "--format", "json"))
    assert code == 0
    assert read_back(out)["summary"]["in_sync"] == 2
    versions = endpoint.client().list_versions_by_function(FunctionName="f")["Versions"]
    assert [each["Version"] for each in versions] == ["$LATEST", "1"]


def test_a_second_ctrl_c_leaves_at_once_although_a_call_is_under_way(endpoint: Endpoint) -> None:
    arrived = Event()
    endpoint.hold, endpoint.arrived = "PUT /2019-09-30/functions/f/provisioned-concurrency", lambda _: arrived.set()
    child = endpoint.start("apply", "--yes", "--format", "json")
    assert arrived.wait(PATIENCE)

    child.send_signal(signal.SIGINT)
    assert child.stderr is not None
    _read_until(child.stderr, "Again to leave at once")
    child.send_signal(signal.SIGINT)

    code, out, err = ended(child)
    assert code == 130
    assert "Left at once" in err
    assert out == ""


def test_not_even_a_third_signal_leaves_between_the_two_writes_of_a_repair(endpoint: Endpoint) -> None:
    _make_stuck(endpoint)
    arrived = Event()

    def removed() -> None:
        endpoint.hold, endpoint.arrived = "PUT /2015-03-31/functions/f/aliases/live", lambda _: arrived.set()

    endpoint.told = at_operation("DeleteProvisionedConcurrencyConfig", removed)
    child = endpoint.start("apply", "--yes", "--only", "f")
    assert arrived.wait(PATIENCE)

    child.send_signal(signal.SIGINT)
    assert child.stderr is not None
    _read_until(child.stderr, "Again to leave at once")
    for number in (signal.SIGHUP, signal.SIGTERM):
        child.send_signal(number)
        _read_until(child.stderr, "leaving as soon as that has ended")
    endpoint.hold = None
    endpoint.release.set()

    code, _, err = ended(child)
    assert code == 130
    assert "Left at once" in err
    alias = endpoint.client().get_alias(FunctionName="f", Name="live")
    assert (alias["FunctionVersion"], alias.get("RoutingConfig")) == ("3", None)


def _make_stuck(endpoint: Endpoint) -> None:
    """`f` names version 2, whose init fails; version 1 serves, and a mended `$LATEST` waits."""
    client, f = endpoint.client(), {"FunctionName": "f"}
    client.publish_version(**f)
    client.create_alias(**f, Name="live", FunctionVersion="1")
    client.put_provisioned_concurrency_config(**f, Qualifier="live", ProvisionedConcurrentExecutions=1)
    endpoint.clock.advance(300)
    client.update_function_configuration(**f, Environment={"Variables": {"SANDBOX_INIT_FAILS": "1"}})
    client.publish_version(**f)
    client.update_alias(**f, Name="live", FunctionVersion="2")
    endpoint.clock.advance(900)
    client.update_function_configuration(**f, Environment={"Variables": {"MENDED": "1"}})


def test_a_hangup_that_is_ignored_as_by_nohup_stays_ignored(endpoint: Endpoint) -> None:
    children: list[subprocess.Popen[str]] = []
    started = Event()

    def send() -> None:
        started.wait(PATIENCE)
        children[0].send_signal(signal.SIGHUP)

    endpoint.told = at_operation("PublishVersion", send)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        children.append(endpoint.start("apply", "--yes", "--no-wait"))
    finally:
        signal.signal(signal.SIGHUP, before)
    started.set()
    code, _, err = ended(children[0])

    assert (code, "Interrupted" in err) == (0, False)


def _read_until(stream: IO[str], words: str) -> None:
    for line in stream:
        if words in line:
            return
    raise AssertionError(f"never said: {words}")


@pytest.mark.parametrize("file", [FILE, TWO_REGIONS], ids=["one region", "two regions"])
@pytest.mark.parametrize("words", [("plan",), ("apply", "--yes")], ids=" ".join)
def test_interrupted_while_it_reads_it_ends_at_once_and_nothing_was_written(
    endpoint: Endpoint, file: str, words: tuple[str, ...]
) -> None:
    (endpoint.folder / "warm.yaml").write_text(file, encoding="utf-8")
    arrived = Event()
    endpoint.hold, endpoint.arrived = "GET /2015-03-31/functions/g", lambda _: arrived.set()
    child = endpoint.start(*words)
    assert arrived.wait(PATIENCE)

    child.send_signal(signal.SIGINT)

    code, out, err = ended(child)
    assert (code, out) == (130, "")
    assert "Interrupted. Nothing was written." in err


def test_interrupted_before_the_file_is_read_it_ends_at_once(endpoint: Endpoint) -> None:
    pipe = endpoint.folder / "slow.yaml"
    os.mkfifo(pipe)
    child = endpoint.start("plan", "-c", "slow.yaml")
    with pipe.open("w", encoding="utf-8"):  # opens once the child has it open: it waits for the text
        child.send_signal(signal.SIGINT)
        code, out, err = ended(child)

    assert (code, out) == (130, "")
    assert "Interrupted." in err


def test_interrupted_while_the_report_is_written_the_report_is_whole(shell: Shell) -> None:
    """What was done must be told: a signal at that moment ends nothing any more."""
    shell.seed("f")
    shell.file("version: 1\nregion: us-east-1\ndefaults: {alias: live}\nions: {f: 0}\n")
    applied = Output.applied

    def interrupted(output: Output, plan: Plan, result: Applied) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        applied(output, plan, result)

    shell.monkeypatch.setattr(Output, "applied", interrupted)
    ran = shell.reconcile("apply", "--yes", "--format", "json")

    assert ran.code == 0
    assert json.loads(ran.out)["result"]["created"] == 1


def test_an_interruption_that_got_lost_on_the_way_still_keeps_anything_from_being_written() -> None:
    """Python drops what is raised in some of its own callbacks; before the first write it is looked for again."""
    signals, handler = Signals(), signal.getsignal(signal.SIGINT)
    signals.install()
    try:
        with suppress(Interruption):
            os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Interruption), signals.gracefully(CancelToken()):
            raise AssertionError("writes would begin here")
    finally:
        signal.signal(signal.SIGINT, handler)


def test_nobody_at_the_other_end_of_standard_error_does_not_spoil_an_orderly_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signals, handler, cancel = Signals(), signal.getsignal(signal.SIGINT), CancelToken()
    monkeypatch.setattr(sys, "stderr", None)
    signals.install()
    try:
        with signals.gracefully(cancel):
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, handler)

    assert cancel.requested


# ---------------------------------------------------------------- pipes


@pytest.mark.parametrize(
    "words", [("plan",), ("apply", "--yes", "--no-wait"), ("plan", "--format", "json")], ids=" ".join
)
def test_a_reader_that_has_seen_enough_is_no_error_and_the_work_is_done(
    endpoint: Endpoint, words: tuple[str, ...]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    child = endpoint.start(*words, stdout=writing)
    os.close(writing)

    code, _, err = ended(child)

    assert code == 0, err
    aliases = endpoint.client().list_aliases(FunctionName="f")["Aliases"]
    assert len(aliases) == (1 if "apply" in words else 0)


def test_nobody_who_reads_the_messages_is_no_error_and_the_work_is_done(endpoint: Endpoint) -> None:
    """With -v each call is logged, by the threads that make them."""
    reading, writing = os.pipe()
    os.close(reading)
    child = endpoint.start("apply", "--yes", "--no-wait", "-v", stderr=writing)
    os.close(writing)

    child.communicate(timeout=PATIENCE)
    assert child.returncode == 0
    assert len(endpoint.client().list_aliases(FunctionName="f")["Aliases"]) == 1


@pytest.mark.parametrize(
    ("redirected", "code"), [(">&-", 0), ("2>&-", 0), ("<&- >&- 2>&-", 0), (">/dev/full", 1), ("2>/dev/full", 0)]
)
def test_streams_that_are_closed_or_full_end_in_an_exit_code_and_no_traceback(
    endpoint: Endpoint, redirected: str, code: int
) -> None:
    ran = ended(endpoint.start("plan", stdin=redirected))

    assert ran[0] == code, ran
    assert ("can't be written" in ran[2]) == (code == 1)


def test_standard_input_that_is_closed_is_nobody_to_ask(endpoint: Endpoint) -> None:
    code, _, err = ended(endpoint.start("apply", stdin="<&-"))

    assert code == 3
    assert "cannot prompt for approval" in err


# ---------------------------------------------------------------- kills


@pytest.mark.parametrize(
    ("operation", "times"),
    [("GetAlias", 1), ("PublishVersion", 1), ("PublishVersion", 2), ("CreateAlias", 1), ("CreateAlias", 2)],
)
def test_a_process_killed_by_force_is_finished_by_the_next_with_no_version_too_many(
    endpoint: Endpoint, operation: str, times: int
) -> None:
    children: list[subprocess.Popen[str]] = []
    started = Event()

    def kill() -> None:
        started.wait(PATIENCE)
        children[0].kill()

    endpoint.told = at_operation(operation, kill, times=times)
    children.append(endpoint.start("apply", "--yes"))
    started.set()
    assert ended(children[0])[0] == -signal.SIGKILL

    endpoint.told = lambda _: None
    assert ended(endpoint.start("apply", "--yes", "--no-wait"))[0] == 0

    for function in ("f", "g"):
        versions = endpoint.client().list_versions_by_function(FunctionName=function)["Versions"]
        assert [each["Version"] for each in versions] == ["$LATEST", "1"]
        assert endpoint.client().get_alias(FunctionName=function, Name="live")["FunctionVersion"] == "1"


@pytest.mark.parametrize("scene", [*SCENES, REPAIR], ids=lambda scene: scene.name)
def test_random_kills_one_after_another_lose_nothing(
    scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    clean = scene.fresh()
    carried_out(clean, scene.config)
    wanted, kills = world_of(clean), 0
    rng = random.Random(scene.name)
    while kills < 50:
        aws = scene.fresh()
        for _ in range(rng.randint(1, 4)):
            aws.faults = {len(aws.calls) + rng.randrange(len(clean.calls)): rng.choice([killed, killed_after])}
            try:
                carried_out(aws, scene.config)
            except Killed:
                kills += 1
        aws.faults = {}
        carried_out(aws, scene.config)

        assert world_of(aws) == wanted
        assert aws.puts_on_weights == 0
    record_property("kills", kills)
