"""Executions of state machines: how they end and when, what is told of them, and AWS's words for what is not there."""

import json
from typing import Any

import pytest
from sandbox_clock import Clock
from serving import TIMING, serving

from reconciler.sandbox.control_plane import ApiError
from reconciler.sandbox.executions import Executions

MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:datomic-prod"
SECONDS = 30.0


class Deploys:
    """One state machine whose executions last 30 seconds."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.executions = Executions(clock=self.clock, seconds=SECONDS, exists=lambda arn: arn == MACHINE)

    def start(self, name: str = "one", **told: str) -> str:
        given = {"stateMachineArn": MACHINE, "name": name, "input": json.dumps(told)}
        return str(self.executions.call("StartExecution", given)["executionArn"])

    def describe(self, arn: str) -> dict[str, Any]:
        return self.executions.call("DescribeExecution", {"executionArn": arn})

    def list(self, **more: object) -> dict[str, Any]:
        return self.executions.call("ListExecutions", {"stateMachineArn": MACHINE, **more})

    def words(self, operation: str, **params: object) -> tuple[str, str | None]:
        with pytest.raises(ApiError) as refused:
            self.executions.call(operation, params)
        assert refused.value.status == 400
        return refused.value.code, refused.value.message


def test_an_execution_runs_and_then_has_succeeded() -> None:
    deploys = Deploys()
    began = deploys.clock()
    arn = deploys.start()
    running = {
        "executionArn": "arn:aws:states:us-east-1:123456789012:execution:datomic-prod:one",
        "stateMachineArn": MACHINE,
        "name": "one",
        "status": "RUNNING",
        "startDate": began,
        "redriveCount": 0,
        "input": "{}",
        "inputDetails": {"included": True},
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Execution is RUNNING and cannot be redriven",
    }
    assert deploys.describe(arn) == running
    deploys.clock.advance(SECONDS)
    assert deploys.describe(arn) == {
        **running,
        "status": "SUCCEEDED",
        "stopDate": began + SECONDS,
        "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
        "output": "{}",
        "outputDetails": {"included": True},
    }


@pytest.mark.parametrize(
    ("told", "error", "cause"),
    [
        ({"SANDBOX_ENDS": "FAILED"}, "States.TaskFailed", None),
        ({"SANDBOX_ENDS": "FAILED", "SANDBOX_ERROR": "Load", "SANDBOX_CAUSE": "no such var"}, "Load", "no such var"),
        ({"SANDBOX_ENDS": "TIMED_OUT"}, "States.Timeout", None),
        ({"SANDBOX_ENDS": "ABORTED"}, None, None),
    ],
)
def test_an_execution_ends_as_its_input_says(told: dict[str, str], error: str | None, cause: str | None) -> None:
    deploys = Deploys()
    arn = deploys.start(**told)
    assert (deploys.describe(arn)["status"], "error" in deploys.describe(arn)) == ("RUNNING", False)
    deploys.clock.advance(SECONDS)
    ended = deploys.describe(arn)
    assert (ended["status"], ended.get("error"), ended.get("cause")) == (told["SANDBOX_ENDS"], error, cause)
    assert (ended["redriveStatus"], "output" in ended, "stopDate" in ended) == ("REDRIVABLE", False, True)


@pytest.mark.parametrize("status", ["RUNNING", "PENDING_REDRIVE"])
def test_an_execution_may_never_end(status: str) -> None:
    deploys = Deploys()
    arn = deploys.start(SANDBOX_ENDS=status)
    deploys.clock.advance(100 * SECONDS)
    assert (deploys.describe(arn)["status"], "stopDate" in deploys.describe(arn)) == (status, False)


def test_an_end_that_nobody_knows_is_refused() -> None:
    given = {"stateMachineArn": MACHINE, "input": '{"SANDBOX_ENDS": "NEVER"}'}
    code, message = Deploys().words("StartExecution", **given)
    assert (code, "one of ABORTED, FAILED" in str(message)) == ("InvalidExecutionInput", True)


def test_the_newest_execution_is_listed_first_and_a_status_chooses() -> None:
    deploys = Deploys()
    deploys.start("one")
    deploys.clock.advance(SECONDS)
    deploys.start("two")
    deploys.start("three")
    assert [each["name"] for each in deploys.list()["executions"]] == ["three", "two", "one"]
    assert [each["name"] for each in deploys.list(statusFilter="SUCCEEDED")["executions"]] == ["one"]
    first = deploys.list(maxResults=2)
    rest = deploys.list(maxResults=2, nextToken=first["nextToken"])
    assert [each["name"] for page in (first, rest) for each in page["executions"]] == ["three", "two", "one"]
    assert "nextToken" not in rest
    done = deploys.list(statusFilter="SUCCEEDED")["executions"][0]
    assert sorted(done) == [
        "executionArn",
        "name",
        "redriveCount",
        "startDate",
        "stateMachineArn",
        "status",
        "stopDate",
    ]


def test_the_same_start_again_is_the_same_execution_while_it_runs() -> None:
    deploys = Deploys()
    arn = deploys.start()
    assert deploys.start() == arn
    given = {"stateMachineArn": MACHINE, "name": "one", "input": "{}"}
    taken = ("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'")
    assert deploys.words("StartExecution", **{**given, "input": '{"a": 1}'}) == taken
    deploys.clock.advance(SECONDS)
    assert deploys.words("StartExecution", **given) == taken


def test_an_execution_that_is_stopped_was_aborted() -> None:
    deploys = Deploys()
    arn = deploys.start()
    deploys.clock.advance(1.0)
    stopped = deploys.executions.call("StopExecution", {"executionArn": arn, "error": "E", "cause": "why"})
    assert stopped == {"stopDate": deploys.clock()}
    ended = deploys.describe(arn)
    assert (ended["status"], ended["error"], ended["cause"]) == ("ABORTED", "E", "why")


@pytest.mark.parametrize(
    ("operation", "params", "code", "message"),
    [
        (
            "DescribeExecution",
            {"executionArn": "arn:aws:states:us-east-1:123456789012:execution:datomic-prod:none"},
            "ExecutionDoesNotExist",
            "Execution Does Not Exist: 'arn:aws:states:us-east-1:123456789012:execution:datomic-prod:none'",
        ),
        ("DescribeExecution", {"executionArn": "x"}, "InvalidArn", "Invalid Arn: 'Invalid ARN prefix: x'"),
        ("ListExecutions", {"stateMachineArn": "x"}, "InvalidArn", "Invalid Arn: 'Invalid ARN prefix: x'"),
        (
            "ListExecutions",
            {"stateMachineArn": f"{MACHINE}-2"},
            "StateMachineDoesNotExist",
            f"State Machine Does Not Exist: '{MACHINE}-2'",
        ),
        (
            "StartExecution",
            {"stateMachineArn": f"{MACHINE}-2"},
            "StateMachineDoesNotExist",
            f"State Machine Does Not Exist: '{MACHINE}-2'",
        ),
        (
            "DescribeExecution",
            {"executionArn": MACHINE},
            "InvalidArn",
            f"Invalid Arn: 'Resource type not valid in this context: {MACHINE}'",
        ),
    ],
)
def test_what_is_not_there_is_told_in_aws_words(
    operation: str, params: dict[str, str], code: str, message: str
) -> None:
    assert Deploys().words(operation, **params) == (code, message)


@pytest.mark.parametrize(
    ("params", "wrong"),
    [
        (
            {"maxResults": 1001},
            "Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less",
        ),
        ({"nextToken": ""}, "Value '' at 'nextToken' failed to satisfy constraint: Member must have length greater"),
        ({"statusFilter": "DONE"}, "Value 'DONE' at 'statusFilter' failed to satisfy constraint: Member must satisfy"),
    ],
)
def test_a_misshapen_list_is_refused(params: dict[str, object], wrong: str) -> None:
    code, message = Deploys().words("ListExecutions", stateMachineArn=MACHINE, **params)
    assert (code, f"1 validation error detected: {wrong}" in str(message)) == ("ValidationException", True)


def test_a_token_that_was_never_given_is_refused() -> None:
    assert Deploys().words("ListExecutions", stateMachineArn=MACHINE, nextToken="x")[0] == "InvalidToken"


def test_an_input_that_is_not_json_is_refused() -> None:
    code, _ = Deploys().words("StartExecution", stateMachineArn=MACHINE, input="not json")
    assert code == "InvalidExecutionInput"


def test_a_deploy_is_tried_over_http_with_a_state_machine_of_ones_own() -> None:
    for endpoint in serving():
        states = endpoint.client("stepfunctions")
        role = "arn:aws:iam::123456789012:role/r"
        states.create_state_machine(name="datomic-prod", definition="{}", roleArn=role)
        arn = states.start_execution(stateMachineArn=MACHINE, input='{"SANDBOX_ENDS": "FAILED"}')["executionArn"]
        assert states.describe_execution(executionArn=arn)["startDate"].timestamp() == endpoint.clock()
        running = states.list_executions(stateMachineArn=MACHINE, statusFilter="RUNNING")["executions"]
        assert [each["executionArn"] for each in running] == [arn]
        endpoint.clock.advance(TIMING.update)
        assert states.describe_execution(executionArn=arn)["status"] == "FAILED"
        assert endpoint.calls[-1].operation == "DescribeExecution"
        with pytest.raises(states.exceptions.StateMachineDoesNotExist):
            states.list_executions(stateMachineArn=f"{MACHINE}-2")
