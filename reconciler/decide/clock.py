"""Which bounds the clock makes due, when that changes, and the scheduled actions that do it. Pure.

Terms. A window is open from its schedule's `from` until its `to`; these two instants are its edges. While it is open
its bounds are due; while none is open, `otherwise`. A window is two scheduled actions of Application Auto Scaling, one
at each edge, which sets both bounds of the scalable target. AWS runs an action some seconds late, so that within GRACE
of an edge the bounds of both of its sides are right.

Cron is AWS's, of six fields, with days of the week by name: AWS's own pages disagree on which day a number is
(https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html).
An instant is seconds since 1970.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from reconciler.model.scaling import Bounds, Days, Scaled, Schedule, ScheduledAction, Weekday, Window
from reconciler.model.windows import openings

GRACE: Final = 180.0  # seconds
PREFIX: Final = "reconcile-"
_FROM_SUNDAY: Final = (Weekday.SUN, *tuple(Weekday)[:-1])  # the order of days in AWS's cron, whose ranges ascend in it
_WEEK: Final = tuple(Weekday)
_CRON: Final = re.compile(r"cron\((\d{1,2}) (\d{1,2}) (\S+) \* (\S+) \*\)")
_DAY: Final = 24 * 60  # minutes
_DAYS_A_YEAR: Final = {29: 11.25, 30: 11.0, 31: 7.0}  # how often a day of the month comes; the others come in each
_NEAR: Final = 2  # days in which an edge within GRACE comes
_FAR: Final = 62  # days in which every schedule opens once more: after January 31 comes March 31


def due(scaled: Scaled, now: float) -> Bounds:
    """The bounds of the window that is open, else `otherwise`."""
    window = open_window(scaled, now)
    return window.bounds if window else scaled.otherwise


def open_window(scaled: Scaled, now: float) -> Window | None:
    """The window that is open; None: none is."""
    for window in scaled.windows:
        if any(opens <= now < closes for opens, closes in openings(window.schedule, now, days=_NEAR)):
            return window
    return None


def right(scaled: Scaled, now: float) -> tuple[Bounds, ...]:
    """All bounds that may be live now: those due, and within GRACE of an edge those of its other side."""
    edges = (
        edge
        for window in scaled.windows
        for edges in openings(window.schedule, now, days=_NEAR)
        for edge in edges
        if abs(edge - now) <= GRACE
    )
    return tuple(dict.fromkeys(due(scaled, moment) for moment in (now, now - GRACE, now + GRACE, *edges)))


def coming(scaled: Scaled, now: float) -> Bounds:
    """The bounds to register: those due, or of the later side where an edge is less than GRACE away."""
    return due(scaled, now + GRACE)


def next_edge(scaled: Scaled, now: float) -> float | None:
    """When a window opens or closes next; None: there is no window."""
    edges = (
        next(edge for edges in openings(window.schedule, now, days=_FAR) for edge in edges if edge > now)
        for window in scaled.windows
    )
    return min(edges, default=None)


def next_opening(scaled: Scaled, now: float) -> tuple[float, Window] | None:
    """When a window opens next, and which."""
    found = (
        (next(opens for opens, _ in openings(window.schedule, now, days=_FAR) if opens > now), number, window)
        for number, window in enumerate(scaled.windows)
    )
    first = min(found, key=lambda each: each[:2], default=None)
    return None if first is None else (first[0], first[2])


def local_time(instant: float, timezone: str) -> str:
    """`Mon 07:40`, by the zone's clock."""
    local = datetime.fromtimestamp(instant, UTC).astimezone(ZoneInfo(timezone))
    return f"{_WEEK[local.weekday()].title()} {local:%H:%M}"


# ---------------------------------------------------------------- over a month


def average(scaled: Scaled) -> tuple[float, float]:
    """Units over a month: the least and the most, which differ where load decides."""
    shares = [_share(window.schedule) for window in scaled.windows]
    rest = 1.0 - sum(shares)
    held = [*zip(shares, (window.bounds for window in scaled.windows), strict=True), (rest, scaled.otherwise)]
    return sum(share * each.minimum for share, each in held), sum(share * each.maximum for share, each in held)


def share_of_always(scaled: Scaled) -> float:
    """What the schedule costs at most, as a share of its highest number all of the time."""
    return average(scaled)[1] / scaled.highest if scaled.highest else 1.0


