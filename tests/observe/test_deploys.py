"""The wait for an ion deploy: what it asks, how often, what it makes of each answer, and when it gives up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from simulation import ACCOUNT, REGION, Clock, Inline

from reconciler.aws.dispatcher import Dispatcher
from reconciler.aws.rate_limiter import RateLimiter
from reconciler.model.deploy import Execution
from reconciler.model.errors import AwsError, ErrorKind, ReconcileError
from reconciler.model.observed import AccountRegion, Key
from reconciler.observe.deploys import Deploy, DeployWait
from reconciler.observe.environments import Environment

HERE = AccountRegion(ACCOUNT, REGION)
ARN = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:datomic-prod:datomic-prod-1"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:datomic-prod"
Answers = Callable[[float], Execution | None]


@dataclass
class StepFunctions:
    """Answers by the seconds that have passed, and remembers when it was asked what."""

    clock: Clock
    answers: Answers
    begun: float = 1_000_000.0
    asked: list[tuple[float, str]] = field(default_factory=list)

    def execution(self, arn: str) -> Execution | None:
        return self._answer(arn)

    def newest(self, machine: str, status: str | None) -> Execution | None:
        assert status is None
        return self._answer(machine)

    def _answer(self, what: str) -> Execution | None:
        self.asked.append((self.clock.now - self.begun, what))
        return self.answers(self.clock.now - self.begun)


@dataclass(frozen=True, eq=False)
class Connection:
    deploys: StepFunctions
    place: AccountRegion = HERE
    reader: Any = None
    writer: Any = None
    inventory: Any = None


@dataclass
class Waited:
    """One wait, on a clock that only it moves."""

    answers: Answers
    deploy: Deploy = Deploy("prod", ARN)
    timeout: float = 1800.0
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.states = StepFunctions(self.clock, self.answers)

    def run(self) -> None:
        dispatcher = Dispatcher(
            rate_limiter=RateLimiter(), executor=Inline(self.clock), clock=self.clock, rng=Random(0)
        )
        key = Key(ACCOUNT, REGION, "prod-f", "live")
        environment = Environment(HERE, (), {key: Connection(self.states)}, dispatcher)
        DeployWait(environment, self.deploy, self.timeout, self.clock, self.said.append).run()

    def failed(self) -> str:
        with pytest.raises(ReconcileError) as raised:
            self.run()
        assert raised.value.exit_code == 1
        assert "Nothing was written" in raised.value.message
        return raised.value.message


def execution(status: str, *, began: float = 1_000_000.0, arn: str = ARN, **ended: str) -> Execution:
    return Execution(arn, status, began, **ended)


def after(seconds: float, later: Execution, *, before: Execution | None) -> Answers:
    return lambda passed: later if passed >= seconds else before


def test_it_ends_as_soon_as_the_execution_has_succeeded_and_asks_every_five_seconds() -> None:
    wait = Waited(after(12, execution("SUCCEEDED"), before=execution("RUNNING")))
    wait.run()
    assert wait.states.asked == [(0, ARN), (5, ARN), (10, ARN), (15, ARN)]
    assert wait.said == [f"Waiting for the deploy of prod to succeed: {ARN}"]


def test_a_pending_redrive_is_running() -> None:
    wait = Waited(after(7, execution("SUCCEEDED"), before=execution("PENDING_REDRIVE")))
    wait.run()
    assert wait.clock.now - 1_000_000.0 == 10


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED", "SOMETHING_NEW"])
def test_any_other_end_is_told_with_its_error_and_cause(status: str) -> None:
    ended = execution(status, error="States.TaskFailed", cause="no such rev")
    assert Waited(lambda _: ended).failed() == (
        f"the deploy of prod ended {status} (States.TaskFailed: no such rev). Nothing was written"
    )


def test_a_cause_that_is_a_whole_document_is_cut() -> None:
    said = Waited(lambda _: execution("FAILED", cause="x" * 32_000)).failed()
    assert len(said) < 600
    assert "…" in said


def test_an_execution_that_is_not_visible_yet_is_asked_for_again_for_a_minute() -> None:
    wait = Waited(after(50, execution("SUCCEEDED"), before=None))
    wait.run()
    assert len(wait.states.asked) == 11

    wait = Waited(lambda _: None)
    assert wait.failed() == (f"there is no execution {ARN} in account {ACCOUNT}, {REGION}. Nothing was written")
    assert wait.states.asked[-1] == (60, ARN)


def test_an_execution_that_was_seen_once_may_be_invisible_for_longer() -> None:
    wait = Waited(lambda passed: None if 3 < passed < 90 else execution("SUCCEEDED" if passed else "RUNNING"))
    wait.run()
    assert wait.states.asked[-1] == (90, ARN)


def test_a_deploy_that_never_ends_is_given_up_at_the_timeout() -> None:
    wait = Waited(lambda _: execution("RUNNING"), timeout=120)
    assert "the deploy of prod has not ended after 2 min" in wait.failed()
    assert wait.said[1:] == [f"Waiting for the deploy of prod: RUNNING after {n} s" for n in (30, 60, 90)]
    assert wait.states.asked[-1] == (120, ARN)


def test_a_group_means_its_newest_execution_while_that_runs_and_from_then_on_the_same_one() -> None:
    newest = execution("RUNNING", began=1_000_000.0 - 5000)
    wait = Waited(after(5, execution("SUCCEEDED"), before=newest), Deploy("prod"))
    wait.run()
    assert wait.states.asked == [(0, MACHINE), (5, ARN)]


def test_a_group_means_an_execution_that_has_ended_when_it_began_within_fifteen_minutes() -> None:
    Waited(lambda _: execution("SUCCEEDED", began=1_000_000.0 - 899), Deploy("prod")).run()

    said = Waited(lambda _: execution("SUCCEEDED", began=1_000_000.0 - 901), Deploy("prod")).failed()
    assert "no deploy of prod is running" in said
    assert "none of datomic-prod began in the last 15 minutes" in said


def test_a_group_waits_a_minute_for_a_deploy_that_is_not_listed_yet() -> None:
    old = execution("SUCCEEDED", began=1_000_000.0 - 5000)
    wait = Waited(after(20, execution("SUCCEEDED"), before=old), Deploy("prod"))
    wait.run()
    assert wait.states.asked[-1] == (20, MACHINE)


def test_no_answer_for_a_while_is_no_end() -> None:
    def answers(passed: float) -> Execution:
        if passed < 40:
            raise AwsError("busy", kind=ErrorKind.UNAVAILABLE, code="Busy", operation="DescribeExecution")
        return execution("SUCCEEDED")

    Waited(answers).run()


def test_no_answer_until_the_timeout_is_told() -> None:
    def answers(_: float) -> Execution:
        raise AwsError("busy", kind=ErrorKind.UNAVAILABLE, code="Busy", operation="DescribeExecution")

    assert "The last look failed: DescribeExecution: Busy: busy" in Waited(answers, timeout=120).failed()


def test_a_denial_ends_it_at_once() -> None:
    def answers(_: float) -> Execution:
        raise AwsError("no", kind=ErrorKind.DENIED, code="AccessDenied", operation="DescribeExecution")

    wait = Waited(answers)
    assert wait.failed() == "DescribeExecution: AccessDenied: no. Nothing was written"
    assert len(wait.states.asked) == 1
