"""Resource policies of every spelling that IAM has, asynchronous settings, mappings: what is read and what is sent."""

import json
from typing import Any

import pytest
from aws_stubs import ARN, FUNCTION, Refuses, Says, reading, writing

from reconciler.aws.policies import resource_policy_of
from reconciler.model.callers import AsyncSettings, EventSource, Grant, ResourcePolicy, Statement
from reconciler.model.errors import AwsError, ErrorKind

BUCKET = "arn:aws:s3:::uploads"
S3 = {
    "Sid": "s3",
    "Effect": "Allow",
    "Principal": {"Service": "s3.amazonaws.com"},
    "Action": "lambda:InvokeFunction",
    "Resource": ARN,
    "Condition": {"ArnLike": {"AWS:SourceArn": BUCKET}},
}
UUID = "14e0db71-5d35-4eb5-b481-8945cf9d10c2"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:jobs"


def parsed(*statements: object) -> tuple[Statement, ...]:
    text = json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": list(statements)})
    return resource_policy_of({"Policy": text, "RevisionId": "p1"}).statements


def one(**changes: object) -> Statement:
    (statement,) = parsed({name: value for name, value in (S3 | changes).items() if value is not None})
    return statement


def test_a_statement_of_add_permission_is_read_back_as_what_makes_it() -> None:
    assert one().grant == Grant("s3", "lambda:InvokeFunction", "s3.amazonaws.com", source_arn=BUCKET)
    assert one().invokes


