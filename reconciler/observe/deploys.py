"""Ion deploys: whether one is running, and the wait for one to succeed.

In: an environment whose group is deployed, and which execution is meant. Out: nothing, once it has SUCCEEDED; anything
else raises ReconcileError. The reads go through the read engine, and time is its dispatcher's clock, which only starts
the deadline; when an execution began is compared with `now`, in seconds since 1970, as AWS tells it.
Both reads are eventually consistent, so that what is not visible yet is asked for again for VISIBLE seconds.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from reconciler.aws.rate_limiter import Bucket
from reconciler.model.deploy import Execution, state_machine, state_machine_arn
from reconciler.model.errors import AwsError, ErrorKind, ReconcileError, sentence
from reconciler.model.observed import Ion
from reconciler.observe.environments import Connection, Environment
from reconciler.observe.reads import Kind, Read, Reads, single

POLL = 5.0  # seconds between two looks
VISIBLE = 60.0  # seconds within which an execution that was started must be visible
RECENT = 900.0  # seconds since an execution began, for it to be the one that a group's name means
SPOKEN = 30.0  # seconds between two words of progress
LONGEST_CAUSE = 500  # characters: AWS's may be a document of 32 KiB
NOTHING = "Nothing was written"

EXECUTION: Kind[Execution | None] = single(Bucket.OTHER, lambda connection, arn: connection.deploys.execution(arn))
NEWEST: Kind[Execution | None] = single(
    Bucket.OTHER, lambda connection, machine: connection.deploys.newest(machine, None)
)
RUNNING: Kind[Execution | None] = Kind(
    Bucket.OTHER, lambda connection, machine: connection.deploys.newest(machine, "RUNNING"), patient=False
)


@dataclass(frozen=True, slots=True)
class Deploy:
    """A deploy of a group. `arn` None: the newest execution, if it is running or began within RECENT seconds."""

    group: str
    arn: str | None = None


def running_reads(environment: Environment, ions: Iterable[Ion]) -> dict[str, Read[Execution | None]]:
    """The read that tells, for each group of these ions, whether a deploy of it is running."""
    by_group: dict[str, Connection] = {}
    for ion in ions:
        if ion.desired.group is not None:
            by_group.setdefault(ion.desired.group, environment.connections[ion.key])
    place = environment.place
    return {
        group: Read(RUNNING, connection, (state_machine_arn(place, group),)) for group, connection in by_group.items()
    }


def running_notes(reads: Reads, of_groups: dict[str, Read[Execution | None]]) -> Iterator[str]:
    """A sentence for each group whose deploy is running; silence where that can't be read."""
    reads.gather([of_groups.values()])
    for group, read in of_groups.items():
        if isinstance(reads.answer(read), Execution):
            yield (
                f"an ion deploy of {group} is running, and its last stage changes Lambdas: plan again once it has "
                f"ended, or `reconcile apply --after {group}`"
            )


@dataclass(slots=True)
class DeployWait:
    """The wait for one deploy. `timeout`: seconds. `now`: seconds since 1970. `tell`: progress, in words."""

    environment: Environment
    deploy: Deploy
    timeout: float
    now: Callable[[], float]
    tell: Callable[[str], None]

    def run(self) -> None:
        """Wait until the execution has SUCCEEDED; raises ReconcileError for any other end, and when time is up."""
        reads = Reads(self.environment.dispatcher)
        clock = self.environment.dispatcher.clock
        begun = spoken = clock()
        self.tell(f"Waiting for the deploy of {self.deploy.group} to succeed{self._which()}")
        arn, seen, trouble = self.deploy.arn, False, ""
        while True:
            found = self._look(reads, arn)
            if isinstance(found, Execution):
                arn, seen, trouble = found.arn, True, ""
                if found.ended:
                    return _check_succeeded(self.deploy.group, found)
            elif isinstance(found, AwsError):
                trouble = f". The last look failed: {sentence(found)}"
            elif clock() - begun >= VISIBLE and not seen:
                raise self._invisible()
            if clock() - begun + POLL > self.timeout:
                raise self._late(trouble)
            if clock() - spoken >= SPOKEN:
                spoken = clock()
                status = found.status if isinstance(found, Execution) else "not visible yet"
                self.tell(f"Waiting for the deploy of {self.deploy.group}: {status} after {clock() - begun:.0f} s")
            reads.pause(POLL)

    def _look(self, reads: Reads, arn: str | None) -> Execution | AwsError | None:
        """The execution as it is now, or why AWS did not answer this time. Raises AwsError where asking is vain."""
        connection = next(iter(self.environment.connections.values()))
        place, group = self.environment.place, self.deploy.group
        if arn:
            read = Read(EXECUTION, connection, (arn,))
        else:
            read = Read(NEWEST, connection, (state_machine_arn(place, group),))
        reads.forget([read])
        reads.gather([(read,)])
        answer = reads.answer(read)
        if isinstance(answer, AwsError):
            if answer.kind not in {ErrorKind.UNAVAILABLE, ErrorKind.THROTTLED}:
                hint = answer.hint
                raise ReconcileError(f"{answer.operation}: {answer.code}: {answer.message}. {NOTHING}", hint=hint)
            return answer
        old = answer is not None and answer.ended and answer.started <= self.now() - RECENT
        return None if old and arn is None else answer

    def _which(self) -> str:
        return f": {self.deploy.arn}" if self.deploy.arn else ""

    def _invisible(self) -> ReconcileError:
        group, place = self.deploy.group, self.environment.place
        where = f"in account {place.account}, {place.region}"
        if self.deploy.arn:
            return ReconcileError(
                f"there is no execution {self.deploy.arn} {where}. {NOTHING}",
                hint="take :execution-arn from what `:op :deploy` printed",
            )
        return ReconcileError(
            f"no deploy of {group} is running {where}, and none of {state_machine(group)} began in the last "
            f"{RECENT / 60:g} minutes. {NOTHING}",
            hint="name the execution by its ARN: --after arn:…, the :execution-arn that `:op :deploy` printed",
        )

    def _late(self, trouble: str) -> ReconcileError:
        return ReconcileError(
            f"the deploy of {self.deploy.group} has not ended after {self.timeout / 60:g} min{trouble}. {NOTHING}",
            hint="a deploy whose code can't be loaded may never end: see `:op :deploy-status`; wait longer with "
            "--after-timeout",
        )


def _check_succeeded(group: str, execution: Execution) -> None:
    if execution.status == "SUCCEEDED":
        return
    why = ": ".join(part for part in (execution.error, execution.cause) if part)
    cause = f"{why[:LONGEST_CAUSE]}…" if len(why) > LONGEST_CAUSE else why
    raise ReconcileError(
        f"the deploy of {group} ended {execution.status}{f' ({cause})' if cause else ''}. {NOTHING}",
        hint=f"see `:op :deploy-status`, and the execution {execution.arn} in Step Functions; deploy again",
    )
