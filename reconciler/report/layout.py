"""Renderables for the reports: paragraphs that rich wraps, and rows that stand in columns where there is room.

In: `rich.text.Text`, foreign text in it already escaped. Out: renderables that adapt to the console's width. Lines
break between words only, so a name, an ARN or a command that is wider than the console runs over its edge and can still
be copied whole; for that reason rows of prose are no `rich.table.Table`, whose cells fold or crop what is too wide.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from reconciler.report.escape import escape

GLUE: Final = "\ue000"  # a space that no line breaks at; private use, so `escape` leaves none in foreign text
LEAST_DETAIL: Final = 44  # cells that the details need beside the names
MARGIN: Final = 2
STACKED_INDENT: Final = 6
GAP: Final = 2
BLANK: Final = ""  # an empty line

Labelled = tuple[Text, Text]  # a short label, and the text that hangs beside it


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text wrapped between words. `head` stands in the first row's indent."""

    text: Text
    indent: int = 0
    head: Text = field(default_factory=Text)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        text = self.text.copy()
        text.overflow = "ignore"  # a word that is too wide is neither cropped nor folded
        head = self.head.copy()
        head.pad_right(max(self.indent - head.cell_len, 0))
        for row in text.wrap(console, max(options.max_width - self.indent, 1), no_wrap=False):
            yield from _literal(Text.assemble(head, row)).render(console, end="\n")
            head = Text(" " * self.indent)


@dataclass(frozen=True, slots=True)
class Unbroken:
    """One line, however wide the console is."""

    text: Text

    def __rich_console__(self, console: Console, _: ConsoleOptions) -> RenderResult:
        yield from _literal(self.text.copy()).render(console, end="\n")


def _literal(row: Text) -> Text:
    """The row as it is printed; escaped, without styles, where harmless pieces add up to a CI's command."""
    row.rstrip()
    row.plain = row.plain.replace(GLUE, " ")
    safe = escape(row.plain)
    return row if safe == row.plain else Text(safe)


def glued(phrases: Iterable[str]) -> str:
    """Phrases with commas between; a line breaks after a comma, never inside a phrase."""
    return ", ".join(phrase.replace(" ", GLUE) for phrase in phrases)


@dataclass(frozen=True, slots=True)
class Entry:
    """One ion: symbol and word, its name, details beside or below it, and labelled lines that are always below.

    `own`: labelled lines, at the end, that only make sense for one ion.
    """

    symbol: str
    word: str
    style: str
    name: str
    details: tuple[Text, ...] = ()
    below: tuple[Labelled, ...] = ()
    own: tuple[Labelled, ...] = ()

    def texts(self) -> tuple[str, ...]:
        """All that it says but its name and what is its own; the details and what is below come last."""
        return (self.word, *(label.plain for label, _ in self.below), *(text.plain for text in self._told()))

    def of_several(self, number: str, texts: Sequence[str], names: Sequence[str]) -> "Entry":
        """One row for all ions of which these texts are true."""
        plain = texts[1 + len(self.below) :]
        told = [Text(text, like.style) for text, like in zip(plain, self._told(), strict=True)]
        details = tuple(told[: len(self.details)])
        below = zip((label for label, _ in self.below), told[len(details) :], strict=True)
        return replace(
            self, name=number, details=details, below=(*below, (Text("ions"), Text(", ".join(names)))), own=()
        )

    def _told(self) -> tuple[Text, ...]:
        return (*self.details, *(text for _, text in self.below))


def section(title: str, entries: Sequence[Entry]) -> Iterator[RenderableType]:
    """The title, a row for each entry, all in the same columns, and an empty line."""
    yield Paragraph(Text(title, "bold"))
    yield BLANK
    word_width = max(cell_len(entry.word) for entry in entries)
    name_width = max(cell_len(entry.name) for entry in entries)
    for entry in entries:
        yield _Row(entry, word_width, name_width)
    yield BLANK


@dataclass(frozen=True, slots=True)
class _Row:
    entry: Entry
    word_width: int
    name_width: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        entry = self.entry
        names_end = MARGIN + 2 + self.word_width + GAP + self.name_width
        word_width = self.word_width if names_end <= options.max_width else 0
        head = Text.assemble(
            " " * MARGIN, (f"{entry.symbol} {entry.word:<{word_width}}", entry.style), " " * GAP, entry.name
        )
        first, *others = entry.details or (Text(),)
        if entry.details and options.max_width - names_end - GAP >= LEAST_DETAIL:
            yield Paragraph(first, names_end + GAP, head)
            yield from (Paragraph(detail, names_end + GAP) for detail in others)
        else:
            yield Unbroken(head)
            yield from (Paragraph(detail, STACKED_INDENT) for detail in entry.details)
        yield from labelled((*entry.below, *entry.own))


def labelled(lines: Sequence[Labelled], gap: int = GAP) -> Iterator[Paragraph]:
    """Texts that hang beside their labels, below a row."""
    width = max((label.cell_len for label, _ in lines), default=0)
    for label, text in lines:
        yield Paragraph(text, STACKED_INDENT + width + gap, Text.assemble(" " * STACKED_INDENT, label))
