"""Every fault at every call of plan and apply: afterwards the tool says what it did, and a second run finishes the job.

A world is prepared, run once without faults to count its calls, then run again from the start once for each fault at
each call. Then a run without faults; and the world has to be the one that a clean run leaves.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import simulation
from simulation import Aws, Clock, Killed, carried_out, config_of, ion, new_aws, plan_of

from reconciler.desired import Config, FollowLatest, Pinned
from reconciler.model import Applied, Done, InSync, Key, NotAttempted
from reconciler.sandbox.control_plane import Behaviour, Clearing, Removal

FAILING = {"Variables": {"SANDBOX_INIT_FAILS": "1"}}
MENDED = {"Variables": {"MENDED": "1"}}
FAULTS: dict[str, simulation.Fault] = {
    "throttle": simulation.throttled,
    "500": simulation.broken,
    "503": simulation.unavailable,
    "reset before": simulation.reset,
    "answer lost": simulation.lost,
    "killed before": simulation.killed,
    "killed after": simulation.killed_after,
}


@dataclass(frozen=True)
class Scene:
    """A world, and what the file asks of it."""

    name: str
    prepare: Callable[[Aws], None]
    config: Config
    behaviour: Behaviour = Behaviour()

    def fresh(self) -> Aws:
        aws = new_aws("f", "g", clock=Clock(), behaviour=self.behaviour)
        self.prepare(aws)
        aws.refused.clear()
        return aws


def nothing(_: Aws) -> None: ...


def _warm(aws: Aws, function: str, number: int) -> None:
    aws.do("PublishVersion", FunctionName=function)
    aws.do("CreateAlias", FunctionName=function, Name="live", FunctionVersion="1")
    put = {"FunctionName": function, "Qualifier": "live", "ProvisionedConcurrentExecutions": number}
    aws.do("PutProvisionedConcurrencyConfig", **put)
    aws.clock.now += 300


def deployed(aws: Aws) -> None:
    for function in ("f", "g"):
        _warm(aws, function, 2)
        aws.deploy(function, Timeout=99)


def stuck(aws: Aws) -> None:
    for function in ("f", "g"):
        _warm(aws, function, 2)
    aws.deploy("f", Environment=FAILING)
    aws.do("PublishVersion", FunctionName="f")
    aws.do("UpdateAlias", FunctionName="f", Name="live", FunctionVersion="2")
    aws.clock.now += 900
    aws.deploy("f", Environment=MENDED)


def moving(aws: Aws) -> None:
    deployed(aws)
    for function in ("f", "g"):
        aws.do("PublishVersion", FunctionName=function)
        aws.do("UpdateAlias", FunctionName=function, Name="live", FunctionVersion="2")
    aws.deploy("g", Timeout=100)


def reserved_swap(aws: Aws) -> None:
    """`f` has no room for what its second alias wants until its first has less."""
    aws.do("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=5)
    _warm(aws, "f", 3)
    aws.deploy("f", Timeout=99)
    aws.do("PublishVersion", FunctionName="f")
    aws.do("CreateAlias", FunctionName="f", Name="next", FunctionVersion="2")


LATEST = FollowLatest()
BOTH = config_of(ion("f", 2, LATEST), ion("g", 3, LATEST))
SCENES = (
    Scene("create", nothing, BOTH),
    Scene("move and raise", deployed, BOTH),
    Scene("move and remove", deployed, config_of(ion("f", 0, LATEST), ion("g", None, LATEST))),
    Scene("in transition", moving, BOTH),
    Scene("two aliases, one publish", nothing, config_of(ion("f", 2, LATEST), ion("f", 0, LATEST, alias="cold"))),
    Scene(
        "room only after a lowering",
        reserved_swap,
        config_of(ion("f", 1, Pinned("1")), ion("f", 3, Pinned("2"), alias="next")),
    ),
    *(
        Scene(
            f"stuck, removal {removal.value}, clearing {clearing.value}",
            stuck,
            BOTH,
            Behaviour(removing_provisioned_under_weights=removal, clearing_weights=clearing),
        )
        for removal in Removal
        for clearing in Clearing
        if (removal, clearing) != (Removal.REFUSED, Clearing.REFUSED)
    ),
)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_after_any_fault_at_any_call_the_next_run_finishes_the_job(
    scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    clean = scene.fresh()
    carried_out(clean, scene.config)
    wanted = _world(clean)
    count = len(clean.calls)
    record_property("fault_points", count * len(FAULTS))

    for fault in FAULTS.values():
        for index in range(count):
            aws = scene.fresh()
            aws.faults = {index: fault}
            applied = _interrupted(aws, scene.config)
            if applied:
                _check_outcomes(aws, applied)

            aws.faults = {}
            carried_out(aws, scene.config)

            assert _world(aws) == wanted, (fault, index, aws.calls[index])
            assert isinstance(plan_of(aws, scene.config).plan.ions[0].verdict, InSync)
            assert aws.puts_on_weights == 0


def test_when_aws_refuses_every_way_out_of_a_stuck_alias_it_says_what_a_person_can_do() -> None:
    behaviour = Behaviour(removing_provisioned_under_weights=Removal.REFUSED, clearing_weights=Clearing.REFUSED)
    aws = Scene("", stuck, BOTH, behaviour).fresh()

    _, applied = carried_out(aws, BOTH)

    alias = aws.alias("f", "live")
    assert alias is not None
    assert alias["FunctionVersion"] == "2"
    assert alias["RoutingConfig"]["AdditionalVersionWeights"] == {"1": 1.0}
    assert "delete alias live and run again" in str(applied)


def _interrupted(aws: Aws, config: Config) -> Applied | None:
    try:
        return carried_out(aws, config)[1]
    except Killed:
        return None


def _world(aws: Aws) -> object:
    """What a run leaves behind, without what differs by the moment: no version too many, every alias and number."""
    functions = {}
    for function in ("f", "g"):
        aliases = {}
        for name in ("live", "cold", "next"):
            alias, provisioned = aws.alias(function, name), aws.provisioned(function, name)
            if alias:
                number = provisioned and (
                    provisioned["RequestedProvisionedConcurrentExecutions"],
                    provisioned["Status"],
                )
                aliases[name] = (alias["FunctionVersion"], alias.get("RoutingConfig"), number)
        functions[function] = (aws.versions(function), aliases)
    return functions


OPERATION = {
    "PublishVersion": "PublishVersion",
    "CreateAlias": "CreateAlias",
    "MoveAlias": "UpdateAlias",
    "SetProvisioned": "PutProvisionedConcurrencyConfig",
    "RemoveProvisioned": "DeleteProvisionedConcurrencyConfig",
}


def _check_outcomes(aws: Aws, applied: Applied) -> None:
    """No step is reported done that was not, and none not attempted that was."""
    for result in applied.results:
        function = result.plan.key.function
        sent = {operation for operation, params in aws.calls if params.get("FunctionName") == function}
        for step, outcome in result.outcomes:
            operation = OPERATION.get(type(step).__name__)
            if operation is None:
                continue
            if isinstance(outcome, Done):
                assert operation in sent, (step, outcome)
            if isinstance(outcome, NotAttempted) and outcome.failed_before:
                assert not _sent(aws, result.plan.key, operation), (step, outcome)


def _sent(aws: Aws, key: Key, operation: str) -> bool:
    """Whether the step's own call was made, for this ion."""
    for made, params in aws.calls:
        mine = params.get("FunctionName") == key.function and key.alias in {params.get("Name"), params.get("Qualifier")}
        if made == operation and mine:
            return True
    return False
