"""What `prune` reads of each function: its versions, and everything that may hold one of them.

In: what was resolved. Out: Versions for each function that can be read whole, else Unreadable: a list that was cut off
never counts as complete. The policies are asked of those versions only that nothing else keeps.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from reconciler.decide.prune import Versions, always_kept, pins_of
from reconciler.model.desired import Config
from reconciler.model.errors import AwsError, sentence
from reconciler.model.observed import FunctionKey, Unreadable
from reconciler.observe.environments import Connection, Environment, Resolved, side_by_side
from reconciler.observe.reads import (
    ALIASES,
    ASYNC_QUALIFIERS,
    EVENT_SOURCES,
    POLICY,
    PROVISIONED_LIST,
    VERSIONS,
    Read,
    Reads,
)


def prunable(resolved: Resolved, config: Config, *, now: float) -> dict[FunctionKey, Versions | Unreadable]:
    """Of every function; accounts and regions side by side. `now`: seconds since 1970."""
    found: dict[FunctionKey, Versions | Unreadable] = {}
    for each in side_by_side([_reading(environment, config, now) for environment in resolved.environments]):
        found |= each
    return found


def _reading(
    environment: Environment, config: Config, now: float
) -> Callable[[], dict[FunctionKey, Versions | Unreadable]]:
    def reading() -> dict[FunctionKey, Versions | Unreadable]:
        reads, functions = Reads(environment.dispatcher), _functions(environment)
        reads.gather(_first(connection, function) for function, connection in functions.items())
        found = {function: _versions(reads, connection, function) for function, connection in functions.items()}
        asked = {function: list(_unheld(read, config, function, now)) for function, read in found.items()}
        reads.gather(
            [_policy(functions[function], function, number)] for function in asked for number in asked[function]
        )
        return {
            function: _with_policies(reads, functions[function], function, found[function], numbers)
            for function, numbers in asked.items()
        }

    return reading


def _functions(environment: Environment) -> dict[FunctionKey, Connection]:
    functions: dict[FunctionKey, Connection] = {}
    for ion in environment.ions:
        functions.setdefault(ion.key.function_key, environment.connections[ion.key])
    return functions


def _first(connection: Connection, function: FunctionKey) -> tuple[Read[Any], ...]:
    of_function = (VERSIONS, ALIASES, PROVISIONED_LIST, ASYNC_QUALIFIERS)
    return (
        *(Read(kind, connection, (function.function,)) for kind in of_function),
        Read(EVENT_SOURCES, connection),
    )


def _versions(reads: Reads, connection: Connection, function: FunctionKey) -> Versions | Unreadable:
    name = (function.function,)
    try:
        return Versions(
            published=reads.value(Read(VERSIONS, connection, name)),
            aliases=reads.value(Read(ALIASES, connection, name)),
            provisioned=reads.value(Read(PROVISIONED_LIST, connection, name)),
            called=reads.value(Read(ASYNC_QUALIFIERS, connection, name)),
            sources=tuple(
                each for each in reads.value(Read(EVENT_SOURCES, connection)) if each.function == function.function
            ),
        )
    except AwsError as error:
        return Unreadable(sentence(error))


def _unheld(found: Versions | Unreadable, config: Config, function: FunctionKey, now: float) -> Iterable[int]:
    """The versions that nothing keeps but, maybe, a policy."""
    if isinstance(found, Unreadable):
        return ()
    kept = always_kept(found, pins_of(config, function.function), now)
    return (number for number in found.numbers if number not in kept)


def _policy(connection: Connection, function: FunctionKey, number: int) -> Read[Any]:
    return Read(POLICY, connection, (function.function, str(number)))


def _with_policies(
    reads: Reads, connection: Connection, function: FunctionKey, found: Versions | Unreadable, numbers: list[int]
) -> Versions | Unreadable:
    if isinstance(found, Unreadable):
        return found
    try:
        having = (
            number for number in numbers if reads.value(_policy(connection, function, number)).revision_id is not None
        )
        return replace(found, policies=frozenset(having))
    except AwsError as error:
        return Unreadable(sentence(error))
