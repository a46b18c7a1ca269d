"""Scheduled actions: what is kept of them, when they run, and what they do to the target and to Lambda."""

from datetime import UTC, datetime
from typing import Any

import pytest
from scaling_world import ALLOCATION, NAMED, World

from reconciler.sandbox.control_plane import Behaviour, Removal


def test_an_action_overwrites_the_bounds_and_puts_the_number() -> None:
    world = World("2026-06-03T10:00")
    world.register(0, 0)
    world.action("on", "cron(40 7 ? * MON-FRI *)", 3, Timezone="Europe/Berlin")
    world.action("off", "cron(15 18 ? * MON-FRI *)", 0, Timezone="Europe/Berlin")
    assert (world.number(), world.bounds()) == (0, (0, 0))  # not retroactive, though Berlin's office is open
    world.until("2026-06-04T05:39:59")
    assert world.number() == 0
    world.until("2026-06-04T05:40")
    assert (world.number(), world.bounds()) == (3, (3, 3))
    world.until("2026-06-04T16:15")
    assert (world.number(), world.bounds()) == (0, (0, 0))
    assert world.activities()[:2] == [
        ("Successful", "Successfully set provisioned concurrency to 0. Change successfully fulfilled by lambda."),
        ("Successful", "Successfully set min capacity to 0 and max capacity to 0"),
    ]


def test_looking_seldom_sees_the_same_world_as_looking_often() -> None:
    seldom, often = World(), World()
    for world in (seldom, often):
        world.register(0, 0)
        world.action("on", "cron(0 12 * * ? *)", 3)
        world.action("off", "cron(0 14 * * ? *)", 1)
    while often.now < seldom.now + 7 * 86400:
        often.wait(600)
        often.number()
    seldom.now = often.now
    assert seldom.plane.snapshot() == often.plane.snapshot()
    assert seldom.scaling.snapshot() == often.scaling.snapshot()
    assert seldom.activities() == often.activities()


def test_an_allocation_begins_when_the_action_ran_and_not_when_somebody_looked() -> None:
    world = World()
    world.register(0, 0)
    world.action("on", "cron(0 12 * * ? *)", 3)
    world.until("2026-06-03T12:00")
    world.wait(ALLOCATION)
    assert world.do("GetProvisionedConcurrencyConfig", Qualifier="live")["Status"] == "READY"


def test_weights_refuse_the_number_and_only_an_activity_tells() -> None:
    world = World()
    world.register(2, 2)
    world.wait(ALLOCATION)
    world.action("on", "cron(0 12 * * ? *)", 3)
    world.until("2026-06-03T11:59:30")
    world.do("UpdateFunctionConfiguration", Timeout=9)
    world.do("PublishVersion")
    world.do("UpdateAlias", Name="live", FunctionVersion="2")
    world.until("2026-06-03T12:00")
    assert (world.number(), world.bounds()) == (2, (3, 3))
    refused = "Alias with weights can not be used with Provisioned Concurrency"
    assert world.activities()[0] == ("Failed", f"Failed to set provisioned concurrency to 3. Reason: {refused}")
    world.wait(3600)
    assert world.number() == 2  # nobody tries again
    world.register(None, None)
    assert world.number() == 3


def test_reserved_concurrency_refuses_the_number() -> None:
    world = World()
    world.register(2, 2)
    world.action("on", "cron(0 12 * * ? *)", 21)
    world.until("2026-06-03T12:00")
    assert world.number() == 2
    status, message = world.activities()[0]
    assert status == "Failed"
    assert "reservedConcurrentExecution" in message


def test_an_action_of_an_alias_that_is_gone_fails() -> None:
    world = World()
    world.register(2, 2)
    world.action("on", "cron(0 12 * * ? *)", 3)
    world.do("DeleteAlias", Name="live")
    world.until("2026-06-03T12:00")
    assert world.bounds() == (3, 3)
    missing = "Cannot find alias arn: arn:aws:lambda:eu-west-1:111111111111:function:f:live"
    assert world.activities()[0] == ("Failed", f"Failed to set provisioned concurrency to 3. Reason: {missing}")


def test_one_bound_is_enough_and_the_other_stays() -> None:
    world = World()
    world.register(1, 5)
    world.action("a", "cron(0 12 * * ? *)", 9, ScalableTargetAction={"MinCapacity": 4})
    world.until("2026-06-03T12:00")
    assert (world.bounds(), world.number()) == ((4, 5), 4)


def test_a_minimum_above_the_targets_own_maximum_changes_nothing() -> None:
    world = World()
    world.register(1, 5)
    world.action("a", "cron(0 12 * * ? *)", 9, ScalableTargetAction={"MinCapacity": 6})
    world.until("2026-06-03T12:00")
    assert (world.bounds(), world.number()) == ((1, 5), 1)
    assert world.activities()[0] == ("Failed", "Maximum capacity cannot be less than minimum capacity")


