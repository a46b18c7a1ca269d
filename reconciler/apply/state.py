"""What is known of one ion while it is applied, and how its way asks for calls.

Mutable, and touched only by the ion's own way. `Run` is what all ways of one account and region share.
"""

from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from math import inf
from typing import TypeVar
from zlib import crc32

from reconciler.apply.requests import Ask, Gate, Interrupted, Pause, Request, StepFailed
from reconciler.aws.pacer import Bucket
from reconciler.decide.routing import in_transition
from reconciler.errors import AwsError, Fault
from reconciler.lane import LOOK, URGENT, WRITE, Call
from reconciler.model import (
    AliasPointer,
    AliasState,
    IonPlan,
    Key,
    Latest,
    NewVersion,
    Observed,
    Outcome,
    Provisioned,
    Settings,
    Step,
    Version,
    VersionState,
)
from reconciler.ports import Reader, Writer

FIRST_LOOK = 2.0  # seconds after a write, at most
TICK = 1.0  # seconds after which a wait sees what others have learned meanwhile
LOOK_GROWTH = 1.5
LONGEST_LOOK = 15.0
LOOKS_TOGETHER = 5.0  # a second, of all ions that wait for the same thing; the rest of the quota is left to others
LONGEST_SHARE = 30.0
APART = 5.0  # seconds between two looks that together prove that no transition is coming
WRITE_ATTEMPTS = 5  # of a write that AWS fails to answer: some fail for good

Value = TypeVar("Value")
Asking = Generator[Request, object, Value]


@dataclass(slots=True)
class Publishing:
    """One publish, which all ions of a function share. `failure` is what whoever published failed with."""

    ended: bool = False
    version: VersionState | None = None
    failure: Exception | None = None


@dataclass(slots=True)
class Run:
    """What the ways of one account and region share. `ended`: the outcome of every step that has one.

    `begun`: ions so far. `waiting`: how many wait, by what for. `took`: the shortest time from a write to a look that
    saw it ended, by what was waited for.
    """

    clock: Callable[[], float]
    timeout: float
    begun: int = 0
    waiting: Counter[str] = field(default_factory=Counter)
    took: dict[str, float] = field(default_factory=dict)
    publishings: dict[str, Publishing] = field(default_factory=dict)
    ended: dict[tuple[Key, Step], Outcome] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """One ion: the plan, what the last looks saw, and since when it waits (its last write).

    `rank`: writes of an ion that began earlier go first, so that ions end one after another rather than all at once.
    """

    plan: IonPlan
    observed: Observed
    reader: Reader
    writer: Writer
    run: Run
    pointer: AliasPointer | None
    provisioned: Provisioned | None
    latest: Latest | None
    since: float
    rank: int
    published: VersionState | None = None
    looked: float = 0.0  # when `provisioned` was read
    queued: float = 0.0  # seconds spent queueing for quota since the last write
    seen_transition: bool = False
    removed: bool = False  # our own removal may have changed the alias's RevisionId

    @property
    def key(self) -> Key:
        return self.plan.key

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

    def after(self) -> Observed:
        """The ion as the last looks saw it."""
        alias = AliasState(self.pointer, self._behind(self.pointer)) if self.pointer else None
        return Observed(self.latest, alias, self.provisioned, self.observed.scaling)

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


def begin(plan: IonPlan, observed: Observed, *, reader: Reader, writer: Writer, run: Run) -> State:
    """An ion as it was observed, before its first step."""
    run.begun += 1
    return State(
        plan,
        observed,
        reader,
        writer,
        run,
        pointer=observed.alias.pointer if observed.alias else None,
        provisioned=observed.provisioned,
        latest=observed.latest,
        since=run.clock(),
        rank=run.begun,
        looked=run.clock(),
        seen_transition=in_transition(observed),
    )


# ---------------------------------------------------------------- asking


def read(
    state: State, work: Callable[[], Value], *, bucket: Bucket = Bucket.SLOW, vital: bool = False
) -> Asking[Value]:
    """A read, repeated within the timeout while AWS fails to answer. `vital`: it goes before everything else."""
    while True:
        try:
            call = Call(work, bucket, urgency=URGENT if vital else LOOK, patience=state.run.timeout)
            return (yield from _asked(state, Ask(call, vital=vital)))
        except AwsError as error:
            if error.fault is not Fault.UNAVAILABLE or vital or state.expired():
                raise
        yield Pause(state.run.clock() + LONGEST_LOOK, "AWS to answer")


def write(state: State, work: Callable[[], Value], *, tokens: int = 1, vital: bool = False) -> Asking[Value]:
    """A write, made once. `tokens` 2: with the quota of the next one in hand, which then takes 0."""
    urgency = WRITE if tokens == 1 and not vital else URGENT
    call = Call(work, Bucket.SLOW, urgency, state.rank, repeatable=False, tokens=tokens, patience=state.run.timeout)
    try:
        return (yield from _asked(state, Ask(call, vital=vital)))
    finally:
        begin_waiting(state)


