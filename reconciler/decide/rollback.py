"""The version that a rollback goes back to: what was read of an ion -> a RollBack. Pure.

By the mark of the last move; after a rollback, or without a mark, the highest below. The rollback's own mark names the
version that `$LATEST` equals: while it does, an alias that follows `$LATEST` is held where it was put, and with the
next change of `$LATEST` it follows again.
"""

from dataclasses import dataclass

from reconciler.decide.compare import differences
from reconciler.decide.marks import mark_of, may_be_marked
from reconciler.model.desired import Desired, FollowLatest, Pinned
from reconciler.model.observed import AliasPointer, Latest, RollBack, Unreadable, VersionState

CODE_STAYS = (
    "a rollback moves the alias of a Lambda alone; an ion's code is in the compute group, and goes back by deploying "
    "the earlier revision"
)


@dataclass(frozen=True, slots=True)
class Published:
    """What was read of one ion's function. `latest` None: no such function; `pointer` None: no such alias.

    `behind`: the version behind the alias. `marked`: the version that a rollback's mark names (None: no such mark, or
    it is gone). `numbers`: of the published versions.
    """

    latest: Latest | None
    pointer: AliasPointer | None
    behind: VersionState | None
    marked: VersionState | None
    numbers: tuple[int, ...]


def roll_back(desired: Desired, found: Published | Unreadable, *, to: int | None) -> RollBack:
    """What a rollback asks of one ion. `to` None: the version before."""
    if isinstance(desired.version, Pinned):
        return RollBack(None, f"the file pins version {desired.version.number}: change the pin, and apply")
    if isinstance(found, Unreadable):
        return RollBack(None, f"its versions could not be read: {found.why}")
    if found.pointer is None:
        return RollBack(None, f"no alias {desired.alias}: there is nothing to go back from")
    number, reason = _number(found.pointer, found.numbers, to)
    if number is None:
        return RollBack(None, reason)
    latest, changed = _latest(found, found.pointer)
    return RollBack(number, reason, latest, _note(desired, found.pointer, number, changed=changed))


def _number(pointer: AliasPointer, numbers: tuple[int, ...], to: int | None) -> tuple[str | None, str]:
    """The version, and why that one; or None, and why there is none."""
    if to is not None:
        known = ", ".join(map(str, sorted(numbers)[-10:])) or "none"
        return (
            (str(to), f"rolled back from {pointer.version} to the version given")
            if to in numbers
            else (None, f"no version {to}; the newest there are: {known}")
        )
    mark = mark_of(pointer)
    if mark and mark.latest is None and mark.before.isdecimal() and int(mark.before) in numbers:
        return mark.before, f"rolled back from {pointer.version} to where the last move came from"
    current = int(pointer.version) if pointer.version.isdecimal() else None
    below = [number for number in numbers if current is None or number < current]
    if not below:
        return None, f"there is no version below {pointer.version} to go back to"
    return str(max(below)), f"rolled back from {pointer.version} to the highest version below"


def _latest(found: Published, pointer: AliasPointer) -> tuple[str, bool]:
    """The version that `$LATEST` equals; else the alias's, and that `$LATEST` has changed since."""
    for version in (found.behind, found.marked):
        if version and found.latest and not differences(version.settings, found.latest.settings):
            return version.number, False
    return pointer.version, True


def _note(desired: Desired, pointer: AliasPointer, number: str, *, changed: bool) -> str:
    """Whether the alias will stay there."""
    if not isinstance(desired.version, FollowLatest) or number == pointer.version:
        return ""
    forward = f"the next apply moves it forward again, unless the file pins `version: {number}`"
    if not may_be_marked(pointer):
        return f"its Description is a person's and stays, so nothing holds it there: {forward}"
    return f"$LATEST differs from {pointer.version} already: {forward}" if changed else ""
