"""SIGINT, SIGTERM and SIGHUP -> an orderly end, from the first moment of the program.

Before anything is written an interruption simply ends the program (Interruption is raised wherever it is). Once writes
have begun it is only noted: no new step starts, and what was done is reported. A second one leaves at once; or, where
an alias is between the two writes of a repair, as soon as that has ended. A SIGHUP that was ignored when the program
started (nohup) stays ignored.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Protocol

INTERRUPTED = 130


class Interruption(BaseException):
    """The user wants to leave, and nothing has been written."""


class Stoppable(Protocol):
    """Told in a signal handler: it may only set and wake."""

    def request(self) -> None:
        """Start nothing new."""
        ...

    def leave(self, leaving: Callable[[], None]) -> None:
        """Call `leaving` at once, or as soon as it does no harm."""
        ...


class Signals:
    """What the next signal does."""

    def __init__(self) -> None:
        self._stop: Stoppable | None = None
        self._received = 0

    def install(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._handle)

    @contextmanager
    def gracefully(self, stop: Stoppable) -> Iterator[None]:
        """Within this, the first signal requests a stop and no more."""
        if self._received:  # one that came while nobody could be told, in a callback of the interpreter's own
            raise Interruption
        self._stop = stop
        try:
            yield
        finally:
            self._stop = None

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self._received += 1
        if self._stop is None:
            if self._received > 1:
                _leave()
            raise Interruption
        if self._received > 1:
            self._stop.leave(_leave)
            _say(b"\nAn alias is being repaired: leaving as soon as that has ended.\n")
            return
        self._stop.request()
        _say(b"\nInterrupted: no new step starts. Again to leave at once.\n")


def _leave() -> None:
    _say(b"\nLeft at once: what was under way is not known. Look with `reconcile plan`.\n")
    os._exit(INTERRUPTED)


def _say(words: bytes) -> None:
    """To standard error, past Python's buffers; nobody may be there to read it."""
    with suppress(OSError, ValueError, AttributeError):
        os.write(sys.stderr.fileno(), words)
