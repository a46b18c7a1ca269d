import re

import pytest
from report_goldens import check
from report_worlds import HOSTILE, NOW, applied, everything, hostile, in_sync, key, moved, plan, unreadable

from reconciler.model.outcome import Applied, Failed, IonResult
from reconciler.model.steps import AwaitReady
from reconciler.report.markdown import apply_markdown, code, plan_markdown, prose, status_markdown

COMMENT_LIMIT = 65_536  # GitHub's, in characters


def test_a_plan_as_markdown_reads_as_reviewed() -> None:
    check("plan.md", plan_markdown(everything()))


def test_an_apply_as_markdown_reads_as_reviewed() -> None:
    check("apply.md", apply_markdown(*applied()))


def test_a_status_as_markdown_reads_as_reviewed() -> None:
    check("status.md", status_markdown(everything(), now=NOW))


def test_hostile_text_as_markdown_reads_as_reviewed() -> None:
    check("hostile.md", plan_markdown(hostile()))


def test_a_plan_in_sync_is_one_short_comment() -> None:
    text = plan_markdown(plan(in_sync(key("a"))))
    assert text.startswith("### reconcile plan: no changes\n")
    assert "|" not in text


def test_foreign_text_breaks_no_table() -> None:
    rows = [row for row in plan_markdown(hostile()).splitlines() if row.startswith("|")]
    assert {row.count("|") for row in rows} == {6}


@pytest.mark.parametrize("active", ["<img", "`", "*bold", "@someone", " #12", "https://", "[red]", "\n", "\x1b", "$x"])
def test_nothing_foreign_stays_active(active: str) -> None:
    assert active in HOSTILE
    assert active not in prose(HOSTILE)


def test_a_name_in_code_type_stays_copyable() -> None:
    assert code("inventory-prod-get_items:live") == "`inventory-prod-get_items:live`"


def test_code_type_that_a_span_cannot_hold_is_escaped() -> None:
    assert code("a`|b") == "<code>a&#96;&#124;b</code>"


def test_ten_thousand_ions_still_fit_a_comment() -> None:
    changed = [moved(key(f"inventory-prod-ion-{number}")) for number in range(5000)]
    lost = [
        unreadable(key(f"inventory-prod-lost-{number}"), f"{number}, AccessDeniedException: " + "x" * 200)
        for number in range(5000)
    ]
    text = plan_markdown(plan(*changed, *lost))
    assert len(text) < COMMENT_LIMIT
    assert re.search(r"… and \d+ more; the text and JSON reports have them all\.", text)
    assert re.search(r"- … and \d+ more\n", text)


def test_a_cause_that_ions_share_is_told_once_with_their_number_and_names() -> None:
    lost = [unreadable(key(f"f{number}"), f"AccessDeniedException: no GetAlias on f{number}") for number in range(3)]
    text = plan_markdown(plan(*lost))
    assert (
        "- **3 ions** (`f0:live`, `f1:live`, `f2:live`): AccessDeniedException: no GetAlias on &#60;function&#62;\n"
        in text
    )
    assert text.count("AccessDeniedException") == 1


def test_a_cause_that_thousands_share_still_fits_a_comment_and_is_told() -> None:
    lost = [unreadable(key(f"inventory-prod-lost-{number}"), "the token has expired") for number in range(5000)]
    text = plan_markdown(plan(*lost))
    assert len(text) < COMMENT_LIMIT
    assert "**5000 ions** (" in text
    assert ", 4950 more): the token has expired" in text


def test_one_denial_of_six_ions_is_told_once_after_an_apply() -> None:
    denied = Failed("AccessDeniedException", "no PublishVersion", "r-1", "allow it")
    results = tuple(IonResult(moved(key(f"f{number}")), ((AwaitReady(), denied),)) for number in range(6))
    text = apply_markdown(plan(*(result.plan for result in results)), Applied(results))
    assert text.count("AccessDeniedException") == text.count("allow it") == 1
    assert "<summary>6 failed</summary>" in text


def test_what_somebody_else_owns_is_said() -> None:
    why = "Application Auto Scaling owns the number, between 1 and 10"
    owned = plan(in_sync(key("scaled"), why))
    assert why in plan_markdown(owned)
    assert why in apply_markdown(owned, Applied((IonResult(owned.ions[0], ()),)))
