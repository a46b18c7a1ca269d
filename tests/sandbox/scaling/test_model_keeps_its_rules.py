"""Whatever is called, in any order and under every behaviour: a call is answered or refused, and the rules hold."""

import json
import random
from itertools import product
from typing import Any

import pytest
from scaling_world import ABOUT, World

from reconciler.sandbox.control_plane import ApiError, Removal
from reconciler.sandbox.control_plane import Behaviour as LambdaBehaviour
from reconciler.sandbox.control_plane.shapes import service_model
from reconciler.sandbox.scaling import OPERATIONS, SERVICE
from reconciler.sandbox.scaling.targets import MOST as MOST_TARGETS

LIMIT = "LimitExceededException"
SCHEDULES = ("cron(0 12 * * ? *)", "cron(30 14 ? * MON-FRI *)", "rate(3 hours)", "at(2026-06-04T07:00:00)")
SWITCHES: list[dict[str, Any]] = [
    {
        "lateness": lateness,
        "retries": retries,
        "target_outlives_alias": outlives,
        "register_starts_from_nothing": starts,
    }
    for lateness, retries, outlives, starts in product((0.0, 15.0), (0, 3), (True, False), (True, False))
]


def anything(chance: random.Random, world: World) -> None:
    """One call that somebody might make."""
    low, high = sorted((chance.randint(0, 25), chance.randint(0, 25)))
    name = chance.choice("ab")
    match chance.randrange(11):
        case 0:
            world.register(low, high)
        case 1:
            world.register(None, None, SuspendedState={"ScheduledScalingSuspended": chance.random() < 0.3})
        case 2 | 3:
            world.action(name, chance.choice(SCHEDULES), low, high, Timezone=chance.choice(["UTC", "Asia/Tokyo"]))
        case 4:
            world("DeleteScheduledAction", ScheduledActionName=name)
        case 5:
            world.policy()
            world.scaling.report_load("function:f:live", chance.random() * 2)
        case 6:
            world.provision(low + 1)
        case 7:
            world.do("UpdateFunctionConfiguration", Timeout=chance.randint(1, 900))
            world.do("UpdateAlias", Name="live", FunctionVersion=world.do("PublishVersion")["Version"])
        case 8:
            world.do("DeleteAlias", Name="live")
        case 9:
            world.do("CreateAlias", Name="live", FunctionVersion="1")
        case _:
            world("DeregisterScalableTarget")


def spent(world: World, seconds: float) -> None:
    """Time passes, and somebody looks."""
    world.wait(seconds)
    world.number()


@pytest.mark.exhaustive
@pytest.mark.parametrize("switches", SWITCHES, ids=str)
def test_any_calls_are_answered_or_refused_and_looking_changes_nothing(switches: dict[str, Any]) -> None:
    for seed in range(6):
        chance = random.Random(f"{seed}{switches}")
        lambdas = LambdaBehaviour(removing_provisioned_under_weights=chance.choice(list(Removal)))
        seldom, often = World(lambdas=lambdas, **switches), World(lambdas=lambdas, **switches)
        for _ in range(60):
            again = random.Random(chance.random())
            state = again.getstate()
            refused = []
            for world in (seldom, often):
                again.setstate(state)
                try:
                    anything(again, world)
                except ApiError as error:
                    refused.append(str(error))
            assert refused in ([], refused[:1] * 2)
            seconds = chance.choice([1, 60, 600, 7200, 40_000])
            seldom.wait(seconds)
            for _ in range(4):
                spent(often, seconds / 4)
            assert seldom.scaling.snapshot() == often.scaling.snapshot()
            assert seldom.plane.snapshot() == often.plane.snapshot()
            assert seldom.activities() == often.activities()
            assert often.number() <= 20  # reserved concurrency, which scaling never overrides


ANY: list[Any] = [None, "", "x", "a" * 2000, 0, -1, 2**70, 1e300, float("nan"), True, [], ["x"] * 60, {}, {"x": 1}]


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_no_value_of_any_member_makes_the_model_fail(operation: str) -> None:
    shape = service_model(SERVICE).operation_model(operation).input_shape
    assert shape is not None
    world = World()
    world.register()
    world.action("on", "rate(1 day)", 1)
    world.policy("on")
    good: dict[str, Any] = {**ABOUT, "ScheduledActionName": "on", "PolicyName": "on", "Schedule": "rate(1 day)"}
    inner = {
        "ScalableTargetAction": ("MinCapacity", "MaxCapacity"),
        "TargetTrackingScalingPolicyConfiguration": ("TargetValue", "PredefinedMetricSpecification"),
        "SuspendedState": ("ScheduledScalingSuspended",),
    }
    tried = [{member: value} for member in shape.members for value in ANY]
    tried += [{member: {part: value}} for member in inner for part in inner[member] for value in ANY]
    for wrong in tried:
        params = {member: value for member, value in good.items() if member in shape.members}
        assert _status(world, operation, {**params, **wrong}) in {200, 400}


def _status(world: World, operation: str, params: dict[str, Any]) -> int:
    try:
        answer = world.scaling.copy().call(operation, params)
    except ApiError as refused:
        return refused.status
    json.dumps(answer.body, default=str)
    return answer.status


def test_there_are_so_many_policies_actions_and_targets_and_no_more() -> None:
    world = World()
    world.register()
    for number in range(50):
        world.policy(f"p{number}")
    assert world.refusal("PutScalingPolicy", PolicyName="more", PolicyType="TargetTrackingScaling")[0] == LIMIT
    world.policy("p0")
    for number in range(200):
        world.action(f"a{number}", "rate(1 day)", 1)
    with pytest.raises(ApiError, match=LIMIT):
        world.action("more", "rate(1 day)", 1)
    world.action("a0", "rate(2 days)", 1)
    for number in range(2, MOST_TARGETS + 1):
        world.do("CreateAlias", Name=f"a{number}", FunctionVersion="1")
        world.register(0, 0, ResourceId=f"function:f:a{number}")
    world.do("CreateAlias", Name="more", FunctionVersion="1")
    with pytest.raises(ApiError, match=LIMIT):
        world.register(0, 0, ResourceId="function:f:more")
    world.register(0, 0)
