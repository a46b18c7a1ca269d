"""The README's blocks of code, for the tests that run them."""

import re
from collections.abc import Iterator
from pathlib import Path

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"(?:<!-- (?P<mark>[^>]*) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)


def blocks(kind: str) -> Iterator[tuple[str, str]]:
    """(mark, text) of every block of a kind."""
    for found in FENCE.finditer(README):
        if found["kind"] == kind:
            yield found["mark"] or "", found["text"]
