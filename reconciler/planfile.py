"""A saved plan: what was approved, as a file that another machine can hold to. No secret is in it.

It holds the identities of the approved writes, not the writes: `apply PLANFILE` observes and decides afresh, and goes
on when every write that is still needed was approved. A checksum over the content tells a file that was cut or edited.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from reconciler.errors import PlanFileError, ReconcileError

FORMAT = "1.0"
LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Selection:
    """Which ions of the file a command is about: `--group`, `--only`, `--exclude`."""

    groups: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """`config`: the fingerprint of the file that it was made from. `writes`: the approved identities, sorted."""

    config: str
    selection: Selection
    digest: str
    writes: tuple[str, ...]


def save(path: str, plan: SavedPlan) -> None:
    """Write the plan to a file that only its owner can read; whole or not at all."""
    content = asdict(plan)
    text = json.dumps({"format_version": FORMAT, **content, "checksum": _checksum(content)}, indent=1) + "\n"
    try:
        _replace(Path(path).resolve(), text)
    except (OSError, ValueError) as error:
        raise ReconcileError(f"the plan can't be saved: {_reason(error)}", where=path) from error


def _replace(target: Path, text: str) -> None:
    """A temporary file beside the target has mode 0600 from the start, and takes its place in one move."""
    number, name = tempfile.mkstemp(dir=target.parent, prefix=".plan-")
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "the path is not one"


def load(path: str) -> SavedPlan:
    """Read a saved plan back. Raises PlanFileError when it is not whole, or of another format."""
    try:
        with Path(path).open("rb") as file:
            content = json.loads(file.read(LARGEST))
    except OSError as error:
        raise PlanFileError(f"the plan can't be read: {_reason(error)}", where=path) from error
    except (ValueError, RecursionError) as error:
        raise _broken(path) from error
    if not isinstance(content, dict):
        raise _broken(path)
    version = str(content.pop("format_version", ""))
    if version.partition(".")[0] != FORMAT.partition(".")[0]:
        message = f"a plan of format {version or 'unknown'}, and this version reads {FORMAT}"
        raise PlanFileError(message, where=path, hint="plan again, with --out")
    return _read(path, content)


def _read(path: str, content: dict[str, object]) -> SavedPlan:
    """The content as it was saved: what bears the right checksum was written by `save`."""
    checksum = content.pop("checksum", None)
    match content:
        case {"config": str(config), "digest": str(digest), "writes": list(writes), "selection": dict(selection)}:
            if checksum == _checksum(content) and selection.keys() == asdict(Selection()).keys():
                chosen = Selection(**{name: tuple(values) for name, values in selection.items()})
                return SavedPlan(config, chosen, digest, tuple(str(each) for each in writes))
        case _:
            pass
    raise _broken(path)


def _checksum(content: Mapping[str, object]) -> str:
    return "sha256:" + hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _broken(path: str) -> PlanFileError:
    return PlanFileError("not a whole plan: the file was cut or edited", where=path, hint="plan again, with --out")
