"""A live run against the sandbox: it finds what differs from the model and nothing else, and leaves nothing behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

from reconciler.sandbox import moto_backend
from reconciler.sandbox.control_plane import Behaviour, Timing
from reconciler.sandbox.server import Server, running
from reconciler.sandbox.wire import DEFAULT_ACCOUNT, access_key
from reconciler.sandbox.world import World

FAST = Timing(allocation=0.4, init_failure=0.6, update=0.15, pending=0.0, mapping=0.1)
AS_MODELLED = Behaviour()
PLANTED = Behaviour(identical_update_publishes=True, version_keeps_modified=True)


@contextmanager
def _endpoint(behaviour: Behaviour) -> Iterator[dict[str, str]]:
    """The environment of a process whose AWS is a sandbox with this behaviour, in real time."""
    moto_backend.reset()
    world = World(clock=time.time, timing=FAST, behaviour=behaviour)
    with running(Server(0, world.answer, latency=0.0, sleep=time.sleep)) as url:
        credentials = {"AWS_ACCESS_KEY_ID": access_key(DEFAULT_ACCOUNT), "AWS_SECRET_ACCESS_KEY": "any"}
        yield {**os.environ, **credentials, "AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1"}


def _command(*options: str) -> list[str]:
    folder = Path(__file__).parent / "live"
    return [sys.executable, "-m", "pytest", str(folder), "-n", "0", "-p", "no:cacheprovider", *options]


def _run(environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    command = _command(*options)
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def _left(environment: dict[str, str]) -> list[str]:
    session: Any = boto3.Session(environment["AWS_ACCESS_KEY_ID"], "any", region_name="us-east-1")
    url = environment["AWS_ENDPOINT_URL"]
    functions = session.client("lambda", endpoint_url=url).list_functions()["Functions"]
    roles = session.client("iam", endpoint_url=url).list_roles()["Roles"]
    return [found["FunctionName"] for found in functions] + [found["RoleName"] for found in roles]


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("behaviour", "differing"),
    [(AS_MODELLED, []), (PLANTED, ["identical_update_publishes", "version_keeps_modified"])],
    ids=["as modelled", "two differences"],
)
def test_a_live_run_finds_exactly_what_differs(behaviour: Behaviour, differing: list[str], tmp_path: Path) -> None:
    record = tmp_path / "seen.json"
    with _endpoint(behaviour) as environment:
        ran = _run(environment, "--live", "--live-account", DEFAULT_ACCOUNT, "--live-record", str(record))
        left = _left(environment)
    seen = json.loads(record.read_text())
    assert [entry.get("question") for entry in seen if entry["differs"]] == differing, ran.stdout
    assert (ran.returncode, left) == (1 if differing else 0, [])
    assert DEFAULT_ACCOUNT not in record.read_text()


def test_nothing_is_created_before_the_account_is_named() -> None:
    with _endpoint(AS_MODELLED) as environment:
        ran = _run(environment, "--live", "--live-account", "999999999999")
        assert (ran.returncode, _left(environment)) == (1, [])
    assert re.search(r"about \d+ minutes, at most \$\d+\.\d\d in us-east-1", ran.stdout)
    assert "Nothing was created." in ran.stdout


def test_what_a_killed_run_left_is_removed_by_its_prefix() -> None:
    with _endpoint(AS_MODELLED) as environment:
        command = _command("--live", "--live-account", DEFAULT_ACCOUNT)
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as run:
            assert run.stdout is not None
            printed = next(line for line in run.stdout if "--live-clean" in line)
            while not any(name.endswith("-f") for name in _left(environment)):
                assert run.poll() is None
            run.send_signal(signal.SIGKILL)
        assert _left(environment)
        cleaned = _run(environment, "--live-clean", printed.split()[-1])
        assert (cleaned.returncode, _left(environment)) == (0, []), cleaned.stdout


def test_only_a_run_s_own_prefix_is_cleaned() -> None:
    with _endpoint(AS_MODELLED) as environment:
        ran = _run(environment, "--live-clean", "my-group-")
    assert ran.returncode == 1
    assert "is no run's prefix" in ran.stdout
