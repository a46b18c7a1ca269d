"""What the clock makes due, proved against the cron expressions that are sent: both change at the same minutes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reconciler.decide.clock import (
    GRACE,
    actions,
    coming,
    cron,
    due,
    local_time,
    next_edge,
    next_opening,
    read_cron,
    right,
    same_action,
)
from reconciler.model.scaling import Bounds, Days, Scaled, Schedule, ScheduledAction, Weekday, Window
from reconciler.model.windows import first_meeting

MON, TUE, WED, THU, FRI, SAT, SUN = Weekday
WEEK = tuple(Weekday)
OFFICE = Schedule("office", (MON, TUE, WED, THU, FRI), 7 * 60 + 40, 18 * 60 + 15, "Europe/Berlin")
SCALED = Scaled((Window(OFFICE, Bounds(3, 3)),), Bounds(0, 0), None)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia")


def instant(text: str, zone: str = "Europe/Berlin") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


# ---------------------------------------------------------------- an independent reading of the cron expressions

NUMBERS = {"SUN": 0, "MON": 1, "TUE": 2, "WED": 3, "THU": 4, "FRI": 5, "SAT": 6}


def values(field: str, names: dict[str, int]) -> set[int] | None:
    if field in {"*", "?"}:
        return None
    found: set[int] = set()
    for part in field.split(","):
        first, _, last = part.partition("-")
        low, high = (names.get(name) if names else int(name) for name in (first, last or first))
        assert low is not None
        assert high is not None
        assert low <= high, "AWS's ranges ascend"
        found |= set(range(low, high + 1))
    return found


def fires(action: ScheduledAction, instant: datetime) -> bool:
    """Whether the action runs in this minute, read field by field as AWS documents them."""
    minute, hour, of_month, month, of_week, year = action.schedule.removeprefix("cron(").removesuffix(")").split()
    assert (month, year) == ("*", "*")
    assert [of_month, of_week].count("?") == 1
    local = instant.astimezone(ZoneInfo(action.timezone or "UTC"))
    days, weekdays = values(of_month, {}), values(of_week, NUMBERS)
    return (
        (local.hour, local.minute) == (int(hour), int(minute))
        and (days is None or local.day in days)
        and (weekdays is None or local.isoweekday() % 7 in weekdays)
    )


weekdays = st.sets(st.sampled_from(WEEK), min_size=1).map(lambda days: tuple(day for day in WEEK if day in days))
monthdays = st.sets(st.integers(1, 31), min_size=1).map(lambda days: tuple(sorted(days)))
by_day = st.integers(3 * 60 + 1, 23 * 60 + 59)  # no change of the clock falls there in the zones above


@st.composite
def schedules(draw: st.DrawFn, name: str) -> Schedule:
    days: Days = draw(st.one_of(weekdays, monthdays))
    start, end = draw(by_day), draw(by_day)
    assume(start != end)
    if isinstance(days[0], int):
        start, end = min(start, end), max(start, end)
    return Schedule(name, days, start, end, draw(st.sampled_from(ZONES)))


@st.composite
def scaleds(draw: st.DrawFn) -> Scaled:
    chosen = tuple(draw(schedules(name)) for name in ("a", "b")[: draw(st.integers(1, 2))])
    assume(first_meeting(chosen) is None)
    windows = tuple(Window(schedule, Bounds(number + 1, number + 1)) for number, schedule in enumerate(chosen))
    return Scaled(windows, Bounds(0, 0), None)


@given(scaleds(), st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)))  # noqa: DTZ001 - UTC is put on below
def test_what_is_due_changes_just_when_an_action_that_is_sent_runs(scaled: Scaled, start: datetime) -> None:
    """From an hour before the next edge to an hour after it, minute by minute."""
    first = start.replace(second=0, microsecond=0, tzinfo=UTC)
    edge = next_edge(scaled, first.timestamp())
    assert edge is not None
    begin = datetime.fromtimestamp(edge, UTC) - timedelta(minutes=60)
    bounds = due(scaled, begin.timestamp() - 60)
    for number in range(120):
        minute = begin + timedelta(minutes=number)
        for action in actions(scaled):
            if fires(action, minute):
                assert action.minimum is not None
                assert action.maximum is not None
                bounds = Bounds(action.minimum, action.maximum)
        assert due(scaled, minute.timestamp() + 1) == bounds


@given(scaleds(), st.floats(1_760_000_000, 1_830_000_000))
def test_nothing_changes_before_the_next_edge_and_something_does_there(scaled: Scaled, now: float) -> None:
    edge = next_edge(scaled, now)
    assert edge is not None
    assert edge > now
    assert due(scaled, (now + edge) / 2) == due(scaled, now)
    assert due(scaled, edge) != due(scaled, edge - 1)


@given(scaleds(), st.floats(1_760_000_000, 1_830_000_000))
def test_near_an_edge_both_sides_are_right_and_the_later_is_registered(scaled: Scaled, now: float) -> None:
    edge = next_edge(scaled, now)
    assert edge is not None
    before, after = due(scaled, edge - 1), due(scaled, edge)
    assert {before, after} <= set(right(scaled, edge - GRACE + 1)) & set(right(scaled, edge + GRACE - 1))
    assert coming(scaled, edge - GRACE) == due(scaled, edge)


@given(weekdays, st.integers(0, 1439))
def test_our_cron_is_read_back_as_it_was_meant(days: tuple[Weekday, ...], minutes: int) -> None:
    assert read_cron(cron(days, minutes)) == (days, minutes)


@given(monthdays, st.integers(0, 1439))
def test_days_of_the_month_are_read_back_too(days: tuple[int, ...], minutes: int) -> None:
    assert read_cron(cron(days, minutes)) == (days, minutes)


def test_the_actions_of_office_hours() -> None:
    assert actions(SCALED) == (
        ScheduledAction("reconcile-office-off", "cron(15 18 ? * MON-FRI *)", "Europe/Berlin", 0, 0),
        ScheduledAction("reconcile-office-on", "cron(40 7 ? * MON-FRI *)", "Europe/Berlin", 3, 3),
    )


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (WEEK, "cron(30 8 * * ? *)"),
        ((SAT, SUN), "cron(30 8 ? * SUN,SAT *)"),
        ((MON, TUE, SUN), "cron(30 8 ? * SUN-TUE *)"),
        ((MON, WED, FRI), "cron(30 8 ? * MON,WED,FRI *)"),
        ((28, 29, 31), "cron(30 8 28,29,31 * ? *)"),
    ],
)
def test_days_of_the_week_are_names_in_ranges_that_ascend_from_sunday(days: Days, expected: str) -> None:
    assert cron(days, 8 * 60 + 30) == expected


def test_the_off_of_a_window_across_midnight_is_on_the_next_day() -> None:
    night = Scaled((Window(Schedule("n", (SAT,), 22 * 60, 6 * 60, "UTC"), Bounds(1, 1)),), Bounds(0, 0), None)
    assert [action.schedule for action in actions(night)] == ["cron(0 6 ? * SUN *)", "cron(0 22 ? * SAT *)"]


def test_the_window_is_open_by_its_own_zones_clock_in_summer_and_winter() -> None:
    for day in ("2026-07-06", "2026-12-07"):
        assert due(SCALED, instant(f"{day}T07:39:59")) == Bounds(0, 0)
        assert due(SCALED, instant(f"{day}T07:40:00")) == Bounds(3, 3)
        assert due(SCALED, instant(f"{day}T18:14:59")) == Bounds(3, 3)
        assert due(SCALED, instant(f"{day}T18:15:00")) == Bounds(0, 0)
    assert due(SCALED, instant("2026-12-06T12:00:00")) == Bounds(0, 0)


def test_the_next_opening_is_told_by_the_zones_clock() -> None:
    found = next_opening(SCALED, instant("2026-12-04T18:15:00"))
    assert found is not None
    assert (local_time(found[0], "Europe/Berlin"), found[1].schedule) == ("Mon 07:40", OFFICE)
    last = Scaled((Window(Schedule("m", (31,), 60, 120, "UTC"), Bounds(1, 1)),), Bounds(0, 0), None)
    later = next_opening(last, instant("2026-01-31T12:00:00", "UTC"))
    assert later is not None
    assert datetime.fromtimestamp(later[0], UTC) == datetime(2026, 3, 31, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("live", "same"),
    [
        (ScheduledAction("x", "cron(40 7 ? * MON,TUE,WED,THU,FRI *)", "Europe/Berlin", 3, 3), True),
        (ScheduledAction("x", "cron(40  7 * * MON-FRI *)", "Europe/Berlin", 3, 3), True),
        (ScheduledAction("x", "cron(40 7 ? * 2-6 *)", "Europe/Berlin", 3, 3), False),
        (ScheduledAction("x", "cron(40 7 ? * MON-FRI *)", None, 3, 3), False),
        (ScheduledAction("x", "cron(40 7 ? * MON-FRI *)", "Europe/Berlin", 3, None), False),
        (ScheduledAction("x", "cron(40 7 ? * MON-FRI *)", "Europe/Berlin", 3, 3, limited=True), False),
        (ScheduledAction("x", "rate(1 day)", "Europe/Berlin", 3, 3), False),
    ],
)
def test_actions_are_compared_by_what_they_do(live: ScheduledAction, same: bool) -> None:  # noqa: FBT001 - a table
    assert same_action(actions(SCALED)[1], live) is same


def test_utc_may_be_left_out_of_an_answer() -> None:
    asked = ScheduledAction("x", "cron(0 8 * * ? *)", "UTC", 1, 1)
    assert same_action(asked, ScheduledAction("x", "cron(0 8 * * ? *)", None, 1, 1))
