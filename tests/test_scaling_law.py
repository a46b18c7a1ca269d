"""The law for numbers that scale: for every file and every live state, apply, and the next plan is empty.

Tried at moments inside and outside of a window and at its edges, with faults, kills and the clock at every call, and
under both answers of what nobody knows about Application Auto Scaling.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from simulation import (
    Aws,
    Clock,
    Fault,
    Killed,
    broken,
    carried_out,
    config_of,
    ion,
    killed,
    lost,
    new_aws,
    plan_of,
    throttled,
)

from reconciler.model.desired import FollowLatest
from reconciler.model.outcome import Failed
from reconciler.model.plan import Blocked, InSync, Pending, Settling
from reconciler.model.scaling import Bounds, Scaled, Schedule, Weekday, Window
from reconciler.model.steps import SetProvisioned
from reconciler.sandbox.scaling import ScalingBehaviour

pytestmark = pytest.mark.exhaustive

WORKING = tuple(Weekday)[:5]
OFFICE = Schedule("office", WORKING, 7 * 60 + 40, 18 * 60 + 15, "Europe/Berlin")
NIGHT = Schedule("night", tuple(Weekday), 22 * 60, 5 * 60, "UTC")
BY_CLOCK = Scaled((Window(OFFICE, Bounds(3, 3)),), Bounds(0, 0), None)
BOTH_WINDOWS = Scaled((Window(OFFICE, Bounds(3, 3)), Window(NIGHT, Bounds(2, 2))), Bounds(1, 1), None)
BY_BOTH = Scaled((Window(OFFICE, Bounds(2, 20)),), Bounds(1, 1), 0.6)
BY_LOAD = Scaled((), Bounds(2, 20), 0.7)
FIXED = Scaled((), Bounds(2, 2), None)
ASKED: tuple[Scaled | int | None, ...] = (BY_CLOCK, BOTH_WINDOWS, BY_BOTH, BY_LOAD, FIXED, 0, 2, None)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


MOMENTS = {
    "in the window": at("2026-11-25T10:00:00"),
    "outside": at("2026-11-25T20:00:00"),
    "weekend": at("2026-11-28T10:00:00"),
    "just before it opens": at("2026-11-25T06:38:30"),
    "just after it opened": at("2026-11-25T06:41:00"),
    "just before it closes": at("2026-11-25T17:14:00"),
}


def nothing(_: Aws) -> None: ...


def aliased(aws: Aws) -> None:
    aws.do("PublishVersion", FunctionName="f")
    aws.do("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")


def warm(aws: Aws) -> None:
    aliased(aws)
    aws.do("PutProvisionedConcurrencyConfig", FunctionName="f", Qualifier="live", ProvisionedConcurrentExecutions=5)
    aws.clock.now += 100


def scaled(asked: Scaled) -> Callable[[Aws], None]:
    def world(aws: Aws) -> None:
        carried_out(aws, config_of(ion("f", asked, FollowLatest())))
        aws.calls.clear()

    world.__name__ = f"scaled_by_{'load' if asked.target else 'clock'}_{len(asked.windows)}"
    return world


def scaled_and_deployed(aws: Aws) -> None:
    scaled(BY_CLOCK)(aws)
    aws.deploy("f", Timeout=99)


def somebodys(aws: Aws) -> None:
    """A target without a policy or an action."""
    warm(aws)
    aws.do(
        "RegisterScalableTarget",
        ServiceNamespace="lambda",
        ResourceId="function:f:live",
        ScalableDimension="lambda:function:ProvisionedConcurrency",
        MinCapacity=1,
        MaxCapacity=9,
    )


def suspended(aws: Aws) -> None:
    scaled(BY_CLOCK)(aws)
    aws.do(
        "RegisterScalableTarget",
        ServiceNamespace="lambda",
        ResourceId="function:f:live",
        ScalableDimension="lambda:function:ProvisionedConcurrency",
        SuspendedState={"ScheduledScalingSuspended": True},
    )


def put_by_hand(aws: Aws) -> None:
    scaled(BY_CLOCK)(aws)
    aws.do("PutProvisionedConcurrencyConfig", FunctionName="f", Qualifier="live", ProvisionedConcurrentExecutions=7)


WORLDS: tuple[Callable[[Aws], None], ...] = (
    nothing,
    aliased,
    warm,
    scaled(BY_CLOCK),
    scaled(BOTH_WINDOWS),
    scaled(BY_BOTH),
    scaled(BY_LOAD),
    scaled_and_deployed,
    somebodys,
    suspended,
    put_by_hand,
)
UNKNOWN = {
    "likeliest": ScalingBehaviour(),
    "starts no number": ScalingBehaviour(register_starts_from_nothing=False),
    "late": ScalingBehaviour(lateness=45.0, registration_delay=3.0, answers_normalised_cron=True),
    "UTC answered": ScalingBehaviour(answers_default_timezone=True, target_outlives_alias=False),
}


TRIED = {
    f"{when}, {answer}": (MOMENTS[when], UNKNOWN[answer])
    for when in MOMENTS
    for answer in UNKNOWN
    if answer == "likeliest" or when in {"in the window", "outside", "just before it opens"}
}


def new(moment: float, behaviour: ScalingBehaviour = ScalingBehaviour()) -> Aws:
    return new_aws("f", clock=Clock(moment), scaling=behaviour)


@pytest.mark.parametrize(("moment", "unknown"), TRIED.values(), ids=TRIED)
@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.__name__)
def test_after_apply_the_next_plan_is_empty(
    world: Callable[[Aws], None],
    moment: float,
    unknown: ScalingBehaviour,
    record_property: Callable[[str, object], None],
) -> None:
    for asked in ASKED:
        record_property("worlds", 1)
        aws = new(moment, unknown)
        world(aws)
        config = config_of(ion("f", asked, FollowLatest()))
        before = plan_of(aws, config).plan.ions[0].verdict
        aws.calls.clear()

        _, applied = carried_out(aws, config)

        after = plan_of(aws, config).plan.ions[0].verdict
        if isinstance(before, Blocked):
            assert (after, aws.writes()) == (before, [])
            continue
        assert isinstance(after, InSync), (asked, before, after, applied)
        if isinstance(before, InSync):
            assert aws.writes() == []


@pytest.mark.parametrize("asked", [BY_CLOCK, BY_BOTH], ids=["clock", "both"])
def test_days_pass_and_nothing_is_left_to_do(asked: Scaled) -> None:
    """Every hour of a fortnight with a change of the clock in it, and a deploy now and then."""
    aws = new(at("2026-10-19T09:00:00"))
    config = config_of(ion("f", asked, FollowLatest()))
    carried_out(aws, config)
    for hour in range(14 * 24):
        aws.clock.now += 3600
        verdict = plan_of(aws, config).plan.ions[0].verdict
        assert isinstance(verdict, InSync | Settling), datetime.fromtimestamp(aws.clock.now, UTC)
        if hour % 31 == 0:
            aws.deploy("f", Timeout=100 + hour)
            _, applied = carried_out(aws, config)
            assert not [each for result in applied.results for _, each in result.outcomes if isinstance(each, Failed)]
            assert isinstance(plan_of(aws, config).plan.ions[0].verdict, InSync)


def started(world: Callable[[Aws], None], moment: float) -> Aws:
    aws = new(moment)
    world(aws)
    aws.calls.clear()
    return aws


def calls_of(world: Callable[[Aws], None], asked: Scaled | int, moment: float) -> int:
    aws = started(world, moment)
    carried_out(aws, config_of(ion("f", asked, FollowLatest())))
    return len(aws.calls)


FAULTS: dict[str, Fault] = {"throttled": throttled, "broken": broken, "lost": lost}
JOURNEYS = {
    "from nothing to the clock": (nothing, BY_CLOCK),
    "from a number to load": (warm, BY_LOAD),
    "from the clock to both": (scaled(BOTH_WINDOWS), BY_BOTH),
    "from both to a number": (scaled(BY_BOTH), 2),
    "a deploy in between": (scaled_and_deployed, BY_CLOCK),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize(("world", "asked"), JOURNEYS.values(), ids=JOURNEYS)
def test_a_fault_at_any_call_ends_in_the_file_at_the_latest_at_the_next_run(
    world: Callable[[Aws], None], asked: Scaled | int, fault: Fault, record_property: Callable[[str, object], None]
) -> None:
    moment = MOMENTS["in the window"]
    for number in range(calls_of(world, asked, moment)):
        record_property("faults", 1)
        aws = started(world, moment)
        aws.faults[number] = fault
        config = config_of(ion("f", asked, FollowLatest()))
        carried_out(aws, config)
        aws.faults.clear()
        carried_out(aws, config)
        after = plan_of(aws, config).plan.ions[0].verdict
        assert isinstance(after, InSync), (number, aws.calls, after)
        assert len(aws.versions("f")) <= 2


@pytest.mark.parametrize(("world", "asked"), JOURNEYS.values(), ids=JOURNEYS)
def test_killed_at_any_call_a_new_run_hours_later_finishes(
    world: Callable[[Aws], None], asked: Scaled | int, record_property: Callable[[str, object], None]
) -> None:
    moment = MOMENTS["in the window"]
    for number in range(calls_of(world, asked, moment)):
        record_property("kills", 1)
        aws = started(world, moment)
        aws.faults[number] = killed
        config = config_of(ion("f", asked, FollowLatest()))
        with pytest.raises(Killed):
            carried_out(aws, config)
        aws.faults.clear()
        aws.clock.now += 9 * 3600
        carried_out(aws, config)
        assert isinstance(plan_of(aws, config).plan.ions[0].verdict, InSync)


def test_an_approval_holds_across_the_edge_of_a_window() -> None:
    config = config_of(ion("f", BY_CLOCK, FollowLatest()))
    before, after = new(at("2026-11-25T10:00:00")), new(at("2026-11-25T20:00:00"))
    for aws in (before, after):
        warm(aws)
        aws.deploy("f", Timeout=99)
    assert plan_of(before, config).plan.digest == plan_of(after, config).plan.digest


def test_a_number_is_put_by_nobody_but_the_scaler_where_it_works() -> None:
    aws = new(MOMENTS["in the window"])
    plan, _ = carried_out(aws, config_of(ion("f", BY_CLOCK, FollowLatest())))
    assert not any(isinstance(step, SetProvisioned) for step in plan.ions[0].steps)
    assert "PutProvisionedConcurrencyConfig" not in aws.writes()
    assert aws.provisioned("f", "live")["RequestedProvisionedConcurrentExecutions"] == 3  # type: ignore[index]


def test_an_action_of_somebody_elses_blocks_a_mapping_and_is_named() -> None:
    aws = new(MOMENTS["in the window"])
    somebodys(aws)
    aws.do(
        "PutScheduledAction",
        ServiceNamespace="lambda",
        ResourceId="function:f:live",
        ScalableDimension="lambda:function:ProvisionedConcurrency",
        ScheduledActionName="morning",
        Schedule="cron(0 8 * * ? *)",
        ScalableTargetAction={"MinCapacity": 1},
    )
    verdict = plan_of(aws, config_of(ion("f", BY_CLOCK, FollowLatest()))).plan.ions[0].verdict
    assert verdict == Blocked(
        "somebody else scales f:live: morning on its scalable target. Remove it, or give `concurrency` as a number or "
        "not at all"
    )
    assert isinstance(plan_of(aws, config_of(ion("f", 5, FollowLatest()))).plan.ions[0].verdict, InSync)


def test_a_plan_says_what_differs() -> None:
    aws = new(MOMENTS["outside"])
    put_by_hand(aws)
    aws.do(
        "DeleteScheduledAction",
        ServiceNamespace="lambda",
        ResourceId="function:f:live",
        ScalableDimension="lambda:function:ProvisionedConcurrency",
        ScheduledActionName="reconcile-office-off",
    )
    verdict = plan_of(aws, config_of(ion("f", BY_CLOCK, FollowLatest()))).plan.ions[0].verdict
    assert isinstance(verdict, Pending)
    assert [change.reason for change in verdict.changes] == [
        "scheduled action reconcile-office-off is missing; 7 requested, and 0 due"
    ]
    assert verdict.why == "no window is open; office opens Thu 07:40 (Europe/Berlin); 31% of the price of always"
