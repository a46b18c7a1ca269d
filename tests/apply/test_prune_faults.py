"""Pruning under every fault at every call: nothing that is kept ever goes, and a second run finishes the job."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
from scenes import BOTH, LATEST, Scene, assert_truthful, warm
from simulation import Aws, client_error, config_of, ion, pruned, survived
from test_faults import FAULTS

from reconciler.apply import CancelToken
from reconciler.model.observed import Unreadable
from reconciler.model.outcome import Done, Failed

DAY = 86_400.0
ALL, KEPT = ["1", "2", "3", "4", "5"], ["1", "4", "5"]


def grown(aws: Aws) -> None:
    """Five versions each, two days old; the alias is on the first."""
    for function in ("f", "g"):
        warm(aws, function, 1)
        for timeout in range(50, 54):
            aws.deploy(function, Timeout=timeout)
            aws.do("PublishVersion", FunctionName=function)
    aws.clock.now += 2 * DAY


SCENE = Scene("grown", grown, BOTH)


def left(aws: Aws) -> list[list[str]]:
    return [aws.versions(function) for function in ("f", "g")]


def test_what_nothing_needs_goes_and_each_deletion_names_a_version() -> None:
    aws = SCENE.fresh()
    pruned(aws, BOTH, keep=0)
    assert left(aws) == [KEPT, KEPT]
    deletions = [params for operation, params in aws.calls if operation == "DeleteFunction"]
    assert [params["Qualifier"] for params in deletions] == ["2", "3", "2", "3"]


@pytest.mark.exhaustive
@pytest.mark.parametrize("fault", FAULTS)
def test_after_any_fault_at_any_call_the_next_run_finishes_the_job(
    fault: str, record_property: Callable[[str, object], None]
) -> None:
    clean = SCENE.fresh()
    pruned(clean, BOTH, keep=0)
    count = len(clean.calls)
    record_property("fault_points", count)

    for index in range(count):
        aws, cancel = SCENE.fresh(), CancelToken()
        aws.faults = {index: FAULTS[fault](cancel)}
        applied = survived(partial(pruned, aws, BOTH, keep=0, cancel=cancel))
        if applied:
            assert_truthful(aws, applied)
        assert all(set(KEPT) <= set(versions) for versions in left(aws)), (index, aws.calls[index])

        aws.faults = {}
        pruned(aws, BOTH, keep=0)
        assert left(aws) == [KEPT, KEPT]
        assert set(aws.writes()) <= {"DeleteFunction"}


def test_a_version_that_aws_refuses_is_reported_and_the_others_go() -> None:
    aws = SCENE.fresh()

    def held(_: Aws, operation: str, params: Mapping[str, Any]) -> None:
        if operation == "DeleteFunction" and (params["FunctionName"], params["Qualifier"]) == ("f", "2"):
            words = "Unable to delete version because the following aliases reference it: [new]"
            raise client_error(operation, 409, "ResourceConflictException", {"Message": words})

    aws.always = held
    _, applied = pruned(aws, BOTH, keep=0)
    assert left(aws) == [["1", "2", "4", "5"], KEPT]
    first, second = (outcome for _, outcome in applied.results[0].outcomes)
    assert isinstance(first, Failed)
    assert "aliases reference it" in first.message
    assert first.hint == "something holds this version, which stays; free it, or leave it, and prune again"
    assert second == Done()


@pytest.mark.parametrize(
    "denied",
    [
        "ListVersionsByFunction",
        "ListAliases",
        "ListProvisionedConcurrencyConfigs",
        "ListFunctionEventInvokeConfigs",
        "ListEventSourceMappings",
        "GetPolicy",
    ],
)
def test_where_one_read_is_denied_nothing_goes(denied: str) -> None:
    aws = SCENE.fresh()

    def deny(_: Aws, operation: str, __: Mapping[str, Any]) -> None:
        if operation == denied:
            raise client_error(operation, 403, "AccessDeniedException", {"Message": "no"})

    aws.always = deny
    plan, _ = pruned(aws, BOTH, keep=0)
    assert left(aws) == [ALL, ALL]
    assert all(isinstance(each.verdict, Unreadable) for each in plan.ions)


def test_two_aliases_of_one_function_are_pruned_once_and_the_larger_number_counts() -> None:
    aws = SCENE.fresh()
    config = config_of(ion("f", 1, LATEST, keep_versions=1), ion("f", 0, LATEST, alias="cold", keep_versions=0))
    pruned(aws, config)
    assert aws.versions("f") == ["1", "3", "4", "5"]
