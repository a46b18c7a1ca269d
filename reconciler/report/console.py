"""From a report's renderables to what a stream receives: colour or none, how wide, and what cannot be encoded.

In: renderables, a stream, the environment. Out: the text, written to the stream one renderable at a time, so that a
report of any length needs no memory. NO_COLOR wins over FORCE_COLOR (https://no-color.org, https://force-color.org),
and means no escape sequence at all.
"""

import io
import os
import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal, TextIO

from rich.console import Console, RenderableType

PAGE: Final = 100  # columns of text that no terminal shows
NARROWEST: Final = 40  # below this a terminal's own wrapping reads no worse than ours
TRAILING: Final = re.compile(r" +((?:\x1b\[0m)?)$", re.MULTILINE)

Colour = Literal["auto", "never"]


def write(
    renderables: Iterable[RenderableType],
    stream: TextIO,
    *,
    colour: Colour = "auto",
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Write a report to a stream. OSError is the caller's: rich itself would end the program on a closed pipe."""
    console = console_for(stream, colour=colour, environ=environ)
    for renderable in renderables:
        with console.capture() as captured:
            console.print(renderable, soft_wrap=True)  # what is too wide is left to the terminal
        stream.write(TRAILING.sub(r"\1", captured.get()))


def console_for(stream: TextIO, *, colour: Colour = "auto", environ: Mapping[str, str] = os.environ) -> Console:
    """A console as wide as the stream's terminal, or as COLUMNS says; a `terminal` to rich if either is known."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")  # an arrow that the encoding lacks is no reason to crash
    coloured = colour == "auto" and wants_colour(stream, environ)
    width = width_of(stream, environ=environ)
    return Console(
        file=stream,
        width=width or PAGE,
        height=PAGE,  # of no use, but without it rich takes a dumb terminal for 80 columns wide
        force_terminal=width is not None,
        color_system="standard" if coloured else None,
        no_color=not coloured,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ=environ,
    )


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
