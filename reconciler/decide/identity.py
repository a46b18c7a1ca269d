"""Write identities: what makes a write the one that was approved; and the digest over all of them. Pure.

A write's identity: account, region, function, alias, operation, arguments, and what it starts from (version, weights
other than Lambda's own, requested concurrency; for a publish, which has no alias, `$LATEST`'s CodeSha256 and
RevisionId). Waits, reasons, prices, allocated and available numbers and the alias's RevisionId are in neither: they
change without making it another write. Of a number that scales, neither the requested number nor the live bounds are.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from reconciler.decide.routing import Owner, weights_owner
from reconciler.model import steps
from reconciler.model.observed import Observed
from reconciler.model.plan import IonPlan
from reconciler.model.scaling import Scaled


def write_identities(ions: Iterable[IonPlan]) -> tuple[str, ...]:
    """The sorted identities of all writes, each a line of JSON; a publish that several ions share is one."""
    return tuple(sorted({line for ion in ions for line in _identities(ion)}))


def digest(identities: Iterable[str]) -> str:
    """`sha256:…` over sorted write identities."""
    return "sha256:" + hashlib.sha256("\n".join(sorted(identities)).encode()).hexdigest()


def _identities(plan: IonPlan) -> Iterator[str]:
    for step in plan.steps:
        if isinstance(step, steps.Write) and isinstance(plan.observed, Observed):
            yield json.dumps(_identity(plan, plan.observed, step), sort_keys=True, separators=(",", ":"))


def _identity(plan: IonPlan, observed: Observed, step: steps.Write) -> dict[str, object]:
    key = plan.key
    function: dict[str, object] = {"account": key.account, "region": key.region, "function": key.function}
    match step:
        case steps.PublishVersion(code_sha256, revision_id):
            published: dict[str, object] = {"code_sha256": code_sha256, "revision_id": revision_id}
            return {**function, "op": "publish_version", "from": published}
        case steps.AddPermission() | steps.CopyAsyncConfig() | steps.MoveEventSource():
            return {**function, "alias": key.alias, **_of_callers(step)}
        case steps.DeleteVersion(number):
            return {**function, "op": "delete_version", "version": str(number)}
        case steps.CreateAlias(version):
            arguments: dict[str, object] = {"op": "create_alias", "version": _number(version)}
        case steps.MoveAlias(_, version, clear_weights, holds):
            held = {"holds": holds} if holds is not None else {}
            arguments = {"op": "move_alias", "version": _number(version), "clear_weights": clear_weights, **held}
        case steps.SetProvisioned(concurrency):
            arguments = {"op": "set_provisioned", "concurrency": concurrency}
        case steps.RemoveProvisioned():
            arguments = {"op": "remove_provisioned"}
        case _:
            arguments = _scaling_arguments(step, plan.ion.desired.concurrency)
    start = _start(observed)
    if isinstance(plan.ion.desired.concurrency, Scaled):
        del start["requested"]  # an approval holds across the edges of windows, and while load moves the number
    return {**function, "alias": key.alias, **arguments, "from": start}


def _scaling_arguments(step: steps.ScalingWrite, asked: int | Scaled | None) -> dict[str, object]:
    """The bounds of the moment are in none: a target is registered with those due when it is."""
    match step:
        case steps.RegisterTarget():
            return {"op": "register_target", "concurrency": asdict(asked) if isinstance(asked, Scaled) else asked}
        case steps.PutScheduledAction(action):
            return {"op": "put_scheduled_action", **asdict(action)}
        case steps.DeleteScheduledAction(name):
            return {"op": "delete_scheduled_action", "name": name}
        case steps.PutScalingPolicy(name, target):
            return {"op": "put_scaling_policy", "name": name, "target": target}
        case steps.DeleteScalingPolicy(name):
            return {"op": "delete_scaling_policy", "name": name}
        case steps.DeregisterTarget():
            return {"op": "deregister_target"}


def _of_callers(step: steps.AddPermission | steps.CopyAsyncConfig | steps.MoveEventSource) -> dict[str, object]:
    """They start from what the alias lacks, or from where the mapping is: whichever version the alias is on."""
    match step:
        case steps.AddPermission(grant):
            return {"op": "add_permission", **asdict(grant)}
        case steps.CopyAsyncConfig(settings):
            return {"op": "copy_async_config", **asdict(settings)}
        case steps.MoveEventSource(uuid, before=before):
            return {"op": "move_event_source", "uuid": uuid, "from": before}


def _start(observed: Observed) -> dict[str, object]:
    pointer = observed.alias.pointer if observed.alias else None
    foreign = pointer is not None and weights_owner(observed) is Owner.SOMEBODY
    return {
        "version": pointer.version if pointer else None,
        "weights": list(pointer.weights) if pointer and foreign else [],
        "requested": observed.provisioned.requested if observed.provisioned else None,
    }


def _number(version: steps.Version) -> str:
    return "new" if isinstance(version, steps.NewVersion) else version