@pytest.mark.parametrize(
    ("condition", "field", "value"),
    [
        ({"StringEquals": {"AWS:SourceAccount": "123456789012"}}, "source_account", "123456789012"),
        ({"StringEquals": {"lambda:EventSourceToken": "amzn1.ask.x"}}, "event_source_token", "amzn1.ask.x"),
        ({"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}, "function_url_auth_type", "NONE"),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-0123456789"}}, "principal_org_id", "o-0123456789"),
        ({"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}, "invoked_via_function_url", True),
        ({"ArnEquals": {"aws:sourceArn": [BUCKET]}}, "source_arn", BUCKET),
    ],
)
def test_each_condition_of_add_permission_is_known(condition: object, field: str, value: object) -> None:
    grant = one(Condition=condition).grant
    assert grant == Grant("s3", "lambda:InvokeFunction", "s3.amazonaws.com", **{field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("principal", "sent"),
    [
        ("*", "*"),
        ({"AWS": "*"}, "*"),
        ({"AWS": ["210987654321"]}, "210987654321"),
        ({"AWS": "arn:aws:iam::210987654321:root"}, "210987654321"),
        ({"AWS": "arn:aws:iam::210987654321:role/a/b"}, "arn:aws:iam::210987654321:role/a/b"),
        ({"Service": "events.amazonaws.com"}, "events.amazonaws.com"),
    ],
)
def test_a_principal_is_sent_as_add_permission_takes_it(principal: object, sent: str) -> None:
    grant = one(Principal=principal).grant
    assert grant is not None
    assert grant.principal == sent


@pytest.mark.parametrize(
    ("changes", "obstacle"),
    [
        ({"Effect": "Deny"}, "its effect is Deny"),
        ({"Principal": None, "NotPrincipal": {"AWS": "*"}}, "it has NotPrincipal"),
        ({"Action": None, "NotAction": "lambda:GetFunction"}, "it has NotAction"),
        ({"Sid": None}, "it has no Sid"),
        ({"Sid": "a b"}, "it has no Sid that AddPermission takes"),
        ({"Resource": f"{ARN}:*"}, f"its Resource is {ARN}:*, not the function alone"),
        ({"Resource": [ARN, f"{ARN}:live"]}, f"its Resource is {ARN}:live, not the function alone"),
        ({"Action": ["lambda:InvokeFunction", "lambda:GetFunction"]}, "it has several actions"),
        ({"Action": "lambda:*"}, "its action lambda:* allows more than calls"),
        ({"Action": "*"}, "its action * allows more than calls"),
        ({"Principal": {"Service": ["a.amazonaws.com", "b.amazonaws.com"]}}, "it has several principals"),
        ({"Principal": {"AWS": []}}, "it has no principal"),
        ({"Principal": {"Federated": "x"}}, "its principal is of the kind Federated"),
        (
            {"Principal": {"AWS": "AROAEXAMPLE1234567890"}},
            "its principal AROAEXAMPLE1234567890 exists no more, or is none that AddPermission takes",
        ),
        ({"Condition": {"StringLike": {"aws:SourceArn": BUCKET}}}, "it has a condition (stringlike on aws:sourcearn)"),
        ({"Condition": {"ArnLike": {"aws:SourceArn": [BUCKET, "x"]}}}, "its condition on aws:sourcearn has 2 values"),
        (
            {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:events:*:1:rule/x"}}},
            "its condition on aws:sourcearn has a value that AddPermission does not take",
        ),
        ({"Condition": "odd"}, 'it has a condition ( on "odd")'),
    ],
)
def test_what_add_permission_can_not_express_is_told_and_never_approximated(
    changes: dict[str, object], obstacle: str
) -> None:
    statement = one(**changes)
    assert (statement.grant, statement.obstacle) == (None, obstacle)
    assert statement.invokes


SAME: list[tuple[dict[str, object], dict[str, object]]] = [
    ({}, {"Sid": "another", "Resource": f"{ARN}:live"}),
    ({}, {"Action": ["LAMBDA:invokefunction"]}),
    ({}, {"Condition": {"arnequals": {"aws:SOURCEARN": [BUCKET]}}}),
    ({"Principal": "*"}, {"Principal": {"AWS": "*"}}),
    ({"Principal": {"AWS": "210987654321"}}, {"Principal": {"AWS": "arn:aws:iam::210987654321:root"}}),
    ({"Principal": {"AWS": ["b", "a"]}}, {"Principal": {"AWS": ["a", "b"]}}),
    ({"Condition": {"Bool": {"x": True}}}, {"Condition": {"Bool": {"x": "true"}}}),
]
OTHERS: list[dict[str, object]] = [
    {"Effect": "Deny"},
    {"Action": "lambda:InvokeFunctionUrl"},
    {"Principal": {"AWS": "s3.amazonaws.com"}},
    {"Condition": None},
    {"Condition": {"ArnLike": {"AWS:SourceArn": f"{BUCKET}2"}}},
    {"Condition": {"StringLike": {"AWS:SourceArn": BUCKET}}},
    {"Condition": {"ArnLike": {"AWS:SourceArn": BUCKET}, "StringEquals": {"AWS:SourceAccount": "1"}}},
    {"Principal": None, "NotPrincipal": {"Service": "s3.amazonaws.com"}},
]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_statements_that_say_the_same_in_other_words_have_one_meaning(
    first: dict[str, object], second: dict[str, object]
) -> None:
    assert one(**first).meaning == one(**second).meaning


@pytest.mark.parametrize("changes", OTHERS, ids=str)
def test_whatever_else_differs_is_another_meaning(changes: dict[str, object]) -> None:
    assert one(**changes).meaning != one().meaning


@pytest.mark.parametrize("action", ["lambda:GetFunction", "lambda:Get*", "s3:*"])
def test_a_statement_about_other_actions_is_not_about_calls(action: str) -> None:
    assert not one(Action=action).invokes


@pytest.mark.parametrize("policy", ["", "[]", "null", "{", '{"Statement": ["x"]}', '{"Statement": 5}', "[" * 100_000])
def test_what_is_no_policy_is_never_taken_for_an_empty_one(policy: str) -> None:
    answer = Says("GetPolicy", {"FunctionName": FUNCTION}, {"Policy": policy, "RevisionId": "p"})
    with reading(answer) as reader, pytest.raises(AwsError) as caught:
        reader.policy(FUNCTION, None)
    assert caught.value.kind is ErrorKind.UNAVAILABLE


def test_a_policy_is_read_of_the_qualifier_with_its_revision_and_none_is_no_statement() -> None:
    live = {"FunctionName": FUNCTION, "Qualifier": "live"}
    answer = {"Policy": json.dumps({"Statement": S3}), "RevisionId": "p1"}
    missing = Refuses("GetPolicy", live, "ResourceNotFoundException", "The resource you requested does not exist.", 404)
    with reading(Says("GetPolicy", {"FunctionName": FUNCTION}, answer), missing) as reader:
        assert reader.policy(FUNCTION, None) == ResourcePolicy((one(),), "p1")
        assert reader.policy(FUNCTION, "live") == ResourcePolicy((), None)


ASYNC: dict[str, Any] = {
    "MaximumRetryAttempts": 0,
    "MaximumEventAgeInSeconds": 60,
    "DestinationConfig": {"OnSuccess": {}, "OnFailure": {"Destination": QUEUE}},
}


def test_asynchronous_settings_are_read_and_sent_whole() -> None:
    live = {"FunctionName": FUNCTION, "Qualifier": "live"}
    settings = AsyncSettings(retries=0, max_age=60, on_failure=QUEUE)
    with reading(Says("GetFunctionEventInvokeConfig", {"FunctionName": FUNCTION}, ASYNC)) as reader:
        assert reader.async_settings(FUNCTION, None) == settings
    with reading(Refuses("GetFunctionEventInvokeConfig", live, "ResourceNotFoundException", status=404)) as reader:
        assert reader.async_settings(FUNCTION, "live") is None
    sent = live | {**ASYNC, "DestinationConfig": {"OnFailure": {"Destination": QUEUE}}}
    with writing(Says("PutFunctionEventInvokeConfig", sent)) as writer:
        writer.put_async_settings(FUNCTION, "live", settings)
    with writing(Says("PutFunctionEventInvokeConfig", live | {"MaximumRetryAttempts": 1})) as writer:
        writer.put_async_settings(FUNCTION, "live", AsyncSettings(retries=1))


def test_a_statement_is_added_to_the_alias_under_its_sid_and_a_revision() -> None:
    grant = Grant("s3", "lambda:InvokeFunction", "*", BUCKET, "123456789012", "t", "o-0123456789", "NONE", False)
    sent = {
        "FunctionName": FUNCTION,
        "Qualifier": "live",
        "RevisionId": "r1",
        "StatementId": "s3",
        "Action": "lambda:InvokeFunction",
        "Principal": "*",
        "SourceArn": BUCKET,
        "SourceAccount": "123456789012",
        "EventSourceToken": "t",
        "PrincipalOrgID": "o-0123456789",
        "FunctionUrlAuthType": "NONE",
        "InvokedViaFunctionUrl": False,
    }
    with writing(Says("AddPermission", sent, {"Statement": "{}"})) as writer:
        writer.add_permission(FUNCTION, "live", grant, revision_id="r1")


def test_a_sid_that_is_taken_is_told_from_other_conflicts() -> None:
    words = "The statement id (s3) provided already exists. Please provide a new statement id, or remove the existing"
    sent = {"FunctionName": FUNCTION, "Qualifier": "live", "RevisionId": "r1", "StatementId": "s3"}
    sent |= {"Action": "lambda:InvokeFunction", "Principal": "*"}
    taken = Refuses("AddPermission", sent, "ResourceConflictException", words, 409)
    with writing(taken) as writer, pytest.raises(AwsError) as caught:
        writer.add_permission(FUNCTION, "live", Grant("s3", "lambda:InvokeFunction", "*"), revision_id="r1")
    assert caught.value.kind is ErrorKind.EXISTS


MAPPING = {"UUID": UUID, "FunctionArn": ARN, "State": "Enabled", "EventSourceArn": QUEUE}


def test_a_mapping_is_moved_by_its_function_alone() -> None:
    answer = MAPPING | {"FunctionArn": f"{ARN}:live", "State": "Updating"}
    sent = {"UUID": UUID, "FunctionName": f"{ARN}:live"}
    with writing(Says("UpdateEventSourceMapping", sent, answer)) as writer:
        moved = writer.move_event_source(UUID, target=f"{ARN}:live")
    assert moved == EventSource(UUID, QUEUE, FUNCTION, "live", "Updating")


def test_a_mapping_at_work_says_so_and_a_missing_one_is_none() -> None:
    busy = Refuses(
        "UpdateEventSourceMapping", {"UUID": UUID, "FunctionName": ARN}, "ResourceInUseException", "in use", 400
    )
    with writing(busy) as writer, pytest.raises(AwsError) as caught:
        writer.move_event_source(UUID, target=ARN)
    assert caught.value.kind is ErrorKind.IN_USE
    gone = Refuses("GetEventSourceMapping", {"UUID": UUID}, "ResourceNotFoundException", status=404)
    disabled = Says("GetEventSourceMapping", {"UUID": UUID}, MAPPING | {"State": "Disabled"})
    with reading(gone, disabled) as reader:
        assert reader.event_source(UUID) is None
        assert reader.event_source(UUID) == EventSource(UUID, QUEUE, FUNCTION, None, "Disabled")
