"""`apply --after`: the deploy is awaited first, whoever names it; what does not go together is told before AWS is."""

import json
from typing import Any

import pytest
from commandline import ACCOUNT, Shell

GROUP = """
version: 1
groups:
  prod: {region: us-east-1, ions: {f: {alias: live, concurrency: 1}}}
  other: {region: us-east-1, ions: {g: {alias: live, concurrency: 1}}}
"""
PLACE = f"us-east-1:{ACCOUNT}"
MACHINE = f"arn:aws:states:{PLACE}:stateMachine:datomic-prod"
ARN = f"arn:aws:states:{PLACE}:execution:datomic-prod:datomic-prod-1"
EDN = f"""Deploying …
{{:execution-arn {ARN},
 :status-command "clojure -A:ion-dev '{{:op :deploy-status}}'", :doc "…"}}
"""
EDN = EDN.replace(ARN, f'"{ARN}"')


@pytest.fixture
def deployed(shell: Shell) -> Shell:
    shell.file(GROUP)
    shell.seed("prod-f", "other-g")
    states = shell.endpoint.client("stepfunctions", account=ACCOUNT)
    role = f"arn:aws:iam::{ACCOUNT}:role/states"
    states.create_state_machine(name="datomic-prod", definition="{}", roleArn=role)
    shell.calls()
    return shell


def start(shell: Shell, **ends: str) -> None:
    states: Any = shell.endpoint.client("stepfunctions", account=ACCOUNT)
    states.start_execution(stateMachineArn=MACHINE, name="datomic-prod-1", input=json.dumps(ends))
    shell.calls()


@pytest.mark.parametrize(("named", "stdin"), [(ARN, ""), ("prod", ""), ("-", EDN)])
def test_what_is_deployed_is_made_warm_once_the_deploy_has_succeeded(deployed: Shell, named: str, stdin: str) -> None:
    start(deployed)
    ran = deployed.reconcile("apply", "--after", named, "--yes", stdin=stdin)
    assert ran.code == 0, ran.err
    assert "Waiting for the deploy of prod to succeed" in ran.err
    calls = deployed.calls()
    assert calls.index("CreateAlias") > max(at for at, call in enumerate(calls) if call == "DescribeExecution")
    aliases = deployed.client().list_aliases
    assert [row["Name"] for row in aliases(FunctionName="prod-f")["Aliases"]] == ["live"]
    assert not aliases(FunctionName="other-g")["Aliases"], "only the group that is deployed"


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_a_deploy_that_does_not_succeed_writes_nothing_and_is_told_with_its_cause(deployed: Shell, status: str) -> None:
    start(deployed, SANDBOX_ENDS=status, SANDBOX_ERROR="Rev", SANDBOX_CAUSE="::error:: no such revision")
    ran = deployed.reconcile("apply", "--after", ARN, "--yes")
    assert ran.code == 1
    assert f"the deploy of prod ended {status} (Rev: " in ran.err
    assert "no such revision" in ran.err
    assert not deployed.writes()


def test_a_deploy_that_takes_too_long_writes_nothing(deployed: Shell) -> None:
    start(deployed, SANDBOX_ENDS="RUNNING")
    ran = deployed.reconcile("apply", "--after", "prod", "--after-timeout", "10m", "--yes", "--format", "json")
    assert ran.code == 1
    assert "has not ended after 10 min" in json.loads(ran.out)["errors"][0]["message"]
    assert not deployed.writes()


def test_an_execution_of_another_account_than_the_groups_writes_nothing(deployed: Shell) -> None:
    ran = deployed.reconcile("apply", "--after", ARN.replace(ACCOUNT, "999999999999"), "--yes")
    assert ran.code == 1
    assert f"the execution is of account 999999999999, us-east-1, and group prod is in account {ACCOUNT}" in ran.err
    assert "DescribeExecution" not in deployed.calls()


@pytest.mark.parametrize(
    ("words", "stdin", "said"),
    [
        (["--after", "nowhere"], "", "--after: the file has no group 'nowhere' with ions"),
        (["--after", ARN.replace("-prod:", "-nowhere:")], "", "the file has no group 'nowhere'"),
        (["--after", "prod", "--group", "prod"], "", "--after and --group don't go together"),
        (["--after", "prod", "--sandbox"], "", "--after and --sandbox don't go together"),
        (["--after", "-", "-c", "-"], GROUP, "--after - and -c - don't go together"),
        (["--after", MACHINE], "", "is not the ARN of an ion deploy's execution"),
        (["--after", ARN.replace("us-east-1", "eu-west-1")], "", "the file says us-east-1 for group prod"),
        (["--after", "-"], "", "has no :execution-arn"),
        (["--after", "-"], "{:status-command 1}", "has no :execution-arn"),
        (["--after", "-"], "{:execution-arn", "is not EDN"),
        (["--after", "-"], '{:execution-arn "prod arn"}', "no group 'prod arn'"),
        (["--after", "prod", "--after-timeout", "soon"], "", "'soon' is not a duration"),
    ],
)
def test_what_does_not_go_together_is_told_before_aws_is_asked(
    deployed: Shell, words: list[str], stdin: str, said: str
) -> None:
    ran = deployed.reconcile("apply", "--yes", *words, stdin=stdin)
    assert ran.code == 1
    assert said in ran.err
    assert not deployed.calls()


def test_a_plan_says_that_a_deploy_of_its_group_is_running(deployed: Shell) -> None:
    start(deployed)
    ran = deployed.reconcile("plan", "--format", "json")
    (warning,) = json.loads(ran.out)["warnings"]
    assert warning.startswith("an ion deploy of prod is running, and its last stage changes Lambdas")

    deployed.endpoint.clock.advance(60)
    ran = deployed.reconcile("plan", "--format", "json")
    assert json.loads(ran.out)["warnings"] == []
    assert deployed.calls().count("ListExecutions") == 4  # one a plan and group


def test_where_deploys_cannot_be_read_a_plan_is_silent(deployed: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    start(deployed)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SFN", "http://127.0.0.1:1")
    ran = deployed.reconcile("plan", "--format", "json")
    assert ran.code == 0
    assert json.loads(ran.out)["warnings"] == []
