"""Moving an alias that has provisioned concurrency: Lambda's own weight, what fails meanwhile, and the stuck alias."""

from typing import Any

import pytest
from lambda_world import ALLOCATION, FAILING, INIT_FAILURE, World

from reconciler.sandbox.control_plane import Behaviour, Clearing, Removal

EMPTY: dict[str, dict[str, float]] = {"AdditionalVersionWeights": {}}
INVALID = "Invalid alias configuration for Provisioned Concurrency"
WEIGHTED = "Alias with weights can not be used with Provisioned Concurrency"


def moved(behaviour: Behaviour | None = None) -> World:
    """Alias `a` just moved from 1 to 2; version 3 exists."""
    world = World(behaviour)
    world.warm_alias()
    world.deploy(Timeout=30)
    world.move("2")
    return world


def test_the_answer_of_the_move_shows_no_weight_and_the_next_look_does() -> None:
    world = World()
    world.warm_alias()
    assert "RoutingConfig" not in world.move("2")
    assert world.weights() == {"1": 1.0}
    assert world.provisioned() == ("IN_PROGRESS", 2, 2, 2)


def test_the_weight_goes_when_the_new_version_is_allocated() -> None:
    world = moved()
    world.wait(ALLOCATION - 1)
    assert world.weights() == {"1": 1.0}
    world.wait(1)
    assert world.weights() is None
    assert world.provisioned() == ("READY", 2, 2, 2)
    assert world("GetAlias", Name="a")["FunctionVersion"] == "2"


def test_without_provisioned_concurrency_a_move_is_at_once() -> None:
    world = World()
    world.alias()
    world.move(world.deploy())
    assert world.weights() is None


