"""From a path or standard input; each failure says what it is and what to do."""

import errno
import io
import os
from pathlib import Path

import pytest

from reconciler.config import read
from reconciler.model.errors import ConfigError, ReconcileError

GOOD = b"version: 1\nions: {f: {alias: live}}\n"
OTHER = "name another file with -c PATH or RECONCILE_CONFIG; -c - reads standard input"


def test_a_file_is_read_and_named_as_it_was_given(tmp_path: Path) -> None:
    path = tmp_path / "warm.yaml"
    path.write_bytes(GOOD)
    config = read(str(path))
    assert (config.source, config.desired[0].where) == (str(path), f"{path}:2:8")


def test_a_dash_is_standard_input() -> None:
    assert read("-", stdin=io.BytesIO(GOOD)).desired[0].where == "<stdin>:2:8"


def test_an_empty_standard_input_is_an_empty_file() -> None:
    with pytest.raises(ConfigError, match="<stdin>:1:1: an empty file; a minimal one looks like"):
        read("-", stdin=io.BytesIO(b""))


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    path = str(tmp_path / "warm.yaml")
    assert _failure(path) == (
        "there is no such file",
        path,
        f"`reconcile init -o {path}` writes a first one; or {OTHER}",
    )


def test_a_directory_is_refused_with_the_likely_file(tmp_path: Path) -> None:
    assert _failure(f"{tmp_path}/") == ("is a directory, not a file", f"{tmp_path}/", f"try -c {tmp_path}/warm.yaml")


def test_a_forbidden_file_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:  # root may read everything, so the system's answer is played
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "open", forbidden)
    assert _failure(str(tmp_path / "warm.yaml"))[0] == "may not be read (permission denied)"


def test_what_the_system_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(GOOD)
    path = str(tmp_path / "file" / "warm.yaml")
    assert _failure(path) == ("can't be read: Not a directory", path, OTHER)


def test_a_path_that_is_none_is_refused() -> None:
    assert _failure("a\0b") == ("is not a path: embedded null byte", "'a\\x00b'", OTHER)


def test_no_more_than_the_limit_is_taken_from_an_endless_input() -> None:
    with pytest.raises(ConfigError, match="larger than 5 MiB"):
        read("/dev/zero")


def test_a_closed_standard_input_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert _failure("-") == ("can't be read: standard input is closed", "<stdin>", OTHER)


def test_a_directory_as_standard_input_is_no_traceback(tmp_path: Path) -> None:
    class Directory(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise IsADirectoryError(21, "Is a directory", str(tmp_path))

    with pytest.raises(ReconcileError, match="is a directory"):
        read("-", stdin=Directory())


def _failure(path: str) -> tuple[str, str | None, str | None]:
    with pytest.raises(ReconcileError) as caught:
        read(path)
    return caught.value.message, caught.value.where, caught.value.hint
