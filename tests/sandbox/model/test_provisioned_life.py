"""The life of a provisioned concurrency config: what each moment answers, and what may share a version."""

import pytest
from lambda_world import ALLOCATION, FAILING, FN, INIT_FAILURE, World

from reconciler.sandbox.control_plane import Behaviour, VersionRevision

EMPTY: dict[str, dict[str, float]] = {"AdditionalVersionWeights": {}}


def test_a_fresh_config_has_nothing_until_it_has_everything() -> None:
    world = World()
    world.alias()
    world.provision(5)
    world.wait(ALLOCATION - 1)
    assert world.provisioned() == ("IN_PROGRESS", 5, 0, 0)
    world.wait(1)
    assert world.provisioned() == ("READY", 5, 5, 5)


def test_a_failing_init_ends_in_failed_with_nothing_and_a_reason() -> None:
    world = World()
    world.alias(world.deploy(Environment=FAILING))
    world.provision(3)
    world.wait(INIT_FAILURE - 1)
    assert world.provisioned() == ("IN_PROGRESS", 3, 0, 0)
    world.wait(1)
    assert world.provisioned() == ("FAILED", 3, 0, 0)
    body = world("GetProvisionedConcurrencyConfig", Qualifier="a")
    assert body["StatusReason"] == "FUNCTION_ERROR_INIT_FAILURE"


def test_another_number_keeps_the_old_environments_while_it_is_allocated() -> None:
    world = World()
    world.warm_alias()
    world.provision(7)
    assert world.provisioned() == ("IN_PROGRESS", 7, 2, 2)
    world.wait(ALLOCATION)
    assert world.provisioned() == ("READY", 7, 7, 7)


@pytest.mark.parametrize(("restarts", "status"), [(False, "READY"), (True, "IN_PROGRESS")])
def test_whether_the_same_number_allocates_again_is_a_switch(restarts: bool, status: str) -> None:  # noqa: FBT001
    world = World(Behaviour(same_number_restarts=restarts))
    world.warm_alias()
    assert world.provision(2)["Status"] == status


def test_a_put_on_a_failed_config_allocates_again() -> None:
    world = World()
    world.alias(world.deploy(Environment=FAILING))
    world.provision(3)
    world.wait(INIT_FAILURE)
    assert world.provision(3)["Status"] == "IN_PROGRESS"


def test_a_ready_config_can_fail_by_itself() -> None:
    world = World()
    world.warm_alias()
    world.plane.break_provisioned("f", "a")
    assert world.provisioned() == ("FAILED", 2, 0, 0)


def test_a_config_on_an_alias_is_not_one_of_its_version() -> None:
    world = World()
    world.warm_alias()
    refusal = world.refusal("GetProvisionedConcurrencyConfig", Qualifier="1")
    assert (refusal.status, refusal.code) == (404, "ProvisionedConcurrencyConfigNotFoundException")


def test_a_version_under_a_provisioned_alias_takes_no_config_of_its_own() -> None:
    world = World()
    world.warm_alias()
    refusal = world.refusal("PutProvisionedConcurrencyConfig", Qualifier="1", ProvisionedConcurrentExecutions=1)
    assert (refusal.status, refusal.message) == (409, "Version is pointed by a Provisioned Concurrency alias")


def test_a_second_alias_of_a_provisioned_version_is_refused() -> None:
    world = World()
    world.warm_alias()
    world("CreateAlias", Name="b", FunctionVersion="1")
    refusal = world.refusal("PutProvisionedConcurrencyConfig", Qualifier="b", ProvisionedConcurrentExecutions=1)
    assert (refusal.status, refusal.code) == (409, "ResourceConflictException")


def test_an_alias_of_latest_takes_none() -> None:
    world = World()
    world.alias("$LATEST")
    words = world.words("PutProvisionedConcurrencyConfig", Qualifier="a", ProvisionedConcurrentExecutions=1)
    assert words == "Provisioned Concurrency Configs cannot be applied to unpublished function versions."


def test_a_version_with_snap_start_takes_none() -> None:
    world = World(snap_start=1.0)
    world.alias(world.deploy(SnapStart={"ApplyOn": "PublishedVersions"}))
    refusal = world.refusal("PutProvisionedConcurrencyConfig", Qualifier="a", ProvisionedConcurrentExecutions=1)
    assert (refusal.status, refusal.code) == (400, "InvalidParameterValueException")


def test_the_list_names_aliases_and_versions_by_their_arns() -> None:
    world = World()
    world.warm_alias()
    world.provision(1, "2")
    configs = world("ListProvisionedConcurrencyConfigs")["ProvisionedConcurrencyConfigs"]
    assert [(config["FunctionArn"], config["Status"]) for config in configs] == [
        (f"{FN}:f:a", "READY"),
        (f"{FN}:f:2", "IN_PROGRESS"),
    ]


def test_deleting_the_alias_removes_its_config() -> None:
    world = World()
    world.warm_alias()
    world("DeleteAlias", Name="a")
    assert world("ListProvisionedConcurrencyConfigs")["ProvisionedConcurrencyConfigs"] == []
    assert world.words("GetProvisionedConcurrencyConfig", Qualifier="a") == f"Cannot find alias arn: {FN}:f:a"


def test_a_removed_config_is_gone_at_once_and_removing_it_again_is_no_error() -> None:
    world = World()
    world.warm_alias()
    world("DeleteProvisionedConcurrencyConfig", Qualifier="a")
    world("DeleteProvisionedConcurrencyConfig", Qualifier="a")
    assert world.refusal("GetProvisionedConcurrencyConfig", Qualifier="a").status == 404


@pytest.mark.parametrize(
    ("when", "at_put", "at_ready"), [(VersionRevision.AT_PUT, True, False), (VersionRevision.AT_READY, False, True)]
)
def test_a_config_changes_the_revision_of_the_version_behind_it_once(
    when: VersionRevision,
    at_put: bool,  # noqa: FBT001 - expected
    at_ready: bool,  # noqa: FBT001 - expected
) -> None:
    world = World(Behaviour(version_revision=when))
    world.alias()
    before = world.revision("1")
    world.provision()
    after_put = world.revision("1")
    world.wait(ALLOCATION)
    assert (after_put != before, world.revision("1") != after_put) == (at_put, at_ready)


def test_an_alias_with_weights_takes_none() -> None:
    world = World()
    world.alias(RoutingConfig={"AdditionalVersionWeights": {world.deploy(): 0.1}})
    words = world.words("PutProvisionedConcurrencyConfig", Qualifier="a", ProvisionedConcurrentExecutions=1)
    assert words == "Alias with weights can not be used with Provisioned Concurrency"
    world("UpdateAlias", Name="a", RoutingConfig=EMPTY)
    assert world.provision(1)["Status"] == "IN_PROGRESS"
