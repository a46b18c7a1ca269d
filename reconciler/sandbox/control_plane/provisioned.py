"""Provisioned concurrency (PC) of aliases and versions: put, read, delete, list; and its allocation.

A Put, a changed number and a moved alias start an allocation: IN_PROGRESS with the environments that were there before
(recorded: 0 on a fresh one, the old number after a move), then READY with all, or FAILED with none (recorded).
One config per version: its own, or through one alias (recorded). The order of a Put's refusals: `$LATEST`, existence,
weights, reserved, account, conflict.
"""

from collections.abc import Mapping
from dataclasses import replace

from reconciler.sandbox.control_plane.behaviour import Removal, VersionRevision
from reconciler.sandbox.control_plane.concurrency import refuse_beyond_account, refuse_beyond_reserved
from reconciler.sandbox.control_plane.errors import (
    ApiError,
    alias_arn_not_found,
    conflict,
    function_not_found,
    invalid,
)
from reconciler.sandbox.control_plane.names import LATEST, is_alias
from reconciler.sandbox.control_plane.settling import end_transition
from reconciler.sandbox.control_plane.state import Function, Provisioned, revise_version, with_alias, with_provisioned
from reconciler.sandbox.control_plane.world import Body, Call, Rule, mapping, page, stamp

# An environment variable that makes a version fail its init under PC.
INIT_FAILS = "SANDBOX_INIT_FAILS"

_WEIGHTED = "Alias with weights can not be used with Provisioned Concurrency"
_UNPUBLISHED = "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
_VERSION_TAKEN = "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"


def put_provisioned_concurrency_config(call: Call) -> Body:
    qualifier, number = call.required("Qualifier"), call.number("ProvisionedConcurrentExecutions") or 0
    if qualifier == LATEST:
        raise invalid(_UNPUBLISHED)
    function = _existing(call, qualifier)
    alias = function.aliases.get(qualifier)
    if alias is not None and (alias.weights or alias.moving is not None):
        raise invalid(_WEIGHTED)
    refuse_beyond_reserved(call.world, function, qualifier, number)
    refuse_beyond_account(call.world, function, qualifier, number)
    version = qualifier if alias is None else alias.version
    refuse_version(function, version, qualifier)
    if _restarts(call, function.provisioned.get(qualifier), number):
        function = call.world.put(allocating(call, function, qualifier, version, number))
    return _answer(function.provisioned[qualifier])


def _existing(call: Call, qualifier: str) -> Function:
    """The function that has this alias or version. Recorded: an alias name always gets the alias's words."""
    function = call.world.find(call.name)
    if function is None or function.target(qualifier) is None:
        arn = call.arn(qualifier)
        raise alias_arn_not_found(arn) if is_alias(qualifier) else function_not_found(arn)
    return function


def refuse_version(function: Function, number: str, qualifier: str) -> None:
    """Whether PC of this qualifier may warm this version: none for `$LATEST` or SnapStart, one for any other."""
    if number == LATEST:
        raise invalid(_UNPUBLISHED)
    if number != qualifier and number in function.provisioned:
        raise conflict(_VERSION_TAKEN)
    for alias in function.aliases.values():
        if alias.name != qualifier and alias.version == number and alias.name in function.provisioned:
            raise conflict(
                "Version is pointed by a Provisioned Concurrency alias" if number == qualifier else _VERSION_TAKEN
            )
    snap_start = mapping(function.versions[number].settings.get("SnapStart"))
    if snap_start.get("ApplyOn") == "PublishedVersions":  # AWS's documentation; its words are not recorded
        raise invalid("Provisioned Concurrency is not supported for functions with SnapStart")


def _restarts(call: Call, before: Provisioned | None, number: int) -> bool:
    """A new number or a FAILED config is allocated (again); what the same number does is an open question."""
    if before is None or before.requested != number or before.status == "FAILED":
        return True
    return call.world.behaviour.same_number_restarts


