"""One site's reads: what is asked for, as values; asked side by side, a window at a time; answers by what was asked.

A read that AWS denied is asked again the slow way round where there is one. Credentials that don't work fail every
read that is still to come without another call. Nothing is concluded from an answer here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from math import inf
from typing import Literal

from reconciler.aws.dispatcher import Dispatcher, Request, Response
from reconciler.aws.rate_limiter import Bucket
from reconciler.model.errors import AwsError, ErrorKind
from reconciler.model.ports import Reader
from reconciler.observe.environments import Connection
from reconciler.observe.paging import Pages

WINDOW = 48  # groups under way at once: the reads of one ion stay close together in time, however many ions there are

What = Literal["latest", "behind", "pointer", "provisioned", "scaling", "siblings", "account", "names"]


@dataclass(frozen=True, slots=True)
class Read:
    """One read: what, by which link, of which function and qualifier, and which page of a list."""

    what: What
    link: Connection
    function: str = ""
    qualifier: str = ""
    page: str | None = None


@dataclass(frozen=True, slots=True)
class _Slowly:
    """An Ask whose fast call was denied."""

    ask: Read


Make = Callable[[Reader, Read], object]

READS: dict[What, tuple[Bucket, Make]] = {
    "latest": (Bucket.FAST, lambda reader, ask: reader.latest(ask.function)),
    "behind": (Bucket.FAST, lambda reader, ask: reader.version(ask.function, ask.qualifier)),
    "pointer": (Bucket.SLOW, lambda reader, ask: reader.alias(ask.function, ask.qualifier)),
    "provisioned": (Bucket.SLOW, lambda reader, ask: reader.provisioned(ask.function, ask.qualifier)),
    "siblings": (Bucket.SLOW, lambda reader, ask: reader.provisioned_list(ask.function, ask.page)),
    "account": (Bucket.SLOW, lambda reader, _: reader.account_settings()),
    "names": (Bucket.SLOW, lambda reader, ask: reader.function_names(ask.page)),
    "scaling": (Bucket.OTHER, lambda reader, ask: reader.scaling_targets(tuple(ask.function.split()), ask.page)),
}
SLOW_WAY: dict[What, tuple[int, Make]] = {  # tokens of the slow bucket, and the call
    "latest": (2, lambda reader, ask: reader.latest_slowly(ask.function)),
    "behind": (1, lambda reader, ask: reader.version_slowly(ask.function, ask.qualifier)),
}


_LISTS: dict[What, str] = {
    "siblings": "ListProvisionedConcurrencyConfigs",
    "names": "ListFunctions",
    "scaling": "DescribeScalableTargets",
}


@dataclass(slots=True)
class _Group:
    """Reads that are finished together."""

    left: int


class Reads:
    """The answers of one site, each a value or an AwsError. `went_slowly`: some fast call was denied."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self.answers: dict[Read, object] = {}
        self.went_slowly = False
        self._lane = dispatcher
        self._waiting: dict[Read, list[_Group]] = {}
        self._dead: dict[Connection, AwsError] = {}

    def submit(self, ask: Read) -> None:
        """Ask without waiting, unless it is under way or answered."""
        if ask in self.answers or ask in self._waiting:
            return
        self._waiting[ask] = []
        bucket, make = READS[ask.what]
        self._lane.submit(Request(lambda: make(ask.link.reader, ask), bucket), to=ask)

    def gather(self, groups: Iterable[tuple[Read, ...]], finished: Callable[[], None] = lambda: None) -> None:
        """Ask everything that has no answer yet, and wait; `finished` is called once for each group."""
        under_way = 0
        for asks in groups:
            under_way += self._open(asks, finished)
            while under_way >= WINDOW:
                under_way -= self._turn(finished)
        while under_way:
            under_way -= self._turn(finished)

    def pages(self, ask: Read, *, enough: float = inf) -> tuple[list[object], AwsError | None]:
        """All rows of a list, page after page; the rows so far, and the error that ended it.

        `enough`: rows after which a list that only serves a hint need not be complete.
        """
        rows: list[object] = []
        pages = Pages(_LISTS[ask.what])
        while len(rows) < enough:
            self.gather([(ask,)])
            answer = self.answers[ask]
            if isinstance(answer, AwsError):
                return rows, answer
            if not isinstance(answer, tuple):
                raise TypeError(answer)
            rows.extend(answer[0])
            try:
                if not pages.goes_on(answer[1]):
                    break
            except AwsError as error:
                return rows, error
            ask = replace(ask, page=answer[1])
        return rows, None

    def forget(self, asks: Iterable[Read]) -> None:
        """Let these be asked again."""
        for ask in asks:
            self.answers.pop(ask, None)

    def pause(self, seconds: float) -> None:
        """Let so many seconds pass on the lane's clock; what was submitted before goes on meanwhile."""
        until = self._lane.clock() + seconds
        while self._lane.clock() < until:
            self._turn(lambda: None, until=until)

    def _open(self, asks: tuple[Read, ...], finished: Callable[[], None]) -> int:
        """Submit a group; how many groups that puts under way (none when all answers are there)."""
        for ask in asks:
            if ask.link in self._dead:
                self.answers.setdefault(ask, self._dead[ask.link])
        new = {ask for ask in asks if ask not in self.answers}
        if not new:
            finished()
            return 0
        group = _Group(len(new))
        for ask in asks:
            if ask in new:
                self.submit(ask)
                self._waiting[ask].append(group)
                new.discard(ask)
        return 1

    def _turn(self, finished: Callable[[], None], *, until: float = inf) -> int:
        """Wait for some answers, or until that moment; how many groups they finished."""
        ended = 0
        for answer in self._lane.answers(until):
            for group in self._arrived(answer):
                group.left -= 1
                if not group.left:
                    ended += 1
                    finished()
        return ended

    def _arrived(self, answer: Response) -> list[_Group]:
        """Note an answer; the groups that waited for it, unless another call has to follow."""
        to, error = answer.to, answer.error
        ask = to.ask if isinstance(to, _Slowly) else to
        if not isinstance(ask, Read):
            raise TypeError(ask)
        if error and error.kind is ErrorKind.DENIED and ask.what in SLOW_WAY and ask is to:
            self.went_slowly = True
            tokens, make = SLOW_WAY[ask.what]
            self._lane.submit(Request(lambda: make(ask.link.reader, ask), Bucket.SLOW, tokens=tokens), to=_Slowly(ask))
            return []
        if error and error.kind is ErrorKind.CREDENTIALS:
            self._dead.setdefault(ask.link, error)
        self.answers[ask] = error or answer.value
        return self._waiting.pop(ask)
