"""Reserved concurrency, and what the account and region have left."""

import pytest
from lambda_world import ALLOCATION, World

from reconciler.sandbox.control_plane import Behaviour


def unreserved(world: World) -> int:
    limits = world.plane.call("GetAccountSettings", {}).body
    assert limits is not None
    account = limits["AccountLimit"]
    assert isinstance(account, dict)
    return int(account["UnreservedConcurrentExecutions"])


def put(world: World, number: int, qualifier: str = "1") -> str | None:
    return world.words("PutProvisionedConcurrencyConfig", Qualifier=qualifier, ProvisionedConcurrentExecutions=number)


def test_a_reservation_is_taken_from_the_account_and_pc_comes_out_of_it() -> None:
    world = World()
    world("PutFunctionConcurrency", ReservedConcurrentExecutions=20)
    assert unreserved(world) == 980
    world.provision(20, "1")
    assert unreserved(world) == 980
    assert put(world, 21) == (
        "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
    )


@pytest.mark.parametrize(("subtracts", "left"), [(True, 900), (False, 1000)])
def test_whether_unreserved_leaves_out_pc_is_a_switch(subtracts: bool, left: int) -> None:  # noqa: FBT001
    world = World(Behaviour(unreserved_subtracts_provisioned=subtracts))
    world.provision(100, "1")
    assert unreserved(world) == left


def test_the_account_keeps_its_minimum() -> None:
    world = World()
    assert put(world, 901) == (
        "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its "
        "minimum value of [100]."
    )
    assert put(world, 1001) == (
        "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [1000]."
    )
    assert world.provision(900, "1")["RequestedProvisionedConcurrentExecutions"] == 900


def test_a_change_of_number_counts_by_its_difference() -> None:
    world = World()
    world.provision(800, "1")
    world.provision(900, "1")
    world.provision(100, "1")
    assert unreserved(world) == 900


def test_the_sum_over_qualifiers_counts_against_the_reservation() -> None:
    world = World()
    world("PutFunctionConcurrency", ReservedConcurrentExecutions=3)
    world.provision(2, "1")
    world.deploy()
    assert put(world, 2, "2") is not None
    assert world.provision(1, "2")["Status"] == "IN_PROGRESS"


def test_a_reservation_below_the_pc_or_beyond_the_account_is_refused() -> None:
    world = World()
    world.provision(5, "1")
    refusal = world.refusal("PutFunctionConcurrency", ReservedConcurrentExecutions=4)
    assert refusal.body() == {
        "message": " ReservedConcurrentExecutions  4 should not be lower than function's total provisioned "
        "concurrency [5]."
    }
    assert world.refusal("PutFunctionConcurrency", ReservedConcurrentExecutions=901).type_ is None
    assert world("PutFunctionConcurrency", ReservedConcurrentExecutions=900) == {"ReservedConcurrentExecutions": 900}


def test_a_reservation_of_zero_is_a_value_and_lets_no_pc_in() -> None:
    world = World()
    world("PutFunctionConcurrency", ReservedConcurrentExecutions=0)
    assert world("GetFunctionConcurrency") == {"ReservedConcurrentExecutions": 0}
    assert put(world, 1) is not None
    world("DeleteFunctionConcurrency")
    assert world("GetFunctionConcurrency") == {}


@pytest.mark.parametrize(("twice", "left"), [(False, 998), (True, 996)])
def test_whether_a_move_counts_twice_is_a_switch(twice: bool, left: int) -> None:  # noqa: FBT001
    world = World(Behaviour(move_counts_twice=twice))
    world.warm_alias()
    world.move("2")
    assert unreserved(world) == left
    world.wait(ALLOCATION)
    assert unreserved(world) == 998


def test_taking_less_is_never_refused_for_the_accounts_sake() -> None:
    world = World(Behaviour(move_counts_twice=True))
    world.alias()
    world.provision(500)
    world.provision(50, world.deploy(Timeout=20))
    world.wait(ALLOCATION)
    world.move(world.deploy(Timeout=30))
    assert unreserved(world) == -50
    assert world.provision(40, "2")["RequestedProvisionedConcurrentExecutions"] == 40
    assert put(world, 60, "2") is not None


def test_reserved_is_in_the_bare_answer_of_get_function_only() -> None:
    world = World()
    world("PutFunctionConcurrency", ReservedConcurrentExecutions=7)
    assert world("GetFunction")["Concurrency"] == {"ReservedConcurrentExecutions": 7}
    assert "Concurrency" not in world("GetFunction", Qualifier="1")
    assert "Concurrency" not in world("GetFunction", Qualifier="$LATEST")
