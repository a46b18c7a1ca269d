"""Mutable state while a plan is applied: `State` per ion, `Run` per account and region.

A `State` is changed only by its own ion's coroutine; a `Run` by all coroutines of its loop, which are on one thread and
therefore need no lock.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from math import inf
from typing import TypeVar

from reconciler.apply.awaitables import StepFailed
from reconciler.apply.late import OwnWrites
from reconciler.decide.routing import in_transition
from reconciler.model.callers import NO_POLICY, ResourcePolicy
from reconciler.model.observed import (
    AliasPointer,
    AliasState,
    Key,
    Latest,
    Observed,
    Provisioned,
    Scaling,
    Settings,
    VersionState,
)
from reconciler.model.outcome import Outcome
from reconciler.model.plan import IonPlan, StepRef
from reconciler.model.ports import Reader, Writer
from reconciler.model.steps import NewVersion, Version
from reconciler.observe.environments import Connection

Value = TypeVar("Value")


@dataclass(slots=True)
class Publishing:
    """One publish, shared by all ions of a function. `failure`: why the ion that published failed."""

    ended: bool = False
    version: VersionState | None = None
    failure: Exception | None = None


@dataclass(slots=True)
class Run:
    """What the coroutines of one account and region share. `ended`: the outcome of every step that has one.

    `timeout`: seconds. `guarded`: a section within which no signal ends the program. `now`: seconds since 1970.
    `begun`: ions begun so far. `waiting`: how many ions wait, by what they wait for. `took`: by the same, the fewest
    seconds from a write to a read that saw it done.
    """

    clock: Callable[[], float]
    timeout: float
    guarded: Callable[[], AbstractContextManager[None]]
    now: Callable[[], float]
    begun: int = 0
    waiting: Counter[str] = field(default_factory=Counter)
    took: dict[str, float] = field(default_factory=dict)
    publishings: dict[str, Publishing] = field(default_factory=dict)
    ended: dict[StepRef, Outcome] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """One ion: its plan, what was last read, and when its timeout started (`since`: its last write).

    `rank`: writes of an ion begun earlier go first, so that ions finish one by one rather than all at the end.
    """

    plan: IonPlan
    observed: Observed
    connection: Connection
    run: Run
    pointer: AliasPointer | None
    provisioned: Provisioned | None
    latest: Latest | None
    since: float
    rank: int
    published: VersionState | None = None
    looked: float = -inf  # when `provisioned` was read
    pointed: float = -inf  # when the alias was seen where `pointer` says
    checked: float = -inf  # when `latest` was read
    queued: float = 0.0  # seconds spent queueing for quota since the last write
    seen_transition: bool = False
    removed: bool = False  # our own removal may have changed the alias's RevisionId
    left: str | None = None  # the version that our own move left, on which Lambda puts its weight
    hurried: bool = False  # between the two writes of a repair, while callers may be on a failing version
    unknown: bool = False  # the alias could not be read again after a move that failed
    own: OwnWrites = field(default_factory=OwnWrites)
    scaling: Scaling = None
    policy: ResourcePolicy = NO_POLICY  # of the alias, as last read, with what we added since
    allowed: bool = False  # our own statement has changed the policy's RevisionId

    @property
    def key(self) -> Key:
        return self.plan.key

    @property
    def reader(self) -> Reader:
        return self.connection.reader

    @property
    def writer(self) -> Writer:
        return self.connection.writer

    def number(self, version: Version) -> str:
        """The version's number, once it is published."""
        if not isinstance(version, NewVersion):
            return version
        if self.published is None:
            raise StepFailed("NotPublished", "the version was not published")
        return self.published.number

    def expired(self) -> bool:
        return self.run.clock() >= self.deadline()

    def deadline(self) -> float:
        return self.since + self.queued + self.run.timeout

    def after(self) -> Observed | None:
        """The ion as last read; None if that is not known."""
        if self.unknown:
            return None
        alias = AliasState(self.pointer, self._behind(self.pointer)) if self.pointer else None
        return Observed(self.latest, alias, self.provisioned, self.scaling)

    def _behind(self, pointer: AliasPointer) -> VersionState:
        known = (self.published, self.observed.alias and self.observed.alias.behind, self.observed.pinned)
        for version in known:
            if version and version.number == pointer.version:
                return version
        return VersionState(pointer.version, self.settings(), "")

    def settings(self) -> Settings:
        """Settings of the version that comes nearest: for the log group and the price."""
        if self.latest is None:
            raise StepFailed("NotFound", "the function is gone")
        return self.latest.settings


def begin(
    plan: IonPlan,
    observed: Observed,
    *,
    connection: Connection,
    run: Run,
) -> State:
    """An ion as it was observed, before its first step."""
    run.begun += 1
    return State(
        plan,
        observed,
        connection,
        run,
        pointer=observed.alias.pointer if observed.alias else None,
        provisioned=observed.provisioned,
        latest=observed.latest,
        since=run.clock(),
        rank=run.begun,
        seen_transition=in_transition(observed),
        scaling=observed.scaling,
        policy=observed.callers.alias or NO_POLICY,
    )
