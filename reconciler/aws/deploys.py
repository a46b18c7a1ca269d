"""The Step Functions executions of ion deploys: each method one AWS call. Input and output of an execution stay there.

As in reader.py: nothing is retried, paced or remembered; whatever fails raises AwsError.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from reconciler.aws.answers import Answer, InvalidResponse, optional_text, parts, text
from reconciler.aws.clients import Clients
from reconciler.aws.translate import Operation, found
from reconciler.model.deploy import Execution

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.type_defs import ListExecutionsInputTypeDef


class AwsDeploys:
    """Implements deploy.DeployReader."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    @property
    def _states(self) -> "SFNClient":
        client: SFNClient = self._clients.get("stepfunctions")
        return client

    def execution(self, arn: str) -> Execution | None:
        return found(
            Operation("states", "DescribeExecution", arn),
            lambda: _execution({**self._states.describe_execution(executionArn=arn)}),
        )

    def newest(self, machine: str, status: str | None) -> Execution | None:
        request: ListExecutionsInputTypeDef = {"stateMachineArn": machine, "maxResults": 1}

        def read() -> Execution | None:
            filtered = {**request, "statusFilter": status} if status else request
            rows = parts({**self._states.list_executions(**filtered)}, "executions")
            return _execution(rows[0]) if rows else None

        return found(Operation("states", "ListExecutions", machine), read)


def _execution(answer: Answer) -> Execution:
    return Execution(
        arn=text(answer, "executionArn"),
        status=text(answer, "status"),
        started=_seconds(answer, "startDate"),
        error=optional_text(answer, "error"),
        cause=optional_text(answer, "cause"),
    )


def _seconds(answer: Mapping[str, object], member: str) -> float:
    moment = answer.get(member)
    if not isinstance(moment, datetime):
        raise InvalidResponse(f"the answer can't be understood: {member} is not a moment")
    return moment.timestamp()
