"""Repair of a stuck alias: end a failed move without sending traffic to the version that fails.

Premise: the alias names the failing version, Lambda's weight of 1.0 keeps all calls on the old one, and the provisioned
concurrency is FAILED. Which call AWS accepts in that state is documented nowhere.
First of all the permission to move is proved, by a move that can't succeed: who may only remove must not begin.
First way: remove the provisioned concurrency and move the alias with empty weights, back to back: with none left, no
transition can start. If the removal also ended Lambda's weight, the alias would name the failing version until the move
a moment later; so the quota of both is in hand before the first, nothing, an interruption included, comes between,
lost answers are looked after at once, and should the move fail all the same, what callers reach is read and told.
Only where AWS refuses the removal: name the version that serves already (the one in the weights), with empty weights,
and move on from there like any other alias; refused too, move straight to the wanted one with empty weights. Both may
start a transition during which calls reach the failing version: the note on the step says so. Each way starts with a
fresh look. All refused: the ion fails, with what a person can do.
"""

from collections.abc import Callable
from functools import partial

from reconciler.apply.asking import read
from reconciler.apply.awaitables import Interrupted, StepFailed, plan_again
from reconciler.apply.late import pointer_before
from reconciler.apply.state import State
from reconciler.apply.waits import read_pointer, read_provisioned, settled
from reconciler.apply.writes import move_to, take_away_provisioned
from reconciler.aws.dispatcher import WRITE
from reconciler.decide.routing import Owner, owner
from reconciler.model.errors import AwsError, ErrorKind, coded
from reconciler.model.outcome import Done, NotAttempted, Outcome
from reconciler.model.steps import MoveAlias

AWS_RULES = frozenset({ErrorKind.REFUSED, ErrorKind.WEIGHTED, ErrorKind.CONFLICT})
NO_REVISION = "00000000-0000-0000-0000-000000000000"  # of no alias


async def repair(state: State, step: MoveAlias, number: str, note: Callable[[Outcome], None]) -> Outcome:
    """Carry out a removal and the move after it; passes the removal's outcome to `note`, and returns the move's."""
    try:
        refused = await _back_to_back(state, number, note)
    except _HalfRepairedError as half:
        raise (await _what_callers_reach(state, number, half)) from half
    if refused is None:
        return Done()
    said = f"AWS refused to remove the provisioned concurrency ({coded(refused.code, refused.message)})"
    note(NotAttempted(said, failed_before=False))
    return await _without_removal(state, step, number, said)


class _HalfRepairedError(Exception):
    """The removal was made and the move was not. `failing`: the version that the alias named."""

    def __init__(self, failing: str, error: AwsError | StepFailed) -> None:
        super().__init__(error.message)
        self.failing = failing
        self.error = error


async def _back_to_back(state: State, number: str, note: Callable[[Outcome], None]) -> AwsError | None:
    """The removal and the move, once it is certain that both may be made; or why AWS refused the removal.

    A removal that is throttled for longer than the look before it counts is looked at again.
    """
    begun = state.run.clock()
    while True:
        await _still_stuck(state)
        await _prove_permission(state)
        with state.run.guarded():
            state.hurried = True
            try:
                return await _removed_and_moved(state, number, note)
            except AwsError as error:
                if error.kind is not ErrorKind.THROTTLED or state.run.clock() - begun >= state.run.timeout:
                    raise
            finally:
                state.hurried = False


async def _prove_permission(state: State) -> None:
    """Raises unless this caller may move the alias: a move with a RevisionId that can't be right changes nothing.

    AWS checks permissions first, so that any refusal but a denial is proof. The version named is the one that is there.
    """
    key, pointer = state.key, state.pointer
    if pointer is None:
        raise plan_again(f"alias {key.alias} is gone")
    moving = partial(
        state.writer.move_alias,
        key.function,
        key.alias,
        version=pointer.version,
        revision_id=NO_REVISION,
        clear_weights=False,
    )
    try:
        state.pointer = await read(state, moving, urgency=WRITE)  # repeatable, as it changes nothing
    except AwsError as error:
        if error.kind not in {*AWS_RULES, ErrorKind.STALE}:
            raise


