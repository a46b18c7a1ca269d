"""A rollback under every fault at every call: it says what it did, and naming the version finishes the job.

Without a version a second rollback goes back by one more, so the one that finishes names it.
"""

from collections.abc import Callable
from functools import partial

import pytest
from scenes import BOTH, Scene, assert_truthful, deployed, stuck, world_of
from simulation import Aws, carried_out, plan_of, rolled_back, survived
from test_faults import FAULTS

from reconciler.apply import CancelToken
from reconciler.model.plan import InSync


def moved(aws: Aws) -> None:
    """Both ions were moved from 1 to 2 by an apply."""
    deployed(aws)
    carried_out(aws, BOTH)
    aws.clock.now += 900


def moved_and_stuck(aws: Aws) -> None:
    """As before, but that `f` was moved by hand to a version 2 whose init fails."""
    stuck(aws)
    aws.do("UpdateFunctionConfiguration", FunctionName="g", Timeout=98)
    aws.do("PublishVersion", FunctionName="g")
    aws.do("UpdateAlias", FunctionName="g", Name="live", FunctionVersion="2")
    aws.clock.now += 900


SCENES = (Scene("moved", moved, BOTH), Scene("stuck", moved_and_stuck, BOTH))


@pytest.mark.exhaustive
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_after_any_fault_at_any_call_naming_the_version_finishes_the_rollback(
    scene: Scene, fault: str, record_property: Callable[[str, object], None]
) -> None:
    clean = scene.fresh()
    rolled_back(clean, scene.config)
    wanted, count = world_of(clean), len(clean.calls)
    record_property("fault_points", count)

    for index in range(count):
        aws, cancel = scene.fresh(), CancelToken()
        aws.faults = {index: FAULTS[fault](cancel)}
        applied = survived(partial(rolled_back, aws, scene.config, cancel=cancel))
        if applied:
            assert_truthful(aws, applied)
        assert "PublishVersion" not in aws.writes()

        aws.faults = {}
        rolled_back(aws, scene.config, to=1)

        assert world_of(aws) == wanted, (index, aws.calls[index])
        assert aws.puts_on_weights == 0


def test_what_was_rolled_back_is_in_sync_and_follows_again_with_the_next_change() -> None:
    aws = SCENES[0].fresh()
    rolled_back(aws, BOTH)
    assert [each.verdict for each in plan_of(aws, BOTH).plan.ions] == [InSync("held at 1, rolled back from 2")] * 2

    before = len(aws.writes())
    carried_out(aws, BOTH)
    assert len(aws.writes()) == before

    aws.deploy("f", Timeout=55)
    carried_out(aws, BOTH)
    assert [aws.traffic(function) for function in ("f", "g")] == [{"3": 1.0}, {"1": 1.0}]
