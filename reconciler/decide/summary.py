"""Plan or Applied -> counts, each ion once, under the one word that classifies it. Pure.

A plan "creates" where the alias is missing, "removes" where the only change is that provisioned concurrency goes, and
"changes" otherwise. The last line of a report, the JSON and the exit codes share these numbers.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Literal, get_args

from reconciler.model.observed import Unreadable
from reconciler.model.outcome import Applied, Done, Failed, IonResult, NotAttempted
from reconciler.model.plan import Blocked, InSync, IonPlan, Pending, Plan, Settling, Verdict
from reconciler.model.steps import Write

Kind = Literal["create", "change", "remove", "settling", "blocked", "unreadable", "in_sync"]
ResultKind = Literal[
    "created",
    "changed",
    "removed",
    "failed",
    "unfinished",
    "not_attempted",
    "settled",
    "settling",
    "blocked",
    "unreadable",
    "in_sync",
]
WRITTEN: Mapping[Kind, ResultKind] = {"create": "created", "remove": "removed"}


@dataclass(frozen=True, slots=True)
class Summary:
    """How many ions a plan creates, changes, and so on."""

    create: int
    change: int
    remove: int
    settling: int
    blocked: int
    unreadable: int
    in_sync: int

    @property
    def changes(self) -> int:
        """How many ions have something to be written."""
        return self.create + self.change + self.remove

    @property
    def troubled(self) -> int:
        """How many ions need a person, or could not be read."""
        return self.blocked + self.unreadable

    def counts(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class AppliedSummary:
    """How many ions `apply` created, changed, failed to change, and so on.

    `unfinished`: begun, and interrupted or held back; or settled, and to be planned again. `settling`: AWS was left at
    work (`--no-wait`).
    """

    created: int
    changed: int
    removed: int
    failed: int
    unfinished: int
    not_attempted: int
    settled: int
    settling: int
    blocked: int
    unreadable: int
    in_sync: int

    @property
    def written(self) -> int:
        """How many ions were written, to the end."""
        return self.created + self.changed + self.removed

    @property
    def troubled(self) -> int:
        """How many ions are not where the file wants them, for a reason that is an error."""
        return self.failed + self.unfinished + self.not_attempted + self.blocked + self.unreadable

    def counts(self) -> dict[str, int]:
        return asdict(self)


def summarize(plan: Plan) -> Summary:
    """Count a plan's ions by what the plan does to them."""
    return Summary(**_counted((kind_of(ion.verdict) for ion in plan.ions), get_args(Kind)))


def summarize_applied(applied: Applied) -> AppliedSummary:
    """Count the ions of a finished or interrupted apply by how they ended."""
    return AppliedSummary(**_counted((result_kind(result) for result in applied.results), get_args(ResultKind)))


def kind_of(verdict: Verdict) -> Kind:
    """The one word for what a plan does to an ion."""
    match verdict:
        case InSync():
            return "in_sync"
        case Pending():
            return _pending_kind(verdict)
        case Settling():
            return "settling"
        case Blocked():
            return "blocked"
        case Unreadable():
            return "unreadable"


def result_kind(result: IonResult) -> ResultKind:
    """The one word for how an ion ended: a failure outweighs what was left, and that what was done."""
    outcomes = [outcome for _, outcome in result.outcomes]
    if any(isinstance(outcome, Failed) for outcome in outcomes):
        return "failed"
    if any(isinstance(outcome, NotAttempted) and outcome.failed_before for outcome in outcomes):
        return "unfinished" if _wrote(result) else "not_attempted"
    if result.problem:
        return "unfinished"
    if _wrote(result):
        return WRITTEN.get(kind_of(result.plan.verdict), "changed")
    return _unwritten_kind(result.plan) if not outcomes else _waited_kind(result)


def _pending_kind(verdict: Pending) -> Kind:
    if any(change.field == "alias" for change in verdict.changes):
        return "create"
    if all(change.field == "concurrency" and not change.after for change in verdict.changes):
        return "remove"
    return "change"


def _wrote(result: IonResult) -> bool:
    return any(isinstance(outcome, Done) and isinstance(step, Write) for step, outcome in result.outcomes)


def _waited_kind(result: IonResult) -> ResultKind:
    return "settled" if all(isinstance(outcome, Done) for _, outcome in result.outcomes) else "settling"


def _unwritten_kind(ion: IonPlan) -> ResultKind:
    match ion.verdict:
        case Blocked():
            return "blocked"
        case Unreadable():
            return "unreadable"
        case Settling():
            return "settling"
        case Pending():
            return "not_attempted"
        case InSync():
            return "in_sync"


def _counted(kinds: Iterable[str], names: tuple[str, ...]) -> dict[str, int]:
    counter = Counter(kinds)
    return {name: counter[name] for name in names}