def _share(schedule: Schedule) -> float:
    """Of all time, on average over four years."""
    minutes = (schedule.end - schedule.start) % _DAY
    days = sum(_DAYS_A_YEAR.get(day, 12.0) / 365.25 if isinstance(day, int) else 1 / 7 for day in schedule.days)
    return days * minutes / _DAY


# ---------------------------------------------------------------- scheduled actions


def actions(scaled: Scaled) -> tuple[ScheduledAction, ...]:
    """The two actions of each window, sorted by name."""
    made = (action for window in scaled.windows for action in _actions(window, scaled.otherwise))
    return tuple(sorted(made, key=lambda action: action.name))


def _actions(window: Window, otherwise: Bounds) -> tuple[ScheduledAction, ScheduledAction]:
    schedule = window.schedule
    last: tuple[Weekday | int, ...] = schedule.days
    if schedule.end < schedule.start:  # days of the month don't cross midnight
        last = tuple(_day_after(day) for day in schedule.days if isinstance(day, Weekday))
    on, off = cron(schedule.days, schedule.start), cron(last, schedule.end)
    name = f"{PREFIX}{schedule.name}"
    return (
        ScheduledAction(f"{name}-on", on, schedule.timezone, window.bounds.minimum, window.bounds.maximum),
        ScheduledAction(f"{name}-off", off, schedule.timezone, otherwise.minimum, otherwise.maximum),
    )


def _day_after(day: Weekday) -> Weekday:
    return _WEEK[(_WEEK.index(day) + 1) % len(_WEEK)]


def cron(days: Sequence[Weekday | int], minutes: int) -> str:
    """AWS's cron expression for a time of day, in minutes after midnight, on these days."""
    time = f"{minutes % 60} {minutes // 60}"
    numbers = [day for day in days if isinstance(day, int)]
    if numbers:
        return f"cron({time} {','.join(map(str, numbers))} * ? *)"
    if len(days) == len(_WEEK):
        return f"cron({time} * * ? *)"
    return f"cron({time} ? * {_named([day for day in days if isinstance(day, Weekday)])} *)"


def _named(days: Sequence[Weekday]) -> str:
    """`MON-FRI`, `SUN,SAT`: runs of three days and more as ranges, from Sunday on."""
    places = sorted(_FROM_SUNDAY.index(day) for day in days)
    parts: list[str] = []
    for _, run in groupby(enumerate(places), key=lambda each: each[1] - each[0]):
        names = [_FROM_SUNDAY[place].upper() for _, place in run]
        parts += [f"{names[0]}-{names[-1]}"] if len(names) > 2 else names
    return ",".join(parts)


def read_cron(text: str) -> tuple[Days, int] | None:
    """(days, minutes after midnight) of a cron expression of the kind that is written here; None: it is another.

    AWS may give an expression back in another spelling, so that two are compared by what they mean.
    """
    found = _CRON.fullmatch(" ".join(text.split()))
    if not found:
        return None
    minute, hour, of_month, of_week = int(found[1]), int(found[2]), found[3], found[4]
    if minute > 59 or hour > 23:
        return None
    days: Days | None = None
    if of_month in {"*", "?"}:
        days = _WEEK if of_week in {"*", "?"} else _read_names(of_week)
    elif of_week in {"*", "?"}:
        days = _read_numbers(of_month)
    return None if days is None else (days, hour * 60 + minute)


def _read_names(text: str) -> tuple[Weekday, ...] | None:
    found: set[Weekday] = set()
    for part in text.lower().split(","):
        first, dash, last = part.partition("-")
        try:
            begin, end = (_FROM_SUNDAY.index(Weekday(name)) for name in (first, last if dash else first))
        except ValueError:
            return None
        found |= set(_FROM_SUNDAY[begin : end + 1])
    return tuple(day for day in _WEEK if day in found)


def _read_numbers(text: str) -> tuple[int, ...] | None:
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            return None
        found |= set(range(int(first), int(last if dash else first) + 1))
    return tuple(sorted(found)) if found and max(found) <= 31 else None


def same_action(asked: ScheduledAction, live: ScheduledAction) -> bool:
    """Whether a live action does what is asked. AWS may leave UTC out, and spell a cron expression otherwise."""
    meant = read_cron(live.schedule)
    return (
        (live.schedule == asked.schedule or (meant is not None and meant == read_cron(asked.schedule)))
        and (live.timezone or "UTC") == (asked.timezone or "UTC")
        and (live.minimum, live.maximum) == (asked.minimum, asked.maximum)
        and not live.limited
    )
