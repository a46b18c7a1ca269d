"""What is decided: changes, steps, verdicts, and the Plan that is printed, saved, digested and applied.

Frozen values only. Money is USD a month; units are of provisioned concurrency.
"""

from dataclasses import dataclass

from reconciler.model.callers import AsyncSettings, Grant
from reconciler.model.observed import Ion, Key, Observation, Observed, ScalingTarget, Settings, Unreadable
from reconciler.model.scaling import Scaled, ScheduledAction


@dataclass(frozen=True, slots=True)
class NewVersion:
    """The version that the publish step will return; only AWS can number it."""


Version = str | NewVersion


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
class AwaitUpdated:
    """Wait until the update of `$LATEST` has ended."""


@dataclass(frozen=True, slots=True)
class PublishVersion:
    """Publish `$LATEST`, unless its code or RevisionId is no longer the planned one."""

    code_sha256: str
    revision_id: str


@dataclass(frozen=True, slots=True)
class AwaitActive:
    """Wait until the version is Active."""

    version: Version


@dataclass(frozen=True, slots=True)
class CreateAlias:
    version: Version


@dataclass(frozen=True, slots=True)
class MoveAlias:
    """Point the alias at another version, if it still points at `before`. `clear_weights` empties its routing too.

    `holds`: of a rollback, the version that `$LATEST` equals; the alias stays where it is put until that changes.
    """

    before: str
    version: Version
    clear_weights: bool = False
    holds: str | None = None


@dataclass(frozen=True, slots=True)
class AwaitSettled:
    """Wait until Lambda's own routing weights are gone."""


@dataclass(frozen=True, slots=True)
class SetProvisioned:
    concurrency: int


@dataclass(frozen=True, slots=True)
class RemoveProvisioned:
    pass


@dataclass(frozen=True, slots=True)
class RegisterTarget:
    """Have Application Auto Scaling keep the number within the bounds that are due when it is applied.

    `minimum` and `maximum` are those due when it was planned.
    """

    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class PutScheduledAction:
    action: ScheduledAction


@dataclass(frozen=True, slots=True)
class DeleteScheduledAction:
    name: str


@dataclass(frozen=True, slots=True)
class PutScalingPolicy:
    """Track load: keep the utilisation of the provisioned concurrency at `target`."""

    name: str
    target: float


@dataclass(frozen=True, slots=True)
class DeleteScalingPolicy:
    name: str


@dataclass(frozen=True, slots=True)
class DeregisterTarget:
    """Take the number out of Application Auto Scaling's hands, with its actions and policies; the number stays."""


@dataclass(frozen=True, slots=True)
class AwaitNumber:
    """Wait until the number is within the bounds that are due; register once more, then put the minimum."""


@dataclass(frozen=True, slots=True)
class DeleteVersion:
    """Delete a published version. Its number, since without a qualifier AWS would delete the whole function."""

    version: int


@dataclass(frozen=True, slots=True)
class AwaitReady:
    """Wait until the provisioned concurrency is READY."""


ScalingWrite = (
    RegisterTarget
    | PutScheduledAction
    | DeleteScheduledAction
    | PutScalingPolicy
    | DeleteScalingPolicy
    | DeregisterTarget
)


@dataclass(frozen=True, slots=True)
class AddPermission:
    """Allow on the alias what the bare function allows. `meaning`: of the statement, as in `callers.Statement`."""

    grant: Grant
    meaning: str


@dataclass(frozen=True, slots=True)
class CopyAsyncConfig:
    """Give the alias, which has none, the asynchronous settings of `$LATEST`."""

    settings: AsyncSettings


@dataclass(frozen=True, slots=True)
class MoveEventSource:
    """Point an event source mapping at the alias, if it still is on `before` (None: the bare name), and await that."""

    uuid: str
    source: str
    before: str | None


CallersWrite = AddPermission | CopyAsyncConfig | MoveEventSource


AliasWrite = PublishVersion | CreateAlias | MoveAlias | SetProvisioned | RemoveProvisioned


Write = AliasWrite | ScalingWrite | CallersWrite | DeleteVersion


AliasWait = AwaitUpdated | AwaitActive | AwaitSettled | AwaitReady


ScalingStep = ScalingWrite | AwaitNumber


Wait = AliasWait | AwaitNumber


Step = Write | Wait


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
