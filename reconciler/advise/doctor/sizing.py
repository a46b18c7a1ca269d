"""What the concurrency of a warm alias should be, from CloudWatch's own maxima. Pure.

Terms. A slot is five minutes. In each slot with calls, CloudWatch keeps how many of the alias's environments were busy
at once at most; the number proposed is the 99th percentile of that, so a burst that is rarer than one slot in a hundred
doesn't set it. A call that found no free environment is spillover; it may have started cold.

A schedule is proposed where at least 95 % of the calls fall into one window of days and hours. The shortest such window
is taken, of all sets of days that hold the busiest ones; its hours are whole.

Without provisioned concurrency, an environment that has been idle is taken away after some minutes. AWS documents no
time; IDLE is what is commonly measured. From it follows about how many calls would have started cold, and from those
what each of them costs to avoid.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from math import ceil
from typing import Final

from reconciler.config.edit import days_words
from reconciler.model.scaling import Schedule, Weekday

SLOT: Final = 300  # seconds; CloudWatch keeps such periods for 63 days
PERCENTILE: Final = 0.99
COVERED: Final = 0.95  # of the calls, by a schedule
IDLE: Final = 600  # seconds
FEWEST: Final = 20  # slots with calls, below which a pattern is chance
WEEK: Final = 7  # days, the fewest that a weekly pattern can be seen in
HOURS: Final = 24
LARGEST_SHARE: Final = 0.75  # of the week; a window that is open for longer saves too little to be worth its edges


@dataclass(frozen=True, slots=True)
class Slot:
    """Five minutes with calls. `start`: seconds since 1970; `busy`: the most environments in use at once."""

    start: float
    calls: float
    busy: float


@dataclass(frozen=True, slots=True)
class Fit:
    """A schedule that the calls fit: the share of them that it covers (0 ... 1), and its hours a week."""

    schedule: Schedule
    covered: float
    hours: float


def proposed_number(slots: Sequence[Slot]) -> int | None:
    """The 99th percentile of the environments in use over all slots with calls, at least 1; None without any slot."""
    peaks = sorted(slot.busy for slot in slots)
    if not peaks:
        return None
    return max(1, ceil(peaks[ceil(len(peaks) * PERCENTILE) - 1]))


def fitting_schedule(slots: Sequence[Slot], *, days: int, zone: tzinfo) -> Fit | None:
    """The shortest window of the week that covers 95 % of the calls; None: no window saves a quarter of the week.

    Days and hours are those of the clock in `zone`, an IANA zone (whose name `str` gives).
    """
    if days < WEEK or len(slots) < FEWEST:
        return None
    calls: Counter[tuple[int, int]] = Counter()
    for slot in slots:
        local = datetime.fromtimestamp(slot.start, UTC).astimezone(zone)
        calls[local.weekday(), local.hour] += slot.calls  # type: ignore[assignment]  # a Counter of floats
    total = sum(calls.values())
    if not total:
        return None
    fits = [fit for chosen in _sets_of_days(calls) if (fit := _shortest(calls, chosen, total))]
    hours, days_of_week, start, end = min(fits, default=(WEEK * HOURS, (), 0, 0))
    if hours > LARGEST_SHARE * WEEK * HOURS:
        return None
    weekdays = tuple(day for number, day in enumerate(Weekday) if number in days_of_week)
    schedule = Schedule(_name(weekdays, start, end), weekdays, start * 60, end % HOURS * 60, str(zone))
    inside = sum(calls[day, hour] for day in days_of_week for hour in range(start, end))
    return Fit(schedule, inside / total, hours)


def _sets_of_days(calls: Counter[tuple[int, int]]) -> list[tuple[int, ...]]:
    """The busiest day, the two busiest, and so on to the whole week."""
    by_day: Counter[int] = Counter()
    for (day, _), number in calls.items():
        by_day[day] += number
    busiest = sorted(range(WEEK), key=lambda day: (-by_day[day], day))
    return [tuple(sorted(busiest[:number])) for number in range(1, WEEK + 1)]


def _shortest(
    calls: Counter[tuple[int, int]], days: tuple[int, ...], total: float
) -> tuple[int, tuple[int, ...], int, int] | None:
    """(hours a week, days, first hour, hour after the last) of the shortest window on these days that covers enough."""
    hours = [sum(calls[day, hour] for day in days) for hour in range(HOURS)]
    windows = [
        ((end - start) * len(days), days, start, end)
        for start in range(HOURS)
        for end in range(start + 1, HOURS + 1)
        if sum(hours[start:end]) >= COVERED * total and end - start < HOURS
    ]
    return min(windows, default=None)


def _name(days: tuple[Weekday, ...], start: int, end: int) -> str:
    """`mon-fri-08-18`: a name for the file, made of what it says."""
    which = days_words(days).strip("[]").replace(", ", "-")
    return f"{which}-{start:02}-{end % HOURS:02}"


def cold_starts(slots: Sequence[Slot]) -> float:
    """About how many calls would have started cold without provisioned concurrency, by IDLE."""
    alive: list[tuple[float, float]] = []  # (when it is taken away, environments), within IDLE of the slot at hand
    cold = 0.0
    for slot in sorted(slots, key=lambda each: each.start):
        alive = [(until, busy) for until, busy in alive if until > slot.start]
        warm = max((busy for _, busy in alive), default=0.0)
        cold += min(max(0.0, slot.busy - warm), slot.calls)
        alive.append((slot.start + SLOT + IDLE, slot.busy))
    return cold
