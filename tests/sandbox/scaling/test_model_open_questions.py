"""What nobody knows of AWS: each switch, both ways."""

from typing import Any

import pytest
from scaling_world import ALLOCATION, NAMED, World

from reconciler.sandbox.control_plane import ControlPlane
from reconciler.sandbox.scaling import ScalingBehaviour


@pytest.mark.parametrize(("starts", "after"), [(True, 3), (False, 0)])
def test_whether_registering_starts_an_alias_from_nothing(starts: bool, after: int) -> None:  # noqa: FBT001 - the switch
    world = World(register_starts_from_nothing=starts)
    world.register(3, 5)
    assert world.number() == after
    world.provision(9)
    world.register(None, None)
    assert world.number() == 5


def test_an_action_starts_an_alias_from_nothing_in_any_case() -> None:
    world = World(register_starts_from_nothing=False)
    world.register(0, 0)
    world.action("on", "cron(0 12 * * ? *)", 3)
    world.until("2026-06-03T12:00")
    assert world.number() == 3


def test_a_number_may_come_late() -> None:
    world = World(lateness=20.0)
    world.register(3, 5)
    world.action("on", "cron(0 12 * * ? *)", 7)
    assert world.number() == 0
    world.wait(20)
    assert world.number() == 3
    world.until("2026-06-03T12:00:19")
    assert (world.bounds(), world.number()) == ((7, 7), 3)
    world.wait(1)
    assert world.number() == 7


@pytest.mark.parametrize(("retries", "after"), [(0, 2), (2, 3)])
def test_whether_a_change_that_lambda_refused_is_tried_again(retries: int, after: int) -> None:
    world = World(retries=retries)
    world.register(2, 2)
    world.wait(ALLOCATION)
    world.action("on", "cron(0 12 * * ? *)", 3)
    world.until("2026-06-03T11:59:30")
    world.do("UpdateFunctionConfiguration", Timeout=9)
    world.do("PublishVersion")
    world.do("UpdateAlias", Name="live", FunctionVersion="2")
    world.until("2026-06-03T12:05")
    assert world.number() == after
    assert [status for status, _ in world.activities()].count("Failed") == 1


def test_how_a_schedule_and_its_missing_time_zone_are_answered() -> None:
    plain = World()
    other = World(answers_default_timezone=True, answers_normalised_cron=True)
    answers = []
    for world in (plain, other):
        world.register()
        world.action("on", "cron(40  7 ? * mon-fri *)", 3)
        answers += world("DescribeScheduledActions")["ScheduledActions"]
    assert [(answer["Schedule"], answer.get("Timezone")) for answer in answers] == [
        ("cron(40  7 ? * mon-fri *)", None),
        ("cron(40 7 ? * MON-FRI *)", "UTC"),
    ]


@pytest.mark.parametrize(("outlives", "left"), [(True, ["function:f:live"]), (False, [])])
def test_whether_a_target_outlives_its_alias(outlives: bool, left: list[str]) -> None:  # noqa: FBT001 - the switch
    world = World(target_outlives_alias=outlives)
    world.register()
    world.action("on", "cron(0 12 * * ? *)", 3)
    world.do("DeleteAlias", Name="live")
    for moment in ("2026-06-03T10:00", "2026-06-04T12:00"):
        world.until(moment)
        found = world("DescribeScalableTargets")["ScalableTargets"]
        assert [target["ResourceId"] for target in found] == left
    assert len(world.activities()) == (1 if not outlives else 5)


def test_a_target_without_its_alias_is_gone_before_its_next_action() -> None:
    world = World(target_outlives_alias=False)
    world.register()
    world.action("on", "cron(0 12 * * ? *)", 3)
    world.do("DeleteAlias", Name="live")
    world.until("2026-06-03T12:00")
    world.do("CreateAlias", Name="live", FunctionVersion="1")
    assert world("DescribeScalableTargets")["ScalableTargets"] == []


def test_a_target_may_be_found_by_policies_and_actions_only_after_a_while() -> None:
    world = World(registration_delay=10.0)
    world.register()
    missing = ("ObjectNotFoundException", f"No scalable target registered for {NAMED}")
    assert world.refusal("PutScheduledAction", ScheduledActionName="on", Schedule="rate(1 day)") == missing
    world.wait(10)
    world.action("on", "rate(1 day)", 3)


def test_the_callers_missing_permissions_are_a_validation_exception() -> None:
    missing = ("lambda:PutProvisionedConcurrencyConfig", "cloudwatch:PutMetricAlarm")
    world = World(missing_permissions=missing)
    refused = world.refusal("RegisterScalableTarget", MinCapacity=1, MaxCapacity=2)
    assert refused == ("ValidationException", f"User is missing the following permissions: {', '.join(missing)}")
    assert (world.number(), world("DescribeScalableTargets")["ScalableTargets"]) == (0, [])


def test_a_zone_that_aws_may_not_know_is_refused() -> None:
    world = World(unknown_zones=frozenset({"Europe/Kyiv"}))
    world.register()
    given = {"Schedule": "cron(0 12 * * ? *)", "ScalableTargetAction": {"MinCapacity": 1}}
    for zone in ("Europe/Kyiv", "Middle/Earth"):
        refused = world.refusal("PutScheduledAction", ScheduledActionName="on", Timezone=zone, **given)
        assert refused == ("ValidationException", f"Invalid time zone: {zone}")
    world.action("on", "cron(0 12 * * ? *)", 3, Timezone="Europe/Kiev")


def test_a_copy_goes_on_alone_under_its_own_behaviour() -> None:
    world = World()
    world.register(1, 5)
    world.action("on", "cron(0 12 * * ? *)", 3)
    twin = world.scaling.copy(behaviour=ScalingBehaviour(answers_default_timezone=True))
    world("DeregisterScalableTarget")
    world.until("2026-06-03T12:00")
    assert (_numbers(twin.plane), _numbers(world.plane)) == ([3], [1])
    body: Any = twin.call("DescribeScheduledActions", {"ServiceNamespace": "lambda"}).body
    assert [row["Timezone"] for row in body["ScheduledActions"]] == ["UTC"]


def _numbers(plane: ControlPlane) -> list[int]:
    body: Any = plane.call("ListProvisionedConcurrencyConfigs", {"FunctionName": "f"}).body
    configs = body["ProvisionedConcurrencyConfigs"]
    return [config["RequestedProvisionedConcurrentExecutions"] for config in configs]
