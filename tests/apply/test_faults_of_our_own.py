"""A fault of our own is the trouble of one ion: the others are carried out, and everything is reported."""

from inspect import CORO_CLOSED, getcoroutinestate

import pytest
from scenes import LATEST
from simulation import Aws, bug, carried_out, config_of, ion, new_aws

from reconciler.apply import CancelToken, ion_run, writes
from reconciler.apply.awaitables import Sleep
from reconciler.apply.loop import Loop, run_all
from reconciler.apply.state import State
from reconciler.model.observed import AccountRegion, Key
from reconciler.model.outcome import Done, Failed

BOTH = config_of(ion("f", 2, LATEST), ion("g", 2, LATEST))


def test_what_our_own_code_raises_fails_the_step_and_is_told_by_its_type(monkeypatch: pytest.MonkeyPatch) -> None:
    create = writes.create

    def broken(state: State, number: str) -> object:
        if state.key.function == "f":
            raise ZeroDivisionError("a secret")
        return create(state, number)

    monkeypatch.setattr(ion_run, "create", broken)
    aws = new_aws("f", "g")
    _, applied = carried_out(aws, BOTH)

    [failed] = [each for _, each in applied.results[0].outcomes if isinstance(each, Failed)]
    assert failed.code == "InternalError"
    assert "ZeroDivisionError" in failed.message
    assert "secret" not in str(applied)
    assert all(isinstance(each, Done) for _, each in applied.results[1].outcomes)


def test_a_call_that_our_own_code_trips_over_may_have_happened_and_is_looked_after() -> None:
    aws = new_aws("f", "g")
    left = ["PublishVersion", "CreateAlias", "PutProvisionedConcurrencyConfig"]

    def once(aws: Aws, called: str, _: object) -> None:
        if called in left:
            left.remove(called)
            bug(aws, called, {})

    aws.always = once
    _, applied = carried_out(aws, BOTH)

    assert left == []
    assert all(isinstance(each, Done) for result in applied.results for _, each in result.outcomes)
    assert aws.versions("f") == ["1"]


def test_when_the_loop_itself_breaks_what_was_done_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    turn, turns = Loop._turn, [0]  # noqa: SLF001 - no fault of the loop's own is known

    def breaking(loop: Loop) -> None:
        turns[0] += 1
        if turns[0] == 6:
            raise ZeroDivisionError
        turn(loop)

    monkeypatch.setattr(Loop, "_turn", breaking)
    _, applied = carried_out(new_aws("f", "g"), BOTH)

    outcomes = [each for result in applied.results for _, each in result.outcomes]
    assert any(isinstance(each, Done) for each in outcomes)
    assert any(isinstance(each, Failed) and each.code == "InternalError" for each in outcomes)
    assert len(outcomes) == 10, "each step has an outcome"


def test_a_loop_that_ends_early_closes_every_coroutine_whether_or_not_it_was_started() -> None:
    aws = new_aws("f")
    cleaned_up: list[str] = []

    async def sleeping(name: str) -> None:
        try:
            await Sleep(aws.clock.now + 1, "nothing")
        finally:
            cleaned_up.append(name)

    def breaking(key: Key, _: str | None) -> None:
        if key.alias == "b":
            raise ZeroDivisionError

    coroutines = {Key("", "", "f", name): sleeping(name) for name in "abc"}
    with pytest.raises(ZeroDivisionError):
        run_all(aws.dispatcher(AccountRegion("", "")), coroutines, cancel=CancelToken(), on_wait=breaking)

    assert [getcoroutinestate(each) for each in coroutines.values()] == [CORO_CLOSED] * 3
    assert cleaned_up == ["a", "b"], "the third was never started"
