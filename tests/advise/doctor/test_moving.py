"""The doctor's commands, run by a shell: they move the trigger to the alias, and everything else of it stays."""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jmespath  # type: ignore[import-untyped]  # it has no types
import pytest
from pasting import run_in_shell
from serving import EMPTY_ZIP, Endpoint, serving

from reconciler.advise.doctor.moving import schedules, switch
from reconciler.advise.doctor.next_steps import Advice, allow
from reconciler.model.inventory import Permission
from reconciler.model.observed import Key
from reconciler.sandbox.wire import DEFAULT_ACCOUNT

FN = f"arn:aws:lambda:us-east-1:{DEFAULT_ACCOUNT}:function:f"
LIVE = f"{FN}:live"
TARGET = Key(DEFAULT_ACCOUNT, "us-east-1", "f", "live")
OTHER = f"arn:aws:lambda:us-east-1:{DEFAULT_ACCOUNT}:function:f-other"
CALL = "lambda:InvokeFunction"
RULE = f"arn:aws:events:us-east-1:{DEFAULT_ACCOUNT}:rule"


@dataclass(frozen=True)
class Terminal:
    """Somebody with the AWS CLI in a folder of their own, and an AWS that it reaches."""

    endpoint: Endpoint
    folder: Path

    def client(self, service: str) -> Any:  # noqa: ANN401 - a boto3 client
        return self.endpoint.client(service)

    def paste(self, *advice: Advice, check_only: bool = False) -> None:
        """Run all commands in one shell, as they stand; the first that fails ends it."""
        commands = [command for one in advice for command in one.commands]
        run_in_shell(self.folder, commands, self.endpoint.url, **({"CHECK_ONLY": "1"} if check_only else {}))

    def permitted(self, principal: str, source: str) -> Permission:
        """A permission of the bare function, and the function itself beside another one."""
        self.client("lambda").add_permission(
            FunctionName="f", StatementId="s", Action=CALL, Principal=principal, SourceArn=source
        )
        return Permission("s", principal, CALL, source)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    for endpoint in serving():
        client = endpoint.client()
        for name in ("f", "f-other"):
            client.create_function(
                FunctionName=name, Role="arn:aws:iam::123456789012:role/r", Runtime="java21", Handler="h", Code=CODE
            )
        endpoint.clock.now += 10
        client.publish_version(FunctionName="f")
        client.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
        yield Terminal(endpoint, tmp_path)


CODE = {"ZipFile": EMPTY_ZIP}
WHOLE = {
    "Input": '{"say": "\\"hi\\""}',
    "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 300},
    "DeadLetterConfig": {"Arn": f"arn:aws:sqs:us-east-1:{DEFAULT_ACCOUNT}:dead"},
}


@pytest.mark.parametrize("bus", ["default", "orders"])
def test_a_rules_target_keeps_all_but_its_arn_and_so_do_the_others(terminal: Terminal, bus: str) -> None:
    events = terminal.client("events")
    if bus != "default":
        events.create_event_bus(Name=bus)
    rule = {"Rule": "nightly", "EventBusName": bus}
    events.put_rule(Name="nightly", EventBusName=bus, EventPattern='{"source": ["mine"]}')
    targets: list[dict[str, object]] = [
        {"Id": "one", "Arn": FN, **WHOLE},
        {"Id": "two", "Arn": OTHER, "InputPath": "$.detail"},
    ]
    assert events.put_targets(**rule, Targets=targets)["FailedEntryCount"] == 0
    permission = terminal.permitted("events.amazonaws.com", f"{RULE}/{'' if bus == 'default' else 'orders/'}nightly")

    terminal.paste(allow(permission, TARGET), switch(permission, TARGET))

    now = {each["Id"]: each for each in events.list_targets_by_rule(**rule)["Targets"]}
    assert now == {"one": targets[0] | {"Arn": LIVE}, "two": targets[1]}
    assert "nightly" in terminal.client("lambda").get_policy(FunctionName="f", Qualifier="live")["Policy"]


def test_a_buckets_notifications_keep_all_but_the_functions_arn(terminal: Terminal) -> None:
    s3 = terminal.client("s3")
    s3.create_bucket(Bucket="uploads")
    permission = terminal.permitted("s3.amazonaws.com", "arn:aws:s3:::uploads")
    suffix = {"Key": {"FilterRules": [{"Name": "suffix", "Value": ".png"}]}}
    created, removed = ["s3:ObjectCreated:*"], ["s3:ObjectRemoved:*"]
    queue = {"Id": "q", "QueueArn": f"arn:aws:sqs:us-east-1:{DEFAULT_ACCOUNT}:q", "Events": removed}
    mine = {"Id": "mine", "LambdaFunctionArn": FN, "Events": created, "Filter": suffix}
    put = {"LambdaFunctionConfigurations": [mine], "QueueConfigurations": [queue], "EventBridgeConfiguration": {}}
    terminal.client("sqs").create_queue(QueueName="q")
    s3.put_bucket_notification_configuration(Bucket="uploads", NotificationConfiguration=put)
    before = notifications(s3)

    terminal.paste(allow(permission, TARGET), switch(permission, TARGET))

    assert json.dumps(before).count(f'"{FN}"') == 1
    assert notifications(s3) == json.loads(json.dumps(before).replace(f'"{FN}"', f'"{LIVE}"'))


