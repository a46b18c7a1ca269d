"""The blocks of code in the README and in the page of recipes, for the tests that run them."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
RECIPES = (ROOT / ".ci" / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"(?:<!-- (?P<mark>[^>]*) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)


def blocks(kind: str, page: str = README) -> Iterator[tuple[str, str]]:
    """(mark, text) of every block of a kind."""
    for found in FENCE.finditer(page):
        if found["kind"] == kind:
            yield found["mark"] or "", found["text"]
