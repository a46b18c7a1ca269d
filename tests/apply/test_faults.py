"""Every fault at every call of plan and apply: afterwards the tool says what it did, and a second run finishes the job.

A scene is run once without faults to count its calls, then again from the start with the fault at each call. Then a run
without faults; and the world has to be the one that a clean run leaves.
"""

from collections.abc import Callable, Mapping
from functools import partial

import pytest
import simulation
from scenes import BOTH, REPAIR, SCENES, Scene, assert_truthful, stuck, world_of
from simulation import both, carried_out, interrupting, plan_of, survived

from reconciler.apply import CancelToken
from reconciler.model.plan import InSync
from reconciler.sandbox.control_plane import Behaviour, Clearing, Removal

pytestmark = pytest.mark.exhaustive

FAULTS: Mapping[str, Callable[[CancelToken], simulation.Fault]] = {
    "throttled": lambda _: simulation.throttled,
    "500": lambda _: simulation.broken,
    "503": lambda _: simulation.unavailable,
    "reset before": lambda _: simulation.reset,
    "answer lost": lambda _: simulation.lost,
    "senseless answer": lambda _: simulation.senseless,
    "fault of our own": lambda _: simulation.bug,
    "credentials refused": lambda _: simulation.expired,
    "another account": lambda _: simulation.another_account,
    "reads lag from here": lambda _: simulation.lagging,
    "killed before": lambda _: simulation.killed,
    "killed after": lambda _: simulation.killed_after,
    "interrupted": interrupting,
    "interrupted, throttled": lambda cancel: both(interrupting(cancel), simulation.throttled),
    "interrupted, reset before": lambda cancel: both(interrupting(cancel), simulation.reset),
    "interrupted, answer lost": lambda cancel: both(interrupting(cancel), simulation.lost),
}
REPAIRS = tuple(
    Scene(
        f"stuck, removal {removal.value}, clearing {clearing.value}",
        stuck,
        BOTH,
        Behaviour(removing_provisioned_under_weights=removal, clearing_weights=clearing),
    )
    for removal in Removal
    for clearing in Clearing
    if (removal, clearing) != (Removal.REFUSED, Clearing.REFUSED)
)
SAFE_REPAIRS = [each for each in REPAIRS if each.behaviour.removing_provisioned_under_weights is not Removal.REFUSED]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("scene", [*SCENES, *REPAIRS], ids=lambda scene: scene.name)
def test_after_any_fault_at_any_call_the_next_run_finishes_the_job(
    scene: Scene, fault: str, record_property: Callable[[str, object], None]
) -> None:
    clean = scene.fresh()
    carried_out(clean, scene.config)
    wanted, count = world_of(clean), len(clean.calls)
    assert all(isinstance(each.verdict, InSync) for each in plan_of(clean, scene.config).plan.ions)
    record_property("fault_points", count)

    for index in range(count):
        aws, cancel = scene.fresh(), CancelToken()
        aws.faults = {index: FAULTS[fault](cancel)}
        applied = survived(partial(carried_out, aws, scene.config, cancel=cancel))
        if applied:
            assert applied.interrupted == ("interrupted" in fault)
            assert_truthful(aws, applied)
            assert scene not in SAFE_REPAIRS or not aws.traffic("f").get("2"), "a repair left half done"

        aws.faults = {}
        carried_out(aws, scene.config)

        assert world_of(aws) == wanted, (index, aws.calls[index])
        assert aws.puts_on_weights == 0


def test_when_aws_refuses_every_way_out_of_a_stuck_alias_it_says_what_a_person_can_do() -> None:
    behaviour = Behaviour(removing_provisioned_under_weights=Removal.REFUSED, clearing_weights=Clearing.REFUSED)
    aws = Scene("", stuck, REPAIR.config, behaviour).fresh()

    _, applied = carried_out(aws, REPAIR.config)

    alias = aws.alias("f", "live")
    assert alias is not None
    assert alias["FunctionVersion"] == "2"
    assert alias["RoutingConfig"]["AdditionalVersionWeights"] == {"1": 1.0}
    assert "delete alias live and run again" in str(applied)
