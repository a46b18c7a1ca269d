"""An emulated AWS in a process of its own, as a measurement needs it; and a neighbour that uses up its quota.

In: how many functions of each kind, where, the latency, whether quotas apply. Out: its URL, and what was called since
it was asked last. Nothing heavy is imported here: what a measured process is started from must be small itself.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import product
from multiprocessing import get_context
from threading import Event, Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

ALIAS = "live"
NEIGHBOURS_CALL = "GetFunctionConcurrency"  # one that nothing measured here makes


@dataclass(frozen=True, slots=True)
class Setting:
    """Functions in each region: `in_sync`, `deployed` (in sync until `$LATEST` changed), `bare` (without an alias).

    `features`: the file asks for a schedule, for mirrored permissions and moved mappings, and each function has a
    statement and a mapping; those in sync have all of it at the alias. `groups`: how many the ions of a region are in.
    `others`: accounts with the same functions in the same regions, each reached by a role of its own.
    """

    in_sync: int = 0
    deployed: int = 0
    bare: int = 0
    regions: tuple[str, ...] = ("us-east-1",)
    latency: float = 0.05
    quota: bool = True
    allocation: float = 20.0
    account: str = "123456789012"
    features: bool = False
    groups: int = 1
    others: tuple[str, ...] = ()

    @property
    def ions(self) -> int:
        return self.in_sync + self.deployed + self.bare

    def functions(self) -> tuple[str, ...]:
        return tuple(f"bench-{number:05}" for number in range(self.ions))

    def file(self) -> str:
        """The `warm.yaml` that names them all."""
        lines = ["version: 1", f'account: "{self.account}"']
        if self.features:
            concurrency = "{office: 1, otherwise: 1}"  # the same at any hour that the benchmark is run at
            lines += ["timezone: UTC", 'schedules: {office: {days: mon-fri, from: "08:00", to: "18:00"}}']
            callers = ", permissions: mirror, event_sources: alias"
        else:
            concurrency, callers = "1", ""
        lines += [f"defaults: {{alias: {ALIAS}, concurrency: {concurrency}{callers}}}", "groups:"]
        for region in self.regions:
            for number in range(self.groups):
                name = f"in-{region}" if self.groups == 1 else f"in-{region}-{number}"
                lines += [f"  {name}:", f"    region: {region}", *self._ions(number)]
        for account, region in product(self.others, self.regions):
            lines += [f"  in-{region}-of-{account}:", f'    account: "{account}"', f"    region: {region}"]
            lines += [f"    role_arn: arn:aws:iam::{account}:role/warm", *self._ions()]
        return "\n".join(lines) + "\n"

    def _ions(self, group: int = 0) -> list[str]:
        names = self.functions()[group :: self.groups]
        return ["    ions:", *(f"      ion-{name}: {{function: {name}}}" for name in names)]


@dataclass(frozen=True, slots=True)
class Calls:
    """How often each operation was called, and throttled."""

    made: Mapping[str, int]
    refused: Mapping[str, int]

    def by_us(self) -> int:
        return sum(count for operation, count in self.made.items() if operation != NEIGHBOURS_CALL)

    def throttled(self) -> int:
        return sum(count for operation, count in self.refused.items() if operation != NEIGHBOURS_CALL)

    def by_the_neighbour(self) -> int:
        """Those that were not throttled."""
        return self.made.get(NEIGHBOURS_CALL, 0) - self.refused.get(NEIGHBOURS_CALL, 0)


@dataclass(frozen=True, slots=True)
class World:
    """A world that answers."""

    url: str
    setting: Setting
    pipe: "Connection[None, Calls]"

    def environment(self) -> dict[str, str]:
        """What an AWS client needs to be told."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": f"AKIA{self.setting.account}",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_DEFAULT_REGION": self.setting.regions[0],
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }

    def calls(self) -> Calls:
        """Calls since this was asked last."""
        self.pipe.send(None)
        return self.pipe.recv()

    @contextmanager
    def neighbour(self, rate: float) -> Iterator[None]:
        """Somebody else's calls of the slow quota, so many a second."""
        done = Event()
        thread = Thread(target=_call, args=(self, rate, done), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


@contextmanager
def world(setting: Setting) -> Iterator[World]:
    """The world of this setting, for as long as it is needed."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(setting, theirs), daemon=True)
    process.start()
    try:
        yield World(ours.recv(), setting, ours)
    finally:
        process.terminate()
        process.join()


def _serve(setting: Setting, pipe: "Connection[Calls | str, object]") -> None:
    from benchmark_serving import serve  # noqa: PLC0415 - only in the new process

    serve(setting, pipe)


def _call(world: World, rate: float, done: Event) -> None:
    connection = HTTPConnection(urlsplit(world.url).netloc)
    day, region = "20260101", world.setting.regions[0]
    scope = f"Credential=AKIA{world.setting.account}/{day}/{region}/lambda/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 {scope}"}
    path = f"/2019-09-30/functions/{world.setting.functions()[0]}/concurrency"
    begun, made = time.monotonic(), 0
    while not done.wait(max(0.0, begun + made / rate - time.monotonic())):
        connection.request("GET", path, headers=headers)
        connection.getresponse().read()
        made += 1
