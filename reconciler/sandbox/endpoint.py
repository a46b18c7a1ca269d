"""`reconcile sandbox`: the world as a long-running HTTP endpoint that any AWS client can use.

The lines that a shell needs go to stdout, once, when the endpoint is ready; everything for people goes to stderr.
It ends with Ctrl-C, and what was made in it is gone then.
"""

import gc
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Thread
from typing import TextIO

from reconciler.model.desired import Config, ConnectionSettings
from reconciler.model.errors import ReconcileError
from reconciler.model.observed import AccountRegion
from reconciler.sandbox import moto_backend, rest
from reconciler.sandbox.control_plane import Behaviour, Timing
from reconciler.sandbox.journal import Entry
from reconciler.sandbox.options import EndpointOptions
from reconciler.sandbox.seeds import made_up, named_by, seed
from reconciler.sandbox.server import HOST, Server
from reconciler.sandbox.wire import DEFAULT_ACCOUNT, DEFAULT_REGION, access_key, declared_account
from reconciler.sandbox.world import World

_FAILS_AFTER = 2.0  # an init failure takes about twice an allocation (recorded: 150-310 s against 63-127 s)


def serve(options: EndpointOptions, config: Config | None) -> int:
    """Run the endpoint until it is interrupted; gives the exit code."""
    with _journal(options.log) as journal:
        world = make_world(options, journal)
        populate(world, options, config)
        server = Server(options.port, world.answer, latency=options.latency, sleep=time.sleep)
        with server, _ended_by_signals():
            _announce(server.server_port, config, options)
            # moto takes a second to import: not before the endpoint is ready, and not in somebody's request.
            Thread(target=moto_backend.warm_up, daemon=True).start()
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                sys.stderr.write("\nThe sandbox has ended.\n")
    gc.freeze()  # nothing is left to collect: without this, the interpreter looks through all of moto before it ends
    return 0


def make_world(
    options: EndpointOptions, journal: Callable[[Entry], None], *, time_of_day: Callable[[], float] = time.time
) -> World:
    """The world that the options ask for, empty; its clock starts at the present time of day."""
    timing = Timing(
        allocation=options.allocation,
        init_failure=options.allocation * _FAILS_AFTER,
        update=options.update,
        pending=0.0,
        snap_start=options.allocation,
        mapping=options.update,
    )
    return World(
        clock=_times(options.clock, time_of_day),
        timing=timing,
        behaviour=Behaviour(),
        limited=options.quota,
        quota_clock=time_of_day,
        journal=journal,
    )


def _times(factor: float, time_of_day: Callable[[], float]) -> Callable[[], float]:
    """A clock that runs so many times as fast, from now on."""
    start = time_of_day()
    return lambda: start + (time_of_day() - start) * factor


def populate(world: World, options: EndpointOptions, config: Config | None) -> None:
    """The made-up functions that the options ask for, then those of the file."""
    rest.routes()  # read botocore's model now rather than in the first request
    home = _home(config)
    functions = [(home, name) for name in made_up(options.functions)]
    seed(world, functions + list(named_by(config, _account) if config else ()))


def _account(connection: ConnectionSettings) -> str:
    """The account that a connection leads to: declared, its role's, or the default."""
    role = connection.role_arn.split(":") if connection.role_arn else []
    from_role = declared_account(role[4]) if len(role) > 4 else None
    return connection.account or from_role or DEFAULT_ACCOUNT


def _home(config: Config | None) -> AccountRegion:
    """The account and region of the printed credentials: the file's first without a role, else the default."""
    direct = [desired.connection for desired in config.desired if not desired.connection.role_arn] if config else []
    if not direct:
        return AccountRegion(DEFAULT_ACCOUNT, DEFAULT_REGION)
    return AccountRegion(direct[0].account or DEFAULT_ACCOUNT, direct[0].region or DEFAULT_REGION)


def _announce(port: int, config: Config | None, options: EndpointOptions) -> None:
    home = _home(config)
    settings = {
        "AWS_ENDPOINT_URL": f"http://{HOST}:{port}",
        "AWS_ACCESS_KEY_ID": access_key(home.account),
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_REGION": home.region,
        "AWS_DEFAULT_REGION": home.region,
    }
    sys.stdout.write("".join(f"export {name}={value}\n" for name, value in settings.items()))
    sys.stdout.flush()
    sys.stderr.write(
        f"An emulated AWS is ready: {home.account}, {home.region}. Paste the lines above into another terminal;\n"
        "any credentials are accepted, and an access key that ends in twelve digits is of that account.\n"
        f"{_speed(options.clock)}Ctrl-C ends it.\n"
    )


def _speed(factor: float) -> str:
    """What is to be said of a clock that is not the usual one."""
    if factor == 1.0:
        return ""
    minutes = 24 * 60 / factor
    return (
        f"Its clock runs {factor:g} times as fast: a day takes {minutes:.3g} minutes; every answer's Date tells it.\n"
    )


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGINT and SIGTERM both end it, also in the background of a script, where SIGINT starts out ignored."""
    before = {name: signal.signal(name, signal.default_int_handler) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


@contextmanager
def _journal(log: str | None) -> Iterator[Callable[[Entry], None]]:
    if log is None:
        yield lambda _entry: None
    elif log == "-":
        yield _line_writer(sys.stderr)
    else:
        with _appending(log) as file:
            yield _line_writer(file)


def _appending(log: str) -> TextIO:
    try:
        return Path(log).open("a", encoding="utf-8")
    except OSError as error:
        raise ReconcileError(f"the journal can't be written: {error.strerror}", where=log) from None


def _line_writer(stream: TextIO) -> Callable[[Entry], None]:
    lock = Lock()

    def write(entry: Entry) -> None:
        with lock:
            stream.write(f"{entry}\n")
            stream.flush()

    return write
