"""A running endpoint for tests, with clients of any account, whose time only the test moves."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from sandbox_clock import Clock

from reconciler.sandbox import moto_backend
from reconciler.sandbox.control_plane import Behaviour, Timing
from reconciler.sandbox.journal import Entry
from reconciler.sandbox.scaling import ScalingBehaviour
from reconciler.sandbox.server import Server, running
from reconciler.sandbox.wire import DEFAULT_ACCOUNT, DEFAULT_REGION, access_key
from reconciler.sandbox.world import World

EMPTY_ZIP = b"PK\x05\x06" + bytes(18)
TIMING = Timing(allocation=90.0, init_failure=200.0, update=5.0, pending=0.0, mapping=5.0)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A running endpoint whose time only the test moves."""

    url: str
    clock: Clock
    world: World
    calls: list[Entry]
    slept: list[float]
    session: boto3.Session = field(default_factory=cache(boto3.Session))

    def client(
        self,
        service: Any = "lambda",  # noqa: ANN401 - boto3-stubs knows services by overloads
        *,
        account: str = DEFAULT_ACCOUNT,
        region: str = DEFAULT_REGION,
        validate: bool = True,
    ) -> Any:  # noqa: ANN401 - as above
        return self.session.client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=access_key(account),
            aws_secret_access_key="any",
            config=Config(parameter_validation=validate, retries={"total_max_attempts": 1}),
        )


def serving(
    *, limited: bool = False, latency: float = 0.0, scaling: ScalingBehaviour = ScalingBehaviour()
) -> Iterator[Endpoint]:
    moto_backend.reset()
    clock, calls, slept = Clock(), list[Entry](), list[float]()
    world = World(
        clock=clock, timing=TIMING, behaviour=Behaviour(), scaling=scaling, limited=limited, journal=calls.append
    )
    with running(Server(0, world.answer, latency=latency, sleep=slept.append)) as url:
        yield Endpoint(url, clock, world, calls, slept)
