"""The one place that decides how a stream is written to: colour or none, how wide, and what cannot be encoded.

In: a stream and the environment. Out: a rich Console that adds nothing of its own (no markup, no highlighting, no
wrapping), or a width. NO_COLOR wins over FORCE_COLOR (https://no-color.org, https://force-color.org), and means no
escape sequence at all.
"""

import io
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from rich.console import Console

NARROWEST = 40  # below this a terminal's own wrapping reads no worse than ours

ColorChoice = Literal["auto", "never"]


def console_for(stream: TextIO, *, color: ColorChoice = "auto", environ: Mapping[str, str] = os.environ) -> "Console":
    """A Console on this stream; print a report's Text with it as it is."""
    from rich.console import Console  # noqa: PLC0415 - rich is imported where text is rendered alone

    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")  # an arrow that the encoding lacks is no reason to crash
    colored = color == "auto" and wants_color(stream, environ)
    return Console(
        file=stream,
        force_terminal=colored,
        color_system="standard" if colored else None,
        no_color=not colored,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=True,
    )


def wants_color(stream: TextIO, environ: Mapping[str, str]) -> bool:
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
