"""The law: for every desired and every observed world, apply, and the next plan is empty.

Worlds are made by AWS's own calls on the sandbox's model; every one is tried with every desired.
"""

from collections.abc import Callable
from itertools import product

import pytest
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
