"""From the command line to AWS's first answer: what is imported when, and that an interruption is told at any time."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError
from serving import Endpoint, serving
from simulation import Aws as Simulated
from simulation import Opened, config_of, ion, new_aws

from reconciler.aws.session import Sessions
from reconciler.desired import Connection, FollowLatest
from reconciler.errors import ConnectionFailed
from reconciler.sandbox.wire import DEFAULT_ACCOUNT, access_key
from reconciler.wiring import Aws

FILE = """
version: 1
account: "123456789012"
region: us-east-1
defaults: {alias: live, concurrency: 0}
ions: {f: {}}
"""
HEAVY = ("boto3", "rich", "pydantic", "asyncio", "moto", "reconciler.sandbox")


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    yield from serving()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "warm.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def python(program: str, *, url: str = "http://127.0.0.1:1") -> subprocess.CompletedProcess[str]:
    settings = {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": access_key(DEFAULT_ACCOUNT),
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


# ---------------------------------------------------------------- what is imported when


def test_aws_is_asked_who_calls_before_anything_is_imported_that_only_its_answers_need(file: Path) -> None:
    ended = python(f"""
import os, sys
from reconciler import cli
from reconciler.aws import session
def noted(clients, _asked_who):
    def asked():
        print(*(name for name in sys.modules if name.startswith("reconciler.")), flush=True)
        os._exit(0)
    return identity(clients, asked)
identity, session._identity = session._identity, noted
cli.main(["plan", "-c", {str(file)!r}])
""")
    loaded = set(ended.stdout.split())
    assert "reconciler.config" in loaded
    later = ("model", "sites", "lane", "observe", "decide", "apply", "aws.reader", "aws.writer", "report.text")
    assert loaded & {f"reconciler.{name}" for name in later} == set()


@pytest.mark.parametrize("command", ["plan", "status"])
def test_a_plan_into_a_pipe_imports_nothing_that_it_does_not_need(command: str, endpoint: Endpoint, file: Path) -> None:
    endpoint.world.seed(DEFAULT_ACCOUNT, "us-east-1", ("f",))
    ended = python(
        f"""
import sys
from reconciler import cli
code = cli.main([{command!r}, "-c", {str(file)!r}])
print("loaded:", *(name for name in {HEAVY!r} if name in sys.modules))
sys.exit(code)
""",
        url=endpoint.url,
    )
    assert ended.stderr.count("Traceback") == 0
    assert ended.stdout.splitlines()[-1] == "loaded:"


def test_a_service_is_found_without_listing_them_all_and_an_unknown_one_is_not() -> None:
    make = Sessions().source(Connection(region="us-east-1")).make
    assert make("lambda", region_name="us-east-1").meta.service_model.service_name == "lambda"
    with pytest.raises(BotoCoreError):
        make("lamda", region_name="us-east-1")


# ---------------------------------------------------------------- an interruption at any moment

MOMENTS = [
    "reconciler.commands.plan",
    "reconciler.config",
    "ruamel.yaml",
    "reconciler.wiring",
    "botocore.session",
    "botocore.client",
    "reconciler.sites",
    "reconciler.model",
    "reconciler.observe",
]


@pytest.mark.parametrize("module", MOMENTS)
def test_an_interruption_during_an_import_is_told_in_a_line(module: str, endpoint: Endpoint, file: Path) -> None:
    endpoint.world.seed(DEFAULT_ACCOUNT, "us-east-1", ("f",))
    ended = python(
        f"""
import os, signal, sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == {module!r}:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
from reconciler.cli import entry
sys.argv[1:] = ["plan", "-c", {str(file)!r}]
entry()
""",
        url=endpoint.url,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "\nInterrupted. Nothing was written.\n")


# ---------------------------------------------------------------- connections that are opened ahead


class Openers:
    """Opens the simulation; remembers what was opened and whether the question had left."""

    def __init__(self, aws: Simulated, error: Exception | None = None) -> None:
        self.aws = aws
        self.error = error
        self.opened: list[Connection] = []

    def __call__(self, connection: Connection, *, asked_who: Callable[[], None] = lambda: None) -> Opened:
        self.opened.append(connection)
        if self.error:
            raise self.error
        asked_who()
        return self.aws.opener(connection)


def _way(openers: Openers) -> Aws:
    return Aws(openers, openers.aws.lane)  # type: ignore[arg-type] # the simulation's doors, which are as good


def test_each_connection_is_opened_once_whether_ahead_or_not() -> None:
    openers = Openers(new_aws("f", "g"))
    config = config_of(ion("f", 0, FollowLatest()), ion("g", 0, FollowLatest()))
    resolved = _way(openers).resolve(config.desired)
    assert len(openers.opened) == 1
    assert len(resolved.ions) == 2


def test_a_connection_that_fails_before_the_question_left_keeps_nobody_waiting() -> None:
    openers = Openers(new_aws("f"), ConnectionFailed("no credentials"))
    with pytest.raises(ConnectionFailed, match="no credentials"):
        _way(openers).resolve((ion("f", 0, FollowLatest()),))


def test_a_bug_while_opening_ahead_is_told_where_it_is_needed() -> None:
    with pytest.raises(ConnectionFailed, match="ZeroDivisionError"):
        _way(Openers(new_aws("f"), ZeroDivisionError())).resolve((ion("f", 0, FollowLatest()),))


def test_nothing_is_opened_for_a_file_without_ions() -> None:
    openers = Openers(new_aws())
    assert _way(openers).resolve(()).ions == ()
    assert openers.opened == []


def test_what_opens_ahead_runs_beside() -> None:
    openers, seen = Openers(new_aws("f")), []

    def opener(connection: Connection, *, asked_who: Callable[[], None] = lambda: None) -> Opened:
        seen.append(threading.current_thread() is threading.main_thread())
        return openers(connection, asked_who=asked_who)

    Aws(opener, openers.aws.lane).resolve((ion("f", 0, FollowLatest()),))  # type: ignore[arg-type] # as above
    assert seen == [False]
