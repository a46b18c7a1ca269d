"""Callers are brought to the alias: in which order, by which RevisionId, and what somebody else's change does to it."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from scenes import (
    CALLED,
    LATEST,
    SCENES,
    Scene,
    allow,
    assert_truthful,
    called_and_deployed,
    called_bare,
    called_warm,
    world_of,
)
from simulation import Aws, carried_out, config_of, ion, lost, new_aws, plan_of

from reconciler.apply import CancelToken
from reconciler.model.desired import CallersWish
from reconciler.model.outcome import Applied, Done, NotAttempted
from reconciler.model.plan import Blocked, InSync
from reconciler.model.scaling import Bounds, Scaled, Schedule, Weekday, Window
from reconciler.model.steps import AddPermission, MoveEventSource, Write
from reconciler.sandbox.control_plane import ApiError, Timing

OFFICE = Schedule("office", tuple(Weekday)[:5], 460, 1095, "UTC")
BY_CLOCK = Scaled((Window(OFFICE, Bounds(3, 3)),), Bounds(0, 0), None)
BY_BOTH = Scaled((Window(OFFICE, Bounds(2, 20)),), Bounds(1, 1), 0.6)
BY_LOAD = Scaled((), Bounds(2, 20), 0.7)
FIXED = Scaled((), Bounds(2, 2), None)
NEW = SCENES[-3]
PLAIN = SCENES[-1]
JOBS = "arn:aws:sqs:us-east-1:123456789012:f-jobs"
EVER = {"GetFunction", "GetAlias", "GetProvisionedConcurrencyConfig", "DescribeScalableTargets"}
LIVE = {"FunctionName": "f", "Qualifier": "live"}
ONE = config_of(ion("f", 2, LATEST, callers=CALLED), ion("g", 2, LATEST))
WARM = Scene("warm and called", called_warm, ONE)


def uuid(aws: Aws, source: str = JOBS) -> str:
    rows = aws.do("ListEventSourceMappings")["EventSourceMappings"]
    return str(next(row["UUID"] for row in rows if row["EventSourceArn"] == source))


def outcomes(applied: Applied, kind: type[Write]) -> list[object]:
    return [outcome for step, outcome in applied.results[0].outcomes if isinstance(step, kind)]


# ---------------------------------------------------------------- in which order


def test_settings_come_before_statements_and_mappings_after_ready() -> None:
    aws = NEW.fresh()
    carried_out(aws, NEW.config)
    mine = [each for each in aws.done if each.params.get("FunctionName", "f").startswith(("f", "arn"))]
    names = [each.operation for each in mine]
    ready = max(number for number, each in enumerate(mine) if each.answer.get("Status") == "READY")
    first = {name: names.index(name) for name in set(names)}
    assert first["CreateAlias"] < first["PutFunctionEventInvokeConfig"] < first["AddPermission"]
    assert first["AddPermission"] < first["PutProvisionedConcurrencyConfig"] < ready
    moves = [number for number, each in enumerate(mine) if each.params.get("FunctionName", "").endswith(":f:live")]
    assert len(moves) == 2
    assert min(moves) > ready


def test_a_first_statement_is_given_the_aliass_revision_and_each_further_one_the_policys() -> None:
    aws = WARM.fresh()
    alias = (aws.alias("f", "live") or {})["RevisionId"]
    carried_out(aws, ONE)
    given = [params["RevisionId"] for operation, params in aws.calls if operation == "AddPermission"]
    policies = [did.answer["RevisionId"] for did in aws.done if did.operation == "GetPolicy" and did.params == LIVE]
    assert given == [alias, policies[0]]


def test_a_mapping_is_sent_its_function_alone_and_a_disabled_one_stays_disabled() -> None:
    aws = WARM.fresh()
    _, applied = carried_out(aws, ONE)
    sent = [params for operation, params in aws.calls if operation == "UpdateEventSourceMapping"]
    assert [sorted(params) for params in sent] == [["FunctionName", "UUID"]] * 2
    rows = aws.do("ListEventSourceMappings", FunctionName="f:live")["EventSourceMappings"]
    assert sorted(row["State"] for row in rows) == ["Disabled", "Enabled"]
    assert outcomes(applied, MoveEventSource) == [Done(), Done()]


def test_nothing_is_taken_away_from_the_bare_function() -> None:
    aws = WARM.fresh()
    before = aws.allowed("f")
    carried_out(aws, ONE)
    assert aws.allowed("f") == before == aws.allowed("f", "live")


def test_ions_that_do_not_ask_make_no_call_more() -> None:
    aws = WARM.fresh()
    carried_out(aws, config_of(ion("f", 2, LATEST), ion("g", 2, LATEST)))
    assert {name for name, _ in aws.calls} == EVER


def test_an_ion_in_sync_reads_its_policies_and_one_list_and_no_settings() -> None:
    aws = WARM.fresh()
    carried_out(aws, ONE)
    aws.clock.now += 60
    aws.calls.clear()
    plan_of(aws, ONE)
    more = [name for name, _ in aws.calls if name not in EVER]
    assert sorted(more) == ["GetPolicy", "GetPolicy", "ListEventSourceMappings"]


def test_two_aliases_of_a_function_share_the_read_of_its_policy() -> None:
    aws = WARM.fresh()
    mirror = CallersWish(permissions=True)
    plan_of(aws, config_of(ion("f", 2, LATEST, callers=mirror), ion("f", 0, LATEST, alias="cold", callers=mirror)))
    assert [name for name, _ in aws.calls].count("GetPolicy") == 3


@pytest.mark.parametrize("world", [called_bare, called_and_deployed, called_warm], ids=lambda world: world.__name__)
@pytest.mark.parametrize("scaled", [BY_CLOCK, BY_BOTH, BY_LOAD, FIXED], ids=str)
def test_callers_come_to_an_alias_that_scales_once_its_number_is_there(
    scaled: Scaled, world: Callable[[Aws], None]
) -> None:
    aws = new_aws("f", "g")
    world(aws)
    config = config_of(ion("f", scaled, LATEST, callers=CALLED))

    _, applied = carried_out(aws, config)

    assert [outcome for _, outcome in applied.results[0].outcomes if outcome != Done()] == []
    assert aws.mapped()[JOBS] == "f:live"
    assert aws.allowed("f").items() <= aws.allowed("f", "live").items()
    assert isinstance(plan_of(aws, config).plan.ions[0].verdict, InSync)


# ---------------------------------------------------------------- mappings at work


def slow_mappings(scene: Scene, seconds: float) -> Aws:
    aws = scene.fresh()
    aws.plane = aws.plane.copy(timing=Timing(mapping=seconds))
    return aws


def test_a_mapping_that_is_being_updated_is_waited_for() -> None:
    aws = slow_mappings(WARM, 40)
    aws.do("UpdateEventSourceMapping", UUID=uuid(aws), BatchSize=5)
    _, applied = carried_out(aws, ONE)
    assert outcomes(applied, MoveEventSource) == [Done(), Done()]
    assert aws.mapped()[JOBS] == "f:live"
    assert [refused for refused in aws.refused if refused[0] == "UpdateEventSourceMapping"] == []


def test_a_mapping_that_aws_calls_in_use_is_moved_once_it_is_not() -> None:
    aws = slow_mappings(WARM, 40)
    left = [1]

    def meddles(aws: Aws, operation: str, params: Mapping[str, Any]) -> None:
        if operation == "UpdateEventSourceMapping" and params["UUID"] == uuid(aws) and left:
            left.clear()
            aws.do("UpdateEventSourceMapping", UUID=uuid(aws), BatchSize=5)

    aws.always = meddles
    _, applied = carried_out(aws, ONE)
    assert [code for operation, code, _ in aws.refused if operation == "UpdateEventSourceMapping"] == [
        "ResourceInUseException"
    ]
    assert outcomes(applied, MoveEventSource) == [Done(), Done()]
    assert aws.mapped()[JOBS] == "f:live"


# ---------------------------------------------------------------- lost answers


def test_a_sid_that_our_own_lost_call_has_taken_is_success() -> None:
    aws = WARM.fresh()
    left = ["AddPermission"]

    def once(aws: Aws, operation: str, params: Mapping[str, Any]) -> None:
        if operation in left:
            left.clear()
            lost(aws, operation, params)

    aws.always = once
    aws.lag = 30.0  # longer than a late read is waited for: the statement is sent again, and refused
    _, applied = carried_out(aws, ONE)
    refused = [code for operation, code, _ in aws.refused if operation == "AddPermission"]
    assert refused
    assert set(refused) <= {"ResourceConflictException", "PreconditionFailedException"}
    assert outcomes(applied, AddPermission)[0] == Done()


# ---------------------------------------------------------------- somebody else


def takes_the_sid(aws: Aws) -> None:
    allow(aws, "f", "rule", "sns.amazonaws.com", "arn:aws:sns:us-east-1:123456789012:t", Qualifier="live")


def adds_the_same(aws: Aws) -> None:
    allow(aws, "f", "s3", "s3.amazonaws.com", "arn:aws:s3:::uploads", Qualifier="live")


def adds_another(aws: Aws) -> None:
    allow(aws, "f", "mine", "sns.amazonaws.com", "arn:aws:sns:us-east-1:123456789012:t", Qualifier="live")


def takes_one_away(aws: Aws) -> None:
    aws.do("RemovePermission", **LIVE, StatementId="s3")


def allows_more(aws: Aws) -> None:
    allow(aws, "f", "more", "sns.amazonaws.com", "arn:aws:sns:us-east-1:123456789012:t")


def touches_the_alias(aws: Aws) -> None:
    aws.do("UpdateAlias", FunctionName="f", Name="live", Description="mine")


def moves_the_mapping_elsewhere(aws: Aws) -> None:
    aws.do("UpdateEventSourceMapping", UUID=uuid(aws), FunctionName="f:1")


def moves_the_mapping_to_the_alias(aws: Aws) -> None:
    aws.do("UpdateEventSourceMapping", UUID=uuid(aws), FunctionName="f:live")


def gives_the_mapping_to_another(aws: Aws) -> None:
    aws.do("UpdateEventSourceMapping", UUID=uuid(aws), FunctionName="g:1")


def changes_the_mapping(aws: Aws) -> None:
    aws.do("UpdateEventSourceMapping", UUID=uuid(aws), BatchSize=3)


def disables_the_mapping(aws: Aws) -> None:
    aws.do("UpdateEventSourceMapping", UUID=uuid(aws), Enabled=False)


def deletes_the_mapping(aws: Aws) -> None:
    aws.do("DeleteEventSourceMapping", UUID=uuid(aws))


def gives_settings(aws: Aws) -> None:
    aws.do("PutFunctionEventInvokeConfig", **LIVE, MaximumRetryAttempts=2)


def takes_settings(aws: Aws) -> None:
    aws.do("DeleteFunctionEventInvokeConfig", FunctionName="f")


CHANGES: tuple[Callable[[Aws], None], ...] = (
    takes_the_sid,
    adds_the_same,
    adds_another,
    takes_one_away,
    allows_more,
    touches_the_alias,
    moves_the_mapping_elsewhere,
    moves_the_mapping_to_the_alias,
    gives_the_mapping_to_another,
    changes_the_mapping,
    disables_the_mapping,
    deletes_the_mapping,
    gives_settings,
    takes_settings,
)


class Somebody:
    """Makes the change once, where AWS's rules allow it at that moment; what they left then."""

    def __init__(self, change: Callable[[Aws], None]) -> None:
        self.change = change
        self.left: tuple[object, ...] | None = None
        self.made = 0  # how many calls AWS had carried out by then

    def __call__(self, aws: Aws, _: str, __: Mapping[str, Any]) -> None:
        self.made = len(aws.done)
        try:
            before = theirs(aws)
            self.change(aws)
        except (ApiError, StopIteration):
            return
        if theirs(aws) != before:
            self.left = theirs(aws)


