"""The README's picture is what the program prints today."""

import re
from pathlib import Path

from paint import PICTURE, paint

README = Path(__file__).parent.parent / "README.md"


def test_the_picture_shows_what_plan_prints(tmp_path: Path) -> None:
    assert paint(tmp_path) == PICTURE.read_text(encoding="utf-8"), "paint it anew: python tests/paint.py"


def test_the_text_instead_of_the_picture_counts_what_the_picture_shows() -> None:
    (alternative,) = re.findall(
        r"!\[A plan: (.*), with .*\]\(tests/picture/plan\.svg\)", README.read_text(encoding="utf-8")
    )
    words = re.sub(r"<[^>]*>", "", PICTURE.read_text(encoding="utf-8")).replace("&#160;", " ")
    (counts,) = re.findall(r"Plan: (.*), 0 in sync\.", words)
    shown = [count for count in counts.split(", ") if not count.startswith("0 ")]
    assert alternative.replace("1 ion to create", "1 to create").split(", ") == shown
