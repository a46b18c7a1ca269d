"""The emulated AWS of a measurement, in the process that was started for it.

Functions, aliases and provisioned concurrency are made through the model, which no quota holds up; then as much time is
skipped as AWS would have taken to settle. From then on it answers over HTTP, and on request says what was called.
"""

import time
from collections import Counter
from itertools import product
from threading import Thread
from typing import TYPE_CHECKING, Any

from benchmark_world import ALIAS, Calls, Setting

from reconciler.model.observed import AccountRegion
from reconciler.sandbox import moto_backend, rest
from reconciler.sandbox.control_plane import Behaviour, Timing
from reconciler.sandbox.journal import Entry
from reconciler.sandbox.server import HOST, Server
from reconciler.sandbox.world import World

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

STATEMENT = {"StatementId": "rule", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}


def serve(setting: Setting, pipe: "Connection[Calls | str, object]") -> None:
    """Tell the URL, then answer each message with the calls since the last. Ends with its parent."""
    calls: list[tuple[str, int]] = []
    skipped = 0.0

    def journal(entry: Entry) -> None:
        calls.append((entry.operation, entry.status))

    world = World(
        clock=lambda: time.time() + skipped,
        timing=Timing(allocation=setting.allocation, init_failure=2 * setting.allocation, update=0.0, pending=0.0),
        behaviour=Behaviour(),
        limited=setting.quota,
        journal=journal,
    )
    rest.routes()
    _populate(world, setting)
    skipped = 10 * setting.allocation
    moto_backend.warm_up()
    server = Server(0, world.answer, latency=setting.latency, sleep=time.sleep)
    Thread(target=server.serve_forever, daemon=True).start()
    pipe.send(f"http://{HOST}:{server.server_port}")
    while True:
        pipe.recv()
        taken, calls[:] = list(calls), []
        pipe.send(
            Calls(
                Counter(operation for operation, _ in taken),
                Counter(operation for operation, status in taken if status == 429),
            )
        )


def _populate(world: World, setting: Setting) -> None:
    names = setting.functions()
    aliased = setting.in_sync + setting.deployed
    for account, region in product((setting.account, *setting.others), setting.regions):
        place = AccountRegion(account, region)
        world.seed(place.account, place.region, names)
        for number, name in enumerate(names):
            world.ask(place, "DeleteFunctionConcurrency", {"FunctionName": name})
            if number < aliased:
                _put_in_sync(world, place, name)
            if setting.features:
                _add_callers(world, place, name, f"{name}:{ALIAS}" if number < aliased else name)
            if setting.features and number < aliased:
                world.ask(place, "AddPermission", {"FunctionName": name, "Qualifier": ALIAS, **STATEMENT})
                _follow_the_clock(world, place, name)
            if setting.in_sync <= number < aliased:
                world.ask(place, "UpdateFunctionConfiguration", {"FunctionName": name, "Timeout": 61})


def _put_in_sync(world: World, place: AccountRegion, name: str) -> None:
    function = {"FunctionName": name}
    provisioned = {"Qualifier": ALIAS, "ProvisionedConcurrentExecutions": 1}
    world.ask(place, "PublishVersion", function)
    world.ask(place, "CreateAlias", function | {"Name": ALIAS, "FunctionVersion": "1"})
    world.ask(place, "PutProvisionedConcurrencyConfig", function | provisioned)


def _add_callers(world: World, place: AccountRegion, name: str, called: str) -> None:
    """A rule that may call the bare function, and a stream that is mapped to `called`."""
    world.ask(place, "AddPermission", {"FunctionName": name, **STATEMENT})
    stream = f"arn:aws:kinesis:{place.region}:{place.account}:stream/{name}"
    mapping = {"EventSourceArn": stream, "StartingPosition": "LATEST", "FunctionName": called}
    world.ask(place, "CreateEventSourceMapping", mapping)


def _follow_the_clock(world: World, place: AccountRegion, name: str) -> None:
    target: dict[str, Any] = {
        "ServiceNamespace": "lambda",
        "ResourceId": f"function:{name}:{ALIAS}",
        "ScalableDimension": "lambda:function:ProvisionedConcurrency",
    }
    bounds = {"MinCapacity": 1, "MaxCapacity": 1}
    scaler = world.scaler(place.account, place.region)
    scaler.call("RegisterScalableTarget", {**target, **bounds})
    for which, hour in (("on", 8), ("off", 18)):
        action = {"ScheduledActionName": f"reconcile-office-{which}", "Schedule": f"cron(0 {hour} ? * MON-FRI *)"}
        scaler.call("PutScheduledAction", {**target, **action, "Timezone": "UTC", "ScalableTargetAction": bounds})
