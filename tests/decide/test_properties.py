"""What holds of every decision, whatever the file asks and whatever AWS says."""

import random
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from decide_worlds import (
    CONFIG,
    DESIRED,
    NEWEST,
    OBSERVATIONS,
    Account,
    carried_out,
    crowded,
    ion,
    observed,
    weighted,
    worlds,
)
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from reconciler.decide.diff import needs, plan_ion
from reconciler.decide.functions import by_function
from reconciler.decide.plan import decide
from reconciler.decide.routing import Owner, in_transition, is_stuck, weights_owner
from reconciler.model.desired import Desired
from reconciler.model.observed import Observation, Observed, Provisioned, Snapshot
from reconciler.model.plan import InSync, Pending, Plan, Settling, StepRef
from reconciler.model.steps import (
    AwaitActive,
    AwaitReady,
    AwaitSettled,
    AwaitUpdated,
    CreateAlias,
    MoveAlias,
    NewVersion,
    PublishVersion,
    RemoveProvisioned,
    SetProvisioned,
    Step,
    Wait,
    Write,
)

pytestmark = pytest.mark.exhaustive

LETTERS: dict[type[Step], str] = {
    AwaitUpdated: "u",
    PublishVersion: "P",
    AwaitActive: "a",
    AwaitSettled: "s",
    RemoveProvisioned: "R",
    CreateAlias: "C",
    MoveAlias: "M",
    SetProvisioned: "S",
    AwaitReady: "r",
}
AWS_ORDER = re.compile("(u?Pa|a)?s?R?(C|Ms?)?S?r?")


def spelled(steps: tuple[Step, ...]) -> str:
    return "".join(LETTERS[type(step)] for step in steps)


@given(DESIRED, OBSERVATIONS)
@settings(max_examples=150, deadline=None)
def test_steps_are_always_in_aws_order(desired: Desired, seen: Observation) -> None:
    steps = plan_ion(ion("f", "live", desired), seen).steps
    assert AWS_ORDER.fullmatch(spelled(steps)), steps


@given(DESIRED, OBSERVATIONS)
@settings(max_examples=150, deadline=None)
def test_what_is_pending_writes_and_what_settles_only_waits(desired: Desired, seen: Observation) -> None:
    decided = plan_ion(ion("f", "live", desired), seen).verdict
    event(type(decided).__name__)
    if isinstance(decided, Pending):
        assert decided.changes
        assert any(isinstance(step, Write) for step in decided.steps)
        assert len({change.field for change in decided.changes}) == len(decided.changes)
    if isinstance(decided, Settling):
        assert decided.steps
        assert all(isinstance(step, Wait) for step in decided.steps)


@given(DESIRED, weighted(1.0))
@settings(max_examples=150, deadline=None)
def test_no_number_is_put_while_weights_are_on_the_alias(desired: Desired, seen: Observed) -> None:
    steps = plan_ion(ion("f", "live", desired), seen).steps
    for index, step in enumerate(steps):
        if isinstance(step, SetProvisioned):
            before = steps[:index]
            assert AwaitSettled() in before or any(
                isinstance(each, MoveAlias) and each.clear_weights for each in before
            )


@given(DESIRED, observed())
@settings(max_examples=150, deadline=None)
def test_a_number_is_put_on_a_moved_alias_only_once_it_settled(desired: Desired, seen: Observed) -> None:
    steps = plan_ion(ion("f", "live", desired), seen).steps
    if seen.provisioned is not None and RemoveProvisioned() not in steps:
        for step, after in pairwise((*steps, None)):
            assert after == AwaitSettled() or not isinstance(step, MoveAlias)


@given(DESIRED, weighted(1.0), st.integers(1, 4))
@settings(max_examples=150, deadline=None)
def test_a_stuck_alias_is_never_waited_for_and_left_back_to_back(desired: Desired, seen: Observed, units: int) -> None:
    seen = replace(seen, provisioned=Provisioned(units, 0, 0, "FAILED"))
    steps = plan_ion(ion("f", "live", desired), seen).steps
    assert is_stuck(seen)
    assert AwaitSettled() not in steps
    if steps:
        after = steps[steps.index(RemoveProvisioned()) + 1]
        assert isinstance(after, MoveAlias)
        assert after.clear_weights


