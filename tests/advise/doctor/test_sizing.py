"""The number and the schedule that an alias's calls fit: percentiles, windows and cold starts, by properties too."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from reconciler.advise.doctor.sizing import COVERED, HOURS, Slot, cold_starts, fitting_schedule, proposed_number
from reconciler.model.scaling import Schedule, Weekday

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def slot(day: int, hour: float, calls: float = 10, busy: float = 1) -> Slot:
    return Slot((MONDAY + timedelta(days=day, hours=hour)).timestamp(), calls, busy)


def office(days: int = 14) -> list[Slot]:
    """Calls on each working day from 8 to 18 o'clock."""
    return [slot(day, hour) for day in range(days) if day % 7 < 5 for hour in range(8, 18)]


slots = st.lists(
    st.builds(
        slot,
        st.integers(0, 13),
        st.integers(0, 287).map(lambda number: number / 12),
        st.integers(1, 500),
        st.integers(1, 40),
    ),
    max_size=60,
    unique_by=lambda each: each.start,
)


def test_a_burst_that_is_rarer_than_one_slot_in_a_hundred_does_not_set_the_number() -> None:
    calm = [slot(day, hour, busy=3) for day in range(10) for hour in range(20)]
    assert proposed_number([*calm, slot(11, 4, busy=40)]) == 3
    assert proposed_number([*calm[:50], slot(11, 4, busy=40)]) == 40


def test_without_a_call_no_number_is_proposed() -> None:
    assert proposed_number([]) is None


@given(slots)
def test_the_number_is_enough_in_99_of_100_slots_and_one_less_is_not(history: list[Slot]) -> None:
    number = proposed_number(history)
    if number is None:
        assert not history
        return
    assert sum(each.busy > number for each in history) <= len(history) * 0.01
    assert number == 1 or sum(each.busy > number - 1 for each in history) > len(history) * 0.01


def test_calls_in_office_hours_fit_a_window_of_working_days() -> None:
    fit = fitting_schedule([*office(), slot(5, 3, calls=5)], days=14, zone=UTC_ZONE)
    assert fit is not None
    working = (Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU, Weekday.FRI)
    assert fit.schedule == Schedule("mon-fri-08-18", working, 480, 1080, "UTC")
    assert (fit.hours, fit.covered) == (50, 1000 / 1005)


def test_hours_are_those_of_the_zones_clock() -> None:
    fit = fitting_schedule(office(), days=14, zone=ZoneInfo("Europe/Berlin"))
    assert fit is not None
    assert (fit.schedule.start, fit.schedule.end, fit.schedule.timezone) == (540, 1140, "Europe/Berlin")


def test_a_window_may_last_until_midnight() -> None:
    fit = fitting_schedule([slot(day, 23 + part / 4) for day in range(14) for part in range(4)], days=14, zone=UTC_ZONE)
    assert fit is not None
    assert (fit.schedule.name, fit.schedule.start, fit.schedule.end) == ("daily-23-00", 23 * 60, 0)


def test_no_pattern_is_seen_in_less_than_a_week_nor_in_calls_all_around_the_clock() -> None:
    assert fitting_schedule(office(5), days=6, zone=UTC_ZONE) is None
    around = [slot(day, hour) for day in range(14) for hour in range(24)]
    assert fitting_schedule(around, days=14, zone=UTC_ZONE) is None
    assert fitting_schedule([], days=14, zone=UTC_ZONE) is None


@given(slots, st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"]))
def test_a_schedule_covers_what_it_says_it_covers(history: list[Slot], name: str) -> None:
    zone = ZoneInfo(name)
    fit = fitting_schedule(history, days=14, zone=zone)
    if fit is None:
        return
    start, end = fit.schedule.start // 60, fit.schedule.end // 60 or HOURS
    inside = 0.0
    for each in history:
        local = datetime.fromtimestamp(each.start, UTC).astimezone(zone)
        if list(Weekday)[local.weekday()] in fit.schedule.days and start <= local.hour < end:
            inside += each.calls
    assert abs(inside / sum(each.calls for each in history) - fit.covered) < 1e-9
    assert fit.covered >= COVERED
    assert fit.hours == len(fit.schedule.days) * (end - start)


def test_environments_that_were_used_minutes_ago_are_warm_and_others_start_cold() -> None:
    assert cold_starts([slot(0, 8, busy=2), slot(0, 8 + 1 / 12, busy=3), slot(0, 12, busy=1)]) == 2 + 1 + 1


def test_there_are_no_more_cold_starts_than_calls() -> None:
    assert cold_starts([slot(0, 8, calls=1, busy=5)]) == 1
