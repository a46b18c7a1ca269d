"""The digest: what makes another plan of it, and what must not."""

from dataclasses import replace
from typing import Any

import pytest
from decide_cases import inputs, plan_of

from reconciler.decide.identity import digest, write_identities
from reconciler.decide.plan import decide
from reconciler.model.observed import Observed, Provisioned
from reconciler.model.plan import Change, IonPlan, Pending, Plan

CASE: dict[str, Any] = {
    "file": {"f": 5, "g": 0, "h": 1},
    "observed": {"f": {"latest": {"code": "b"}, "pc": 2}, "g": {"pc": 3}, "h": {"version": None}},
}


def with_f(**seen: object) -> dict[str, Any]:
    """The case, with something else observed of `f`."""
    return {**CASE, "observed": {**CASE["observed"], "f": {**CASE["observed"]["f"], **seen}}}


def with_file(**asked: object) -> dict[str, Any]:
    return {**CASE, "file": {**CASE["file"], **asked}}


def test_the_digest_is_of_the_sorted_identities() -> None:
    plan = plan_of(CASE)
    identities = write_identities(plan.ions)
    assert plan.digest == digest(reversed(identities))
    assert plan.digest.startswith("sha256:")
    assert len(plan.digest) == len("sha256:") + 64
    assert len(identities) == 7


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(with_f(pc={"ready": 2, "available": 1}), id="available"),
        pytest.param({**CASE, "account": {"unreserved": 500}}, id="what the account has left"),
        pytest.param({**CASE, "prices": {"us-east-1": {"x86_64": 1.0, "arm64": 1.0}}}, id="prices"),
        pytest.param({**CASE, "limits": {"concurrency": 1}}, id="refusals"),
        pytest.param({**CASE, "file": dict(reversed(CASE["file"].items()))}, id="order of the file"),
        pytest.param(with_f(latest={"code": "b", "Timeout": "90"}), id="why it differs: the RevisionId tells that"),
        pytest.param(
            {**CASE, "file": {**CASE["file"], "z": 2}, "observed": {**CASE["observed"], "z": {"pc": 2}}}, id="sync"
        ),
    ],
)
def test_what_changes_no_write_changes_no_digest(other: dict[str, Any]) -> None:
    assert plan_of(other).digest == plan_of(CASE).digest


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(with_f(version="6"), id="the version that it starts from"),
        pytest.param(with_f(pc=1), id="the number that it starts from"),
        pytest.param(with_f(pc=None), id="none to start from"),
        pytest.param(with_f(latest={"code": "c"}), id="the code to be published"),
        pytest.param(with_f(latest={"code": "b", "revision": "r2"}), id="$LATEST changed or settled"),
        pytest.param(with_file(f=6), id="the number asked for"),
        pytest.param(with_file(g=1), id="a lowering in place of a removal"),
        pytest.param(with_file(f={"concurrency": 5, "region": "eu-west-1"}), id="the region"),
        pytest.param(with_file(f={"concurrency": 5, "account": "999999999999"}), id="the account"),
        pytest.param({**CASE, "file": {"f": 5, "g": 0}}, id="an ion less"),
    ],
)
def test_another_write_or_another_start_is_another_digest(other: dict[str, Any]) -> None:
    assert plan_of(other).digest != plan_of(CASE).digest


def test_the_function_and_the_alias_are_part_of_it() -> None:
    digests = {plan_of({"file": {name: 1}}).digest for name in ("f", "g", "f:blue")}
    assert len(digests) == 3


def test_the_alias_revision_is_in_no_identity() -> None:
    world, config = inputs(CASE)
    moved = {key: _touched(seen) for key, seen in world.observations.items() if isinstance(seen, Observed)}
    assert moved != dict(world.observations)
    assert decide(replace(world, observations=moved), config).digest == plan_of(CASE).digest


def _touched(seen: Observed) -> Observed:
    if seen.alias is None:
        return seen
    return replace(seen, alias=replace(seen.alias, pointer=replace(seen.alias.pointer, revision_id="touched")))


def test_waits_and_reasons_are_in_no_identity() -> None:
    plan = plan_of(CASE)
    silent = tuple(replace(each, verdict=_silent(each)) for each in plan.ions)
    assert write_identities(silent) == write_identities(plan.ions)
    waiting = plan_of({"file": {"f": 2}, "observed": {"f": {"pc": {"working": 2, "allocated": 1}}}})
    assert write_identities(waiting.ions) == ()


def _silent(each: IonPlan) -> Pending:
    assert isinstance(each.verdict, Pending)
    changes = tuple(Change(change.field, change.before, change.after, "") for change in each.verdict.changes)
    return Pending(changes, tuple(step for step in each.verdict.steps if not type(step).__name__.startswith("Await")))


