"""What no recording settles, asked of the account: each answer is the value of the model's switch of this name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from live_account import LiveTarget, soon

from reconciler.sandbox.control_plane.behaviour import Clearing, Publishing, Removal, VersionRevision

F: Mapping[str, Any] = {"FunctionName": "f"}
ALIAS: Mapping[str, Any] = {**F, "Name": "live"}
LIVE: Mapping[str, Any] = {**F, "Qualifier": "live"}


@dataclass(frozen=True, slots=True)
class Answer:
    """`value` is one of the switch's, or a word that it has not."""

    value: object
    evidence: str


def shown(value: object) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "none"
    return str(value.value if isinstance(value, Enum) else value)


@dataclass(frozen=True, slots=True)
class Question:
    """`ask` answers the switches of these names; `warmings`: how often it waits for provisioned concurrency."""

    ask: Callable[[LiveTarget], Mapping[str, Answer]]
    switches: tuple[str, ...]
    warmings: int = 0


def create(target: LiveTarget, **optional: Any) -> None:  # noqa: ANN401 - members of CreateFunction
    request = {"Runtime": "python3.12", "Handler": "handler.handler", "Role": "", "Code": {}}
    target.must("CreateFunction", {**F, **request, **optional})
    target.settle()


def publish(target: LiveTarget, description: str, **changes: Any) -> str:  # noqa: ANN401 - members of the update
    target.must("UpdateFunctionConfiguration", {**F, "Description": description, **changes})
    target.settle()
    return str(target.must("PublishVersion", F)["Version"])


def aliased(target: LiveTarget, **optional: Any) -> str:  # noqa: ANN401 - members of CreateFunction
    """An alias of a version; the version."""
    create(target, **optional)
    version = publish(target, "old")
    target.must("CreateAlias", {**ALIAS, "FunctionVersion": version})
    return version


def put(target: LiveTarget, qualifier: str = "live") -> str:
    """Put PC of 1; its status."""
    request = {**F, "Qualifier": qualifier, "ProvisionedConcurrentExecutions": 1}
    return str(target.must("PutProvisionedConcurrencyConfig", request)["Status"])


def moving(target: LiveTarget) -> tuple[str, str]:
    """An alias with PC that has just been moved; the version that it left and the one that it names.

    AssertionError where no weight is seen: nothing can be asked about a transition then.
    """
    old = aliased(target)
    new = publish(target, "new")
    put(target)
    target.settle()
    target.must("UpdateAlias", {**ALIAS, "FunctionVersion": new})
    assert soon(lambda: bool(weights(target)), 5) is not None, "no weight was seen in the 5 s after the move"
    return old, new


def weights(target: LiveTarget) -> Mapping[str, float]:
    routing = target.must("GetAlias", ALIAS).get("RoutingConfig") or {}
    return routing.get("AdditionalVersionWeights") or {}


def _refusal(target: LiveTarget, operation: str, params: Mapping[str, Any]) -> str:
    """The error's code, or "" where the call succeeded."""
    refused = target.call(operation, params).error
    return str(refused["Code"]) if refused else ""


def _versions(target: LiveTarget) -> Mapping[str, Answer]:
    create(target)
    first = publish(target, "same")
    latest = target.must("GetFunctionConfiguration", F)["LastModified"]
    published = target.must("GetFunctionConfiguration", {**F, "Qualifier": first})["LastModified"]
    second = publish(target, "same")
    return {
        "version_keeps_modified": Answer(published == latest, f"$LATEST {latest}, version {first} {published}"),
        "identical_update_publishes": Answer(
            second != first, f"published {first}, updated with the same values, published {second}"
        ),
    }


def _publishing_during_update(target: LiveTarget) -> Mapping[str, Answer]:
    create(target)
    state = target.must("UpdateFunctionConfiguration", {**F, "Description": "new"})["LastUpdateStatus"]
    refused = _refusal(target, "PublishVersion", F)
    value = Publishing.REFUSED if refused else Publishing.ALLOWED
    return {"publishing_during_update": Answer(value, f"update {state}; then {refused or 'published'}")}


