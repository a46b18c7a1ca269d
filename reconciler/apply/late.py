"""Stale reads: for some seconds after a write, AWS may still return what it replaced.

In: what a write replaced, and when. Out: whether a value that was read is that old one, so that it means "not yet"
rather than "somebody else". Any other value is what it says. Pure: the time is a parameter.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from reconciler.model.callers import AsyncSettings, EventSource, ResourcePolicy
from reconciler.model.observed import AliasPointer, Provisioned, VersionState

LATE = 10.0  # seconds after a write for which reads may show what it replaced

Thing = Literal["alias", "provisioned", "version", "policy", "async", "event source"]
Value = AliasPointer | Provisioned | VersionState | ResourcePolicy | AsyncSettings | EventSource | None
IsOld = Callable[[Value], bool]
Replaced = tuple[Thing, IsOld]


@dataclass(slots=True)
class OwnWrites:
    """What recent writes to one ion replaced: a predicate each, kept for as long as reads may be stale."""

    _replaced: list[tuple[float, Thing, IsOld]] = field(default_factory=list)

    def note(self, replaced: Replaced, now: float) -> None:
        """Record a write that was sent, whether or not its answer arrived."""
        self._replaced = [each for each in self._replaced if now < each[0]]
        self._replaced.append((now + LATE, *replaced))

    def hide(self, thing: Thing, value: Value, now: float) -> bool:
        """Whether this value may predate one of our writes."""
        return any(now < until and of == thing and is_old(value) for until, of, is_old in self._replaced)


def pointer_before(before: AliasPointer | None, number: str) -> Replaced:
    """Where an alias pointed (None: it was missing) before it was created on, or moved to, `number`."""

    def is_old(value: Value) -> bool:
        if not before or not isinstance(value, AliasPointer):
            return not before and value is None
        return value.version == before.version and (before.version != number or value.weights == before.weights)

    return "alias", is_old


def provisioned_before(before: Provisioned | None, number: int | None) -> Replaced:
    """The provisioned concurrency before it was set to `number`, or removed (None)."""

    def is_old(value: Value) -> bool:
        if not before or not isinstance(value, Provisioned):
            return not before and value is None and number is not None
        same = value.requested == before.requested
        return same and (number not in {None, before.requested} or value.status == before.status)

    return "provisioned", is_old


def version_before() -> Replaced:
    """A version that a publish made was not there."""
    return "version", lambda value: value is None


def policy_before(sid: str) -> Replaced:
    """A policy without the statement that was added."""
    return (
        "policy",
        lambda value: isinstance(value, ResourcePolicy) and all(each.sid != sid for each in value.statements),
    )


def async_settings_before() -> Replaced:
    """There were none before they were put."""
    return "async", lambda value: value is None


def event_source_before(qualifier: str | None) -> Replaced:
    """A mapping that was on this qualifier before it was moved."""
    return "event source", lambda value: isinstance(value, EventSource) and value.qualifier == qualifier
