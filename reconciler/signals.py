"""SIGINT and SIGTERM -> an orderly end, from the first moment of the program.

Before anything is written an interruption simply ends the program (Interruption is raised wherever it is). Once writes
have begun it is only noted: no new step starts, and what was done is reported. A second one leaves at once.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

INTERRUPTED = 130


class Interruption(BaseException):
    """The user wants to leave, and nothing has been written."""


class Signals:
    """What the next signal does. `graceful` is called in a signal handler: it may only set and wake."""

    def __init__(self) -> None:
        self._graceful: Callable[[], None] | None = None
        self._received = 0

    def install(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)

    @contextmanager
    def gracefully(self, stop: Callable[[], None]) -> Iterator[None]:
        """Within this, the first signal calls `stop` and no more."""
        if self._received:  # one that came while nobody could be told, in a callback of the interpreter's own
            raise Interruption
        self._graceful = stop
        try:
            yield
        finally:
            self._graceful = None

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self._received += 1
        if self._received > 1:
            _say(b"\nLeft at once: what was under way is not known. Look with `reconcile plan`.\n")
            os._exit(INTERRUPTED)
        if self._graceful is None:
            raise Interruption
        self._graceful()
        _say(b"\nInterrupted: no new step starts. Again to leave at once.\n")


def _say(words: bytes) -> None:
    """To standard error, past Python's buffers; nobody may be there to read it."""
    with suppress(OSError, ValueError, AttributeError):
        os.write(sys.stderr.fileno(), words)
