"""Many lists read side by side over one lane: what is asked goes in, rows or the error that ended them come out.

For reading that needs no order (`init`, `doctor`): each question is a list of pages, every page one AWS call in the
quota bucket that it belongs to. A question that fails keeps its AwsError as its answer, and is never taken for an empty
list. Once a link's credentials are refused, its other questions fail without another call.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import Generic, TypeVar

from reconciler.aws.dispatcher import Dispatcher, Request, Response
from reconciler.aws.rate_limiter import Bucket
from reconciler.model.errors import AwsError, ErrorKind
from reconciler.observe.paging import Pages
from reconciler.observe.scaling import sentence

WINDOW = 48  # questions of one bucket on their way at once

Row = TypeVar("Row")
PageReader = Callable[[str | None], tuple[tuple[Row, ...], str | None]]


@dataclass(slots=True, eq=False)
class PagedRead(Generic[Row]):
    """One question; `rows` are complete once the inquiry has run and there is no error."""

    read: PageReader[Row]
    bucket: Bucket
    link: object
    rows: tuple[Row, ...] = ()
    error: AwsError | None = None
    pages: Pages = field(default_factory=lambda: Pages("a list"), repr=False)

    @property
    def why(self) -> str:
        """The error as one sentence; "" without one."""
        return sentence(self.error) if self.error else ""


class PagedReads:
    """Questions over one lane. Not thread-safe: it belongs to whoever owns the lane."""

    def __init__(self, dispatcher: Dispatcher, *, progress: Callable[[int], None] = lambda _more: None) -> None:
        self._lane = dispatcher
        self._progress = progress
        self._later: dict[Bucket, deque[PagedRead[object]]] = {bucket: deque() for bucket in Bucket}
        self._under_way = dict.fromkeys(Bucket, 0)
        self._refused: dict[int, AwsError] = {}

    def ask(self, link: object, read: PageReader[Row], *, bucket: Bucket) -> PagedRead[Row]:
        """Put a question, which `run` asks. `link` is whose credentials it goes by."""
        asked = PagedRead(read, bucket, link)
        self._later[bucket].append(asked)  # type: ignore[arg-type]  # rows of any kind; the asker keeps the typed one
        return asked

    def run(self) -> None:
        """Ask everything that was put, and wait for all answers. `progress` is told of each one that is complete."""
        self._submit()
        while any(self._under_way.values()):
            for answer in self._lane.answers(inf):
                self._take(answer)
            self._submit()

    def _submit(self) -> None:
        for bucket, waiting in self._later.items():
            while waiting and self._under_way[bucket] < WINDOW:
                asked = waiting.popleft()
                refusal = self._refused.get(id(asked.link))
                if refusal:
                    self._end(asked, refusal)
                else:
                    self._under_way[bucket] += 1
                    self._page(asked, None)

    def _page(self, asked: PagedRead[object], marker: str | None) -> None:
        self._lane.submit(Request(lambda: asked.read(marker), asked.bucket), to=asked)

    def _take(self, answer: Response) -> None:
        asked = answer.to
        if not isinstance(asked, PagedRead):
            raise TypeError(asked)
        if answer.error:
            if answer.error.kind is ErrorKind.CREDENTIALS:
                self._refused.setdefault(id(asked.link), answer.error)
            self._under_way[asked.bucket] -= 1
            self._end(asked, answer.error)
            return
        if not isinstance(answer.value, tuple):
            raise TypeError(answer.value)
        rows, marker = answer.value
        asked.rows += rows
        try:
            goes_on = asked.pages.goes_on(marker)
        except AwsError as error:
            self._under_way[asked.bucket] -= 1
            self._end(asked, error)
            return
        if goes_on:
            self._page(asked, marker)
        else:
            self._under_way[asked.bucket] -= 1
            self._end(asked, None)

    def _end(self, asked: PagedRead[object], error: AwsError | None) -> None:
        asked.error = error
        self._progress(1)


def single(read: Callable[[], Row | None]) -> PageReader[Row]:
    """A question with one answer, or none at all, as a list of one page."""

    def page(_marker: str | None) -> tuple[tuple[Row, ...], str | None]:
        row = read()
        return (() if row is None else (row,)), None

    return page
