"""The writes that let callers reach the alias: permissions, asynchronous settings, event source mappings.

In: an ion's state and the step. Out: what came of it; raises AwsError or StepFailed.
A first statement is added given the alias's RevisionId, each further one given the policy's. Our own writes before it
may have changed either: then both are read again, and only a policy of other statements than expected, or an alias that
points elsewhere, is somebody else's change. A Sid that is taken by our own lost call is success.
The other two take no RevisionId, so each looks before it writes. A mapping that AWS is at work on is waited for.
"""

from collections.abc import Awaitable
from functools import partial

from reconciler.apply.asking import TICK, poll, read, shown, write, write_once
from reconciler.apply.awaitables import Interrupted, Sleep, StepFailed, plan_again
from reconciler.apply.late import LATE, async_settings_before, event_source_before, policy_before
from reconciler.apply.state import State
from reconciler.apply.waits import read_pointer
from reconciler.aws.rate_limiter import Bucket
from reconciler.model.callers import AsyncSettings, EventSource, ResourcePolicy, Statement
from reconciler.model.errors import AwsError, ErrorKind
from reconciler.model.outcome import Done, NotAttempted, Outcome
from reconciler.model.steps import AddPermission, CallersWrite, CopyAsyncConfig, MoveEventSource

AT_WORK = frozenset({"Creating", "Enabling", "Disabling", "Updating"})


async def bring_callers(state: State, step: CallersWrite) -> Outcome:
    """Carry out one step."""
    match step:
        case AddPermission():
            return await add_permission(state, step)
        case CopyAsyncConfig(settings):
            return await copy_async_config(state, settings)
        case MoveEventSource():
            return await move_event_source(state, step)


# ---------------------------------------------------------------- permissions


async def add_permission(state: State, step: AddPermission) -> Outcome:
    """Add one statement to the alias's policy, provided that this is what the plan and our own writes made of it."""
    if _may_be_outdated(state):
        await _read_again(state, step)
    if _allows(state.policy, step):
        return _there_already()

    async def already_applied() -> bool | None:
        await _read_again(state, step)
        return _allows(state.policy, step) or None

    def writing(lost: AwsError | None) -> Awaitable[bool]:
        return _past_our_writes(state, step, lost)

    try:
        await write_once(state, writing, already_applied)
    except AwsError as error:
        if error.kind in {ErrorKind.STALE, ErrorKind.EXISTS}:
            raise _changed(state) from error
        raise
    if not _allows(state.policy, step):
        added = Statement(step.grant.sid, step.meaning, invokes=True, grant=step.grant)
        state.policy = ResourcePolicy((*state.policy.statements, added), state.policy.revision_id)
    state.allowed = True
    return Done()


async def _past_our_writes(state: State, step: AddPermission, lost: AwsError | None) -> bool:
    """Add it; where our own writes may have changed the RevisionId, read that again and retry, as reads may be late."""
    key, until = state.key, state.run.clock() + LATE
    while True:
        revision = state.policy.revision_id or (state.pointer.revision_id if state.pointer else "")
        adding = partial(state.writer.add_permission, key.function, key.alias, step.grant, revision_id=revision)
        try:
            await write(state, adding, policy_before(step.grant.sid))
        except AwsError as error:
            if error.kind is not ErrorKind.STALE or lost or not _may_be_outdated(state):
                raise
            if state.run.clock() >= until:
                raise
        else:
            return True
        await Sleep(state.run.clock() + TICK, "AWS to show what was written")
        await _read_again(state, step)


async def _read_again(state: State, step: AddPermission) -> None:
    """Read the alias's policy, and its RevisionId where there is no policy. Raises StepFailed on others' changes."""
    key, expected = state.key, _contents(state.policy)

    def reading() -> Awaitable[ResourcePolicy]:
        work = partial(state.reader.policy, key.function, key.alias)
        return read(state, work, bucket=Bucket.POLICY, shielded=True)

    policy = await shown(state, "policy", reading, shielded=True)
    if _contents(policy) - {(step.grant.sid, step.meaning)} != expected - {(step.grant.sid, step.meaning)}:
        raise _changed(state)
    state.policy = policy
    if policy.revision_id is None:
        before = state.pointer
        pointer = await read_pointer(state, shielded=True)
        if before is None or pointer is None or pointer.version != before.version:
            raise plan_again(f"alias {key.alias} {f'points at {pointer.version} by now' if pointer else 'is gone'}")


