"""The law: for every desired and every observed world, apply, and the next plan is empty.

Worlds are made by AWS's own calls on the sandbox's model; every one is tried with every desired.
"""

from collections.abc import Callable
from itertools import product

import pytest
from scenes import CALLED, allow, called_bare
from simulation import Aws, Clock, carried_out, config_of, ion, new_aws, plan_of

from reconciler.decide.summary import summarize
from reconciler.model.desired import FollowLatest, Pinned, Unmanaged, VersionWish
from reconciler.model.plan import Blocked, InSync, Pending, Settling
from reconciler.sandbox.control_plane import Timing

pytestmark = pytest.mark.exhaustive

FAILING = {"Variables": {"SANDBOX_INIT_FAILS": "1"}}


def nothing(_: Aws) -> None: ...


def published(aws: Aws) -> None:
    aws.do("PublishVersion", FunctionName="f")


def aliased(aws: Aws) -> None:
    published(aws)
    aws.do("CreateAlias", FunctionName="f", Name="live", FunctionVersion="1")


def warm(aws: Aws) -> None:
    aliased(aws)
    aws.do("PutProvisionedConcurrencyConfig", FunctionName="f", Qualifier="live", ProvisionedConcurrentExecutions=2)
    aws.clock.now += 300


def warming(aws: Aws) -> None:
    aliased(aws)
    aws.do("PutProvisionedConcurrencyConfig", FunctionName="f", Qualifier="live", ProvisionedConcurrentExecutions=2)


def warm_and_deployed(aws: Aws) -> None:
    warm(aws)
    aws.deploy("f", Timeout=99)


def deployed_in_progress(aws: Aws) -> None:
    warm(aws)
    aws.plane = aws.plane.copy(timing=Timing(update=20.0))
    aws.deploy("f", Timeout=99)


def moving(aws: Aws) -> None:
    warm_and_deployed(aws)
    published(aws)
    aws.do("UpdateAlias", FunctionName="f", Name="live", FunctionVersion="2")


def moving_and_deployed(aws: Aws) -> None:
    moving(aws)
    aws.deploy("f", Timeout=100)


def failed(aws: Aws) -> None:
    aws.deploy("f", Environment=FAILING)
    aliased(aws)
    aws.do("PutProvisionedConcurrencyConfig", FunctionName="f", Qualifier="live", ProvisionedConcurrentExecutions=2)
    aws.clock.now += 900


def failed_and_mended(aws: Aws) -> None:
    failed(aws)
    aws.deploy("f", Environment={"Variables": {}})


def stuck(aws: Aws) -> None:
    warm(aws)
    aws.deploy("f", Environment=FAILING)
    published(aws)
    aws.do("UpdateAlias", FunctionName="f", Name="live", FunctionVersion="2")
    aws.clock.now += 900


def stuck_and_mended(aws: Aws) -> None:
    stuck(aws)
    aws.deploy("f", Environment={"Variables": {"MENDED": "1"}})


def canary(aws: Aws) -> None:
    aliased(aws)
    aws.deploy("f", Timeout=99)
    published(aws)
    weights = {"AdditionalVersionWeights": {"2": 0.1}}
    aws.do("UpdateAlias", FunctionName="f", Name="live", RoutingConfig=weights)


def on_latest(aws: Aws) -> None:
    published(aws)
    aws.do("CreateAlias", FunctionName="f", Name="live", FunctionVersion="$LATEST")


WORLDS: tuple[Callable[[Aws], None], ...] = (
    nothing,
    published,
    aliased,
    warm,
    warming,
    warm_and_deployed,
    deployed_in_progress,
    moving,
    moving_and_deployed,
    failed,
    failed_and_mended,
    stuck,
    stuck_and_mended,
    canary,
    on_latest,
)


def called_on_both_names(aws: Aws) -> None:
    """The alias has one of the two statements already, under another Sid, one of its own, and settings."""
    called_bare(aws)
    on_the_alias(aws, "elsewhere", "s3.amazonaws.com", "arn:aws:s3:::uploads")
    on_the_alias(aws, "own", "sns.amazonaws.com", "arn:aws:sns:us-east-1:123456789012:t")
    if aws.alias("f", "live"):
        aws.do("PutFunctionEventInvokeConfig", FunctionName="f", Qualifier="live", MaximumRetryAttempts=2)


def called_at_odds(aws: Aws) -> None:
    """A Sid means something else on the alias."""
    called_bare(aws)
    on_the_alias(aws, "s3", "sns.amazonaws.com", "arn:aws:sns:us-east-1:123456789012:t")


def called_oddly(aws: Aws) -> None:
    """By `$LATEST`, by a mapping of another function, by one on the alias already; and somebody who may only read."""
    queue = "arn:aws:sqs:us-east-1:123456789012:"
    aws.do("CreateEventSourceMapping", FunctionName="f:$LATEST", EventSourceArn=f"{queue}latest")
    aws.do("CreateEventSourceMapping", FunctionName="g", EventSourceArn=f"{queue}other")
    if aws.alias("f", "live"):
        aws.do("CreateEventSourceMapping", FunctionName="f:live", EventSourceArn=f"{queue}there")
    aws.do("CreateEventSourceMapping", FunctionName="f", EventSourceArn=f"{queue}once")
    aws.do("AddPermission", FunctionName="f", StatementId="reader", Action="lambda:GetFunction", Principal="*")


def on_the_alias(aws: Aws, sid: str, principal: str, source: str) -> None:
    if aws.alias("f", "live"):
        allow(aws, "f", sid, principal, source, Qualifier="live")


