"""How an ion's coroutine calls AWS: reads, writes made at most once, and waits that poll.

In: what to call. Out: its answer, or AwsError. A read that may predate our own write is repeated (`shown`). A write
whose answer was lost is retried only after a read shows that it was not applied (`write_once`). Waits poll at growing
intervals (`poll`). Nothing here knows what a step is.
"""

from collections.abc import Awaitable, Callable
from itertools import count
from math import inf
from typing import Any, TypeVar
from zlib import crc32

from reconciler.apply.awaitables import Call, Interrupted, Sleep, StepFailed, WaitFor
from reconciler.apply.late import Replaced, Thing
from reconciler.apply.state import State, Value
from reconciler.aws.dispatcher import LOOK, URGENT, WRITE, Request
from reconciler.aws.rate_limiter import Bucket
from reconciler.model.callers import AsyncSettings, EventSource, ResourcePolicy
from reconciler.model.errors import AwsError, ErrorKind
from reconciler.model.observed import AliasPointer, Key, Provisioned, VersionState

FIRST_LOOK = 2.0  # seconds after a write, at most
TICK = 1.0  # seconds after which a wait sees what others have learned meanwhile
LOOK_GROWTH = 1.5
LONGEST_LOOK = 15.0
LOOKS_TOGETHER = 5.0  # a second, of all ions that wait for the same thing; the rest of the quota is left to others
LONGEST_SHARE = 30.0
APART = 5.0  # seconds between two looks that together prove that no transition is coming
WRITE_ATTEMPTS = 5  # of a write that AWS fails to answer: some fail for good
HURRY = 0.25  # seconds between two attempts while callers may be on a failing version
HURRIED_FOR = 60.0  # seconds of such attempts

Shown = TypeVar(
    "Shown",
    AliasPointer | None,
    Provisioned | None,
    VersionState | None,
    ResourcePolicy,
    AsyncSettings | None,
    EventSource | None,
)


async def read(
    state: State,
    work: Callable[[], Value],
    *,
    bucket: Bucket = Bucket.SLOW,
    urgency: int = LOOK,
    shielded: bool = False,
) -> Value:
    """Read, and retry within the timeout while AWS fails to answer. `shielded`: sent first, never retried here."""
    while True:
        try:
            urgency = URGENT if shielded else urgency
            request = Request(work, bucket, urgency, state.rank, throttle_timeout=state.run.timeout)
            answer: Value = await _asked(state, Call(request, shielded=shielded))
        except AwsError as error:
            if error.kind is not ErrorKind.UNAVAILABLE or shielded or state.expired():
                raise
        else:
            return answer
        await Sleep(state.run.clock() + LONGEST_LOOK, "AWS to answer")


async def shown(
    state: State, thing: Thing, reading: Callable[[], Awaitable[Shown]], *, shielded: bool = False
) -> Shown:
    """Read again while the value may predate our own write; in a hurry it is taken, and the write repeated instead."""
    while True:
        value = await reading()
        if state.hurried or not state.own.hide(thing, value, state.run.clock()):
            return value
        await Sleep(state.run.clock() + TICK, "AWS to show what was written", shielded=shielded)


async def write(  # noqa: PLR0913 - what may differ from write to write
    state: State,
    work: Callable[[], Value],
    replaced: Replaced,
    *,
    tokens: int = 1,
    shielded: bool = False,
    throttle_timeout: float = inf,
    bucket: Bucket = Bucket.SLOW,
    urgency: int = WRITE,
) -> Value:
    """Send a write once, shielded ones first. `tokens` 2 also reserves the quota of the next write, which takes 0.

    `throttle_timeout`: seconds since the first 429, at most the run's timeout. Raises AwsError: with
    `ErrorKind.UNAVAILABLE` the write may have been applied.
    """
    throttle_timeout = min(throttle_timeout, state.run.timeout)
    urgency = urgency if tokens == 1 and not shielded else URGENT
    request = Request(
        work, bucket, urgency, state.rank, repeatable=False, tokens=tokens, throttle_timeout=throttle_timeout
    )
    try:
        value: Value = await _asked(state, Call(request, shielded=shielded))
    except AwsError as error:
        if error.kind is ErrorKind.UNAVAILABLE:  # it may have happened
            state.own.note(replaced, state.run.clock())
        raise
    finally:
        begin_waiting(state)
    state.own.note(replaced, state.run.clock())
    return value


async def wait_for(state: State, condition: Callable[[], bool], what: str, *, shielded: bool = False) -> None:
    """Wait for another ion; the timeout, which is for AWS alone, starts afterwards."""
    await WaitFor(condition, what, shielded)
    begin_waiting(state)


def begin_waiting(state: State) -> None:
    """Start the timeout anew."""
    state.since, state.queued = state.run.clock(), 0.0


async def _asked(state: State, call: Call) -> Any:  # noqa: ANN401 - whatever the call's work returns
    answer, queued = await call
    state.queued += queued
    return answer


