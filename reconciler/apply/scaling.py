"""The steps by which Application Auto Scaling keeps, or gives up, an alias's number.

Every write but a deletion sets the whole of one thing to what is asked, and a deletion of what is gone is none, so that
one whose answer was lost is sent again. A target that was just registered may not be found for some seconds.

Registering is to change the number at once, but what AWS does on an alias that has none, or whether it repeats a change
that Lambda refused, is not documented. So the number is awaited; after PATIENCE the target is registered once more, and
after that the minimum is put, which is what Application Auto Scaling would have put.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from reconciler.apply.asking import TICK, poll, write, write_once
from reconciler.apply.awaitables import Sleep, StepFailed
from reconciler.apply.late import LATE, Replaced
from reconciler.apply.state import State
from reconciler.apply.waits import read_provisioned, ready
from reconciler.apply.writes import take_away_provisioned
from reconciler.aws.dispatcher import LAST, WRITE
from reconciler.aws.rate_limiter import Bucket
from reconciler.decide.clock import coming, due, right
from reconciler.model.errors import AwsError, ErrorKind
from reconciler.model.observed import Provisioned, ScalingTarget
from reconciler.model.scaling import Scaled, ScheduledAction
from reconciler.model.steps import (
    AwaitNumber,
    DeleteScalingPolicy,
    DeleteScheduledAction,
    DeregisterTarget,
    PutScalingPolicy,
    PutScheduledAction,
    RegisterTarget,
    ScalingStep,
)

PATIENCE: Final = 120.0  # seconds for which a number is awaited before it is asked for again
_NOTHING: Final[Replaced] = ("provisioned", lambda _: False)  # no read of ours is stale after these writes


async def scale(state: State, step: ScalingStep) -> None:
    """Carry out one step. Raises AwsError."""
    name, alias, writer = state.key.function, state.key.alias, state.writer
    match step:
        case RegisterTarget():
            await _register(state, _scaled(state))
        case DeregisterTarget():
            await _send(state, partial(writer.deregister_target, name, alias))
            state.scaling = None
        case PutScheduledAction(action):
            await _put_action(state, action)
        case DeleteScheduledAction(gone):
            await _send(state, partial(writer.delete_scheduled_action, name, alias, gone))
        case PutScalingPolicy(policy, target):
            await _send(state, partial(writer.put_scaling_policy, name, alias, name=policy, target=target))
        case DeleteScalingPolicy(gone):
            await _send(state, partial(writer.delete_scaling_policy, name, alias, gone))
        case AwaitNumber():
            await _number_due(state, _scaled(state))


def _scaled(state: State) -> Scaled:
    asked = state.plan.ion.desired.concurrency
    if not isinstance(asked, Scaled):
        raise StepFailed("NotScaled", "the file asks for a plain number", "plan again")
    return asked


async def _register(state: State, asked: Scaled) -> None:
    bounds = coming(asked, state.run.now())
    key, writer = state.key, state.writer
    await _send(
        state,
        partial(writer.register_target, key.function, key.alias, minimum=bounds.minimum, maximum=bounds.maximum),
        urgency=WRITE,
    )
    state.scaling = ScalingTarget(bounds.minimum, bounds.maximum)


async def _put_action(state: State, action: ScheduledAction) -> None:
    """AWS knows the zones of Joda-Time, which are not all of those that a file may name."""
    key, writer = state.key, state.writer
    try:
        await _send(state, partial(writer.put_scheduled_action, key.function, key.alias, action))
    except AwsError as error:
        if error.kind is ErrorKind.REFUSED and error.code == "ValidationException":
            error.hint = error.hint or (
                f"AWS may not know the time zone {action.timezone}, whose names are those of Joda-Time: let the file "
                "give another name of the same zone"
            )
        raise


async def _send(state: State, work: Callable[[], None], *, urgency: int = LAST) -> None:
    """Send until it is answered; until LATE a target that is not found yet was only just registered.

    What makes no number due goes after what does, of all ions: Lambda allocates meanwhile.
    """
    until = state.run.clock() + LATE

    async def unknown() -> bool | None:
        return None

    async def sending(_: AwsError | None) -> bool:
        while True:
            try:
                await write(state, work, _NOTHING, bucket=Bucket.SCALING, urgency=urgency)
            except AwsError as error:
                if error.kind is not ErrorKind.MISSING or state.run.clock() >= until:
                    raise
            else:
                return True
            await Sleep(state.run.clock() + TICK, "AWS to show the scalable target")

    await write_once(state, sending, unknown)


# ---------------------------------------------------------------- the number


async def _number_due(state: State, asked: Scaled) -> None:
    """Wait for a number within the bounds that are due, and see to it that it comes."""
    if await _came(state, asked):
        return
    await _register(state, asked)
    if await _came(state, asked):
        return
    await _put_minimum(state, asked)
    if not await _came(state, asked):
        requested = state.provisioned.requested if state.provisioned else 0
        raise StepFailed(
            "NumberNotReached",
            f"{requested} requested, and Application Auto Scaling does not change it to what is due",
            "look at `aws application-autoscaling describe-scaling-activities --service-namespace lambda "
            f"--resource-id function:{state.key.function}:{state.key.alias} --region {state.key.region}`",
        )


async def _came(state: State, asked: Scaled) -> bool:
    """Whether the number is right within PATIENCE."""
    if state.looked > state.since and _is_right(state, asked):
        return True
    until = state.run.clock() + PATIENCE
    came = False

    async def look() -> float | None:
        nonlocal came
        await read_provisioned(state)
        came = _is_right(state, asked)
        return None if came or state.run.clock() >= until else 0.0

    await poll(state, "Application Auto Scaling to change the number", look)
    return came


def _is_right(state: State, asked: Scaled) -> bool:
    requested = state.provisioned.requested if state.provisioned else 0
    return any(each.minimum <= requested <= each.maximum for each in right(asked, state.run.now()))


async def _put_minimum(state: State, asked: Scaled) -> None:
    number, key = due(asked, state.run.now()).minimum, state.key
    if number == 0:
        await take_away_provisioned(state)
        return

    async def already_applied() -> Provisioned | None:
        there = await read_provisioned(state, shielded=True)
        return there if there and there.requested == number else None

    def writing(_: AwsError | None) -> Awaitable[Provisioned]:
        setting = partial(state.writer.set_provisioned, key.function, key.alias, concurrency=number)
        return write(state, setting, _NOTHING)

    state.provisioned = await write_once(state, writing, already_applied)


async def ready_if_any(state: State) -> None:
    """Wait for READY, unless none is due."""
    if state.provisioned is None:
        await read_provisioned(state)
    if state.provisioned is not None:
        await ready(state, None)