def theirs(aws: Aws) -> tuple[object, ...]:
    return aws.allowed("f", "live"), aws.async_settings("f", "live"), aws.mapped()


@pytest.mark.exhaustive
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("scene", [NEW, PLAIN], ids=lambda scene: scene.name)
def test_somebody_elses_change_stays_and_the_second_run_ends_well(
    scene: Scene, change: Callable[[Aws], None], record_property: Callable[[str, object], None]
) -> None:
    clean = scene.fresh()
    carried_out(clean, scene.config)
    record_property("fault_points", len(clean.calls))
    for index in range(len(clean.calls)):
        aws, somebody = scene.fresh(), Somebody(change)
        aws.faults = {index: somebody}

        _, applied = carried_out(aws, scene.config)

        assert_truthful(aws, applied)
        assert isinstance(plan_of(aws, scene.config).plan.ions[1].verdict, InSync), "the other ion is done all the same"
        _assert_kept(aws, somebody, change)
        aws.faults = {}
        carried_out(aws, scene.config)
        verdict = plan_of(aws, scene.config).plan.ions[0].verdict
        assert isinstance(verdict, InSync | Blocked), (index, verdict)
        assert isinstance(verdict, InSync) or change is takes_the_sid
        calls = len(aws.writes())
        carried_out(aws, scene.config)
        assert len(aws.writes()) == calls, "a third run writes nothing"