def _warming(target: LiveTarget) -> Mapping[str, Answer]:
    """PC from nothing, and put again: the version's RevisionId, the account's unreserved concurrency."""
    version = {**F, "Qualifier": aliased(target)}
    revision, free = _revision(target, version), _unreserved(target)
    put(target)
    at_put = _revision(target, version)
    target.settle()
    at_ready, less = _revision(target, version), _unreserved(target)
    when = VersionRevision.AT_PUT if at_put != revision else VersionRevision.AT_READY
    again = put(target)
    again = target.must("GetProvisionedConcurrencyConfig", LIVE)["Status"] if again != "READY" else again
    return {
        "version_revision": Answer(
            when if revision != at_ready else "never", f"before {revision}, after the Put {at_put}, READY {at_ready}"
        ),
        "unreserved_subtracts_provisioned": Answer(free - less == 1, f"unreserved {free}, then {less} with PC of 1"),
        "same_number_restarts": Answer(again == "IN_PROGRESS", f"Put of the number that was READY: {again}"),
    }


def _revision(target: LiveTarget, of: Mapping[str, Any]) -> str:
    return str(target.must("GetFunctionConfiguration", of)["RevisionId"])


def _unreserved(target: LiveTarget) -> int:
    return int(target.must("GetAccountSettings", {})["AccountLimit"]["UnreservedConcurrentExecutions"])


def _transition(target: LiveTarget) -> Mapping[str, Answer]:
    """What an alias looks like from its move until its weight has gone."""
    aliased(target)
    new = publish(target, "new")
    without = _unreserved(target)
    put(target)
    target.settle()
    free = _unreserved(target)
    target.must("UpdateAlias", {**ALIAS, "FunctionVersion": new})
    first = soon(lambda: bool(weights(target)), target.patience)
    assert first is not None, f"no weight was seen in {target.patience:.0f} s after the move"
    revision, less = target.must("GetAlias", ALIAS)["RevisionId"], _unreserved(target)
    seen: list[float] = []

    def ready() -> bool:
        seen.extend(weights(target).values())
        return bool(target.must("GetProvisionedConcurrencyConfig", LIVE)["Status"] == "READY")

    assert soon(ready, 600) is not None, "not READY within 600 s"
    last = soon(lambda: not weights(target), target.patience)
    after = target.must("GetAlias", ALIAS)["RevisionId"]
    return {
        "weights_delay": Answer(seconds(first), f"first seen {first:.1f} s after the move"),
        "weights_linger": Answer(seconds(last), "never gone" if last is None else f"gone {last:.1f} s after READY"),
        "gradual_weights": Answer(any(0 < one < 1 for one in seen), f"weights seen: {sorted(set(seen))}"),
        "transition_changes_revision": Answer(revision != after, f"RevisionId {revision} moving, {after} READY"),
        "move_counts_twice": Answer(
            free != less if without != free else "not seen",
            f"unreserved {without} without PC, {free} with it, {less} while moving",
        ),
    }


def seconds(took: float | None) -> float | None:
    """A second or two is what asking takes."""
    return None if took is None else 0.0 if took < 2 else float(round(took))


def _clearing(target: LiveTarget) -> Mapping[str, Answer]:
    old, _ = moving(target)
    back = {**ALIAS, "FunctionVersion": old, "RoutingConfig": {"AdditionalVersionWeights": {}}}
    refused, left = _refusal(target, "UpdateAlias", back), weights(target)
    value = Clearing.REFUSED if refused else Clearing.RESTARTED if left else Clearing.CLEARED
    said = f"moved back with empty weights: {refused or 'done'}; then weights {dict(left)}"
    return {"clearing_weights": Answer(value, said)}


