"""Scaling policies: their validation, their alarms, and what load does once there are calls."""

from typing import Any

import pytest
from scaling_world import ALLOCATION, NAMED, TRACKING, World

from reconciler.sandbox.control_plane import ApiError

CUSTOM: dict[str, Any] = {
    "MetricName": "ProvisionedConcurrencyUtilization",
    "Namespace": "AWS/Lambda",
    "Statistic": "Maximum",
}
CONFIGURATION = "TargetTrackingScalingPolicyConfiguration"


def test_a_policy_is_answered_as_it_was_put_with_two_alarms() -> None:
    world = World()
    world.register()
    answer = world.policy(ScaleInCooldown=60, DisableScaleIn=False)
    (policy,) = world("DescribeScalingPolicies")["ScalingPolicies"]
    assert policy == {
        "PolicyARN": answer["PolicyARN"],
        "PolicyName": "p",
        "ServiceNamespace": "lambda",
        "ResourceId": "function:f:live",
        "ScalableDimension": "lambda:function:ProvisionedConcurrency",
        "PolicyType": "TargetTrackingScaling",
        CONFIGURATION: {**TRACKING, "ScaleInCooldown": 60, "DisableScaleIn": False},
        "Alarms": answer["Alarms"],
        "CreationTime": policy["CreationTime"],
    }
    stems = [alarm["AlarmName"][: -len("-01234567-0123-0123-0123-012345678901")] for alarm in answer["Alarms"]]
    assert stems == ["TargetTracking-function:f:live-AlarmHigh", "TargetTracking-function:f:live-AlarmLow"]
    assert answer["PolicyARN"].startswith("arn:aws:autoscaling:eu-west-1:111111111111:scalingPolicy:")
    assert answer["PolicyARN"].endswith(":resource/lambda/function:f:live:policyName/p")


def test_an_update_keeps_the_policys_identity_and_alarms() -> None:
    world = World()
    world.register()
    assert world.policy() == world.policy(TargetValue=0.5)
    assert [alarm["Threshold"] for alarm in world.scaling.alarms().values()] == ["0.5", "0.45"]
    world("PutScalingPolicy", PolicyName="p")  # nothing to change
    (policy,) = world("DescribeScalingPolicies")["ScalingPolicies"]
    assert policy[CONFIGURATION]["TargetValue"] == 0.5


@pytest.mark.parametrize(
    "tracking",
    [
        {"PredefinedMetricSpecification": None},
        {"CustomizedMetricSpecification": CUSTOM},
        {"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}},
        {"TargetValue": 0},
        {"TargetValue": None},
    ],
)
def test_a_policy_has_one_metric_of_lambdas_and_a_target_value(tracking: dict[str, Any]) -> None:
    world = World()
    world.register()
    with pytest.raises(ApiError) as refused:
        world.policy(**tracking)
    assert refused.value.code == "ValidationException"
    assert world("DescribeScalingPolicies")["ScalingPolicies"] == []


@pytest.mark.parametrize(
    "params",
    [
        {"PolicyType": "StepScaling"},
        {"PolicyType": "PredictiveScaling"},
        {CONFIGURATION: TRACKING},
        {"PolicyType": "TargetTrackingScaling"},
    ],
)
def test_lambda_has_target_tracking_and_nothing_else(params: dict[str, Any]) -> None:
    world = World()
    world.register()
    code, _ = world.refusal("PutScalingPolicy", PolicyName="p", **params)
    assert code == "ValidationException"


def test_a_policy_that_is_gone_is_told_in_awss_words_and_its_alarms_are_gone_too() -> None:
    world = World()
    world.register()
    world.policy()
    world.policy("q", CustomizedMetricSpecification=CUSTOM, PredefinedMetricSpecification=None)
    assert [alarm["Statistic"] for alarm in world.scaling.alarms().values()] == ["Average"] * 2 + ["Maximum"] * 2
    world("DeleteScalingPolicy", PolicyName="p")
    assert len(world.scaling.alarms()) == 2
    missing = f"No scaling policy found for {NAMED}, policy name: p"
    assert world.refusal("DeleteScalingPolicy", PolicyName="p") == ("ObjectNotFoundException", missing)


def test_without_calls_a_policy_does_nothing() -> None:
    world = World()
    world.provision(4)
    world.register(1, 9)
    world.policy()
    world.wait(7 * 86400)
    assert (world.number(), world.activities()) == (4, [])


@pytest.mark.parametrize(
    ("number", "utilisation", "after"),
    [
        (4, 0.7, 4),  # at the target
        (4, 0.71, 5),
        (4, 1.0, 6),
        (4, 0.64, 4),  # above 90 % of the target
        (4, 0.3, 2),
        (4, 0.01, 2),  # the minimum
        (7, 1.0, 8),  # the maximum
    ],
)
def test_load_moves_the_number_within_the_bounds(number: int, utilisation: float, after: int) -> None:
    world = World()
    world.provision(number)
    world.register(2, 8)
    world.policy()
    world.scaling.report_load("function:f:live", utilisation)
    assert world.number() == after


def test_a_number_at_its_bound_is_told_as_not_scaled() -> None:
    world = World()
    world.register(2, 2)
    world.policy()
    before = world.activities()
    world.scaling.report_load("function:f:live", 1.0)
    assert world.activities() == before
    told = world("DescribeScalingActivities", IncludeNotScaledActivities=True)["ScalingActivities"][0]
    assert told["NotScaledReasons"] == [{"Code": "AlreadyAtMaxCapacity"}]


def test_from_nothing_load_never_comes_back() -> None:
    world = World()
    world.register(0, 9)
    world.policy()
    world.scaling.report_load("function:f:live", 1.0)
    assert world.number() == 0


def test_it_scales_in_only_where_every_policy_says_so_and_none_is_told_not_to() -> None:
    world = World()
    world.provision(4)
    world.register(1, 9)
    world.policy("p")
    world.policy("q", TargetValue=0.3)
    world.scaling.report_load("function:f:live", 0.3)
    assert world.number() == 4
    world.policy("q", DisableScaleIn=True)
    world.scaling.report_load("function:f:live", 0.1)
    assert world.number() == 4
    world("DeleteScalingPolicy", PolicyName="q")
    world.register(None, None, SuspendedState={"DynamicScalingInSuspended": True})
    world.scaling.report_load("function:f:live", 0.1)
    assert world.number() == 4
    world.register(None, None, SuspendedState={"DynamicScalingInSuspended": False})
    world.scaling.report_load("function:f:live", 0.1)
    assert world.number() == 1


def test_a_scale_out_that_weights_refuse_is_a_failed_activity() -> None:
    world = World()
    world.register(2, 9)
    world.policy()
    world.wait(ALLOCATION)
    world.do("UpdateFunctionConfiguration", Timeout=9)
    world.do("PublishVersion")
    world.do("UpdateAlias", Name="live", FunctionVersion="2")
    world.scaling.report_load("function:f:live", 1.0)
    assert (world.number(), world.activities()[0][0]) == (2, "Failed")
