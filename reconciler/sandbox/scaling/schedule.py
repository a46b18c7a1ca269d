"""When a scheduled action runs: `at(…)`, `rate(…)` and `cron(…)`, with its time zone, StartTime and EndTime.

In goes the text of a Schedule, out comes the next moment (seconds since 1970) after a given one. An action never runs
for a moment before it was put. With a StartTime it runs at that moment as well (AWS's user guide, scheduled scaling).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from zoneinfo import ZoneInfo

from reconciler.sandbox.scaling import cron

_EXPRESSION = re.compile(r"(?P<kind>at|rate|cron)\((?P<inside>.*)\)")
_RATE = re.compile(r"(?P<value>[1-9]\d{0,8}) (?P<unit>minute|hour|day)s?")
_SECONDS = {"minute": 60.0, "hour": 3600.0, "day": 86400.0}


@dataclass(frozen=True, slots=True)
class Once:
    """`at(yyyy-mm-ddThh:mm:ss)`, a local time."""

    local: datetime


@dataclass(frozen=True, slots=True)
class Every:
    """`rate(value unit)`."""

    seconds: float


Expression = Once | Every | cron.Cron


def parse(text: str) -> Expression:
    """The expression that a Schedule holds; ValueError when it is none."""
    found = _EXPRESSION.fullmatch(text.strip())
    if found is None:
        raise ValueError("neither at(…) nor rate(…) nor cron(…)")
    match found["kind"]:
        case "at":
            return Once(datetime.strptime(found["inside"], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC))
        case "rate":
            rate = _RATE.fullmatch(found["inside"])
            if rate is None:
                raise ValueError("a rate is a positive number and minutes, hours or days")
            return Every(int(rate["value"]) * _SECONDS[rate["unit"]])
        case _:
            return cron.parse(found["inside"])


@dataclass(frozen=True, slots=True)
class Times:
    """When an action runs: `put` is when it was put, `starts` and `ends` bound its recurrence."""

    expression: Expression
    zone: ZoneInfo
    put: float
    starts: float | None = None
    ends: float | None = None

    def next_after(self, moment: float) -> float:
        """The first run after this moment; `inf` when there is none any more."""
        starts = -inf if self.starts is None else self.starts
        first = starts if starts > moment else inf
        found = min(first, self._recurs_after(max(moment, starts)))
        return found if self.ends is None or found <= self.ends else inf

    def _recurs_after(self, moment: float) -> float:
        match self.expression:
            case Once(local):
                at = local.replace(tzinfo=self.zone).timestamp()
                return at if at > moment else inf
            case Every(seconds):
                begin = self.put if self.starts is None else self.starts
                return begin + seconds * max(1, (moment - begin) // seconds + 1)
            case cron.Cron():
                return self.expression.next_after(moment, self.zone)
