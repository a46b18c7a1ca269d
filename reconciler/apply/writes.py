"""The writes: each made at most once per answer, and only while AWS is what the plan starts from.

In: an ion's state. Out: the same state, with what was written; raises AwsError or StepFailed.
A stale RevisionId means that somebody else changed the alias or `$LATEST`: the ion must be planned again, and the write
is never retried blindly. The exception is a change of our own: a removal, or a transition that we awaited, may change
the alias's RevisionId, so it is read again and the move retried while the alias is otherwise the same.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from itertools import count

from reconciler.apply.asking import FIRST_LOOK, HURRIED_FOR, HURRY, TICK, WRITE_ATTEMPTS, after_doubt, write, write_once
from reconciler.apply.awaitables import Sleep, StepFailed, plan_again
from reconciler.apply.late import LATE, pointer_before, provisioned_before, version_before
from reconciler.apply.state import State, Value
from reconciler.apply.waits import (
    FRESH,
    look_before_removing,
    look_before_writing,
    read_latest,
    read_pointer,
    read_provisioned,
    same_latest,
    settled,
    updated,
)
from reconciler.decide.marks import Mark, may_be_marked
from reconciler.decide.routing import Owner, owner
from reconciler.model.errors import AwsError, ErrorKind
from reconciler.model.observed import AliasPointer, Latest, Provisioned, VersionState
from reconciler.model.steps import MoveAlias


async def publish(state: State) -> VersionState:
    """Publish `$LATEST` as planned. Safe to retry: AWS answers with the existing version if nothing has changed."""
    last: AwsError | None = None
    lost: AwsError | None = None
    for attempt in range(WRITE_ATTEMPTS):
        if last:
            await Sleep(state.run.clock() + FIRST_LOOK * attempt, "AWS to answer", shielded=True)
            await after_doubt(lost, _latest_again(state, last))
        latest = _known(state.latest, "the function is gone")
        try:
            return await after_doubt(lost, write(state, partial(_publish, state, latest), version_before()))
        except AwsError as error:
            if error.kind is ErrorKind.STALE and lost is None:
                raise _changed() from error
            if error.kind not in {ErrorKind.UNAVAILABLE, ErrorKind.UPDATING, ErrorKind.STALE}:
                raise
            last, lost = error, error if error.kind is ErrorKind.UNAVAILABLE else lost
    raise _changed() if last and last.kind is ErrorKind.STALE else last or AssertionError("a loop that made no attempt")


def _changed() -> StepFailed:
    return plan_again("$LATEST changed since it was planned")


async def _latest_again(state: State, last: AwsError) -> None:
    """Read `$LATEST` again, as the last attempt may have changed its RevisionId; its settings must be those planned.

    After a lost answer, a stale RevisionId is due to our own publish, which a read may not show for LATE seconds.
    """
    if last.kind is ErrorKind.UPDATING:
        await updated(state)
        return
    tried, until = state.latest and state.latest.revision_id, state.run.clock() + LATE
    while True:
        latest = await read_latest(state)
        same_latest(state)
        if last.kind is not ErrorKind.STALE or latest.revision_id != tried or state.run.clock() >= until:
            return
        await Sleep(state.run.clock() + TICK, "AWS to show what was published", shielded=True)


def _publish(state: State, latest: Latest) -> VersionState:
    return state.writer.publish_version(
        state.key.function, code_sha256=latest.settings.code_sha256, revision_id=latest.revision_id
    )


async def create(state: State, number: str) -> None:
    """Create the alias."""
    key = state.key

    async def already_applied() -> AliasPointer | None:
        pointer = await read_pointer(state, shielded=True)
        if pointer and pointer.version != number:
            raise plan_again(f"somebody created alias {key.alias} on version {pointer.version}")
        return pointer

    def writing(_: AwsError | None) -> Awaitable[AliasPointer]:
        creating = partial(state.writer.create_alias, key.function, key.alias, version=number)
        return write(state, creating, pointer_before(None, number))

    try:
        state.pointer = await write_once(state, writing, already_applied)
    except AwsError as error:
        if error.kind is ErrorKind.EXISTS:
            raise plan_again(f"somebody created alias {key.alias}") from error
        raise
    state.pointed = state.looked = state.run.clock()


async def move(state: State, step: MoveAlias, number: str) -> None:
    """Move the alias, provided that it still points where the plan found it."""
    pointer = _known(state.pointer, f"alias {state.key.alias} is gone")
    if pointer.version != step.before:
        raise plan_again(f"alias {state.key.alias} points at {pointer.version} by now")
    try:
        await move_to(state, number, clear=step.clear_weights)
    except AwsError as error:
        if error.kind is not ErrorKind.WEIGHTED:
            raise
        await settled(state)  # a transition that could not be seen before
        await move_to(state, number, clear=step.clear_weights)


async def move_to(state: State, number: str, *, clear: bool, shielded: bool = False, tokens: int = 1) -> None:
    """UpdateAlias from `state.pointer`; a lost answer is checked, a stale RevisionId retried only if we caused it."""
    before = _known(state.pointer, f"alias {state.key.alias} is gone")

    def already_applied() -> Awaitable[AliasPointer | None]:
        return _moved(state, before, number, clear=clear)

    def writing(lost: AwsError | None) -> Awaitable[AliasPointer]:
        paid = tokens if lost is None else 1
        moving = partial(_move, state, number, clear=clear)
        return write(state, moving, pointer_before(before, number), shielded=shielded, tokens=paid)

    def moving(lost: AwsError | None) -> Awaitable[AliasPointer]:
        return _past_our_removal(state, writing, already_applied, lost)

    try:
        state.pointer = await write_once(state, moving, already_applied)
    except AwsError as error:
        if error.kind is ErrorKind.STALE:
            raise plan_again(f"somebody changed alias {state.key.alias} since it was planned") from error
        raise
    state.seen_transition, state.left, state.pointed = False, before.version, state.run.clock()


async def _past_our_removal(
    state: State,
    writing: Callable[[AwsError | None], Awaitable[AliasPointer]],
    already_applied: Callable[[], Awaitable[AliasPointer | None]],
    lost: AwsError | None,
) -> AliasPointer:
    """Move; where our own removal may have changed the RevisionId, read it again at once and retry.

    That read may be from before the removal, so that it takes some.
    """
    until = state.run.clock() + (HURRIED_FOR if state.hurried else LATE)
    for attempt in count():
        try:
            return await writing(lost)
        except AwsError as error:
            if error.kind is not ErrorKind.STALE or not state.removed:
                raise
        if attempt:
            await Sleep(state.run.clock() + HURRY, "AWS to show the removal", shielded=True)
        pointer = await already_applied()
        if pointer and lost:
            return pointer
        if pointer or state.run.clock() >= until:
            break
    raise plan_again(f"somebody changed alias {state.key.alias} meanwhile")


async def _moved(state: State, before: AliasPointer, number: str, *, clear: bool) -> AliasPointer | None:
    """The alias if our move was applied, None if it is unchanged; raises StepFailed on anything else."""
    pointer = _known((await read_pointer(state, shielded=True)), f"alias {state.key.alias} is gone")
    if pointer.version == number and (number != before.version or not (clear and pointer.weights)):
        return pointer
    if pointer.version != before.version or owner(pointer, state.provisioned) is Owner.SOMEBODY:
        raise plan_again(f"somebody moved alias {state.key.alias} to {pointer.version}")
    if pointer.revision_id != before.revision_id and not state.removed:
        raise plan_again(f"somebody changed alias {state.key.alias}")
    return None


def _move(state: State, number: str, *, clear: bool) -> AliasPointer:
    pointer = _known(state.pointer, f"alias {state.key.alias} is gone")
    return state.writer.move_alias(
        state.key.function,
        state.key.alias,
        version=number,
        revision_id=pointer.revision_id,
        clear_weights=clear,
        description=_mark(state, pointer, number),
    )


def _mark(state: State, pointer: AliasPointer, number: str) -> str | None:
    """The Description that the move leaves; None: it stays, as it is a person's, or nothing is moved."""
    if pointer.version == number or not may_be_marked(pointer):
        return None
    return Mark(pointer.version, number, _holds(state, number)).text(state.run.now())


