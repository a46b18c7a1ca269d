"""Intent -> why an ion can't be reconciled until a person acts: what is wrong, where, and what to do. Pure.

Not here: that a function, version or alias is missing (`target`), and rules that span several ions (`conflicts`).
"""

from collections.abc import Iterator

from reconciler.decide.intent import Intent
from reconciler.decide.routing import Owner, describe, is_leftover, is_stuck, weights_owner
from reconciler.decide.scaling import is_ours, somebody_scales
from reconciler.decide.target import LATEST, because
from reconciler.model.desired import FollowLatest, Unmanaged
from reconciler.model.observed import AliasState, Ion, Latest, Provisioned, Scaling, ScalingTarget, Settings
from reconciler.model.plan import Target
from reconciler.model.scaling import Scaled
from reconciler.model.steps import NewVersion

PUBLISHABLE = frozenset({"Active", "Inactive", "Pending", ""})  # "": endpoints that leave State out
SETTLED_UPDATES = frozenset({"Successful", "InProgress", "", None})


def blocked(intent: Intent) -> str | None:
    """The first reason that stands in the way, or None."""
    return next(_reasons(intent), None)


def _reasons(intent: Intent) -> Iterator[str]:
    if intent.observed.latest:
        yield from _failed_latest(intent.ion, intent.observed.latest)
        yield from _unknown_latest(intent.observed.latest, intent.target)
    if intent.observed.alias:
        yield from _weights(intent, intent.observed.alias)
    yield from _scaling(intent.ion, intent.observed.scaling)
    yield from _incapable(intent)
    if intent.callers.blocked:
        yield intent.callers.blocked


def _failed_latest(ion: Ion, latest: Latest) -> Iterator[str]:
    if not isinstance(ion.desired.version, FollowLatest):
        return
    if latest.state == "Failed":
        yield f"$LATEST is in state Failed{because(latest.state_reason)}. Deploy again"
    if latest.update_status == "Failed":
        yield f"the last update of $LATEST failed{because(latest.update_reason)}. Deploy again"


def _unknown_latest(latest: Latest, wanted: Target) -> Iterator[str]:
    if not isinstance(wanted.version, NewVersion):
        return
    if latest.state not in PUBLISHABLE:
        reason = because(latest.state_reason)
        yield f"$LATEST is in state {latest.state}{reason}, in which it is not published. Deploy again, or wake it"
    if latest.update_status not in SETTLED_UPDATES:
        reason = because(latest.update_reason)
        yield f"the last update of $LATEST is {latest.update_status}{reason}, and is not published. Let that end first"


def _weights(intent: Intent, alias: AliasState) -> Iterator[str]:
    ion, observed = intent.ion, intent.observed
    hands_off = isinstance(ion.desired.version, Unmanaged) and not (intent.sets or intent.removes)
    if weights_owner(observed) is Owner.SOMEBODY and not hands_off:
        yield (
            f"the alias sends {describe(alias.pointer.weights)} (a canary of CodeDeploy or of a person). "
            "Let that end, or clear its weights, then run again"
        )
    elif not intent.moves and observed.provisioned and is_stuck(observed):
        yield _stuck(ion, alias, observed.provisioned)
    elif not intent.moves and is_leftover(observed) and not hands_off:
        yield _leftover(ion, alias)


def _stuck(ion: Ion, alias: AliasState, provisioned: Provisioned) -> str:
    old = alias.pointer.weights[0][0]
    return (
        f"the init of version {alias.pointer.version} fails ({provisioned.reason or 'no reason given'}), and all "
        f"calls stay on version {old}: look at log group {alias.behind.settings.log_group}, {_remedy(ion, old)}"
    )


def _leftover(ion: Ion, alias: AliasState) -> str:
    old = alias.pointer.weights[0][0]
    return (
        f"Lambda's own weight still sends all calls to version {old}, and no provisioned concurrency is left that "
        f"would end it; version {alias.pointer.version} may be one whose init fails. To go on, {_remedy(ion, old)}; "
        "or clear the weights by hand"
    )


def _remedy(ion: Ion, old: str) -> str:
    if isinstance(ion.desired.version, FollowLatest):
        return f"fix it and deploy again, or pin `version: {old}` to go back"
    return f"let the file say another version: `{old}` to go back, or `latest` once it is fixed and deployed"


def _scaling(ion: Ion, scaling: Scaling) -> Iterator[str]:
    number = ion.desired.concurrency
    if not isinstance(scaling, ScalingTarget):
        return
    if isinstance(number, Scaled):
        yield from somebody_scales(ion.key, scaling)
        return
    if number is None or is_ours(scaling) or scaling.minimum <= number <= scaling.maximum:
        return
    yield (
        f"Application Auto Scaling owns the number of {ion.key.function}:{ion.key.alias}, between {scaling.minimum} "
        f"and {scaling.maximum}, and would undo {number}. Leave `concurrency` out of the file, choose a number within, "
        "or deregister the scaling target"
    )


def _incapable(intent: Intent) -> Iterator[str]:
    """Kinds of function that can't carry provisioned concurrency, where some is to be put or moved."""
    scaled = isinstance(intent.ion.desired.concurrency, Scaled)
    if not (intent.units or scaled) or not (intent.creates or intent.moves or intent.sets or scaled):
        return
    if intent.target.version == LATEST:
        yield "the alias points at $LATEST, which never carries any. Say `version: latest`, or a number"
    yield from _incapable_kind(intent.target.settings)


def _incapable_kind(settings: Settings) -> Iterator[str]:
    leave = "Let the file say `concurrency: 0`"
    if settings.snap_start:
        yield f"SnapStart is on, and excludes provisioned concurrency on a version. {leave}, or switch SnapStart off"
    if settings.durable:
        yield f"it is a durable function, for which AWS documents no provisioned concurrency. {leave}"
    if settings.managed_instances:
        yield f"it runs on Lambda managed instances, which stay warm without provisioned concurrency. {leave}"
    if settings.tenant_isolated:
        yield f"its tenants are isolated, which excludes provisioned concurrency. {leave}"
