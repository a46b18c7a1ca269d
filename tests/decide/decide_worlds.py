"""Worlds for property tests: ions with what AWS may say of them, likely or not; and an AWS that does as it is told."""

from dataclasses import replace
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from reconciler.decide.routing import in_transition
from reconciler.model.desired import (
    Config,
    ConnectionSettings,
    Desired,
    FollowLatest,
    Limits,
    Pinned,
    Unmanaged,
    VersionWish,
)
from reconciler.model.observed import (
    AccountRegion,
    AccountSettings,
    AliasPointer,
    AliasState,
    Ion,
    Key,
    Latest,
    Observation,
    Observed,
    Provisioned,
    Qualified,
    Scaling,
    ScalingTarget,
    ScalingUnknown,
    Settings,
    Snapshot,
    Unreadable,
    VersionState,
)
from reconciler.model.steps import (
    AwaitSettled,
    CreateAlias,
    MoveAlias,
    NewVersion,
    RemoveProvisioned,
    SetProvisioned,
    Step,
    Version,
)

HERE = AccountRegion("123456789012", "us-east-1")
VERSIONS = st.sampled_from(["1", "2", "3"])
NEWEST = "9"  # what a publish returns
NUMBERS = st.integers(0, 4)
Value = TypeVar("Value")


def mostly(common: SearchStrategy[Value], rare: SearchStrategy[Value]) -> SearchStrategy[Value]:
    """One in eight is rare: most of what is decided lies beyond what blocks."""
    return st.integers(0, 7).flatmap(lambda number: common if number else rare)


def ion(function: str, alias: str, desired: Desired) -> Ion:
    return Ion(Key(HERE.account, HERE.region, function, alias), replace(desired, function=function, alias=alias))


DESIRED: SearchStrategy[Desired] = st.builds(
    Desired,
    connection=st.just(ConnectionSettings(HERE.account, HERE.region)),
    group=st.none(),
    function=st.just("f"),
    alias=st.just("live"),
    version=st.one_of(st.just(FollowLatest()), st.just(Unmanaged()), st.builds(Pinned, VERSIONS)),
    concurrency=st.none() | NUMBERS,
)
PINNED: SearchStrategy[VersionWish] = st.builds(Pinned, VERSIONS)
FOLLOWING: SearchStrategy[VersionWish] = st.just(FollowLatest())
WISHES = st.builds(replace, DESIRED, version=mostly(PINNED, FOLLOWING))
SETTINGS: SearchStrategy[Settings] = st.builds(
    Settings,
    code_sha256=st.sampled_from("ab"),
    fields=st.sampled_from([(), (("Timeout", "60"),)]),
    environment=st.sampled_from([(), (("KEY", "hash"),)]),
    architecture=st.just("x86_64"),
    memory_mb=st.just(1024),
    log_group=st.just("/aws/lambda/f"),
    snap_start=mostly(st.just(value=False), st.booleans()),
)
LATEST: SearchStrategy[Latest] = st.builds(
    Latest,
    settings=SETTINGS,
    revision_id=st.just("r"),
    state=mostly(st.just("Active"), st.sampled_from(["Pending", "Inactive", "Failed", "Deactivated"])),
    update_status=mostly(st.just("Successful"), st.sampled_from(["InProgress", "Failed", "Rolling", None])),
    reserved=st.none() | st.integers(0, 9),
)
NO_WEIGHTS: SearchStrategy[tuple[tuple[str, float], ...]] = st.just(())
WEIGHTS = mostly(
    NO_WEIGHTS | st.tuples(st.tuples(VERSIONS, st.just(1.0))),
    st.tuples(st.tuples(VERSIONS, st.sampled_from([0.5, 0.1]))) | st.just((("1", 0.1), ("2", 0.2))),
)
PROVISIONED: SearchStrategy[Provisioned] = st.one_of(
    st.integers(1, 4).map(lambda number: Provisioned(number, number, number, "READY")),
    st.integers(1, 4).map(lambda number: Provisioned(number, 0, 0, "FAILED", "FUNCTION_ERROR_INIT_FAILURE")),
    st.builds(Provisioned, st.integers(1, 4), NUMBERS, NUMBERS, st.just("IN_PROGRESS")),
)
SCALING: SearchStrategy[Scaling] = mostly(
    st.none(),
    st.builds(ScalingTarget, st.integers(0, 2), st.integers(2, 4))
    | st.builds(ScalingUnknown, st.just("denied"), st.booleans()),
)


