"""Where the alias has to point, and how much provisioned concurrency it has to carry: one ion and one Observed in.

Pure. It says what the file's words come to, or that they come to nothing because a function, version or alias is
missing. What else stands in the way is `blocked`'s business.
"""

from dataclasses import dataclass

from reconciler.decide.compare import differences
from reconciler.decide.routing import is_stuck
from reconciler.model.desired import FollowLatest, Pinned, Unmanaged
from reconciler.model.observed import Ion, Observed, ScalingTarget, Settings, VersionState
from reconciler.model.plan import NewVersion, Version

LATEST = "$LATEST"


@dataclass(frozen=True, slots=True)
class Target:
    """The version wanted and its settings; why, when it is another than now; whether it is still Pending."""

    version: Version
    settings: Settings
    reason: str = ""
    pending: bool = False


@dataclass(frozen=True, slots=True)
class NoTarget:
    """Why no version can be named: something is missing, and a person has to act."""

    why: str


def target(ion: Ion, observed: Observed) -> Target | NoTarget:
    """The version that the alias has to point at."""
    match ion.desired.version:
        case FollowLatest():
            return _newest(ion, observed)
        case Pinned(number):
            return _pinned(ion, observed, number)
        case Unmanaged():
            return _unmanaged(ion, observed)


def _newest(ion: Ion, observed: Observed) -> Target | NoTarget:
    if observed.latest is None:
        return NoTarget(_missing_function(ion, observed))
    latest, alias = observed.latest.settings, observed.alias
    if alias is None:
        return Target(NewVersion(), latest, "follows $LATEST")
    if alias.pointer.version == LATEST:
        reason = "the alias points at $LATEST itself, which provisioned concurrency never serves"
        return Target(NewVersion(), latest, reason)
    differing = differences(alias.behind.settings, latest)
    if not differing:
        return _published(alias.behind)
    return Target(NewVersion(), latest, f"$LATEST differs from {alias.pointer.version}: {', '.join(differing)}")


def _pinned(ion: Ion, observed: Observed, number: str) -> Target | NoTarget:
    if observed.latest is None:
        return NoTarget(_missing_function(ion, observed))
    if observed.alias and observed.alias.pointer.version == number:
        return _published(observed.alias.behind)
    pinned = observed.pinned
    if pinned is None:
        return NoTarget(f"no version {number} of {ion.key.function}. Pin one that exists, or follow `latest`")
    if pinned.state == "Failed":
        return NoTarget(f"version {number} is in state Failed{because(pinned.state_reason)}. Pin another")
    return _published(pinned, f"pinned to {number} in the file")


def _unmanaged(ion: Ion, observed: Observed) -> Target | NoTarget:
    if observed.latest is None:
        return NoTarget(_missing_function(ion, observed))
    if observed.alias is None:
        return NoTarget(
            f"no alias {ion.key.alias}, and `version: unmanaged` never creates one. "
            "Create it, or let the file say `version: latest` or a number"
        )
    return _published(observed.alias.behind)


def _published(version: VersionState, reason: str = "") -> Target:
    return Target(version.number, version.settings, reason, pending=version.state == "Pending")


def _missing_function(ion: Ion, observed: Observed) -> str:
    near = f"; there are {', '.join(observed.near_names)}" if observed.near_names else ""
    where = f"in account {ion.key.account}, {ion.key.region}"
    return f"no function {ion.key.function} {where}{near}. Has ion deploy run? Else mend the name in the file"


def because(reason: str | None) -> str:
    """AWS's reason in brackets, when it gives one."""
    return f" ({reason})" if reason else ""


def scaler(observed: Observed) -> ScalingTarget | None:
    """The scaling target that owns this alias's number, if there is one."""
    return observed.scaling if isinstance(observed.scaling, ScalingTarget) else None


def wanted_concurrency(ion: Ion, observed: Observed) -> int | None:
    """The number to have; None: leave whatever is there (not managed, or owned by Application Auto Scaling).

    A FAILED one has to be put again whoever chose it: when it is the scaler's, and when the repair of a stuck alias
    takes it off for a while.
    """
    number = None if _is_the_scalers(ion, observed) else ion.desired.concurrency
    provisioned = observed.provisioned
    if number is None and provisioned and provisioned.status == "FAILED":
        return provisioned.requested if ion.desired.concurrency is not None or is_stuck(observed) else None
    return number


def _is_the_scalers(ion: Ion, observed: Observed) -> bool:
    """A number within the scaler's bounds is its to move; with a minimum above 0 there has to be one at all."""
    number, scaling = ion.desired.concurrency, scaler(observed)
    if number is None or scaling is None or not scaling.minimum <= number <= scaling.maximum:
        return False
    return observed.provisioned is not None or scaling.minimum == 0


def concurrency_differs(ion: Ion, observed: Observed) -> bool:
    """Whether the number that is requested is not the one to have, or failed."""
    wanted, provisioned = wanted_concurrency(ion, observed), observed.provisioned
    if wanted is None:
        return False
    if provisioned is None:
        return wanted > 0
    return wanted != provisioned.requested or provisioned.status == "FAILED"


def owner_note(ion: Ion, observed: Observed) -> str | None:
    """Who owns the number, when it is not the file."""
    scaling = scaler(observed)
    if scaling is None or ion.desired.concurrency is None:
        return None
    acting = ", suspended at present" if scaling.suspended else ""
    return f"Application Auto Scaling owns the number, between {scaling.minimum} and {scaling.maximum}{acting}"
