"""The read engine: what is to be read of one account and region, as values -> the answers, by what was asked.

A Read names its kind, a connection and arguments; equal reads are one call. Reads are gathered in groups, a window of
groups at a time: the reads of one ion stay close together in time, and memory stays bounded, however many ions there
are. The engine follows the pages of a list to its end, takes the fallback where AWS denies the first call, and fails
every further read of a connection whose credentials don't work without another call. `plan`, `status` and the follow-up
of `apply` read with it, and so do `init` and `doctor`. Nothing is concluded from an answer here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from math import inf
from typing import Any, Generic, TypeVar

from reconciler.aws.dispatcher import Dispatcher, Request, Response
from reconciler.aws.rate_limiter import Bucket
from reconciler.model.callers import AsyncSettings, EventSource, ResourcePolicy
from reconciler.model.errors import AwsError, ErrorKind
from reconciler.model.inventory import Measured, NamedAlias, Permission
from reconciler.model.observed import (
    AccountSettings,
    AliasPointer,
    Latest,
    Provisioned,
    Qualified,
    ScalingTarget,
    VersionState,
)
from reconciler.model.scaling import ScalingPolicy, ScheduledAction
from reconciler.observe.environments import Connection

WINDOW = 48  # groups under way at once
MOST_PAGES = 2000  # of one list; AWS gives 50 rows or more on most of them

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Row = TypeVar("Row")
Page = tuple[tuple[Row, ...], str | None]
"""Rows, and the marker of the next page; None: it was the last."""


@dataclass(frozen=True, slots=True, eq=False)
class Kind(Generic[T_co]):
    """One AWS read: the bucket that it takes from, and the call, given a connection, a Read's arguments and, for a
    list, the marker of the page.

    `fallback`: the call from the slow bucket to make where this one is denied; it takes `fallback_tokens`. `lists`:
    AWS's name of the operation when it is a list. `enough`: rows after which a list need not be complete.
    """

    bucket: Bucket
    call: Callable[..., object]
    fallback: Callable[..., object] | None = None
    fallback_tokens: int = 1
    lists: str = ""
    enough: float = inf


def single(
    bucket: Bucket, call: Callable[..., T], fallback: Callable[..., T] | None = None, *, fallback_tokens: int = 1
) -> Kind[T]:
    """A read with one answer."""
    return Kind(bucket, call, fallback, fallback_tokens)


def listing(
    operation: str, bucket: Bucket, call: Callable[..., Page[Row]], *, enough: float = inf
) -> Kind[tuple[Row, ...]]:
    """A list that is read page by page; its answer is all rows. One that never ends is an error."""
    return Kind(bucket, call, lists=operation, enough=enough)


@dataclass(frozen=True, slots=True)
class Read(Generic[T_co]):
    kind: Kind[T_co]
    connection: Connection
    args: tuple[object, ...] = ()


# ---------------------------------------------------------------- what can be read

LATEST: Kind[Latest | None] = single(
    Bucket.FAST,
    lambda connection, function: connection.reader.latest(function),
    lambda connection, function: connection.reader.latest_slowly(function),
    fallback_tokens=2,
)
VERSION: Kind[VersionState | None] = single(
    Bucket.FAST,
    lambda connection, function, qualifier: connection.reader.version(function, qualifier),
    lambda connection, function, qualifier: connection.reader.version_slowly(function, qualifier),
)
ALIAS: Kind[AliasPointer | None] = single(
    Bucket.SLOW, lambda connection, function, alias: connection.reader.alias(function, alias)
)
PROVISIONED: Kind[Provisioned | None] = single(
    Bucket.SLOW, lambda connection, function, qualifier: connection.reader.provisioned(function, qualifier)
)
ACCOUNT_SETTINGS: Kind[AccountSettings] = single(Bucket.SLOW, lambda connection: connection.reader.account_settings())
PROVISIONED_LIST: Kind[tuple[Qualified, ...]] = listing(
    "ListProvisionedConcurrencyConfigs",
    Bucket.SLOW,
    lambda connection, function, marker: connection.reader.provisioned_list(function, marker),
)
FUNCTION_NAMES: Kind[tuple[str, ...]] = listing(
    "ListFunctions", Bucket.SLOW, lambda connection, marker: connection.reader.function_names(marker)
)
SCALING_TARGETS: Kind[tuple[tuple[str, ScalingTarget], ...]] = listing(
    "DescribeScalableTargets",
    Bucket.SCALING,
    lambda connection, *args: connection.reader.scaling_targets(args[:-1], args[-1]),
)
SCHEDULED_ACTIONS: Kind[tuple[tuple[str, ScheduledAction], ...]] = listing(
    "DescribeScheduledActions",
    Bucket.SCALING,
    lambda connection, token: connection.reader.scheduled_actions(token),
)
SCALING_POLICIES: Kind[tuple[tuple[str, ScalingPolicy], ...]] = listing(
    "DescribeScalingPolicies",
    Bucket.SCALING,
    lambda connection, token: connection.reader.scaling_policies(token),
)
ALIASES: Kind[tuple[NamedAlias, ...]] = listing(
    "ListAliases",
    Bucket.SLOW,
    lambda connection, function, marker: connection.inventory.aliases(function, marker),
)
PERMISSIONS: Kind[tuple[Permission, ...]] = single(
    Bucket.POLICY, lambda connection, function, qualifier: connection.inventory.permissions(function, qualifier)
)
EVENT_SOURCES: Kind[tuple[EventSource, ...]] = listing(
    "ListEventSourceMappings",
    Bucket.SLOW,
    lambda connection, marker: connection.inventory.event_sources(marker),
)
POLICY: Kind[ResourcePolicy] = single(
    Bucket.POLICY, lambda connection, function, qualifier: connection.reader.policy(function, qualifier)
)
ASYNC_SETTINGS: Kind[AsyncSettings | None] = single(
    Bucket.SLOW, lambda connection, function, qualifier: connection.reader.async_settings(function, qualifier)
)
MEASURED: Kind[tuple[Measured, ...]] = listing(
    "GetMetricData",
    Bucket.OTHER,
    lambda connection, metrics, start, end, marker: connection.inventory.measured(
        metrics, start=start, end=end, marker=marker
    ),
)


# ---------------------------------------------------------------- the engine


@dataclass(slots=True)
class _Group:
    """Reads that are finished together; `left` of them have no answer yet."""

    left: int


@dataclass(slots=True, eq=False)
class _Pending:
    """A read under way, the groups that wait for it, and the pages that have come."""

    read: Read[Any]
    groups: list[_Group] = field(default_factory=list)
    rows: list[Any] = field(default_factory=list)
    markers: set[str] = field(default_factory=set)
    on_fallback: bool = False


class Reads:
    """The reads of one account and region. Not thread-safe: it belongs to the loop that owns the dispatcher.

    `progress` is told of answers as they come. `used_fallback`: AWS denied the first call of some read.
    """

    def __init__(self, dispatcher: Dispatcher, *, progress: Callable[[int], None] = lambda _more: None) -> None:
        self.used_fallback = False
        self._dispatcher = dispatcher
        self._progress = progress
        self._answers: dict[Read[Any], Any] = {}
        self._cut_off: dict[Read[Any], tuple[Any, ...]] = {}
        self._pending: dict[Read[Any], _Pending] = {}
        self._dead: dict[Connection, AwsError] = {}

    def gather(self, groups: Iterable[Iterable[Read[Any]]], finished: Callable[[], None] = lambda: None) -> None:
        """Make every read that has no answer yet, and wait; `finished` is called once for each group."""
        under_way = 0
        for reads in groups:
            under_way += self._open(reads, finished)
            while under_way >= WINDOW:
                under_way -= self._turn(finished)
        while under_way:
            under_way -= self._turn(finished)

    def submit(self, read: Read[Any]) -> None:
        """Start a read without waiting, unless it is under way or has an answer."""
        if read in self._answers or read in self._pending:
            return
        if read.connection in self._dead:
            self._answers[read] = self._dead[read.connection]
            return
        self._pending[read] = pending = _Pending(read)
        self._call(pending, None)

    def answer(self, read: Read[T]) -> T | AwsError:
        """What a gathered read came to."""
        answer: T | AwsError = self._answers[read]
        return answer

    def value(self, read: Read[T]) -> T:
        """What a gathered read came to. Raises AwsError."""
        answer = self.answer(read)
        if isinstance(answer, AwsError):
            raise answer.with_traceback(None)  # one error may be that of thousands of reads
        return answer

    def rows(self, read: Read[tuple[Row, ...]]) -> tuple[tuple[Row, ...], AwsError | None]:
        """The rows of a list, gathered where it was not; with an error, those of the pages before it."""
        self.gather([(read,)])
        answer = self.answer(read)
        return (self._cut_off.get(read, ()), answer) if isinstance(answer, AwsError) else (answer, None)

    def forget(self, reads: Iterable[Read[Any]]) -> None:
        """Let these be read again."""
        for read in reads:
            self._answers.pop(read, None)

    def pause(self, seconds: float) -> None:
        """Let so many seconds pass on the dispatcher's clock; what is under way goes on meanwhile."""
        until = self._dispatcher.clock() + seconds
        while self._dispatcher.clock() < until:
            self._turn(lambda: None, until=until)

    def _open(self, reads: Iterable[Read[Any]], finished: Callable[[], None]) -> int:
        """Start a group; how many groups that puts under way (none when all answers are there)."""
        pending = []
        for read in dict.fromkeys(reads):
            self.submit(read)
            if read in self._pending:
                pending.append(self._pending[read])
        if not pending:
            finished()
            return 0
        group = _Group(len(pending))
        for each in pending:
            each.groups.append(group)
        return 1

    def _turn(self, finished: Callable[[], None], *, until: float = inf) -> int:
        """Wait for some answers, or until that moment; how many groups they finished."""
        ended = 0
        for response in self._dispatcher.answers(until):
            for group in self._take(response):
                group.left -= 1
                if not group.left:
                    ended += 1
                    finished()
        return ended

    def _take(self, response: Response) -> list[_Group]:
        """Keep an answer; the groups that waited for it, unless another call has to follow."""
        pending, error = response.to, response.error
        if not isinstance(pending, _Pending):
            raise TypeError(pending)
        read, value = pending.read, response.value
        if error and error.kind is ErrorKind.DENIED and read.kind.fallback and not pending.on_fallback:
            self.used_fallback = pending.on_fallback = True
            self._call(pending, None)
            return []
        if not error and read.kind.lists:
            marker, error = _add_page(pending, value)
            if marker:
                self._call(pending, marker)
                return []
            value = tuple(pending.rows)
        if error and pending.rows:
            self._cut_off[read] = tuple(pending.rows)
        if error and error.kind is ErrorKind.CREDENTIALS:
            self._dead.setdefault(read.connection, error)
        self._answers[read] = error or value
        self._progress(1)
        return self._pending.pop(read).groups

    def _call(self, pending: _Pending, marker: str | None) -> None:
        read, kind = pending.read, pending.read.kind
        if pending.on_fallback and kind.fallback:
            work = partial(kind.fallback, read.connection, *read.args)
            request = Request(work, Bucket.SLOW, tokens=kind.fallback_tokens)
        else:
            work = partial(kind.call, read.connection, *read.args, *([marker] if kind.lists else []))
            request = Request(work, kind.bucket)
        self._dispatcher.submit(request, to=pending)


def _add_page(pending: _Pending, page: Any) -> tuple[str | None, AwsError | None]:  # noqa: ANN401 - Page of any rows
    """Keep a page's rows; the marker of the page to read next, or why a list that has one is given up."""
    rows, marker = page
    pending.rows.extend(rows)
    if marker is None or len(pending.rows) >= pending.read.kind.enough:
        return None, None
    why = ""
    if marker in pending.markers:
        why = "AWS gave the same page marker twice"
    pending.markers.add(marker)
    if len(pending.markers) >= MOST_PAGES:
        why = f"the list did not end after {MOST_PAGES} pages"
    if why:
        operation = pending.read.kind.lists
        return None, AwsError(why, kind=ErrorKind.UNAVAILABLE, code="EndlessList", operation=operation)
    return marker, None
