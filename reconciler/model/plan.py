"""What is decided: changes, verdicts, and the Plan that is printed, saved, digested and applied.

Frozen values only. Money is USD a month; units are of provisioned concurrency.
"""

from dataclasses import dataclass

from reconciler.model.observed import Ion, Key, Observation, Observed, ScalingTarget, Settings, Unreadable
from reconciler.model.scaling import Scaled
from reconciler.model.steps import NewVersion, Step, Version, Wait


@dataclass(frozen=True, slots=True)
class Target:
    """The version that the alias has to point at, and its settings.

    `reason`: why, when it points elsewhere now. `pending`: the version is published, and not yet Active. `note`: what a
    person should know of it.
    """

    version: Version
    settings: Settings
    reason: str = ""
    pending: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class ScalingSummary:
    """How a number is scaled: the bounds at the moment, the utilisation aimed at, and the schedules by name."""

    minimum: int
    maximum: int
    target: float | None
    schedules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs; the reason is for people only.

    `alias`, `version`, `routing`, `concurrency`, `scaling`; `permissions` and `event_sources`: how many callers'
    statements the alias has, and how many mappings call it; `versions`: how many the function has.
    """

    field: str
    before: str | int | ScalingSummary | None
    after: str | int | NewVersion | ScalingSummary | None
    reason: str


@dataclass(frozen=True, slots=True)
class InSync:
    """`why`: what somebody else owns, or what is left alone. `note`: what else is worth knowing, such as the clock."""

    why: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    changes: tuple[Change, ...]
    steps: tuple[Step, ...]
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Settling:
    why: str
    steps: tuple[Wait, ...]


@dataclass(frozen=True, slots=True)
class Blocked:
    why: str


Verdict = InSync | Pending | Settling | Blocked | Unreadable


@dataclass(frozen=True, slots=True)
class Cost:
    """USD a month at list price, now and once the plan is applied.

    `notes`: a sentence for each region that was counted at another region's price. `monthly_least`: where load decides,
    the least that it will cost, of which `monthly_after` is the most; None: it is one number.
    """

    monthly_before: float = 0.0
    monthly_after: float = 0.0
    notes: tuple[str, ...] = ()
    monthly_least: float | None = None


@dataclass(frozen=True, slots=True)
class IonPlan:
    """One ion, what was observed of it, and all that was decided about it.

    `target` None: no version can be named (unreadable, or the function, version or alias is missing).
    """

    ion: Ion
    observed: Observation
    verdict: Verdict
    target: Target | None = None
    cost: Cost = Cost()

    @property
    def key(self) -> Key:
        return self.ion.key

    @property
    def changes(self) -> tuple[Change, ...]:
        """What differs; empty unless the ion is pending."""
        return self.verdict.changes if isinstance(self.verdict, Pending) else ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """The writes and waits, in their order; empty unless the ion is pending or settling."""
        return self.verdict.steps if isinstance(self.verdict, Pending | Settling) else ()

    @property
    def units_before(self) -> int:
        """Units of provisioned concurrency requested now; of a number that scales, the most it reaches by itself."""
        if not isinstance(self.observed, Observed):
            return 0
        scaling = self.observed.scaling
        if not isinstance(self.ion.desired.concurrency, Scaled) or not isinstance(scaling, ScalingTarget):
            return self.observed.requested
        most = (action.maximum or 0 for action in scaling.actions or ())
        return max(self.observed.requested, scaling.maximum, *most)

    @property
    def units_after(self) -> int:
        """Units requested once the plan is applied; of a number that scales, the most that can be due."""
        asked = self.ion.desired.concurrency
        if isinstance(asked, Scaled) and isinstance(self.verdict, Pending | InSync | Settling):
            return asked.highest
        numbers = (each.after for each in self.changes if each.field == "concurrency" and isinstance(each.after, int))
        return next(numbers, self.units_before)

    @property
    def units_added(self) -> int:
        """Units that the plan adds; negative: takes away."""
        return self.units_after - self.units_before


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a plan may not be applied; `code` is what `--allow` takes."""

    code: str
    message: str
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True, order=True)
class StepRef:
    """A step by its ion and its index there, since two equal steps may stand in one ion."""

    key: Key
    index: int


@dataclass(frozen=True, slots=True)
class Precedence:
    """The step `later` starts once the step `earlier` of another ion is done.

    When that fails, `later` is not attempted. `why` says so to people.
    """

    earlier: StepRef
    later: StepRef
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """One object that is printed, saved, digested and applied. Ions are sorted by key.

    `writes`: the sorted identities of all writes (`decide.identity`), and `digest` the SHA-256 over them.
    """

    ions: tuple[IonPlan, ...]
    digest: str
    cost: Cost
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[str, ...] = ()
    precedence: tuple[Precedence, ...] = ()
    writes: tuple[str, ...] = ()

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that the plan is about, as far as they are known; sorted."""
        return tuple(sorted({ion.key.account for ion in self.ions} - {""}))


@dataclass(frozen=True, slots=True)
class Approved:
    """The identities of the writes that were approved.

    `anything`: by --yes, which covers new writes too, within bounds. `asked`: at a prompt, so that some time passed.
    """

    writes: frozenset[str]
    anything: bool = False
    asked: bool = False
