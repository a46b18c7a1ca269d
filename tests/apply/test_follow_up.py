"""What follows when an ion has settled: approved writes, with --yes also new ones, within bounds; else "plan again"."""

from scenes import LATEST, Scene, moving, warm
from simulation import Aws, carried_out, config_of, interrupting, ion, new_aws, plan_of

from reconciler.apply import ApplyOptions, CancelToken, apply
from reconciler.apply.follow_up import ApplyContext, finish_settled
from reconciler.decide.identity import write_identities
from reconciler.model.desired import Limits
from reconciler.model.outcome import Applied
from reconciler.model.plan import Approved, InSync, Settling

ONE = config_of(ion("f", 2, LATEST))


def _allocating(aws: Aws, number: int = 2) -> None:
    warm(aws, "f", 1)
    put = {"FunctionName": "f", "Qualifier": "live", "ProvisionedConcurrentExecutions": number}
    aws.do("PutProvisionedConcurrencyConfig", **put)


def _meanwhile(aws: Aws, change: str, **params: object) -> None:
    """Somebody does this at the first look of the wait."""
    made: list[str] = []

    def once(aws: Aws, operation: str, _: object) -> None:
        if len(aws.calls) > 6 and operation == "GetProvisionedConcurrencyConfig" and not made:
            made.append(operation)
            aws.do(change, FunctionName="f", **params)

    aws.always = once


def test_an_ion_that_settles_is_waited_for_and_nothing_is_written() -> None:
    aws = new_aws("f")
    _allocating(aws)

    plan, applied = carried_out(aws, ONE, anything=False)

    assert isinstance(plan.ions[0].verdict, Settling)
    assert applied.results[0].problem is None
    assert not aws.writes()
    assert isinstance(plan_of(aws, ONE).plan.ions[0].verdict, InSync)


def test_what_differs_afterwards_and_was_not_approved_ends_as_plan_again() -> None:
    aws = new_aws("f")
    _allocating(aws)
    _meanwhile(aws, "UpdateFunctionConfiguration", Timeout=99)

    _, applied = carried_out(aws, ONE, anything=False)

    assert (
        applied.results[0].problem == "it has settled, and now differs in version, which was not approved: plan again"
    )
    assert not aws.writes()


def test_after_yes_what_differs_afterwards_is_done_as_well() -> None:
    aws = new_aws("f")
    _allocating(aws)
    _meanwhile(aws, "UpdateFunctionConfiguration", Timeout=99)

    _, applied = carried_out(aws, ONE, anything=True)

    assert applied.results[0].problem is None
    assert aws.versions("f") == ["1", "2"]
    assert isinstance(plan_of(aws, ONE).plan.ions[0].verdict, InSync)


def test_a_removal_never_follows_by_itself() -> None:
    """The move failed: a repair would take the provisioned concurrency off, and nobody has seen that plan."""
    scene = Scene("", moving, config_of(ion("f", 2, LATEST)))
    aws = scene.fresh()
    broken: list[str] = []

    def fails_and_is_mended(aws: Aws, operation: str, _: object) -> None:
        if len(aws.calls) > 6 and operation == "GetAlias" and not broken:
            broken.append(operation)
            aws.plane.break_provisioned("f", "live")
            aws.deploy("f", Environment={"Variables": {"MENDED": "1"}})

    aws.always = fails_and_is_mended
    _, applied = carried_out(aws, scene.config, anything=True)

    assert broken
    assert "DeleteProvisionedConcurrencyConfig" not in aws.writes()
    assert applied.results[0].problem or "FAILED" in str(applied.results[0].outcomes)


def test_what_would_raise_a_refusal_over_all_selected_ions_does_not_follow() -> None:
    """One ion alone stays within the limit; together with what was there before it does not."""
    aws = new_aws("f", "g")
    warm(aws, "g", 10)
    _allocating(aws)
    both = config_of(ion("f", 2, LATEST), ion("g", 10, LATEST), limits=Limits(concurrency=None, monthly_usd=30.0))
    _meanwhile(aws, "UpdateFunctionConfiguration", MemorySize=1024)

    plan, applied = carried_out(aws, both, anything=True)

    assert plan.refusals == ()
    assert applied.results[0].problem is not None, "$21.90, and g costs $13.69"
    assert aws.versions("f") == ["1"]


def test_an_interruption_between_the_wait_and_the_second_look_ends_it_there() -> None:
    aws, cancel = new_aws("f"), CancelToken()
    _allocating(aws)
    planned = plan_of(aws, ONE)
    applied = apply(
        planned.plan,
        planned.resolved.environments,
        options=ApplyOptions(),
        cancel=cancel,
        on_wait=lambda *_: None,
    )
    calls = len(aws.calls)
    cancel.request()

    context = ApplyContext(ONE, planned.resolved.environments, ApplyOptions(), cancel, lambda *_: None)
    finished = finish_settled(applied, Approved(frozenset(write_identities(planned.plan.ions))), context)

    assert isinstance(finished, Applied)
    assert len(aws.calls) == calls


def test_an_interruption_during_the_second_look_begins_nothing() -> None:
    aws, cancel = new_aws("f"), CancelToken()
    _allocating(aws)
    _meanwhile(aws, "UpdateFunctionConfiguration", Timeout=99)
    clean = new_aws("f")
    _allocating(clean)
    carried_out(clean, ONE)
    aws.faults = {len(clean.calls) - 1: interrupting(cancel)}

    _, applied = carried_out(aws, ONE, cancel=cancel, anything=True)

    assert applied.interrupted
    assert not aws.writes()
