"""A saved plan: what was approved, as a file that another machine can hold to. No secret is in it.

It holds the identities of the approved writes, not the writes: `apply PLANFILE` observes and decides afresh, and goes
on when every write that is still needed was approved. A checksum over the content tells a file that was cut or edited,
and its digest is that of its own writes.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.cli.whole_file import present, reason, replace, unwritten
from reconciler.decide.identity import digest
from reconciler.model.errors import PlanFileError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FORMAT = "2.0"
LARGEST = 64 * 1024 * 1024
UNSAVED = "the plan can't be saved"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which ions of the file a command is about: `--group`, `--only`, `--exclude`."""

    groups: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """What was approved, and of which world.

    `config`: the fingerprint of the file that it was made from. `endpoint`: where AWS's answers came from (None: AWS's
    own endpoints), and `accounts` of which accounts, sorted. `writes`: the approved identities, sorted.
    """

    config: str
    endpoint: str | None
    accounts: tuple[str, ...]
    selection: Selection
    digest: str
    writes: tuple[str, ...]


def check_target(path: str, *, config: str) -> None:
    """Raise unless a plan may be written there: a new file, or a regular one that is not the configuration.

    `config`: the path of the file that the plan is made from; `-` is standard input.
    """
    found = present(path, UNSAVED)
    try:
        source = os.fstat(0) if config == "-" else Path(config).stat()
    except OSError as error:
        raise unwritten(path, UNSAVED, reason(error)) from error
    if found and os.path.samestat(found, source):
        raise unwritten(path, UNSAVED, "that is the file that the plan is made from; name another")


def save(path: str, plan: SavedPlan, *, config: str) -> None:
    """Write the plan to a file that only its owner can read; whole or not at all. `config`: as in `check_target`."""
    check_target(path, config=config)
    content = _model().dump_python(plan, mode="json")
    text = json.dumps({"format_version": FORMAT, **content, "checksum": _checksum(content)}, indent=1) + "\n"
    try:
        replace(Path(path), text, mode=0o600)
    except (OSError, ValueError) as error:
        raise unwritten(path, UNSAVED, reason(error)) from error


def load(path: str) -> SavedPlan:
    """Read a saved plan back. Raises PlanFileError when it is not whole, or of another format."""
    try:
        with Path(path).open("rb") as file:
            return _read(path, json.loads(file.read(LARGEST)))
    except OSError as error:
        raise PlanFileError(f"the plan can't be read: {reason(error)}", where=path) from error
    except (ValueError, RecursionError) as error:
        raise _broken(path) from error


def _read(path: str, content: object) -> SavedPlan:
    """Raises PlanFileError or ValueError unless it is what `save` wrote: whoever edits a file may mend its checksum."""
    if not isinstance(content, dict):
        raise _broken(path)
    version = str(content.pop("format_version", ""))
    if version.partition(".")[0] != FORMAT.partition(".")[0]:
        message = f"a plan of format {version or 'unknown'}, and this version reads {FORMAT}"
        raise PlanFileError(message, where=path, hint="plan again, with --out")
    checksum = content.pop("checksum", None)
    plan = _model().validate_python(content)
    whole = _model().dump_python(plan, mode="json") == content and checksum == _checksum(content)
    if not whole or plan.digest != digest(plan.writes):
        raise _broken(path)
    return plan


@cache
def _model() -> "TypeAdapter[SavedPlan]":
    """Reads and writes a plan, without the format version and the checksum that stand around it."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - only where a plan is saved or loaded

    return TypeAdapter(SavedPlan)


def _checksum(content: Mapping[str, object]) -> str:
    return "sha256:" + hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _broken(path: str) -> PlanFileError:
    return PlanFileError("not a whole plan: the file was cut or edited", where=path, hint="plan again, with --out")
