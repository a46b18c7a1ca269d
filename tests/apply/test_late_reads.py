"""AWS answers reads from before our own write for some seconds: the first run ends well all the same."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from scenes import BOTH, REMOVE, REPAIR, SCENES, Scene, deployed, world_of
from simulation import Aws, carried_out, lost, plan_of

from reconciler.apply import ApplyOptions
from reconciler.model.observed import Unreadable
from reconciler.model.outcome import Done, Failed

pytestmark = pytest.mark.exhaustive

ALL = [*SCENES, REPAIR]
WRITES = (
    "PublishVersion",
    "CreateAlias",
    "UpdateAlias",
    "PutProvisionedConcurrencyConfig",
    "DeleteProvisionedConcurrencyConfig",
    "AddPermission",
    "PutFunctionEventInvokeConfig",
    "UpdateEventSourceMapping",
)


@pytest.mark.parametrize("lag", [1.0, 3.0, 8.0])
@pytest.mark.parametrize("scene", ALL, ids=lambda scene: scene.name)
def test_reads_that_lag_behind_our_writes_are_waited_for(
    scene: Scene, lag: float, record_property: Callable[[str, object], None]
) -> None:
    clean = scene.fresh()
    carried_out(clean, scene.config)
    aws = scene.fresh()
    aws.lag = lag

    _, applied = carried_out(aws, scene.config)

    assert [each for result in applied.results for _, each in result.outcomes if isinstance(each, Failed)] == []
    assert world_of(aws) == world_of(clean)
    assert aws.writes().count("PublishVersion") == clean.writes().count("PublishVersion")
    record_property("worlds", 1)


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize("scene", ALL, ids=lambda scene: scene.name)
def test_a_write_whose_answer_is_lost_is_recognised_once_reads_show_it(scene: Scene, operation: str) -> None:
    clean = scene.fresh()
    carried_out(clean, scene.config)
    aws = scene.fresh()
    aws.lag = 3.0
    left = [operation]

    def lost_once(aws: Aws, called: str, params: Mapping[str, Any]) -> None:
        if called in left:
            left.remove(called)
            lost(aws, called, params)

    aws.always = lost_once
    _, applied = carried_out(aws, scene.config)

    assert world_of(aws) == world_of(clean)
    assert all(isinstance(each, Done) for result in applied.results for _, each in result.outcomes), applied


def test_right_after_an_apply_that_did_not_wait_everything_can_be_read() -> None:
    aws = Scene("", deployed, BOTH).fresh()
    aws.lag = 3.0

    carried_out(aws, BOTH, options=ApplyOptions(wait=False))

    assert not any(isinstance(ion.verdict, Unreadable) for ion in plan_of(aws, BOTH).plan.ions)


def test_somebody_elses_value_is_not_taken_for_a_late_one() -> None:
    aws = Scene("", deployed, REMOVE.config).fresh()
    aws.lag = 3.0
    left = ["DeleteProvisionedConcurrencyConfig"]

    def meddle(aws: Aws, called: str, _: Mapping[str, Any]) -> None:
        if called in left:
            left.remove(called)
            aws.deploy("f", Timeout=100)
            aws.do("PublishVersion", FunctionName="f")
            aws.do("DeleteProvisionedConcurrencyConfig", FunctionName="f", Qualifier="live")
            aws.do("UpdateAlias", FunctionName="f", Name="live", FunctionVersion="3")

    aws.always = meddle
    _, applied = carried_out(aws, REMOVE.config)

    assert not left
    assert "PlanAgain" in str(applied)
    assert (aws.alias("f", "live") or {})["FunctionVersion"] == "3"
