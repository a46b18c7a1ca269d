"""What no recording settles, asked of the account: each answer is the value of the model's switch of this name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from live_account import LiveTarget

from reconciler.sandbox.control_plane import Behaviour
from reconciler.sandbox.control_plane.behaviour import Publishing, Removal

F: Mapping[str, Any] = {"FunctionName": "f"}
LIVE: Mapping[str, Any] = {**F, "Qualifier": "live"}


@dataclass(frozen=True, slots=True)
class Answer:
    value: object
    evidence: str


def _create(target: LiveTarget) -> None:
    request = {"Runtime": "python3.12", "Handler": "handler.handler", "Role": "", "Code": {}}
    target.must("CreateFunction", {**F, **request})
    target.settle()


def _publish(target: LiveTarget, description: str) -> str:
    target.must("UpdateFunctionConfiguration", {**F, "Description": description})
    target.settle()
    return str(target.must("PublishVersion", F)["Version"])


def _moving(target: LiveTarget) -> str:
    """An alias with PC that has just been moved; the version that it left."""
    _create(target)
    old, new = _publish(target, "old"), _publish(target, "new")
    target.must("CreateAlias", {**F, "Name": "live", "FunctionVersion": old})
    target.must("PutProvisionedConcurrencyConfig", {**LIVE, "ProvisionedConcurrentExecutions": 1})
    target.settle()
    target.must("UpdateAlias", {**F, "Name": "live", "FunctionVersion": new})
    return old


def identical_update_publishes(target: LiveTarget) -> Answer:
    _create(target)
    first = _publish(target, "same")
    second = _publish(target, "same")
    return Answer(second != first, f"published {first}, updated with the same values, published {second}")


def version_keeps_modified(target: LiveTarget) -> Answer:
    _create(target)
    version = _publish(target, "new")
    latest = target.must("GetFunctionConfiguration", F)["LastModified"]
    published = target.must("GetFunctionConfiguration", {**F, "Qualifier": version})["LastModified"]
    return Answer(published == latest, f"$LATEST {latest}, version {version} {published}")


def publishing_during_update(target: LiveTarget) -> Answer:
    _create(target)
    state = target.must("UpdateFunctionConfiguration", {**F, "Description": "new"})["LastUpdateStatus"]
    refused = target.call("PublishVersion", F).error
    words = refused["Code"] if refused else "published"
    return Answer(Publishing.REFUSED if refused else Publishing.ALLOWED, f"update {state}; then {words}")


def same_number_restarts(target: LiveTarget) -> Answer:
    _moving(target)
    target.settle()
    status = target.must("PutProvisionedConcurrencyConfig", {**LIVE, "ProvisionedConcurrentExecutions": 1})["Status"]
    status = target.must("GetProvisionedConcurrencyConfig", LIVE)["Status"] if status != "READY" else status
    return Answer(status == "IN_PROGRESS", f"Put of the number that was READY: {status}")


def transition_changes_revision(target: LiveTarget) -> Answer:
    _moving(target)
    alias = {**F, "Name": "live"}
    first = target.must("GetAlias", alias)["RevisionId"]
    target.settle()
    second = target.must("GetAlias", alias)["RevisionId"]
    return Answer(first != second, f"RevisionId {first} while moving, {second} when READY")


def removing_provisioned_under_weights(target: LiveTarget) -> Answer:
    _moving(target)
    refused = target.call("DeleteProvisionedConcurrencyConfig", LIVE).error
    weights = target.must("GetAlias", {**F, "Name": "live"}).get("RoutingConfig")
    if refused:
        return Answer(Removal.REFUSED, refused["Code"])
    return Answer(Removal.KEEPS_WEIGHTS if weights else Removal.ENDS_WEIGHTS, f"deleted; weights {weights}")


def weighted_version_deletable(target: LiveTarget) -> Answer:
    old = _moving(target)
    refused = target.call("DeleteFunction", {**F, "Qualifier": old}).error
    return Answer(refused is None, refused["Code"] if refused else "deleted")


QUESTIONS: tuple[Callable[[LiveTarget], Answer], ...] = (
    identical_update_publishes,
    version_keeps_modified,
    publishing_during_update,
    same_number_restarts,
    transition_changes_revision,
    removing_provisioned_under_weights,
    weighted_version_deletable,
)


def expected(question: Callable[[LiveTarget], Answer]) -> object:
    """What the sandbox's model says."""
    return getattr(Behaviour(), question.__name__)
