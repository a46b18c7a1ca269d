"""Whether `$LATEST` differs from a version, and in what: two Settings -> phrases. Pure.

Field names, and values only of the few fields whose values are short and harmless; never of Environment.
"""

from collections.abc import Iterable
from itertools import chain

from reconciler.model.observed import Settings

SHOWN = frozenset({"Timeout", "MemorySize", "Runtime", "Handler", "EphemeralStorage", "TracingConfig", "Architectures"})
LONGEST_SHOWN = 40


def differences(old: Settings, new: Settings) -> tuple[str, ...]:
    """One phrase for each difference, empty if there is none: `code`, `Environment (2 keys)`, `Timeout 60 -> 120`."""
    code = ("code",) if old.code_sha256 != new.code_sha256 else ()
    return (*code, *_environment(old, new), *_fields(dict(old.fields), dict(new.fields)))


def _environment(old: Settings, new: Settings) -> Iterable[str]:
    keys = {key for key, _ in set(old.environment) ^ set(new.environment)}
    if keys:
        yield f"Environment ({len(keys)} {'key' if len(keys) == 1 else 'keys'})"


def _fields(old: dict[str, str], new: dict[str, str]) -> Iterable[str]:
    for name in sorted(set(chain(old, new))):
        before, after = old.get(name, ""), new.get(name, "")
        if before == after:
            continue
        short = name in SHOWN and before and after and len(before) + len(after) <= LONGEST_SHOWN
        yield f"{name} {before} -> {after}" if short else name
