"""SIGINT and SIGTERM -> an orderly end, from the first moment of the program.

Before anything is written an interruption simply ends the program (Interruption is raised wherever it is). Once writes
have begun it is only noted: no new step starts, and what was done is reported. A second one leaves at once.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
        self._graceful = stop
        try:
            yield
        finally:
            self._graceful = None

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self._received += 1
        if self._received > 1:
            os.write(
                sys.stderr.fileno(), b"\nLeft at once: what was under way is not known. Look with `reconcile plan`.\n"
            )
            os._exit(INTERRUPTED)
        if self._graceful is None:
            raise Interruption
        os.write(sys.stderr.fileno(), b"\nInterrupted: no new step starts. Again to leave at once.\n")
        self._graceful()
