"""What a report prints adds up, to the cent."""

import re

import pytest
from report_goldens import printed
from scenes import LATEST
from simulation import config_of, ion, new_aws, plan_of

from reconciler.report.text import plan_text

MOVED = re.compile(r"\$([\d.]+) → \$([\d.]+) a month")


@pytest.mark.parametrize("numbers", [(1, 1, 1, 3, 1, 1, 1, 1), (7,), (1, 2, 3, 5, 7, 11, 13)])
def test_what_is_paid_before_and_what_each_ion_adds_are_what_is_paid_after(numbers: tuple[int, ...]) -> None:
    ions = [ion(f"f{place}", number, LATEST) for place, number in enumerate(numbers)]
    text = printed(plan_text(plan_of(new_aws(*(each.function for each in ions)), config_of(*ions)).plan), width=200)

    *rows, (before, after) = [(float(first), float(second)) for first, second in MOVED.findall(text)]

    assert len(rows) == len(numbers)
    assert before + sum(second - first for first, second in rows) == pytest.approx(after, abs=1e-6)
