"""Who calls the bare function, and who would be refused by the alias: read from real policies and mappings."""

from collections.abc import Iterator
from typing import Any

import pytest
from doctor_world import codes, diagnose, measure, well_used
from sandboxed import ARN, Sandboxed, alias, sandboxed

from reconciler.advise.doctor import Finding, Severity

BARE = f"{ARN}:prod-add"
LIVE = f"{BARE}:live"
RULE = "arn:aws:events:us-east-1:123456789012:rule/nightly"


@pytest.fixture
def aws() -> Iterator[Sandboxed]:
    with sandboxed("prod-add") as aws:
        alias(aws.client(), "prod-add", warm=2)
        aws.pass_time(100)
        well_used(aws)
        yield aws


def permit(aws: Sandboxed, principal: str = "events.amazonaws.com", source: str = RULE, **more: str) -> None:
    sid = "nightly" if "Qualifier" not in more else "nightly-alias"
    given: dict[str, Any] = {"StatementId": sid, "Action": "lambda:InvokeFunction", **more}
    aws.client().add_permission(FunctionName="prod-add", Principal=principal, SourceArn=source, **given)


def only(findings: list[Finding], code: str) -> Finding:
    (finding,) = [one for one in findings if one.code == code]
    return finding


def test_a_function_that_nobody_calls_past_its_alias_is_healthy(aws: Sandboxed) -> None:
    assert diagnose(aws) == []


def test_a_trigger_on_the_bare_function_is_told_with_its_source_and_how_to_switch_it(aws: Sandboxed) -> None:
    permit(aws)
    trigger = only(diagnose(aws), "bare-trigger")
    assert trigger.severity is Severity.PROBLEM
    assert f"events.amazonaws.com from {RULE} calls the bare function" in trigger.message
    assert trigger.arn == LIVE
    assert trigger.commands == (
        "aws events list-targets-by-rule --region us-east-1 --rule nightly --output json > nightly-targets.json",
        f'sed \'s|"{BARE}"|"{LIVE}"|g\' nightly-targets.json > nightly-targets-alias.json',
        "aws events put-targets --region us-east-1 --rule nightly --cli-input-json file://nightly-targets-alias.json",
    )


def test_a_principal_that_the_alias_would_refuse_gets_the_command_that_allows_it(aws: Sandboxed) -> None:
    permit(aws, SourceAccount="123456789012")
    refused = only(diagnose(aws), "not-allowed-on-alias")
    assert " ".join(refused.commands) == (
        "aws lambda add-permission --region us-east-1 --function-name prod-add --qualifier live "
        "--statement-id nightly --action lambda:InvokeFunction --principal events.amazonaws.com "
        f"--source-arn {RULE} --source-account 123456789012"
    )


def test_what_that_command_allows_is_no_longer_refused(aws: Sandboxed) -> None:
    permit(aws)
    permit(aws, Qualifier="live")
    findings = diagnose(aws)
    assert codes(findings) == ["bare-trigger"]
    assert findings[0].severity is Severity.HINT
    assert findings[0].commands[-1] == (
        "aws lambda remove-permission --region us-east-1 --function-name prod-add --statement-id nightly"
    )


def test_another_source_allowed_on_the_alias_does_not_help(aws: Sandboxed) -> None:
    permit(aws)
    permit(aws, source=f"{RULE}-other", Qualifier="live")
    assert codes(diagnose(aws)) == ["not-allowed-on-alias", "bare-trigger"]


def test_a_wildcard_on_the_alias_covers_the_source(aws: Sandboxed) -> None:
    permit(aws)
    permit(aws, source="arn:aws:events:us-east-1:123456789012:rule/*", Qualifier="live")
    assert codes(diagnose(aws)) == ["bare-trigger"]


def test_a_function_url_of_the_bare_function_is_told(aws: Sandboxed) -> None:
    aws.client().add_permission(
        FunctionName="prod-add",
        StatementId="url",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
    )
    trigger = only(diagnose(aws), "bare-trigger")
    assert trigger.message.startswith("anybody (*) calls the bare function")
    assert "make one for the alias" in trigger.todo
    assert trigger.commands == ()
    assert "--function-url-auth-type NONE" in only(diagnose(aws), "not-allowed-on-alias").commands[0]


def test_a_permission_to_do_anything_but_call_is_none_of_it(aws: Sandboxed) -> None:
    aws.client().add_permission(
        FunctionName="prod-add", StatementId="read", Action="lambda:GetFunction", Principal="210987654321"
    )
    assert diagnose(aws) == []


def queue(aws: Sandboxed) -> str:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


@pytest.mark.parametrize("named", ["prod-add", "prod-add:$LATEST", f"{ARN}:prod-add"])
def test_an_event_source_mapping_of_the_bare_function_is_pointed_at_the_alias(aws: Sandboxed, named: str) -> None:
    uuid = aws.client().create_event_source_mapping(FunctionName=named, EventSourceArn=queue(aws))["UUID"]
    (finding,) = diagnose(aws)
    assert finding.code == "bare-event-source"
    assert "arn:aws:sqs:us-east-1:123456789012:jobs" in finding.message
    assert finding.commands == (
        f"aws lambda update-event-source-mapping --region us-east-1 --uuid {uuid} --function-name {LIVE}",
    )


def test_a_mapping_of_the_alias_or_of_another_function_is_none_of_it(aws: Sandboxed) -> None:
    aws.sandbox.world.seed("123456789012", "us-east-1", ("prod-add-more",))
    source = queue(aws)
    aws.client().create_event_source_mapping(FunctionName="prod-add:live", EventSourceArn=source)
    aws.client().create_event_source_mapping(FunctionName="prod-add-more", EventSourceArn=source)
    assert diagnose(aws) == []


def test_measured_calls_of_the_bare_function_are_told(aws: Sandboxed) -> None:
    measure(aws, "prod-add", "prod-add", calls=300, days_ago=2)
    measure(aws, "prod-add", "prod-add", calls=12, days_ago=5)
    measure(aws, "prod-add", "prod-add", calls=1000, days_ago=20)
    (finding,) = diagnose(aws)
    assert finding.code == "bare-calls"
    assert "was called 312 times in 7 days" in finding.message
    assert any(command.startswith("aws scheduler list-schedules") for command in finding.commands)


def test_without_warm_capacity_a_bare_trigger_is_a_hint(aws: Sandboxed) -> None:
    aws.client().delete_provisioned_concurrency_config(FunctionName="prod-add", Qualifier="live")
    permit(aws)
    findings = diagnose(aws, "version: 1\nions: {prod-add: {alias: live, concurrency: 0}}\n")
    assert {finding.severity for finding in findings} == {Severity.HINT}