def notifications(s3: Any) -> Any:  # noqa: ANN401 - a boto3 client; JSON
    found = s3.get_bucket_notification_configuration(Bucket="uploads")
    del found["ResponseMetadata"]
    return found


def test_a_topics_subscription_keeps_its_filter_and_the_old_one_ends(terminal: Terminal) -> None:
    sns = terminal.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    filters = {"FilterPolicy": '{"kind": ["a", "b"]}', "FilterPolicyScope": "MessageBody"}
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=FN, Attributes=filters)
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=OTHER)
    permission = terminal.permitted("sns.amazonaws.com", topic)

    terminal.paste(allow(permission, TARGET), switch(permission, TARGET))

    rows = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert sorted(row["Endpoint"] for row in rows) == sorted([OTHER, LIVE])
    (arn,) = (row["SubscriptionArn"] for row in rows if row["Endpoint"] == LIVE)
    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert {name: attributes[name] for name in filters} == filters


def test_a_subscription_without_any_setting_is_moved_too(terminal: Terminal) -> None:
    sns = terminal.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=FN)
    permission = terminal.permitted("sns.amazonaws.com", topic)

    terminal.paste(allow(permission, TARGET), switch(permission, TARGET))

    rows = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [row["Endpoint"] for row in rows] == [LIVE]


# What the sandbox has no service for: the commands are whole, and AWS's model knows every one of their parameters.
GROUP = f"arn:aws:elasticloadbalancing:us-east-1:{DEFAULT_ACCOUNT}:targetgroup/web/1"
API = f"arn:aws:execute-api:us-east-1:{DEFAULT_ACCOUNT}:abc123/*/GET/items"
UNTRIED: list[tuple[str, Callable[[], Advice]]] = [
    ("ALB", lambda: switch(Permission("s", "elasticloadbalancing.amazonaws.com", CALL, GROUP), TARGET)),
    ("REST and HTTP API", lambda: switch(Permission("s", "apigateway.amazonaws.com", CALL, API), TARGET)),
    ("Scheduler", lambda: Advice("", schedules(TARGET)[:1])),
]


@pytest.mark.parametrize(("kind", "advice"), UNTRIED, ids=[kind for kind, _ in UNTRIED])
def test_aws_knows_the_parameters_of_commands_for_services_that_the_sandbox_lacks(
    kind: str, advice: Callable[[], Advice], tmp_path: Path
) -> None:
    commands = list(advice().commands)
    assert commands, kind
    run_in_shell(tmp_path, commands, "http://127.0.0.1:9", CHECK_ONLY="1")


def test_a_schedule_is_sent_back_with_all_that_it_had(tmp_path: Path) -> None:
    _, reading, changing, updating = schedules(TARGET)
    query = reading.partition("--query ")[2].partition(" --output")[0]
    had = {
        "Arn": "arn:aws:scheduler:us-east-1:123456789012:schedule/g/n",
        "CreationDate": "2026-01-01T00:00:00+00:00",
        "Name": "n",
        "GroupName": "g",
        "ScheduleExpression": "rate(1 hour)",
        "ScheduleExpressionTimezone": "Europe/Berlin",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "State": "ENABLED",
        "Target": {"Arn": FN, "RoleArn": "arn:aws:iam::123456789012:role/r", "Input": "{}"},
    }
    kept = jmespath.search(query.strip("'"), had)
    assert kept == {name: value for name, value in had.items() if name not in {"Arn", "CreationDate"}}
    (tmp_path / "schedule.json").write_text(json.dumps(kept, indent=4))
    run_in_shell(tmp_path, [changing, updating], "http://127.0.0.1:9", CHECK_ONLY="1")
    assert json.loads((tmp_path / "schedule-alias.json").read_text())["Target"]["Arn"] == LIVE


@pytest.mark.parametrize(
    "permission",
    [
        Permission("s", "cognito-idp.amazonaws.com", CALL, "arn:aws:cognito-idp:us-east-1:123456789012:userpool/p"),
        Permission("s", "*", "lambda:InvokeFunctionUrl", url_auth="NONE"),
        Permission("s", "210987654321", CALL),
        Permission("s", "states.amazonaws.com", CALL),
    ],
)
def test_what_can_not_be_moved_without_a_loss_is_named_only(permission: Permission) -> None:
    advice = switch(permission, TARGET)
    assert advice.commands == ()
    assert "alias" in advice.todo or LIVE in advice.todo


@pytest.mark.parametrize("principal", ["sns", "events", "s3", "apigateway", "elasticloadbalancing"])
def test_words_of_a_policy_never_reach_the_shell_unquoted(principal: str, tmp_path: Path) -> None:
    hostile = "x;touch pwned;$(touch pwned)`touch pwned`'\"|touch pwned&"
    source = f"arn:aws:{principal}:us-east-1:123456789012:{'rule/' if principal == 'events' else ''}{hostile}"
    commands = switch(Permission("s", f"{principal}.amazonaws.com", CALL, source), TARGET).commands
    assert commands
    script = tmp_path / "bin" / "aws"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\nexit 0\n")
    script.chmod(0o755)
    for command in commands:
        subprocess.run(
            ["/bin/sh", "-c", command], cwd=tmp_path, env={"PATH": f"{script.parent}:/usr/bin:/bin"}, check=False
        )
    assert not (tmp_path / "pwned").exists()
