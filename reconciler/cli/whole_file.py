"""A result as a file that a person names: written whole or not at all, and nothing else there is ever lost."""

import os
import stat
import tempfile
from pathlib import Path
from typing import TextIO

from reconciler.model.errors import ReconcileError

UNWRITTEN = "nothing is written"


def present(path: str, failed: str) -> os.stat_result | None:
    """The regular file that is there now, or None; raises ReconcileError unless a file may be written there.

    `failed`: what can't be done, for the message.
    """
    try:
        parent = Path(path).parent.stat()
        found = Path(path).lstat() if os.path.lexists(path) else None
    except (OSError, ValueError) as error:
        raise unwritten(path, failed, reason(error)) from error
    if path == "-":
        raise unwritten(path, failed, "standard output is for the result; name a file")
    if not stat.S_ISDIR(parent.st_mode) or not Path(path).name:
        raise unwritten(path, failed, "that is not a file in a folder")
    if found and not stat.S_ISREG(found.st_mode):
        raise unwritten(path, failed, "something that is not a regular file is there; name a new file")
    return found


def check_new(path: str, *, force: bool) -> None:
    """Raise unless a file may be written there: a new one or, with `force`, over a regular one."""
    if present(path, UNWRITTEN) and not force:
        hint = "name a new file, or replace this one with --force"
        raise unwritten(path, UNWRITTEN, "it exists already", hint=hint)


def write_new(path: str, text: str, *, force: bool) -> None:
    """Write the text, which is complete by then. A file that is replaced keeps its mode; a new one has the umask's."""
    check_new(path, force=force)
    target = Path(path)
    try:
        if force and target.exists():
            replace(target, text, mode=stat.S_IMODE(target.stat().st_mode))
        else:
            _create(target, text)
    except (OSError, ValueError) as error:
        raise unwritten(path, UNWRITTEN, reason(error)) from error


def _create(target: Path, text: str) -> None:
    """Never over a file that somebody else has made meanwhile."""
    with target.open("x", encoding="utf-8") as file:
        try:
            _fill(file, text)
        except BaseException:
            target.unlink()
            raise


def replace(target: Path, text: str, *, mode: int) -> None:
    """A temporary file beside the target, for its owner alone until it is written, takes its place in one move."""
    number, name = tempfile.mkstemp(dir=target.parent, prefix=".reconcile-")
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            _fill(file, text)
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _fill(file: TextIO, text: str) -> None:
    file.write(text)
    file.flush()


def reason(error: Exception) -> str:
    """Why the system refused, in its words."""
    return (error.strerror if isinstance(error, OSError) else None) or "the path is not one"


def unwritten(path: str, failed: str, why: str, *, hint: str | None = None) -> ReconcileError:
    return ReconcileError(f"{failed}: {why}", where=path, hint=hint)
