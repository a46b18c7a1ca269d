"""Somebody else's change at every call of plan and apply: nothing of theirs is overwritten blindly, and all is told.

One scene, one change, every call index. The change is made before that call, by AWS's own rules (a change that AWS
refuses at that moment is none). Then a second run, and one that has nothing left to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from scenes import LATEST, MOVE, REMOVE, REPAIR, SCENES, Scene, assert_truthful
from simulation import Aws, carried_out, config_of, ion, plan_of

from reconciler.model.observed import Observed
from reconciler.model.plan import Blocked, InSync, Pending, Plan
from reconciler.sandbox.control_plane import ApiError

pytestmark = pytest.mark.exhaustive

Change = Callable[[Aws], None]
ALIAS = {"FunctionName": "f", "Name": "live"}
PROVISIONED = {"FunctionName": "f", "Qualifier": "live"}


def deploys(aws: Aws) -> None:
    aws.deploy("f", Timeout=123)


def deploys_and_publishes(aws: Aws) -> None:
    aws.deploy("f", Timeout=123)
    aws.do("PublishVersion", FunctionName="f")


def describes(aws: Aws) -> None:
    """A change of the description alone makes the next publish a new version."""
    aws.deploy("f", Description="mine")


def moves_back(aws: Aws) -> None:
    aws.do("UpdateAlias", **ALIAS, FunctionVersion="1")


def moves_on(aws: Aws) -> None:
    aws.do("UpdateAlias", **ALIAS, FunctionVersion=str(max(map(int, aws.versions("f")), default=1)))


def adds_weights(aws: Aws) -> None:
    at = (aws.alias("f", "live") or {}).get("FunctionVersion")
    other = next((version for version in aws.versions("f") if version != at), "1")
    aws.do("UpdateAlias", **ALIAS, RoutingConfig={"AdditionalVersionWeights": {other: 0.1}})


def touches_alias(aws: Aws) -> None:
    aws.do("UpdateAlias", **ALIAS, Description="mine")


def deletes_alias(aws: Aws) -> None:
    aws.do("DeleteAlias", **ALIAS)


def creates_alias(aws: Aws) -> None:
    if not aws.versions("f"):
        aws.do("PublishVersion", FunctionName="f")
    aws.do("CreateAlias", **ALIAS, FunctionVersion="1")


def sets_provisioned(aws: Aws) -> None:
    aws.do("PutProvisionedConcurrencyConfig", **PROVISIONED, ProvisionedConcurrentExecutions=7)


def removes_provisioned(aws: Aws) -> None:
    aws.do("DeleteProvisionedConcurrencyConfig", **PROVISIONED)


def breaks_provisioned(aws: Aws) -> None:
    """READY turns FAILED by itself."""
    provisioned = aws.provisioned("f", "live")
    if provisioned and provisioned["Status"] == "READY":
        aws.plane.break_provisioned("f", "live")


def reserves(aws: Aws) -> None:
    aws.do("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=2)


def registers_a_scaler(aws: Aws) -> None:
    aws.scale("f", "live", 5, 9)


def deletes_function(aws: Aws) -> None:
    aws.do("DeleteFunction", FunctionName="f")


CHANGES: tuple[Change, ...] = (
    deploys,
    deploys_and_publishes,
    describes,
    moves_back,
    moves_on,
    adds_weights,
    touches_alias,
    deletes_alias,
    creates_alias,
    sets_provisioned,
    removes_provisioned,
    breaks_provisioned,
    reserves,
    registers_a_scaler,
    deletes_function,
)
RACED = (*SCENES[:2], REMOVE, REPAIR, SCENES[3])


@dataclass
class Somebody:
    """Makes the change once; `made` is the number of calls that AWS had carried out by then."""

    change: Change
    made: int | None = None
    alias: Mapping[str, Any] | None = None

    def __call__(self, aws: Aws, _: str, __: Mapping[str, Any]) -> None:
        before = aws.plane.snapshot()
        try:
            self.change(aws)
        except ApiError:
            return
        if aws.plane.snapshot() != before or self.change is registers_a_scaler:
            self.made = len(aws.done)
            self.alias = aws.alias("f", "live")


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("scene", RACED, ids=lambda scene: scene.name)
def test_somebody_elses_change_is_never_overwritten_blindly_and_the_second_run_ends_well(
    scene: Scene, change: Change, record_property: Callable[[str, object], None]
) -> None:
    clean = scene.fresh()
    carried_out(clean, scene.config)
    record_property("fault_points", len(clean.calls))
    for index in range(len(clean.calls)):
        aws, somebody = scene.fresh(), Somebody(change)
        aws.faults = {index: somebody}

        plan, applied = carried_out(aws, scene.config)

        assert_truthful(aws, applied)
        assert isinstance(plan_of(aws, scene.config).plan.ions[1].verdict, InSync), "the other ion is done all the same"
        if somebody.made is not None and isinstance(plan.ions[0].verdict, Pending):
            _assert_respected(aws, somebody, plan)
        _assert_puts_on_weights_were_refused(aws)
        _assert_second_run_ends_well(aws, scene)


def _assert_respected(aws: Aws, somebody: Somebody, plan: Plan) -> None:
    observed = plan.ions[0].observed
    assert isinstance(observed, Observed)
    assert observed.latest is not None or somebody.change is deletes_function
    for did in aws.done[somebody.made or 0 :]:
        if did.operation == "PublishVersion" and did.params["FunctionName"] == "f" and observed.latest:
            timeout = dict(observed.latest.settings.fields)["Timeout"]
            assert str(did.answer["Timeout"]) == timeout, "a $LATEST was published that nobody had planned"
        if did.operation == "UpdateAlias" and did.params["Name"] == "live" and did.params["FunctionName"] == "f":
            _assert_alias_was_seen(aws, somebody, did.number)


def _assert_alias_was_seen(aws: Aws, somebody: Somebody, moved: int) -> None:
    """We moved the alias after somebody had changed it: then a look of ours saw what they left."""
    if somebody.change not in {moves_back, moves_on, adds_weights, creates_alias} or somebody.alias is None:
        return
    theirs = (somebody.alias["FunctionVersion"], somebody.alias.get("RoutingConfig"))
    looks = [
        (each.answer["FunctionVersion"], each.answer.get("RoutingConfig"))
        for each in aws.done[somebody.made or 0 :]
        if each.operation == "GetAlias" and each.params["FunctionName"] == "f"
    ]
    assert theirs in looks, (moved, theirs, looks)


def _assert_puts_on_weights_were_refused(aws: Aws) -> None:
    refused = [words for operation, _, words in aws.refused if operation == "PutProvisionedConcurrencyConfig"]
    assert aws.puts_on_weights <= len(refused)


def _assert_second_run_ends_well(aws: Aws, scene: Scene) -> None:
    aws.faults = {}
    _, applied = carried_out(aws, scene.config)
    verdict = plan_of(aws, scene.config).plan.ions[0].verdict
    assert isinstance(verdict, InSync | Blocked), (verdict, applied)
    calls = len(aws.writes())
    carried_out(aws, scene.config)
    assert len(aws.writes()) == calls, "a third run writes nothing"
    if isinstance(verdict, Blocked):
        assert verdict.why


def test_a_number_that_a_look_has_seen_somebody_set_is_not_overwritten() -> None:
    aws = MOVE.fresh()
    config = config_of(ion("f", 5, LATEST))

    def sets_7_once_it_has_settled(aws: Aws, operation: str, _: Mapping[str, Any]) -> None:
        provisioned, alias = aws.provisioned("f", "live") or {}, aws.alias("f", "live") or {}
        settled = alias.get("FunctionVersion") == "2" and provisioned.get("Status") == "READY"
        if operation == "GetProvisionedConcurrencyConfig" and settled:
            aws.always = None
            aws.do("PutProvisionedConcurrencyConfig", **PROVISIONED, ProvisionedConcurrentExecutions=7)

    aws.always = sets_7_once_it_has_settled
    _, applied = carried_out(aws, config)

    assert "somebody set the provisioned concurrency to 7, and the plan starts from 2" in str(applied)
    assert "PutProvisionedConcurrencyConfig" not in aws.writes()


def test_a_stuck_alias_that_somebody_mends_meanwhile_keeps_its_provisioned_concurrency() -> None:
    aws = REPAIR.fresh()

    def mends(aws: Aws, operation: str, params: Mapping[str, Any]) -> None:
        if operation == "PublishVersion" and params["FunctionName"] == "f":
            aws.always = None
            aws.do("UpdateAlias", **ALIAS, FunctionVersion="1", RoutingConfig={"AdditionalVersionWeights": {}})
            aws.clock.now += 300

    aws.always = mends
    _, applied = carried_out(aws, REPAIR.config)

    assert "alias live is not what it was" in str(applied)
    assert "DeleteProvisionedConcurrencyConfig" not in aws.writes()
    assert aws.traffic("f") == {"1": 1.0}
