"""Whole outputs held against files. REGENERATE_GOLDENS=1 writes them anew, to be reviewed as a diff."""

import io
import os
from collections.abc import Iterable
from pathlib import Path

from printed import read_back
from rich.console import RenderableType

from reconciler.report.console import write

GOLDEN = Path(__file__).parent / "golden"


def check(name: str, output: str) -> None:
    path = GOLDEN / name
    if os.environ.get("REGENERATE_GOLDENS"):
        path.write_text(output, encoding="utf-8", newline="")
    expected = path.read_bytes().decode("utf-8")
    assert output == expected, f"{name} differs; REGENERATE_GOLDENS=1 writes it anew"
    if name.endswith(".json"):
        read_back(output)


def printed(
    report: Iterable[RenderableType], environ: dict[str, str] | None = None, *, width: int | None = None
) -> str:
    """What a stream receives: a terminal of this width, or none; FORCE_COLOR=1 in `environ` pins the colours."""
    stream = io.StringIO()
    columns = {} if width is None else {"COLUMNS": str(width)}
    write(report, stream, environ={**columns, **(environ or {})})
    return stream.getvalue()
