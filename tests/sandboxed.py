"""The product's own flow against the sandbox in this process, on a clock that only the flow's waits move."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from simulation import Inline

from reconciler.apply import ApplyOptions, CancelToken, apply
from reconciler.aws.connection import AwsConnection, connect
from reconciler.aws.dispatcher import Dispatcher
from reconciler.aws.rate_limiter import RateLimiter
from reconciler.aws.sessions import Sessions
from reconciler.config import parse
from reconciler.decide.plan import decide
from reconciler.model.desired import Config, ConnectionSettings
from reconciler.model.observed import AccountRegion, Snapshot
from reconciler.model.outcome import Applied
from reconciler.model.plan import Plan
from reconciler.observe import observe
from reconciler.observe.environments import Resolved, resolve
from reconciler.sandbox.control_plane import Behaviour, Timing
from reconciler.sandbox.embedded import Sandbox, embedded
from reconciler.sandbox.scaling import ScalingBehaviour

ACCOUNT, REGION = "123456789012", "us-east-1"
HERE = AccountRegion(ACCOUNT, REGION)
START = 1_800_000_000.0
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function"


class Clock:
    """The time of day, and seconds since the start, which are finer."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return START + self.now


class Quiet:
    """Told of progress, and says nothing."""

    def reads(self, done: int, total: int, _left: float) -> None:
        assert done <= total


@dataclass(frozen=True, slots=True)
class Sandboxed:
    sandbox: Sandbox
    clock: Clock

    def client(self, service: Any = "lambda") -> Any:  # noqa: ANN401 - boto3-stubs knows services by overloads
        return self.sandbox.session().client(service)

    def opened(self, connection: ConnectionSettings = ConnectionSettings()) -> AwsConnection:
        sessions = Sessions(self.sandbox.session(connection.account, connection.region))
        return connect(connection, sessions=sessions, parallelism=4)

    def dispatcher(self, _place: AccountRegion = HERE) -> Dispatcher:
        return Dispatcher(
            rate_limiter=RateLimiter(), executor=Inline(self.clock), clock=lambda: self.clock.now, rng=random.Random(1)
        )

    def resolved(self, config: Config) -> Resolved:
        return resolve(config.desired, opener=self.opened, dispatcher_for=self.dispatcher, now=self.clock)

    def world(self, text: str) -> tuple[Config, Resolved, Snapshot]:
        config = parse(text.encode(), source="warm.yaml")
        resolved = self.resolved(config)
        return config, resolved, observe(resolved, progress=Quiet())

    def plan(self, text: str) -> Plan:
        config, _, world = self.world(text)
        return decide(world, config)

    def apply(self, text: str) -> Applied:
        config, resolved, world = self.world(text)
        return apply(
            decide(world, config),
            resolved.environments,
            options=ApplyOptions(),
            cancel=CancelToken(),
            on_wait=lambda *_: None,
        )

    def operations(self) -> list[tuple[str, str]]:
        return [(entry.service, entry.operation) for entry in self.sandbox.calls]

    def pass_time(self, seconds: float) -> None:
        self.clock.now += seconds


@contextmanager
def sandboxed(
    *functions: str, behaviour: Behaviour = Behaviour(), scaling: ScalingBehaviour = ScalingBehaviour()
) -> Iterator[Sandboxed]:
    """An account with these functions, as `ion deploy` leaves them."""
    clock = Clock()
    timing = Timing(allocation=60.0, init_failure=120.0, update=0.0, pending=0.0)
    with embedded(clock=clock, timing=timing, behaviour=behaviour, scaling=scaling) as sandbox:
        sandbox.world.seed(ACCOUNT, REGION, functions)
        yield Sandboxed(sandbox, clock)


def alias(client: Any, function: str, name: str = "live", *, warm: int = 0) -> str:  # noqa: ANN401 - a boto3 client
    """Publish `$LATEST`, point the alias there, ask for so much provisioned concurrency; gives the version."""
    version = str(client.publish_version(FunctionName=function)["Version"])
    client.create_alias(FunctionName=function, Name=name, FunctionVersion=version)
    if warm:
        client.put_provisioned_concurrency_config(
            FunctionName=function, Qualifier=name, ProvisionedConcurrentExecutions=warm
        )
    return version
