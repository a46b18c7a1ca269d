"""Sites -> a Survey: who may call each function, what triggers it, what is kept warm on it, how much that is used.

Only reads, side by side, each within the quota that it belongs to: GetPolicy for the bare function and each alias (a
quota of its own), ListProvisionedConcurrencyConfigs for each function, ListEventSourceMappings for the whole place,
GetMetricData for up to 500 metrics a call. What could not be read is in the Survey as the error that it was.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from reconciler.aws.rate_limiter import Bucket
from reconciler.model.errors import AwsError
from reconciler.model.inventory import DAY, QUERIES, EventSource, InventoryReader, Measured, Metric, Permission
from reconciler.model.observed import AccountRegion, Key, Qualified, VersionState
from reconciler.observe.environments import Connection, Environment, Resolved, side_by_side
from reconciler.observe.paged_reads import PagedRead, PagedReads, PageReader, single

INVOCATIONS = "ProvisionedConcurrencyInvocations"
SPILLOVER = "ProvisionedConcurrencySpilloverInvocations"
UTILIZATION = "ProvisionedConcurrencyUtilization"
CALLS = "Invocations"

Value = TypeVar("Value")
InventoryOf = Callable[[Connection], InventoryReader]


@dataclass(frozen=True, slots=True)
class Use:
    """What was measured of one warm alias; None: no datapoint. `peak`: the largest share busy at once.

    `bare_calls`: calls of the function without a qualifier, which warm capacity never serves.
    """

    invocations: float | None
    spillover: float | None
    peak: float | None
    bare_calls: float | None


@dataclass(frozen=True, slots=True)
class Survey:
    """What was read; functions are keys with an empty alias. An AwsError: that one could not be read."""

    days: int
    permissions: Mapping[Key, tuple[Permission, ...] | AwsError] = field(default_factory=dict)
    provisioned: Mapping[Key, tuple[Qualified, ...] | AwsError] = field(default_factory=dict)
    carriers: Mapping[Key, VersionState | AwsError | None] = field(default_factory=dict)
    event_sources: Mapping[AccountRegion, tuple[EventSource, ...] | AwsError] = field(default_factory=dict)
    use: Mapping[Key, Use | AwsError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """What to look at: ions with warm capacity (their use), and every alias that the file names (the others' price)."""

    warm: frozenset[Key]
    named: frozenset[Key]
    days: int
    now: float


def survey(
    resolved: Resolved,
    scope: Scope,
    *,
    inventory_of: InventoryOf,
    progress: Callable[[int], None] = lambda _more: None,
) -> Survey:
    """Read everything that the doctor needs beyond what `observe` saw; accounts and regions side by side."""
    surveys = side_by_side([partial(_survey, site, scope, inventory_of, progress) for site in resolved.sites])
    whole = Survey(scope.days)
    for one in surveys:
        whole = replace(
            whole,
            permissions={**whole.permissions, **one.permissions},
            provisioned={**whole.provisioned, **one.provisioned},
            carriers={**whole.carriers, **one.carriers},
            event_sources={**whole.event_sources, **one.event_sources},
            use={**whole.use, **one.use},
        )
    return whole


def function_of(key: Key) -> Key:
    """The function alone."""
    return replace(key, alias="")


def _survey(site: Environment, scope: Scope, inventory_of: InventoryOf, progress: Callable[[int], None]) -> Survey:
    inquiry = PagedReads(site.dispatcher, progress=progress)
    links = {function_of(key): link for key, link in site.links.items()}
    permissions = {key: _permissions(inquiry, key, link, inventory_of) for key, link in {**site.links, **links}.items()}
    provisioned = {
        key: inquiry.ask(link, partial(link.reader.provisioned_list, key.function), bucket=Bucket.SLOW)
        for key, link in links.items()
    }
    any_link = next(iter(links.values()))
    sources = inquiry.ask(any_link, inventory_of(any_link).event_sources, bucket=Bucket.SLOW)
    measured = tuple(_measure(inquiry, site, scope, inventory_of))
    inquiry.run()
    strays = {
        replace(key, alias=row.qualifier): links[key]
        for key, asked in provisioned.items()
        for row in asked.rows
        if replace(key, alias=row.qualifier) not in scope.named
    }
    carriers = {key: inquiry.ask(link, _carrier(link, key), bucket=Bucket.FAST) for key, link in strays.items()}
    inquiry.run()
    return Survey(
        scope.days,
        {key: _answer(asked) for key, asked in permissions.items()},
        {key: _answer(asked) for key, asked in provisioned.items()},
        {key: asked.error or next(iter(asked.rows), None) for key, asked in carriers.items()},
        {site.place: _answer(sources)},
        dict(_uses(measured)),
    )


def _permissions(inquiry: PagedReads, key: Key, link: Connection, inventory_of: InventoryOf) -> PagedRead[Permission]:
    read = partial(inventory_of(link).permissions, key.function, key.alias or None)
    return inquiry.ask(link, _only_page(read), bucket=Bucket.POLICY)


def _only_page(read: Callable[[], tuple[Value, ...]]) -> PageReader[Value]:
    return lambda _marker: (read(), None)


def _carrier(link: Connection, key: Key) -> PageReader[VersionState]:
    return single(partial(link.reader.version, key.function, key.alias))


def _answer(asked: PagedRead[Value]) -> tuple[Value, ...] | AwsError:
    return asked.error or asked.rows


# ---------------------------------------------------------------- metrics


@dataclass(frozen=True, slots=True)
class _Batch:
    keys: tuple[Key, ...]
    asked: PagedRead[Measured]


def _measure(inquiry: PagedReads, site: Environment, scope: Scope, inventory_of: InventoryOf) -> Iterator[_Batch]:
    """One question for as many ions as AWS takes the metrics of in one call, by the link that reaches them."""
    start = scope.now - scope.now % DAY - scope.days * DAY  # whole days, so that no period is cut
    by_link: dict[int, list[Key]] = {}
    for key in sorted(scope.warm & site.links.keys()):
        by_link.setdefault(id(site.links[key]), []).append(key)
    size = QUERIES // len(_metrics(Key("", "", "", "")))
    for keys in by_link.values():
        link = site.links[keys[0]]
        for first in range(0, len(keys), size):
            batch = tuple(keys[first : first + size])
            metrics = tuple(metric for key in batch for metric in _metrics(key))
            read = partial(_measured, inventory_of(link), metrics, start, scope.now)
            yield _Batch(batch, inquiry.ask(link, read, bucket=Bucket.OTHER))


def _measured(
    inventory: InventoryReader, metrics: tuple[Metric, ...], start: float, end: float, marker: str | None
) -> tuple[tuple[Measured, ...], str | None]:
    return inventory.measured(metrics, start=start, end=end, marker=marker)


def _metrics(key: Key) -> tuple[Metric, ...]:
    resource = f"{key.function}:{key.alias}"
    return (
        Metric(INVOCATIONS, key.function, resource, "Sum"),
        Metric(SPILLOVER, key.function, resource, "Sum"),
        Metric(UTILIZATION, key.function, resource, "Maximum"),
        Metric(CALLS, key.function, key.function, "Sum"),
    )


def _uses(batches: Iterable[_Batch]) -> Iterator[tuple[Key, Use | AwsError]]:
    for batch in batches:
        values: dict[Metric, list[float]] = {}
        for row in batch.asked.rows:
            values.setdefault(row.metric, []).extend(row.values)
        for key in batch.keys:
            invocations, spillover, peak, calls = (values.get(metric, []) for metric in _metrics(key))
            use = Use(_total(invocations), _total(spillover), max(peak, default=None), _total(calls))
            yield key, batch.asked.error or use


def _total(values: list[float]) -> float | None:
    return sum(values) if values else None
