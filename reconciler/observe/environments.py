"""What the file asks for -> Environments: every ion joined with the account and region that it resolved to.

In: Desireds, and how to open a connection. Out: one Environment an account and region, with its own dispatcher; and the
ions whose connection could not be opened or is of another account than declared: nothing else is read for those.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol, TypeVar

from reconciler.aws.dispatcher import BLINK, Dispatcher
from reconciler.model.desired import ConnectionSettings, Desired
from reconciler.model.errors import ConfigError, ConnectionFailed, Problem, ReconcileError
from reconciler.model.inventory import InventoryReader
from reconciler.model.observed import AccountRegion, Ion, Key, Unreadable
from reconciler.model.ports import Reader, Writer


class Connection(Protocol):
    """One connection of the file, opened: the caller's account and region, and the ports to it."""

    @property
    def place(self) -> AccountRegion: ...
    @property
    def reader(self) -> Reader: ...
    @property
    def writer(self) -> Writer: ...
    @property
    def inventory(self) -> InventoryReader: ...


Opener = Callable[[ConnectionSettings], Connection]
DispatcherFor = Callable[[AccountRegion], Dispatcher]


@dataclass(frozen=True, slots=True)
class Environment:
    """One account and region: its ions sorted by key, the connection of each, and the dispatcher that they share.

    `now`: the time of day, in seconds since 1970.
    """

    place: AccountRegion
    ions: tuple[Ion, ...]
    connections: Mapping[Key, Connection]
    dispatcher: Dispatcher
    now: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class Resolved:
    """All ions of a run, with the environments that can be read and why the others can't."""

    ions: tuple[Ion, ...]
    environments: tuple[Environment, ...]
    unreadable: Mapping[Key, Unreadable]
    wrong_accounts: tuple[tuple[str, str, tuple[Key, ...]], ...]


def resolve(
    desired: Iterable[Desired],
    *,
    opener: Opener,
    dispatcher_for: DispatcherFor,
    now: Callable[[], float] = time.time,
) -> Resolved:
    """Open every connection, side by side, and check the declared accounts before anything else is read.

    Raises ConfigError when two ions turn out to be the same function and alias of one account and region, and
    ConnectionFailed when no connection can be opened at all, for one and the same reason. Accounts that could not be
    resolved can't be compared, so no duplicate is reported there.
    """
    by_settings: dict[ConnectionSettings, list[Desired]] = {}
    for item in desired:
        by_settings.setdefault(item.connection, []).append(item)
    opened = side_by_side([_opening(opener, settings) for settings in by_settings])
    _raise_if_all_failed(opened)
    ions: dict[Key, Ion] = {}
    connections: dict[Key, Connection] = {}
    unreadable: dict[Key, Unreadable] = {}
    wrong: list[tuple[str, str, tuple[Key, ...]]] = []
    for number, ((settings, items), connection) in enumerate(zip(by_settings.items(), opened, strict=True), start=1):
        keyed = [Ion(_key(item, connection, number), item) for item in items]
        _add(ions, keyed)
        keys = tuple(ion.key for ion in keyed)
        if isinstance(connection, ConnectionFailed):
            unreadable |= dict.fromkeys(keys, Unreadable(_sentence(connection)))
        elif settings.account and settings.account != connection.place.account:
            wrong.append((settings.account, connection.place.account, keys))
            why = f"the file says account {settings.account}, and these credentials are of {connection.place.account}"
            unreadable |= dict.fromkeys(keys, Unreadable(why))
        else:
            connections |= dict.fromkeys(keys, connection)
    environments = _environments(ions, connections, dispatcher_for, now)
    return Resolved(tuple(ions[key] for key in sorted(ions)), environments, unreadable, tuple(wrong))


def _opening(opener: Opener, settings: ConnectionSettings) -> Callable[[], Connection | ConnectionFailed]:
    def opening() -> Connection | ConnectionFailed:
        try:
            return opener(settings)
        except ConnectionFailed as error:
            return error
        except ReconcileError:
            raise
        except Exception as error:  # noqa: BLE001 - one connection's trouble is its own; named by its type alone
            return ConnectionFailed(f"the connection could not be opened: {type(error).__name__}")

    return opening


def _raise_if_all_failed(opened: list[Connection | ConnectionFailed]) -> None:
    failed = [each for each in opened if isinstance(each, ConnectionFailed)]
    if failed and len(failed) == len(opened) and len({error.message for error in failed}) == 1:
        raise failed[0]


def _sentence(error: ConnectionFailed) -> str:
    return f"{error.message}: {error.hint}" if error.hint else error.message


def _key(desired: Desired, connection: Connection | ConnectionFailed, number: int) -> Key:
    """The ion's key; where the account is wrong or out of reach, by what the file declares."""
    declared = desired.connection
    if isinstance(connection, ConnectionFailed):
        return Key(declared.account or "", declared.region or "", desired.function, desired.alias, unresolved=number)
    return Key(declared.account or connection.place.account, connection.place.region, desired.function, desired.alias)


def _add(ions: dict[Key, Ion], keyed: list[Ion]) -> None:
    """Add ions, unless one is there already."""
    problems = []
    for ion in keyed:
        other = ions.setdefault(ion.key, ion)
        if other is not ion:
            message = (
                f"function {ion.key.function} with alias {ion.key.alias} is asked for twice, first at "
                f"{other.desired.where}: both are in account {ion.key.account or 'unknown'}, "
                f"{ion.key.region or 'region unknown'}"
            )
            path = f"groups.{ion.desired.group}" if ion.desired.group else "ions"
            problems.append(Problem(0, 0, ion.desired.where, path, message))
    if problems:
        raise ConfigError(tuple(problems))


def _environments(
    ions: Mapping[Key, Ion],
    connections: Mapping[Key, Connection],
    dispatcher_for: DispatcherFor,
    now: Callable[[], float],
) -> tuple[Environment, ...]:
    keys: dict[AccountRegion, list[Key]] = {}
    for key in sorted(connections):
        keys.setdefault(key.place, []).append(key)
    return tuple(
        Environment(
            place,
            tuple(ions[key] for key in mine),
            {key: connections[key] for key in mine},
            dispatcher_for(place),
            now,
        )
        for place, mine in keys.items()
    )


Result = TypeVar("Result")


def side_by_side(tasks: list[Callable[[], Result]]) -> list[Result]:
    """Run tasks at once, one here and now when it is the only one; results in their order, the first error raised."""
    if len(tasks) <= 1:
        return [task() for task in tasks]
    pool = ThreadPoolExecutor(len(tasks), thread_name_prefix="environment")
    try:
        futures = [pool.submit(task) for task in tasks]
        while wait(futures, timeout=BLINK).not_done:
            continue  # a signal that comes just before this thread blocks is heeded only when that ends
        return [future.result() for future in futures]
    except Exception:
        pool.shutdown()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # whoever interrupts us does not wait for the others
