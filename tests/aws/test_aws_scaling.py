"""Application Auto Scaling against botocore's model: what is sent, what is kept of an answer, what an error means."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from aws_stubs import FUNCTION, Refuses, Says, reading, writing

from reconciler.aws.writer import LambdaWriter
from reconciler.model.errors import AwsError, ErrorKind
from reconciler.model.scaling import ScalingPolicy, ScheduledAction

RESOURCE = f"function:{FUNCTION}:live"
TARGET = {
    "ServiceNamespace": "lambda",
    "ResourceId": RESOURCE,
    "ScalableDimension": "lambda:function:ProvisionedConcurrency",
}
WHEN = datetime(2026, 11, 27, tzinfo=UTC)
OPENS = ScheduledAction("reconcile-office-on", "cron(40 7 ? * MON-FRI *)", "Europe/Berlin", 3, 3)


def live_action(**changes: object) -> dict[str, object]:
    full = {
        **TARGET,
        "ScheduledActionName": OPENS.name,
        "ScheduledActionARN": "arn",
        "Schedule": OPENS.schedule,
        "Timezone": OPENS.timezone,
        "ScalableTargetAction": {"MinCapacity": 3, "MaxCapacity": 3},
        "CreationTime": WHEN,
    } | changes
    return {name: value for name, value in full.items() if value is not None}


def live_policy(**tracking: object) -> dict[str, object]:
    metric = {"PredefinedMetricSpecification": {"PredefinedMetricType": "LambdaProvisionedConcurrencyUtilization"}}
    return {
        **TARGET,
        "PolicyName": "reconcile-load",
        "PolicyARN": "arn",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 0.7, **metric, **tracking},
        "CreationTime": WHEN,
    }


def test_actions_of_the_whole_region_come_page_by_page() -> None:
    request = {"ServiceNamespace": "lambda", "MaxResults": 50}
    another = live_action(ResourceId="x", ScalableDimension="dynamodb:table:ReadCapacityUnits")
    with reading(
        Says("DescribeScheduledActions", request, {"ScheduledActions": [live_action(), another], "NextToken": "more"}),
        Says("DescribeScheduledActions", request | {"NextToken": "more"}, {"ScheduledActions": []}),
    ) as reader:
        assert reader.scheduled_actions(None) == (((RESOURCE, OPENS),), "more")
        assert reader.scheduled_actions("more") == ((), None)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Timezone": None}, ScheduledAction(OPENS.name, OPENS.schedule, None, 3, 3)),
        (
            {"ScalableTargetAction": {"MinCapacity": 0}},
            ScheduledAction(OPENS.name, OPENS.schedule, OPENS.timezone, 0, None),
        ),
        ({"EndTime": WHEN}, ScheduledAction(OPENS.name, OPENS.schedule, OPENS.timezone, 3, 3, limited=True)),
    ],
)
def test_what_an_action_leaves_out_stays_out(changes: dict[str, object], expected: ScheduledAction) -> None:
    request = {"ServiceNamespace": "lambda", "MaxResults": 50}
    answer = {"ScheduledActions": [live_action(**changes)]}
    with reading(Says("DescribeScheduledActions", request, answer)) as reader:
        assert reader.scheduled_actions(None) == (((RESOURCE, expected),), None)


@pytest.mark.parametrize(
    ("tracking", "plain"),
    [
        ({}, True),
        ({"ScaleInCooldown": 0, "ScaleOutCooldown": 0, "DisableScaleIn": False}, True),
        ({"ScaleInCooldown": 60}, False),
        ({"DisableScaleIn": True}, False),
        ({"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}, False),
    ],
)
def test_a_policy_is_plain_when_it_tracks_lambdas_metric_and_nothing_else(
    tracking: dict[str, object], *, plain: bool
) -> None:
    answer = {"ScalingPolicies": [live_policy(**tracking)]}
    with reading(Says("DescribeScalingPolicies", {"ServiceNamespace": "lambda"}, answer)) as reader:
        assert reader.scaling_policies(None) == (((RESOURCE, ScalingPolicy("reconcile-load", 0.7, plain)),), None)


Write = Callable[[LambdaWriter], None]
NOTHING_SUSPENDED = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}
ACTION = TARGET | {"ScheduledActionName": OPENS.name}
POLICY = TARGET | {"PolicyName": "reconcile-load"}
TRACKING = {
    "TargetValue": 0.7,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "LambdaProvisionedConcurrencyUtilization"},
}
WRITES: list[tuple[str, dict[str, object], dict[str, object], Write]] = [
    (
        "RegisterScalableTarget",
        TARGET | {"MinCapacity": 0, "MaxCapacity": 3, "SuspendedState": NOTHING_SUSPENDED},
        {},
        lambda writer: writer.register_target(FUNCTION, "live", minimum=0, maximum=3),
    ),
    ("DeregisterScalableTarget", {**TARGET}, {}, lambda writer: writer.deregister_target(FUNCTION, "live")),
    (
        "PutScheduledAction",
        ACTION
        | {
            "Schedule": OPENS.schedule,
            "Timezone": "Europe/Berlin",
            "ScalableTargetAction": {"MinCapacity": 3, "MaxCapacity": 3},
        },
        {},
        lambda writer: writer.put_scheduled_action(FUNCTION, "live", OPENS),
    ),
    (
        "DeleteScheduledAction",
        {**ACTION},
        {},
        lambda writer: writer.delete_scheduled_action(FUNCTION, "live", OPENS.name),
    ),
    (
        "PutScalingPolicy",
        POLICY | {"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": TRACKING},
        {"PolicyARN": "arn"},
        lambda writer: writer.put_scaling_policy(FUNCTION, "live", name="reconcile-load", target=0.7),
    ),
    (
        "DeleteScalingPolicy",
        {**POLICY},
        {},
        lambda writer: writer.delete_scaling_policy(FUNCTION, "live", "reconcile-load"),
    ),
]


@pytest.mark.parametrize(("operation", "params", "answer", "write"), WRITES, ids=[each[0] for each in WRITES])
def test_each_write_sends_just_what_it_has_to(
    operation: str, params: dict[str, object], answer: dict[str, object], write: Write
) -> None:
    with writing(Says(operation, params, answer)) as writer:
        write(writer)


@pytest.mark.parametrize(
    ("operation", "params", "write"),
    [(operation, params, write) for operation, params, _, write in WRITES if operation.startswith("De")],
    ids=[each[0] for each in WRITES if each[0].startswith("De")],
)
def test_what_is_not_there_is_as_good_as_deleted(operation: str, params: dict[str, object], write: Write) -> None:
    with writing(Refuses(operation, params, "ObjectNotFoundException")) as writer:
        write(writer)


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("ValidationException", "User is missing the following permissions: lambda:Put…", ErrorKind.DENIED),
        ("ValidationException", "Unsupported time zone", ErrorKind.REFUSED),
        ("FailedResourceAccessException", "Rate exceeded", ErrorKind.THROTTLED),
        ("ConcurrentUpdateException", "", ErrorKind.THROTTLED),
        ("ObjectNotFoundException", "No scalable target registered", ErrorKind.MISSING),
        ("LimitExceededException", "", ErrorKind.REFUSED),
    ],
)
def test_an_errors_words_tell_what_its_code_leaves_open(code: str, message: str, kind: ErrorKind) -> None:
    operation, params, _, write = WRITES[2]
    with writing(Refuses(operation, params, code, message)) as writer, pytest.raises(AwsError) as raised:
        write(writer)
    assert raised.value.kind is kind
