"""One function's live state -> the file's entries that change nothing, and what to say about them. Pure.

An entry's settings are not derived by rules of their own: of the ways to write it, plainest first, the first is taken
for which the program's own verdict is that nothing would change. So `plan` right after `init` says no changes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from reconciler.advise.init.live import LiveAlias, LiveFunction
from reconciler.decide.diff import plan_ion
from reconciler.decide.scaling import is_ours, read_back
from reconciler.model.desired import ConnectionSettings, Desired, FollowLatest, Pinned, Unmanaged, VersionWish
from reconciler.model.observed import AccountRegion, Ion, Key, Observed, Provisioned, ScalingTarget
from reconciler.model.plan import Blocked, InSync, Pending, Settling
from reconciler.model.scaling import Scaled


@dataclass(frozen=True, slots=True)
class Entry:
    """One ion as it will stand in the file. `function` and `concurrency` None: not written.

    `remark` stands behind the line, `notes` above it, each a sentence.
    """

    name: str
    alias: str
    concurrency: int | Scaled | None
    version: VersionWish = field(default_factory=FollowLatest)
    function: str | None = None
    remark: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, and the command (a line that is never broken) that it leads to."""

    sentence: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Adopted:
    """What one function comes to: its entries, and what is to be said because the file can't."""

    entries: tuple[Entry, ...]
    said: tuple[Said, ...] = ()


def adopted(function: LiveFunction, place: AccountRegion, *, name: str | None) -> Adopted:
    """`name`: what the function is called in its section, where that says its full name; None: it does not."""
    chosen = {alias.name: _chosen(alias, function.name, place) for alias in function.aliases}
    apart = _kept_apart(function, chosen)
    kept = sorted((entry for entry in apart.values() if entry), key=lambda entry: (not _follows(entry), entry.alias))
    entries = tuple(_named(entry, function.name, name, number) for number, entry in enumerate(kept))
    left_out = tuple(_left_out(function, alias, place) for alias in function.aliases if not apart[alias.name])
    return Adopted(_with_starving(entries, function), (*left_out, *_orphans(function, place)))


# ---------------------------------------------------------------- one alias


def _chosen(alias: LiveAlias, function: str, place: AccountRegion) -> Entry | None:
    """The plainest way to write an alias for which nothing is to be changed; None when there is none."""
    for version, concurrency in _ways(alias.observed):
        entry = Entry(alias.name, alias.name, concurrency, version)
        if _changes_nothing(entry, alias.observed, function, place):
            notes = (*_version_notes(entry, alias.observed, function, place), *_number_notes(entry, alias.observed))
            return replace(entry, remark=_remark(alias.observed), notes=notes)
    return None


def _ways(observed: Observed) -> Iterator[tuple[VersionWish, int | Scaled | None]]:
    numbers: tuple[int | Scaled | None, ...] = (observed.requested, None)
    if isinstance(observed.scaling, ScalingTarget):
        numbers = (read_back(observed.scaling), None) if is_ours(observed.scaling) else (None,)
    for concurrency in numbers:
        yield FollowLatest(), concurrency
        yield Unmanaged(), concurrency


def _changes_nothing(entry: Entry, observed: Observed, function: str, place: AccountRegion) -> bool:
    return isinstance(plan_ion(_ion(entry, function, place), observed).verdict, InSync | Settling)


def _ion(entry: Entry, function: str, place: AccountRegion) -> Ion:
    key = Key(place.account, place.region, function, entry.alias)
    return Ion(key, Desired(ConnectionSettings(), None, function, entry.alias, entry.version, entry.concurrency))


def _version_notes(entry: Entry, observed: Observed, function: str, place: AccountRegion) -> Iterator[str]:
    if isinstance(entry.version, FollowLatest):
        return
    reason = _why_not(replace(entry, version=FollowLatest(), concurrency=None), observed, function, place)
    yield f"{reason}. `version: unmanaged` leaves the alias there; without it, the alias follows $LATEST"


def _why_not(entry: Entry, observed: Observed, function: str, place: AccountRegion) -> str:
    match plan_ion(_ion(entry, function, place), observed).verdict:
        case Blocked(why):
            return why
        case Pending(changes):
            return "; ".join(dict.fromkeys(change.reason for change in changes))
        case _:
            return "the alias is where it should be"