@st.composite
def aliases(draw: st.DrawFn, versions: SearchStrategy[str]) -> AliasState:
    number = draw(versions)
    weights = tuple(weight for weight in draw(WEIGHTS) if weight[0] != number)
    behind = VersionState(number, draw(SETTINGS), draw(st.sampled_from(["Active", "Pending"])))
    return AliasState(AliasPointer(number, weights, "revision"), behind)


@st.composite
def observed(draw: st.DrawFn, *, reachable: bool = False) -> Observed:
    """What AWS says of an ion: `reachable` leaves out what it can't be (concurrency without an alias, on `$LATEST`)."""
    alias = draw(mostly(aliases(VERSIONS if reachable else VERSIONS | st.just("$LATEST")), st.none()))
    carries = alias is not None or not reachable
    return Observed(
        latest=draw(LATEST if reachable else mostly(LATEST, st.none())),
        alias=alias,
        provisioned=draw(st.none() | PROVISIONED) if carries else None,
        scaling=draw(SCALING),
        pinned=draw(
            mostly(st.builds(VersionState, VERSIONS, SETTINGS, st.sampled_from(["Active", "Pending"])), st.none())
        ),
        siblings=draw(st.none() | st.just(())),
    )


@st.composite
def weighted(draw: st.DrawFn, weight: float) -> Observed:
    """An alias on version 2 or 3 that sends this weight to version 1."""
    alias = draw(aliases(st.sampled_from(["2", "3"])))
    pointer = replace(alias.pointer, weights=(("1", weight),))
    return replace(
        draw(observed(reachable=True)),
        alias=replace(alias, pointer=pointer),
        provisioned=draw(st.none() | PROVISIONED),
    )


OBSERVATIONS: SearchStrategy[Observation] = mostly(observed(), st.just(Unreadable("denied")))
ACCOUNTS = st.one_of(
    st.just(Unreadable("denied")),
    st.builds(AccountSettings, st.just(1000), st.integers(98, 108), st.just(100), st.integers(0, 100)),
)
CONFIG = Config("warm.yaml", (), Limits(concurrency=5, monthly_usd=50.0), {})


@st.composite
def worlds(draw: st.DrawFn) -> Snapshot:
    """Some ions of some functions, as AWS may or may not be able to have them."""
    names = draw(st.lists(st.tuples(st.sampled_from("fgh"), st.sampled_from(["a", "b", "c"])), unique=True))
    ions = tuple(ion(function, alias, draw(DESIRED)) for function, alias in names)
    return Snapshot(ions, {each.key: draw(OBSERVATIONS) for each in ions}, draw(st.just({}) | ACCOUNTS.map(_here)))


def _here(account: AccountSettings | Unreadable) -> dict[AccountRegion, AccountSettings | Unreadable]:
    return {HERE: account}


@st.composite
def crowded(draw: st.DrawFn) -> Snapshot:
    """One function whose aliases want each other's versions, with little room; everything about it was read."""
    newest = Settings("a", (), (), "x86_64", 1024, "/aws/lambda/f")
    latest = Latest(newest, "r", "Active", "Successful", reserved=draw(st.none() | st.integers(3, 9)))
    published = {number: replace(newest, code_sha256=number) for number in "12"} | {"3": newest}
    free = draw(st.permutations(sorted(published)))
    ions: list[Ion] = []
    seen: dict[Key, Observed] = {}
    for name in "abc":
        each = ion("f", name, replace(draw(WISHES), concurrency=draw(st.integers(0, 3))))
        carries = draw(st.sampled_from([True, True, False]))
        number = free[len(ions)] if carries else draw(st.sampled_from(sorted(published)))
        ions.append(each)
        seen[each.key] = _member(draw, each, latest, published, number, carries=carries)
    siblings = tuple(Qualified(key.alias, each.provisioned) for key, each in seen.items() if each.provisioned)
    present = sum(row.provisioned.requested for row in siblings)
    if latest.reserved is not None and latest.reserved < present:
        latest = replace(latest, reserved=present)
    observations = {key: replace(each, latest=latest, siblings=siblings) for key, each in seen.items()}
    unreserved = 100 + draw(st.integers(0, 4))
    return Snapshot(tuple(ions), observations, {HERE: AccountSettings(1000, unreserved, 0, 0)})