def _removing(target: LiveTarget) -> Mapping[str, Answer]:
    moving(target)
    refused, left = _refusal(target, "DeleteProvisionedConcurrencyConfig", LIVE), weights(target)
    value = Removal.REFUSED if refused else Removal.KEEPS_WEIGHTS if left else Removal.ENDS_WEIGHTS
    said = f"PC removed: {refused or 'done'}; then weights {dict(left)}"
    return {"removing_provisioned_under_weights": Answer(value, said)}


def _moving_failed(target: LiveTarget) -> Mapping[str, Answer]:
    aliased(target, Environment={"Variables": {"SANDBOX_INIT_FAILS": "1"}})
    good = publish(target, "good", Environment={"Variables": {}})
    put(target)
    target.settle()
    failed = target.must("GetProvisionedConcurrencyConfig", LIVE)["Status"]
    assert failed == "FAILED", f"PC of a version that fails to initialise is {failed}"
    target.must("UpdateAlias", {**ALIAS, "FunctionVersion": good})
    restarted = soon(
        lambda: target.must("GetProvisionedConcurrencyConfig", LIVE)["Status"] != "FAILED", target.patience
    )
    said = f"{'still FAILED' if restarted is None else 'no longer FAILED'} after a move to a good version"
    return {"moving_failed_restarts": Answer(restarted is not None, said)}


def _weighted_version(target: LiveTarget) -> Mapping[str, Answer]:
    old, _ = moving(target)
    return _deletable(target, "weighted_version_deletable", old)


def _provisioned_version(target: LiveTarget) -> Mapping[str, Answer]:
    create(target)
    version = publish(target, "new")
    put(target, version)
    return _deletable(target, "provisioned_version_deletable", version)


def _mapped_version(target: LiveTarget) -> Mapping[str, Answer]:
    create(target)
    version = publish(target, "new")
    _map(target, f"f:{version}")
    target.settle()
    return _deletable(target, "mapped_version_deletable", version)


def _deletable(target: LiveTarget, switch: str, version: str) -> Mapping[str, Answer]:
    refused = _refusal(target, "DeleteFunction", {**F, "Qualifier": version})
    return {switch: Answer(not refused, refused or "deleted")}


def _two_mappings(target: LiveTarget) -> Mapping[str, Answer]:
    aliased(target)
    _map(target, "f")
    refused = _refusal(target, "CreateEventSourceMapping", {"EventSourceArn": _queue(target), "FunctionName": "f:live"})
    said = f"one queue mapped to f, then to f:live: {refused or 'accepted'}"
    return {"mappings_clash_across_qualifiers": Answer(bool(refused), said)}


def _map(target: LiveTarget, function: str) -> None:
    target.must("CreateQueue", {"QueueName": "q"}, "sqs")
    target.must("CreateEventSourceMapping", {"EventSourceArn": _queue(target), "FunctionName": function})


def _queue(target: LiveTarget) -> str:
    return f"arn:aws:sqs:{target.region}:{target.account}:q"


_OF_A_MOVE = ("weights_delay", "weights_linger", "gradual_weights", "transition_changes_revision", "move_counts_twice")
QUESTIONS = (
    Question(_versions, ("version_keeps_modified", "identical_update_publishes")),
    Question(_publishing_during_update, ("publishing_during_update",)),
    Question(_warming, ("version_revision", "unreserved_subtracts_provisioned", "same_number_restarts"), 1),
    Question(_transition, _OF_A_MOVE, 2),
    Question(_clearing, ("clearing_weights",), 1),
    Question(_removing, ("removing_provisioned_under_weights",), 1),
    Question(_moving_failed, ("moving_failed_restarts",), 2),
    Question(_weighted_version, ("weighted_version_deletable",), 1),
    Question(_provisioned_version, ("provisioned_version_deletable",)),
    Question(_mapped_version, ("mapped_version_deletable",)),
    Question(_two_mappings, ("mappings_clash_across_qualifiers",)),
)