def test_lambdas_own_weight_is_no_start_and_somebody_elses_is() -> None:
    plan = plan_of(with_f(pc={"working": 2, "allocated": 2}))
    own = _with_weights(plan, 1.0)
    assert write_identities(own) == write_identities(plan.ions)
    assert write_identities(_with_weights(plan, 0.3)) == write_identities(plan.ions), "in transition it is Lambda's"
    at_rest = tuple(replace(each, observed=_at_rest(each)) for each in _with_weights(plan, 0.3))
    assert write_identities(at_rest) != write_identities(plan.ions)


def _with_weights(plan: Plan, weight: float) -> tuple[IonPlan, ...]:
    """The plan, had its aliases this weight on an older version."""
    return tuple(replace(each, observed=_weighted(each, weight)) for each in plan.ions)


def _weighted(each: IonPlan, weight: float) -> Observed:
    seen = each.observed
    assert isinstance(seen, Observed)
    if seen.alias is None or seen.provisioned is None or seen.provisioned.status == "READY":
        return seen
    return replace(seen, alias=replace(seen.alias, pointer=replace(seen.alias.pointer, weights=(("6", weight),))))


def _at_rest(each: IonPlan) -> Observed:
    seen = each.observed
    assert isinstance(seen, Observed)
    number = seen.provisioned.requested if seen.provisioned else 0
    return replace(seen, provisioned=Provisioned(number, number, number, "READY") if number else None)


def test_a_publish_that_several_ions_share_is_one_write() -> None:
    both = plan_of(
        {
            "file": {"f": None, "f:cold": None},
            "observed": {"f": {"latest": {"code": "b"}}, "f:cold": {"latest": {"code": "b"}}},
        }
    )
    lines = write_identities(both.ions)
    assert len(lines) == 3
    assert sum('"op":"publish_version"' in line for line in lines) == 1


def test_environment_values_reach_no_identity() -> None:
    seen = {"latest": {"environment": {"PASSWORD": "hunter2"}}, "pc": 2}
    plan = plan_of({"file": {"f": 2}, "observed": {"f": seen}})
    assert write_identities(plan.ions)
    assert "hunter2" not in "".join(write_identities(plan.ions))
    assert "PASSWORD" not in "".join(write_identities(plan.ions))


def test_a_plan_that_was_applied_in_part_is_not_finished_by_its_file() -> None:
    before = set(write_identities(plan_of(CASE).ions))
    published = set(write_identities(plan_of(with_f(latest={"code": "b", "revision": "after the publish"})).ions))
    assert not published <= before


def test_what_is_left_of_a_plan_that_an_ion_finished_is_a_subset() -> None:
    before = set(write_identities(plan_of(CASE).ions))
    rest = {**CASE, "observed": {**CASE["observed"], "g": {}}}
    assert set(write_identities(plan_of(rest).ions)) < before


CALLED: dict[str, Any] = {
    "file": {"f": {"concurrency": 2, "permissions": "mirror", "event_sources": "alias"}},
    "observed": {
        "f": {
            "pc": 2,
            "bare": {"s3": "s3.amazonaws.com arn:aws:s3:::a"},
            "allowed": {},
            "mappings": {"jobs": "f"},
            "async": [{"retries": 0}, None],
        }
    },
}


def called(**seen: object) -> tuple[str, ...]:
    return write_identities(plan_of({**CALLED, "observed": {"f": {**CALLED["observed"]["f"], **seen}}}).ions)


@pytest.mark.parametrize(
    "seen",
    [
        {"bare": {"other": "s3.amazonaws.com arn:aws:s3:::a"}},
        {"bare": {"s3": "s3.amazonaws.com arn:aws:s3:::b"}},
        {"bare": {"s3": "sns.amazonaws.com arn:aws:s3:::a"}},
        {"async": [{"retries": 1}, None]},
        {"async": [None, None]},
        {"mappings": {"mail": "f"}},
        {"mappings": {"jobs": "f:$LATEST"}},
    ],
    ids=str,
)
def test_which_statement_settings_and_mapping_and_where_from_are_part_of_it(seen: dict[str, object]) -> None:
    assert len(called()) == 3
    assert called(**seen) != called()


def test_what_brings_callers_is_the_same_write_whichever_version_the_alias_is_on() -> None:
    """So that a plan which was partly applied is finished by its file."""
    assert called(version="6", pc=2) == called()
    assert set(called(allowed={"s3": "s3.amazonaws.com arn:aws:s3:::a"})) < set(called())
