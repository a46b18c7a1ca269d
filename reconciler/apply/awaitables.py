"""What an ion's coroutine may await: a call to AWS, a moment, or another ion. The loop answers, and alone waits.

`await Call(...)` gives the answer or raises AwsError; hundreds of coroutines run like this on one thread, each reading
like a straight line. `Interrupted` is raised where one waits once nothing new may be started, unless the awaitable is
`shielded`. Not asyncio's: the loop is deterministic, and its clock is a parameter.
"""

from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from typing import Any

from reconciler.aws.dispatcher import Request


@dataclass(frozen=True, slots=True)
class Call:
    """Send this request: gives its answer and the seconds it queued. `shielded`: also sent after a cancellation."""

    request: Request
    shielded: bool = False

    def __await__(self) -> "Generator[Call, tuple[Any, float], tuple[Any, float]]":
        return (yield self)


@dataclass(frozen=True, slots=True)
class Sleep:
    """Resume at this moment of the loop's clock. `what` is what the ion waits for, in words."""

    until: float
    what: str
    shielded: bool = False

    def __await__(self) -> "Generator[Sleep, object, None]":
        yield self


@dataclass(frozen=True, slots=True)
class WaitFor:
    """Resume once the condition holds, which another ion brings about. `shielded`: don't cancel, as it soon will."""

    condition: Callable[[], bool]
    what: str
    shielded: bool = False

    def __await__(self) -> "Generator[WaitFor, object, None]":
        yield self


Suspension = Call | Sleep | WaitFor
IonCoroutine = Coroutine[Suspension, Any, None]


class Interrupted(Exception):  # noqa: N818 - a signal, not an error
    """Nothing new may be started any more."""


class StepFailed(Exception):  # noqa: N818 - carried to the outcome of the step
    """The step can't be done, for a reason that is not an AWS call's error."""

    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


def plan_again(message: str) -> StepFailed:
    """Somebody else changed what the plan starts from."""
    return StepFailed("PlanAgain", message, "somebody else is at work on it: plan again")