def test_a_suspended_target_runs_no_action() -> None:
    world = World()
    world.register(1, 1, SuspendedState={"ScheduledScalingSuspended": True})
    world.action("on", "cron(0 12 * * ? *)", 3)
    world.until("2026-06-03T12:00")
    assert (world.bounds(), world.number()) == ((1, 1), 1)
    world.register(None, None, SuspendedState={"ScheduledScalingSuspended": False})
    assert world.number() == 1  # what was missed is not made up for
    world.until("2026-06-04T12:00")
    assert world.number() == 3


def test_an_update_keeps_what_it_leaves_out_but_for_its_start_and_end() -> None:
    world = World()
    world.register()
    ends = datetime(2026, 7, 1, tzinfo=UTC)
    arn = world.action("on", "cron(0 12 * * ? *)", 3, Timezone="Europe/Berlin", EndTime=ends)["ScheduledActionARN"]
    (action,) = world("DescribeScheduledActions")["ScheduledActions"]
    assert action == {
        "ScheduledActionName": "on",
        "ScheduledActionARN": arn,
        "ServiceNamespace": "lambda",
        "ResourceId": "function:f:live",
        "ScalableDimension": "lambda:function:ProvisionedConcurrency",
        "Schedule": "cron(0 12 * * ? *)",
        "Timezone": "Europe/Berlin",
        "EndTime": ends,
        "ScalableTargetAction": {"MinCapacity": 3, "MaxCapacity": 3},
        "CreationTime": datetime(2026, 6, 3, 10, tzinfo=UTC),
    }
    world.wait(60)
    world("PutScheduledAction", ScheduledActionName="on", ScalableTargetAction={"MinCapacity": 4, "MaxCapacity": 4})
    (updated,) = world("DescribeScheduledActions")["ScheduledActions"]
    without_end = {member: value for member, value in action.items() if member != "EndTime"}
    assert updated == {**without_end, "ScalableTargetAction": {"MinCapacity": 4, "MaxCapacity": 4}}


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"Schedule": "rate(1 day)"}, "A scheduled action needs a minimum or a maximum capacity"),
        ({"Schedule": "rate(1 day)", "ScalableTargetAction": {}}, "A scheduled action needs a minimum or a maximum"),
        ({"ScalableTargetAction": {"MinCapacity": 1}}, "A new scheduled action needs a schedule"),
        ({"Schedule": "rate(1 day)", "ScalableTargetAction": {"MinCapacity": -1}}, "Minimum capacity cannot be less"),
        (
            {"Schedule": "rate(1 day)", "ScalableTargetAction": {"MinCapacity": 2, "MaxCapacity": 1}},
            "Maximum capacity cannot be less than minimum capacity",
        ),
        ({"Schedule": "rate(1 day)", "ScheduledActionName": "a:b"}, "1 validation error detected: Value 'a:b' at"),
        ({"Schedule": "rate(1 day)", "ScheduledActionName": " a"}, "1 validation error detected: Value ' a' at"),
        ({"Schedule": "rate(1 day)", "ScheduledActionName": "a" * 257}, "1 validation error detected: Value 'aaa"),
    ],
)
def test_an_action_has_a_name_a_schedule_and_bounds(params: dict[str, Any], words: str) -> None:
    world = World()
    world.register()
    code, message = world.refusal("PutScheduledAction", **{"ScheduledActionName": "on", **params})
    assert (code, str(message)[: len(words)]) == ("ValidationException", words)
    assert world("DescribeScheduledActions")["ScheduledActions"] == []


def test_a_deleted_action_runs_no_more_and_restores_nothing() -> None:
    world = World()
    world.register(1, 1)
    world.action("on", "cron(0 12 * * ? *)", 3)
    world.until("2026-06-03T12:00")
    world("DeleteScheduledAction", ScheduledActionName="on")
    assert (world.bounds(), world.number()) == ((3, 3), 3)
    missing = f"No scheduled action found for {NAMED}, scheduled action name: on"
    assert world.refusal("DeleteScheduledAction", ScheduledActionName="on") == ("ObjectNotFoundException", missing)


@pytest.mark.parametrize("removal", list(Removal))
def test_closing_deletes_the_config_by_lambdas_own_rules(removal: Removal) -> None:
    world = World(lambdas=Behaviour(removing_provisioned_under_weights=removal))
    world.register(2, 2)
    world.wait(ALLOCATION)
    world.action("off", "cron(0 12 * * ? *)", 0)
    world.until("2026-06-03T11:59:30")
    world.do("UpdateFunctionConfiguration", Timeout=9)
    world.do("PublishVersion")
    world.do("UpdateAlias", Name="live", FunctionVersion="2")
    world.until("2026-06-03T12:00")
    assert world.number() == (2 if removal is Removal.REFUSED else 0)
