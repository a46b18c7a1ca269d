"""Scaling policies: put (an upsert), delete, describe. Lambda has target tracking only.

A policy brings two alarms, named after it, which go with it. What the policy does without calls is nothing: the metric
has no data then, and both alarms are in INSUFFICIENT_DATA. What it does with calls is in tracking.py.
"""

from collections.abc import Mapping
from math import inf
from typing import cast

from reconciler.sandbox.scaling.errors import invalid, no_policy, too_many
from reconciler.sandbox.scaling.region import Body, Call, Region, Rule, about, named, page, time_of
from reconciler.sandbox.scaling.state import Policy, Target, with_policy

MOST = 50  # policies of one target
PAGE = 10  # policies that DescribeScalingPolicies gives at once
METRIC = "LambdaProvisionedConcurrencyUtilization"
_KIND = "TargetTrackingScaling"
_CONFIGURATION = "TargetTrackingScalingPolicyConfiguration"


def put(call: Call) -> Body:
    target, name = call.target(), call.required("PolicyName")
    before = target.policies.get(name)
    if before is None and len(target.policies) >= MOST:
        raise too_many("scaling policies for this scalable target", MOST)
    tracking = _tracking(call, before)
    if before is None:
        policy = _new(call, target, name, tracking)
    else:
        policy = Policy(name, before.arn, tracking, before.alarms, before.created)
    call.region.put(with_policy(target, name, policy))
    return {"PolicyARN": policy.arn, "Alarms": _alarms(call.region, policy)}


def _tracking(call: Call, before: Policy | None) -> Mapping[str, object]:
    kind = call.text("PolicyType")
    if kind is None and before is None:
        raise invalid("A new scaling policy needs a policy type")
    if kind not in {None, _KIND}:
        raise invalid(f"{kind} is not supported for lambda")
    given = cast("Mapping[str, object] | None", call.params.get(_CONFIGURATION))
    if given is None:
        if before is None:
            raise invalid(f"A {_KIND} policy needs a {_CONFIGURATION}")
        return before.tracking
    _refuse_metric(given)
    return dict(given)


def _refuse_metric(given: Mapping[str, object]) -> None:
    predefined = cast("Mapping[str, object] | None", given.get("PredefinedMetricSpecification"))
    if (predefined is None) == (given.get("CustomizedMetricSpecification") is None):
        raise invalid("Exactly one of predefined and customized metric specification must be given")
    if predefined is not None and predefined.get("PredefinedMetricType") != METRIC:
        raise invalid(f"{predefined.get('PredefinedMetricType')} is not a metric of lambda")
    value = given["TargetValue"]
    if not isinstance(value, int | float) or not 0 < value < inf:
        raise invalid("TargetValue must be greater than 0")


def _new(call: Call, target: Target, name: str, tracking: Mapping[str, object]) -> Policy:
    region = call.region
    resource = f"resource/lambda/{target.resource_id}:policyName/{name}"
    stem = f"TargetTracking-{target.resource_id}-Alarm"
    alarms = (f"{stem}High-{region.unique()}", f"{stem}Low-{region.unique()}")
    arn = region.arn("autoscaling", f"scalingPolicy:{region.unique()}:{resource}")
    return Policy(name, arn, tracking, alarms, call.now)


def delete(call: Call) -> Body:
    name, target = call.required("PolicyName"), call.registered()
    if name not in target.policies:
        raise no_policy(call.resource_id, name)
    call.region.put(with_policy(target, name, None))
    return {}


def describe(call: Call) -> Body:
    wanted = call.names("PolicyNames")
    found = [
        _described(call.region, target, policy)
        for target in about(call)
        for policy in sorted(target.policies.values(), key=lambda one: one.name)
        if not wanted or policy.name in wanted
    ]
    return page(call, "ScalingPolicies", found, size=PAGE)


def _described(region: Region, target: Target, policy: Policy) -> Body:
    return {
        "PolicyARN": policy.arn,
        "PolicyName": policy.name,
        **named(target),
        "PolicyType": _KIND,
        _CONFIGURATION: dict(policy.tracking),
        "Alarms": _alarms(region, policy),
        "CreationTime": time_of(policy.created),
    }


def _alarms(region: Region, policy: Policy) -> list[Body]:
    return [{"AlarmName": name, "AlarmARN": region.arn("cloudwatch", f"alarm:{name}")} for name in policy.alarms]


RULES: Mapping[str, Rule] = {
    "PutScalingPolicy": put,
    "DeleteScalingPolicy": delete,
    "DescribeScalingPolicies": describe,
}
