"""What a report prints adds up, to the cent."""

import re
from html import unescape

import pytest
from report_goldens import printed
from scenes import LATEST
from simulation import carried_out, config_of, ion, new_aws, plan_of

from reconciler.model.scaling import Bounds, Scaled
from reconciler.report.markdown import status_markdown
from reconciler.report.status_text import status_text
from reconciler.report.text import plan_text

MOVED = re.compile(r"\$([\d.]+) → \$([\d.]+) a month")
SPAN = re.compile(r"\$([\d.]+) to \$([\d.]+)")


@pytest.mark.parametrize("numbers", [(1, 1, 1, 3, 1, 1, 1, 1), (7,), (1, 2, 3, 5, 7, 11, 13)])
def test_what_is_paid_before_and_what_each_ion_adds_are_what_is_paid_after(numbers: tuple[int, ...]) -> None:
    ions = [ion(f"f{place}", number, LATEST) for place, number in enumerate(numbers)]
    text = printed(plan_text(plan_of(new_aws(*(each.function for each in ions)), config_of(*ions)).plan), width=200)

    *rows, (before, after) = [(float(first), float(second)) for first, second in MOVED.findall(text)]

    assert len(rows) == len(numbers)
    assert before + sum(second - first for first, second in rows) == pytest.approx(after, abs=1e-6)


def test_a_status_gives_a_range_where_load_decides_and_its_total_is_the_sum() -> None:
    config = config_of(ion("f", Scaled((), Bounds(2, 10), 0.7), LATEST), ion("g", 2, LATEST))
    aws = new_aws("f", "g")
    carried_out(aws, config)
    plan = plan_of(aws, config).plan
    assert [each.cost.monthly_least is None for each in plan.ions] == [False, True]

    said = unescape(status_markdown(plan, now=aws.clock.now))
    text = printed(status_text(plan, now=aws.clock.now), width=60)

    for report in (said, text):
        (least, most), (whole_least, whole_most) = (tuple(map(float, row)) for row in SPAN.findall(report))
        fixed = plan.ions[1].cost.monthly_before
        assert most == pytest.approx(5 * least, abs=0.03)
        assert (whole_least - least, whole_most - most) == pytest.approx((fixed, fixed), abs=0.011)


def test_a_status_of_what_differs_gives_what_is_paid_now() -> None:
    aws = new_aws("f")
    carried_out(aws, config_of(ion("f", 3, LATEST)))
    plan = plan_of(aws, config_of(ion("f", Scaled((), Bounds(2, 10), 0.7), LATEST))).plan
    text = printed(status_text(plan, now=aws.clock.now), width=60)
    assert SPAN.findall(text) == []
    assert f"${plan.cost.monthly_before:.2f} a month at list price" in text
