"""What is read of a function's callers: only where the file asks, once, and never silence for a fact."""

from collections.abc import Mapping
from typing import Any

import pytest
from scenes import CALLED, LATEST, SCENES, Scene
from simulation import Aws, broken, client_error, config_of, ion, plan_of, unavailable

from reconciler.model.callers import NOTHING_READ, AsyncSettings, Callers
from reconciler.model.desired import CallersWish, Config
from reconciler.model.observed import Observed, Unreadable

WARM = SCENES[-1]
ONE = config_of(ion("f", 2, LATEST, callers=CALLED), ion("g", 2, LATEST))


def callers_of(aws: Aws, config: Config = ONE, index: int = 0) -> Callers | str:
    seen = plan_of(aws, config).plan.ions[index].observed
    return seen.callers if isinstance(seen, Observed) else seen.why


def answering(aws: Aws, operation: str, *, bare: bool | None = None, fault: Any = broken) -> None:  # noqa: ANN401 - a Fault
    """Let every call of the operation meet the fault; `bare`: only those without a qualifier, or with one."""

    def meet(aws: Aws, called: str, params: Mapping[str, Any]) -> None:
        if called == operation and bare in {None, "Qualifier" not in params}:
            fault(aws, called, params)

    aws.always = meet


def denied(_: Aws, operation: str, __: Mapping[str, Any]) -> None:
    raise client_error(operation, 403, "AccessDeniedException", {"message": "not authorized"})


def test_both_policies_the_functions_own_mappings_and_the_settings_are_read() -> None:
    seen = callers_of(WARM.fresh())
    assert isinstance(seen, Callers)
    assert seen.bare is not None
    assert seen.alias is not None
    assert [each.sid for each in seen.bare.statements] == ["s3", "rule"]
    assert (seen.alias.statements, seen.alias.revision_id) == ((), None)
    assert {each.source.rpartition(":")[2] for each in seen.sources or ()} == {"f-jobs", "f-mail"}
    assert (seen.bare_async, seen.alias_async) == (AsyncSettings(retries=0), None)


def test_an_ion_that_does_not_ask_has_nothing_read_beside_one_that_does() -> None:
    assert callers_of(WARM.fresh(), index=1) == NOTHING_READ


@pytest.mark.parametrize(
    ("wish", "operations"),
    [
        (CallersWish(permissions=True), {"GetPolicy", "GetFunctionEventInvokeConfig"}),
        (CallersWish(event_sources=True), {"ListEventSourceMappings"}),
        (CallersWish(), set[str]()),
    ],
)
def test_each_key_reads_what_it_is_about(wish: CallersWish, operations: set[str]) -> None:
    aws = WARM.fresh()
    callers_of(aws, config_of(ion("f", 2, LATEST, callers=wish)))
    assert {name for name, _ in aws.calls} - {
        "GetFunction",
        "GetAlias",
        "GetProvisionedConcurrencyConfig",
        "DescribeScalableTargets",
    } == operations


def test_an_alias_that_is_not_there_has_no_settings_to_read() -> None:
    aws = WARM.fresh()
    callers_of(aws, config_of(ion("f", 2, LATEST, alias="next", callers=CALLED)))
    asked = [params for name, params in aws.calls if name == "GetFunctionEventInvokeConfig"]
    assert asked == [{"FunctionName": "f"}]


def test_mappings_are_listed_once_for_all_functions() -> None:
    aws = WARM.fresh()
    callers_of(aws, config_of(ion("f", 2, LATEST, callers=CALLED), ion("g", 2, LATEST, callers=CALLED)))
    assert [params for name, params in aws.calls if name == "ListEventSourceMappings"] == [{}]


@pytest.mark.parametrize("fault", [broken, unavailable, denied])
@pytest.mark.parametrize(
    ("operation", "bare"),
    [
        ("GetPolicy", True),
        ("GetPolicy", False),
        ("GetFunctionEventInvokeConfig", True),
        ("GetFunctionEventInvokeConfig", False),
        ("ListEventSourceMappings", None),
    ],
)
def test_what_could_not_be_read_makes_the_ion_that_asks_unreadable_and_no_other(
    operation: str,
    bare: bool | None,  # noqa: FBT001 - which call
    fault: Any,  # noqa: ANN401 - a Fault
) -> None:
    aws = WARM.fresh()
    answering(aws, operation, bare=bare, fault=fault)
    plan = plan_of(aws, ONE).plan
    first, second = (each.observed for each in plan.ions)
    assert isinstance(first, Unreadable)
    assert first.why.startswith(operation)
    assert isinstance(second, Observed)


def test_a_list_of_mappings_that_was_cut_off_never_counts_as_complete() -> None:
    aws = many_mappings(250)
    pages = [1, 2]

    def on_the_last_page(aws: Aws, called: str, params: Mapping[str, Any]) -> None:
        if called == "ListEventSourceMappings":
            pages.pop() if pages else broken(aws, called, params)

    aws.always = on_the_last_page
    assert str(callers_of(aws)).startswith("ListEventSourceMappings")
    aws.always = None
    seen = callers_of(aws)
    assert isinstance(seen, Callers)
    assert len(seen.sources or ()) == 252


def many_mappings(count: int) -> Aws:
    def prepare(aws: Aws) -> None:
        WARM.prepare(aws)
        for number in range(count):
            source = f"arn:aws:sqs:us-east-1:123456789012:q{number:03}"
            aws.do("CreateEventSourceMapping", FunctionName="f", EventSourceArn=source)
        aws.clock.now += 60

    return Scene("many", prepare, ONE).fresh()
