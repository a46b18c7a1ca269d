"""The windows of a schedule as instants, and whether two schedules ever meet. Pure; a time is seconds since 1970.

A time of day that a change of the clock skips or doubles is taken as before the change; AWS does not say what it does.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from reconciler.model.scaling import Schedule, Weekday

# Schedules are held against each other over four whole years: every change of the clock and leap day is met.
_FIRST: Final = date(2024, 1, 1)
_DAYS: Final = 4 * 365 + 1
_DAY: Final = timedelta(days=1)
_WEEK: Final = tuple(Weekday)


def opening(schedule: Schedule, day: date) -> tuple[float, float] | None:
    """(opens, closes) of the window that opens on this day of the schedule's own calendar; None: none does."""
    of_month = isinstance(schedule.days[0], int)
    if (day.day if of_month else _WEEK[day.weekday()]) not in schedule.days:
        return None
    last = day + _DAY if schedule.end < schedule.start else day
    return _instant(day, schedule.start, schedule.timezone), _instant(last, schedule.end, schedule.timezone)


def openings(schedule: Schedule, around: float, *, days: int) -> Iterator[tuple[float, float]]:
    """(opens, closes) of every window that opens within so many days before or after an instant; in order."""
    today = datetime.fromtimestamp(around, UTC).astimezone(ZoneInfo(schedule.timezone)).date()
    for number in range(-days, days + 1):
        found = opening(schedule, today + number * _DAY)
        if found:
            yield found


def _instant(day: date, minutes: int, timezone: str) -> float:
    local = datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, tzinfo=ZoneInfo(timezone))
    return local.timestamp()


@cache
def first_meeting(schedules: tuple[Schedule, ...]) -> tuple[Schedule, Schedule] | None:
    """Two schedules whose windows overlap or touch at some time; None: no two ever do."""
    windows = sorted(
        (opens, closes, number) for number, schedule in enumerate(schedules) for opens, closes in _four_years(schedule)
    )
    for (_, closed, earlier), (opens, _, later) in pairwise(windows):
        if opens <= closed:
            return schedules[min(earlier, later)], schedules[max(earlier, later)]
    return None


def _four_years(schedule: Schedule) -> Iterable[tuple[float, float]]:
    return filter(None, (opening(schedule, _FIRST + number * _DAY) for number in range(_DAYS)))
