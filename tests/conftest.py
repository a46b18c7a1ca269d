"""What all tests may ask for."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from commandline import Shell, shells

LIVE = Path(__file__).parent / "live" / "test_live.py"


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    yield from shells(tmp_path, capsys, monkeypatch)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("live", "tests/live: a run against a real AWS account, or AWS_ENDPOINT_URL")
    group.addoption("--live", action="store_true", help="say what a run would cost; run with --live-account")
    group.addoption("--live-account", metavar="ID", help="the throwaway account, which must be the caller's")
    group.addoption("--live-record", metavar="PATH", type=Path, help="write what was seen to this JSON file")
    group.addoption("--live-only", metavar="WORD", default="", help="only what has this in its name")
    group.addoption("--live-patience", metavar="SECONDS", type=float, default=150.0, help="for what may never happen")
    group.addoption("--live-clean", metavar="PREFIX", help="remove what a killed run left, and do nothing else")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Whether to leave tests/live alone: it is collected only where a live run, or its cleaning, is asked for."""
    asked = config.getoption("--live") or config.getoption("--live-clean")
    return True if collection_path == LIVE and not asked else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How much was tried: fault points, kills and worlds, by the tests that counted them."""
    tried: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            tried[name] += value if isinstance(value, int) else 0
    if tried:
        counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in sorted(tried.items()))
        terminalreporter.write_line(f"Tried: {counts}.")
