"""Callers beside Lambda: a notification needs the permission first, and a full rule takes no target more."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from serving import Endpoint, serving

ACCOUNT = "123456789012"
FN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    yield from serving()


@pytest.fixture
def function(endpoint: Endpoint) -> Any:  # noqa: ANN401 - a boto3 client
    endpoint.world.seed(ACCOUNT, "us-east-1", ("f",))
    client = endpoint.client()
    client.publish_version(FunctionName="f")
    client.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    return client


@pytest.fixture
def bucket(endpoint: Endpoint) -> Any:  # noqa: ANN401 - a boto3 client
    s3 = endpoint.client("s3")
    s3.create_bucket(Bucket="uploads")
    return s3


def notify(s3: Any, arn: str, bucket: str = "uploads", **more: Any) -> str:  # noqa: ANN401 - a boto3 client
    """Have the bucket call this function; the code of the refusal, "" where there is none."""
    configured = {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    try:
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configured, **more)
    except ClientError as refused:
        return str(refused.response["Error"]["Code"])
    found = s3.get_bucket_notification_configuration(Bucket=bucket)["LambdaFunctionConfigurations"]
    assert [each["LambdaFunctionArn"] for each in found] == [arn]
    return ""


def allow(function: Any, **more: str) -> None:  # noqa: ANN401 - a boto3 client
    statement = {"StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
    function.add_permission(**{"FunctionName": "f", **statement, **more})


def test_a_bucket_is_moved_to_the_alias_only_once_the_alias_allows_it(function: Any, bucket: Any) -> None:  # noqa: ANN401 - boto3 clients
    source = {"SourceArn": "arn:aws:s3:::uploads", "SourceAccount": ACCOUNT}
    allow(function, **source)
    assert notify(bucket, FN) == ""
    assert notify(bucket, f"{FN}:live") == "InvalidArgument"
    kept = bucket.get_bucket_notification_configuration(Bucket="uploads")["LambdaFunctionConfigurations"]
    assert [each["LambdaFunctionArn"] for each in kept] == [FN]
    allow(function, **source, Qualifier="live")
    assert notify(bucket, f"{FN}:live") == ""


@pytest.mark.parametrize(
    "statement",
    [
        {"SourceArn": "arn:aws:s3:::other"},
        {"SourceAccount": "999999999999"},
        {"Principal": "sns.amazonaws.com"},
        {"Action": "lambda:GetFunction"},
    ],
)
def test_a_statement_for_somebody_else_allows_nothing(function: Any, bucket: Any, statement: dict[str, str]) -> None:  # noqa: ANN401 - boto3 clients
    allow(function, **statement)
    assert notify(bucket, FN) == "InvalidArgument"


@pytest.mark.parametrize("statement", [{}, {"SourceArn": "arn:aws:s3:::up*"}, {"Principal": "*"}])
def test_a_statement_that_names_no_bucket_allows_every_bucket(
    function: Any,  # noqa: ANN401 - a boto3 client
    bucket: Any,  # noqa: ANN401 - a boto3 client
    statement: dict[str, str],
) -> None:
    allow(function, **statement)
    assert notify(bucket, FN) == ""


def test_a_missing_function_reads_like_a_missing_permission(bucket: Any) -> None:  # noqa: ANN401 - a boto3 client
    assert notify(bucket, FN) == "InvalidArgument"
    assert notify(bucket, FN, SkipDestinationValidation=True) == ""


def test_a_missing_bucket_is_told_first(function: Any, bucket: Any) -> None:  # noqa: ANN401 - boto3 clients
    assert function.get_function(FunctionName="f")["Configuration"]["FunctionArn"] == FN
    assert notify(bucket, FN, "nowhere") == "NoSuchBucket"


def test_a_full_rule_takes_a_target_only_in_place_of_another(endpoint: Endpoint) -> None:
    events = endpoint.client("events")
    events.put_rule(Name="r", EventPattern='{"source":["x"]}')
    events.put_targets(Rule="r", Targets=[{"Id": str(number), "Arn": QUEUE} for number in range(5)])
    with pytest.raises(events.exceptions.LimitExceededException):
        events.put_targets(Rule="r", Targets=[{"Id": "new", "Arn": FN}])
    events.put_targets(Rule="r", Targets=[{"Id": "3", "Arn": f"{FN}:live"}])
    targets = {each["Id"]: each["Arn"] for each in events.list_targets_by_rule(Rule="r")["Targets"]}
    assert (len(targets), targets["3"]) == (5, f"{FN}:live")


def test_a_subscription_is_not_changed_by_another_subscribe(endpoint: Endpoint) -> None:
    sns = endpoint.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]

    def subscribe(endpoint: str, **attributes: str) -> str:
        given = {"TopicArn": topic, "Protocol": "lambda", "Endpoint": endpoint, "ReturnSubscriptionArn": True}
        return str(sns.subscribe(**given, Attributes=attributes)["SubscriptionArn"])

    made = subscribe(FN, FilterPolicy='{"a": ["b & C"]}')
    assert {
        subscribe(FN, FilterPolicy='{"a": ["b & C"]}', RawMessageDelivery="False"),
        subscribe(FN, FilterPolicyScope="MessageAttributes"),
        subscribe(FN),
    } == {made}
    with pytest.raises(sns.exceptions.InvalidParameterException) as refused:
        subscribe(FN, FilterPolicy='{"a": ["c"]}')
    assert refused.value.response["Error"]["Message"] == (
        "Invalid parameter: Attributes Reason: Subscription already exists with different attributes"
    )
    assert subscribe(f"{FN}:live", FilterPolicy='{"a": ["c"]}') != made
