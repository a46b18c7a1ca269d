"""Writes of Application Auto Scaling: what makes a number due goes first; a refusal ends the ion with what to do."""

from scenes import LATEST
from simulation import Aws, carried_out, config_of, ion, new_aws

from reconciler.aws.rate_limiter import Bucket
from reconciler.model.outcome import Done, Failed, NotAttempted
from reconciler.model.scaling import Bounds, Scaled, Schedule, Weekday, Window
from reconciler.model.steps import PutScheduledAction, RegisterTarget, Step
from reconciler.sandbox.scaling import ScalingBehaviour

OFFICE = Schedule("office", tuple(Weekday)[:5], 460, 1095, "Europe/Kyiv")
BY_CLOCK = Scaled((Window(OFFICE, Bounds(3, 3)),), Bounds(1, 1), None)


def first_refusal(behaviour: ScalingBehaviour) -> tuple[Aws, Step, Failed]:
    """The step that failed; every earlier one is done, and none is tried after it."""
    aws = new_aws("f", scaling=behaviour)
    _, applied = carried_out(aws, config_of(ion("f", BY_CLOCK, LATEST)))
    (result,) = applied.results
    number = next(number for number, (_, outcome) in enumerate(result.outcomes) if isinstance(outcome, Failed))
    assert all(isinstance(outcome, Done) for _, outcome in result.outcomes[:number])
    assert all(isinstance(outcome, NotAttempted) for _, outcome in result.outcomes[number + 1 :])
    step, outcome = result.outcomes[number]
    assert isinstance(outcome, Failed)
    return aws, step, outcome


def test_permissions_that_aws_misses_are_told_as_what_to_allow() -> None:
    missing = ("iam:CreateServiceLinkedRole", "cloudwatch:PutMetricAlarm")
    aws, step, outcome = first_refusal(ScalingBehaviour(missing_permissions=missing))
    assert isinstance(step, RegisterTarget)
    assert outcome.code == "ValidationException"
    assert "User is missing the following permissions: " + ", ".join(missing) in outcome.message
    assert outcome.hint == (
        "allow iam:CreateServiceLinkedRole, cloudwatch:PutMetricAlarm; `reconcile iam-policy` prints the whole policy "
        "for the file"
    )
    assert aws.writes() == ["PublishVersion", "CreateAlias", "RegisterScalableTarget"], "nothing is sent after it"


def test_a_time_zone_that_aws_does_not_know_is_named() -> None:
    _, step, outcome = first_refusal(ScalingBehaviour(unknown_zones=frozenset({"Europe/Kyiv"})))
    assert isinstance(step, PutScheduledAction)
    assert outcome.hint == (
        "AWS may not know the time zone Europe/Kyiv, whose names are those of Joda-Time: let the file give another "
        "name of the same zone"
    )


def test_without_a_refusal_every_step_is_done() -> None:
    aws = new_aws("f")
    _, applied = carried_out(aws, config_of(ion("f", BY_CLOCK, LATEST)))
    assert all(isinstance(outcome, Done) for _, outcome in applied.results[0].outcomes)


def test_every_target_is_registered_before_the_actions_take_the_quota_so_that_lambda_allocates_meanwhile() -> None:
    names = [f"f{number:02}" for number in range(30)]
    aws = new_aws(*names)
    carried_out(aws, config_of(*(ion(name, BY_CLOCK, LATEST) for name in names)))
    written = [name for name in aws.writes() if name in {"RegisterScalableTarget", "PutScheduledAction"}]
    last = len(written) - written[::-1].index("RegisterScalableTarget")
    assert written.count("PutScheduledAction") == 60
    assert written[:last].count("PutScheduledAction") <= Bucket.SCALING.burst
