"""Generated worlds, generated wishes: the law and the safety rules hold in all of them.

A world is what a random run of AWS calls leaves (those that AWS refuses leave nothing), a wish is any file about it.
The law: apply, and the next plan is empty, or blocked with words; a second apply writes nothing. What was blocked may
be free then, since what it waited for is there (a pinned version, say): one more apply for each such ion.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from scenes import assert_truthful, warm
from simulation import Aws, carried_out, config_of, ion, new_aws, plan_of

from reconciler.model.desired import Config, Desired, FollowLatest, Pinned, Unmanaged
from reconciler.model.outcome import Applied, Failed, IonResult, NotAttempted
from reconciler.model.plan import Blocked, InSync, IonPlan, Pending, Plan
from reconciler.model.steps import PublishVersion, RemoveProvisioned
from reconciler.sandbox.control_plane import ApiError, Behaviour, Clearing, Removal, Timing

pytestmark = pytest.mark.exhaustive

FUNCTIONS = ("f", "g", "h")
ALIASES = ("live", "next")
TRIED: list[object] = []
INIT_FAILED = "FUNCTION_ERROR_INIT_FAILURE"

Act = Callable[[Aws], None]


@dataclass(frozen=True)
class Call:
    """One AWS call, or time that passes."""

    operation: str
    params: tuple[tuple[str, object], ...]

    def __call__(self, aws: Aws) -> None:
        params = dict(self.params)
        match self.operation:
            case "wait":
                aws.clock.now += float(str(params["seconds"]))
            case "scale":
                aws.scale(
                    str(params["function"]), str(params["alias"]), int(str(params["low"])), int(str(params["high"]))
                )
            case _:
                aws.do(self.operation, **params)


def call(operation: str, **params: st.SearchStrategy[object]) -> st.SearchStrategy[Call]:
    return st.fixed_dictionaries(params).map(lambda given: Call(operation, tuple(sorted(given.items()))))


functions = st.sampled_from(FUNCTIONS)
aliases = st.sampled_from(ALIASES)
versions = st.sampled_from(("1", "2", "3", "$LATEST"))
numbers = st.sampled_from((1, 2, 3, 5, 20))
weights = st.sampled_from(({}, {"1": 0.1}, {"2": 0.5}))
environments = st.sampled_from(({}, {"SANDBOX_INIT_FAILS": "1"}, {"MENDED": "1"})).map(lambda each: {"Variables": each})
calls = st.one_of(
    call("PublishVersion", FunctionName=functions),
    call("CreateAlias", FunctionName=functions, Name=aliases, FunctionVersion=versions),
    call("UpdateAlias", FunctionName=functions, Name=aliases, FunctionVersion=versions),
    call(
        "UpdateAlias",
        FunctionName=functions,
        Name=aliases,
        RoutingConfig=weights.map(lambda each: {"AdditionalVersionWeights": each}),
    ),
    call(
        "PutProvisionedConcurrencyConfig",
        FunctionName=functions,
        Qualifier=st.one_of(aliases, versions),
        ProvisionedConcurrentExecutions=numbers,
    ),
    call("DeleteProvisionedConcurrencyConfig", FunctionName=functions, Qualifier=aliases),
    call("UpdateFunctionConfiguration", FunctionName=functions, Timeout=st.integers(60, 64)),
    call("UpdateFunctionConfiguration", FunctionName=functions, Environment=environments),
    call("PutFunctionConcurrency", FunctionName=functions, ReservedConcurrentExecutions=numbers),
    call("DeleteAlias", FunctionName=functions, Name=aliases),
    call("wait", seconds=st.sampled_from((1, 30, 100, 1000))),
    call(
        "scale",
        function=functions,
        alias=aliases,
        low=st.integers(0, 2),
        high=st.integers(2, 6),
    ),
)

wishes = st.one_of(st.just(FollowLatest()), st.sampled_from((Pinned("1"), Pinned("2"))), st.just(Unmanaged()))
desireds = st.builds(
    lambda function, alias, version, number: ion(function, number, version, alias=alias),
    functions,
    aliases,
    wishes,
    st.sampled_from((None, 0, 1, 2, 3, 5, 20)),
)


def _one_per_alias(wanted: list[Desired]) -> Config:
    return config_of(*{(each.function, each.alias): each for each in wanted}.values())


configs = st.lists(desireds, min_size=1, max_size=5).map(_one_per_alias)


timings = st.sampled_from((Timing(), Timing(update=20.0), Timing(pending=15.0), Timing(update=5.0, pending=5.0)))
behaviours = st.builds(
    Behaviour,
    clearing_weights=st.sampled_from(Clearing),
    removing_provisioned_under_weights=st.sampled_from(Removal),
    transition_changes_revision=st.booleans(),
    weights_delay=st.sampled_from((0.0, 1.5)),
    weights_linger=st.sampled_from((0.0, 4.0)),
    gradual_weights=st.booleans(),
    identical_update_publishes=st.booleans(),
    moving_failed_restarts=st.booleans(),
    same_number_restarts=st.booleans(),
)


@dataclass(frozen=True)
class World:
    """An account. `warm`: functions whose alias `live` has provisioned concurrency from the start."""

    acts: list[Call]
    limit: int
    warm: frozenset[str]
    timing: Timing
    behaviour: Behaviour

    def made(self) -> Aws:
        aws = new_aws(*FUNCTIONS, concurrency_limit=self.limit, behaviour=self.behaviour, timing=self.timing)
        for function in sorted(self.warm):
            aws.clock.now += 100
            warm(aws, function, 2)
        _act(aws, self.acts)
        return aws


worlds = st.builds(
    World,
    acts=st.lists(calls, max_size=20),
    limit=st.sampled_from((110, 130, 1000)),
    warm=st.frozensets(functions),
    timing=timings,
    behaviour=behaviours,
)


def _act(aws: Aws, acts: list[Call]) -> None:
    for act in acts:
        try:
            act(aws)
        except ApiError:
            continue


@given(worlds, configs)
@settings(derandomize=True, deadline=None, max_examples=1000)
def _the_law_and_the_safety_rules_hold(world: World, config: Config) -> None:
    TRIED.append(world)
    aws = world.made()
    planned = plan_of(aws, config).plan
    assert not aws.writes(), "planning only reads"
    if planned.refusals:
        event(f"refused: {planned.refusals[0].code}")
        assert plan_of(aws, config).plan == planned
        return
    before = {name: len(aws.versions(name)) for name in FUNCTIONS}
    aws.calls.clear()
    aws.done.clear()

    plan, applied = carried_out(aws, config)

    assert_truthful(aws, applied)
    assert aws.puts_on_weights == 0
    for name in FUNCTIONS:
        assert len(aws.versions(name)) - before[name] <= _publishes(plan, applied, name), "a version too many"
    _assert_blocked_ions_were_left_alone(aws, plan, applied)
    _assert_converged(aws, config, applied)


def test_in_every_world_the_next_plan_is_empty_or_blocked_and_the_safety_rules_hold(
    record_property: Callable[[str, object], None],
) -> None:
    TRIED.clear()
    _the_law_and_the_safety_rules_hold()
    record_property("worlds", len(TRIED))


def _publishes(plan: Plan, applied: Applied, function: str) -> int:
    """Once at most, and only where it was planned (at once, or when the ion had settled)."""
    planned = [step for each in plan.ions for step in _steps(each.verdict) if each.key.function == function]
    later = [step for each in applied.results for step, _ in each.outcomes if each.plan.key.function == function]
    return int(any(isinstance(step, PublishVersion) for step in (*planned, *later)))


def _steps(verdict: object) -> tuple[object, ...]:
    return verdict.steps if isinstance(verdict, Pending) else ()


def _assert_blocked_ions_were_left_alone(aws: Aws, plan: Plan, applied: Applied) -> None:
    for each, result in zip(plan.ions, applied.results, strict=True):
        if isinstance(each.verdict, Blocked):
            assert result.outcomes == ()
        if not isinstance(each.verdict, Pending) or RemoveProvisioned() not in each.verdict.steps:
            removed = [
                did.params["Qualifier"]
                for did in aws.done
                if did.operation.startswith("Delete") and did.params["FunctionName"] == each.key.function
            ]
            assert each.key.alias not in removed, "a removal that no plan shows"


def _assert_converged(aws: Aws, config: Config, applied: Applied) -> None:
    after = plan_of(aws, config).plan
    pairs = list(zip(after.ions, applied.results, strict=True))
    failed = {result.plan.key.function for each, result in pairs if _failed(result, each)}
    freed = [each for each, result in pairs if _is_freed(each, result)]
    if freed:
        event("what was blocked is free")
        if not after.refusals:
            _assert_converged(aws, config, carried_out(aws, config)[1])
        return
    for each, result in pairs:
        if each.key.function in failed:
            event("an init failed")
            continue
        assert isinstance(each.verdict, InSync | Blocked), (each.verdict, result)
        event(type(result.plan.verdict).__name__)
        if isinstance(each.verdict, Blocked):
            assert each.verdict.why
    if not failed:
        aws.calls.clear()
        carried_out(aws, config)
        assert not aws.writes(), "a second apply writes nothing"


def _is_freed(after: IonPlan, result: IonResult) -> bool:
    return isinstance(result.plan.verdict, Blocked) and not isinstance(after.verdict, Blocked | InSync)


def _failed(result: IonResult, after: IonPlan) -> bool:
    """Without anybody else at work only an init may fail, or what waits for the ion whose init failed.

    One thing more can't be foreseen: that publishing gives a version that is there, and that has provisioned
    concurrency through another alias. Then AWS says so, and the hint what that means.
    """
    outcomes = [outcome for _, outcome in result.outcomes]
    for outcome in outcomes:
        if isinstance(outcome, Failed) and outcome.code != INIT_FAILED:
            assert outcome.code == "ResourceConflictException", result
            assert "AWS allows one" in (outcome.hint or "")
            assert isinstance(after.verdict, Blocked | Pending)
    return any(isinstance(each, Failed | NotAttempted) for each in outcomes)
