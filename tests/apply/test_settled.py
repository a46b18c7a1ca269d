"""When an alias counts as settled, look by look, whatever AWS shows right after a move."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scenes import BOTH, LATEST, Scene, both_warm, deployed
from simulation import Aws, Clock, carried_out, client_error, config_of, ion, new_aws, plan_of

from reconciler.apply import CancelToken
from reconciler.apply.awaitables import StepFailed
from reconciler.apply.loop import run_all
from reconciler.apply.state import Run, begin
from reconciler.apply.waits import settled
from reconciler.model.observed import AccountRegion, AliasPointer, Observed, Provisioned
from reconciler.model.outcome import Done

ONE = config_of(ion("f", 2, LATEST))
READY, BUSY, FAILED = (Provisioned(2, 2, 2, status, None) for status in ("READY", "IN_PROGRESS", "FAILED"))
FREE = AliasPointer("1", (), "r")
LAMBDAS = AliasPointer("1", (("0", 1.0),), "r")
SOMEBODYS = AliasPointer("1", (("2", 0.1),), "r")
MOVED = AliasPointer("3", (), "r")
Shown = tuple[float, Provisioned | None, AliasPointer | None]


@dataclass
class Scripted:
    """A Reader that shows, from each moment on, this number and this pointer."""

    clock: Clock
    script: tuple[Shown, ...]

    def _now(self) -> Shown:
        return [shown for shown in self.script if shown[0] <= self.clock.now - 1_000.0][-1]

    def provisioned(self, _: str, __: str) -> Provisioned | None:
        return self._now()[1]

    def alias(self, _: str, __: str) -> AliasPointer | None:
        return self._now()[2]


def _seconds(*script: Shown, left: str | None = None) -> float:
    """How long it takes until `settled` is content."""
    aws = Scene("", both_warm, ONE).fresh()
    plan = plan_of(aws, ONE).plan.ions[0]
    clock = Clock(1_000.0)
    ends: list[float] = []

    async def coroutine() -> None:
        reader: Any = Scripted(clock, script)
        state = begin(
            plan,
            cast("Observed", plan.observed),
            connection=cast("Any", SimpleNamespace(reader=reader)),
            run=Run(clock, 900.0, CancelToken().guarded, clock),
        )
        state.pointer, state.left = FREE, left
        await settled(state)
        ends.append(clock.now - 1_000.0)

    dispatcher = Aws(clock, aws.plane).dispatcher(AccountRegion("", ""))
    run_all(dispatcher, {plan.key: coroutine()}, cancel=CancelToken(), on_wait=lambda *_: None)
    return ends[0]


def test_without_provisioned_concurrency_one_look_is_enough() -> None:
    assert _seconds((0.0, None, FREE)) <= 2


def test_a_transition_that_was_never_seen_takes_two_looks_some_seconds_apart() -> None:
    assert 5 <= _seconds((0.0, READY, FREE)) < 10


def test_a_transition_that_shows_late_is_not_missed() -> None:
    assert _seconds((0.0, READY, FREE), (4.0, BUSY, FREE), (90.0, READY, FREE)) >= 90


def test_weights_that_show_late_or_last_longer_than_the_allocation_are_waited_for() -> None:
    assert _seconds((0.0, READY, FREE), (4.0, READY, LAMBDAS), (60.0, READY, FREE)) >= 60
    assert _seconds((0.0, BUSY, FREE), (30.0, READY, LAMBDAS), (60.0, READY, FREE)) >= 60


def test_any_weight_on_the_version_that_our_own_move_left_is_lambdas() -> None:
    shrinking = AliasPointer("1", (("0", 0.4),), "r")
    script = (0.0, BUSY, LAMBDAS), (30.0, READY, shrinking), (40.0, READY, FREE)
    assert _seconds(*script, left="0") >= 40
    with pytest.raises(StepFailed, match="somebody put weights"):
        _seconds(*script, left="2")


def test_the_end_of_a_transition_that_was_seen_is_proof_at_once() -> None:
    assert 90 <= _seconds((0.0, BUSY, LAMBDAS), (90.0, READY, FREE)) < 90 + 15


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        ((READY, MOVED), "was moved to 3"),
        ((READY, None), "is gone"),
        ((READY, SOMEBODYS), "somebody put weights"),
        ((None, LAMBDAS), "was removed while the alias moved"),
        ((FAILED, LAMBDAS), "its init fails"),
    ],
)
def test_what_will_not_settle_by_itself_ends_the_wait_with_words(
    shown: tuple[Provisioned | None, AliasPointer | None], words: str
) -> None:
    with pytest.raises(StepFailed, match=words):
        _seconds((0.0, BUSY, FREE), (20.0, *shown))


@pytest.mark.parametrize("operation", ["UpdateAlias", "PutProvisionedConcurrencyConfig"])
def test_a_write_that_meets_weights_nobody_could_see_waits_them_out_and_is_made_once_more(operation: str) -> None:
    aws = Scene("", deployed, BOTH).fresh()
    met: list[str] = []

    def weights_once(_: Aws, called: str, params: Mapping[str, Any]) -> None:
        if called == operation and params["FunctionName"] == "g" and not met:
            met.append(called)
            words = "Alias with weights can not be used with Provisioned Concurrency"
            raise client_error(called, 400, "InvalidParameterValueException", {"message": words})

    clean = Scene("", deployed, BOTH).fresh()
    carried_out(clean, BOTH)
    aws.always = weights_once

    _, applied = carried_out(aws, BOTH)

    assert met
    looks = [sum(called == "GetAlias" for called, _ in each.calls) for each in (clean, aws)]
    assert looks[1] > looks[0], "it looked whether they are gone"
    assert all(isinstance(each, Done) for result in applied.results for _, each in result.outcomes), applied


def test_a_publish_that_changes_nothing_gives_an_older_number_and_the_alias_goes_there() -> None:
    """The last version is what `$LATEST` is; the alias was left on the one before."""
    aws = new_aws("f")
    both = config_of(ion("f", 2, LATEST))
    aws.do("PublishVersion", FunctionName="f")
    aws.do("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")
    aws.deploy("f", Timeout=99)
    aws.do("PublishVersion", FunctionName="f")

    carried_out(aws, both)

    assert aws.versions("f") == ["1", "2"]
    assert (aws.alias("f", "live") or {})["FunctionVersion"] == "2"
