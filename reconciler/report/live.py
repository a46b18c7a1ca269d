"""The live display on a terminal: one bar over the reads, then a line for each ion that still waits.

In: what `progress` tells; each call only stores it. Out: a display that a thread of rich's own redraws a few times a
second, as wide and as high as the terminal is then, and that is gone when closed. Work that ends sooner than DELAY
shows nothing.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, TextIO

from rich import live
from rich.console import Console, ConsoleOptions, RenderResult
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from reconciler.report.console import wants_colour
from reconciler.report.progress import Clock, ReadCount, Waits

DELAY: Final = 0.4  # seconds before a terminal shows anything
REFRESHES: Final = 8  # a second
BAR_WIDTH: Final = 30
SPARE_LINES: Final = 4  # of a terminal's height: the count above the waiting ions, and some left free below


@dataclass(slots=True)
class Terminal:
    """Shows, at the next redraw, whatever was stored last."""

    stream: TextIO
    clock: Clock = time.monotonic
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    begun: float = field(init=False)
    work: ReadCount | Waits | None = None
    display: live.Live | None = None
    closed: bool = False
    lock: Lock = field(default_factory=Lock)  # several accounts and regions tell at once, and there is one display

    def __post_init__(self) -> None:
        self.begun = self.clock()

    def show(self, work: ReadCount | Waits) -> None:
        self.work = work
        with self.lock:
            if self.display is None and not self.closed and self.clock() - self.begun >= DELAY:
                self.display = _display(self)
                self.display.start()

    def close(self) -> None:
        with self.lock:
            self.closed = True
            if self.display is not None:
                self.display.stop()
                self.display = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        match self.work:
            case ReadCount():
                yield _bar(self.work)
            case Waits():
                yield Text(self.work.count(self.clock() - self.begun), "bold", no_wrap=True, overflow="ellipsis")
                yield _rows(self.work, max(console.height - SPARE_LINES, 1))
            case None:
                return


def _display(shown: Terminal) -> live.Live:
    console = Console(
        file=shown.stream,
        force_terminal=True,
        force_interactive=True,
        color_system="standard" if wants_colour(shown.stream, shown.environ) else None,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    # stdout carries the result and logs know their own stream: neither is rerouted through the display.
    return live.Live(
        shown,
        console=console,
        refresh_per_second=REFRESHES,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )


def _bar(reading: ReadCount) -> Table:
    """`Reading  ━━━━━━━━━━━━━━━  120 of 300, about 24 s left`."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(max_width=BAR_WIDTH)
    grid.add_column(no_wrap=True)
    count = f"{reading.count()}{reading.time_left()}"
    if reading.total is None:
        grid.add_row("Reading", count)
    else:
        grid.add_row("Reading", ProgressBar(max(reading.total, 1), reading.done), count)
    return grid


def _rows(waits: Waits, most: int) -> Table:
    """One line an ion, cut at the terminal's edge; what is more than fits is counted."""
    rows = waits.rows()
    kept = rows if len(rows) <= most else rows[: most - 1]
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column()
    for name, what in kept:
        grid.add_row(Text(f"… {name}"), Text(what, no_wrap=True, overflow="ellipsis"))
    if len(kept) < len(rows):
        grid.add_row(Text(f"… and {len(rows) - len(kept)} more"))
    return grid