WISHES = tuple(product((FollowLatest(), Pinned("1"), Pinned("2"), Unmanaged()), (None, 0, 1, 2, 3)))


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.__name__)
@pytest.mark.parametrize(("version", "concurrency"), WISHES, ids=str)
def test_after_apply_the_next_plan_is_empty(
    world: Callable[[Aws], None],
    version: VersionWish,
    concurrency: int | None,
    record_property: Callable[[str, object], None],
) -> None:
    record_property("worlds", 1)
    aws = new_aws("f", clock=Clock())
    world(aws)
    config = config_of(ion("f", concurrency, version))
    before = plan_of(aws, config).plan.ions[0].verdict
    aws.refused.clear()

    _, applied = carried_out(aws, config)

    after = plan_of(aws, config).plan.ions[0].verdict
    if isinstance(before, Blocked):
        assert after == before
        assert not aws.writes()
        return
    if _ends_on_a_failing_version(aws):
        assert "FUNCTION_ERROR_INIT_FAILURE" in str(applied)  # no plan can make a failing init succeed
        return
    assert isinstance(after, InSync), (before, after, applied)
    if isinstance(before, InSync | Settling):
        assert not aws.writes()
    else:
        assert isinstance(before, Pending)
    writes = [refusal for refusal in aws.refused if not refusal[0].startswith(("Get", "List"))]
    proofs = [refusal for refusal in writes if refusal[:2] == ("UpdateAlias", "PreconditionFailedException")]
    assert len(proofs) <= 1, "a repair proves its permission once"
    assert writes == proofs, "AWS's rules refused a call on the way"
    assert aws.puts_on_weights == 0
    assert summarize(plan_of(aws, config).plan).in_sync == 1


CALLERS: tuple[Callable[[Aws], None], ...] = (
    nothing,
    called_bare,
    called_on_both_names,
    called_at_odds,
    called_oddly,
)


@pytest.mark.parametrize("called", CALLERS, ids=lambda called: called.__name__)
@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.__name__)
@pytest.mark.parametrize("concurrency", [None, 0, 2])
@pytest.mark.parametrize("version", [FollowLatest(), Pinned("1"), Unmanaged()], ids=str)
def test_after_apply_callers_reach_the_alias_and_the_next_plan_is_empty(
    version: VersionWish,
    concurrency: int | None,
    world: Callable[[Aws], None],
    called: Callable[[Aws], None],
    record_property: Callable[[str, object], None],
) -> None:
    record_property("worlds", 1)
    aws = new_aws("f", "g", clock=Clock())
    world(aws)
    called(aws)
    config = config_of(ion("f", concurrency, version, callers=CALLED))
    bare, alias, mapped = aws.allowed("f"), aws.allowed("f", "live"), aws.mapped()
    before = plan_of(aws, config).plan.ions[0].verdict

    _, applied = carried_out(aws, config)

    after = plan_of(aws, config).plan.ions[0].verdict
    assert aws.allowed("f") == bare, "nothing is taken away from the bare function"
    assert alias.items() <= aws.allowed("f", "live").items(), "nor from the alias"
    if isinstance(before, Blocked):
        assert (after, aws.writes()) == (before, [])
        return
    if _ends_on_a_failing_version(aws) and concurrency != 0:
        assert aws.mapped() == mapped, "nothing is moved to what fails"
        return
    assert isinstance(after, InSync), (before, after, applied)
    expressible = {sid for sid in bare if sid != "reader"}
    assert {str(bare[sid]) for sid in expressible} <= set(map(str, aws.allowed("f", "live").values()))
    assert aws.mapped() == {source: "f:live" if at in {"f", "f:$LATEST"} else at for source, at in mapped.items()}
    writes = len(aws.writes())
    carried_out(aws, config)
    assert len(aws.writes()) == writes


@pytest.mark.parametrize("deployed", [False, True], ids=["equal", "differs"])
@pytest.mark.parametrize("carrier", [FollowLatest(), Pinned("1"), Unmanaged()], ids=str)
@pytest.mark.parametrize("carried", [None, 0, 1, 2])
@pytest.mark.parametrize(("version", "concurrency"), WISHES, ids=str)
def test_an_alias_beside_one_that_carries_the_version_is_refused_nothing(  # noqa: PLR0913, PLR0917 - the small world
    version: VersionWish,
    concurrency: int | None,
    carried: int | None,
    carrier: VersionWish,
    deployed: bool,  # noqa: FBT001 - one of its dimensions
    record_property: Callable[[str, object], None],
) -> None:
    record_property("worlds", 1)
    aws = new_aws("f", clock=Clock())
    warm(aws)
    if deployed:
        aws.deploy("f", Timeout=99)
    config = config_of(ion("f", carried, carrier), ion("f", concurrency, version, alias="new"))
    aws.refused.clear()

    before, _ = carried_out(aws, config)

    after = plan_of(aws, config).plan
    for was, now in zip(before.ions, after.ions, strict=True):
        assert isinstance(now.verdict, InSync) or isinstance(was.verdict, Blocked), (was, now)
    carried_out(aws, config)  # what the other's publish has freed of its obstacle
    assert all(isinstance(each.verdict, InSync | Blocked) for each in plan_of(aws, config).plan.ions)
    assert [refusal for refusal in aws.refused if not refusal[0].startswith(("Get", "List"))] == []


def _ends_on_a_failing_version(aws: Aws) -> bool:
    behind = aws.do("GetFunction", FunctionName="f", Qualifier="live")["Configuration"]
    provisioned = aws.provisioned("f", "live")
    fails = "SANDBOX_INIT_FAILS" in behind.get("Environment", {}).get("Variables", {})
    return fails and provisioned is not None and provisioned["Status"] == "FAILED"
