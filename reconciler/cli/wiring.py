"""The options that concern AWS -> how connections are opened and paced: the real AWS, or the sandbox in this process.

The only place, apart from `sandbox` itself and its command, that knows of the sandbox.
"""

import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache

from reconciler.aws.clients import Clients
from reconciler.aws.connection import AwsConnection, connect
from reconciler.aws.dispatcher import Dispatcher, ThreadExecutor
from reconciler.aws.endpoint import foreign_endpoint
from reconciler.aws.events import CallLog
from reconciler.aws.rate_limiter import RateLimiter
from reconciler.aws.server_clock import ServerClock
from reconciler.aws.sessions import Sessions
from reconciler.model.desired import Config, ConnectionSettings, Desired
from reconciler.model.observed import AccountRegion
from reconciler.observe.environments import DispatcherFor, Opener, Resolved, resolve
from reconciler.report.escape import escape


@dataclass(frozen=True, slots=True)
class Aws:
    """Access to AWS, for one run.

    `sessions` gives an opener with sessions of its own: what is opened by another asks again who calls. `opened`: the
    clients of all connections opened so far. `sandboxed`: all of them are the sandbox's. `now`: seconds since 1970,
    as AWS tells them.
    """

    sessions: Callable[[], Opener]
    dispatcher_for: DispatcherFor
    now: Callable[[], float]
    opened: list[Clients] = field(default_factory=list)
    sandboxed: bool = False

    @property
    def endpoint(self) -> str | None:
        """Where answers came from so far: None for AWS's own endpoints, "sandbox", or the URLs, with commas."""
        if self.sandboxed:
            return "sandbox"
        foreign = {foreign_endpoint([client]) for clients in self.opened for client in clients.made()}
        return ", ".join(sorted(filter(None, foreign))) or None

    def resolve(self, desired: tuple[Desired, ...]) -> Resolved:
        """Open all that these ions need, anew."""
        return resolve(desired, opener=self.sessions(), dispatcher_for=self.dispatcher_for, now=self.now)


@contextmanager
def aws_for(config: Config | None, *, parallelism: int, sandbox: bool, verbose: bool) -> Iterator[Aws]:
    """Access to AWS as the options ask; the sandbox is seeded with the file's functions."""
    log = log_call if verbose else None
    if sandbox:
        with _sandboxed(config, parallelism, log) as aws:
            yield aws
        return
    all_clients: list[Clients] = []
    clock = ServerClock()

    def opener() -> Opener:
        sessions = Sessions()

        def open_connection(connection: ConnectionSettings) -> AwsConnection:
            opened = connect(connection, sessions=sessions, parallelism=parallelism, log=log, clock=clock)
            all_clients.append(opened.clients)
            return opened

        return open_connection

    yield Aws(opener, cache(dispatchers(parallelism)), clock, all_clients)


@contextmanager
def _sandboxed(config: Config | None, parallelism: int, log: CallLog | None) -> Iterator[Aws]:
    from reconciler.sandbox import open_sandbox  # noqa: PLC0415 - an optional extra

    with open_sandbox(config) as sandbox:

        def open_connection(connection: ConnectionSettings) -> AwsConnection:
            sessions = Sessions(sandbox.session(connection.account, connection.region))
            plain = replace(connection, profile=None, role_arn=None, external_id=None)
            return connect(plain, sessions=sessions, parallelism=parallelism, log=log)

        yield Aws(lambda: open_connection, cache(dispatchers(parallelism)), time.time, sandboxed=True)


def dispatchers(parallelism: int) -> DispatcherFor:
    """A dispatcher for each account and region."""

    def dispatcher_for(_: AccountRegion) -> Dispatcher:
        rng = random.Random()  # noqa: S311 - jitter
        return Dispatcher(
            rate_limiter=RateLimiter(), executor=ThreadExecutor(parallelism), clock=time.monotonic, rng=rng
        )

    return dispatcher_for


def log_call(service: str, operation: str, seconds: float, outcome: str) -> None:
    """One AWS call on stderr: its name, duration and outcome, never its payload."""
    sys.stderr.write(f"{service} {operation} {seconds * 1000:.0f} ms {escape(outcome)}\n")
