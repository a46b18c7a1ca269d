"""The golden decisions in `tests/cases`: one file, one test. A file says what is asked and what AWS says, and then all
of what has to be decided: a refusal, a warning or an order that it does not name must not be there.
"""

from pathlib import Path
from typing import Any

import pytest
from decide_cases import plan_of, short_form, spread
from ruamel.yaml import YAML

CASES = sorted((Path(__file__).parent.parent / "cases").glob("*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_is_decided(path: Path) -> None:
    case: Any = YAML(typ="safe").load(path)
    expected = case["expect"]
    expected["ions"] = dict(spread(expected["ions"]))

    decided = short_form(plan_of(case))

    if "cost" not in expected:
        del decided["cost"]
    assert decided == expected


def test_there_are_cases_and_each_says_its_rule_once() -> None:
    rules = [YAML(typ="safe").load(path)["rule"] for path in CASES]
    assert len(rules) >= 90
    assert len(set(rules)) == len(rules)
