"""Is there anything to do, and may it be done? Plan and the codes that `--allow` names -> one answer. Pure.

Plan's exit code and hint, apply's refusal and prompt, and a saved plan's approval all ask here.
"""

from collections.abc import Collection
from dataclasses import dataclass

from reconciler.decide.summary import summarize
from reconciler.model.plan import Plan, Refusal
from reconciler.model.refusals import LIFTABLE


@dataclass(frozen=True, slots=True)
class Applicability:
    """What `apply` would make of a plan.

    `changes`: how many ions have something to write. `troubled`: how many are blocked or unreadable, which doesn't stop
    the others. `refusals`: those that nothing lifts; any of them stops the whole plan.
    """

    changes: int
    troubled: int
    refusals: tuple[Refusal, ...]

    @property
    def can_apply(self) -> bool:
        """Whether there is something to write, and no rule refuses it."""
        return self.changes > 0 and not self.refusals


def applicability(plan: Plan, lifted: Collection[str]) -> Applicability:
    """Ask it of a plan. `lifted`: refusal codes."""
    summary = summarize(plan)
    standing = tuple(refusal for refusal in plan.refusals if not is_lifted(refusal, lifted))
    return Applicability(summary.changes, summary.troubled, standing)


def is_lifted(refusal: Refusal, lifted: Collection[str]) -> bool:
    """Whether `--allow` lifts a refusal; nothing lifts that of the wrong account."""
    return refusal.code in LIFTABLE and refusal.code in lifted
