"""From the command line to AWS's first answer an interruption is told at any time."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import Endpoint, serving

from reconciler.sandbox.wire import DEFAULT_ACCOUNT, access_key

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


# ---------------------------------------------------------------- an interruption at any moment

MOMENTS = [
    "reconciler.cli.commands.plan",
    "reconciler.config",
    "ruamel.yaml",
    "reconciler.cli.wiring",
    "botocore.session",
    "botocore.client",
    "reconciler.observe.environments",
    "reconciler.model.observed",
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
from reconciler.cli.main import entry
sys.argv[1:] = ["plan", "-c", {str(file)!r}]
entry()
""",
        url=endpoint.url,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "\nInterrupted. Nothing was written.\n")


def test_a_plan_as_text_does_not_load_the_json_documents(endpoint: Endpoint, file: Path) -> None:
    endpoint.world.seed(DEFAULT_ACCOUNT, "us-east-1", ("f",))
    program = f"""
import sys
from reconciler.cli.main import main
main(["plan", "-c", {str(file)!r}])
print("reconciler.report.documents" in sys.modules, file=sys.stderr)
"""
    assert python(program, url=endpoint.url).stderr.splitlines()[-1] == "False"
