"""The law on a real account: after whatever happens to a function, apply once and the next plan changes nothing."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from live_account import LiveTarget

CHANGES, FAILED = 2, 1  # exit codes: of a plan that changes something, of an apply
FUNCTION = "ion"
BY_CLOCK = "{later: 2, otherwise: {min: 1, max: 2}}"
WARMINGS = 9  # by number: from nothing, a move, one that fails (as long as two), its repair; by the clock: four


@dataclass(frozen=True, slots=True)
class Law:
    """One ion; AssertionError, with what was printed, where a command ends otherwise than it has to."""

    target: LiveTarget
    folder: Path

    def by_number(self) -> None:
        self._create()
        self._holds("creation", "1")
        self._deploy()
        self._holds("a deploy", "1")
        self._deploy(SANDBOX_INIT_FAILS="1")
        self._run("a deploy that can't initialise", "1", plan=CHANGES, apply=FAILED)
        self._deploy()
        self._holds("its repair", "1")

    def by_clock_and_load(self) -> None:
        self._create()
        self._holds("creation", BY_CLOCK)
        self._deploy()
        self._holds("a deploy", BY_CLOCK)
        self._holds("going back to a number", "2")

    def _holds(self, after: str, concurrency: str) -> None:
        self._run(after, concurrency, plan=CHANGES, apply=0)
        self._run(after, concurrency, plan=0)

    def _run(self, after: str, concurrency: str, **codes: int) -> None:
        self.target.settle()
        (self.folder / "warm.yaml").write_text(self._file(concurrency), encoding="utf-8")
        for word, code in codes.items():
            option = "--detailed-exitcode" if word == "plan" else "--yes"
            command = [str(Path(sys.executable).with_name("reconcile")), word, option, "-c", "warm.yaml"]
            ran = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
            assert ran.returncode == code, (
                f"after {after}, {word} ended with {ran.returncode}: {ran.stdout} {ran.stderr}"
            )

    def _file(self, concurrency: str) -> str:
        opens = datetime.now(UTC) + timedelta(hours=12)
        return (
            f'version: 1\naccount: "{self.target.account}"\nregion: {self.target.region}\ntimezone: UTC\n'
            f'schedules:\n  later: {{days: daily, from: "{opens:%H:00}", to: "{opens:%H:30}"}}\n'
            f"ions:\n  {self.target.prefix}{FUNCTION}: {{alias: live, concurrency: {concurrency}}}\n"
        )

    def _create(self) -> None:
        request = {"Runtime": "python3.12", "Handler": "handler.handler", "Role": "", "Code": {}}
        self.target.must("CreateFunction", {"FunctionName": FUNCTION, **request})

    def _deploy(self, **variables: str) -> None:
        timeout = self.target.must("GetFunctionConfiguration", {"FunctionName": FUNCTION})["Timeout"]
        changes = {"Timeout": timeout + 1, "Environment": {"Variables": variables}}
        self.target.must("UpdateFunctionConfiguration", {"FunctionName": FUNCTION, **changes})


def laws(target: LiveTarget, folder: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    law = Law(target, folder)
    yield "law-by-number", law.by_number
    yield "law-by-clock-and-load", law.by_clock_and_load
