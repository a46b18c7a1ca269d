"""Aliases: create, read, update, delete, list; their weights; and what a move starts when there is PC.

Weights: at most one additional version, below 1.0, published versions only; empty means none, left out of an update
means kept (recorded). Moving an alias with PC leaves weight 1.0 on the version it left. UpdateAlias's own answer does
not show that weight (recorded), a later GetAlias does (terraform-provider-aws#48116). While it is there it is judged
like any other weight: a move without RoutingConfig is refused (aws-cdk-cli#818, serverless#7250). What clears it:
behaviour.Clearing.
"""

from collections.abc import Mapping
from dataclasses import replace

from reconciler.sandbox.control_plane.behaviour import Clearing
from reconciler.sandbox.control_plane.errors import (
    alias_arn_not_found,
    conflict,
    function_not_found,
    invalid,
    not_found,
    stale,
)
from reconciler.sandbox.control_plane.names import LATEST
from reconciler.sandbox.control_plane.provisioned import allocating, refuse_version
from reconciler.sandbox.control_plane.settling import transient_weight
from reconciler.sandbox.control_plane.state import (
    Alias,
    Function,
    Transition,
    next_revision,
    with_alias,
    without,
    without_qualifier,
)
from reconciler.sandbox.control_plane.world import Body, Call, Rule, mapping, page

Weights = Mapping[str, float]

_INVALID = "Invalid alias configuration for Provisioned Concurrency"  # the documentation of cdk-utils


def create_alias(call: Call) -> Body:
    name, number = call.required("Name"), call.required("FunctionVersion")
    function = call.function(number)
    _known(call, function, number)
    weights = _given_weights(call) or {}
    _judge(call, function, number, weights)
    if name in function.aliases:
        raise conflict(f"Alias already exists: {call.arn(name)}")
    function, revision = next_revision(function)
    alias = Alias(name, number, call.text("Description") or "", revision, weights)
    call.world.put(with_alias(function, alias))
    return _answer(call, alias, weights)


def get_alias(call: Call) -> Body:
    found = _found(call)
    if found is None:
        raise alias_arn_not_found(call.arn(call.required("Name")))
    function, alias = found
    return _answer(call, alias, _seen_weights(call, function, alias))


def _found(call: Call) -> tuple[Function, Alias] | None:
    function = call.world.find(call.name)
    alias = None if function is None else function.aliases.get(call.required("Name"))
    return None if function is None or alias is None else (function, alias)


def update_alias(call: Call) -> Body:
    function, alias = _updatable(call)
    number = call.text("FunctionVersion") or alias.version
    _known(call, function, number)
    given = _given_weights(call)
    if alias.moving is not None:
        function = _leave_transition(call, function, alias, number, given)
    else:
        weights = alias.weights if given is None else given
        _judge(call, function, number, weights)
        function = _moved(call, function, replace(alias, weights=weights), number)
    function, revision = next_revision(function)
    description = call.text("Description")
    alias = function.aliases[alias.name]
    alias = replace(alias, revision=revision, description=alias.description if description is None else description)
    call.world.put(with_alias(function, alias))
    return _answer(call, alias, alias.weights)


def _updatable(call: Call) -> tuple[Function, Alias]:
    found = _found(call)
    if found is None:
        raise not_found(f"Alias not found: {call.arn(call.required('Name'))}")
    if call.text("RevisionId") not in (None, found[1].revision):
        raise stale("GetFunction/GetAlias")
    return found


def _known(call: Call, function: Function, number: str) -> None:
    if number not in function.versions:
        raise function_not_found(call.arn(number))


def _given_weights(call: Call) -> Weights | None:
    """The weights of the request; None: RoutingConfig was left out."""
    routing = call.params.get("RoutingConfig")
    if routing is None:
        return None
    weights = mapping(mapping(routing).get("AdditionalVersionWeights"))
    return {number: float(weight) for number, weight in weights.items() if isinstance(weight, (int, float))}


def _judge(call: Call, function: Function, number: str, weights: Weights) -> None:
    """What weights may be. "Two" comes before "its own version" (recorded)."""
    if len(weights) > 1:
        raise invalid("Number of items in AdditionalVersionWeights cannot be greater than 1")
    for other, weight in weights.items():
        if other == number:
            raise invalid(
                f"Invalid function version {number}. "
                f"Function version {number} is already included in routing configuration."
            )
        if weight >= 1.0:
            raise invalid("Additional version weight must be less than 100 %")
        if number == LATEST:
            raise invalid("$LATEST is not supported for an alias pointing to more than 1 version", type_=None)
        _known(call, function, other)


def _moved(call: Call, function: Function, alias: Alias, number: str) -> Function:
    """The alias on another version: at once without PC, by a transition with it."""
    provisioned = function.provisioned.get(alias.name)
    function = with_alias(function, replace(alias, version=number))
    if provisioned is None or number == alias.version:
        return function
    if alias.weights:
        raise invalid(_INVALID)
    refuse_version(function, number, alias.name)
    if provisioned.status == "FAILED" and not call.world.behaviour.moving_failed_restarts:
        return function
    source = alias.version if alias.transition is None else alias.transition.source
    transition = None if source == number else Transition(source, call.now + call.world.behaviour.weights_delay)
    function = with_alias(function, replace(function.aliases[alias.name], transition=transition))
    return allocating(call, function, alias.name, number, provisioned.requested)


def _leave_transition(call: Call, function: Function, alias: Alias, number: str, given: Weights | None) -> Function:
    """An update of an alias that carries Lambda's weight."""
    if given is None and alias.transition is not None:
        _judge(call, function, number, {alias.transition.source: 1.0})
    clearing = call.world.behaviour.clearing_weights
    if given or clearing is Clearing.REFUSED:
        raise invalid(_INVALID)
    if clearing is Clearing.RESTARTED:
        same = number == alias.version
        return function if same else _moved(call, function, replace(alias, transition=None), number)
    function = with_alias(function, replace(alias, version=number, transition=None))
    provisioned = function.provisioned.get(alias.name)
    if provisioned is None or number == alias.version:
        return function
    refuse_version(function, number, alias.name)
    return allocating(call, function, alias.name, number, provisioned.requested)


def delete_alias(call: Call) -> Body:
    """With all that hangs on it (recorded for PC and a URL); a missing alias is no error (recorded)."""
    name = call.required("Name")
    function = without_qualifier(call.function(name), name)
    call.world.put(replace(function, aliases=without(function.aliases, name)))
    return None


def list_aliases(call: Call) -> Body:
    function, number = call.function(), call.text("FunctionVersion")
    found = [
        _answer(call, alias, _seen_weights(call, function, alias))
        for alias in function.aliases.values()
        if number is None or number in (alias.version, *alias.weights)
    ]
    return page(call, "Aliases", found)


def _seen_weights(call: Call, function: Function, alias: Alias) -> Weights:
    if alias.moving is None:
        return alias.weights
    provisioned = function.provisioned.get(alias.name)
    return {alias.moving.source: transient_weight(alias.moving, provisioned, call.now, call.world.behaviour)}


def _answer(call: Call, alias: Alias, weights: Weights) -> dict[str, object]:
    body: dict[str, object] = {
        "AliasArn": call.arn(alias.name),
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision,
    }
    return {**body, "RoutingConfig": {"AdditionalVersionWeights": dict(weights)}} if weights else body


RULES: Mapping[str, Rule] = {
    "CreateAlias": create_alias,
    "GetAlias": get_alias,
    "UpdateAlias": update_alias,
    "DeleteAlias": delete_alias,
    "ListAliases": list_aliases,
}
