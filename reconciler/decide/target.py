"""Where the alias has to point, and how much provisioned concurrency it has to carry: one Desired and one Observed in.

Pure. What can't be reconciled at all is `blocked`'s business; this only says what the file's words come to.
"""

from dataclasses import dataclass

from reconciler.decide.compare import differences
from reconciler.model import (
    Desired,
    FollowLatest,
    NewVersion,
    Observed,
    Pinned,
    ScalingTarget,
    Settings,
    Unmanaged,
    Version,
)

LATEST = "$LATEST"


@dataclass(frozen=True, slots=True)
class Target:
    """The version wanted and its settings (None: not known), and why when it is another than now."""

    version: Version
    settings: Settings | None
    reason: str


def target(desired: Desired, observed: Observed) -> Target | None:
    """The version that the alias has to point at; None when that can't be said (a function or version is missing)."""
    match desired.version:
        case FollowLatest():
            return _newest(observed)
        case Pinned(number):
            return _pinned(number, observed)
        case Unmanaged():
            behind = observed.alias.behind if observed.alias else None
            return Target(behind.number, behind.settings, "") if behind else None


def _newest(observed: Observed) -> Target | None:
    if observed.latest is None:
        return None
    latest, alias = observed.latest.settings, observed.alias
    if alias is None:
        return Target(NewVersion(), latest, "a new alias follows $LATEST")
    if alias.pointer.version == LATEST:
        reason = "the alias points at $LATEST itself, which provisioned concurrency never serves"
        return Target(NewVersion(), latest, reason)
    differing = differences(alias.behind.settings, latest)
    if not differing:
        return Target(alias.pointer.version, alias.behind.settings, "")
    return Target(NewVersion(), latest, f"$LATEST differs from {alias.pointer.version}: {', '.join(differing)}")


def _pinned(number: str, observed: Observed) -> Target | None:
    if observed.alias and observed.alias.pointer.version == number:
        return Target(number, observed.alias.behind.settings, "")
    if observed.pinned is None:
        return None
    return Target(number, observed.pinned.settings, f"pinned to {number} in the file")


def scaled(observed: Observed) -> ScalingTarget | None:
    """The scaling target that owns this alias's number, if there is one."""
    return observed.scaling if isinstance(observed.scaling, ScalingTarget) else None


def wanted_concurrency(desired: Desired, observed: Observed) -> int | None:
    """The number to have; None: leave whatever is there (not managed, or owned by Application Auto Scaling).

    A number within the scaler's bounds is the scaler's to move; with a minimum above 0 there has to be one at all.
    """
    wanted, scaling = desired.concurrency, scaled(observed)
    if wanted is None or scaling is None:
        return wanted
    if not scaling.minimum <= wanted <= scaling.maximum:
        return wanted
    if observed.provisioned is None and scaling.minimum > 0:
        return wanted
    return None


def owner_note(desired: Desired, observed: Observed) -> str | None:
    """Who owns the number, when it is not the file."""
    scaling = scaled(observed)
    if scaling is None or desired.concurrency is None:
        return None
    acting = ", suspended at present" if scaling.suspended else ""
    return f"Application Auto Scaling owns the number, between {scaling.minimum} and {scaling.maximum}{acting}"
