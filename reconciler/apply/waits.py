"""The waits: each polls AWS until the step's condition holds, and raises StepFailed once it can no longer hold.

In: an ion's state. Out: the same state, with what was read. Nothing here writes.
Settled: an alias without provisioned concurrency settles at once. One with it carries Lambda's weight until the new
version is allocated; UpdateAlias's response does not show that, and a read right after may not either. So once the
transition was seen, its end proves that the alias has settled; if it was never seen, two reads APART seconds apart do.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import cast

from reconciler.apply.asking import APART, poll, read, shown
from reconciler.apply.awaitables import StepFailed, plan_again
from reconciler.apply.state import State, Value
from reconciler.aws.dispatcher import LOOK, WRITE
from reconciler.decide.compare import differences
from reconciler.decide.routing import Owner, describe, owner
from reconciler.model.errors import AwsError, ErrorKind
from reconciler.model.observed import AliasPointer, Latest, Provisioned, VersionState
from reconciler.observe.reads import LATEST, VERSION, Kind

FRESH = 5.0  # seconds for which a look counts before a write that takes no RevisionId


async def updated(state: State) -> None:
    """Wait for the update of `$LATEST` to end, then require the settings that were planned."""

    async def look() -> float | None:
        latest = await read_latest(state)
        if latest.state == "Failed" or latest.update_status == "Failed":
            raise StepFailed(
                "UpdateFailed",
                f"the update of $LATEST failed ({latest.update_reason or latest.state_reason or 'no reason given'})",
                "deploy again",
            )
        return 0.0 if latest.update_status == "InProgress" or latest.state == "Pending" else None

    await poll(state, "the update of $LATEST", look)
    same_latest(state)


async def read_latest(state: State) -> Latest:
    latest = await _read(state, LATEST, state.key.function)
    if latest is None:
        raise plan_again(f"function {state.key.function} is gone")
    state.latest, state.checked = latest, state.run.clock()
    return latest


def same_latest(state: State) -> None:
    """Raises StepFailed if `$LATEST` has other settings than those that were planned to be published."""
    planned = state.observed.latest
    if planned is None or state.latest is None:
        raise plan_again(f"function {state.key.function} is gone")
    differing = differences(planned.settings, state.latest.settings)
    if differing:
        raise plan_again(f"$LATEST changed since it was planned: {', '.join(differing)}")


async def active(state: State, number: str) -> None:
    """Wait for the version to be Active; PublishVersion's response may show that already."""
    if state.published and state.published.number == number and state.published.state in {"Active", ""}:
        return

    async def look() -> float | None:
        version = await _read_version(state, number)
        if version.state == "Failed":
            reason = version.state_reason or "no reason given"
            raise StepFailed(
                "VersionFailed", f"version {number} is in state Failed ({reason})", "fix it and deploy again"
            )
        if version.state == "Pending":
            return 0.0
        if state.published and state.published.number == number:
            state.published = version
        return None

    await poll(state, f"version {number} to be Active", look)


async def _read_version(state: State, number: str) -> VersionState:
    def reading() -> Awaitable[VersionState | None]:
        return _read(state, VERSION, state.key.function, number)

    version = await shown(state, "version", reading)
    if version is None:
        raise plan_again(f"version {number} is gone")
    return version


async def _read(state: State, kind: Kind[Value], *args: str) -> Value:
    """One read, as the read engine makes it: where the first call is denied, by its fallback."""

    def call(of: Callable[..., object]) -> Callable[[], Value]:
        return cast("Callable[[], Value]", partial(of, state.connection, *args))

    try:
        return await read(state, call(kind.call), bucket=kind.bucket)
    except AwsError as error:
        if error.kind is not ErrorKind.DENIED or kind.fallback is None:
            raise
        fallback = kind.fallback
    return await read(state, call(fallback))


async def read_provisioned(state: State, *, urgency: int = LOOK, shielded: bool = False) -> Provisioned | None:
    key = state.key

    def reading() -> Awaitable[Provisioned | None]:
        work = partial(state.reader.provisioned, key.function, key.alias)
        return read(state, work, urgency=urgency, shielded=shielded)

    state.provisioned = await shown(state, "provisioned", reading, shielded=shielded)
    state.looked = state.run.clock()
    return state.provisioned


async def read_pointer(state: State, *, shielded: bool = False) -> AliasPointer | None:
    key = state.key

    def reading() -> Awaitable[AliasPointer | None]:
        return read(state, partial(state.reader.alias, key.function, key.alias), shielded=shielded)

    state.pointer = await shown(state, "alias", reading, shielded=shielded)
    state.pointed = state.run.clock()
    return state.pointer


