"""Whether warm capacity is used, measured by CloudWatch, and what is warm beside the file."""

from collections.abc import Iterator

import pytest
from doctor_world import FILE, codes, diagnose, measure, well_used
from sandboxed import ARN, Sandboxed, alias, sandboxed

from reconciler.advise.doctor import Severity
from reconciler.model.finding import alias_name
from reconciler.model.inventory import DAY

LIVE = f"{ARN}:prod-add:live"
TEN = FILE.replace("concurrency: 2", "concurrency: 10")


@pytest.fixture
def aws() -> Iterator[Sandboxed]:
    with sandboxed("prod-add") as aws:
        alias(aws.client(), "prod-add", warm=10)
        aws.pass_time(30 * DAY)
        yield aws


def test_no_datapoint_means_never_used_and_what_it_costs(aws: Sandboxed) -> None:
    (finding,) = diagnose(aws, TEN)
    assert (finding.code, finding.severity, finding.arn) == ("never-used", Severity.PROBLEM, LIVE)
    assert "10 kept warm, and not one call reached them in 7 days" in finding.message
    assert finding.monthly_usd == pytest.approx(10 * 256 / 1024 * 730 * 3600 * 0.0000041667)


def test_what_is_younger_than_the_days_looked_at_is_too_young_to_judge(aws: Sandboxed) -> None:
    aws.client().put_provisioned_concurrency_config(
        FunctionName="prod-add", Qualifier="live", ProvisionedConcurrentExecutions=9
    )
    aws.pass_time(1.5 * DAY)

    (finding,) = diagnose(aws, TEN)

    assert (finding.code, finding.severity) == ("too-young", Severity.UNKNOWN)
    assert finding.message == "9 kept warm for less than 7 days: too young to judge whether they are used"
    assert finding.todo == "nothing yet; run the doctor again in 6 days"
    assert codes(diagnose(aws, TEN, days=1)) == ["never-used"]
    aws.pass_time(5.5 * DAY)
    assert codes(diagnose(aws, TEN)) == ["never-used"]


def test_what_is_young_and_little_used_or_much_is_not_called_unused(aws: Sandboxed) -> None:
    client = aws.client()
    client.put_provisioned_concurrency_config(
        FunctionName="prod-add", Qualifier="live", ProvisionedConcurrentExecutions=9
    )
    aws.pass_time(2 * DAY)
    measure(aws, "prod-add", "prod-add:live", served=1_000_000, busy=2)
    assert codes(diagnose(aws, TEN)) == ["too-young"]
    measure(aws, "prod-add", "prod-add:live", spilled=100_000, busy=20)
    assert codes(diagnose(aws, TEN)) == ["too-few", "too-young"], "too little is too little at any age"


def test_a_number_that_is_scaled_again_and_again_is_as_old_as_the_days(aws: Sandboxed) -> None:
    aws.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="lambda",
        ResourceId="function:prod-add:live",
        ScalableDimension="lambda:function:ProvisionedConcurrency",
        MinCapacity=1,
        MaxCapacity=20,
    )
    aws.client().put_provisioned_concurrency_config(
        FunctionName="prod-add", Qualifier="live", ProvisionedConcurrentExecutions=9
    )
    aws.pass_time(100)
    assert codes(diagnose(aws, TEN)) == ["never-used"]


def test_use_before_the_days_asked_for_does_not_count(aws: Sandboxed) -> None:
    measure(aws, "prod-add", "prod-add:live", 10, hours=range(4 * 24), served=1_000_000, busy=10)
    assert codes(diagnose(aws, TEN)) == ["never-used"]
    assert codes(diagnose(aws, TEN, days=14)) == ["use-schedule"]


def test_use_of_another_alias_does_not_count(aws: Sandboxed) -> None:
    well_used(aws, name="blue")
    assert codes(diagnose(aws, TEN)) == ["never-used"]


