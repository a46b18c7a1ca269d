"""What `init` and `doctor` read beyond ports.Reader: the further vocabulary, and the door to AWS that answers in it.

An InventoryReader belongs to one account and region, makes exactly one AWS call per method, and raises AwsError; it
neither retries, paces nor sleeps (observe/reads.py does). Lists come page by page, with the marker of the next.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from reconciler.model.callers import EventSource
from reconciler.model.observed import AliasPointer

QUERIES: Final = 500  # the most metrics that one GetMetricData call takes
POINTS: Final = 100_800  # the most values that one GetMetricData call gives
DAY: Final = 86_400  # seconds; CloudWatch's longest period


@dataclass(frozen=True, slots=True)
class NamedAlias:
    """One row of ListAliases."""

    name: str
    pointer: AliasPointer


@dataclass(frozen=True, slots=True)
class Permission:
    """One statement that allows a call: who, from where (None: from anywhere), by which action.

    `source_account`, `organization`, `url_auth`: the other conditions that `add-permission` can set. `others`: names of
    conditions that it can't.
    """

    sid: str
    principal: str
    action: str
    source: str | None = None
    source_account: str | None = None
    organization: str | None = None
    url_auth: str | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metric:
    """One of Lambda's metrics, of one resource (`name`, `name:alias`), in periods of this many seconds.

    `statistic` is Sum or Maximum.
    """

    name: str
    function: str
    resource: str
    statistic: str
    period: int = DAY


@dataclass(frozen=True, slots=True)
class Measured:
    """One metric's (start of the period in seconds since 1970, value), in no order.

    None at all: nothing was measured, which is not the same as zero.
    """

    metric: Metric
    points: tuple[tuple[float, float], ...]


class InventoryReader(Protocol):
    """Reads. Nothing there is an empty tuple; anything that fails raises AwsError."""

    def aliases(self, function: str, marker: str | None) -> tuple[tuple[NamedAlias, ...], str | None]:
        """ListAliases: one page."""
        ...

    def permissions(self, function: str, qualifier: str | None) -> tuple[Permission, ...]:
        """GetPolicy: who may call the bare function, or the qualifier (a quota of its own)."""
        ...

    def event_sources(self, marker: str | None) -> tuple[tuple[EventSource, ...], str | None]:
        """ListEventSourceMappings: one page of 100, of every function in the account and region."""
        ...

    def measured(
        self, metrics: tuple[Metric, ...], *, start: float, end: float, marker: str | None
    ) -> tuple[tuple[Measured, ...], str | None]:
        """GetMetricData: one page of the values of at most QUERIES metrics, POINTS in all.

        `start` and `end`: seconds since 1970.
        """
        ...
