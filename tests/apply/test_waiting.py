"""The waits: what counts towards --timeout, what --no-wait leaves out, what ends a wait, and that each one ends."""

from collections.abc import Mapping
from typing import Any

import pytest
from scenes import BOTH, LATEST, Scene, both_warm, deployed, nothing, reserved_swap, stuck, warm
from simulation import Aws, Clock, broken, carried_out, client_error, config_of, ion, lost, new_aws, plan_of

from reconciler.apply import ApplyOptions, CancelToken
from reconciler.apply.awaitables import StepFailed, WaitFor
from reconciler.apply.loop import run_all
from reconciler.model.desired import Pinned
from reconciler.model.observed import AccountRegion, Key
from reconciler.model.outcome import Applied, Done, Failed, NotAttempted, Outcome
from reconciler.model.plan import InSync, Settling
from reconciler.model.steps import AwaitActive, AwaitReady, AwaitSettled, Step
from reconciler.sandbox.control_plane import Timing

ONE = config_of(ion("f", 2, LATEST))
HOURS = 86_400.0


def outcome(applied: Applied, step: type[Step], index: int = 0) -> Outcome:
    return next(each for at, each in applied.results[index].outcomes if isinstance(at, step))


def only(operation: str, fault: Any) -> Any:  # noqa: ANN401 - a fault of the simulation
    """The fault, at every call of this operation."""

    def sometimes(aws: Aws, called: str, params: Mapping[str, Any]) -> None:
        if called == operation:
            fault(aws, called, params)

    return sometimes


# ---------------------------------------------------------------- --timeout


def test_a_version_that_stays_pending_runs_out_of_time_and_its_alias_is_not_created() -> None:
    aws = new_aws("f", timing=Timing(pending=HOURS))
    start = aws.clock.now

    _, applied = carried_out(aws, ONE, options=ApplyOptions(timeout=600.0))

    failed = outcome(applied, AwaitActive)
    assert isinstance(failed, Failed)
    assert failed.code == "Timeout"
    assert "10 min after the last write" in failed.message
    assert aws.alias("f", "live") is None
    assert 600 <= aws.clock.now - start < 620


def test_an_allocation_that_never_ends_runs_out_of_time_and_the_others_are_done() -> None:
    aws = new_aws("f", "g")
    both = config_of(ion("f", 2, LATEST), ion("g", 0, LATEST))
    aws.plane = aws.plane.copy(timing=Timing(allocation=HOURS))

    _, applied = carried_out(aws, both)

    assert isinstance(outcome(applied, AwaitReady), Failed)
    assert all(isinstance(each, Done) for _, each in applied.results[1].outcomes)


@pytest.mark.parametrize("now", [1.0, 4e9, 2e11])
def test_a_wait_ends_at_its_timeout_whatever_the_clock_counts_from(now: float) -> None:
    aws = new_aws("f", clock=Clock(now), timing=Timing(allocation=HOURS))

    _, applied = carried_out(aws, ONE, options=ApplyOptions(timeout=30.0))

    assert isinstance(outcome(applied, AwaitReady), Failed)
    assert 30 <= aws.clock.now - now < 60


def test_queueing_for_quota_does_not_count_towards_the_timeout() -> None:
    names = [f"f{number:03}" for number in range(300)]
    aws = new_aws(*names, concurrency_limit=10_000)
    config = config_of(*(ion(name, 1, LATEST) for name in names))

    _, applied = carried_out(aws, config, options=ApplyOptions(timeout=95.0))

    assert all(isinstance(each, Done) for result in applied.results for _, each in result.outcomes)


def test_waiting_for_another_ion_does_not_count_towards_the_timeout() -> None:
    aws = new_aws("f", timing=Timing(allocation=90.0))
    reserved_swap(aws)
    config = config_of(ion("f", 3, Pinned("2")), ion("f", 2, Pinned("1"), alias="next"))
    aws.always = only("GetProvisionedConcurrencyConfig", _broken_for_a_while(aws, 400.0))

    _, applied = carried_out(aws, config, options=ApplyOptions(timeout=700.0))

    assert all(isinstance(each, Done) for result in applied.results for _, each in result.outcomes), applied