def test_more_than_ever_was_busy_is_too_much_and_a_number_is_proposed(aws: Sandboxed) -> None:
    measure(aws, "prod-add", "prod-add:live", 0.01, hours=range(7 * 24), served=100_000, busy=3)
    (finding,) = diagnose(aws, TEN)
    assert (finding.code, finding.severity) == ("too-many", Severity.HINT)
    assert "at most 3 of 10 were busy at once" in finding.message
    assert finding.todo == "ask for 3, which saves $19.16 a month"


def test_a_cold_start_that_costs_dimes_to_avoid_is_dear(aws: Sandboxed) -> None:
    measure(aws, "prod-add", "prod-add:live", served=41, busy=10)
    found = {finding.code: finding.message for finding in diagnose(aws, TEN)}
    assert found["dear"] == "each cold start that it avoids costs about $0.63"


def test_spillover_is_too_little(aws: Sandboxed) -> None:
    measure(aws, "prod-add", "prod-add:live", served=900, spilled=100, busy=12)
    finding = next(iter(diagnose(aws, TEN)))
    assert (finding.code, finding.todo) == ("too-few", "ask for 12")
    assert "100 calls in 7 days (10.0%) found none of the 10 free" in finding.message


def test_calls_on_some_days_of_the_week_propose_a_schedule(aws: Sandboxed) -> None:
    measure(aws, "prod-add", "prod-add:live", 1, hours=range(4 * 24), served=1_000_000, busy=10)
    (finding,) = diagnose(aws, TEN)
    assert finding.code == "use-schedule"
    assert finding.message == "96% of the calls in 7 days came tue-sat 00:00-23:00 UTC"


def test_an_alias_without_provisioned_concurrency_is_not_measured(aws: Sandboxed) -> None:
    aws.client().delete_provisioned_concurrency_config(FunctionName="prod-add", Qualifier="live")
    assert diagnose(aws, TEN) == []
    assert ("monitoring", "GetMetricData") not in aws.operations()


def test_orphans_on_versions_and_aliases_are_told_with_their_price(aws: Sandboxed) -> None:
    client = aws.client()
    well_used(aws)
    client.update_function_configuration(FunctionName="prod-add", MemorySize=1024)
    alias(client, "prod-add", "forgotten", warm=1)
    client.update_function_configuration(FunctionName="prod-add", MemorySize=512)
    client.publish_version(FunctionName="prod-add")
    client.put_provisioned_concurrency_config(FunctionName="prod-add", Qualifier="3", ProvisionedConcurrentExecutions=2)
    client.update_function_configuration(FunctionName="prod-add", MemorySize=256)
    findings = [one for one in diagnose(aws, TEN) if one.code == "orphan"]
    assert [(alias_name(one.subject), one.arn, round(one.monthly_usd or 0, 2)) for one in findings] == [
        ("3", f"{ARN}:prod-add:3", 10.95),
        ("forgotten", f"{ARN}:prod-add:forgotten", 10.95),
    ]
    assert findings[0].commands == (
        "aws lambda delete-provisioned-concurrency-config --region us-east-1 --function-name prod-add --qualifier 3",
    )
    assert "name it in the file" in findings[1].todo


def test_what_the_file_names_elsewhere_in_it_is_no_orphan(aws: Sandboxed) -> None:
    well_used(aws)
    client = aws.client()
    client.update_function_configuration(FunctionName="prod-add", MemorySize=1024)
    alias(client, "prod-add", "blue", warm=1)
    both = f"{TEN}      blue: {{function: prod-add, alias: blue, version: unmanaged}}\n"
    assert "orphan" not in codes(diagnose(aws, both))


def test_metrics_are_asked_for_by_the_five_hundred(aws: Sandboxed) -> None:
    names = tuple(f"many-{number:03}" for number in range(126))
    aws.sandbox.world.seed("123456789012", "us-east-1", names)
    for name in names:
        alias(aws.client(), name, warm=1)
    ions = "".join(f"  {name}: {{alias: live, concurrency: 1}}\n" for name in names)
    diagnose(aws, f"version: 1\nions:\n{ions}")
    assert aws.operations().count(("monitoring", "GetMetricData")) == 13  # 4 metrics, 8 days of 288 points: 10 a call
