"""Standard streams that were closed before the program started: real processes against an endpoint in this one."""

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import Endpoint, serving

from reconciler.sandbox.server import Server, running
from reconciler.sandbox.wire import Request, Response, access_key

ACCOUNT = "123456789012"
CLOSED = [closed for number in (1, 2, 3) for closed in itertools.combinations(("0<&-", "1>&-", "2>&-"), number)]
WORDS = ("apply", "--yes", "--no-wait", "-v")
FILE = "version: 1\nregion: us-east-1\ndefaults: {alias: live, concurrency: 1}\nions: {f: , g: }\n"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    yield from serving()


@pytest.mark.parametrize("closed", CLOSED, ids=" ".join)
@pytest.mark.parametrize("program", [("-m", "reconciler"), (str(Path(sys.executable).parent / "reconcile"),)])
def test_closed_streams_take_no_descriptor_from_a_connection_and_the_work_is_done(
    endpoint: Endpoint, tmp_path: Path, closed: tuple[str, ...], program: tuple[str, ...]
) -> None:
    endpoint.world.seed(ACCOUNT, "us-east-1", ("f", "g"))
    (tmp_path / "warm.yaml").write_text(FILE, encoding="utf-8")
    children: list[int] = []
    streams: set[str] = set()

    def answer(request: Request) -> Response:
        streams.update(_read_link(f"/proc/{children[0]}/fd/{number}") for number in (0, 1, 2))
        return endpoint.world.answer(request)

    with running(Server(0, answer, latency=0, sleep=endpoint.clock.advance)) as url:
        child = subprocess.Popen(
            ["sh", "-c", f'read _; exec "$@" {" ".join(closed)}', "sh", sys.executable, *program, *WORDS],
            cwd=tmp_path,
            env=_environment(url),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        children.append(child.pid)
        out, err = child.communicate("go\n", timeout=60)

    assert child.returncode == 0, (out, err)
    assert not any("socket" in stream for stream in streams), streams
    assert ("lambda PublishVersion" in err) == ("2>&-" not in closed)
    assert ("2 created" in out) == ("1>&-" not in closed)
    for name in ("f", "g"):
        alias = endpoint.client(account=ACCOUNT).get_alias(FunctionName=name, Name="live")
        assert alias["FunctionVersion"] == "1"


def test_a_process_that_the_program_starts_has_streams_too(endpoint: Endpoint, tmp_path: Path) -> None:
    """`credential_process` inherits standard input; a closed one would be given to whatever it opens first."""
    endpoint.world.seed(ACCOUNT, "us-east-1", ("f", "g"))
    (tmp_path / "warm.yaml").write_text(FILE, encoding="utf-8")
    said = f'{{"Version": 1, "AccessKeyId": "{access_key(ACCOUNT)}", "SecretAccessKey": "any"}}'
    helper = tmp_path / "credentials"
    helper.write_text(f"#!/bin/sh\ntest -e /proc/self/fd/0 && echo '{said}'\n", encoding="utf-8")
    helper.chmod(0o700)
    (tmp_path / "config").write_text(f"[default]\ncredential_process = {helper}\n", encoding="utf-8")
    environment = _environment(endpoint.url) | {"AWS_CONFIG_FILE": str(tmp_path / "config")}
    kept = {name: text for name, text in environment.items() if "_KEY" not in name}

    ran = subprocess.run(
        ["sh", "-c", '"$@" 0<&-', "sh", sys.executable, "-m", "reconciler", "plan"],
        cwd=tmp_path,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ran.returncode == 0, ran


def _read_link(path: str) -> str:
    return str(Path(path).readlink()) if os.path.lexists(path) else "closed"


def _environment(url: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": access_key(ACCOUNT),
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
