"""AWS's cron expressions: `minutes hours day-of-month month day-of-week year`, evaluated in a time zone.

In goes the text between the brackets, out comes a Cron, or ValueError. Fields as in EventBridge
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html): `*`, lists, ascending ranges,
steps, names of months and days (SUN is 1), `?`, `L`, `W` and `#`. One of the two day fields must be `?` or `*`.

Local times are turned into moments by zoneinfo. What AWS does in the hour that daylight saving skips or doubles is not
documented: here a time in the skipped hour runs an hour later, and one in the doubled hour once, the first time.
"""

import re
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from math import inf
from zoneinfo import ZoneInfo

_YEAR = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEK = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS, _DAYS = ({name: number for number, name in enumerate(names, 1)} for names in (_YEAR, _WEEK))
_NO_NAMES: Mapping[str, int] = {}
_HORIZON = 10 * 366  # days to look ahead: a day that does not come until then (30 February) never comes
_ITEM = re.compile(r"(?P<first>\*|\w+)(?:-(?P<last>\w+))?(?:/(?P<step>\d+))?")

_IsDay = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Cron:
    """A parsed expression: times of day, and the rule of its days."""

    text: str
    times: tuple[time, ...]
    is_day: _IsDay

    def next_after(self, moment: float, zone: ZoneInfo) -> float:
        """The first moment after this one at which it is due; `inf` when there is none."""
        day = datetime.fromtimestamp(moment, zone).date()
        for _ in range(_HORIZON):
            if self.is_day(day):
                moments = _moments(self.times, day, zone)
                position = bisect_right(moments, moment)
                if position < len(moments):
                    return moments[position]
            day += timedelta(days=1)
        return inf


def parse(text: str) -> Cron:
    """The expression between the brackets of `cron(…)`; ValueError says what is wrong."""
    fields = text.upper().split()
    if len(fields) != 6:
        raise ValueError("a cron expression has six fields")
    minutes, hours = (_numbers(field, 0, top, _NO_NAMES) for field, top in zip(fields[:2], (59, 23), strict=True))
    months, years = _numbers(fields[3], 1, 12, _MONTHS), _numbers(fields[5], 1970, 2199, _NO_NAMES)
    of_month, of_week = fields[2], fields[4]
    if (of_month not in {"*", "?"} and of_week not in {"*", "?"}) or of_month == of_week == "?":
        raise ValueError("one of day-of-month and day-of-week must be ?")
    in_month, in_week = _day_of_month(of_month), _day_of_week(of_week)
    times = tuple(time(hour, minute) for hour in sorted(hours) for minute in sorted(minutes))
    return Cron(
        text,
        times,
        lambda day: day.month in months and day.year in years and in_month(day) and in_week(day),
    )


@lru_cache(maxsize=4096)
def _moments(times: tuple[time, ...], day: date, zone: ZoneInfo) -> tuple[float, ...]:
    return tuple(sorted({datetime.combine(day, at, zone).astimezone(UTC).timestamp() for at in times}))


def _day_of_month(field: str) -> _IsDay:
    if field == "?":
        return lambda _day: True
    if field == "L":
        return lambda day: day.day == _length(day)
    if field.endswith("W"):
        wanted = _number(field[:-1], 1, 31, _NO_NAMES)
        return lambda day: day == _nearest_weekday(day, wanted)
    numbers = _numbers(field, 1, 31, _NO_NAMES)
    return lambda day: day.day in numbers


def _day_of_week(field: str) -> _IsDay:
    if field == "?":
        return lambda _day: True
    if "#" in field:
        name, _, which = field.partition("#")
        weekday, nth = _number(name, 1, 7, _DAYS), _number(which, 1, 5, _NO_NAMES)
        return lambda day: _weekday(day) == weekday and (day.day - 1) // 7 + 1 == nth
    if field.endswith("L"):
        weekday = _number(field[:-1] or "7", 1, 7, _DAYS)
        return lambda day: _weekday(day) == weekday and (field == "L" or day.day > _length(day) - 7)
    numbers = _numbers(field, 1, 7, _DAYS)
    return lambda day: _weekday(day) in numbers


def _weekday(day: date) -> int:
    """SUN is 1."""
    return day.isoweekday() % 7 + 1


def _length(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def _nearest_weekday(day: date, wanted: int) -> date | None:
    """The weekday nearest to this day of the month, within the month."""
    if wanted > _length(day):
        return None
    exact = day.replace(day=wanted)
    shift = {6: -1 if wanted > 1 else 2, 7: 1 if wanted < _length(day) else -2}.get(exact.isoweekday(), 0)
    return exact + timedelta(days=shift)


def _numbers(field: str, lowest: int, highest: int, names: Mapping[str, int]) -> frozenset[int]:
    return frozenset().union(*(_range(item, lowest, highest, names) for item in field.split(",")))


def _range(item: str, lowest: int, highest: int, names: Mapping[str, int]) -> range:
    found = _ITEM.fullmatch(item)
    if found is None:
        raise ValueError(f"{item} is no value")
    step = int(found["step"] or 1)
    if found["first"] == "*":
        first, last = lowest, highest
    else:
        first = _number(found["first"], lowest, highest, names)
        open_end = highest if found["step"] else first
        last = _number(found["last"], lowest, highest, names) if found["last"] else open_end
    if step < 1 or last < first:
        raise ValueError(f"{item} is no range")
    return range(first, last + 1, step)


def _number(text: str, lowest: int, highest: int, names: Mapping[str, int]) -> int:
    number = names.get(text, int(text) if text.isascii() and text.isdigit() else -1)
    if not lowest <= number <= highest:
        raise ValueError(f"{text} is not between {lowest} and {highest}")
    return number