def _broken_for_a_while(aws: Aws, seconds: float) -> Any:  # noqa: ANN401 - a fault of the simulation
    start = aws.clock.now

    def sometimes(aws: Aws, operation: str, params: Mapping[str, Any]) -> None:
        if 60 < aws.clock.now - start < seconds:
            broken(aws, operation, params)

    return sometimes


def test_a_look_that_aws_does_not_answer_is_made_again_until_the_timeout() -> None:
    aws = new_aws("f")
    aws.always = only("GetProvisionedConcurrencyConfig", _broken_for_a_while(aws, 300.0))

    _, applied = carried_out(aws, ONE)

    assert all(isinstance(each, Done) for _, each in applied.results[0].outcomes)
    assert aws.clock.now >= 1_000_300


def test_a_throttled_write_gives_up_a_timeout_after_it_was_first_throttled_however_long_it_had_queued() -> None:
    names = [f"f{number:03}" for number in range(200)]
    aws = new_aws(*names, concurrency_limit=10_000)
    throttle_once = {"CreateAlias"}

    def throttled_once(_: Aws, operation: str, __: Mapping[str, Any]) -> None:
        if operation in throttle_once and aws.writes().count(operation) == 150:
            throttle_once.remove(operation)
            raise client_error(operation, 429, "TooManyRequestsException", {"message": "Rate exceeded"})

    aws.always = throttled_once
    config = config_of(*(ion(name, 0, LATEST) for name in names))

    _, applied = carried_out(aws, config, options=ApplyOptions(timeout=5.0))

    assert not throttle_once, "one creation was throttled, after it had queued for longer than the timeout"
    assert all(isinstance(each, Done) for result in applied.results for _, each in result.outcomes)


# ---------------------------------------------------------------- --no-wait


def test_no_wait_leaves_out_the_waits_that_no_write_comes_after_and_calls_that_no_error() -> None:
    aws = Scene("", deployed, BOTH).fresh()

    _, applied = carried_out(aws, BOTH, options=ApplyOptions(wait=False))

    settled, ready = outcome(applied, AwaitSettled, 1), outcome(applied, AwaitReady, 1)
    assert isinstance(settled, Done), "a put comes after it"
    assert ready == NotAttempted("not waited for (--no-wait)", failed_before=False)
    assert isinstance(outcome(applied, AwaitSettled, 0), NotAttempted), "nothing comes after it"
    assert isinstance(plan_of(aws, BOTH).plan.ions[1].verdict, Settling)


def test_no_wait_still_waits_where_a_write_of_another_ion_comes_after() -> None:
    """`next` may have version 1 only once `live` has left it."""
    aws = new_aws("f", "g")
    warm(aws, "f", 2)
    aws.deploy("f", Timeout=99)
    aws.do("PublishVersion", FunctionName="f")
    aws.do("CreateAlias", FunctionName="f", Name="next", FunctionVersion="1")
    config = config_of(ion("f", 2, Pinned("2")), ion("f", 1, Pinned("1"), alias="next"))

    plan, applied = carried_out(aws, config, options=ApplyOptions(wait=False))

    assert plan.precedence
    provisioned = aws.provisioned("f", "next")
    assert provisioned is not None, applied
    assert provisioned["RequestedProvisionedConcurrentExecutions"] == 1
    assert not aws.refused[-1:] or aws.refused[-1][0].startswith("Get")


def test_no_wait_does_not_wait_for_what_is_only_settling() -> None:
    aws = new_aws("f")
    carried_out(aws, ONE, options=ApplyOptions(wait=False))
    start = aws.clock.now

    _, applied = carried_out(aws, ONE, options=ApplyOptions(wait=False))

    assert aws.clock.now - start < 1
    assert applied.results[0].problem is None
    assert all(isinstance(each, NotAttempted) for _, each in applied.results[0].outcomes)


