"""Application Auto Scaling over HTTP: the calls that Terraform, the AWS CLI and boto3 make, as they go over the wire.

Terraform's provider registers a target with tags, polls until it is read, asks for its tags, puts policies and actions,
reads each by name, and after a deregistration polls until nothing is there.
"""

import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError
from sandboxed import alias
from serving import Endpoint, serving

ABOUT: dict[str, Any] = {
    "ServiceNamespace": "lambda",
    "ResourceId": "function:f:live",
    "ScalableDimension": "lambda:function:ProvisionedConcurrency",
}
PREDEFINED = {"PredefinedMetricType": "LambdaProvisionedConcurrencyUtilization"}
POLICY: dict[str, Any] = {
    "PolicyName": "p",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 0.7, "PredefinedMetricSpecification": PREDEFINED},
}


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """A function `f` whose alias `live` is on version 1."""
    for endpoint in serving():
        endpoint.world.seed("123456789012", "us-east-1", ("f",))
        alias(endpoint.client(), "f")
        yield endpoint


@pytest.fixture
def scaling(endpoint: Endpoint) -> Any:  # noqa: ANN401 - a boto3 client
    client = endpoint.client("application-autoscaling")
    client.register_scalable_target(**ABOUT, MinCapacity=1, MaxCapacity=5, Tags={"team": "ions"})
    return client


