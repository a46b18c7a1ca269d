"""What all tests may ask for."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from commandline import Shell, shells


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    yield from shells(tmp_path, capsys, monkeypatch)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How much was tried: fault points, kills and worlds, by the tests that counted them."""
    tried: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            tried[name] += value if isinstance(value, int) else 0
    if tried:
        counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in sorted(tried.items()))
        terminalreporter.write_line(f"Tried: {counts}.")
