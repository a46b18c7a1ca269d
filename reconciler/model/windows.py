"""The windows of a schedule as instants, and whether two schedules ever meet. Pure; a time is seconds since 1970.

A time of day that a change of the clock skips or doubles is taken as before the change; AWS does not say what it does.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from itertools import combinations_with_replacement, pairwise
from typing import Final
from zoneinfo import ZoneInfo

from reconciler.model.scaling import Schedule, Weekday

# Schedules are held against each other over four whole years: every change of the clock and leap day is met.
_FIRST: Final = date(2024, 1, 1)
_DAYS: Final = 4 * 365 + 1
_DAY: Final = timedelta(days=1)
_STILL_OPEN: Final = 2  # days ago at most that a window opened which is open now, or was a minute ago
_WEEK: Final = tuple(Weekday)


def opening(schedule: Schedule, day: date) -> tuple[float, float] | None:
    """(opens, closes) of the window that opens on this day of the schedule's own calendar; None: none does."""
    of_month = isinstance(schedule.days[0], int)
    if (day.day if of_month else _WEEK[day.weekday()]) not in schedule.days:
        return None
    last = day + _DAY if schedule.end < schedule.start else day
    return _instant(day, schedule.start, schedule.timezone), _instant(last, schedule.end, schedule.timezone)


def openings(schedule: Schedule, around: float, *, days: int) -> Iterator[tuple[float, float]]:
    """(opens, closes) of every window that opens within so many days after an instant, or is open then; in order."""
    today = datetime.fromtimestamp(around, UTC).astimezone(ZoneInfo(schedule.timezone)).date()
    for number in range(-_STILL_OPEN, days + 1):
        found = opening(schedule, today + number * _DAY)
        if found:
            yield found


def _instant(day: date, minutes: int, timezone: str) -> float:
    local = datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, tzinfo=ZoneInfo(timezone))
    return local.timestamp()


def first_meeting(schedules: tuple[Schedule, ...]) -> tuple[Schedule, Schedule] | None:
    """Two schedules whose windows overlap or touch at some time, or one that meets itself; None: no two ever do."""
    return next((two for two in combinations_with_replacement(schedules, 2) if _meet(*two)), None)


@cache
def _meet(one: Schedule, other: Schedule) -> bool:
    windows = _four_years(one) if one == other else sorted(_four_years(one) + _four_years(other))
    return any(opens <= closed for (_, closed), (opens, _) in pairwise(windows))


@lru_cache(maxsize=250)  # 100 kB each
def _four_years(schedule: Schedule) -> tuple[tuple[float, float], ...]:
    return tuple(filter(None, (opening(schedule, _FIRST + number * _DAY) for number in range(_DAYS))))