def _member(  # noqa: PLR0913 - the parts of one alias
    draw: st.DrawFn, member: Ion, latest: Latest, published: dict[str, Settings], number: str, *, carries: bool
) -> Observed:
    wish = member.desired.version
    pinned = VersionState(wish.number, published[wish.number], "Active") if isinstance(wish, Pinned) else None
    return Observed(
        latest,
        AliasState(AliasPointer(number, (), "revision"), VersionState(number, published[number], "Active")),
        draw(PROVISIONED.filter(lambda each: each.status != "IN_PROGRESS")) if carries else None,
        pinned=pinned,
    )


# ---------------------------------------------------------------- an AWS that does as it is told


def carried_out(seen: Observed, steps: tuple[Step, ...]) -> Observed:
    """The ion after its steps, every allocation having succeeded."""
    for step in steps:
        seen = _after(seen, step)
    return _settled(seen)


def _after(seen: Observed, step: Step) -> Observed:
    match step:
        case AwaitSettled():
            return _settled(seen)
        case CreateAlias(version):
            return replace(seen, alias=_pointing(seen, version))
        case MoveAlias(version=version):
            return _settled(replace(seen, alias=_pointing(seen, version)))
        case RemoveProvisioned():
            return replace(seen, provisioned=None)
        case SetProvisioned(number):
            return replace(seen, provisioned=Provisioned(number, number, number, "READY"))
        case _:
            return seen


def _pointing(seen: Observed, version: Version) -> AliasState:
    assert seen.latest is not None
    if isinstance(version, NewVersion):
        return AliasState(AliasPointer(NEWEST, (), "other"), VersionState(NEWEST, seen.latest.settings, "Active"))
    behind = seen.pinned
    assert behind is not None
    return AliasState(AliasPointer(version, (), "other"), replace(behind, number=version))


def _settled(seen: Observed) -> Observed:
    """Lambda at rest: what was IN_PROGRESS is READY, and its own weight is gone with it."""
    provisioned, alias = seen.provisioned, seen.alias
    if alias and in_transition(seen):
        alias = replace(alias, pointer=replace(alias.pointer, weights=()))
    if provisioned and provisioned.status == "IN_PROGRESS":
        provisioned = Provisioned(provisioned.requested, provisioned.requested, provisioned.requested, "READY")
    return replace(seen, provisioned=provisioned, alias=alias)


class Account:
    """AWS's two rules about provisioned concurrency, kept while steps of several ions are carried out.

    While an alias moves it is on two versions; `publishes` is the version that a publish gives.
    """

    def __init__(self, world: Snapshot, *, publishes: str) -> None:
        self.publishes = publishes
        self._numbers: dict[Key, int] = {}
        self._versions: dict[Key, list[str]] = {}
        room = None
        for key, seen in world.observations.items():
            assert isinstance(seen, Observed)
            if seen.provisioned:
                self._numbers[key] = seen.provisioned.requested
            self._versions[key] = [seen.alias.pointer.version] if seen.alias else []
            room = seen.latest.reserved if seen.latest else None
        account = world.accounts[HERE]
        assert isinstance(account, AccountSettings)
        self._most = sum(self._numbers.values()) + account.unreserved - 100 if room is None else room

    def does(self, key: Key, step: Step) -> None:
        """Carry out one step; raises AssertionError where AWS would refuse it."""
        match step:
            case CreateAlias(version) | MoveAlias(version=version):
                number = self.publishes if isinstance(version, NewVersion) else version
                self._versions[key] = [*self._versions[key], number] if key in self._numbers else [number]
            case AwaitSettled():
                self._versions[key] = self._versions[key][-1:]
            case RemoveProvisioned():
                del self._numbers[key]
            case SetProvisioned(number):
                self._numbers[key] = number
            case _:
                pass
        assert sum(self._numbers.values()) <= self._most, "no room"
        carried = [version for each in self._numbers for version in self._versions[each]]
        assert len(carried) == len(set(carried)), "a version carries one"