@pytest.mark.parametrize(
    ("operation", "params", "words"),
    [
        ("PutProvisionedConcurrencyConfig", {"Qualifier": "a", "ProvisionedConcurrentExecutions": 2}, WEIGHTED),
        (
            "UpdateAlias",
            {"Name": "a", "FunctionVersion": "3"},
            "Additional version weight must be less than 100 %",
        ),
        (
            "UpdateAlias",
            {"Name": "a", "FunctionVersion": "1"},
            "Invalid function version 1. Function version 1 is already included in routing configuration.",
        ),
        (
            "UpdateAlias",
            {"Name": "a", "FunctionVersion": "3", "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.5}}},
            INVALID,
        ),
    ],
)
def test_what_fails_in_a_transition(operation: str, params: dict[str, Any], words: str) -> None:
    world = moved()
    assert world.words(operation, **params) == words
    world.wait(ALLOCATION)
    if operation == "PutProvisionedConcurrencyConfig":
        assert world(operation, **params)["Status"] == "READY"


def test_after_the_transition_the_next_move_works() -> None:
    world = moved()
    world.wait(ALLOCATION)
    world.move("3")
    assert world.weights() == {"2": 1.0}


def test_a_failing_init_leaves_the_weight_for_good() -> None:
    world = World()
    world.stuck_alias()
    world.wait(10 * INIT_FAILURE)
    assert world.weights() == {"1": 1.0}
    assert world.provisioned() == ("FAILED", 2, 0, 0)
    assert world.words("UpdateAlias", Name="a", FunctionVersion="3") is not None
    assert world.words("PutProvisionedConcurrencyConfig", Qualifier="a", ProvisionedConcurrentExecutions=1) == WEIGHTED


def test_clearing_weights_may_be_refused() -> None:
    world = World(Behaviour(clearing_weights=Clearing.REFUSED))
    world.stuck_alias()
    assert world.words("UpdateAlias", Name="a", FunctionVersion="3", RoutingConfig=EMPTY) == INVALID
    assert world.weights() == {"1": 1.0}


def test_clearing_weights_may_move_at_once() -> None:
    world = World(Behaviour(clearing_weights=Clearing.CLEARED))
    world.stuck_alias()
    world.move("3", RoutingConfig=EMPTY)
    assert world.weights() is None
    assert world.provisioned()[0] == "IN_PROGRESS"
    world.wait(ALLOCATION)
    assert world.provisioned() == ("READY", 2, 2, 2)


def test_clearing_weights_may_start_a_transition_away_from_the_failing_version() -> None:
    world = World(Behaviour(clearing_weights=Clearing.RESTARTED))
    world.stuck_alias()
    world.move("3", RoutingConfig=EMPTY)
    assert world.weights() == {"2": 1.0}
    world.wait(ALLOCATION)
    assert world.weights() is None


def test_naming_the_serving_version_may_put_traffic_on_the_failing_one_meanwhile() -> None:
    world = World(Behaviour(clearing_weights=Clearing.RESTARTED))
    world.stuck_alias()
    world.move("1", RoutingConfig=EMPTY)
    assert world.weights() == {"2": 1.0}


@pytest.mark.parametrize(("clearing", "weights"), [(Clearing.CLEARED, None), (Clearing.RESTARTED, {"1": 1.0})])
def test_clearing_weights_without_naming_a_version(clearing: Clearing, weights: dict[str, float] | None) -> None:
    world = World(Behaviour(clearing_weights=clearing))
    world.stuck_alias()
    world("UpdateAlias", Name="a", RoutingConfig=EMPTY)
    assert world.weights() == weights
    assert world.provisioned()[0] == "FAILED"


def test_removing_provisioned_concurrency_may_be_refused_while_weights_are_there() -> None:
    world = World(Behaviour(removing_provisioned_under_weights=Removal.REFUSED))
    world.stuck_alias()
    assert world.words("DeleteProvisionedConcurrencyConfig", Qualifier="a") == WEIGHTED
    assert world.provisioned()[0] == "FAILED"


def test_removing_provisioned_concurrency_may_end_the_weight() -> None:
    world = World(Behaviour(removing_provisioned_under_weights=Removal.ENDS_WEIGHTS))
    world.stuck_alias()
    world("DeleteProvisionedConcurrencyConfig", Qualifier="a")
    assert world.weights() is None
    assert world.move("3")["FunctionVersion"] == "3"


def test_removing_provisioned_concurrency_may_keep_the_weight_until_it_is_cleared() -> None:
    world = World(Behaviour(removing_provisioned_under_weights=Removal.KEEPS_WEIGHTS))
    world.stuck_alias()
    world("DeleteProvisionedConcurrencyConfig", Qualifier="a")
    assert world.weights() == {"1": 1.0}
    words = world.words("UpdateAlias", Name="a", FunctionVersion="3")
    assert words == "Additional version weight must be less than 100 %"
    world.move("3", RoutingConfig=EMPTY)
    assert world.weights() is None


@pytest.mark.parametrize("changes", [False, True])
def test_whether_lambdas_weight_changes_the_revision_of_the_alias_is_a_switch(changes: bool) -> None:  # noqa: FBT001
    world = World(Behaviour(transition_changes_revision=changes))
    world.warm_alias()
    told = world.move("2")["RevisionId"]
    during = world("GetAlias", Name="a")["RevisionId"]
    world.wait(ALLOCATION)
    after = world("GetAlias", Name="a")["RevisionId"]
    assert (told != during, during != after) == (changes, changes)


def test_the_weight_may_appear_late() -> None:
    world = moved(Behaviour(weights_delay=4.0))
    assert world.weights() is None
    world.wait(4)
    assert world.weights() == {"1": 1.0}
    world.wait(ALLOCATION)
    assert world.weights() is None


def test_the_weight_may_outlast_the_allocation() -> None:
    world = moved(Behaviour(weights_linger=3.0))
    world.wait(ALLOCATION)
    assert (world.provisioned()[0], world.weights()) == ("READY", {"1": 1.0})
    assert world.words("PutProvisionedConcurrencyConfig", Qualifier="a", ProvisionedConcurrentExecutions=3) == WEIGHTED
    world.wait(3)
    assert world.weights() is None


def test_a_move_back_before_the_weight_appears_ends_the_transition() -> None:
    world = moved(Behaviour(weights_delay=4.0))
    world.move("1")
    world.wait(4)
    assert world.weights() is None


def test_the_weight_may_pass_through_values_below_one() -> None:
    world = moved(Behaviour(gradual_weights=True))
    assert world.weights() == {"1": 1.0}
    world.wait(ALLOCATION / 2)
    assert world.weights() == {"1": 0.5}
    world.wait(ALLOCATION / 2)
    assert world.weights() is None


@pytest.mark.parametrize(
    ("restarts", "status", "weights"), [(True, "IN_PROGRESS", {"2": 1.0}), (False, "FAILED", None)]
)
def test_whether_moving_an_alias_whose_config_failed_allocates_again_is_a_switch(
    restarts: bool,  # noqa: FBT001 - the switch
    status: str,
    weights: dict[str, float] | None,
) -> None:
    world = World(Behaviour(moving_failed_restarts=restarts))
    world.alias(world.deploy(Environment=FAILING))
    world.provision()
    world.wait(INIT_FAILURE)
    world.move(world.deploy(Environment={"Variables": {}}))
    assert (world.provisioned()[0], world.weights()) == (status, weights)


def test_an_alias_cannot_take_its_config_to_a_version_that_has_one() -> None:
    world = World()
    world.warm_alias()
    world.provision(1, "2")
    assert world.refusal("UpdateAlias", Name="a", FunctionVersion="2").status == 409
    assert world("GetAlias", Name="a")["FunctionVersion"] == "1"


def test_a_canary_may_be_put_on_a_warm_alias_and_a_move_with_weights_not() -> None:
    world = World()
    world.warm_alias()
    world("UpdateAlias", Name="a", RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}})
    assert world.weights() == {"2": 0.1}
    third = world.deploy(Timeout=40)
    assert world.words("UpdateAlias", Name="a", FunctionVersion=third) == INVALID


def test_looking_often_and_looking_once_see_the_same_world() -> None:
    often, once = World(), World()
    for world in (often, once):
        world.stuck_alias()
        world("DeleteProvisionedConcurrencyConfig", Qualifier="a")
        world.move("3")
        world.provision()
    for _ in range(100):
        often.wait(1)
        often.weights()
    once.wait(100)
    assert often.plane.snapshot() == once.plane.snapshot()
