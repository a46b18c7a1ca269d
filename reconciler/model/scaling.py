"""Provisioned concurrency that is not one number: by the clock, by load, or by load within windows of the clock.

What the file asks for (`Scaled`). Frozen values only; a number is units of provisioned concurrency.
"""

from dataclasses import dataclass
from enum import StrEnum


class Weekday(StrEnum):
    """A day of the week, as the file and AWS's cron name it. Never a number: AWS's pages disagree on which day 2 is."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


Days = tuple[Weekday, ...] | tuple[int, ...]
"""Days of the week or of the month (1-31), ascending."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the most that may be requested; equal where the number is fixed."""

    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """A recurring window of time: it opens on each of `days` at `start` and closes at the next `end`.

    `days`: days of the week, or days of the month (1-31), in ascending order; all seven for daily. `start` and `end`
    are minutes since midnight in `timezone` (an IANA name) and differ. An `end` before `start` is on the next day.
    """

    name: str
    days: Days
    start: int
    end: int
    timezone: str


@dataclass(frozen=True, slots=True)
class Window:
    """The bounds that hold while a schedule's window is open."""

    schedule: Schedule
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Scaled:
    """A concurrency that Application Auto Scaling keeps.

    `otherwise` holds while no window is open; without windows, always. `target` is the utilisation (0.1 ... 0.9) that
    load is tracked to, and None where every number is fixed, so that the clock alone decides.
    """

    windows: tuple[Window, ...]
    otherwise: Bounds
    target: float | None

    @property
    def bounds(self) -> tuple[Bounds, ...]:
        """All that can ever be due: those of the windows, then `otherwise`."""
        return (*(window.bounds for window in self.windows), self.otherwise)

    @property
    def highest(self) -> int:
        """The highest number that can ever be due: what refusals, limits and reserved sums are judged on."""
        return max(each.maximum for each in self.bounds)


def highest(concurrency: int | Scaled | None) -> int:
    """The most that an ion can ever ask for; 0 where its number is not managed."""
    return concurrency.highest if isinstance(concurrency, Scaled) else concurrency or 0


@dataclass(frozen=True, slots=True)
class ScalingPolicy:
    """A scaling policy of a target. `target`: the utilisation that it tracks, None if it does anything else.

    `plain`: it tracks Lambda's own metric, without cooldowns, in both directions.
    """

    name: str
    target: float | None
    plain: bool


@dataclass(frozen=True, slots=True)
class ScheduledAction:
    """A scheduled action of a scalable target: at the times of `schedule`, it sets the bounds.

    `schedule` is AWS's text (`cron(40 7 ? * MON-FRI *)`), `timezone` an IANA name or None where AWS names none (UTC).
    `limited`: it has a first or a last time.
    """

    name: str
    schedule: str
    timezone: str | None
    minimum: int | None
    maximum: int | None
    limited: bool = False