async def look_before_writing(state: State) -> None:
    """Check that AWS still is what the plan starts from, unless that was read within the last FRESH seconds.

    A write of provisioned concurrency takes no RevisionId, so a change since the plan was made is only found by reading
    right before it: the version behind the alias and the reserved concurrency by GetFunction, whose quota is large, the
    number by a call of the slow quota, sent with a write's urgency. Raises StepFailed ("plan again") on a change.
    """
    planned, oldest = state.observed.latest, state.run.clock() - FRESH
    if state.checked < oldest:
        latest = await read_latest(state)
        if planned and latest.reserved != planned.reserved:
            raise plan_again(f"the reserved concurrency is {_spoken(latest)} by now, and was {_spoken(planned)}")
    if state.pointed < oldest:
        await _same_version(state)
    if state.looked < oldest:
        await read_provisioned(state, urgency=WRITE)


async def look_before_removing(state: State) -> None:
    """The same before a removal, and the weights too: under weights AWS refuses a number, but may accept a removal."""
    expected, oldest = state.pointer, state.run.clock() - FRESH
    if state.pointed < oldest:
        pointer = await read_pointer(state)
        if not pointer:
            raise plan_again(f"alias {state.key.alias} is gone")
        if not expected or (pointer.version, pointer.weights) != (expected.version, expected.weights):
            weights = f" and sends {describe(pointer.weights)}" if pointer.weights else ""
            raise plan_again(f"alias {state.key.alias} points at {pointer.version}{weights} by now")
    await look_before_writing(state)


def _spoken(latest: Latest) -> str:
    return "none" if latest.reserved is None else str(latest.reserved)


async def _same_version(state: State) -> None:
    """Raises StepFailed unless the alias points where it did; a differing read may be stale, so GetAlias decides."""
    key, expected = state.key, state.pointer
    behind = await _read(state, VERSION, key.function, key.alias)
    if not expected or not behind or behind.number != expected.version:
        pointer = await read_pointer(state)
        if not pointer or not expected or pointer.version != expected.version:
            raise plan_again(f"alias {key.alias} {f'points at {pointer.version} by now' if pointer else 'is gone'}")
    state.pointed = state.run.clock()


async def settled(state: State) -> None:
    """Wait for Lambda's own weights to go, by the rule at the head of this module."""
    expected = state.pointer.version if state.pointer else None
    empty_since: float | None = None

    async def look() -> float | None:
        nonlocal empty_since
        provisioned = await read_provisioned(state)
        if provisioned and provisioned.status == "IN_PROGRESS":
            state.seen_transition = True
            return 0.0
        pointer = await read_pointer(state)
        if pointer is None:
            raise plan_again(f"alias {state.key.alias} is gone")
        if pointer.version != expected:
            raise plan_again(f"alias {state.key.alias} was moved to {pointer.version} meanwhile")
        if _weighted(state, pointer, provisioned):
            return 0.0
        if provisioned is None or state.seen_transition:
            return None
        now = state.run.clock()
        if empty_since is None:
            empty_since = now
            return APART
        return None if now - empty_since >= APART else APART - (now - empty_since)

    await poll(state, "Lambda to finish moving the alias", look)


def _weighted(state: State, pointer: AliasPointer, provisioned: Provisioned | None) -> bool:
    """Whether Lambda's transition is under way; raises StepFailed for weights that will not go by themselves."""
    match owner(pointer, provisioned, left=state.left):
        case Owner.NOBODY:
            return False
        case Owner.SOMEBODY:
            raise plan_again(f"somebody put weights on alias {state.key.alias}")
        case Owner.LAMBDA:
            if provisioned is None:
                raise plan_again("the provisioned concurrency was removed while the alias moved")
            if provisioned.status == "FAILED":
                raise init_failed(state, pointer.version, provisioned, stays=pointer.weights[0][0])
            state.seen_transition = True
            return True


async def ready(state: State, number: int | None) -> None:
    """Wait for the provisioned concurrency to be READY; a read since the last write may show that already."""
    if state.looked > state.since and _is_ready(state, number):
        return

    async def look() -> float | None:
        await read_provisioned(state)
        return None if _is_ready(state, number) else 0.0

    await poll(state, "provisioned concurrency to be READY", look)


def _is_ready(state: State, number: int | None) -> bool:
    provisioned = state.provisioned
    if provisioned is None:
        raise plan_again("the provisioned concurrency was removed meanwhile")
    if number is not None and provisioned.requested != number:
        raise plan_again(f"somebody set the provisioned concurrency to {provisioned.requested}")
    if provisioned.status == "FAILED":
        raise init_failed(state, state.pointer.version if state.pointer else "", provisioned, stays=None)
    return provisioned.status == "READY"


def init_failed(state: State, version: str, provisioned: Provisioned, *, stays: str | None) -> StepFailed:
    """The error for a failed allocation, with what to do. `stays`: the version that serves all calls meanwhile."""
    key = state.key
    calls = f"; all calls stay on version {stays}" if stays else "; calls are served without it"
    hint = (
        f"look at log group {state.settings().log_group}, try `aws lambda invoke --region {key.region} --function-name "
        f"{key.function}:{version} /dev/stdout`, fix it and deploy again"
    )
    return StepFailed(
        provisioned.reason or "FAILED",
        f"provisioned concurrency on version {version} FAILED: its init fails{calls}",
        f"{hint}, or pin `version: {stays}` to go back" if stays else hint,
    )
