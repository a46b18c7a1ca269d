"""The time of day is that of the answers: a machine whose clock is wrong judges windows as AWS does."""

from types import SimpleNamespace

import pytest

from reconciler.aws.server_clock import ServerClock


def answered(clock: ServerClock, date: str | None) -> None:
    clock._answered(SimpleNamespace(headers={"date": date} if date else {}))  # noqa: SLF001 - what botocore calls


def test_until_something_was_answered_it_is_this_machines() -> None:
    assert ServerClock(lambda: 1000.0)() == 1000.0


def test_it_goes_by_the_last_answer_and_runs_on() -> None:
    now = [1_000.0]
    clock = ServerClock(lambda: now[0])
    answered(clock, "Thu, 01 Jan 1970 01:00:00 GMT")
    assert clock() == 3600.0
    now[0] += 5
    assert clock() == 3605.0
    answered(clock, "Thu, 01 Jan 1970 02:00:00 GMT")
    assert clock() == 7200.0


def test_a_second_or_two_are_the_way_that_an_answer_took() -> None:
    clock = ServerClock(lambda: 3599.2)
    answered(clock, "Thu, 01 Jan 1970 01:00:00 GMT")
    assert clock() == 3599.2


@pytest.mark.parametrize("date", [None, "", "yesterday", "Thu, 99 Jan 1970 01:00:00 GMT"])
def test_an_answer_without_a_date_that_makes_sense_changes_nothing(date: str | None) -> None:
    clock = ServerClock(lambda: 1000.0)
    answered(clock, date)
    assert clock() == 1000.0
