"""Scalable targets that nothing asks for, and load that can't come back, as the doctor finds them."""

from collections.abc import Iterator

import pytest
from doctor_world import FILE, diagnose
from sandboxed import Sandboxed, sandboxed

from reconciler.model.finding import Finding
from reconciler.model.inventory import DAY

SCALED = FILE.replace("concurrency: 2", "concurrency: {min: 2, max: 9}")
OPEN = FILE.replace(", concurrency: 2", "")
RELEVANT = {"scaling-left", "never-back"}


@pytest.fixture
def aws() -> Iterator[Sandboxed]:
    with sandboxed("prod-add", "prod-get") as aws:
        aws.apply(SCALED)
        yield aws


def about_scaling(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.code in RELEVANT]


def test_a_target_that_the_file_asks_for_or_the_next_apply_gives_up_is_none(aws: Sandboxed) -> None:
    assert about_scaling(diagnose(aws, SCALED)) == []
    assert about_scaling(diagnose(aws, FILE)) == []


def test_a_target_whose_number_the_file_leaves_open_is_left_over(aws: Sandboxed) -> None:
    (finding,) = about_scaling(diagnose(aws, OPEN))
    assert (finding.code, finding.message) == (
        "scaling-left",
        "a scalable target of ours (2 to 9 now) keeps scaling it, and the file leaves its number open",
    )
    (command,) = finding.commands
    assert command == (
        "aws application-autoscaling deregister-scalable-target --region us-east-1 --service-namespace lambda "
        "--resource-id function:prod-add:live --scalable-dimension lambda:function:ProvisionedConcurrency"
    )


def test_a_target_of_an_alias_that_the_file_does_not_name_is_left_over(aws: Sandboxed) -> None:
    (finding,) = about_scaling(diagnose(aws, FILE.replace("alias: live", "alias: other")))
    assert finding.message.endswith("the file does not name the alias")


def test_a_target_without_its_alias_is_left_over(aws: Sandboxed) -> None:
    client = aws.client()
    client.delete_provisioned_concurrency_config(FunctionName="prod-add", Qualifier="live")
    client.delete_alias(FunctionName="prod-add", Name="live")
    (finding,) = about_scaling(diagnose(aws, OPEN))
    assert finding.message.endswith("there is no such alias")


def test_a_number_that_the_file_scales_is_as_old_as_its_target(aws: Sandboxed) -> None:
    assert unused(aws) == ["too-young"]
    aws.pass_time(6 * DAY)
    assert unused(aws) == ["too-young"]
    aws.pass_time(1 * DAY)
    assert unused(aws) == ["never-used"]


def unused(aws: Sandboxed) -> list[str]:
    return [finding.code for finding in diagnose(aws, SCALED) if finding.code in {"too-young", "never-used"}]


def test_load_that_may_end_at_0_never_comes_back(aws: Sandboxed) -> None:
    aws.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="lambda",
        ResourceId="function:prod-add:live",
        ScalableDimension="lambda:function:ProvisionedConcurrency",
        MinCapacity=0,
        MaxCapacity=9,
    )
    (finding,) = about_scaling(diagnose(aws, FILE))
    assert (finding.code, finding.todo) == ("never-back", "give it a minimum of 1, or a window that raises it")
