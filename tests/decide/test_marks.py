"""The mark of a move: its two forms, what counts as ours, and when it says where the alias came from."""

import pytest

from reconciler.decide.marks import Mark, mark_of, may_be_marked
from reconciler.model.observed import AliasPointer

MOMENT = 1_795_820_400.0
MOVED = "reconcile: 6 -> 7, 2026-11-27T23:00Z"
BACK = "reconcile: rolled back 7 -> 6 (latest 7), 2026-11-27T23:00Z"


def at(version: str, description: str) -> AliasPointer:
    return AliasPointer(version, (), "r", description)


@pytest.mark.parametrize(("mark", "text"), [(Mark("6", "7"), MOVED), (Mark("7", "6", "7"), BACK)])
def test_a_mark_reads_back_as_what_was_written(mark: Mark, text: str) -> None:
    assert mark.text(MOMENT) == text
    assert mark_of(at(mark.after, text)) == mark
    assert len(Mark("1" * 18, "2" * 18, "3" * 18).text(MOMENT)) <= 256


def test_a_mark_says_nothing_of_an_alias_that_was_moved_since() -> None:
    assert mark_of(at("9", MOVED)) is None
    assert may_be_marked(at("9", MOVED))


@pytest.mark.parametrize("description", ["blue/green by Ann", "reconcile: by hand", f"{MOVED}!", f"see {MOVED}"])
def test_a_persons_words_are_no_mark_and_stay(description: str) -> None:
    assert mark_of(at("7", description)) is None
    assert not may_be_marked(at("7", description))


def test_no_words_are_no_mark_and_may_be_marked() -> None:
    assert mark_of(at("7", "")) is None
    assert may_be_marked(at("7", ""))
