"""What the options say about AWS -> how sites are opened and paced: the real AWS, or the sandbox in this process.

The only place, apart from `sandbox` itself, that knows of the sandbox.
"""

import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconciler.aws.pacer import Pacer
from reconciler.desired import Config, Connection, Desired
from reconciler.lane import Lane, Threads
from reconciler.model import Place
from reconciler.sites import Opener, Resolved, resolve

if TYPE_CHECKING:
    from reconciler.aws.session import Opened
    from reconciler.aws.watch import CallLog


@dataclass(frozen=True, slots=True)
class Aws:
    """A way to AWS, for one run."""

    opener: Callable[[Connection], "Opened"]
    lane_for: Callable[[Place], Lane]

    def resolve(self, desired: tuple[Desired, ...]) -> Resolved:
        """Open all that these ions need."""
        opener: Opener = self.opener
        return resolve(desired, opener=opener, lane_for=self.lane_for)


@contextmanager
def aws_for(config: Config | None, *, parallelism: int, sandbox: bool, verbose: bool) -> Iterator[Aws]:
    """The way to AWS that the options ask for; the sandbox is seeded with the file's functions."""
    watch = log_call if verbose else None
    if sandbox:
        with _sandboxed(config, parallelism, watch) as aws:
            yield aws
        return
    from reconciler.aws.session import Sessions, open_place  # noqa: PLC0415 - botocore only where AWS is reached

    sessions = Sessions()

    def opener(connection: Connection) -> "Opened":
        return open_place(connection, parallelism=parallelism, sessions=sessions, watch=watch)

    yield Aws(opener, lanes(parallelism))


@contextmanager
def _sandboxed(config: Config | None, parallelism: int, watch: "CallLog | None") -> Iterator[Aws]:
    from reconciler.sandbox import open_sandbox  # noqa: PLC0415 - an optional extra

    with open_sandbox(config) as sandbox:
        from reconciler.aws.session import open_place  # noqa: PLC0415 - botocore only where AWS is reached

        def opener(connection: Connection) -> "Opened":
            session = sandbox.session(connection.account, connection.region)
            plain = replace(connection, profile=None, role_arn=None, external_id=None)
            return open_place(plain, parallelism=parallelism, session=session, watch=watch)

        yield Aws(opener, lanes(parallelism))


def lanes(parallelism: int) -> Callable[[Place], Lane]:
    def lane_for(_: Place) -> Lane:
        chance = random.Random()  # noqa: S311 - jitter
        return Lane(pacer=Pacer(), hands=Threads(parallelism), clock=time.monotonic, chance=chance)

    return lane_for


def log_call(service: str, operation: str, seconds: float, outcome: str) -> None:
    """One AWS call on stderr: its name, duration and outcome, never its payload."""
    sys.stderr.write(f"{service} {operation} {seconds * 1000:.0f} ms {outcome}\n")
