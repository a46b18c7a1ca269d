"""Rows that fit the width they are shown at: in columns where there is room, stacked where there is not.

In: sections of entries made of styled pieces. Out: lines of pieces, one by one. Names, ARNs and other words are never
cut or broken: a line that is still too long is left to the terminal, which lets it be copied whole. Text without
a terminal has no width; it is wrapped like a page of PAGE columns.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

PAGE: Final = 100
GLUE: Final = "\u00a0"  # between words that belong on one line; shown as a space
LEAST_DETAIL: Final = 44  # columns that the details need beside the names
MARGIN: Final = 2
STACKED_INDENT: Final = 6
GAP: Final = 2

Piece = tuple[str, str]  # text, rich style
Line = tuple[Piece, ...]
Labelled = tuple[Piece, Line]  # a line below a row, after a short label


@dataclass(frozen=True, slots=True)
class Entry:
    """One ion: the row itself, the details beside or below it, and labelled lines that are below in any layout."""

    symbol: str
    word: str
    style: str
    name: str
    details: tuple[Line, ...] = ()
    below: tuple[Labelled, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    entries: tuple[Entry, ...]


def line(text: str, style: str = "") -> Line:
    return ((text, style),)


def glued(phrases: Iterable[str]) -> str:
    """Phrases with commas between; a line breaks after a comma, never inside a phrase."""
    return ", ".join(phrase.replace(" ", GLUE) for phrase in phrases)


def section_lines(section: Section, width: int | None) -> Iterator[Line]:
    """The title, an empty line, the rows."""
    page = width or PAGE
    yield from wrapped(line(section.title, "bold"), page)
    yield ()
    word_width = max(cells(entry.word) for entry in section.entries)
    name_width = max(cells(entry.name) for entry in section.entries)
    beside = MARGIN + 2 + word_width + GAP + name_width + GAP
    padded = word_width if beside - GAP <= page else 0
    for entry in section.entries:
        head = f"{entry.symbol} {entry.word:<{padded}}"
        if page - beside >= LEAST_DETAIL and entry.details:
            yield from _in_columns(entry, head, name_width, (beside, page))
        else:
            yield from _stacked(entry, head, page)
        yield from _below(entry.below, page)


def _in_columns(entry: Entry, head: str, name_width: int, columns: tuple[int, int]) -> Iterator[Line]:
    beside, width = columns
    padding = " " * (name_width - cells(entry.name) + GAP)
    first: Line = ((" " * MARGIN, ""), (head, entry.style), (" " * GAP, ""), (entry.name, ""), (padding, ""))
    for number, detail in enumerate(_all_wrapped(entry.details, width, beside)):
        yield first + detail[1:] if number == 0 else detail


def _stacked(entry: Entry, head: str, width: int) -> Iterator[Line]:
    yield ((" " * MARGIN, ""), (head, entry.style), (" " * GAP, ""), (entry.name, ""))
    yield from _all_wrapped(entry.details, width, STACKED_INDENT)


def _below(below: Sequence[Labelled], width: int) -> Iterator[Line]:
    label_width = max((cells(label) for (label, _), _ in below), default=0)
    indent = STACKED_INDENT + label_width + GAP
    for (label, style), content in below:
        for number, part in enumerate(wrapped(content, width, indent=indent)):
            first: Line = ((" " * STACKED_INDENT, ""), (label.ljust(label_width + GAP), style))
            yield first + part[1:] if number == 0 else part


def _all_wrapped(details: Iterable[Line], width: int, indent: int) -> Iterator[Line]:
    for detail in details:
        yield from wrapped(detail, width, indent=indent)


def wrapped(content: Line, width: int, *, indent: int = 0) -> Iterator[Line]:
    """Break a line between words so that it fits; every part starts with the indent as a piece of its own."""
    margin: Piece = (" " * indent, "")
    row: list[Piece] = [margin]
    used = indent
    for word, style in _words(content):
        if used > indent and used + cells(word.rstrip()) > width:
            yield _trimmed(row)
            row, used = [margin], indent
            word = word.lstrip()  # noqa: PLW2901 - a row never starts with the space before its first word
        row.append((word, style))
        used += cells(word)
    yield _trimmed(row)


def _words(content: Line) -> Iterator[Piece]:
    """Each word with the spaces that follow it."""
    for text, style in content:
        start = 0
        while start < len(text):
            space = text.find(" ", start)
            end = len(text) if space < 0 else space + 1
            yield text[start:end], style
            start = end


def _trimmed(row: Sequence[Piece]) -> Line:
    text, style = row[-1]
    return (*row[:-1], (text.rstrip(), style)) if len(row) > 1 else tuple(row)


def cells(text: str) -> int:
    """Columns on a screen, which for some scripts is not the number of characters."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
