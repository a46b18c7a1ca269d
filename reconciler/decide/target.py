"""The version that the alias has to point at: one Ion and one Observed -> Target. Pure.

Blocked where no version can be named, because the function, the version or the alias is missing. What else stands in
the way is for `blocked` to say.
"""

from dataclasses import replace

from reconciler.decide.compare import differences
from reconciler.decide.marks import Mark, mark_of
from reconciler.model.desired import FollowLatest, Pinned, Unmanaged
from reconciler.model.observed import AliasState, Ion, Observed, RollBack, Settings, VersionState
from reconciler.model.plan import Blocked, Target
from reconciler.model.steps import NewVersion

LATEST = "$LATEST"


def target(ion: Ion, observed: Observed) -> Target | Blocked:
    """The version that the file asks for, published already or not."""
    if observed.latest is None:
        return Blocked(_missing_function(ion, observed))
    if ion.back:
        return _back(ion, observed, ion.back)
    match ion.desired.version:
        case FollowLatest():
            return _newest(observed.latest.settings, observed.alias, observed.pinned)
        case Pinned(number):
            return _pinned(ion, observed, number, f"pinned to {number} in the file")
        case Unmanaged() if observed.alias:
            return _published(observed.alias.behind)
        case Unmanaged():
            return Blocked(
                f"no alias {ion.key.alias}, and `version: unmanaged` never creates one. "
                "Create it, or let the file say `version: latest` or a number"
            )


def held_by(alias: AliasState) -> Mark | None:
    """The mark of a rollback that the alias still is where it was put by."""
    mark = mark_of(alias.pointer)
    return mark if mark and mark.latest else None


def _newest(latest: Settings, alias: AliasState | None, held: VersionState | None) -> Target:
    """`held`: the version that the mark of a rollback names, as it is read where `$LATEST` differs from the alias's."""
    if alias is None:
        return Target(NewVersion(), latest, "follows $LATEST")
    if alias.pointer.version == LATEST:
        reason = "the alias points at $LATEST itself, which provisioned concurrency never serves"
        return Target(NewVersion(), latest, reason)
    differing = differences(alias.behind.settings, latest)
    if not differing:
        return _published(alias.behind)
    mark = held_by(alias)
    if mark and held and held.number == mark.latest and not differences(held.settings, latest):
        return replace(_published(alias.behind), note=f"held at {mark.after}, rolled back from {mark.before}")
    return Target(NewVersion(), latest, f"$LATEST differs from {alias.pointer.version}: {', '.join(differing)}")


def _pinned(ion: Ion, observed: Observed, number: str, reason: str) -> Target | Blocked:
    if observed.alias and observed.alias.pointer.version == number:
        return _published(observed.alias.behind)
    pinned = observed.pinned
    if pinned is None:
        return Blocked(f"no version {number} of {ion.key.function}. Pin one that exists, or follow `latest`")
    if pinned.state == "Failed":
        return Blocked(f"version {number} is in state Failed{because(pinned.state_reason)}. Pin another")
    return _published(pinned, reason)


def _back(ion: Ion, observed: Observed, back: RollBack) -> Target | Blocked:
    if back.number is None:
        return Blocked(back.reason)
    wanted = _pinned(ion, observed, back.number, back.reason)
    return replace(wanted, note=back.note) if isinstance(wanted, Target) else wanted


def _published(version: VersionState, reason: str = "") -> Target:
    return Target(version.number, version.settings, reason, pending=version.state == "Pending")


def _missing_function(ion: Ion, observed: Observed) -> str:
    near = f"; there are {', '.join(observed.near_names)}" if observed.near_names else ""
    where = f"in account {ion.key.account}, {ion.key.region}"
    return f"no function {ion.key.function} {where}{near}. Has ion deploy run? Else mend the name in the file"


def because(reason: str | None) -> str:
    """AWS's reason in brackets, when it gives one."""
    return f" ({reason})" if reason else ""
