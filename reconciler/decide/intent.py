"""What has to change about one ion: Ion, Observed and Target -> Intent. Pure.

`blocked` says whether it can be done, `diff` lists the changes, `steps` the calls and waits that make them.
"""

from dataclasses import dataclass

from reconciler.decide.callers import CallersIntent, callers_intent
from reconciler.decide.routing import is_leftover, is_stuck
from reconciler.decide.scaling import is_ours
from reconciler.model.observed import Ion, Observed, ScalingTarget
from reconciler.model.plan import Target
from reconciler.model.scaling import Scaled


@dataclass(frozen=True, slots=True)
class Intent:
    """`removes`: the provisioned concurrency goes, though another may be put. `sets` None: no number is put."""

    ion: Ion
    observed: Observed
    target: Target
    moves: bool
    clears_weights: bool
    removes: bool
    sets: int | None
    callers: CallersIntent

    @property
    def creates(self) -> bool:
        return self.observed.alias is None

    @property
    def units(self) -> int:
        """Units of provisioned concurrency that the alias will carry."""
        return self.sets or (0 if self.removes else self.observed.requested)


def intent_for(ion: Ion, observed: Observed, target: Target) -> Intent:
    """What has to change; whether anything stands in the way is not asked here.

    A FAILED number serves nobody: when the alias moves it is removed before, so that the move starts no transition
    and traffic is on the new version at once.
    """
    provisioned, number = observed.provisioned, _wanted_number(ion, observed)
    failed = provisioned is not None and provisioned.status == "FAILED"
    moves = observed.alias is not None and observed.alias.pointer.version != target.version
    removes = provisioned is not None and (number == 0 or (failed and moves and number is not None))
    sets = number if number and (number != observed.requested or failed) else None
    return Intent(
        ion=ion,
        observed=observed,
        target=target,
        moves=moves,
        clears_weights=moves and (is_stuck(observed) or is_leftover(observed)),
        removes=removes,
        sets=sets,
        callers=callers_intent(ion, observed, cold=failed and not (removes or sets or moves)),
    )


def _wanted_number(ion: Ion, observed: Observed) -> int | None:
    """The number to have; None: leave whatever is there (not managed, or owned by Application Auto Scaling).

    A FAILED one has to be put again whoever chose it: when it is the scaler's, and when the repair of a stuck alias
    takes it off for a while.
    """
    asked = ion.desired.concurrency
    number = None if isinstance(asked, Scaled) or _is_the_scalers(ion, observed) else asked
    provisioned = observed.provisioned
    if number is None and provisioned and provisioned.status == "FAILED":
        return provisioned.requested if ion.desired.concurrency is not None or is_stuck(observed) else None
    return number


def _is_the_scalers(ion: Ion, observed: Observed) -> bool:
    """A number within somebody's bounds is theirs to move; with a minimum above 0 there has to be one at all."""
    number, scaling = ion.desired.concurrency, observed.scaling
    if not isinstance(number, int) or not isinstance(scaling, ScalingTarget) or is_ours(scaling):
        return False
    if not scaling.minimum <= number <= scaling.maximum:
        return False
    return observed.provisioned is not None or scaling.minimum == 0


def owner_note(ion: Ion, observed: Observed) -> str | None:
    """Who owns the number, when it is not the file."""
    scaling = observed.scaling
    if not isinstance(scaling, ScalingTarget) or not isinstance(ion.desired.concurrency, int) or is_ours(scaling):
        return None
    acting = ", suspended at present" if scaling.suspended else ""
    return f"Application Auto Scaling owns the number, between {scaling.minimum} and {scaling.maximum}{acting}"