async def write_once(
    state: State,
    writing: Callable[[AwsError | None], Awaitable[Value]],
    already_applied: Callable[[], Awaitable[Value | None]],
) -> Value:
    """Write at most once per answer: after a lost answer, check before retrying.

    `writing` gets the error of the attempt before, if its answer was lost. `already_applied` gives the write's result,
    or None if it was not applied; it raises StepFailed when somebody else changed the same thing.
    """
    begun, lost = state.run.clock(), None
    for attempt in count():
        if lost:
            await Sleep(state.run.clock() + _pause(state, attempt), "AWS to answer", shielded=True)
            result = await _check_applied(state, already_applied)
            if result is not None:
                return result
            if not _may_repeat(state, attempt, begun):
                raise lost
        try:
            return await after_doubt(lost, writing(lost))
        except AwsError as error:
            doubtful = lost is not None and error.kind in {ErrorKind.STALE, ErrorKind.EXISTS}
            if error.kind not in _transient(state) and not doubtful:
                raise
            lost = error
    raise AssertionError("unreachable")


def _pause(state: State, attempt: int) -> float:
    """Seconds to wait before checking whether the attempt was applied."""
    if state.hurried:
        return HURRY if attempt > 1 else 0.0
    return FIRST_LOOK * attempt


def _may_repeat(state: State, attempt: int, begun: float) -> bool:
    return state.run.clock() - begun < HURRIED_FOR if state.hurried else attempt < WRITE_ATTEMPTS


async def _check_applied(state: State, already_applied: Callable[[], Awaitable[Value | None]]) -> Value | None:
    """The write's result if it was applied, else None; in a hurry None also when AWS does not answer."""
    try:
        return await already_applied()
    except AwsError as error:
        if not state.hurried or error.kind not in _transient(state):
            raise
        return None


def _transient(state: State) -> frozenset[ErrorKind]:
    """Transient errors; in a hurry also refused credentials, as those may be renewed."""
    return frozenset({ErrorKind.UNAVAILABLE, ErrorKind.CREDENTIALS} if state.hurried else {ErrorKind.UNAVAILABLE})


async def after_doubt(lost: AwsError | None, awaitable: Awaitable[Value]) -> Value:
    """Await; if interrupted after a lost answer, raise that loss, since the write before was sent."""
    try:
        return await awaitable
    except Interrupted:
        if lost:
            raise lost from None
        raise


async def poll(state: State, what: str, look: Callable[[], Awaitable[float | None]]) -> None:
    """Poll until there is nothing to wait for: soon after the last write, then at growing intervals.

    `look` gives None when done, else the minimum of seconds until the next poll (0: by the schedule). Raises StepFailed
    on timeout. Ions that wait for the same thing poll at different ages, so that together they learn how long it takes;
    at that age each polls once more. The more ions wait, the less often each polls.
    """
    state.run.waiting[what] += 1
    try:
        await _polled(state, what, look)
    finally:
        state.run.waiting[what] -= 1


async def _polled(state: State, what: str, look: Callable[[], Awaitable[float | None]]) -> None:
    interval = FIRST_LOOK * (1 - 0.5 * _spread(state.key))
    moment, exact = max(state.run.clock(), state.since + interval), False
    while True:
        await _until(state, moment, what, exact=exact)
        wait = await look()
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
        moment, exact = now + (wait or max(interval, _share(state, what))), wait > 0


def _spoken(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 and seconds % 30 == 0 else f"{seconds:g} s"


def _share(state: State, what: str) -> float:
    """Seconds between an ion's polls that keep all ions waiting for the same thing within LOOKS_TOGETHER."""
    together = state.run.waiting[what] / LOOKS_TOGETHER
    return min(together * (0.5 + _spread(state.key)), LONGEST_SHARE)


async def _until(state: State, moment: float, what: str, *, exact: bool) -> None:
    """Sleep until this moment, or (unless `exact`) until the age at which others saw it end, if that comes sooner."""
    begun = state.run.clock()
    while True:
        known = state.since + state.run.took.get(what, inf)
        sooner = inf if exact or known <= begun else known
        until = min(moment, sooner, max(begun, state.deadline()))
        tick = (state.run.clock() // TICK + 1) * TICK  # the same for all, so that they are resumed together
        await Sleep(min(until, tick) if state.run.waiting[what] > 1 else until, _told(state, what))
        if state.run.clock() >= until:
            return


def _told(state: State, what: str) -> str:
    """What the ion waits for: `2 of 5 allocated`, once a read since its last write has shown that AWS allocates."""
    provisioned = state.provisioned
    if provisioned is None or provisioned.status != "IN_PROGRESS" or state.looked <= state.since:
        return what
    return f"{provisioned.allocated} of {provisioned.requested} allocated"


def _spread(key: Key) -> float:
    """A number from 0 to 1, derived from the key: the same in every run."""
    return crc32(f"{key.function}:{key.alias}".encode()) / 2**32
