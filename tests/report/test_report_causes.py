"""A cause that many ions share, from AWS's answer to what is printed: told once."""

from collections.abc import Mapping
from typing import Any

import pytest
from report_goldens import printed
from report_worlds import key
from scenes import LATEST
from simulation import Aws, carried_out, client_error, config_of, ion, new_aws, plan_of

from reconciler.report.applied_text import apply_text
from reconciler.report.causes import gathered
from reconciler.report.markdown import apply_markdown, plan_markdown, status_markdown
from reconciler.report.status_text import status_text
from reconciler.report.text import plan_text

NAMES = tuple(f"inventory-prod-{name}" for name in ("get", "get-items", "add-item", "report", "search", "import"))
SIX = config_of(*(ion(name, 2, LATEST) for name in NAMES))
WORDS = "is not authorized to perform"


def denied(operation: str) -> Aws:
    """An AWS that denies this operation on every function, each time in words that name the function."""
    aws = new_aws(*NAMES)

    def deny(_: Aws, called: str, params: Mapping[str, Any]) -> None:
        if called == operation:
            arn = f"arn:aws:lambda:us-east-1:123456789012:function:{params['FunctionName']}"
            message = f"User: arn:aws:iam::123456789012:user/ci {WORDS}: lambda:{operation} on resource: {arn}"
            raise client_error(operation, 403, "AccessDeniedException", {"Message": message})

    aws.always = deny
    return aws


def flat(said: str) -> str:
    """Without the breaks of its lines."""
    return " ".join(said.split())


def test_a_read_that_is_denied_on_six_ions_is_one_paragraph_of_plan_and_status() -> None:
    planned = plan_of(denied("GetAlias"), SIX).plan

    for said in (
        printed(plan_text(planned)),
        plan_markdown(planned),
        printed(status_text(planned, now=0.0)),
        status_markdown(planned, now=0.0),
    ):
        assert flat(said).count(WORDS) == 1
        assert "6 ions" in said
    assert all(f"{name}:live" in plan_markdown(planned) for name in NAMES)


def test_a_write_that_is_denied_on_six_ions_is_one_paragraph_of_apply() -> None:
    planned, applied = carried_out(denied("PublishVersion"), SIX)

    text = printed(apply_text(applied))
    assert flat(text).count(WORDS) == 1
    assert "✗ failed  6 ions\n" in text
    assert apply_markdown(planned, applied).count(WORDS) == 1
    assert all(f"{name}:live" in text for name in NAMES)


def test_a_wrong_region_is_one_paragraph_that_suggests_the_region() -> None:
    planned = plan_of(new_aws(), SIX).plan

    for said in (
        printed(plan_text(planned), width=200),
        plan_markdown(planned),
        printed(status_text(planned, now=0.0)),
    ):
        assert flat(said).count("none of the 6 functions is in account") == 1
        assert flat(said).count("Are they in another region?") == 1
        assert "Has ion deploy run" not in said


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (("no function get", "no function get-items"), ["no function <function>"]),
        (("why", "why"), ["why"]),
        (("get is slow", "get is slow"), ["get is slow", "get is slow"]),
        (("get is slow", "get-items is lost"), ["get is slow", "get-items is lost"]),
    ],
)
def test_causes_are_alike_that_differ_by_the_ions_own_name_alone(texts: tuple[str, str], told: list[str]) -> None:
    get, get_items = (key(name) for name in ("get", "get-items"))
    gave = gathered([(get, (texts[0],)), (get_items, (texts[1],))])
    assert [text for _, (text,) in gave] == told
