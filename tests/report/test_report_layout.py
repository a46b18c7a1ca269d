import itertools

from hypothesis import given
from hypothesis import strategies as st

from reconciler.report.layout import GLUE, Line, cells, glued, wrapped

WORDS = st.lists(st.text("abc-日", min_size=1, max_size=30), min_size=1, max_size=12)


def words_of(rows: list[Line]) -> list[str]:
    return [word for row in rows for word in "".join(text for text, _ in row).split(" ") if word]


@given(WORDS, st.integers(20, 60), st.integers(0, 8))
def test_wrapping_keeps_every_word_whole_and_in_order(words: list[str], width: int, indent: int) -> None:
    rows = list(wrapped(((" ".join(words), ""),), width, indent=indent))
    assert words_of(rows) == words


@given(WORDS, st.integers(20, 60), st.integers(0, 8))
def test_a_wrapped_row_fits_unless_it_is_one_word(words: list[str], width: int, indent: int) -> None:
    for row in wrapped(((" ".join(words), ""),), width, indent=indent):
        text = "".join(piece for piece, _ in row)
        assert text.startswith(" " * indent)
        assert cells(text) <= width or len(text.split()) == 1


@given(WORDS, st.integers(20, 60))
def test_no_row_is_broken_earlier_than_it_must(words: list[str], width: int) -> None:
    rows = ["".join(piece for piece, _ in row) for row in wrapped(((" ".join(words), ""),), width)]
    for row, following in itertools.pairwise(rows):
        assert cells(f"{row} {following.split()[0]}") > width


def test_glued_phrases_break_after_commas_alone() -> None:
    line = ((glued(["version 7 → new", "concurrency 2 → 5"]), ""),)
    rows = ["".join(text for text, _ in row).replace(GLUE, " ") for row in wrapped(line, 20)]
    assert rows == ["version 7 → new,", "concurrency 2 → 5"]
