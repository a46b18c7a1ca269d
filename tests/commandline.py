"""The command line, run in this process against a sandbox endpoint over HTTP, on a clock that only waiting moves."""

import io
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import pytest
from printed import read_back
from serving import Endpoint, serving
from simulation import Inline

from reconciler.aws.dispatcher import Dispatcher
from reconciler.aws.rate_limiter import RateLimiter
from reconciler.cli import main, wiring
from reconciler.model.observed import AccountRegion
from reconciler.sandbox.wire import access_key

ACCOUNT = "123456789012"
WRITES = ("Publish", "Create", "Update", "Put", "Delete", "Add")


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@dataclass
class Shell:
    """Somebody at a prompt, in a folder of their own, with the sandbox as their AWS."""

    endpoint: Endpoint
    folder: Path
    capture: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    said: list[Ran] = field(default_factory=list)

    def reconcile(self, *words: str, stdin: str | TextIO = "") -> Ran:
        typed = io.TextIOWrapper(io.BytesIO(stdin.encode())) if isinstance(stdin, str) else stdin
        self.monkeypatch.setattr(sys, "stdin", typed)
        self.capture.readouterr()
        code = main.main(list(words))
        out, err = self.capture.readouterr()
        if "json" in words:
            read_back(out)
        self.said.append(Ran(code, out, err))
        return self.said[-1]

    def file(self, text: str, name: str = "warm.yaml") -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def client(self, region: str = "us-east-1") -> Any:  # noqa: ANN401 - a boto3 client
        return self.endpoint.client("lambda", account=ACCOUNT, region=region)

    def seed(self, *names: str, region: str = "us-east-1") -> None:
        self.endpoint.world.seed(ACCOUNT, region, names)

    def deploy(self, name: str, **settings: object) -> None:
        """Change `$LATEST`, and let the update end."""
        self.client().update_function_configuration(FunctionName=name, **settings)
        self.endpoint.clock.advance(10)

    def calls(self) -> list[str]:
        """Operations since the last look, the product's and ours."""
        made = [entry.operation for entry in self.endpoint.calls]
        self.endpoint.calls.clear()
        return made

    def writes(self) -> list[str]:
        return [operation for operation in self.calls() if operation.startswith(WRITES)]

    def refusals(self) -> list[tuple[str, str]]:
        """Writes that AWS's rules refused."""
        return [
            (entry.operation, entry.error or "")
            for entry in self.endpoint.calls
            if entry.status >= 400 and entry.operation.startswith(WRITES)
        ]


def shells(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A shell and its endpoint, for a fixture."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "RECONCILE_CONFIG", "FORCE_COLOR", "CI"):
        monkeypatch.delenv(name, raising=False)
    for endpoint in serving():
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key(ACCOUNT))
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
        monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        monkeypatch.setenv("COLUMNS", "100")
        monkeypatch.setattr(wiring, "dispatchers", virtual(endpoint))
        monkeypatch.chdir(tmp_path)
        yield Shell(endpoint, tmp_path, capsys, monkeypatch)


def virtual(endpoint: Endpoint) -> Callable[[int], Callable[[AccountRegion], Dispatcher]]:
    def dispatchers(_: int) -> Callable[[AccountRegion], Dispatcher]:
        return lambda _place: Dispatcher(
            rate_limiter=RateLimiter(), executor=Inline(endpoint.clock), clock=endpoint.clock, rng=random.Random(0)
        )

    return dispatchers
