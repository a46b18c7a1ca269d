"""Scalable targets: what registering checks, keeps and changes at once, and what deregistering leaves."""

from typing import Any

import pytest
from scaling_world import NAMED, World, moment

FN = "arn:aws:lambda:eu-west-1:111111111111:function"
UNSUPPORTED = "Unsupported service namespace, resource type or scalable dimension"
INVALID = "Validation failed for resource: function:g:live, scalable dimension: lambda:function:ProvisionedConcurrency"


def test_a_target_is_answered_as_it_was_registered() -> None:
    world = World()
    arn = world.register(1, 5)["ScalableTargetARN"]
    (target,) = world("DescribeScalableTargets")["ScalableTargets"]
    role = "aws-service-role/lambda.application-autoscaling.amazonaws.com/"
    assert target == {
        "ServiceNamespace": "lambda",
        "ResourceId": "function:f:live",
        "ScalableDimension": "lambda:function:ProvisionedConcurrency",
        "MinCapacity": 1,
        "MaxCapacity": 5,
        "RoleARN": f"arn:aws:iam::111111111111:role/{role}AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency",
        "CreationTime": target["CreationTime"],
        "SuspendedState": {
            "DynamicScalingInSuspended": False,
            "DynamicScalingOutSuspended": False,
            "ScheduledScalingSuspended": False,
        },
        "ScalableTargetARN": arn,
    }
    assert target["CreationTime"].timestamp() == moment("2026-06-03T10:00")


@pytest.mark.parametrize(("before", "after"), [(0, 3), (2, 3), (4, 4), (9, 5)])
def test_registering_brings_the_number_inside_the_bounds_at_once(before: int, after: int) -> None:
    world = World()
    if before:
        world.provision(before)
    world.register(3, 5)
    assert world.number() == after


def test_an_update_keeps_what_it_leaves_out_and_brings_the_number_back_inside() -> None:
    world = World()
    world.register(2, 4, SuspendedState={"ScheduledScalingSuspended": True})
    world.provision(9)
    assert world.number() == 9
    world.register(None, None)
    assert (world.number(), world.bounds()) == (4, (2, 4))
    world.register(3, None, SuspendedState={"DynamicScalingInSuspended": True})
    (target,) = world("DescribeScalableTargets")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (3, 4)
    assert [switch for switch, on in target["SuspendedState"].items() if on] == [
        "DynamicScalingInSuspended",
        "ScheduledScalingSuspended",
    ]


def test_bounds_of_zero_delete_the_config() -> None:
    world = World()
    world.provision(2)
    world.register(0, 0)
    assert world.number() == 0


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"MinCapacity": 5, "MaxCapacity": 1}, "Maximum capacity cannot be less than minimum capacity"),
        ({"MinCapacity": -1, "MaxCapacity": 1}, "Minimum capacity cannot be less than 0"),
        ({"MinCapacity": 1}, "MinCapacity and MaxCapacity are required to register a new scalable target"),
        ({"ResourceId": "function:f:$LATEST"}, UNSUPPORTED),
        ({"ResourceId": "function:f"}, UNSUPPORTED),
        ({"ScalableDimension": "ecs:service:DesiredCount"}, UNSUPPORTED),
        ({"ServiceNamespace": "ecs"}, UNSUPPORTED),
        ({"ResourceId": "function:g:live"}, f"{INVALID}. Reason: Cannot find alias arn: {FN}:g:live"),
    ],
)
def test_what_cannot_be_scaled_is_not_registered(params: dict[str, Any], words: str) -> None:
    world = World()
    bounds = {} if "MinCapacity" in params else {"MinCapacity": 1, "MaxCapacity": 5}
    code, message = world.refusal("RegisterScalableTarget", **{**bounds, **params})
    assert (code, message) == ("ValidationException", words)
    assert world("DescribeScalableTargets", ResourceId=None, ScalableDimension=None)["ScalableTargets"] == []


def test_what_is_read_is_lambdas_and_names_a_resource_with_its_dimension() -> None:
    world = World()
    world.register()
    assert world.refusal("DescribeScalableTargets", ScalableDimension="ecs:service:DesiredCount") == (
        "ValidationException",
        UNSUPPORTED,
    )
    assert world("DescribeScalableTargets", ResourceId=None, ResourceIds=["function:f:other"])["ScalableTargets"] == []


def test_a_target_that_is_not_there_is_told_in_awss_words() -> None:
    world = World()
    missing = ("ObjectNotFoundException", f"No scalable target registered for {NAMED}")
    assert world.refusal("DeregisterScalableTarget") == missing
    assert world.refusal("DeleteScalingPolicy", PolicyName="p") == missing
    assert world.refusal("DeleteScheduledAction", ScheduledActionName="on") == missing


def test_deregistering_takes_policies_and_actions_along_and_leaves_the_number() -> None:
    world = World()
    world.register(2, 4)
    world.action("on", "cron(0 12 * * ? *)", 7)
    world.policy()
    world("DeregisterScalableTarget")
    everything = {"ResourceId": None, "ScalableDimension": None}
    assert world("DescribeScalableTargets", **everything)["ScalableTargets"] == []
    assert world("DescribeScheduledActions", **everything)["ScheduledActions"] == []
    assert world("DescribeScalingPolicies", **everything)["ScalingPolicies"] == []
    world.until("2026-06-03T13:00")
    assert world.number() == 2
    world.register(1, 9)
    assert world("DescribeScheduledActions")["ScheduledActions"] == []
