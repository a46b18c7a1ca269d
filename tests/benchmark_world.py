"""An emulated AWS in a process of its own, made ready for a measurement: functions, aliases, provisioned concurrency.

In: how many functions of each kind, the latency, whether quotas apply. Out: a URL, and on request what was called since
the last request. Time in the world can be skipped, so that a world that took AWS minutes to settle is there at once.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Thread

from reconciler.model import Place
from reconciler.sandbox import neighbours, rest
from reconciler.sandbox.control_plane import Behaviour, Timing
from reconciler.sandbox.journal import Entry
from reconciler.sandbox.server import HOST, Server
from reconciler.sandbox.wire import DEFAULT_ACCOUNT, access_key
from reconciler.sandbox.world import World

HERE = Place(DEFAULT_ACCOUNT, "us-east-1")
ALIAS = "live"
PUT = "PutProvisionedConcurrencyConfig"


@dataclass(frozen=True, slots=True)
class Setting:
    """`in_sync`, `deployed` (in sync before a deploy changed `$LATEST`) and `bare` functions, in each of `places`."""

    in_sync: int = 0
    deployed: int = 0
    bare: int = 0
    places: tuple[Place, ...] = (HERE,)
    latency: float = 0.05
    quota: bool = True
    allocation: float = 20.0

    def functions(self) -> tuple[str, ...]:
        return tuple(f"bench-ion-{number:05}" for number in range(self.in_sync + self.deployed + self.bare))


@dataclass(frozen=True, slots=True)
class Calls:
    """What was called, by operation, and how much of it was throttled; `seen` at any one time, at most."""

    by_operation: Mapping[str, int]
    throttled: int

    @property
    def total(self) -> int:
        return sum(self.by_operation.values())


@dataclass(frozen=True, slots=True)
class Running:
    """A world that answers."""

    url: str
    setting: Setting
    pipe: "Connection[None, Calls]"

    def environment(self) -> dict[str, str]:
        """What an AWS client needs to be told."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": access_key(HERE.account),
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_DEFAULT_REGION": HERE.region,
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }

    def calls(self) -> Calls:
        """Calls since this was asked last."""
        self.pipe.send(None)
        return self.pipe.recv()


@contextmanager
def world(setting: Setting) -> Iterator[Running]:
    """The world of this setting, for as long as it is needed."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(setting, theirs), daemon=True)
    process.start()
    try:
        yield Running(ours.recv(), setting, ours)
    finally:
        process.terminate()
        process.join()


def _serve(setting: Setting, pipe: "Connection[Calls | str, None]") -> None:
    calls: list[tuple[str, int]] = []
    skipped = [0.0]

    def journal(entry: Entry) -> None:
        calls.append((entry.operation, entry.status))

    emulated = World(
        clock=lambda: time.time() + skipped[0],
        timing=Timing(allocation=setting.allocation, init_failure=2 * setting.allocation, update=0.0, pending=0.0),
        behaviour=Behaviour(),
        limited=setting.quota,
        journal=journal,
    )
    rest.routes()
    _populate(emulated, setting)
    skipped[0] = 10 * setting.allocation  # all that was asked for is there
    _warm_up()
    server = Server(0, emulated.answer, latency=setting.latency, sleep=time.sleep)
    Thread(target=server.serve_forever, daemon=True).start()
    pipe.send(f"http://{HOST}:{server.server_port}")
    while True:
        pipe.recv()
        taken, calls[:] = calls[:], []
        pipe.send(Calls(Counter(name for name, _ in taken), sum(status == 429 for _, status in taken)))


def _warm_up() -> None:
    """Import what answers for the other services: not in somebody's request."""
    neighbours.warm_up()


def _populate(emulated: World, setting: Setting) -> None:
    names = setting.functions()
    for place in setting.places:
        emulated.seed(place.account, place.region, names)
        for name in names[: setting.in_sync + setting.deployed]:
            _publish(emulated, place, name)
        for name in names[setting.in_sync : setting.in_sync + setting.deployed]:
            emulated.ask(place, "UpdateFunctionConfiguration", {"FunctionName": name, "Timeout": 61})


def _publish(emulated: World, place: Place, name: str) -> None:
    function = {"FunctionName": name}
    emulated.ask(place, "PublishVersion", function)
    emulated.ask(place, "CreateAlias", function | {"Name": ALIAS, "FunctionVersion": "1"})
    emulated.ask(place, PUT, function | {"Qualifier": ALIAS, "ProvisionedConcurrentExecutions": 1})
