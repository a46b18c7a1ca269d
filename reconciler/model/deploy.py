"""What is read of an ion deploy: its Step Functions execution, and the door to AWS that answers in it.

A DeployReader belongs to one account and region, makes exactly one AWS call a method, and raises AwsError.
Source of the names: https://docs.datomic.com/ions/ions-reference.html ("Deploy", "Deploy-Status").
"""

from dataclasses import dataclass
from typing import Protocol

from reconciler.model.observed import AccountRegion, partition

UNENDED = frozenset({"RUNNING", "PENDING_REDRIVE"})  # statuses of an execution that may still succeed


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution. `started`: seconds since 1970. `error` and `cause`: AWS's, of one that did not succeed."""

    arn: str
    status: str
    started: float
    error: str | None = None
    cause: str | None = None

    @property
    def ended(self) -> bool:
        return self.status not in UNENDED


def state_machine(group: str) -> str:
    """The name of the state machine that deploys a compute group."""
    return f"datomic-{group}"


def state_machine_arn(place: AccountRegion, group: str) -> str:
    name = state_machine(group)
    return f"arn:{partition(place.region)}:states:{place.region}:{place.account}:stateMachine:{name}"


class DeployReader(Protocol):
    """Reads. None: AWS said that it does not exist."""

    def execution(self, arn: str) -> Execution | None:
        """DescribeExecution."""
        ...

    def newest(self, machine: str, status: str | None) -> Execution | None:
        """ListExecutions of a state machine's ARN, which lists the newest first; `status` None: whatever it is."""
        ...