def allocating(call: Call, function: Function, qualifier: str, number: str, requested: int) -> Function:
    """PC of this qualifier, its allocation on this version just begun."""
    before = function.provisioned.get(qualifier)
    variables = mapping(mapping(function.versions[number].settings.get("Environment")).get("Variables"))
    fails = INIT_FAILS in variables
    timing = call.world.timing
    started = Provisioned(
        requested=requested,
        warming=number,
        held=0 if before is None else before.allocated,
        started=call.now,
        ends_at=call.now + (timing.init_failure if fails else timing.allocation),
        fails=fails,
        modified=call.now,
    )
    if call.world.behaviour.version_revision is VersionRevision.AT_PUT:
        function = revise_version(function, number)
    return with_provisioned(function, qualifier, started)


def broken(function: Function, qualifier: str) -> Function:
    """A READY config whose environments no longer start when they are recycled: FAILED, without any call."""
    config = function.provisioned[qualifier]
    return with_provisioned(function, qualifier, replace(config, ended=True, fails=True))


def get_provisioned_concurrency_config(call: Call) -> Body:
    qualifier = _published(call)
    provisioned = _existing(call, qualifier).provisioned.get(qualifier)
    if provisioned is None:
        raise ApiError(
            404,
            "ProvisionedConcurrencyConfigNotFoundException",
            "No Provisioned Concurrency Config found for this function",
        )
    return _answer(provisioned)


def _published(call: Call) -> str:
    qualifier = call.required("Qualifier")
    if qualifier == LATEST:
        raise invalid("The function resource provided must be an alias or a published version.")
    return qualifier


def delete_provisioned_concurrency_config(call: Call) -> Body:
    """No error where there is none (recorded); what weights do to it: behaviour.Removal."""
    qualifier = _published(call)
    function = _existing(call, qualifier)
    if qualifier in function.provisioned:
        call.world.put(with_provisioned(_without_weights(call, function, qualifier), qualifier, None))
    return None


def _without_weights(call: Call, function: Function, qualifier: str) -> Function:
    alias, removal = function.aliases.get(qualifier), call.world.behaviour.removing_provisioned_under_weights
    if alias is None:
        return function
    if removal is Removal.REFUSED and (alias.weights or alias.moving is not None):
        raise invalid(_WEIGHTED)
    if removal is Removal.KEEPS_WEIGHTS and alias.moving is not None:
        return with_alias(function, replace(alias, weights={alias.moving.source: 1.0}, transition=None))
    return end_transition(function, qualifier, call.world.behaviour)


def list_provisioned_concurrency_configs(call: Call) -> Body:
    function = call.function()
    configs = [
        {"FunctionArn": call.arn(qualifier), **_answer(provisioned)}
        for qualifier, provisioned in function.provisioned.items()
    ]
    return page(call, "ProvisionedConcurrencyConfigs", configs)


def _answer(provisioned: Provisioned) -> dict[str, object]:
    body: dict[str, object] = {
        "RequestedProvisionedConcurrentExecutions": provisioned.requested,
        "AllocatedProvisionedConcurrentExecutions": provisioned.allocated,
        "AvailableProvisionedConcurrentExecutions": provisioned.allocated,
        "Status": provisioned.status,
        "LastModified": stamp(provisioned.modified, milliseconds=False),
    }
    return {**body, "StatusReason": "FUNCTION_ERROR_INIT_FAILURE"} if provisioned.status == "FAILED" else body


RULES: Mapping[str, Rule] = {
    "PutProvisionedConcurrencyConfig": put_provisioned_concurrency_config,
    "GetProvisionedConcurrencyConfig": get_provisioned_concurrency_config,
    "DeleteProvisionedConcurrencyConfig": delete_provisioned_concurrency_config,
    "ListProvisionedConcurrencyConfigs": list_provisioned_concurrency_configs,
}
