"""From lines of styled pieces to what a stream receives: colour or none, how wide, and what cannot be encoded.

In: the lines of a report, a stream, the environment. Out: strings, or the same written to the stream, line by line, so
that a report of any length needs no memory, and made literal once more as a whole: two harmless pieces may
add up to something that a CI takes for a command. Without colour rich is not imported. NO_COLOR wins over FORCE_COLOR
(https://no-color.org, https://force-color.org), and means no escape sequence at all.
"""

import io
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Final, Literal, TextIO

from reconciler.report.escape import escape
from reconciler.report.layout import GLUE, Line

NARROWEST: Final = 40  # below this a terminal's own wrapping reads no worse than ours

Colour = Literal["auto", "never"]


def write(
    lines: Iterable[Line], stream: TextIO, *, colour: Colour = "auto", environ: Mapping[str, str] = os.environ
) -> None:
    """Write a report to a stream, in colour where the stream and the environment want it."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")  # an arrow that the encoding lacks is no reason to crash
    coloured = colour == "auto" and wants_colour(stream, environ)
    stream.writelines(coloured_lines(lines) if coloured else plain_lines(lines))


def plain_lines(lines: Iterable[Line]) -> Iterator[str]:
    for pieces in lines:
        yield escape("".join(text for text, _ in pieces).replace(GLUE, " ").rstrip()) + "\n"


def coloured_lines(lines: Iterable[Line]) -> Iterator[str]:
    """The sixteen colours that every terminal has and its owner has chosen."""
    for pieces in lines:
        yield "".join(_painted(escape(text.replace(GLUE, " ")), style) for text, style in pieces).rstrip() + "\n"


def _painted(text: str, style: str) -> str:
    if not style or not text:
        return text
    start, end = _codes(style)
    return f"{start}{text}{end}"


@cache
def _codes(style: str) -> tuple[str, str]:
    from rich.color import ColorSystem  # noqa: PLC0415 - rich is imported once something is to be coloured
    from rich.style import Style  # noqa: PLC0415 - as above

    start, end = Style.parse(style).render("\0", color_system=ColorSystem.STANDARD).split("\0")
    return start, end


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether this stream is to receive colours, going by what it is and what the environment says."""
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environ.get("TERM") not in {"dumb", "unknown"}


def width_of(stream: TextIO, *, environ: Mapping[str, str] = os.environ) -> int | None:
    """Columns of the terminal behind this stream, or those that COLUMNS names; None when there is neither."""
    declared = environ.get("COLUMNS", "")
    if declared.isascii() and declared.isdigit() and int(declared) > 0:
        return max(int(declared), NARROWEST)
    if not stream.isatty():
        return None
    try:
        return max(os.get_terminal_size(stream.fileno()).columns, NARROWEST)
    except OSError:
        return None
