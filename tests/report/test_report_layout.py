import itertools

from hypothesis import given
from hypothesis import strategies as st
from report_goldens import printed
from rich.cells import cell_len
from rich.text import Text

from reconciler.report.layout import Entry, Paragraph, glued, section

WORDS = st.lists(st.text("abc-日", min_size=1, max_size=30), min_size=1, max_size=12)
WIDTHS = st.integers(40, 60)


def rows_of(words: list[str], width: int, indent: int = 0) -> list[str]:
    return printed([Paragraph(Text(" ".join(words)), indent)], width=width).splitlines()


@given(WORDS, WIDTHS, st.integers(0, 8))
def test_wrapping_keeps_every_word_whole_and_in_order(words: list[str], width: int, indent: int) -> None:
    assert [word for row in rows_of(words, width, indent) for word in row.split()] == words


@given(WORDS, WIDTHS, st.integers(0, 8))
def test_a_wrapped_row_fits_unless_it_is_one_word(words: list[str], width: int, indent: int) -> None:
    for row in rows_of(words, width, indent):
        assert row.startswith(" " * indent)
        assert cell_len(row) <= width or len(row.split()) == 1


@given(WORDS, WIDTHS)
def test_no_row_is_broken_earlier_than_it_must(words: list[str], width: int) -> None:
    for row, following in itertools.pairwise(rows_of(words, width)):
        assert cell_len(f"{row} {following.split()[0]}") > width


def test_glued_phrases_break_after_commas_alone() -> None:
    report = [Paragraph(Text(glued(["version 7 → new", "concurrency 2 → 5", "$0.00 → $10.95 a month"])))]
    assert printed(report, width=40).splitlines() == ["version 7 → new, concurrency 2 → 5,", "$0.00 → $10.95 a month"]
    assert printed(report).splitlines() == ["version 7 → new, concurrency 2 → 5, $0.00 → $10.95 a month"]


def test_a_label_stands_once_beside_its_paragraph() -> None:
    entry = Entry("~", "changed", "", "f:live", below=((Text("note"), Text("word " * 12)),))
    *_, first, second, _ = printed(section("place", [entry]), width=60).splitlines()
    assert first == "      note  word word word word word word word word word"
    assert second == "            word word word"
