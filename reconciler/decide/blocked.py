"""Why an ion cannot be reconciled until a person acts: what is the matter, where, and what to do. Pure.

Rules that span several ions (reserved concurrency, one provisioned concurrency a version) are in `plan`.
"""

from collections.abc import Iterator

from reconciler.decide.routing import Owner, describe, is_leftover, is_stuck, weights_owner
from reconciler.decide.target import LATEST, Target, scaled, target, wanted_concurrency
from reconciler.model import (
    AliasState,
    FollowLatest,
    Ion,
    Latest,
    NewVersion,
    Observed,
    Pinned,
    Provisioned,
    Settings,
    Unmanaged,
)

PUBLISHABLE = frozenset({"Active", "Inactive", "Pending", ""})  # "": endpoints that leave State out
SETTLED_UPDATES = frozenset({"Successful", "InProgress", "", None})


def blocked(ion: Ion, observed: Observed) -> str | None:
    """The first reason that stands in the way, or None."""
    return next(_reasons(ion, observed), None)


def _reasons(ion: Ion, observed: Observed) -> Iterator[str]:
    if observed.latest is None:
        yield _missing_function(ion, observed)
        return
    yield from _latest(ion, observed.latest)
    yield from _version(ion, observed)
    wanted = target(ion.desired, observed)
    if wanted is None:
        return
    yield from _unknown_state(observed.latest, wanted)
    yield from _weights(ion, observed, wanted)
    yield from _scaling(ion, observed)
    yield from _incapable(ion, observed, wanted)


def _missing_function(ion: Ion, observed: Observed) -> str:
    near = f"; there are {', '.join(observed.near_names)}" if observed.near_names else ""
    where = f"in account {ion.key.account}, {ion.key.region}"
    return f"no function {ion.key.function} {where}{near}. Has ion deploy run? Else mend the name in the file"


def _latest(ion: Ion, latest: Latest) -> Iterator[str]:
    if not isinstance(ion.desired.version, FollowLatest):
        return
    if latest.state == "Failed":
        yield f"$LATEST is in state Failed{_because(latest.state_reason)}. Deploy again"
    if latest.update_status == "Failed":
        yield f"the last update of $LATEST failed{_because(latest.update_reason)}. Deploy again"


def _because(reason: str | None) -> str:
    return f" ({reason})" if reason else ""


def _unknown_state(latest: Latest, wanted: Target) -> Iterator[str]:
    if not isinstance(wanted.version, NewVersion):
        return
    if latest.state not in PUBLISHABLE:
        yield f"$LATEST is in state {latest.state}{_because(latest.state_reason)}, in which it can't be published"
    if latest.update_status not in SETTLED_UPDATES:
        yield f"the last update of $LATEST is {latest.update_status}{_because(latest.update_reason)}; not published"


def _version(ion: Ion, observed: Observed) -> Iterator[str]:
    match ion.desired.version:
        case Unmanaged() if observed.alias is None:
            yield (
                f"no alias {ion.key.alias}, and `version: unmanaged` never creates one. "
                "Create it, or let the file say `version: latest` or a number"
            )
        case Pinned(number) if not (observed.alias and observed.alias.pointer.version == number):
            if observed.pinned is None:
                yield f"no version {number} of {ion.key.function}. Pin one that exists, or follow `latest`"
            elif observed.pinned.state == "Failed":
                yield f"version {number} is in state Failed{_because(observed.pinned.state_reason)}. Pin another"
        case _:
            return


def _weights(ion: Ion, observed: Observed, wanted: Target) -> Iterator[str]:
    if observed.alias is None:
        return
    pointer = observed.alias.pointer
    if weights_owner(observed) is Owner.SOMEBODY:
        if not isinstance(ion.desired.version, Unmanaged) or _concurrency_differs(ion, observed):
            yield (
                f"the alias sends {describe(pointer.weights)} (a canary of CodeDeploy or of a person). "
                "Let that end, or clear its weights, then run again"
            )
    elif wanted.version == pointer.version and (is_stuck(observed) or is_leftover(observed)):
        yield _stuck(observed.alias, observed.provisioned)


def _stuck(alias: AliasState, provisioned: Provisioned | None) -> str:
    pointer = alias.pointer
    old = pointer.weights[0][0]
    back = f"fix it and deploy again, or pin `version: {old}` to go back"
    if provisioned is None:
        return (
            f"Lambda's own weight still sends all calls to version {old}, and no provisioned concurrency is left that "
            f"would end it; version {pointer.version} may be one whose init fails. To go on, {back}; or clear the "
            "weights by hand"
        )
    return (
        f"the init of version {pointer.version} fails ({provisioned.reason or 'no reason given'}), and all "
        f"calls stay on version {old}: look at log group {alias.behind.settings.log_group}, {back}"
    )


def _concurrency_differs(ion: Ion, observed: Observed) -> bool:
    wanted, provisioned = wanted_concurrency(ion.desired, observed), observed.provisioned
    if wanted is None:
        return False
    return wanted != (provisioned.requested if provisioned else 0) or (
        provisioned is not None and provisioned.status == "FAILED"
    )


def _scaling(ion: Ion, observed: Observed) -> Iterator[str]:
    number, scaling = ion.desired.concurrency, scaled(observed)
    if number is None or scaling is None or scaling.minimum <= number <= scaling.maximum:
        return
    yield (
        f"Application Auto Scaling owns the number of {ion.key.function}:{ion.key.alias}, between {scaling.minimum} "
        f"and {scaling.maximum}, and would undo {number}. Leave `concurrency` out of the file, choose a number within, "
        "or deregister the scaling target"
    )


def _incapable(ion: Ion, observed: Observed, wanted: Target) -> Iterator[str]:
    """Kinds of function that can't carry provisioned concurrency, where some is to be put or moved."""
    moved = observed.alias is None or wanted.version != observed.alias.pointer.version
    number = wanted_concurrency(ion.desired, observed)
    carried = observed.provisioned.requested if number is None and observed.provisioned else number
    if not carried or not (moved or _concurrency_differs(ion, observed)):
        return
    if wanted.version == LATEST:
        yield "the alias points at $LATEST, which never carries any. Say `version: latest`, or a number"
    yield from _incapable_kind(wanted.settings)


def _incapable_kind(settings: Settings | None) -> Iterator[str]:
    if settings is None:
        return
    leave = "Let the file say `concurrency: 0`"
    if settings.snap_start:
        yield f"SnapStart is on, and excludes provisioned concurrency on a version. {leave}, or switch SnapStart off"
    if settings.durable:
        yield f"it is a durable function, for which AWS documents no provisioned concurrency. {leave}"
    if settings.managed_instances:
        yield f"it runs on Lambda managed instances, which stay warm without provisioned concurrency. {leave}"
