"""Schedules of the file and concurrency that follows them, as they are read."""

import pytest

from reconciler.config import parse
from reconciler.model.desired import Desired
from reconciler.model.scaling import Bounds, Scaled, Schedule, Weekday, Window

MON, TUE, WED, THU, FRI, SAT, SUN = Weekday
WORKING = (MON, TUE, WED, THU, FRI)
FILE = """
version: 1
timezone: Europe/Berlin
schedules:
  office: {{days: {days}, from: "07:40", to: "{to}"}}
  month-end: {{days: [28, 29, 30, 31], from: "19:55", to: "23:00", timezone: UTC}}
ions:
  f: {{alias: live, concurrency: {concurrency}}}
"""


def desired(concurrency: str = "{office: 3, otherwise: 0}", *, days: str = "mon-fri", to: str = "18:15") -> Desired:
    (one,) = parse(FILE.format(days=days, concurrency=concurrency, to=to).encode(), source="warm.yaml").desired
    return one


def office(days: tuple[Weekday, ...] = WORKING, end: int = 18 * 60 + 15) -> Schedule:
    return Schedule("office", days, 7 * 60 + 40, end, "Europe/Berlin")


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("mon-fri", WORKING),
        ("Mon-Fri", WORKING),
        ("daily", tuple(Weekday)),
        ("sat-mon", (MON, SAT, SUN)),
        ("[sat, sun]", (SAT, SUN)),
        ("[mon-wed, fri]", (MON, TUE, WED, FRI)),
        ("sun", (SUN,)),
    ],
)
def test_days_are_names_ranges_and_lists(written: str, days: tuple[Weekday, ...]) -> None:
    assert desired(days=written).concurrency == Scaled((Window(office(days), Bounds(3, 3)),), Bounds(0, 0), None)


def test_days_of_the_month_are_numbers_in_a_list_and_a_schedule_may_have_its_own_zone() -> None:
    month_end = Schedule("month-end", (28, 29, 30, 31), 19 * 60 + 55, 23 * 60, "UTC")
    assert desired("{month-end: 1, otherwise: 0}").concurrency == Scaled(
        (Window(month_end, Bounds(1, 1)),), Bounds(0, 0), None
    )


def test_a_window_that_ends_before_it_begins_ends_on_the_next_day() -> None:
    assert desired(to="01:15").concurrency == Scaled((Window(office(end=75), Bounds(3, 3)),), Bounds(0, 0), None)


@pytest.mark.parametrize(
    ("written", "scaled"),
    [
        ("{min: 2, max: 20}", Scaled((), Bounds(2, 20), 0.7)),
        ("{min: 2, max: 20, target: 0.6}", Scaled((), Bounds(2, 20), 0.6)),
        ("{min: 2, max: 2}", Scaled((), Bounds(2, 2), None)),
        (
            "{office: {min: 2, max: 20}, otherwise: 1}",
            Scaled((Window(office(), Bounds(2, 20)),), Bounds(1, 1), 0.7),
        ),
        (
            "{office: {min: 2, max: 20}, otherwise: {min: 0, max: 5}, target: 0.5}",
            Scaled((Window(office(), Bounds(2, 20)),), Bounds(0, 5), 0.5),
        ),
    ],
)
def test_a_number_follows_load_within_min_and_max(written: str, scaled: Scaled) -> None:
    assert desired(written).concurrency == scaled


def test_the_highest_is_what_can_ever_be_due() -> None:
    scaled = desired("{office: {min: 2, max: 20}, month-end: 30, otherwise: 1}").concurrency
    assert isinstance(scaled, Scaled)
    assert scaled.highest == 30


def test_a_mapping_replaces_what_it_would_inherit_as_a_whole() -> None:
    text = """
version: 1
timezone: UTC
schedules: {office: {days: daily, from: "08:00", to: "09:00"}}
defaults: {alias: live, concurrency: {office: 3, otherwise: 1}}
ions:
  a:
  b: {concurrency: {min: 1, max: 4}}
  c: 2
"""
    a, b, c = (one.concurrency for one in parse(text.encode(), source="w").desired)
    utc = Schedule("office", tuple(Weekday), 480, 540, "UTC")
    assert a == Scaled((Window(utc, Bounds(3, 3)),), Bounds(1, 1), None)
    assert (b, c) == (Scaled((), Bounds(1, 4), 0.7), 2)


def test_an_edge_on_a_change_of_the_clock_is_a_warning() -> None:
    text = FILE.format(days="daily", concurrency="1", to="02:30")
    (warning,) = parse(text.encode(), source="warm.yaml").warnings
    assert warning == (
        "warm.yaml:5:3: schedules.office: 02:30 is skipped or comes twice when Europe/Berlin changes its clock, and "
        "AWS does not say what happens then; choose a time before 01:00 or after 03:00"
    )
    assert parse(text.replace("Europe/Berlin", "Asia/Tokyo").encode(), source="w").warnings == ()


def test_windows_that_meet_in_one_zone_alone_are_found() -> None:
    apart = """
version: 1
schedules:
  berlin: {days: daily, from: "08:00", to: "12:00", timezone: Europe/Berlin}
  utc: {days: daily, from: "FROM", to: "23:00", timezone: UTC}
ions: {f: {alias: live, concurrency: {berlin: 1, utc: 2, otherwise: 0}}}
"""
    assert parse(apart.replace("FROM", "11:01").encode(), source="w").desired
    for touching in ("10:59", "11:00"):  # Berlin's noon is 11:00 UTC in winter
        with pytest.raises(Exception, match="utc and berlin overlap or touch"):
            parse(apart.replace("FROM", touching).encode(), source="w")
