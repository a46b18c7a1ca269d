"""The mark that a move leaves as its alias's Description: which version the alias left, and when. Pure.

Two forms, both for people too: `reconcile: 6 -> 7, 2026-11-27T23:00Z` of an apply, and `reconcile: rolled back 7 -> 6
(latest 7), 2026-11-27T23:00Z` of a rollback, where `latest` is the version that `$LATEST` equalled. A mark is written
in the same UpdateAlias call as the move, so that neither can be without the other, and only where the Description is
empty or a mark: a person's words stay. AWS takes 256 characters; a mark has fewer than 80.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from reconciler.model.observed import AliasPointer

_VERSION: Final = r"\$LATEST|\d{1,18}"
_MARK: Final = re.compile(
    rf"reconcile: (?:(?P<before>{_VERSION}) -> (?P<after>{_VERSION})"
    rf"|rolled back (?P<left>{_VERSION}) -> (?P<back>{_VERSION}) \(latest (?P<latest>{_VERSION})\))"
    r", \d{4}-\d\d-\d\dT\d\d:\d\dZ",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A move from `before` to `after`. `latest`: of a rollback, the version that `$LATEST` equalled; else None."""

    before: str
    after: str
    latest: str | None = None

    def text(self, now: float) -> str:
        """The Description. `now`: seconds since 1970."""
        moment = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%MZ")
        if self.latest is None:
            return f"reconcile: {self.before} -> {self.after}, {moment}"
        return f"reconcile: rolled back {self.before} -> {self.after} (latest {self.latest}), {moment}"


def mark_of(pointer: AliasPointer) -> Mark | None:
    """The mark of the move that brought the alias where it is; None when it has none, or was moved since."""
    mark = _parsed(pointer.description)
    return mark if mark and mark.after == pointer.version else None


def may_be_marked(pointer: AliasPointer) -> bool:
    """Whether the Description is empty or ours; a person's is left as it is."""
    return not pointer.description or _parsed(pointer.description) is not None


def _parsed(description: str) -> Mark | None:
    found = _MARK.fullmatch(description)
    if found is None:
        return None
    if found["latest"] is not None:
        return Mark(found["left"], found["back"], found["latest"])
    return Mark(found["before"], found["after"])
