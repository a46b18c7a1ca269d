"""How an ion's coroutine asks for calls: reads, writes made once, and waits that poll.

In: what to call. Out: its answer, or AwsError. A read that may be from before our own write is repeated (`shown`); a
write whose answer was lost is looked after before it is repeated (`surely`); waits look ever less often (`poll`).
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

Shown = TypeVar("Shown", AliasPointer | None, Provisioned | None, VersionState | None)


async def read(
    state: State,
    work: Callable[[], Value],
    *,
    bucket: Bucket = Bucket.SLOW,
    urgency: int = LOOK,
    shielded: bool = False,
) -> Value:
    """A read, repeated within the timeout while AWS fails to answer. `shielded`: it goes before everything else."""
    while True:
        try:
            urgency = URGENT if shielded else urgency
            call = Request(work, bucket, urgency, state.rank, throttle_timeout=state.run.timeout)
            answer: Value = await _asked(state, Call(call, shielded=shielded))
        except AwsError as error:
            if error.kind is not ErrorKind.UNAVAILABLE or shielded or state.expired():
                raise
        else:
            return answer
        await Sleep(state.run.clock() + LONGEST_LOOK, "AWS to answer")


async def shown(
    state: State, thing: Thing, reading: Callable[[], Awaitable[Shown]], *, shielded: bool = False
) -> Shown:
    """A read, repeated while its value may be from before our own write; in a hurry that write is repeated instead."""
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
) -> Value:
    """A write, made once. `tokens` 2: with the quota of the next one in hand, which then takes 0."""
    patience = min(throttle_timeout, state.run.timeout)
    urgency = WRITE if tokens == 1 and not shielded else URGENT
    call = Request(work, Bucket.SLOW, urgency, state.rank, repeatable=False, tokens=tokens, throttle_timeout=patience)
    try:
        value: Value = await _asked(state, Call(call, shielded=shielded))
    except AwsError as error:
        if error.kind is ErrorKind.UNAVAILABLE:  # it may have happened
            state.own.note(replaced, state.run.clock())
        raise
    finally:
        begin_waiting(state)
    state.own.note(replaced, state.run.clock())
    return value


async def gate(state: State, opens: Callable[[], bool], what: str, *, shielded: bool = False) -> None:
    """Wait for another ion, which is no waiting for AWS."""
    await WaitFor(opens, what, shielded)
    begin_waiting(state)


def begin_waiting(state: State) -> None:
    """Count the timeout from here."""
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
    """A write; after an answer that was lost, look whether it happened before repeating it.

    `writing` is told what was lost before, if anything. `happened` answers with the write's result, or None; it raises
    when somebody else did something else.
    """
    begun, lost = state.run.clock(), None
    for attempt in count():
        if lost:
            await Sleep(state.run.clock() + _pause(state, attempt), "AWS to answer", shielded=True)
            result = await _looked_after(state, already_applied)
            if result is not None:
                return result
            if not _may_repeat(state, attempt, begun):
                raise lost
        try:
            return await after_doubt(lost, writing(lost))
        except AwsError as error:
            doubtful = lost is not None and error.kind in {ErrorKind.STALE, ErrorKind.EXISTS}
            if error.kind not in _passing(state) and not doubtful:
                raise
            lost = error
    raise AssertionError("unreachable")


def _pause(state: State, attempt: int) -> float:
    """Seconds before looking after the attempt's lost answer."""
    if state.hurried:
        return HURRY if attempt > 1 else 0.0
    return FIRST_LOOK * attempt


def _may_repeat(state: State, attempt: int, begun: float) -> bool:
    return state.run.clock() - begun < HURRIED_FOR if state.hurried else attempt < WRITE_ATTEMPTS


async def _looked_after(state: State, already_applied: Callable[[], Awaitable[Value | None]]) -> Value | None:
    """Whether a write happened; in a hurry, AWS's silence is no reason not to repeat it."""
    try:
        return await already_applied()
    except AwsError as error:
        if not state.hurried or error.kind not in _passing(state):
            raise
        return None


def _passing(state: State) -> frozenset[ErrorKind]:
    """Errors that another attempt may not meet; in a hurry also credentials that were refused, as they are renewed."""
    return frozenset({ErrorKind.UNAVAILABLE, ErrorKind.CREDENTIALS} if state.hurried else {ErrorKind.UNAVAILABLE})


async def after_doubt(lost: AwsError | None, asking: Awaitable[Value]) -> Value:
    """Ask; interrupted after an answer was lost, the loss is what there is to tell, since the write was sent."""
    try:
        return await asking
    except Interrupted:
        if lost:
            raise lost from None
        raise


async def poll(state: State, what: str, look: Callable[[], Awaitable[float | None]]) -> None:
    """Look until there is nothing to wait for: soon after the last write, then ever less often.

    `look` answers None when done, else the seconds to wait at least (0: as the schedule says). Ions that wait for the
    same thing look at different ages, so that together they see how long it takes; at that age each looks once more.
    Where many wait, each looks less often.
    """
    state.run.waiting[what] += 1
    try:
        await _polled(state, what, look)
    finally:
        state.run.waiting[what] -= 1


async def _polled(state: State, what: str, look: Callable[[], Awaitable[float | None]]) -> None:
    interval = FIRST_LOOK * (1 - 0.5 * _spread(state.key))
    moment, patient = max(state.run.clock(), state.since + interval), False
    while True:
        await _until(state, moment, what, patient=patient)
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
        moment, patient = now + (wait or max(interval, _share(state, what))), wait > 0


def _spoken(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 and seconds % 30 == 0 else f"{seconds:g} s"


def _share(state: State, what: str) -> float:
    """The interval at which ions that wait for the same thing make no more looks than they should."""
    together = state.run.waiting[what] / LOOKS_TOGETHER
    return min(together * (0.5 + _spread(state.key)), LONGEST_SHARE)


async def _until(state: State, moment: float, what: str, *, patient: bool) -> None:
    """Wait for this moment, or (unless `patient`) for the age at which others saw it ended, if that is yet to come."""
    begun = state.run.clock()
    while True:
        known = state.since + state.run.took.get(what, inf)
        sooner = inf if patient or known <= begun else known
        until = min(moment, sooner, max(begun, state.deadline()))
        tick = (state.run.clock() // TICK + 1) * TICK  # the same for all, so that they are resumed together
        await Sleep(min(until, tick), what)
        if state.run.clock() >= until:
            return


def _spread(key: Key) -> float:
    """A number between 0 and 1 that is the ion's own, in every run the same."""
    return crc32(f"{key.function}:{key.alias}".encode()) / 2**32
