"""Whether there is anything to do, and whether it may be done: one answer for every plan and every `--allow`."""

import pytest
from decide_cases import Raw, plan_of

from reconciler.decide.applicability import applicability

PENDING: Raw = {"file": {"f": 2}}
STARVING: Raw = {"file": {"f": 20}, "observed": {"f": {"latest": {"reserved": 20}}}}
IN_SYNC: Raw = {"file": {"f": 2}, "observed": {"f": {"pc": 2}}}
SETTLING: Raw = {"file": {"f": 2}, "observed": {"f": {"pc": {"working": 2, "allocated": 1}}}}
BESIDE_BLOCKED: Raw = {"file": {"f": 2, "g": 1}, "observed": {"g": "no function"}}
BESIDE_UNREADABLE: Raw = {"file": {"f": 2, "g": 1}, "observed": {"g": "denied"}}
WRONG_ACCOUNT: Raw = {**IN_SYNC, "wrong_account": [["1", "2"]]}


@pytest.mark.parametrize(
    ("case", "lifted", "expected"),
    [
        (PENDING, [], (1, 0, [], True)),
        (IN_SYNC, [], (0, 0, [], False)),
        (SETTLING, [], (0, 0, [], False)),
        (STARVING, [], (1, 0, ["starves-latest"], False)),
        (STARVING, ["starves-latest"], (1, 0, [], True)),
        (STARVING, ["over-limit"], (1, 0, ["starves-latest"], False)),
        (BESIDE_BLOCKED, [], (1, 1, [], True)),
        (BESIDE_UNREADABLE, [], (1, 1, [], True)),
        (WRONG_ACCOUNT, ["wrong-account"], (0, 0, ["wrong-account"], False)),
    ],
)
def test_what_can_be_applied(case: Raw, lifted: list[str], expected: object) -> None:
    answer = applicability(plan_of(case), lifted)

    refused = [refusal.code for refusal in answer.refusals]
    assert (answer.changes, answer.troubled, refused, answer.can_apply) == expected
