"""When an action runs: the grammar of its schedule, time zones, daylight saving, StartTime and EndTime."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scaling_world import World, moment

from reconciler.sandbox.scaling import schedule
from reconciler.sandbox.scaling.schedule import Times

DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def runs(text: str, *, count: int, zone: str = "UTC", at: str = "2026-06-03T10:00", **bounds: str) -> list[str]:
    """The next runs, in UTC."""
    limits = {name: moment(value) for name, value in bounds.items()}
    times = Times(schedule.parse(text), ZoneInfo(zone), moment(at), limits.get("starts"), limits.get("ends"))
    found, now = list[str](), moment(at)
    while len(found) < count and (now := times.next_after(now)) < float("inf"):
        found.append(datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M"))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at(2026-06-03T12:00:00)", ["2026-06-03T12:00"]),
        ("at(2026-06-03T10:00:00)", []),
        ("rate(1 minute)", ["2026-06-03T10:01", "2026-06-03T10:02"]),
        ("rate(12 hours)", ["2026-06-03T22:00", "2026-06-04T10:00"]),
        ("rate(7 days)", ["2026-06-10T10:00", "2026-06-17T10:00"]),
        ("cron(0 10 * * ? *)", ["2026-06-04T10:00", "2026-06-05T10:00"]),
        ("cron(40 7 ? * MON-FRI *)", ["2026-06-04T07:40", "2026-06-05T07:40", "2026-06-08T07:40"]),
        ("cron(40 7 ? * SAT,SUN *)", ["2026-06-06T07:40", "2026-06-07T07:40"]),
        ("cron(40 7 ? * 2 *)", ["2026-06-08T07:40"]),  # Monday, whatever AWS's page says of Tuesday
        ("cron(0 6 * * * *)", ["2026-06-04T06:00"]),
        ("cron(0/20 10-11 3 6 ? 2026)", ["2026-06-03T10:20", "2026-06-03T10:40", "2026-06-03T11:00"]),
        ("cron(*/30 23 L * ? *)", ["2026-06-30T23:00", "2026-06-30T23:30", "2026-07-31T23:00"]),
        ("cron(0 0 28-31 FEB ? *)", ["2027-02-28T00:00", "2028-02-28T00:00", "2028-02-29T00:00"]),
        ("cron(0 0 6W * ? *)", ["2026-06-05T00:00", "2026-07-06T00:00"]),
        ("cron(0 0 1W AUG ? *)", ["2026-08-03T00:00"]),
        ("cron(0 0 31W MAY ? *)", ["2027-05-31T00:00", "2028-05-31T00:00"]),
        ("cron(0 0 31W JUN-AUG ? *)", ["2026-07-31T00:00", "2026-08-31T00:00"]),
        ("cron(0 0 ? * FRI#2 *)", ["2026-06-12T00:00", "2026-07-10T00:00"]),
        ("cron(0 0 ? * FRIL *)", ["2026-06-26T00:00", "2026-07-31T00:00"]),
        ("cron(0 0 ? * L *)", ["2026-06-06T00:00"]),
        ("cron(0 0 30 FEB ? *)", []),
        ("cron(0 0 * * ? 2025)", []),
    ],
)
def test_a_schedule_runs_when_aws_says(text: str, expected: list[str]) -> None:
    found = runs(text, count=max(1, len(expected)))
    assert found == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0 10 * * ? *",
        "cron(0 10 * * ?)",
        "cron(60 10 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 10 1 * MON *)",
        "cron(0 10 ? * ? *)",
        "cron(0 10 ? * FRI-MON *)",
        "cron(0 10 ? * MO *)",
        "cron(0 10 ? * 0 *)",
        "cron(0 10 32 * ? *)",
        "cron(0 10 * 13 ? *)",
        "cron(0 10 ? * MON#6 *)",
        "cron(0 10 * * ? 1969)",
        "cron(, 10 * * ? *)",
        "cron(1/0 10 * * ? *)",
        "cron(-1 10 * * ? *)",
        "rate(0 minutes)",
        "rate(1 week)",
        "rate(5)",
        "at(2026-06-03)",
        "at(2026-06-31T10:00:00)",
        "every(1 day)",
    ],
)
def test_what_is_no_schedule_is_refused(text: str) -> None:
    world = World()
    world.register()
    given_action = {"Schedule": text, "ScalableTargetAction": {"MinCapacity": 1}}
    if text:
        refused = world.refusal("PutScheduledAction", ScheduledActionName="on", **given_action)
        assert refused == ("ValidationException", f"Invalid schedule expression: {text}")
    else:
        code, message = world.refusal("PutScheduledAction", ScheduledActionName="on", **given_action)
        assert (code, "at 'schedule'" in str(message)) == ("ValidationException", True)
    assert world("DescribeScheduledActions")["ScheduledActions"] == []


def test_local_times_follow_daylight_saving() -> None:
    berlin = {"zone": "Europe/Berlin"}
    spring = runs("cron(40 7 * * ? *)", count=2, at="2026-03-28T00:00", **berlin)
    assert spring == ["2026-03-28T06:40", "2026-03-29T05:40"]
    autumn = runs("cron(40 7 * * ? *)", count=2, at="2026-10-24T00:00", **berlin)
    assert autumn == ["2026-10-24T05:40", "2026-10-25T06:40"]
    assert runs("at(2026-07-01T00:00:00)", count=2, **berlin) == ["2026-06-30T22:00"]


def test_the_hour_that_is_skipped_runs_later_and_the_doubled_one_once() -> None:
    berlin = {"zone": "Europe/Berlin"}
    spring = runs("cron(30 2 * * ? *)", count=2, at="2026-03-28T02:00", **berlin)
    assert spring == ["2026-03-29T01:30", "2026-03-30T00:30"]
    autumn = runs("cron(30 2 * * ? *)", count=2, at="2026-10-24T02:00", **berlin)
    assert autumn == ["2026-10-25T00:30", "2026-10-26T01:30"]


def test_start_and_end_bound_the_recurrence_and_the_start_is_a_run_as_well() -> None:
    bounds = {"starts": "2026-06-05T11:00", "ends": "2026-06-07T10:00"}
    assert runs("cron(0 10 * * ? *)", count=9, **bounds) == [
        "2026-06-05T11:00",
        "2026-06-06T10:00",
        "2026-06-07T10:00",
    ]
    assert runs("rate(1 day)", count=9, **bounds) == ["2026-06-05T11:00", "2026-06-06T11:00"]
    world = World()
    world.register()
    start, end = datetime(2026, 7, 2, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    refused = world.refusal(
        "PutScheduledAction",
        ScheduledActionName="on",
        Schedule="rate(1 day)",
        ScalableTargetAction={"MinCapacity": 1},
        StartTime=start,
        EndTime=end,
    )
    assert refused == ("ValidationException", "EndTime must be after StartTime")


@given(
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
    days=st.sets(st.sampled_from(DAYS), min_size=1),
    start=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - hypothesis wants them naive
)
@settings(derandomize=True, deadline=None)
def test_a_weekly_cron_runs_once_on_each_of_its_local_days(
    zone: str, hour: int, minute: int, days: set[str], start: datetime
) -> None:
    times = Times(schedule.parse(f"cron({minute} {hour} ? * {','.join(days)} *)"), ZoneInfo(zone), 0.0)
    begin = start.replace(tzinfo=ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    found, now, end = [], begin.timestamp() - 1, (begin + timedelta(days=15)).timestamp()
    while (now := times.next_after(now)) < end:
        found.append(datetime.fromtimestamp(now, ZoneInfo(zone)))
    wanted = [begin.date() + timedelta(days=day) for day in range(15)]
    assert [run.date() for run in found] == [day for day in wanted if DAYS[day.isoweekday() % 7] in days]
    for run in found:
        skipped = run.replace(hour=hour, minute=minute)
        assert (run.hour, run.minute) == (hour, minute) or skipped.astimezone(UTC).astimezone(skipped.tzinfo) == run


@given(st.text("0123456789*/,-?LW#MONFEB ", max_size=30), st.sampled_from(["cron({})", "rate({} days)", "at({})"]))
@example("0001-01-01T00:00:00", "at({})")
@example("9999-12-31T23:59:59", "at({})")
@example("9" * 5000, "rate({} days)")
@example(f"{'9' * 5000} 1 * * ? *", "cron({})")
@settings(derandomize=True, deadline=None)
def test_any_text_is_a_schedule_or_is_refused(inside: str, form: str) -> None:
    try:
        expression = schedule.parse(form.format(inside))
    except ValueError:
        return
    now = moment("2026-06-03T10:00")
    assert Times(expression, ZoneInfo("Pacific/Apia"), now).next_after(now) > now