def _refusal(call: Any, **params: Any) -> tuple[str, str]:  # noqa: ANN401 - a boto3 method
    with pytest.raises(ClientError) as refused:
        call(**params)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_target_is_read_back_by_its_resource_with_its_tags(scaling: Any) -> None:  # noqa: ANN401 - a boto3 client
    read = {**ABOUT, "ResourceIds": [ABOUT["ResourceId"]]}
    del read["ResourceId"]
    (target,) = scaling.describe_scalable_targets(**read)["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 5)
    assert target["CreationTime"] == datetime(2027, 1, 15, 8, tzinfo=UTC)
    arn = target["ScalableTargetARN"]
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"team": "ions"}
    scaling.tag_resource(ResourceARN=arn, Tags={"team": "infra", "env": "test"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["env", "unknown"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"team": "infra"}
    crowd = {f"key-{number}": "" for number in range(50)}
    assert _refusal(scaling.tag_resource, ResourceARN=arn, Tags=crowd)[0] == "TooManyTagsException"
    other = f"{arn[:-1]}x"
    with pytest.raises(scaling.exceptions.ResourceNotFoundException) as missing:
        scaling.list_tags_for_resource(ResourceARN=other)
    assert missing.value.response["ResourceName"] == other


def test_a_scheduled_action_is_read_back_by_its_name(scaling: Any) -> None:  # noqa: ANN401 - a boto3 client
    starts = datetime(2027, 2, 1, 7, 30, tzinfo=UTC)
    bounds = {"MinCapacity": 2, "MaxCapacity": 2}
    put = {**ABOUT, "ScheduledActionName": "on", "Schedule": "cron(40 7 ? * MON-FRI *)", "Timezone": "Europe/Berlin"}
    scaling.put_scheduled_action(**put, ScalableTargetAction=bounds, StartTime=starts)
    read = {"ServiceNamespace": "lambda", "ResourceId": "function:f:live", "ScheduledActionNames": ["on"]}
    (action,) = scaling.describe_scheduled_actions(**read)["ScheduledActions"]
    assert {**put, "ScalableTargetAction": bounds}.items() <= action.items()
    assert action["StartTime"] == starts
    scaling.put_scheduled_action(**put, ScalableTargetAction=bounds)  # as Terraform does for any other change
    (action,) = scaling.describe_scheduled_actions(**read)["ScheduledActions"]
    assert "StartTime" not in action
    scaling.delete_scheduled_action(**ABOUT, ScheduledActionName="on")
    assert scaling.describe_scheduled_actions(**read)["ScheduledActions"] == []


def test_an_action_runs_on_the_endpoints_clock(endpoint: Endpoint, scaling: Any) -> None:  # noqa: ANN401 - a boto3 client
    bounds = {"MinCapacity": 3, "MaxCapacity": 3}
    scaling.put_scheduled_action(
        **ABOUT, ScheduledActionName="on", Schedule="cron(0 9 * * ? *)", ScalableTargetAction=bounds
    )
    endpoint.clock.advance(3600)
    warm = endpoint.client().get_provisioned_concurrency_config(FunctionName="f", Qualifier="live")
    assert warm["RequestedProvisionedConcurrentExecutions"] == 3
    activities = scaling.describe_scaling_activities(ServiceNamespace="lambda", ResourceId="function:f:live")
    told = [(activity["Cause"], activity["StatusCode"]) for activity in activities["ScalingActivities"]]
    assert told == [
        ("minimum capacity was set to 3", "Successful"),
        ("scheduled action name on was triggered", "Successful"),
        ("minimum capacity was set to 1", "Successful"),
    ]
    assert activities["ScalingActivities"][0]["StartTime"] == datetime(2027, 1, 15, 9, tzinfo=UTC)


def test_a_policys_alarms_are_in_cloudwatch_as_long_as_it_is(endpoint: Endpoint, scaling: Any) -> None:  # noqa: ANN401 - a boto3 client
    answer = scaling.put_scaling_policy(**ABOUT, **POLICY)
    (policy,) = scaling.describe_scaling_policies(**ABOUT, PolicyNames=["p"])["ScalingPolicies"]
    assert policy["Alarms"] == answer["Alarms"]
    cloudwatch = endpoint.client("cloudwatch")
    alarms = cloudwatch.describe_alarms(AlarmNames=[alarm["AlarmName"] for alarm in answer["Alarms"]])["MetricAlarms"]
    told = [(one["Threshold"], one["EvaluationPeriods"], one["StateValue"]) for one in alarms]
    assert told == [(0.7, 3, "INSUFFICIENT_DATA"), (0.63, 15, "INSUFFICIENT_DATA")]
    assert {dimension["Name"]: dimension["Value"] for dimension in alarms[0]["Dimensions"]} == {
        "FunctionName": "f",
        "Resource": "f:live",
    }
    scaling.deregister_scalable_target(**ABOUT)
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []
    assert scaling.describe_scalable_targets(ServiceNamespace="lambda")["ScalableTargets"] == []
    with pytest.raises(scaling.exceptions.ObjectNotFoundException):
        scaling.deregister_scalable_target(**ABOUT)


def test_load_that_is_reported_moves_the_number_that_clients_read(endpoint: Endpoint, scaling: Any) -> None:  # noqa: ANN401 - a boto3 client
    scaling.put_scaling_policy(**ABOUT, **POLICY)
    endpoint.world.scaler("123456789012", "us-east-1").report_load("function:f:live", 1.0)
    warm = endpoint.client().get_provisioned_concurrency_config(FunctionName="f", Qualifier="live")
    assert warm["RequestedProvisionedConcurrentExecutions"] == 2


def test_lists_come_in_pages(scaling: Any) -> None:  # noqa: ANN401 - a boto3 client
    for number in range(12):
        scaling.put_scaling_policy(**ABOUT, **{**POLICY, "PolicyName": f"p{number:02}"})
    first = scaling.describe_scaling_policies(ServiceNamespace="lambda")
    rest = scaling.describe_scaling_policies(ServiceNamespace="lambda", NextToken=first["NextToken"])
    assert (len(first["ScalingPolicies"]), len(rest["ScalingPolicies"]), "NextToken" in rest) == (10, 2, False)
    for number in range(52):
        named = {"ScheduledActionName": f"a{number:02}", "Schedule": "rate(1 day)"}
        scaling.put_scheduled_action(**ABOUT, **named, ScalableTargetAction={"MinCapacity": 1})
    pages = list(scaling.get_paginator("describe_scheduled_actions").paginate(ServiceNamespace="lambda"))
    assert [len(page["ScheduledActions"]) for page in pages] == [50, 2]
    few = scaling.describe_scheduled_actions(ServiceNamespace="lambda", MaxResults=3)
    assert len(few["ScheduledActions"]) == 3
    describe = scaling.describe_scheduled_actions
    assert _refusal(describe, ServiceNamespace="lambda", NextToken="no")[0] == "InvalidNextTokenException"
    assert _refusal(describe, ServiceNamespace="lambda", MaxResults=51)[0] == "ValidationException"
    dimension = ABOUT["ScalableDimension"]
    assert _refusal(describe, ServiceNamespace="lambda", ScalableDimension=dimension)[0] == "ValidationException"
    assert describe(ServiceNamespace="ecs")["ScheduledActions"] == []


def test_the_journal_names_the_alias_that_a_call_was_about(endpoint: Endpoint, scaling: Any) -> None:  # noqa: ANN401 - a boto3 client
    assert _refusal(scaling.delete_scheduled_action, **ABOUT, ScheduledActionName="on")[0] == "ObjectNotFoundException"
    told = [(entry.operation, entry.subject, entry.status, entry.error) for entry in endpoint.calls[-2:]]
    assert told == [
        ("RegisterScalableTarget", "f:live", 200, None),
        ("DeleteScheduledAction", "f:live", 400, "ObjectNotFoundException"),
    ]


def test_scaling_has_a_request_quota_of_its_own() -> None:
    for endpoint in serving(limited=True):
        scaling, functions = endpoint.client("application-autoscaling"), endpoint.client()
        for _ in range(10):
            scaling.describe_scalable_targets(ServiceNamespace="lambda")
        throttled = _refusal(scaling.describe_scalable_targets, ServiceNamespace="lambda")
        assert throttled == ("ThrottlingException", "Rate exceeded")
        functions.get_account_settings()
        endpoint.clock.advance(0.2)
        scaling.describe_scalable_targets(ServiceNamespace="lambda")


@pytest.mark.parametrize(
    ("target", "body", "code"),
    [
        ("AnyScaleFrontendService.Nothing", b"{}", "UnknownOperationException"),
        ("Elsewhere.DescribeScalableTargets", b"{}", "UnknownOperationException"),
        ("AnyScaleFrontendService.DescribeScalableTargets", b"{", "SerializationException"),
        ("AnyScaleFrontendService.DescribeScalableTargets", b"[]", "SerializationException"),
        ("AnyScaleFrontendService.DescribeScalableTargets", b"[" * 100_000, "SerializationException"),
        ("AnyScaleFrontendService.DescribeScalableTargets", b'{"ServiceNamespace": 3}', "SerializationException"),
        ("AnyScaleFrontendService.DescribeScalableTargets", b'{"ServiceNamespace": null}', "ValidationException"),
    ],
)
def test_what_is_no_request_is_refused_in_the_protocols_words(
    endpoint: Endpoint, target: str, body: bytes, code: str
) -> None:
    scope = "Credential=AKIA123456789012/20270115/us-east-1/application-autoscaling/aws4_request"
    connection = http.client.HTTPConnection(urlsplit(endpoint.url).netloc)
    connection.request("POST", "/", body, {"X-Amz-Target": target, "Authorization": f"AWS4-HMAC-SHA256 {scope}"})
    response = connection.getresponse()
    answered = json.loads(response.read())
    connection.close()
    assert (response.status, response.headers["Content-Type"]) == (400, "application/x-amz-json-1.1")
    assert answered["__type"] == code == response.headers["x-amzn-ErrorType"]
