"""What the options say about AWS -> how sites are opened and paced: the real AWS, or the sandbox in this process.

The only place, apart from `sandbox` itself, that knows of the sandbox. Nothing of AWS's, nor of what becomes of its
answers, is imported before it is needed: the way from the file to the first question is the part of a run that nothing
can hide.
"""

import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from reconciler.model.desired import Config, ConnectionSettings, Desired

if TYPE_CHECKING:
    from reconciler.aws.dispatcher import Dispatcher
    from reconciler.aws.session import AwsConnection
    from reconciler.aws.watch import CallLog
    from reconciler.model.inventory import InventoryReader
    from reconciler.model.observed import AccountRegion
    from reconciler.observe.environments import Connection, Opener, Resolved


@dataclass(frozen=True, slots=True)
class Aws:
    """A way to AWS, for one run.

    `sessions` gives an opener with sessions of its own: what is opened by another asks again who calls. `endpoints`:
    those not AWS's own that answered, filled as connections are opened.
    """

    sessions: "Callable[[], Opener]"
    dispatcher_for: "Callable[[AccountRegion], Dispatcher]"
    endpoints: set[str] = field(default_factory=set)

    @property
    def endpoint(self) -> str | None:
        """Where answers come from: None for AWS's own endpoints, "sandbox", or the URL (several: with commas)."""
        return ", ".join(sorted(self.endpoints)) or None

    def resolve(self, desired: tuple[Desired, ...]) -> "Resolved":
        """Open all that these ions need, anew."""
        from reconciler.observe.environments import resolve  # noqa: PLC0415 - not for the sandbox's endpoint

        return resolve(desired, opener=self.sessions(), dispatcher_for=self.dispatcher_for)

    def inventory_of(self, link: "Connection") -> "InventoryReader":
        """The further reads that `init` and `doctor` need, by the way that the link was opened."""
        from reconciler.aws.inventory import inventory_of  # noqa: PLC0415 - not for plan and apply

        return inventory_of(link)


@contextmanager
def aws_for(config: Config | None, *, parallelism: int, sandbox: bool, verbose: bool) -> Iterator[Aws]:
    """The way to AWS that the options ask for; the sandbox is seeded with the file's functions."""
    watch = log_call if verbose else None
    if sandbox:
        with _sandboxed(config, parallelism, watch) as aws:
            yield aws
        return
    from reconciler.aws.endpoint import foreign_endpoint  # noqa: PLC0415 - botocore only where AWS is reached
    from reconciler.aws.session import Sessions, open_place  # noqa: PLC0415 - as above

    endpoints: set[str] = set()

    def sessions() -> "Opener":
        made = Sessions()

        def opener(connection: ConnectionSettings) -> "AwsConnection":
            opened = open_place(connection, parallelism=parallelism, sessions=made, watch=watch)
            foreign = foreign_endpoint(map(opened.clients.get, ("lambda", "sts", "application-autoscaling")))
            endpoints.update([foreign] if foreign else [])
            return opened

        return opener

    yield Aws(sessions, cache(dispatchers(parallelism)), endpoints)


@contextmanager
def _sandboxed(config: Config | None, parallelism: int, watch: "CallLog | None") -> Iterator[Aws]:
    from reconciler.sandbox import open_sandbox  # noqa: PLC0415 - an optional extra

    with open_sandbox(config) as sandbox:
        from reconciler.aws.session import open_place  # noqa: PLC0415 - botocore only where AWS is reached

        def opener(connection: ConnectionSettings) -> "AwsConnection":
            session = sandbox.session(connection.account, connection.region)
            plain = replace(connection, profile=None, role_arn=None, external_id=None)
            return open_place(plain, parallelism=parallelism, session=session, watch=watch)

        yield Aws(lambda: opener, cache(dispatchers(parallelism)), {"sandbox"})


def dispatchers(parallelism: int) -> "Callable[[AccountRegion], Dispatcher]":
    """A lane for each account and region."""

    def dispatcher_for(_: "AccountRegion") -> "Dispatcher":
        from reconciler.aws.dispatcher import Dispatcher, ThreadExecutor  # noqa: PLC0415 - as above
        from reconciler.aws.rate_limiter import RateLimiter  # noqa: PLC0415 - AWS is being asked who calls meanwhile

        rng = random.Random()  # noqa: S311 - jitter
        return Dispatcher(
            rate_limiter=RateLimiter(), executor=ThreadExecutor(parallelism), clock=time.monotonic, rng=rng
        )

    return dispatcher_for


def log_call(service: str, operation: str, seconds: float, outcome: str) -> None:
    """One AWS call on stderr: its name, duration and outcome, never its payload."""
    from reconciler.report.escape import escape  # noqa: PLC0415 - with -v alone

    sys.stderr.write(f"{service} {operation} {seconds * 1000:.0f} ms {escape(outcome)}\n")
