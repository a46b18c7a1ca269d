"""Environments -> a Survey: who may call each function, what triggers it, what is kept warm on it, and its use.

Only reads, each within the quota that it belongs to: GetPolicy for the bare function and each alias (a quota of its
own), ListProvisionedConcurrencyConfigs for each function, ListEventSourceMappings for the whole account and region,
GetMetricData for up to 500 metrics a call. What could not be read is in the Survey as the error that it was.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from reconciler.advise.doctor.sizing import SLOT, Slot
from reconciler.model.callers import EventSource
from reconciler.model.errors import AwsError
from reconciler.model.inventory import DAY, POINTS, QUERIES, Measured, Metric, Permission
from reconciler.model.observed import AccountRegion, FunctionKey, Key, Qualified, ScalingTarget, VersionState
from reconciler.observe.environments import Connection, Environment, Resolved, side_by_side
from reconciler.observe.reads import EVENT_SOURCES, MEASURED, PERMISSIONS, PROVISIONED_LIST, VERSION, Read, Reads
from reconciler.observe.scaling import scaling_lists

INVOCATIONS = "ProvisionedConcurrencyInvocations"
SPILLOVER = "ProvisionedConcurrencySpilloverInvocations"
CONCURRENT = "ConcurrentExecutions"
CALLS = "Invocations"
METRICS = 4  # queried for each alias


@dataclass(frozen=True, slots=True)
class Use:
    """What was measured of one warm alias; None: no datapoint.

    `slots`: the five minutes in which it was called. `bare_calls`: calls of the function without a qualifier, which
    warm capacity never serves.
    """

    invocations: float | None
    spillover: float | None
    bare_calls: float | None
    slots: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """What was read. An AwsError: that one could not be read.

    `targets`: every scalable target of the functions, with its actions and policies; `scaling`: where they could not be
    listed. `permissions` by alias, and `bare_permissions` by function: what the policy of the bare function allows.
    """

    days: int
    permissions: Mapping[Key, tuple[Permission, ...] | AwsError] = field(default_factory=dict)
    bare_permissions: Mapping[FunctionKey, tuple[Permission, ...] | AwsError] = field(default_factory=dict)
    provisioned: Mapping[FunctionKey, tuple[Qualified, ...] | AwsError] = field(default_factory=dict)
    carriers: Mapping[Key, VersionState | AwsError | None] = field(default_factory=dict)
    event_sources: Mapping[AccountRegion, tuple[EventSource, ...] | AwsError] = field(default_factory=dict)
    use: Mapping[Key, Use | AwsError] = field(default_factory=dict)
    targets: Mapping[Key, ScalingTarget] = field(default_factory=dict)
    scaling: Mapping[AccountRegion, AwsError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """What to read: ions with warm capacity (their use), and every alias that the file names (the others' price)."""

    warm: frozenset[Key]
    named: frozenset[Key]
    days: int
    now: float


def survey(resolved: Resolved, scope: Scope, *, progress: Callable[[int], None] = lambda _more: None) -> Survey:
    """Read everything that the doctor needs beyond what `observe` saw; accounts and regions side by side."""
    surveys = side_by_side([partial(_survey, environment, scope, progress) for environment in resolved.environments])
    whole = Survey(scope.days)
    for one in surveys:
        whole = replace(
            whole,
            permissions={**whole.permissions, **one.permissions},
            bare_permissions={**whole.bare_permissions, **one.bare_permissions},
            provisioned={**whole.provisioned, **one.provisioned},
            carriers={**whole.carriers, **one.carriers},
            event_sources={**whole.event_sources, **one.event_sources},
            use={**whole.use, **one.use},
            targets={**whole.targets, **one.targets},
            scaling={**whole.scaling, **one.scaling},
        )
    return whole


def _survey(environment: Environment, scope: Scope, progress: Callable[[int], None]) -> Survey:
    reads = Reads(environment.dispatcher, progress=progress)
    functions = {key.function_key: connection for key, connection in environment.connections.items()}
    permissions = {
        key: Read(PERMISSIONS, connection, (key.function, key.alias))
        for key, connection in environment.connections.items()
    }
    bare = {key: Read(PERMISSIONS, connection, (key.function, None)) for key, connection in functions.items()}
    provisioned = {key: Read(PROVISIONED_LIST, connection, (key.function,)) for key, connection in functions.items()}
    event_sources = Read(EVENT_SOURCES, next(iter(functions.values())))
    measured = tuple(_measured(environment, scope))
    targets = scaling_lists(event_sources.connection)
    reads.gather(
        [(event_sources, *targets), *((read,) for _, read in measured), *_by_function(permissions, bare, provisioned)]
    )
    others = {
        key.qualified(row.qualifier): functions[key]
        for key, read in provisioned.items()
        for row in reads.rows(read)[0]
        if key.qualified(row.qualifier) not in scope.named
    }
    carriers = {key: Read(VERSION, connection, (key.function, key.alias)) for key, connection in others.items()}
    reads.gather((read,) for read in carriers.values())
    return Survey(
        scope.days,
        {key: reads.answer(read) for key, read in permissions.items()},
        {key: reads.answer(read) for key, read in bare.items()},
        {key: reads.answer(read) for key, read in provisioned.items()},
        {key: reads.answer(read) for key, read in carriers.items()},
        {environment.place: reads.answer(event_sources)},
        {key: use for keys, read in measured for key, use in _uses(keys, reads.answer(read))},
        targets.of(reads, functions),
        targets.trouble(reads, environment.place),
    )


def _by_function(
    aliases: Mapping[Key, Read[Any]], *functions: Mapping[FunctionKey, Read[Any]]
) -> Iterable[list[Read[Any]]]:
    """The reads of each function in one group, so that the buckets that they take from are used side by side."""
    groups: dict[FunctionKey, list[Read[Any]]] = {}
    for key, read in aliases.items():
        groups.setdefault(key.function_key, []).append(read)
    for function, read in (each for some in functions for each in some.items()):
        groups.setdefault(function, []).append(read)
    return groups.values()


# ---------------------------------------------------------------- metrics


MeasuredRead = Read[tuple[Measured, ...]]


def _measured(environment: Environment, scope: Scope) -> Iterator[tuple[tuple[Key, ...], MeasuredRead]]:
    """One read for as many ions as AWS takes the metrics of in one call, by the connection that reaches them."""
    start = scope.now - scope.now % DAY - scope.days * DAY  # whole days, so that no period is cut
    by_connection: dict[Connection, list[Key]] = {}
    for key in sorted(scope.warm & environment.connections.keys()):
        by_connection.setdefault(environment.connections[key], []).append(key)
    size = max(1, min(QUERIES // METRICS, POINTS // (METRICS * (scope.days + 1) * (DAY // SLOT))))
    for connection, keys in by_connection.items():
        for first in range(0, len(keys), size):
            batch = tuple(keys[first : first + size])
            metrics = tuple(metric for key in batch for metric in _metrics(key))
            yield batch, Read(MEASURED, connection, (metrics, start, scope.now))


def _metrics(key: Key) -> tuple[Metric, ...]:
    resource = f"{key.function}:{key.alias}"
    return (
        Metric(INVOCATIONS, key.function, resource, "Sum", SLOT),
        Metric(SPILLOVER, key.function, resource, "Sum", SLOT),
        Metric(CONCURRENT, key.function, resource, "Maximum", SLOT),
        Metric(CALLS, key.function, key.function, "Sum"),
    )


def _uses(keys: Iterable[Key], answer: tuple[Measured, ...] | AwsError) -> Iterator[tuple[Key, Use | AwsError]]:
    if isinstance(answer, AwsError):
        yield from ((key, answer) for key in keys)
        return
    points: dict[Metric, dict[float, float]] = {}
    for row in answer:
        points.setdefault(row.metric, {}).update(row.points)
    for key in keys:
        served, spilled, busy, bare = (points.get(metric, {}) for metric in _metrics(key))
        called = {start: served.get(start, 0.0) + spilled.get(start, 0.0) for start in sorted({*served, *spilled})}
        slots = tuple(Slot(start, calls, busy[start]) for start, calls in called.items() if calls and busy.get(start))
        yield key, Use(_total(served), _total(spilled), _total(bare), slots)


def _total(points: Mapping[float, float]) -> float | None:
    return sum(points.values()) if points else None
