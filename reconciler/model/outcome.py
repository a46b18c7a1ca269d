"""What `apply` did: the outcome of each step, each ion and the whole run. Frozen values only."""

from dataclasses import dataclass

from reconciler.model.observed import Observed
from reconciler.model.plan import IonPlan
from reconciler.model.steps import Step


@dataclass(frozen=True, slots=True)
class Done:
    """`note`: what was done differently from the plan, and at what risk."""

    note: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    code: str
    message: str
    request_id: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class NotAttempted:
    """`why` for people. `failed_before`: because of an earlier failure or an interruption; otherwise it is no error."""

    why: str
    failed_before: bool = True


Outcome = Done | Failed | NotAttempted


@dataclass(frozen=True, slots=True)
class IonResult:
    """What `apply` did to one ion, step by step.

    `after`: its state as last read (None: nothing was read). `problem`: why it has to be planned again although no step
    failed.
    """

    plan: IonPlan
    outcomes: tuple[tuple[Step, Outcome], ...]
    after: Observed | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """One result for each ion of the plan, in its order. `interrupted`: a signal ended the run early."""

    results: tuple[IonResult, ...]
    interrupted: bool = False
