"""What an ion's way through its steps asks of the loop, as values. The loop answers, and alone waits.

An ion's way is a generator: it yields one of these and is resumed with the answer (AwsError is thrown into it), so it
reads like a straight line although hundreds run at once on one thread. `Interrupted` is thrown into one that waits when
nothing new may be started.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass

from reconciler.aws.dispatcher import Request


@dataclass(frozen=True, slots=True)
class Call:
    """Make this call; `vital`: also when we are told to stop before it has left."""

    call: Request
    shielded: bool = False


@dataclass(frozen=True, slots=True)
class Sleep:
    """Resume at this moment. `what` is told to whoever watches. `vital`: interruptions have to wait."""

    until: float
    what: str
    shielded: bool = False


@dataclass(frozen=True, slots=True)
class WaitFor:
    """Resume when this holds: another ion has come so far, or has failed. `vital`: that ends soon by itself."""

    opens: Callable[[], bool]
    what: str
    shielded: bool = False


Suspension = Call | Sleep | WaitFor
IonCoroutine = Generator[Suspension, object, None]


class Interrupted(Exception):  # noqa: N818 - a signal, not a fault
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
