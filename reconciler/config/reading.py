"""A path, or `-` for standard input -> Config. The only I/O of this folder; every failure says what to do."""

import errno
import sys
from pathlib import Path
from typing import BinaryIO

from reconciler.config.document import MAX_BYTES
from reconciler.config.parser import parse
from reconciler.model.desired import Config
from reconciler.model.errors import ReconcileError

_OTHER_FILE = "name another file with -c PATH or RECONCILE_CONFIG; -c - reads standard input"


def read(path: str, *, stdin: BinaryIO | None = None) -> Config:
    """The file at `path`. Never more than a byte over the 5 MiB that `parse` takes is read."""
    source = "<stdin>" if path == "-" else path
    try:
        text = _standard_input(stdin) if path == "-" else _file(path)
    except (OSError, ValueError) as error:
        raise _unreadable(source, error) from None
    return parse(text, source=source)


def _file(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _standard_input(stdin: BinaryIO | None) -> bytes:
    if stdin is None and sys.stdin is None:  # closed by whoever started the program
        raise OSError(errno.EBADF, "standard input is closed")
    return (stdin or sys.stdin.buffer).read(MAX_BYTES + 1)


def _unreadable(path: str, error: OSError | ValueError) -> ReconcileError:
    match error:
        case FileNotFoundError():
            hint = f"`reconcile init -o {path}` writes a first one; or {_OTHER_FILE}"
            return ReconcileError("there is no such file", where=path, hint=hint)
        case IsADirectoryError():
            return ReconcileError("is a directory, not a file", where=path, hint=f"try -c {path.rstrip('/')}/warm.yaml")
        case PermissionError():
            hint = f"make it readable for you; or {_OTHER_FILE}"
            return ReconcileError("may not be read (permission denied)", where=path, hint=hint)
        case OSError():
            return ReconcileError(f"can't be read: {error.strerror or error}", where=path, hint=_OTHER_FILE)
        case _:
            return ReconcileError(f"is not a path: {error}", where=repr(path), hint=_OTHER_FILE)