def _assert_kept(aws: Aws, somebody: Somebody, change: Callable[[Aws], None]) -> None:
    if somebody.left is None:
        return
    allowed, settings, mapped = somebody.left
    assert isinstance(allowed, dict)
    assert isinstance(mapped, dict)
    assert allowed.items() <= aws.allowed("f", "live").items(), "a statement is never taken away, nor changed"
    later = [did.operation for did in aws.done[somebody.made :] if LIVE.items() <= did.params.items()]
    if later[:1] != ["PutFunctionEventInvokeConfig"]:  # it takes no RevisionId: the look before it is all there is
        assert settings is None or aws.async_settings("f", "live") == settings
    if change in {moves_the_mapping_elsewhere, gives_the_mapping_to_another}:
        assert aws.mapped()[JOBS] == mapped[JOBS], "a mapping that somebody moved is theirs"


def test_an_interruption_while_a_mapping_is_being_moved_ends_the_wait_and_not_the_move() -> None:
    aws, cancel = slow_mappings(WARM, 60), CancelToken()

    def interrupts(aws: Aws, operation: str, _: Mapping[str, Any]) -> None:
        if operation == "GetEventSourceMapping" and "UpdateEventSourceMapping" in aws.writes():
            cancel.request()

    aws.always = interrupts
    _, applied = carried_out(aws, ONE, cancel=cancel)
    first, second = outcomes(applied, MoveEventSource)
    assert first == Done("AWS is still at work on it")
    assert second == NotAttempted("interrupted")
    assert world_of(aws) != world_of(WARM.fresh())
