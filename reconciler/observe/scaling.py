"""Which aliases' numbers Application Auto Scaling owns: asked once a connection, whatever the number of aliases.

Scheduled actions and policies are listed for the whole region, and only where the file asks for a number that scales,
or for a number on an alias that has a target: whether that is ours to give up is told by their names.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from reconciler.model.errors import AwsError, ErrorKind, sentence
from reconciler.model.observed import AccountRegion, FunctionKey, Ion, Key, Scaling, ScalingTarget, ScalingUnknown
from reconciler.model.scaling import Scaled
from reconciler.observe.environments import Connection, Environment
from reconciler.observe.reads import SCALING_POLICIES, SCALING_TARGETS, SCHEDULED_ACTIONS, Read, Reads

MOST_NAMED = 50  # targets that one call can be asked for by name; beyond, all of the namespace are listed

ScalingRead = Read[tuple[tuple[str, ScalingTarget], ...]]


def scaling_read(connection: Connection, aliases: Iterable[tuple[str, str]]) -> ScalingRead:
    """The targets of these aliases (function, alias)."""
    resources = tuple(_resource(*alias) for alias in aliases)
    return Read(SCALING_TARGETS, connection, resources if len(resources) <= MOST_NAMED else ())


def owners_by_alias(
    reads: Reads, read: ScalingRead, aliases: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Scaling]:
    """Each alias's scaling target; None: it has none; ScalingUnknown: that could not be read."""
    rows, error = reads.rows(read)
    targets = dict(rows)
    unknown = ScalingUnknown(sentence(error), harmless=error.kind is ErrorKind.UNSUPPORTED) if error else None
    return {alias: targets.get(_resource(*alias), unknown) for alias in aliases}


def scaling_reads(environment: Environment, ions: Iterable[Ion]) -> Iterator[Read[Any]]:
    """What is known to be needed from the start: it is listed while the ions are read."""
    for connection, mine in _by_connection(environment, ions).items():
        yield scaling_read(connection, map(_alias, mine))
        if any(isinstance(ion.desired.concurrency, Scaled) for ion in mine):
            yield from _detail_reads(connection)


def _detail_reads(connection: Connection) -> tuple[Read[Any], Read[Any]]:
    return Read(SCHEDULED_ACTIONS, connection), Read(SCALING_POLICIES, connection)


def scaling(reads: Reads, environment: Environment, ions: Iterable[Ion]) -> dict[Key, Scaling]:
    """Each ion's scaling target, as `owners_by_alias`, with its actions and policies where they matter."""
    found: dict[Key, Scaling] = {}
    for connection, mine in _by_connection(environment, ions).items():
        owners = owners_by_alias(reads, scaling_read(connection, map(_alias, mine)), map(_alias, mine))
        whole = with_details(reads, connection, owners) if any(_asks(ion, owners) for ion in mine) else owners
        found |= {ion.key: whole[_alias(ion)] for ion in mine}
    return found


def _asks(ion: Ion, owners: Mapping[tuple[str, str], Scaling]) -> bool:
    asked = ion.desired.concurrency
    return asked is not None and isinstance(owners[_alias(ion)], ScalingTarget)


def with_details(
    reads: Reads, connection: Connection, owners: Mapping[tuple[str, str], Scaling]
) -> dict[tuple[str, str], Scaling]:
    """The targets with their actions and policies; where those can't be read, ScalingUnknown."""
    actions, policies = _detail_reads(connection)
    reads.gather([(actions, policies)])
    live_actions, first = reads.rows(actions)
    live_policies, second = reads.rows(policies)
    error = first or second
    whole: dict[tuple[str, str], Scaling] = {}
    for alias, owner in owners.items():
        resource = _resource(*alias)
        if not isinstance(owner, ScalingTarget):
            whole[alias] = owner
        elif error:
            whole[alias] = replace(owner, unread=sentence(error))
        else:
            whole[alias] = replace(
                owner,
                actions=tuple(sorted((row for of, row in live_actions if of == resource), key=lambda row: row.name)),
                policies=tuple(sorted((row for of, row in live_policies if of == resource), key=lambda row: row.name)),
            )
    return whole


def _by_connection(environment: Environment, ions: Iterable[Ion]) -> dict[Connection, list[Ion]]:
    by_connection: dict[Connection, list[Ion]] = {}
    for ion in ions:
        by_connection.setdefault(environment.connections[ion.key], []).append(ion)
    return by_connection


def _alias(ion: Ion) -> tuple[str, str]:
    return ion.key.function, ion.key.alias


def _resource(function: str, alias: str) -> str:
    return f"function:{function}:{alias}"


class ScalingLists(NamedTuple):
    """All scalable targets of a region, with their actions and policies, whatever the file names."""

    targets: ScalingRead
    actions: Read[Any]
    policies: Read[Any]

    def of(self, reads: Reads, functions: Iterable[FunctionKey]) -> dict[Key, ScalingTarget]:
        """The targets of these functions' aliases; none where one of the lists could not be read."""
        if any(reads.rows(read)[1] for read in self):
            return {}
        by_name = {function.function: function for function in functions}
        found: dict[Key, ScalingTarget] = {}
        for resource, target in reads.rows(self.targets)[0]:
            _, function, alias = resource.split(":", 2)
            if function in by_name:
                found[by_name[function].qualified(alias)] = replace(
                    target,
                    actions=tuple(row for of, row in reads.rows(self.actions)[0] if of == resource),
                    policies=tuple(row for of, row in reads.rows(self.policies)[0] if of == resource),
                )
        return found

    def trouble(self, reads: Reads, place: AccountRegion) -> dict[AccountRegion, AwsError]:
        """Why they could not be listed; nothing where the endpoint has no Application Auto Scaling."""
        error = next((error for read in self if (error := reads.rows(read)[1])), None)
        return {place: error} if error and error.kind is not ErrorKind.UNSUPPORTED else {}


def scaling_lists(connection: Connection) -> ScalingLists:
    return ScalingLists(Read(SCALING_TARGETS, connection), *_detail_reads(connection))
