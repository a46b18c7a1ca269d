"""What is concluded from AWS's answers, and above all from those that did not come."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest
from simulation import ACCOUNT, HERE, Aws, AwsConnection, Fault, broken, client_error, ion, new_aws, reset, unavailable

from reconciler.aws.reader import LambdaReader
from reconciler.decide import diff
from reconciler.model import errors
from reconciler.model.desired import ConnectionSettings, Desired, FollowLatest, Pinned
from reconciler.model.errors import sentence
from reconciler.model.observed import (
    AccountRegion,
    Ion,
    Key,
    Observation,
    Observed,
    Qualified,
    ScalingTarget,
    ScalingUnknown,
    Snapshot,
    Unreadable,
)
from reconciler.observe import observe
from reconciler.observe.environments import Connection, resolve
from reconciler.observe.reads import WINDOW

LATEST = FollowLatest()
EVERY_CALL = range(100_000)


@dataclass
class Told:
    """Remembers how far the reading was said to be."""

    said: list[tuple[int, int]] = field(default_factory=list)

    def reads(self, done: int, total: int, _left: float) -> None:
        self.said.append((done, total))


def aws_with(*functions: str, alias: str = "live") -> Aws:
    """Functions in sync: version 1, an alias on it, one of provisioned concurrency."""
    aws = new_aws(*functions)
    for name in functions:
        aws.do("PublishVersion", FunctionName=name)
        aws.do("CreateAlias", FunctionName=name, Name=alias, FunctionVersion="1")
        aws.do("PutProvisionedConcurrencyConfig", FunctionName=name, Qualifier=alias, ProvisionedConcurrentExecutions=1)
    aws.clock.now += 300
    return aws


def world_of(aws: Aws, *desired: Desired, opener: Callable[[ConnectionSettings], Connection] | None = None) -> Snapshot:
    return observe(resolve(desired, opener=opener or aws.opener, dispatcher_for=aws.dispatcher), progress=Told())


def seen(world: Snapshot, function: str, alias: str = "live") -> Observation:
    return world.observations[Key(ACCOUNT, "us-east-1", function, alias)]


def always(aws: Aws, fault: Fault, *operations: str, function: str | None = None) -> None:
    """Have every call of these operations (of this function) meet the fault."""

    def meet(aws: Aws, operation: str, params: Mapping[str, Any]) -> None:
        if (not operations or operation in operations) and function in {None, params.get("FunctionName")}:
            fault(aws, operation, params)

    aws.faults = dict.fromkeys(EVERY_CALL, meet)


def refusing(code: str, status: int) -> Fault:
    def refuse(_: Aws, operation: str, __: Mapping[str, Any]) -> None:
        raise client_error(operation, status, code, {"message": "no"})

    return refuse


denied, expired = refusing("AccessDeniedException", 403), refusing("ExpiredTokenException", 403)


# ---------------------------------------------------------------- no more than is needed


def test_an_ion_in_sync_takes_four_calls_and_its_account_none() -> None:
    aws = aws_with("f")
    world = world_of(aws, ion("f", 1, LATEST))
    assert Counter(name for name, _ in aws.calls) == {
        "GetFunction": 2,
        "GetAlias": 1,
        "GetProvisionedConcurrencyConfig": 1,
        "DescribeScalableTargets": 1,  # for all ions of the account and region
    }
    assert world.accounts == {}


def test_two_ions_on_one_function_share_the_read_of_its_latest() -> None:
    aws = aws_with("f")
    world_of(aws, ion("f", 1, LATEST), ion("f", 0, Pinned("1"), alias="blue"))
    bare = [params for name, params in aws.calls if name == "GetFunction" and "Qualifier" not in params]
    assert len(bare) == 1


def test_what_a_raise_is_judged_by_is_read_once_an_account_and_once_a_reserved_function() -> None:
    aws = aws_with("f", "g", "h")
    aws.do("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=20)
    world = world_of(aws, ion("f", 2, LATEST), ion("g", 2, LATEST), ion("h", 1, LATEST))
    calls = Counter(name for name, _ in aws.calls)
    assert calls["GetAccountSettings"] == 1
    assert [params["FunctionName"] for name, params in aws.calls if name == "ListProvisionedConcurrencyConfigs"] == [
        "f"
    ]
    f = seen(world, "f")
    assert isinstance(f, Observed)
    assert f.siblings is not None
    assert len(f.siblings) == 1


def test_the_reads_of_one_ion_stay_close_together_however_many_ions_there_are() -> None:
    names = [f"f{number:03}" for number in range(300)]
    aws = new_aws(*names)
    world_of(aws, *(ion(name, 0, LATEST) for name in names))
    first: dict[str, int] = {}
    calls = [params for operation, params in aws.calls if operation != "DescribeScalableTargets"]
    for place, params in enumerate(calls):
        first.setdefault(params["FunctionName"], place)
        assert place - first[params["FunctionName"]] <= 4 * WINDOW + 16
    assert len(calls) == 4 * 300


def test_progress_is_told_ion_by_ion() -> None:
    aws, told = aws_with("f", "g", "h"), Told()
    resolved = resolve([ion(name, 1, LATEST) for name in "fgh"], opener=aws.opener, dispatcher_for=aws.dispatcher)
    observe(resolved, progress=told)
    assert told.said == [(0, 3), (1, 3), (2, 3), (3, 3)]


# ---------------------------------------------------------------- an alias that moves meanwhile


def moving(times: int) -> Fault:
    """Somebody who moves the alias just before we ask for the version behind it."""
    left = [times]

    def move(aws: Aws, operation: str, params: Mapping[str, Any]) -> None:
        if operation == "GetFunction" and params.get("Qualifier") == "live" and left[0]:
            left[0] -= 1
            aws.deploy("f", Timeout=30 + left[0])
            number = aws.do("PublishVersion", FunctionName="f")["Version"]
            aws.do("UpdateAlias", FunctionName="f", Name="live", FunctionVersion=number)

    return move


def without_provisioned(aws: Aws) -> Aws:
    aws.do("DeleteProvisionedConcurrencyConfig", FunctionName="f", Qualifier="live")
    return aws


def test_an_alias_that_moved_between_two_reads_is_read_again() -> None:
    aws = without_provisioned(aws_with("f"))
    always(aws, moving(1))
    f = seen(world_of(aws, ion("f", 0, LATEST)), "f")
    assert isinstance(f, Observed)
    assert f.alias is not None
    assert (f.alias.pointer.version, f.alias.behind.number) == ("2", "2")


def test_an_alias_that_moves_each_time_it_is_read_is_unreadable() -> None:
    aws = without_provisioned(aws_with("f", "g"))
    always(aws, moving(100), function="f")
    world = world_of(aws, ion("f", 0, LATEST), ion("g", 1, LATEST))
    f = seen(world, "f")
    assert isinstance(f, Unreadable)
    assert "moved each time" in f.why
    assert isinstance(seen(world, "g"), Observed)


def test_an_alias_that_appears_between_two_reads_is_read_again() -> None:
    aws = new_aws("f")
    aws.do("PublishVersion", FunctionName="f")

    def create(aws: Aws, operation: str, params: Mapping[str, Any]) -> None:
        if operation == "GetFunction" and "Qualifier" in params and aws.alias("f", "live") is None:
            aws.do("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")

    always(aws, create)
    f = seen(world_of(aws, ion("f", 0, LATEST)), "f")
    assert isinstance(f, Observed)
    assert f.alias is not None


def lagging(aws: Aws, operation: str, seconds: float) -> Callable[[ConnectionSettings], AwsConnection]:
    """AWS, whose answers to this operation are from before the alias was created for so long."""
    until = aws.clock.now + seconds

    def late(aws: Aws, called: str, params: Mapping[str, Any]) -> None:
        if called == operation and aws.clock.now < until and {"Qualifier", "Name"} & set(params):
            raise client_error(called, 404, "ResourceNotFoundException", {"message": "no"})

    aws.faults = dict.fromkeys(EVERY_CALL, late)
    return aws.opener


@pytest.mark.parametrize("operation", ["GetAlias", "GetFunction"])
def test_reads_from_before_a_write_are_repeated_for_some_seconds(operation: str) -> None:
    aws = aws_with("f", "g")
    f = seen(world_of(aws, ion("f", 1, LATEST), opener=lagging(aws, operation, 8.0)), "f")
    assert isinstance(f, Observed)
    assert f.alias is not None


def test_reads_that_contradict_each_other_for_longer_are_unreadable_after_ten_seconds() -> None:
    aws = aws_with("f")
    begun = aws.clock.now
    f = seen(world_of(aws, ion("f", 1, LATEST), opener=lagging(aws, "GetAlias", 60.0)), "f")
    assert isinstance(f, Unreadable)
    assert 10 <= aws.clock.now - begun < 12


def test_an_ion_that_is_read_again_delays_no_other() -> None:
    aws = aws_with("f", "g")
    aws.do("PutFunctionConcurrency", FunctionName="g", ReservedConcurrentExecutions=20)
    always(aws, moving(100), function="f")
    begun, late = aws.clock.now, list[str]()
    faults = aws.faults

    def timed(aws: Aws, operation: str, params: Mapping[str, Any]) -> None:
        if params.get("FunctionName") != "f" and aws.clock.now - begun > 1:
            late.append(operation)
        faults[0](aws, operation, params)

    aws.faults = dict.fromkeys(EVERY_CALL, timed)
    world = world_of(aws, ion("f", 1, LATEST), ion("g", 2, LATEST))
    assert isinstance(seen(world, "g"), Observed)
    assert late == []


# ---------------------------------------------------------------- what AWS does not say


@pytest.mark.parametrize("operation", ["GetFunction", "GetAlias", "GetProvisionedConcurrencyConfig"])
@pytest.mark.parametrize("fault", [broken, unavailable, reset, refusing("SomethingNew", 400), refusing("404", 404)])
def test_what_could_not_be_read_is_never_taken_for_absent(operation: str, fault: Fault) -> None:
    aws = aws_with("f", "g")
    always(aws, fault, operation, function="f")
    world = world_of(aws, ion("f", 1, LATEST), ion("g", 1, LATEST))
    assert isinstance(seen(world, "f"), Unreadable)
    assert isinstance(seen(world, "g"), Observed)


@pytest.mark.parametrize("operation", ["GetAlias", "GetProvisionedConcurrencyConfig"])
def test_a_read_that_is_denied_and_has_no_other_way_makes_its_ion_unreadable(operation: str) -> None:
    aws = aws_with("f")
    always(aws, denied, operation)
    f = seen(world_of(aws, ion("f", 1, LATEST)), "f")
    assert isinstance(f, Unreadable)
    assert f"lambda:{operation}" in f.why


def test_where_get_function_is_denied_the_slow_way_sees_the_same() -> None:
    aws = aws_with("f")
    aws.do("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=7)
    as_allowed = seen(world_of(aws, ion("f", 1, LATEST)), "f")
    always(aws, denied, "GetFunction")
    world = world_of(aws, ion("f", 1, LATEST))
    assert seen(world, "f") == as_allowed
    assert "lambda:GetFunction is denied" in world.warnings[0]


def test_where_the_slow_way_is_denied_too_the_ion_is_unreadable() -> None:
    aws = aws_with("f")
    always(aws, denied, "GetFunction", "GetFunctionConfiguration")
    assert isinstance(seen(world_of(aws, ion("f", 1, LATEST)), "f"), Unreadable)


def test_siblings_that_could_not_be_read_make_the_raise_unreadable() -> None:
    aws = aws_with("f")
    aws.do("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=20)
    always(aws, denied, "ListProvisionedConcurrencyConfigs")
    assert isinstance(seen(world_of(aws, ion("f", 2, LATEST)), "f"), Unreadable)


def test_account_settings_that_could_not_be_read_are_unreadable_and_the_ions_are_not() -> None:
    aws = aws_with("f")
    always(aws, denied, "GetAccountSettings")
    world = world_of(aws, ion("f", 2, LATEST))
    assert isinstance(world.accounts[AccountRegion(ACCOUNT, "us-east-1")], Unreadable)
    assert isinstance(seen(world, "f"), Observed)


def test_what_our_own_code_trips_over_makes_its_ion_alone_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    aws, needs = aws_with("f", "g"), diff.needs

    def tripping(ion: Ion, observed: Observation) -> diff.Needs:
        if ion.key.function == "f":
            raise TypeError("s3cr3t")
        return needs(ion, observed)

    monkeypatch.setattr("reconciler.observe.environment.needs", tripping)
    world = world_of(aws, ion("f", 1, LATEST), ion("g", 1, LATEST))
    assert seen(world, "f") == Unreadable("what AWS says about it could not be understood: TypeError")
    assert isinstance(seen(world, "g"), Observed)


def test_a_fault_in_one_region_loses_nothing_of_another() -> None:
    aws, elsewhere = aws_with("f"), ConnectionSettings(account=ACCOUNT, region="eu-west-1")

    def opener(connection: ConnectionSettings) -> AwsConnection:
        opened = aws.opener(connection)
        if connection != elsewhere:
            return opened
        return replace(opened, place=AccountRegion(ACCOUNT, "eu-west-1"), reader=cast("LambdaReader", object()))

    world = world_of(aws, ion("f", 1, LATEST), replace(ion("f", 1, LATEST), connection=elsewhere), opener=opener)
    assert isinstance(seen(world, "f"), Observed)
    assert isinstance(world.observations[Key(ACCOUNT, "eu-west-1", "f", "live")], Unreadable)


# ---------------------------------------------------------------- credentials that do not work


def test_credentials_that_expired_stop_the_account_after_the_calls_under_way() -> None:
    names = [f"f{number}" for number in range(200)]
    aws = new_aws(*names)
    always(aws, expired)
    world = world_of(aws, *(ion(name, 1, LATEST) for name in names))
    assert all(isinstance(each, Unreadable) for each in world.observations.values())
    assert len(aws.calls) <= 4 * WINDOW + 1  # and the scalable targets


def test_another_account_goes_on_when_the_credentials_of_one_expired() -> None:
    dead, alive, elsewhere = aws_with("f"), aws_with("f"), "210987654321"
    always(dead, expired)

    def opener(connection: ConnectionSettings) -> AwsConnection:
        if connection == HERE:
            return dead.opener(connection)
        return replace(alive.opener(connection), place=AccountRegion(elsewhere, "us-east-1"))

    there = replace(ion("f", 1, LATEST), connection=ConnectionSettings(account=elsewhere, region="us-east-1"))
    world = world_of(dead, ion("f", 1, LATEST), there, opener=opener)
    assert isinstance(seen(world, "f"), Unreadable)
    assert isinstance(world.observations[Key(elsewhere, "us-east-1", "f", "live")], Observed)


# ---------------------------------------------------------------- Application Auto Scaling


@dataclass
class Scaling:
    """Application Auto Scaling that refuses, or has so many targets in pages of 50."""

    refusal: tuple[str, int] | None = None
    targets: tuple[str, ...] = ()
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    def describe_scalable_targets(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - as botocore's
        self.asked.append(request)
        if self.refusal:
            raise client_error("DescribeScalableTargets", self.refusal[1], self.refusal[0], {"message": "no"})
        names = request.get("ResourceIds", self.targets)
        start = int(request.get("NextToken", 0))
        page = [
            {"ResourceId": name, "MinCapacity": 1, "MaxCapacity": 9}
            for name in names[start : start + 50]
            if name in self.targets
        ]
        return {"ScalableTargets": page} | ({"NextToken": str(start + 50)} if start + 50 < len(names) else {})

    def describe_scheduled_actions(self, **_: object) -> dict[str, Any]:
        return {"ScheduledActions": []}

    def describe_scaling_policies(self, **_: object) -> dict[str, Any]:
        return {"ScalingPolicies": []}

    def opener(self, aws: Aws) -> Callable[[ConnectionSettings], AwsConnection]:
        opened = aws.opener(HERE)
        reader = LambdaReader(opened.reader._lambda, cast("Any", self))  # noqa: SLF001 - the same door to Lambda
        return lambda _: replace(opened, reader=reader)


def test_an_endpoint_without_auto_scaling_has_no_owners_and_says_so() -> None:
    aws, scaling = aws_with("f"), Scaling(refusal=("InternalFailure", 501))
    world = world_of(aws, ion("f", 1, LATEST), opener=scaling.opener(aws))
    f = seen(world, "f")
    assert isinstance(f, Observed)
    assert isinstance(f.scaling, ScalingUnknown)
    assert f.scaling.harmless
    assert ["no Application Auto Scaling" in warning for warning in world.warnings] == [True]


def test_owners_that_could_not_be_read_are_unknown_for_every_ion_and_told_once() -> None:
    aws, scaling = aws_with("f", "g"), Scaling(refusal=("AccessDeniedException", 403))
    world = world_of(aws, ion("f", 1, LATEST), ion("g", 1, LATEST), opener=scaling.opener(aws))
    owners = [seen(world, name) for name in "fg"]
    assert all(isinstance(each, Observed) and isinstance(each.scaling, ScalingUnknown) for each in owners)
    assert not any(each.scaling.harmless for each in owners if isinstance(each, Observed) and each.scaling)  # type: ignore[union-attr] # told by the line above
    assert len(world.warnings) == 1


def test_few_owners_are_asked_for_by_name_and_many_by_listing_all_pages() -> None:
    few, many = [f"f{number:03}" for number in range(50)], [f"f{number:03}" for number in range(120)]
    for names, calls in ((few, 1), (many, 3)):
        aws = new_aws(*names)
        scaling = Scaling(targets=tuple(f"function:{name}:live" for name in names))
        world = world_of(aws, *(ion(name, 0, LATEST) for name in names), opener=scaling.opener(aws))
        assert len(scaling.asked) == calls
        owned = [each.scaling for each in world.observations.values() if isinstance(each, Observed)]
        assert owned == [ScalingTarget(1, 9, actions=(), policies=())] * len(names)


@dataclass
class Endless(Scaling):
    """Application Auto Scaling whose list never ends; `markers` that come round again, or new ones for ever."""

    again: bool = False

    def describe_scalable_targets(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - as botocore's
        self.asked.append(request)
        return {"ScalableTargets": [], "NextToken": "next" if self.again else f"next-{len(self.asked)}"}


@pytest.mark.parametrize(("again", "said"), [(True, "same page marker twice"), (False, "did not end after 2000 pages")])
def test_a_list_that_never_ends_is_not_taken_for_complete(*, again: bool, said: str) -> None:
    aws, scaling = aws_with("f"), Endless(again=again)
    f = seen(world_of(aws, ion("f", 1, LATEST), opener=scaling.opener(aws)), "f")
    assert isinstance(f, Observed)
    assert isinstance(f.scaling, ScalingUnknown)
    assert not f.scaling.harmless
    assert said in f.scaling.why


def test_siblings_whose_list_never_ends_make_the_raise_unreadable() -> None:
    aws = aws_with("f")
    aws.do("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=20)
    opened = aws.opener(HERE)
    reader = EndlessSiblings(opened.reader._lambda, opened.reader._scaling)  # noqa: SLF001 - the same door to AWS
    f = seen(world_of(aws, ion("f", 2, LATEST), opener=lambda _: replace(opened, reader=reader)), "f")
    assert isinstance(f, Unreadable)
    assert "ListProvisionedConcurrencyConfigs: AWS gave the same page marker twice" in f.why


class EndlessSiblings(LambdaReader):
    def provisioned_list(self, function: str, marker: str | None) -> tuple[tuple[Qualified, ...], str | None]:
        rows, _ = super().provisioned_list(function, None if marker == "next" else marker)
        return rows, "next"


def test_what_to_do_about_an_error_is_a_sentence_of_its_own() -> None:
    error = errors.AwsError(
        "no", kind=errors.ErrorKind.DENIED, code="AccessDenied", operation="GetAlias", hint="allow it"
    )

    assert sentence(error) == "GetAlias: AccessDenied: no. Allow it"
