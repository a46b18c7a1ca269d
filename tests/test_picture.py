"""The README's picture is what the program prints today."""

from pathlib import Path

from paint import PICTURE, paint


def test_the_picture_shows_what_plan_prints(tmp_path: Path) -> None:
    assert paint(tmp_path) == PICTURE.read_text(encoding="utf-8"), "paint it anew: python tests/paint.py"