# ---------------------------------------------------------------- what ends a wait


def test_waits_that_ask_for_a_version_do_so_the_slow_way_where_get_function_is_denied() -> None:
    aws = new_aws("f", timing=Timing(update=20.0, pending=20.0))
    aws.deploy("f", Timeout=99)

    def denied(_: Aws, operation: str, __: Mapping[str, Any]) -> None:
        if operation == "GetFunction":
            raise client_error(operation, 403, "AccessDeniedException", {"Message": "not authorized"})

    aws.always = denied

    _, applied = carried_out(aws, ONE)

    assert all(isinstance(each, Done) for _, each in applied.results[0].outcomes), applied
    assert isinstance(plan_of(aws, ONE).plan.ions[0].verdict, InSync)


def test_latest_that_ends_in_other_content_than_planned_is_not_published() -> None:
    scene = Scene("", both_warm, ONE, timing=Timing(update=30.0))
    aws = scene.fresh()
    aws.deploy("f", Timeout=99)

    def deployed_again(aws: Aws, _: str, __: Mapping[str, Any]) -> None:
        aws.clock.now += 40
        aws.deploy("f", Timeout=100)

    aws.faults = {8: deployed_again}
    _, applied = carried_out(aws, ONE)

    assert "$LATEST changed since it was planned: Timeout 99 -> 100" in str(applied)
    assert aws.versions("f") == ["1"]


def test_a_failed_init_names_the_log_group_and_the_version_to_pin_and_the_alias_is_stuck_then() -> None:
    aws = new_aws("f")
    stuck_by_us = config_of(ion("f", 2, LATEST))
    warm(aws, "f", 2)
    aws.deploy("f", Environment={"Variables": {"SANDBOX_INIT_FAILS": "1"}})

    _, applied = carried_out(aws, stuck_by_us)

    failed = outcome(applied, AwaitSettled)
    assert isinstance(failed, Failed)
    assert failed.code == "FUNCTION_ERROR_INIT_FAILURE"
    assert "all calls stay on version 1" in failed.message
    assert "/aws/lambda/f" in (failed.hint or "")
    assert "pin `version: 1`" in (failed.hint or "")
    assert "the init of version 2 fails" in str(plan_of(aws, stuck_by_us).plan.ions[0].verdict)


def test_ions_that_wait_for_each_other_in_vain_are_ended_with_words() -> None:
    aws = new_aws("f")
    ended: list[str] = []

    async def waiting(name: str) -> None:
        try:
            await WaitFor(lambda: bool(ended), f"f:{name}")
        except StepFailed as error:
            ended.append(error.message)

    keys = [Key("", "", "f", name) for name in ("a", "b")]
    coroutines = {key: waiting(key.alias) for key in keys}
    run_all(aws.dispatcher(AccountRegion("", "")), coroutines, cancel=CancelToken(), on_wait=lambda *_: None)

    assert ended == ["waits in vain for f:a"], "the first is ended, which lets the second go on"


def test_a_repair_whose_answers_are_lost_is_looked_after_and_ends_well() -> None:
    aws = Scene("", stuck, BOTH).fresh()
    once = {"DeleteProvisionedConcurrencyConfig", "UpdateAlias", "PutProvisionedConcurrencyConfig", "PublishVersion"}

    def each_lost_once(aws: Aws, operation: str, params: Mapping[str, Any]) -> None:
        if operation in once:
            once.remove(operation)
            lost(aws, operation, params)

    aws.always = each_lost_once
    _, applied = carried_out(aws, BOTH)

    assert not once
    assert all(isinstance(each, Done) for result in applied.results for _, each in result.outcomes)
    assert aws.versions("f") == ["1", "2", "3"]


def test_what_nobody_asked_for_is_not_touched() -> None:
    aws = Scene("", nothing, ONE).fresh()

    carried_out(aws, ONE)

    assert aws.versions("g") == []