async def _removed_and_moved(state: State, number: str, note: Callable[[Outcome], None]) -> AwsError | None:
    """The two writes that nothing may come between; or why AWS refused the first. Raises _HalfRepairedError."""
    before, failing = state.pointer, state.pointer.version if state.pointer else ""
    try:
        await take_away_provisioned(state, tokens=2)
    except AwsError as error:
        if error.kind not in AWS_RULES:
            raise
        return error
    note(Done())
    if before:  # the removal may have ended Lambda's weight, and reads may show it for some seconds
        state.own.note(pointer_before(before, failing), state.run.clock())
    try:
        await move_to(state, number, clear=True, shielded=True, tokens=0)
    except (AwsError, StepFailed) as error:
        raise _HalfRepairedError(failing, error) from error
    return None


async def _what_callers_reach(state: State, number: str, half: _HalfRepairedError) -> StepFailed:
    """The error for a removal without its move: says what callers reach now, by reading rather than by inference."""
    key, failing, error = state.key, half.failing, half.error
    try:
        pointer = await read_pointer(state, shielded=True)
        await read_provisioned(state, shielded=True)
    except AwsError:
        pointer, state.unknown = None, True
    if pointer and pointer.version == failing and not pointer.weights:
        now = f"callers now reach version {failing}, whose init fails"
    elif pointer:
        now = f"callers now reach version {pointer.weights[0][0] if pointer.weights else pointer.version}"
    else:
        now = f"callers may reach version {failing}, whose init fails"
    return StepFailed(
        error.code,
        f"{now}: the provisioned concurrency was removed, and the move to {number} failed: {error.message}",
        f"run again; or move it by hand: `aws lambda update-alias --region {key.region} --function-name {key.function} "
        f"--name {key.alias} --function-version {number} --routing-config AdditionalVersionWeights={{}}`",
    )


async def _still_stuck(state: State) -> None:
    """Raises StepFailed if somebody has repaired or moved the alias since it was observed."""
    before = state.pointer
    provisioned = await read_provisioned(state)
    pointer = await read_pointer(state)
    if before is None or pointer is None or (pointer.version, pointer.weights) != (before.version, before.weights):
        raise plan_again(f"alias {state.key.alias} is not what it was")
    if provisioned is None or provisioned.status != "FAILED" or owner(pointer, provisioned) is not Owner.LAMBDA:
        raise plan_again(f"alias {state.key.alias} is not stuck any more")


async def _without_removal(state: State, step: MoveAlias, number: str, said: str) -> Outcome:
    await _still_stuck(state)
    old = state.pointer.weights[0][0] if state.pointer else ""
    risk = f"Had that started a transition, calls could have reached version {step.before} meanwhile"
    try:
        await move_to(state, old, clear=True)
    except AwsError as error:
        if error.kind not in AWS_RULES:
            raise
        await _still_stuck(state)
        await _straight(state, number, error)
        return Done(f"{said}; instead the alias was moved with empty weights. {risk}")
    if number != old:
        await _move_on(state, old, number, said)
    await _settled(state)
    return Done(f"{said}; instead the alias was pointed back at {old}, which serves, and moved on. {risk}")


async def _move_on(state: State, old: str, number: str, said: str) -> None:
    """Move from the version that serves to the one wanted, like any other alias."""
    try:
        await settled(state)
        await move_to(state, number, clear=False)
    except Interrupted:
        did = f"{said}; instead the alias was pointed back at {old}, which serves, and was to move on to {number}"
        raise StepFailed("Interrupted", did, "run again: it goes on from there") from None


async def _settled(state: State) -> None:
    """Wait for our move to end; an interruption ends the wait only, as the move was made."""
    try:
        await settled(state)
    except Interrupted:
        return


async def _straight(state: State, number: str, refused: AwsError) -> None:
    key = state.key
    try:
        await move_to(state, number, clear=True)
    except AwsError as error:
        if error.kind not in AWS_RULES:
            raise
        raise StepFailed(
            error.code,
            f"AWS refused every way out of a stuck alias; the last two: {refused.message} / {error.message}",
            f"delete alias {key.alias} and run again (its permissions, function URL and provisioned concurrency go "
            "with it, and its callers fail meanwhile), or ask AWS Support",
        ) from error
    await _settled(state)