def gate(state: State, opens: Callable[[], bool], what: str, *, vital: bool = False) -> Asking[None]:
    """Wait for another ion, which is no waiting for AWS."""
    yield Gate(opens, what, vital)
    begin_waiting(state)


def begin_waiting(state: State) -> None:
    """Count the timeout from here."""
    state.since, state.queued = state.run.clock(), 0.0


def _asked(state: State, ask: Ask) -> Asking[Value]:
    answer = yield ask
    if not isinstance(answer, tuple):
        raise TypeError(answer)
    value, queued = answer
    state.queued += queued
    result: Value = value
    return result


def surely(
    state: State,
    writing: Callable[[AwsError | None], Asking[Value]],
    happened: Callable[[], Asking[Value | None]],
) -> Asking[Value]:
    """A write; after an answer that was lost, look whether it happened before repeating it.

    `writing` is told what was lost before, if anything. `happened` answers with the write's result, or None; it raises
    when somebody else did something else.
    """
    lost: AwsError | None = None
    for attempt in range(WRITE_ATTEMPTS):
        if lost:
            yield Pause(state.run.clock() + FIRST_LOOK * attempt, "AWS to answer", vital=True)
            result = yield from happened()
            if result is not None:
                return result
        try:
            return (yield from after_doubt(lost, writing(lost)))
        except AwsError as error:
            doubtful = lost is not None and error.fault in {Fault.STALE, Fault.EXISTS}
            if error.fault is not Fault.UNAVAILABLE and not doubtful:
                raise
            lost = error
    if lost is None:
        raise AssertionError("a loop that made no attempt")
    result = yield from happened()
    if result is not None:
        return result
    raise lost


def after_doubt(lost: AwsError | None, asking: Asking[Value]) -> Asking[Value]:
    """Ask; interrupted after an answer was lost, the loss is what there is to tell, since the write was sent."""
    try:
        return (yield from asking)
    except Interrupted:
        if lost:
            raise lost from None
        raise


def poll(state: State, what: str, look: Callable[[], Asking[float | None]]) -> Asking[None]:
    """Look until there is nothing to wait for: soon after the last write, then ever less often.

    `look` answers None when done, else the seconds to wait at least (0: as the schedule says). Ions that wait for the
    same thing look at different ages, so that together they see how long it takes; at that age each looks once more.
    Where many wait, each looks less often.
    """
    state.run.waiting[what] += 1
    try:
        yield from _polled(state, what, look)
    finally:
        state.run.waiting[what] -= 1


def _polled(state: State, what: str, look: Callable[[], Asking[float | None]]) -> Asking[None]:
    interval = FIRST_LOOK * (1 - 0.5 * _spread(state.key))
    moment, patient = max(state.run.clock(), state.since + interval), False
    while True:
        yield from _until(state, moment, what, patient=patient)
        wait = yield from look()
        now = state.run.clock()
        if wait is None:
            state.run.took[what] = min(now - state.since, state.run.took.get(what, inf))
            return
        if state.expired():
            raise StepFailed(
                "Timeout",
                f"gave up waiting for {what}, {_spoken(state.run.timeout)} after the last write",
                "AWS may still be at work: look with `reconcile status`, and run again",
            )
        interval = min(interval * LOOK_GROWTH, LONGEST_LOOK)
        moment, patient = now + (wait or max(interval, _share(state, what))), wait > 0


def _spoken(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 and seconds % 30 == 0 else f"{seconds:g} s"


def _share(state: State, what: str) -> float:
    """The interval at which ions that wait for the same thing make no more looks than they should."""
    together = state.run.waiting[what] / LOOKS_TOGETHER
    return min(together * (0.5 + _spread(state.key)), LONGEST_SHARE)


def _until(state: State, moment: float, what: str, *, patient: bool) -> Asking[None]:
    """Wait for this moment, or (unless `patient`) for the age at which others saw it ended, if that is yet to come."""
    begun = state.run.clock()
    while True:
        known = state.since + state.run.took.get(what, inf)
        sooner = inf if patient or known <= begun else known
        until = min(moment, sooner, max(begun, state.deadline()))
        tick = (state.run.clock() // TICK + 1) * TICK  # the same for all, so that they are resumed together
        yield Pause(min(until, tick), what)
        if state.run.clock() >= until:
            return


def _spread(key: Key) -> float:
    """A number between 0 and 1 that is the ion's own, in every run the same."""
    return crc32(f"{key.function}:{key.alias}".encode()) / 2**32