def _may_be_outdated(state: State) -> bool:
    """Whether writes of our own may have changed the RevisionId of the alias or of its policy."""
    return state.allowed or state.removed or state.left is not None


def _contents(policy: ResourcePolicy) -> set[tuple[str, str]]:
    return {(each.sid, each.meaning) for each in policy.statements}


def _allows(policy: ResourcePolicy, step: AddPermission) -> bool:
    return (step.grant.sid, step.meaning) in _contents(policy)


def _changed(state: State) -> Exception:
    return plan_again(f"somebody changed the policy of alias {state.key.alias}")


def _there_already() -> NotAttempted:
    return NotAttempted("it is there already", failed_before=False)


# ---------------------------------------------------------------- asynchronous settings


async def copy_async_config(state: State, settings: AsyncSettings) -> Outcome:
    """Put them on the alias, which must have none of its own."""
    key = state.key

    def reading() -> Awaitable[AsyncSettings | None]:
        return read(state, partial(state.reader.async_settings, key.function, key.alias), shielded=True)

    async def already_applied() -> bool | None:
        there = await shown(state, "async", reading, shielded=True)
        if there not in {None, settings}:
            raise plan_again(f"somebody gave alias {key.alias} asynchronous settings of its own")
        return there == settings or None

    async def writing(_: AwsError | None) -> bool:
        putting = partial(state.writer.put_async_settings, key.function, key.alias, settings)
        await write(state, putting, async_settings_before())
        return True

    if await already_applied():
        return _there_already()
    await write_once(state, writing, already_applied)
    return Done()


# ---------------------------------------------------------------- event source mappings


async def move_event_source(state: State, step: MoveEventSource) -> Outcome:
    """Point the mapping at the alias once AWS is not at work on it, and wait until AWS has done so."""
    begun = state.run.clock()
    source = await _look(state, step)
    while source.state in AT_WORK or source.qualifier != state.key.alias:
        if source.state not in AT_WORK:
            try:
                await write_once(state, partial(_move, state, step), partial(_moved, state, step))
                return await _until_moved(state, step)
            except AwsError as error:
                if error.kind is ErrorKind.CONFLICT:
                    error.hint = error.hint or "another mapping of that source is in the way: delete one of the two"
                if error.kind is not ErrorKind.IN_USE or state.run.clock() - begun >= state.run.timeout:
                    raise
        source = await _until_idle(state, step)
    return _there_already()


async def _move(state: State, step: MoveEventSource, _: AwsError | None) -> EventSource:
    moving = partial(state.writer.move_event_source, step.uuid, target=state.key.alias_arn)
    return await write(state, moving, event_source_before(step.before))


async def _moved(state: State, step: MoveEventSource) -> EventSource | None:
    source = await _look(state, step)
    return source if source.qualifier == state.key.alias else None


async def _look(state: State, step: MoveEventSource) -> EventSource:
    """The mapping, on the alias or still where the plan found it. Raises StepFailed if somebody moved it elsewhere."""

    def reading() -> Awaitable[EventSource | None]:
        return read(state, partial(state.reader.event_source, step.uuid), shielded=True)

    source = await shown(state, "event source", reading, shielded=True)
    if source is None or source.state == "Deleting":
        raise plan_again(f"the event source mapping of {step.source} is gone")
    if source.function != state.key.function or source.qualifier not in {step.before, state.key.alias}:
        raise plan_again(f"somebody pointed the event source mapping of {step.source} elsewhere")
    return source


async def _until_idle(state: State, step: MoveEventSource) -> EventSource:
    found: list[EventSource] = []

    async def look() -> float | None:
        found.append(await _look(state, step))
        return 0.0 if found[-1].state in AT_WORK else None

    await poll(state, "AWS to finish with the event source mapping", look)
    return found[-1]


async def _until_moved(state: State, step: MoveEventSource) -> Outcome:
    """Wait for the update to end; an interruption ends the wait only, as the move was made."""
    try:
        source = await _until_idle(state, step)
    except Interrupted:
        return Done("AWS is still at work on it")
    except StepFailed as error:
        if error.code == "Timeout":
            raise
        raise StepFailed("Overtaken", f"it was moved to the alias, and then: {error.message}", error.hint) from error
    if source.qualifier != state.key.alias:
        raise StepFailed("Overtaken", "it was moved to the alias, and then back by somebody else", "plan again")
    return Done()