@given(DESIRED, weighted(0.1))
@settings(max_examples=150, deadline=None)
def test_nothing_is_written_under_weights_of_somebody_else(desired: Desired, seen: Observed) -> None:
    assert weights_owner(seen) is Owner.SOMEBODY or in_transition(seen)
    if in_transition(seen):
        return
    assert not any(isinstance(step, Write) for step in plan_ion(ion("f", "live", desired), seen).steps)


@given(DESIRED, observed(reachable=True))
@settings(max_examples=400, deadline=None)
def test_once_carried_out_and_at_rest_an_ion_is_in_sync(desired: Desired, seen: Observed) -> None:
    live = ion("f", "live", desired)
    decided = plan_ion(live, seen)
    assume(isinstance(decided.verdict, Pending | Settling | InSync))
    assert seen.latest is not None
    rested = replace(seen, latest=replace(seen.latest, state="Active", update_status="Successful"))

    later = plan_ion(live, carried_out(rested, decided.steps)).verdict

    assert isinstance(later, InSync), (decided, later)


@given(DESIRED, observed())
@settings(max_examples=150, deadline=None)
def test_whoever_raises_has_everything_read_that_a_raise_is_judged_by(desired: Desired, seen: Observed) -> None:
    live = ion("f", "live", desired)
    if plan_ion(live, seen).units_added > 0:
        need = needs(live, seen)
        assert need.account
        assert need.siblings == (seen.latest is not None and seen.latest.reserved is not None)


@given(worlds(), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_the_order_of_the_ions_changes_nothing(world: Snapshot, rng: random.Random) -> None:
    shuffled = list(world.ions)
    rng.shuffle(shuffled)
    assert decide(replace(world, ions=tuple(shuffled)), CONFIG) == decide(world, CONFIG)


@given(worlds())
@settings(max_examples=100, deadline=None)
def test_every_rule_of_order_is_about_steps_that_are_there(world: Snapshot) -> None:
    plan = decide(world, CONFIG)
    steps = {each.key: each.steps for each in plan.ions}
    for rule in plan.precedence:
        assert rule.earlier.key != rule.later.key
        assert isinstance(
            steps[rule.earlier.key][rule.earlier.index], RemoveProvisioned | SetProvisioned | AwaitSettled
        )
        assert isinstance(steps[rule.later.key][rule.later.index], SetProvisioned | MoveAlias)


@given(crowded(), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_in_whatever_pace_the_ions_go_on_aws_refuses_none_of_their_steps(world: Snapshot, rng: random.Random) -> None:
    plan = decide(world, CONFIG)
    event(f"rules: {len(plan.precedence)}")
    assume(not any(refusal.code == "over-account" for refusal in plan.refusals))
    account = Account(world, publishes=rng.choice(["3", NEWEST]))
    assume(not _comes_onto_a_carried_version_unknown_to_the_plan(plan, account.publishes))
    steps = {each.key: each.steps for each in plan.ions}
    done: set[StepRef] = set()
    left = {key: StepRef(key, 0) for key in steps}
    while left := {key: ref for key, ref in left.items() if ref.index < len(steps[key])}:
        ready = [key for key, ref in left.items() if not _is_held(plan, ref, done)]
        assert ready, "the ions wait for each other"
        key = rng.choice(ready)
        account.does(key, steps[key][left[key].index])
        done.add(left[key])
        left[key] = StepRef(key, left[key].index + 1)


def _is_held(plan: Plan, step: StepRef, done: set[StepRef]) -> bool:
    return any(rule.earlier not in done for rule in plan.precedence if rule.later == step)


def _comes_onto_a_carried_version_unknown_to_the_plan(plan: Plan, published: str) -> bool:
    """Only AWS knows whether publishing gives an old version again; that one it has to refuse itself."""
    afterwards = [function.carries_after(each) for function in by_function(plan.ions) for each in function.ions]
    return NewVersion() in afterwards and published in afterwards
