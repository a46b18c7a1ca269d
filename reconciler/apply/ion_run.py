"""One ion's steps as a coroutine: carried out in order, each with its outcome.

In: the steps, and what the ion's state is. Out: an outcome for every step. The first failure ends this ion, never
another; steps not begun are NotAttempted. After an interruption the step under way is first resolved, so that its
outcome is certain, and no other is begun.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from reconciler.apply.asking import wait_for
from reconciler.apply.awaitables import Interrupted, StepFailed
from reconciler.apply.callers import bring_callers
from reconciler.apply.prune import delete_version
from reconciler.apply.repair import repair
from reconciler.apply.scaling import ready_if_any, scale
from reconciler.apply.state import Publishing, State
from reconciler.apply.waits import active, ready, settled, updated
from reconciler.apply.writes import create, move, publish, remove_provisioned, set_provisioned
from reconciler.model.errors import AwsError, ErrorKind
from reconciler.model.outcome import Done, Failed, NotAttempted, Outcome
from reconciler.model.plan import Precedence, StepRef
from reconciler.model.scaling import Scaled
from reconciler.model.steps import (
    AliasWait,
    AliasWrite,
    AwaitActive,
    AwaitReady,
    AwaitSettled,
    AwaitUpdated,
    CallersWrite,
    CreateAlias,
    DeleteVersion,
    MoveAlias,
    PublishVersion,
    RemoveProvisioned,
    ScalingStep,
    SetProvisioned,
    Step,
    Wait,
)

HINTS = {
    ErrorKind.STALE: "somebody else changed it: plan again",
    ErrorKind.MISSING: "somebody deleted it: plan again",
    ErrorKind.CONFLICT: "another alias, or the version itself, may have provisioned concurrency there, and AWS "
    "allows one a version: `reconcile doctor` lists them",
    ErrorKind.IN_USE: "AWS was at work on it for longer than --timeout: run again",
    ErrorKind.UNAVAILABLE: "it is not known whether AWS did it: look with `reconcile plan`, and apply again",
    ErrorKind.THROTTLED: "AWS throttled it for longer than --timeout: run again when others call less",
}


@dataclass(slots=True)
class IonRun:
    """One ion's run. `skipped`: from this index on the steps are waits left out by --no-wait."""

    state: State
    steps: tuple[Step, ...]
    holds: tuple[Precedence, ...]
    cancelled: Callable[[], bool]
    skipped: int
    outcomes: list[Outcome] = field(default_factory=list)

    async def coroutine(self) -> None:
        """Go through the steps; afterwards there is an outcome for each."""
        while len(self.outcomes) < len(self.steps):
            step = self.steps[len(self.outcomes)]
            if len(self.outcomes) >= self.skipped:
                return self._end(NotAttempted("not waited for (--no-wait)", failed_before=False))
            if self.cancelled():
                return self._end(NotAttempted("interrupted"))
            try:
                await self._hold()
                outcomes: Sequence[Outcome] = await self._perform(step)
            except Interrupted:
                return self._end(NotAttempted("interrupted"))
            except _HeldBack as error:
                return self._end(NotAttempted(str(error)))
            except Exception as error:  # noqa: BLE001 - whatever goes wrong with one ion is its own outcome
                self._note((failure(error),))
                if isinstance(step, DeleteVersion):  # no other version depends on it
                    continue
                return self._end(NotAttempted("an earlier step failed"))
            self._note(outcomes)
        return None

    def give_up(self, error: Exception) -> None:
        """End the run because of an internal error; outcomes already recorded are kept."""
        if len(self.outcomes) < len(self.steps):
            self._note((failure(error),))
            self._end(NotAttempted("an earlier step failed"))

    def _note(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            self.state.run.ended[self._step()] = outcome
            self.outcomes.append(outcome)

    def _end(self, rest: NotAttempted) -> None:
        self._note([rest] * (len(self.steps) - len(self.outcomes)))

    def _step(self) -> StepRef:
        return StepRef(self.state.key, len(self.outcomes))

    async def _hold(self) -> None:
        """Wait for the steps of other ions that have to come first."""
        ended = self.state.run.ended
        for rule in self.holds:
            if rule.later != self._step():
                continue
            name = f"{rule.earlier.key.function}:{rule.earlier.key.alias}"
            await wait_for(self.state, partial(ended.__contains__, rule.earlier), name)
            if not isinstance(ended[rule.earlier], Done):
                raise _HeldBack(f"{rule.why}, and that was not done")

    async def _perform(self, step: Step) -> Sequence[Outcome]:
        if isinstance(step, DeleteVersion):
            await delete_version(self.state, step.version)
            return (Done(),)
        if isinstance(step, CallersWrite):
            return (await bring_callers(self.state, step),)
        if isinstance(step, ScalingStep):
            await scale(self.state, step)
            return (Done(),)
        return await self._perform_on_alias(step)

    async def _perform_on_alias(self, step: AliasWrite | AliasWait) -> Sequence[Outcome]:
        state = self.state
        match step:
            case AwaitUpdated():
                await updated(state)
            case PublishVersion():
                await self._publish()
            case AwaitActive(version):
                await active(state, state.number(version))
            case CreateAlias(version):
                await create(state, state.number(version))
            case MoveAlias(_, version):
                await move(state, step, state.number(version))
            case AwaitSettled():
                await settled(state)
            case RemoveProvisioned():
                return await self._remove()
            case SetProvisioned(number):
                return await self._set(number)
            case AwaitReady():
                await self._ready()
        return (Done(),)

    async def _ready(self) -> None:
        if isinstance(self.state.plan.ion.desired.concurrency, Scaled):
            await ready_if_any(self.state)
        else:
            await ready(self.state, self._number())

    async def _publish(self) -> None:
        """Publish, or wait for another alias of the same function that does."""
        shared = self.state.run.publishings.get(self.state.key.function)
        if shared is None:
            shared = self.state.run.publishings[self.state.key.function] = Publishing()
            try:
                shared.version = await publish(self.state)
            except Exception as error:
                shared.failure = error
                raise
            finally:
                shared.ended = True
        else:
            what = f"another alias of {self.state.key.function} to publish"
            await wait_for(self.state, lambda: shared.ended, what, shielded=True)
            if shared.failure:
                raise shared.failure
        self.state.published = shared.version

    async def _remove(self) -> Sequence[Outcome]:
        """A removal; together with the move after it where that repairs a stuck alias."""
        following = self.steps[len(self.outcomes) + 1 :]
        match following[:1]:
            case (MoveAlias(_, version, True) as step,):
                number = self.state.number(version)
                return ((await repair(self.state, step, number, lambda outcome: self._note((outcome,)))),)
            case _:
                await remove_provisioned(self.state)
                return (Done(),)

    async def _set(self, number: int) -> Sequence[Outcome]:
        """Put the number, unless it is there already: a repair that could not remove it keeps it."""
        there = self.state.provisioned
        planned = self.state.observed.provisioned
        if there and there.requested == number and there.status != "FAILED" and there != planned:
            return (NotAttempted(f"{number} is there already", failed_before=False),)
        await set_provisioned(self.state, number)
        return (Done(),)

    def _number(self) -> int | None:
        return next((step.concurrency for step in self.steps if isinstance(step, SetProvisioned)), None)


class _HeldBack(Exception):  # noqa: N818 - what came first did not happen
    """A step of another ion that has to come first was not done."""


def failure(error: Exception) -> Failed:
    match error:
        case StepFailed():
            return Failed(error.code, error.message, hint=error.hint)
        case AwsError():
            return Failed(error.code, error.message, error.request_id, error.hint or HINTS.get(error.kind))
        case _:  # told by its type alone: its words may quote an answer
            message = f"a fault of this program's own ({type(error).__name__}): what was under way is not known"
            return Failed("InternalError", message, hint="look with `reconcile plan`, and please report it")


def trailing_waits(steps: Sequence[Step]) -> int:
    """The index from which on there are only waits, that no write comes after."""
    index = len(steps)
    while index and isinstance(steps[index - 1], Wait):
        index -= 1
    return index