def _number_notes(entry: Entry, observed: Observed) -> Iterator[str]:
    scaling, provisioned = observed.scaling, observed.provisioned
    if entry.concurrency is not None:
        return
    if isinstance(scaling, ScalingTarget):
        bounds = f"between {scaling.minimum} and {scaling.maximum}"
        yield f"Application Auto Scaling owns the number, {bounds}: `concurrency` is left out"
    elif provisioned and provisioned.status == "FAILED":
        yield (
            f"the provisioned concurrency is FAILED ({provisioned.reason or 'AWS gives no reason'}): it is left out, "
            f"and `concurrency: {provisioned.requested}` would put it again"
        )


def _remark(observed: Observed) -> str:
    version = f"version {observed.alias.pointer.version}" if observed.alias else ""
    provisioned = observed.provisioned
    return f"{_warm(provisioned)} on {version}" if provisioned else f"{version}, nothing kept warm"


def _warm(provisioned: Provisioned) -> str:
    if provisioned.status == "IN_PROGRESS":
        return f"{provisioned.requested} requested, {provisioned.allocated} allocated, IN_PROGRESS"
    return f"{provisioned.requested} requested, {provisioned.status}"


# ---------------------------------------------------------------- the aliases of one function


def _kept_apart(function: LiveFunction, chosen: dict[str, Entry | None]) -> dict[str, Entry | None]:
    """AWS allows one provisioned concurrency a version, so only one alias that has some can follow `$LATEST`.

    The one on the newest version does; the others are pinned to where they are.
    """
    followers = [
        alias
        for alias in function.aliases
        if alias.observed.provisioned and _follows(chosen[alias.name]) and alias.observed.alias
    ]
    newest = max(followers, key=lambda alias: int(_version(alias)), default=None)
    for alias in followers:
        entry = chosen[alias.name]
        if newest is not None and alias is not newest and entry is not None:
            note = f"pinned: {newest.name} follows $LATEST already, and AWS keeps one alias of a version warm"
            chosen[alias.name] = replace(entry, version=Pinned(_version(alias)), notes=(*entry.notes, note))
    return chosen


def _follows(entry: Entry | None) -> bool:
    return entry is not None and isinstance(entry.version, FollowLatest)


def _version(alias: LiveAlias) -> str:
    return alias.observed.alias.pointer.version if alias.observed.alias else "0"


def _named(entry: Entry, function: str, name: str | None, number: int) -> Entry:
    """Under a name of its own: the function's for its first alias, with the alias's behind it for the others."""
    if number == 0 and name is not None:
        return replace(entry, name=name)
    own = name or function
    return replace(entry, name=own if number == 0 else f"{own}-{entry.alias}", function=function)


def _with_starving(entries: tuple[Entry, ...], function: LiveFunction) -> tuple[Entry, ...]:
    """The first entry says it when the warm capacity takes all of the function's reserved concurrency."""
    configs = [
        *(alias.observed.provisioned for alias in function.aliases),
        *(row.provisioned for row in function.versions),
    ]
    total = sum(config.requested for config in configs if config)
    if not entries or function.reserved is None or total < max(function.reserved, 1):
        return entries
    note = (
        f"all of the reserved concurrency ({function.reserved}; an ion's :concurrency-limit) is kept warm: $LATEST, "
        "and every alias without provisioned concurrency, is throttled to nothing"
    )
    return (replace(entries[0], notes=(*entries[0].notes, note)), *entries[1:])


# ---------------------------------------------------------------- what the file can't say


def _left_out(function: LiveFunction, alias: LiveAlias, place: AccountRegion) -> Said:
    entry = Entry(alias.name, alias.name, None, Unmanaged())
    return Said(f"{function.name}:{alias.name} is left out: {_why_not(entry, alias.observed, function.name, place)}")


def _orphans(function: LiveFunction, place: AccountRegion) -> Iterable[Said]:
    for row in function.versions:
        yield Said(
            f"version {row.qualifier} of {function.name} has provisioned concurrency of its own "
            f"({_warm(row.provisioned)}): the file names aliases only. Unless somebody calls it by that number:",
            f"aws lambda delete-provisioned-concurrency-config --region {place.region} --function-name {function.name} "
            f"--qualifier {row.qualifier}",
        )
