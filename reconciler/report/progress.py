"""What is going on meanwhile, told on stderr: a live display where a person watches, a line now and then in a log.

In: how far the reads are, or what the ions of an apply wait for, from any thread and as often as anybody likes. Out: on
a terminal the display of `live`; in a log a plain line every LOG_INTERVAL seconds, from the first LOG_INTERVAL on, so
that quick work leaves no trace; nothing when quiet.
"""

import os
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, Protocol, TextIO

from reconciler.model.observed import Key
from reconciler.report.escape import escape

Clock = Callable[[], float]

LOG_INTERVAL: Final = 30.0  # seconds between two lines in a log
LONG_READING: Final = 15.0  # seconds; what takes longer is said in a log before it begins
SHORTEST_WAIT: Final = 2.0  # seconds that are worth a word


@dataclass(frozen=True, slots=True)
class ReadCount:
    """How far the reads are. `total` None: nobody knows yet how many there are. `left`: seconds, estimated."""

    done: int
    total: int | None = None
    left: float = 0.0

    def count(self) -> str:
        """`120 of 300`, `120 answers so far`."""
        return f"{self.done} answers so far" if self.total is None else f"{self.done} of {self.total}"

    def time_left(self) -> str:
        """`, about 24 s left`; nothing when it is hardly worth a word."""
        return f", {duration(self.left)} left" if self.left >= SHORTEST_WAIT else ""


@dataclass(slots=True)
class Waits:
    """The ions that an apply works on: which have ended, and what the others wait for. Told from several threads."""

    keys: Collection[Key]
    waiting: dict[Key, str] = field(default_factory=dict)
    ended: set[Key] = field(default_factory=set)

    def tell(self, key: Key, what: str | None) -> None:
        """What this ion waits for; None: it has ended."""
        if what is None:
            self.waiting.pop(key, None)
            self.ended.add(key)
        else:
            self.ended.discard(key)
            self.waiting[key] = what

    def count(self, seconds: float) -> str:
        """`8 of 41 done · 0:34`."""
        return f"{len(self.ended)} of {len(self.keys)} done · {elapsed(seconds)}"

    def rows(self) -> list[tuple[str, str]]:
        """Each waiting ion and what it waits for; with its region or account, where there are several of them."""
        accounts, regions = ({getattr(key, part) for key in self.keys} for part in ("account", "region"))
        parts = [part for part, names in (("account", accounts), ("region", regions)) if len(names) > 1]
        return [(_name(key, parts), escape(what)) for key, what in list(self.waiting.items())]


def _name(key: Key, parts: Collection[str]) -> str:
    place = " ".join(getattr(key, part) for part in parts)
    return escape(f"{key.function}:{key.alias} ({place})" if place else f"{key.function}:{key.alias}")


class Progress(Protocol):
    """Told how far the work is; says so, or not."""

    def show(self, work: ReadCount | Waits) -> None:
        """Show how far it is now, in place of what was shown before."""
        ...

    def close(self) -> None:
        """Leave the screen as it was. May be called twice."""
        ...


def progress_for(stream: TextIO, *, environ: Mapping[str, str] = os.environ, clock: Clock = time.monotonic) -> Progress:
    """The live display where a person watches a real terminal, else a line now and then."""
    watched = stream.isatty() and environ.get("TTY_INTERACTIVE") != "0" and not environ.get("CI")
    if not watched or environ.get("TERM", "dumb") in {"dumb", "unknown", ""}:
        return Plain(stream, clock)
    from reconciler.report.live import Terminal  # noqa: PLC0415 - a log needs no rich

    return Terminal(stream, clock, environ)


class ProgressReporter:
    """What the reads and the waits of a command report, passed on. Several accounts and regions report at once."""

    def __init__(self, shown: Progress, keys: Collection[Key]) -> None:
        self._shown = shown
        self._waits = Waits(keys)
        self._answers = 0

    def more(self, answers: int) -> None:
        """So many more answers have come, of nobody knows how many."""
        self._answers += answers
        self._shown.show(ReadCount(self._answers))

    def reads(self, done: int, total: int, left: float) -> None:
        self._shown.show(ReadCount(done, total, left))

    def waits(self, key: Key, what: str | None) -> None:
        """What an ion waits for; None: it has ended."""
        self._waits.tell(key, what)
        self._shown.show(self._waits)


class Silent:
    """Says nothing."""

    def show(self, work: ReadCount | Waits) -> None: ...

    def close(self) -> None: ...


@dataclass(slots=True)
class Plain:
    """A line now and then, for logs; reading that will take long says so before it begins."""

    stream: TextIO
    clock: Clock = time.monotonic
    begun: float = field(init=False)
    due: float = field(init=False)
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.begun = self.clock()
        self.due = self.begun + LOG_INTERVAL

    def show(self, work: ReadCount | Waits) -> None:
        with self.lock:
            now = self.clock()
            match work:
                case ReadCount(0, int(total), left) if left >= LONG_READING:
                    self._say(f"Reading {total} ions, {duration(left)} at AWS's request quota")
                case ReadCount() if now >= self.due:
                    self._say(f"Reading: {work.count()}{work.time_left()}")
                case Waits() if now >= self.due and work.waiting:
                    self._say(_waiting(work, now - self.begun))
                case _:
                    return
            self.due += LOG_INTERVAL * max(0.0, (now - self.due) // LOG_INTERVAL + 1)

    def close(self) -> None: ...

    def _say(self, words: str) -> None:
        print(words, file=self.stream, flush=True)


def _waiting(work: Waits, seconds: float) -> str:
    (name, what), *others = work.rows()
    more = f", and {len(others)} more" if others else ""
    return f"{work.count(seconds)}, waiting: {name}, {what}{more}"


def duration(seconds: float) -> str:
    """About how long: `about 24 s`, from two minutes on `about 3 min`."""
    return f"about {seconds:.0f} s" if seconds < 120 else f"about {seconds / 60:.0f} min"


def elapsed(seconds: float) -> str:
    """`0:34`, `12:05`, `1:02:05`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
