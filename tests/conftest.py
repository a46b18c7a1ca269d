"""What all tests may ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from commandline import Shell, shells


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    yield from shells(tmp_path, capsys, monkeypatch)
