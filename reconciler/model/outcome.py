"""What happened: the outcome of each step, each ion and the whole run. Frozen values only."""

from dataclasses import dataclass

from reconciler.model.observed import Observed
from reconciler.model.plan import IonPlan, Step


@dataclass(frozen=True, slots=True)
class Done:
    """`note`: what was done differently from the plan, and what was risked."""

    note: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    code: str
    message: str
    request_id: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class NotAttempted:
    """`why` for people. `failed_before`: an earlier failure or an interruption is the reason (else it is no error)."""

    why: str
    failed_before: bool = True


Outcome = Done | Failed | NotAttempted


@dataclass(frozen=True, slots=True)
class IonResult:
    """What `apply` did with one ion; `after` is what the last look saw (None: nothing was looked at).

    `problem`: why the ion has to be planned again although none of its steps failed.
    """

    plan: IonPlan
    outcomes: tuple[tuple[Step, Outcome], ...]
    after: Observed | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """Every ion of the plan in its order. `interrupted`: a signal ended it before it was done."""

    results: tuple[IonResult, ...]
    interrupted: bool = False
