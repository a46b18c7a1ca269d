"""What the number of one warm alias should be, in findings: more, fewer, by the clock, or none for its price. Pure.

The rules and their figures are in `sizing`. A number that AWS moves by load is nobody's to propose; one that follows
the clock is judged by its highest. Once what is proposed stands in the file, the same calls propose nothing more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from math import inf
from typing import Final

from reconciler.advise.doctor.reading import Use
from reconciler.advise.doctor.sizing import HOURS, WEEK, Fit, cold_starts, fitting_schedule, proposed_number
from reconciler.config.edit import days_words
from reconciler.model.finding import Finding, Proposal, Severity
from reconciler.model.observed import Ion
from reconciler.model.scaling import Bounds, Scaled, Window

FEW: Final = 0.01  # of the calls found nothing warm
DEAR: Final = 0.10  # USD for each cold start avoided
DAYS_A_MONTH: Final = 730 / 24  # AWS's month


@dataclass(frozen=True, slots=True)
class Warm:
    """One alias that is kept warm. `price`: USD a month of the `number` requested now, all of the time.

    `room`: the most that the function's reserved concurrency leaves this alias, with one for `$LATEST`; None: nothing
    is reserved. `timezone`: what a schedule is proposed in. `age`: days since the number was set.
    """

    ion: Ion
    number: int
    use: Use
    days: int
    price: float
    room: int | None
    timezone: tzinfo
    age: float = inf

    @property
    def is_fixed(self) -> bool:
        """Whether the file asks for one number, or leaves it alone."""
        return not isinstance(self.ion.desired.concurrency, Scaled)

    @property
    def highest(self) -> int:
        """The number that the alias has at its highest."""
        wanted = self.ion.desired.concurrency
        return wanted.highest if isinstance(wanted, Scaled) else self.number


def advice(warm: Warm) -> Iterator[Finding]:
    """What this alias's calls say about its number."""
    wanted, asked = proposed_number(warm.use.slots), warm.ion.desired.concurrency
    if wanted is None or (isinstance(asked, Scaled) and asked.target is not None):
        return
    share = _spilled_share(warm.use)
    if share > FEW:
        yield _too_few(warm, wanted, share)
    elif wanted < warm.highest:
        yield _too_many(warm, wanted)
    if not warm.is_fixed:
        return
    fit = fitting_schedule(warm.use.slots, days=warm.days, zone=warm.timezone)
    number = wanted if share <= FEW else max(wanted, warm.number)
    if fit:
        yield _use_schedule(warm, fit, _within(warm, number))
    each = warm.price * warm.days / DAYS_A_MONTH / max(1.0, cold_starts(warm.use.slots))
    if each >= DEAR:
        yield _dear(warm, each)


def _spilled_share(use: Use) -> float:
    spilled = use.spillover or 0.0
    calls = spilled + (use.invocations or 0.0)
    return spilled / calls if calls else 0.0


def _within(warm: Warm, number: int) -> int:
    return number if warm.room is None else min(number, max(warm.room, warm.number))


def _too_few(warm: Warm, wanted: int, share: float) -> Finding:
    peak = max(int(slot.busy) for slot in warm.use.slots)
    said = f"{warm.use.spillover:,.0f} calls in {warm.days} days ({share:.1%}) found none of the {warm.highest} free"
    number = _within(warm, wanted)
    missing = wanted - number
    reserve = f"; raise :concurrency-limit by {missing} for the {wanted} that the calls need" if missing else ""
    if number > warm.highest:
        message = (
            f"{said}, and may have started cold: in 99 % of the time with calls at most {wanted} were busy at once"
        )
        return _finding(warm, "too-few", message, f"ask for {number}{reserve}", number)
    if missing:
        return _finding(warm, "too-few", f"{said}, and may have started cold", f"ask for {wanted}{reserve}")
    message = f"{said}; they came in bursts of up to {peak}, within less than 1 % of the time with calls"
    return _finding(warm, "too-few", message, f"leave it, or pay for the bursts too with `concurrency: {peak}`")


def _too_many(warm: Warm, wanted: int) -> Finding:
    saved = warm.price * (warm.highest - wanted) / warm.highest
    message = (
        f"in 99 % of the time with calls at most {wanted} of {warm.highest} were busy at once, in {warm.days} days"
    )
    saves = f", which saves ${saved:,.2f} a month" if warm.is_fixed else ""
    return _finding(warm, "too-many", message, f"ask for {wanted}{saves}", wanted)


def _use_schedule(warm: Warm, fit: Fit, number: int) -> Finding:
    schedule = fit.schedule
    always = warm.price * number / warm.number
    saved = always * (1 - fit.hours / (WEEK * HOURS))
    when = f"{days_words(schedule.days)} {_clock(schedule.start)}-{_clock(schedule.end)} {schedule.timezone}"
    scaled = Scaled((Window(schedule, Bounds(number, number)),), Bounds(0, 0), target=None)
    return _finding(
        warm,
        "use-schedule",
        f"{fit.covered:.0%} of the calls in {warm.days} days came {when}",
        f"keep {number} warm then, and none otherwise: that saves ${saved:,.2f} of ${always:,.2f} a month",
        scaled,
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _dear(warm: Warm, each: float) -> Finding:
    return _finding(
        warm,
        "dear",
        f"each cold start that it avoids costs about ${each:,.2f}",
        "check that the callers use the alias ARN; if these are all, a cold start may be cheaper: `concurrency: 0`",
    )


def _finding(warm: Warm, code: str, message: str, todo: str, proposed: int | Scaled | None = None) -> Finding:
    return Finding(
        code,
        warm.ion.key,
        Severity.HINT,
        message,
        todo,
        arn=warm.ion.key.alias_arn,
        monthly_usd=warm.price,
        proposal=None if proposed is None else Proposal(warm.ion.desired.where, proposed),
    )