def _holds(state: State, number: str) -> str | None:
    """Of the move that ends a rollback, what it holds against; a repair may move in between as well."""
    moves = (step for step in state.plan.steps if isinstance(step, MoveAlias) and step.version == number)
    return next((step.holds for step in moves), None)


async def set_provisioned(state: State, number: int) -> None:
    """Set the number; if AWS refuses it because of weights on the alias, wait for them to go and set it again."""
    await _looked_at(state, lambda: _set_where_it_is_free(state, number))


async def _looked_at(state: State, writing: Callable[[], Awaitable[None]]) -> None:
    """Write within FRESH seconds of the check before it: if throttled for longer, check again and then retry."""
    begun = state.run.clock()
    while True:
        try:
            return await writing()
        except AwsError as error:
            if error.kind is not ErrorKind.THROTTLED or state.run.clock() - begun >= state.run.timeout:
                raise


async def _set_where_it_is_free(state: State, number: int) -> None:
    await look_before_writing(state)
    _same_provisioned(state, number)
    try:
        await _set(state, number)
    except AwsError as error:
        if error.kind is not ErrorKind.WEIGHTED:
            raise
        await settled(state)
        _same_provisioned(state, number)
        await _set(state, number)


def _same_provisioned(state: State, number: int) -> None:
    """Raises StepFailed if the number last read is neither the plan's nor the one that the plan starts from."""
    before = 0 if state.removed else _requested(state.observed.provisioned)
    if _requested(state.provisioned) not in {before, number}:
        now = _requested(state.provisioned) or "none"
        raise plan_again(f"somebody set the provisioned concurrency to {now}, and the plan starts from {before}")


