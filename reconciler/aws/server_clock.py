"""The time of day as AWS tells it in the Date of its answers, for what follows the clock: windows, ages, marks.

Whether a window is open is then judged by the clock that opens it, not by that of a machine that may be minutes off (a
signature may be five). Until something was answered, it is this machine's.
"""

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from botocore.client import BaseClient

EXACT: Final = 2.0  # seconds; a Date has whole ones, and takes some to arrive


class ServerClock:
    """Seconds since 1970, by the last answer of the clients that it heeds. Threads may share it."""

    def __init__(self, local: Callable[[], float] = time.time) -> None:
        self._local = local
        self._ahead = 0.0

    def __call__(self) -> float:
        return self._local() + self._ahead

    def heed(self, client: "BaseClient") -> None:
        """Go by the answers of this client."""
        client.meta.events.register("after-call.*.*", self._answered)

    def _answered(self, http_response: object, **_: object) -> None:
        headers = getattr(http_response, "headers", {})
        try:
            told = parsedate_to_datetime(headers.get("date") or "").timestamp()
        except (TypeError, ValueError, OverflowError):
            return
        ahead = told - self._local()
        self._ahead = ahead if abs(ahead) > EXACT else 0.0
