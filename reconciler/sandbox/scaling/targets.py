"""Scalable targets: register (and change), deregister, describe, and their tags.

RegisterScalableTarget is an upsert, and brings the number inside the bounds, also when it names none: "retrieves the
current capacity … adjusts … even if you don't include the MinCapacity or MaxCapacity" (AWS's service model).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from reconciler.sandbox.control_plane import ApiError
from reconciler.sandbox.control_plane.names import LATEST
from reconciler.sandbox.scaling import capacity
from reconciler.sandbox.scaling.errors import (
    BOUNDS,
    DIMENSION,
    UNSUPPORTED,
    invalid,
    no_resource,
    too_many,
)
from reconciler.sandbox.scaling.region import Body, Call, Rule, about, named, page, time_of
from reconciler.sandbox.scaling.state import SWITCHES, Change, Target

MOST = 500  # targets of an account and region, by default
MOST_TAGS = 50
_ROLE = "role/aws-service-role/lambda.application-autoscaling.amazonaws.com/"
_ROLE_NAME = "AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency"


def register(call: Call) -> Body:
    region, before = call.region, call.region.targets.get(call.resource_id)
    minimum, maximum = _bounds(call, before)
    _refuse_resource(call)
    missing = region.behaviour.missing_permissions
    if missing:
        raise invalid(f"User is missing the following permissions: {', '.join(missing)}")
    target = before or _new(call, minimum, maximum)
    suspended = {**target.suspended, **_switches(call)}
    change = Change(call.now + region.behaviour.lateness, capacity.REGISTERED, region.behaviour.retries)
    role = call.text("RoleARN") or target.role
    region.put(replace(target, minimum=minimum, maximum=maximum, suspended=suspended, role=role, change=change))
    return {"ScalableTargetARN": target.arn}


def _bounds(call: Call, before: Target | None) -> tuple[int, int]:
    minimum, maximum = call.number("MinCapacity"), call.number("MaxCapacity")
    if before is not None:
        minimum = before.minimum if minimum is None else minimum
        maximum = before.maximum if maximum is None else maximum
    if minimum is None or maximum is None:
        raise invalid("MinCapacity and MaxCapacity are required to register a new scalable target")
    if minimum < 0:
        raise invalid("Minimum capacity cannot be less than 0")
    if maximum < minimum:
        raise invalid(BOUNDS)
    return minimum, maximum


def _refuse_resource(call: Call) -> None:
    """What is registered must be there: an alias or a version (the words are AWS's, from aws-cdk#7903)."""
    kind, _, rest = call.resource_id.partition(":")
    function, _, qualifier = rest.partition(":")
    if kind != "function" or not function or qualifier in {"", LATEST} or ":" in qualifier:
        raise invalid(UNSUPPORTED)
    where = {"FunctionName": function, "Qualifier": qualifier}
    try:
        call.region.plane.call_at(call.now, "GetProvisionedConcurrencyConfig", where)
    except ApiError as refusal:
        if refusal.code == "ProvisionedConcurrencyConfigNotFoundException":
            return
        about_it = f"resource: {call.resource_id}, scalable dimension: {DIMENSION}"
        raise invalid(f"Validation failed for {about_it}. Reason: {refusal.message}") from None


def _new(call: Call, minimum: int, maximum: int) -> Target:
    region = call.region
    if len(region.targets) >= MOST:
        raise too_many("scalable targets for lambda", MOST)
    return Target(
        call.resource_id,
        region.arn("application-autoscaling", f"scalable-target/{region.unique().hex}"),
        minimum,
        maximum,
        region.arn("iam", _ROLE + _ROLE_NAME),
        call.now,
        call.now + region.behaviour.registration_delay,
        dict.fromkeys(SWITCHES, False),
        _tags(call),
    )


def _switches(call: Call) -> dict[str, bool]:
    given = cast("Mapping[str, bool]", call.params.get("SuspendedState") or {})
    return {switch: given[switch] for switch in SWITCHES if switch in given}


def _tags(call: Call) -> dict[str, str]:
    return dict(cast("Mapping[str, str]", call.params.get("Tags") or {}))


def deregister(call: Call) -> Body:
    """Its policies and actions go with it; the number stays (aws-cdk#31507)."""
    call.region.remove(call.registered())
    return {}


def describe(call: Call) -> Body:
    return page(call, "ScalableTargets", [_described(target) for target in about(call)])


def _described(target: Target) -> Body:
    return {
        **named(target),
        "MinCapacity": target.minimum,
        "MaxCapacity": target.maximum,
        "RoleARN": target.role,
        "CreationTime": time_of(target.created),
        "SuspendedState": dict(target.suspended),
        "ScalableTargetARN": target.arn,
    }


def list_tags(call: Call) -> Body:
    return {"Tags": dict(_tagged(call).tags)}


def tag(call: Call) -> Body:
    target = _tagged(call)
    tags = {**target.tags, **_tags(call)}
    if len(tags) > MOST_TAGS:
        raise ApiError(400, "TooManyTagsException", f"A resource may have {MOST_TAGS} tags", type_=None)
    call.region.put(replace(target, tags=tags))
    return {}


def untag(call: Call) -> Body:
    target, gone = _tagged(call), call.names("TagKeys")
    call.region.put(replace(target, tags={key: value for key, value in target.tags.items() if key not in gone}))
    return {}


def _tagged(call: Call) -> Target:
    arn = call.required("ResourceARN")
    found = next((target for target in call.region.targets.values() if target.arn == arn), None)
    if found is None:
        raise no_resource(arn)
    return found


RULES: Mapping[str, Rule] = {
    "RegisterScalableTarget": register,
    "DeregisterScalableTarget": deregister,
    "DescribeScalableTargets": describe,
    "ListTagsForResource": list_tags,
    "TagResource": tag,
    "UntagResource": untag,
}
