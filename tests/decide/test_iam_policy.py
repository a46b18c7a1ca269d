"""The policy that `iam-policy` prints allows exactly the calls that are made."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from sandboxed import Sandboxed, sandboxed

from reconciler.advise.doctor import scope_of, survey
from reconciler.apply import ApplyOptions, CancelToken, apply
from reconciler.aws.connection import AwsConnection, connect
from reconciler.aws.sessions import Sessions
from reconciler.config import parse
from reconciler.decide.iam_policy import MANAGED, SCALER, policies, policy_notes
from reconciler.decide.plan import decide
from reconciler.decide.prune import plan_prune
from reconciler.model.desired import Config, ConnectionSettings
from reconciler.model.errors import ReconcileError
from reconciler.model.observed import Unreadable
from reconciler.model.outcome import Done
from reconciler.observe import observe
from reconciler.observe.deploys import Deploy, DeployWait
from reconciler.observe.environments import resolve
from reconciler.observe.prunable import prunable
from reconciler.observe.versions import published

FILE = """
version: 1
account: "123456789012"
region: us-east-1
groups:
  prod:
    ions:
      add: {alias: live, concurrency: 2}
      get: {alias: live, concurrency: 2}
"""
SERVICES = {"monitoring": "cloudwatch"}  # as requests are signed -> as policies say it


@pytest.fixture
def aws() -> Iterator[Sandboxed]:
    with sandboxed("prod-add", "prod-get") as aws:
        yield aws


def actions(document: dict[str, object]) -> set[str]:
    statements: Any = document["Statement"]
    return {action for statement in statements for action in statement["Action"]}


def calls_of(aws: Sandboxed, work: Callable[[], object]) -> set[str]:
    """The actions of all calls that are made by `work`."""
    before = len(aws.sandbox.calls)
    work()
    return {f"{SERVICES.get(one.service, one.service)}:{one.operation}" for one in aws.sandbox.calls[before:]}


def applied(aws: Sandboxed, text: str) -> None:
    results = aws.apply(text).results
    assert all(isinstance(outcome, Done) for result in results for _, outcome in result.outcomes)


def deployed(aws: Sandboxed, **settings: Any) -> None:  # noqa: ANN401 - of UpdateFunctionConfiguration
    aws.client().update_function_configuration(FunctionName="prod-add", **settings)


def repaired(aws: Sandboxed) -> set[str]:
    """An alias that got stuck at a version whose init fails is moved to the next one."""
    deployed(aws, Environment={"Variables": {"SANDBOX_INIT_FAILS": "1"}})
    calls = calls_of(aws, lambda: aws.apply(FILE))
    aws.pass_time(1000)
    deployed(aws, Environment={"Variables": {}}, Timeout=20)
    return calls | calls_of(aws, lambda: applied(aws, FILE))


def denied_session(aws: Sandboxed, connection: ConnectionSettings) -> AwsConnection:
    """The way in of a caller to whom lambda:GetFunction is denied."""
    session = aws.sandbox.session(connection.account, connection.region)
    body = b'{"Message": "not authorized to perform: lambda:GetFunction"}'

    class Raw:
        def stream(self, **_options: object) -> Iterator[bytes]:
            yield body

    def deny(request: Any, **_event: object) -> Any:  # noqa: ANN401 - AWSPreparedRequest in, AWSResponse out
        headers: Any = {"x-amzn-ErrorType": "AccessDeniedException", "content-length": str(len(body))}
        return AWSResponse(request.url, 403, headers, Raw())

    session.events.register_first("before-send.lambda.GetFunction", deny)
    return connect(connection, sessions=Sessions(session), parallelism=4)


def planned_without_get_function(aws: Sandboxed) -> None:
    config = parse(FILE.encode(), source="warm.yaml")
    resolved = resolve(
        config.desired, opener=lambda connection: denied_session(aws, connection), dispatcher_for=aws.dispatcher
    )
    plan = decide(observe(resolved, progress=Silent()), config)
    assert not any(isinstance(ion.verdict, Unreadable) for ion in plan.ions)


def waited_for_a_deploy(aws: Sandboxed) -> None:
    arn = "arn:aws:states:us-east-1:123456789012:execution:datomic-prod:datomic-prod-1"
    (environment,) = aws.resolved(config_of(FILE)).environments
    with pytest.raises(ReconcileError, match="there is no execution"):
        DeployWait(environment, Deploy("prod", arn), timeout=600.0, now=aws.clock, tell=lambda _: None).run()


def pruned_once(aws: Sandboxed) -> None:
    config, resolved, world = aws.world(FILE)
    found = prunable(resolved, config, now=aws.clock())
    plan = plan_prune(world, found, config, keep=0, now=aws.clock())
    applied = apply(plan, resolved.environments, options=ApplyOptions(), cancel=CancelToken(), on_wait=lambda *_: None)
    assert any(outcome == Done() for result in applied.results for _, outcome in result.outcomes)


class Silent:
    def reads(self, done: int, total: int, _left: float) -> None:
        assert done <= total


def doctored(aws: Sandboxed) -> None:
    config, resolved, world = aws.world(FILE)
    survey(resolved, scope_of(config, world, days=7, now=aws.clock()))


def config_of(text: str) -> Config:
    return parse(text.encode(), source="warm.yaml")


def policy(text: str, *, read_only: bool = False, doctor: bool = False, prune: bool = False) -> Any:  # noqa: ANN401 - JSON
    (one,) = policies(config_of(text), read_only=read_only, doctor=doctor, prune=prune)
    return one.document


def planned_with_changes(aws: Sandboxed) -> set[str]:
    made = calls_of(aws, lambda: applied(aws, FILE))  # create
    deployed(aws, Timeout=30)
    made |= calls_of(aws, lambda: applied(aws, FILE))  # move
    made |= calls_of(aws, lambda: applied(aws, FILE.replace("concurrency: 2", "concurrency: 0")))  # remove
    made |= calls_of(aws, lambda: applied(aws, FILE))
    made |= calls_of(aws, lambda: waited_for_a_deploy(aws))
    made |= calls_of(aws, lambda: published(aws.resolved(config_of(FILE))))
    return made | repaired(aws) | calls_of(aws, lambda: planned_without_get_function(aws))


def test_all_calls_that_plan_and_apply_make_are_exactly_those_that_the_policy_allows(aws: Sandboxed) -> None:
    assert planned_with_changes(aws) == actions(policy(FILE))


def test_the_doctors_calls_are_those_that_its_policy_adds(aws: Sandboxed) -> None:
    made = planned_with_changes(aws)
    assert made | calls_of(aws, lambda: doctored(aws)) == actions(policy(FILE, doctor=True))


def test_prunes_calls_are_those_that_its_policy_adds_and_it_may_never_delete_a_function(aws: Sandboxed) -> None:
    made = planned_with_changes(aws)
    aws.pass_time(200_000)
    assert made | calls_of(aws, lambda: pruned_once(aws)) == actions(policy(FILE, prune=True))
    (deleting,) = (one for one in policy(FILE, prune=True)["Statement"] if "lambda:DeleteFunction" in one["Action"])
    assert all(resource.endswith(":*") for resource in deleting["Resource"])
    assert policy(FILE, prune=True, read_only=True) == policy(FILE, read_only=True)


def test_without_writing_the_calls_are_exactly_those_of_the_read_only_policy(aws: Sandboxed) -> None:
    made = calls_of(aws, lambda: aws.plan(FILE))
    applied(aws, FILE)
    made |= calls_of(aws, lambda: aws.plan(FILE))
    made |= calls_of(aws, lambda: planned_without_get_function(aws))
    reserved = {"lambda:ListProvisionedConcurrencyConfigs"}  # where a function has reserved concurrency
    assert made | reserved == actions(policy(FILE, read_only=True))


def test_a_function_that_is_missing_is_told_without_near_names_where_nobody_may_list_functions(aws: Sandboxed) -> None:
    missing = f"{FILE}      addd: {{alias: live, concurrency: 1}}\n"
    assert calls_of(aws, lambda: aws.plan(missing)) - actions(policy(missing)) == {"lambda:ListFunctions"}


@pytest.mark.parametrize("read_only", [True, False])
def test_no_policy_lists_functions_which_tells_every_environment(*, read_only: bool) -> None:
    assert "lambda:ListFunctions" not in actions(policy(FILE, read_only=read_only, doctor=True))


CALLERS = f"{FILE}defaults: {{permissions: mirror, event_sources: alias}}\n"


def called(aws: Sandboxed) -> None:
    """A statement, asynchronous settings and a mapping, all of the bare name."""
    queue = aws.client("sqs").create_queue(QueueName="jobs")["QueueUrl"]
    arn = aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
    aws.client().add_permission(FunctionName="prod-add", **statement)
    aws.client().put_function_event_invoke_config(FunctionName="prod-add", MaximumRetryAttempts=0)
    aws.client().create_event_source_mapping(FunctionName="prod-add", EventSourceArn=arn)
    aws.pass_time(60)


def test_the_calls_that_bring_callers_to_the_alias_are_those_that_the_policy_adds(aws: Sandboxed) -> None:
    plain = planned_with_changes(aws)
    called(aws)
    read = calls_of(aws, lambda: aws.plan(CALLERS))
    written = calls_of(aws, lambda: applied(aws, CALLERS))
    reserved = {"lambda:ListProvisionedConcurrencyConfigs", *planned_slowly(aws)}
    assert read | reserved == actions(policy(CALLERS, read_only=True))
    assert plain | read | written == actions(policy(CALLERS))


def planned_slowly(aws: Sandboxed) -> set[str]:
    return calls_of(aws, lambda: planned_without_get_function(aws)) | {"lambda:GetAccountSettings"}


def test_only_ions_that_ask_for_it_have_their_callers_touched() -> None:
    text = FILE.replace("add: {", "add: {permissions: mirror, event_sources: alias, ")
    arn = "arn:aws:lambda:us-east-1:123456789012"
    said = {one["Sid"]: one for one in policy(text)["Statement"]}
    assert said["MirroredFunctions"]["Resource"] == [f"{arn}:function:prod-add"]
    assert said["MirroringAliases"]["Resource"] == [f"{arn}:function:prod-add:live"]
    assert said["EventSourceMappings"]["Resource"] == [f"{arn}:event-source-mapping:*"]
    assert said["EventSourceMappings"]["Condition"] == {
        "ArnLike": {"lambda:FunctionArn": [f"{arn}:function:prod-add", f"{arn}:function:prod-add:*"]}
    }
    assert "EventSourceMappings" not in {one["Sid"] for one in policy(text, read_only=True)["Statement"]}


def test_provisioned_concurrency_is_written_on_the_files_aliases_alone() -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:prod"
    assert {one["Sid"]: one["Resource"] for one in policy(FILE)["Statement"]} == {
        "Functions": [f"{arn}-add", f"{arn}-get"],
        "Qualified": [f"{arn}-add:*", f"{arn}-get:*"],
        "Aliases": [f"{arn}-add:live", f"{arn}-get:live"],
        "Deploys": ["arn:aws:states:us-east-1:123456789012:stateMachine:datomic-prod"],
        "Executions": ["arn:aws:states:us-east-1:123456789012:execution:datomic-prod:*"],
        "Account": "*",
    }
    (where,) = (
        one["Sid"] for one in policy(FILE)["Statement"] if "lambda:PutProvisionedConcurrencyConfig" in one["Action"]
    )
    assert where == "Aliases"


@pytest.mark.parametrize(
    ("head", "arn"),
    [
        ("", "arn:aws:lambda:*:*:function:f"),
        ("region: eu-west-1\n", "arn:aws:lambda:eu-west-1:*:function:f"),
        ('account: "123456789012"\n', "arn:aws:lambda:*:123456789012:function:f"),
        ("region: cn-north-1\n", "arn:aws-cn:lambda:cn-north-1:*:function:f"),
        ("role_arn: arn:aws-cn:iam::999999999999:role/r\n", "arn:aws-cn:lambda:*:999999999999:function:f"),
    ],
)
def test_what_the_file_does_not_declare_is_a_star_and_is_said(head: str, arn: str) -> None:
    config = config_of(f"version: 1\n{head}ions: {{f: {{alias: live, concurrency: 1}}}}\n")
    given = policies(config, read_only=True, doctor=False)
    document: Any = given[0].document
    assert document["Statement"][0]["Resource"] == [arn]
    assert any("`*` stands there" in note for note in policy_notes(config, given))


def test_each_account_and_role_has_a_policy_of_its_own_and_the_caller_may_assume_the_roles() -> None:
    role = "arn:aws:iam::999999999999:role/warm"
    config = config_of(
        f"{FILE}  other:\n    role_arn: {role}\n    account: '999999999999'\n    ions: {{f: {{alias: live}}}}\n"
    )
    own, other, caller = policies(config, read_only=False, doctor=False)
    assert (own.title, other.title) == ("account 123456789012", f"account 999999999999, {role}")
    assert "999999999999" not in json.dumps(own.document)
    assert "123456789012" not in json.dumps(other.document)
    assert caller.document["Statement"] == [
        {"Sid": "Roles", "Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": [role]}
    ]


def test_more_functions_than_fit_are_divided_and_no_policy_covers_another_groups() -> None:
    many = "".join(f"      ion-{number:03}: {{alias: live}}\n" for number in range(200))
    config = config_of(f"{FILE}{many}")
    given = policies(config, read_only=False, doctor=True)
    assert len(given) > 1
    named: list[str] = []
    for number, one in enumerate(given, 1):
        assert one.title == f"account 123456789012 ({number} of {len(given)})"
        assert len(json.dumps(one.document, separators=(",", ":"))) <= MANAGED
        statements: Any = one.document["Statement"]
        named += statements[0]["Resource"]
    assert sorted(arn.rpartition(":")[2] for arn in named) == sorted(one.function for one in config.desired)
    assert any(f"{len(given)} policies" in note for note in policy_notes(config, given))


def test_a_small_file_needs_no_word() -> None:
    config = config_of(FILE)
    assert policy_notes(config, policies(config, read_only=False, doctor=False)) == ()


def test_the_flow_here_is_the_products_own(aws: Sandboxed) -> None:
    """What the tests above call is all there is: an apply in sync reads, and writes nothing."""
    applied(aws, FILE)
    config, resolved, world = aws.world(FILE)
    done = apply(
        decide(world, config),
        resolved.environments,
        options=ApplyOptions(),
        cancel=CancelToken(),
        on_wait=lambda *_: None,
    )
    assert all(not result.outcomes for result in done.results)


SCALED = FILE.replace("concurrency: 2}\n      get", "concurrency: {min: 2, max: 9}}\n      get")
CLOCKED = SCALED.replace("{min: 2, max: 9}", "{office: {min: 2, max: 9}, otherwise: 1}").replace(
    "region", 'timezone: UTC\nschedules: {office: {days: daily, from: "08:00", to: "18:00"}}\nregion'
)


def test_scaling_makes_no_call_that_the_policy_lacks_and_needs_its_alarms_and_its_role(aws: Sandboxed) -> None:
    calls = calls_of(aws, lambda: applied(aws, CLOCKED))
    calls |= calls_of(aws, lambda: applied(aws, SCALED)) | calls_of(aws, lambda: applied(aws, FILE))
    allowed = actions(policy(SCALED))
    scaling = {call for call in calls if call.startswith("application-autoscaling:")}
    assert calls <= allowed
    assert scaling == {action for action in allowed if action.startswith("application-autoscaling:")} - {
        "application-autoscaling:DeleteScalingPolicy"
    }
    assert {"cloudwatch:PutMetricAlarm", "iam:CreateServiceLinkedRole"} <= allowed
    assert not actions(policy(SCALED, read_only=True)) & {"application-autoscaling:RegisterScalableTarget"}
    assert not any("autoscaling:Put" in action for action in actions(policy(FILE)))


def test_the_service_linked_role_can_be_made_for_its_own_service_alone() -> None:
    (statement,) = (each for each in policy(SCALED)["Statement"] if each["Sid"] == "ScalingRole")
    (role,) = statement["Resource"]
    assert role.startswith(
        "arn:aws:iam::123456789012:role/aws-service-role/lambda.application-autoscaling.amazonaws.com/"
    )
    assert role.endswith("/AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency")
    assert statement["Condition"] == {"StringEquals": {"iam:AWSServiceName": SCALER}}
