"""What is going on meanwhile, on stderr: one bar over the reads, then one live line per ion still waiting.

In: numbers and lines, from any thread and as often as anybody likes; each call only stores them. Out: on a terminal a
display that a thread of rich's own redraws a few times a second, and that is gone when closed. In a log, a plain
line now and then, without any cursor movement; nothing when quiet. Work that ends sooner than DELAY shows nothing,
and does not import rich.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from threading import Lock
from typing import TYPE_CHECKING, Final, Protocol, TextIO

from reconciler.report.escape import escape

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.live import Live

Clock = Callable[[], float]
Waiting = Sequence[tuple[str, str]]  # (ion, what it waits for)
Shown = tuple[int, int, float, Waiting]
"""Reads done, reads in all, seconds left, who waits: one value, since another thread draws it."""

DELAY: Final = 0.4  # seconds before a terminal shows anything
REFRESHES: Final = 8  # a second
LOG_INTERVAL: Final = 15.0  # seconds between two lines in a log
BAR_WIDTH: Final = 30
SHORTEST_BAR: Final = 10  # that is worth its place beside an estimate
SHORTEST_WAIT: Final = 2.0  # seconds that are worth a word
SPARE_LINES: Final = 3  # of a terminal, left free below the waiting ions


class Progress(Protocol):
    """Told how far the work is; says so, or not."""

    def reads(self, done: int, total: int, left: float = 0.0) -> None:
        """So many of the reads are done; the others will take about so many seconds."""
        ...

    def waiting(self, lines: Waiting) -> None:
        """These ions wait, each for what its line says; replaces what was shown before."""
        ...

    def close(self) -> None:
        """Leave the screen as it was. May be called twice."""
        ...


def progress_for(
    stream: TextIO, *, environ: Mapping[str, str] = os.environ, clock: Clock = time.monotonic
) -> "Terminal | Plain":
    """The live display where a person watches a real terminal, else a line now and then."""
    watched = stream.isatty() and environ.get("TTY_INTERACTIVE") != "0" and not environ.get("CI")
    capable = environ.get("TERM", "dumb") not in {"dumb", "unknown", ""}
    return Terminal(stream, clock) if watched and capable else Plain(stream, clock)


class Silent:
    """Says nothing."""

    def reads(self, done: int, total: int, left: float = 0.0) -> None: ...

    def waiting(self, lines: Waiting) -> None: ...

    def close(self) -> None: ...


@dataclass(slots=True)
class Plain:
    """A line now and then, for logs: the first after LOG_INTERVAL, so that quick work leaves no trace.

    Reading that will take longer than that says so before it begins.
    """

    stream: TextIO
    clock: Clock = time.monotonic
    spoke: float = field(init=False)

    def __post_init__(self) -> None:
        self.spoke = self.clock()

    def reads(self, done: int, total: int, left: float = 0.0) -> None:
        if done == 0 and left >= LOG_INTERVAL:
            self.spoke = -inf
            self._say(lambda: f"Reading {total} ions, {duration(left)} at AWS's request quota")
        else:
            self._say(lambda: f"Reading: {done} of {total}{time_left(left)}")

    def waiting(self, lines: Waiting) -> None:
        if lines:
            ions = "1 ion" if len(lines) == 1 else f"{len(lines)} ions"
            self._say(lambda: f"Waiting for {ions}: {escape(lines[0][0])}, {escape(lines[0][1])}")

    def close(self) -> None: ...

    def _say(self, words: Callable[[], str]) -> None:
        now = self.clock()
        if now - self.spoke >= LOG_INTERVAL:
            self.spoke = now
            print(words(), file=self.stream, flush=True)


@dataclass(slots=True)
class Terminal:
    """The live display. Whatever was stored last is what the next redraw shows."""

    stream: TextIO
    clock: Clock = time.monotonic
    begun: float = field(init=False)
    shown: Shown = (0, 0, 0.0, ())
    live: "Live | None" = None
    closed: bool = False
    lock: Lock = field(default_factory=Lock)  # several sites tell at once, and there is one display

    def __post_init__(self) -> None:
        self.begun = self.clock()

    def reads(self, done: int, total: int, left: float = 0.0) -> None:
        self.shown = (done, total, left, ())
        self._show()

    def waiting(self, lines: Waiting) -> None:
        self.shown = (0, 0, 0.0, tuple(lines))
        self._show()

    def close(self) -> None:
        with self.lock:
            self.closed = True
            if self.live is not None:
                self.live.stop()
                self.live = None

    def _show(self) -> None:
        with self.lock:
            if self.live is None and not self.closed and self.clock() - self.begun >= DELAY:
                self.live = _live(self)
                self.live.start()

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "Iterator[RenderableType]":
        from rich.text import Text  # noqa: PLC0415 - rich is imported once there is something to show

        for row in self.rows(options.max_width, console.height):
            yield Text(row, no_wrap=True, overflow="ellipsis")

    def rows(self, width: int, height: int) -> list[str]:
        """What is shown now, on a screen of this size."""
        done, total, left, lines = self.shown
        if total:
            return [bar(done, total, width, left=left)]
        return waiting_rows(lines, width, max(height - SPARE_LINES, 1))


def _live(shown: Terminal) -> "Live":
    from rich.console import Console  # noqa: PLC0415 - rich is imported once there is something to show
    from rich.live import Live  # noqa: PLC0415 - as above

    console = Console(
        file=shown.stream,
        force_terminal=True,
        force_interactive=True,
        color_system=None,
        markup=False,
        emoji=False,
        highlight=False,
    )
    # stdout carries the result and logs know their own stream: neither is rerouted through the display.
    return Live(
        shown,
        console=console,
        refresh_per_second=REFRESHES,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )


def bar(done: int, total: int, width: int, *, left: float = 0.0) -> str:
    """`Reading  ████████░░░░░░░  120 of 300, about 24 s left`: the bar as long, and the rest, as there is room for."""
    numbers = f"  {done} of {total}"
    room = width - len("Reading  ") - len(numbers) - 1
    estimate = time_left(left)
    if room < len(estimate) + SHORTEST_BAR:
        estimate = ""
    length = max(min(BAR_WIDTH, room - len(estimate)), 0)
    filled = length * min(done, total) // total
    return f"Reading  {'█' * filled}{'░' * (length - filled)}{numbers}{estimate}"


def time_left(seconds: float) -> str:
    """`, about 24 s left`; nothing when it is hardly worth a word."""
    return f", {duration(seconds)} left" if seconds >= SHORTEST_WAIT else ""


def duration(seconds: float) -> str:
    """About how long: `about 24 s`, from two minutes on `about 3 min`."""
    return f"about {seconds:.0f} s" if seconds < 120 else f"about {seconds / 60:.0f} min"


def waiting_rows(lines: Waiting, width: int, most: int) -> list[str]:
    """One row per ion, names aligned where that leaves room for what they wait for; the rest is counted."""
    if not lines:
        return []
    kept = lines if len(lines) <= most else lines[: most - 1]
    longest = max(len(escape(name)) for name, _ in kept)
    pad = longest if longest <= width // 2 else 0
    rows = [f"… {escape(name):<{pad}}  {escape(what)}" for name, what in kept]
    left = len(lines) - len(kept)
    return [*rows, f"… and {left} more waiting"] if left else rows
