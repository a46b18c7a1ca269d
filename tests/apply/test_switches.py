"""Every answer that AWS may give where nobody knows, with a kill between any two calls, and then a clean run.

Traffic is looked at after each call: none reaches a version whose init fails, but for the moment between a removal and
the move that follows it at once, and for the ways round that are taken only where AWS refuses the removal.
"""

from collections.abc import Callable
from dataclasses import fields, replace
from enum import Enum
from typing import Any

import pytest
from scenes import BOTH, MOVE, REMOVE, Scene, stuck, world_of
from simulation import Aws, Killed, carried_out, killed, killed_after, plan_of

from reconciler.model.plan import InSync
from reconciler.sandbox.control_plane import Behaviour, Clearing, Removal

pytestmark = pytest.mark.exhaustive

SECONDS = (0.0, 1.5, 12.0)
FAST = {"GetFunction", "DescribeScalableTargets"}


def _others(name: str, default: object) -> list[Behaviour]:
    """Every other value of one switch."""
    values: tuple[Any, ...]
    if isinstance(default, Enum):
        values = tuple(type(default))
    else:
        values = (True, False) if isinstance(default, bool) else SECONDS
    return [replace(Behaviour(), **{name: value}) for value in values if value != default]


SINGLE = [each for switch in fields(Behaviour) for each in _others(switch.name, switch.default)]
WAYS_OUT = [
    Behaviour(
        removing_provisioned_under_weights=removal, clearing_weights=clearing, transition_changes_revision=changes
    )
    for removal in Removal
    for clearing in Clearing
    for changes in (False, True)
    if (removal, clearing) != (Removal.REFUSED, Clearing.REFUSED)
]
SCENES = [
    *(Scene("repair", stuck, BOTH, behaviour) for behaviour in (*SINGLE, *WAYS_OUT)),
    *(replace(scene, behaviour=behaviour) for scene in (MOVE, REMOVE) for behaviour in SINGLE),
]


def _named(scene: Scene) -> str:
    default = Behaviour()
    switched = [
        f"{each.name}={getattr(scene.behaviour, each.name)}"
        for each in fields(Behaviour)
        if getattr(scene.behaviour, each.name) != getattr(default, each.name)
    ]
    return f"{scene.name}: {', '.join(switched) or 'default'}"


@pytest.mark.parametrize("scene", SCENES, ids=_named)
def test_under_every_reading_a_killed_run_is_finished_by_the_next_without_traffic_on_a_failing_version(
    scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    clean = scene.fresh()
    _watched(clean, scene)
    carried_out(clean, scene.config)
    wanted, count = world_of(clean), len(clean.calls)
    record_property("fault_points", 2 * count)
    assert all(isinstance(ion.verdict, InSync) for ion in plan_of(clean, scene.config).plan.ions)

    for fault in (killed, killed_after):
        for index in range(count):
            aws = scene.fresh()
            _watched(aws, scene)
            aws.faults = {index: fault}
            try:
                carried_out(aws, scene.config)
            except Killed:
                aws.faults = {}
            carried_out(aws, scene.config)

            assert world_of(aws) == wanted, (index, aws.calls[index])
            assert aws.puts_on_weights == 0


def _watched(aws: Aws, scene: Scene) -> None:
    """Look after every call where the traffic of the alias that was stuck goes: version 2 is the one that fails."""
    roundabout = scene.behaviour.removing_provisioned_under_weights is Removal.REFUSED
    if scene.name == "repair" and not roundabout:
        aws.seen = _no_traffic_on_2


def _no_traffic_on_2(aws: Aws) -> None:
    if not aws.traffic("f").get("2"):
        return
    since = next(each for each in reversed(aws.done) if each.operation == "DeleteProvisionedConcurrencyConfig")
    between = {operation for operation, _ in aws.calls[since.number + 1 :]} - FAST
    killed_there = any(operation == "GetAlias" for operation in between)
    assert killed_there or between <= {"UpdateAlias"}, f"calls reach the failing version during {between}"


def test_the_removal_and_the_move_of_a_repair_are_back_to_back() -> None:
    aws = Scene("repair", stuck, BOTH).fresh()

    carried_out(aws, BOTH)

    operations = [operation for operation, _ in aws.calls if operation not in FAST]
    removal = operations.index("DeleteProvisionedConcurrencyConfig")
    assert operations[removal + 1] == "UpdateAlias"
