"""Numbers that are written into the file: the value changes, every other byte stays, and what can't be is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config import parse
from reconciler.config.edit import Edited, concurrency_words, days_words, edited, proposal_lines
from reconciler.model.scaling import Bounds, Days, Scaled, Schedule, Weekday, Window

FILE = """\
# keep me
version: 1

defaults: {alias: live}   # and me

ions:
  one:   {concurrency: 5}   # the first
  two:
    # a comment inside
    alias: "blue"
    concurrency:   7        # seven
  bare: 3
  inherits:
groups:
  prod:
    defaults: {concurrency: 2}
    ions:
      get: {concurrency: &n 4}
      put: {concurrency: *n}
      add:
  test: {ions: &shared {same: 9}}
  stage: {ions: *shared}
"""
INHERITED = "it stands in a `defaults`, or comes by a merge; give the ion its own"
OFFICE = Schedule("mon-08-18", (Weekday.MON,), 480, 1080, "Europe/Berlin")
CLOCKED = Scaled((Window(OFFICE, Bounds(3, 3)),), Bounds(0, 0), None)


def written(text: str, **numbers: int | Scaled) -> Edited:
    """By the ion's name, or the function's."""
    config = parse(text.encode(), source="warm.yaml")
    by_name = {one.function: one.where for one in config.desired}
    return edited(text.encode(), config, {by_name[name]: number for name, number in numbers.items()})


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("one", "{concurrency: 5}   # the first", "{concurrency: 12}   # the first"),
        ("two", "concurrency:   7        # seven", "concurrency:   12        # seven"),
        ("bare", "bare: 3", "bare: 12"),
    ],
)
def test_the_number_alone_is_replaced(name: str, before: str, after: str) -> None:
    assert written(FILE, **{name: 12}) == Edited(FILE.replace(before, after).encode(), ())


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("inherits", f"{INHERITED}, like `inherits: {{concurrency: 12}}`"),
        ("prod-add", f"{INHERITED}, like `add: {{concurrency: 12}}`"),
        ("prod-get", "several ions share it by an anchor"),
        ("prod-put", "several ions share it by an anchor"),
        ("stage-same", "ions of several groups share it"),
    ],
)
def test_a_number_that_others_share_is_told_and_not_written(name: str, why: str) -> None:
    found = written(FILE, **{name: 12})
    assert (found.text, [reason for _, reason in found.told]) == (FILE.encode(), [why])


def test_a_schedule_is_put_before_the_ions_and_the_number_follows_it() -> None:
    found = written(FILE, one=CLOCKED, bare=CLOCKED)
    schedules = 'schedules:\n  mon-08-18: {days: mon, from: "08:00", to: "18:00", timezone: Europe/Berlin}\n\n'
    expected = FILE.replace("defaults: {alias", f"{schedules}defaults: {{alias", 1)
    expected = expected.replace("{concurrency: 5}", "{concurrency: {mon-08-18: 3, otherwise: 0}}")
    expected = expected.replace("bare: 3", "bare: {concurrency: {mon-08-18: 3, otherwise: 0}}")
    assert found == Edited(expected.encode(), ())


def test_a_schedule_joins_those_that_are_there_and_is_written_once() -> None:
    text = written(FILE, one=CLOCKED).text.decode()
    again = written(text, bare=CLOCKED).text.decode()
    assert again.count("mon-08-18: {days") == 1
    evening = Scaled((Window(Schedule("eve", (Weekday.FRI,), 1140, 1200, "UTC"), Bounds(1, 1)),), Bounds(0, 0), None)
    both = written(text, bare=evening).text.decode()
    assert 'schedules:\n  eve: {days: fri, from: "19:00", to: "20:00", timezone: UTC}\n  mon-08-18' in both


SAME = 'mon-08-18: {days: mon, from: "08:00", to: "18:00", timezone: Europe/Berlin}'
OTHER = SAME.replace("days: mon", "days: tue")


def test_a_schedule_that_the_file_has_already_is_used_as_it_is() -> None:
    text = f"version: 1\nschedules:\n  {SAME}\nions:\n  f: {{alias: live, concurrency: 1}}\n"
    expected = text.replace("concurrency: 1", "concurrency: {mon-08-18: 3, otherwise: 0}")
    assert written(text, f=CLOCKED) == Edited(expected.encode(), ())


@pytest.mark.parametrize(
    ("schedules", "why"),
    [
        (f"schedules:\n  {OTHER}\n", "the file's schedule mon-08-18 says something else: write it by hand"),
        ("schedules:\n", "the file has no place for a schedule: write it by hand"),
        ("schedules: {}\n", "the file has no place for a schedule: write it by hand"),
        ("? schedules\n: {}\n", "the file has no place for a schedule: write it by hand"),
    ],
)
def test_a_schedule_that_can_not_be_written_is_told_and_the_other_numbers_are_written(schedules: str, why: str) -> None:
    text = f"version: 1\n{schedules}ions:\n  f: {{alias: live, concurrency: 1}}\n  g: {{alias: live, concurrency: 1}}\n"
    found = written(text, f=CLOCKED, g=2)
    assert found.text == text.replace("g: {alias: live, concurrency: 1}", "g: {alias: live, concurrency: 2}").encode()
    assert [reason for _, reason in found.told] == [why]


def test_a_schedule_goes_above_the_comment_of_what_follows_and_at_its_margin() -> None:
    text = "  version: 1\n\n  # one\n  # two\n  ions:\n    f: {alias: live, concurrency: 1}\n"
    found = written(text, f=CLOCKED)
    head = f"  version: 1\n\n  schedules:\n    {SAME}\n\n  # one\n  # two\n  ions:\n"
    assert found == Edited(f"{head}    f: {{alias: live, concurrency: {{mon-08-18: 3, otherwise: 0}}}}\n".encode(), ())


def test_a_warning_that_moves_down_a_line_is_no_obstacle() -> None:
    night = 'n: {days: tue, from: "01:30", to: "05:00", timezone: Europe/Berlin}'
    text = f"version: 1\nschedules:\n  {night}\nions:\n  f: {{alias: live, concurrency: 1}}\n"
    expected = text.replace(f"  {night}", f"  {SAME}\n  {night}")
    expected = expected.replace("concurrency: 1", "concurrency: {mon-08-18: 3, otherwise: 0}")
    assert written(text, f=CLOCKED) == Edited(expected.encode(), ())


def test_a_file_in_braces_has_no_place_for_a_schedule() -> None:
    text = "{version: 1, ions: {f: {alias: live, concurrency: 1}}}\n"
    assert written(text, f=2).text == text.replace("concurrency: 1", "concurrency: 2").encode()
    found = written(text, f=CLOCKED)
    assert found.text == text.encode()
    assert [why for _, why in found.told] == ["the file has no place for a schedule: write it by hand"]


@given(
    st.lists(st.integers(0, 99), min_size=1, max_size=6),
    st.lists(st.integers(0, 99), min_size=6, max_size=6),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\ufeff"]),
    st.text("äöü☃ #'\"", max_size=9),
)
def test_every_other_byte_stays(old: list[int], new: list[int], newline: str, bom: str, comment: str) -> None:
    lines = ["version: 1", f"# {comment}", "ions:"]
    ions = "  f{}:  {{ alias: live,  concurrency:  {} }} # {}"
    lines += [ions.format(number, value, comment) for number, value in enumerate(old)]
    text = bom + newline.join(lines) + newline
    config = parse(text.encode(), source="w")
    found = edited(text.encode(), config, {one.where: new[place] for place, one in enumerate(config.desired)})
    head = len(lines) - len(old)
    changed = [*lines[:head], *(ions.format(place, new[place], comment) for place in range(len(old)))]
    assert found == Edited((bom + newline.join(changed) + newline).encode(), ())


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (tuple(Weekday), "daily"),
        (tuple(Weekday)[:5], "mon-fri"),
        (tuple(Weekday)[5:], "[sat, sun]"),
        ((Weekday.SUN,), "sun"),
        ((1,), "[1]"),
        ((28, 29, 30), "[28, 29, 30]"),
    ],
)
def test_days_are_written_as_people_write_them_and_read_back(days: Days, words: str) -> None:
    assert days_words(days) == words
    text = f'version: 1\nschedules: {{s: {{days: {words}, from: "08:00", to: "09:00", timezone: UTC}}}}\n'
    ions = "ions: {f: {alias: live, concurrency: {s: 1, otherwise: 0}}}\n"
    (one,) = parse((text + ions).encode(), source="w").desired
    assert isinstance(one.concurrency, Scaled)
    assert one.concurrency.windows[0].schedule.days == days


def test_lines_to_be_pasted() -> None:
    assert proposal_lines(3) == ("concurrency: 3",)
    assert proposal_lines(CLOCKED) == (
        'schedules: {mon-08-18: {days: mon, from: "08:00", to: "18:00", timezone: Europe/Berlin}}',
        "concurrency: {mon-08-18: 3, otherwise: 0}",
    )
    assert concurrency_words(Scaled((), Bounds(2, 9), 0.7)) == "{min: 2, max: 9}"
    assert concurrency_words(Scaled((), Bounds(2, 9), 0.5)) == "{min: 2, max: 9, target: 0.5}"