def _requested(provisioned: Provisioned | None) -> int:
    return provisioned.requested if provisioned else 0


async def _set(state: State, number: int) -> None:
    key, before = state.key, state.provisioned

    async def already_applied() -> Provisioned | None:
        provisioned = await read_provisioned(state, shielded=True)
        _same_provisioned(state, number)
        there = provisioned and provisioned.requested == number and provisioned.status != "FAILED"
        return provisioned if there else None

    def writing(_: AwsError | None) -> Awaitable[Provisioned]:
        setting = partial(state.writer.set_provisioned, key.function, key.alias, concurrency=number)
        return write(state, setting, provisioned_before(before, number), throttle_timeout=FRESH)

    state.provisioned = await write_once(state, writing, already_applied)


async def remove_provisioned(state: State) -> None:
    """Remove the provisioned concurrency, provided that it is what the plan found; no error if there is none."""

    async def removing() -> None:
        await look_before_removing(state)
        _same_provisioned(state, 0)
        await take_away_provisioned(state)

    await _looked_at(state, removing)


async def take_away_provisioned(state: State, *, tokens: int = 1) -> None:
    """Remove without the check before it, which the caller has made.

    `tokens` 2 also reserves the quota of the move that must follow at once; retries after a lost answer are shielded.
    """
    key, before = state.key, state.provisioned

    async def already_applied() -> bool | None:
        return None if (await read_provisioned(state, shielded=True)) else True

    async def writing(lost: AwsError | None) -> bool:
        shielded = lost is not None and tokens > 1
        removing = partial(state.writer.remove_provisioned, key.function, key.alias)
        replaced = provisioned_before(before, None)
        await write(state, removing, replaced, tokens=tokens, shielded=shielded, throttle_timeout=FRESH)
        return True

    await write_once(state, writing, already_applied)
    state.provisioned, state.removed, state.looked = None, True, state.run.clock()


def _known(value: Value | None, gone: str) -> Value:
    if value is None:
        raise plan_again(gone)
    return value
