"""A stuck alias is repaired by somebody who may finish it, at once, and what callers reach meanwhile is told truly."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from scenes import REPAIR
from simulation import Aws, carried_out, client_error, lost

from reconciler.apply import ApplyOptions, CancelToken
from reconciler.apply.repair import NO_REVISION
from reconciler.model.outcome import Applied, Failed

REMOVAL = "DeleteProvisionedConcurrencyConfig"


def denied(called: str) -> Exception:
    return client_error(called, 403, "AccessDeniedException", {"message": "not authorized"})


def stale(called: str) -> Exception:
    return client_error(called, 412, "PreconditionFailedException", {"message": "The Revision Id provided does not"})


def broken(called: str) -> Exception:
    return client_error(called, 503, "ServiceUnavailableException", {"message": "busy"})


def failed(applied: Applied) -> Failed:
    return next(each for result in applied.results for _, each in result.outcomes if isinstance(each, Failed))


def is_real_move(called: str, params: Mapping[str, Any]) -> bool:
    return called == "UpdateAlias" and params["FunctionName"] == "f" and params["RevisionId"] != NO_REVISION


def test_who_may_not_move_the_alias_does_not_remove_its_provisioned_concurrency_either() -> None:
    aws = REPAIR.fresh()

    def no_moves(_: Aws, called: str, params: Mapping[str, Any]) -> None:
        if called == "UpdateAlias" and params["FunctionName"] == "f":
            raise denied(called)

    aws.always = no_moves
    _, applied = carried_out(aws, REPAIR.config)

    assert REMOVAL not in aws.writes()
    assert failed(applied).code == "AccessDeniedException"
    assert aws.traffic("f") == {"1": 1.0}


def test_the_proof_of_the_permission_changes_nothing() -> None:
    aws = REPAIR.fresh()
    seen: list[object] = []

    def around(aws: Aws, called: str, params: Mapping[str, Any]) -> None:
        if called == REMOVAL or params.get("RevisionId") == NO_REVISION:
            seen.append(aws.alias("f", "live"))

    aws.always = around
    carried_out(aws, REPAIR.config)

    assert len(seen) == 2
    assert seen[0] == seen[1]


@pytest.mark.parametrize("lag", [0.0, 3.0])
@pytest.mark.parametrize("fault", [denied, stale, broken])
def test_a_move_that_fails_after_the_removal_says_in_its_first_words_what_callers_reach(
    fault: Callable[[str], Exception], lag: float
) -> None:
    aws = REPAIR.fresh()
    aws.lag = lag

    def no_real_moves(_: Aws, called: str, params: Mapping[str, Any]) -> None:
        if is_real_move(called, params):
            raise fault(called)

    aws.always = no_real_moves
    _, applied = carried_out(aws, REPAIR.config)

    assert aws.traffic("f") == {"2": 1.0}
    assert failed(applied).message.startswith("callers now reach version 2, whose init fails")
    assert "update-alias" in (failed(applied).hint or "")
    after = applied.results[0].after
    assert after is not None
    assert after.alias is not None
    assert (after.alias.pointer.version, after.alias.pointer.weights) == ("2", ())
    assert after.provisioned is None


def test_an_alias_that_can_not_be_read_either_is_not_told_as_it_was() -> None:
    aws = REPAIR.fresh()
    removed: list[str] = []

    def nothing_after(_: Aws, called: str, params: Mapping[str, Any]) -> None:
        if removed and params.get("FunctionName") == "f":
            raise broken(called)
        if called == REMOVAL:
            removed.append(called)

    aws.always = nothing_after
    _, applied = carried_out(aws, REPAIR.config, options=ApplyOptions(timeout=120.0))

    assert failed(applied).message.startswith("callers may reach version 2")
    assert applied.results[0].after is None


@pytest.mark.parametrize("lag", [0.0, 3.0])
@pytest.mark.parametrize("operation", [REMOVAL, "UpdateAlias"])
def test_an_answer_lost_between_the_two_writes_costs_callers_no_second(operation: str, lag: float) -> None:
    aws = REPAIR.fresh()
    aws.lag = lag
    left = [operation]
    exposed: list[float] = []

    def lost_once(aws: Aws, called: str, params: Mapping[str, Any]) -> None:
        if called in left and (called == REMOVAL or is_real_move(called, params)):
            left.remove(called)
            lost(aws, called, params)

    def on_wait(aws: Aws) -> None:
        if aws.traffic("f").get("2"):
            exposed.append(aws.clock.now)

    aws.always, aws.seen = lost_once, on_wait
    _, applied = carried_out(aws, REPAIR.config)

    assert not left
    assert not exposed or max(exposed) - min(exposed) <= 0.5, exposed
    assert not [each for result in applied.results for _, each in result.outcomes if isinstance(each, Failed)]


def test_who_wants_to_leave_at_once_leaves_when_the_repair_has_ended() -> None:
    aws, cancel = REPAIR.fresh(), CancelToken()
    traffic: list[dict[str, float]] = []

    def twice(aws: Aws, called: str, _: Mapping[str, Any]) -> None:
        if called == REMOVAL:
            cancel.request()
            cancel.leave(lambda: traffic.append(aws.traffic("f")))
            assert traffic == []

    aws.always = twice
    carried_out(aws, REPAIR.config, cancel=cancel)

    assert traffic == [{"3": 1.0}]
