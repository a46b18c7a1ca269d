import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # comes with the sandbox's extra
from printed import printed
from report_goldens import check
from report_worlds import DIGEST, applied, everything, hostile, in_sync, key, moved, plan, repaired, unreadable

from reconciler.model.errors import ConfigError, ConnectionFailed, Problem
from reconciler.model.observed import Key, Unreadable
from reconciler.model.outcome import Applied
from reconciler.model.plan import IonPlan
from reconciler.report.document import apply_document, error_document, plan_document, status_document, to_text
from reconciler.report.documents import PRINTED, json_schema


def test_a_plan_as_json_reads_as_reviewed() -> None:
    check("plan.json", to_text(plan_document(everything())))


def test_a_status_as_json_reads_as_reviewed() -> None:
    check("status.json", to_text(status_document(everything())))


def test_an_apply_as_json_reads_as_reviewed() -> None:
    check("apply.json", to_text(apply_document(*applied())))


def test_hostile_text_in_json_reads_as_reviewed() -> None:
    check("hostile.json", to_text(plan_document(hostile())))


def test_json_is_ascii_and_gives_the_foreign_text_back_unchanged() -> None:
    text = to_text(plan_document(hostile()))
    assert text.isascii()
    assert json.loads(text)["warnings"] == list(hostile().warnings)


def test_the_object_has_the_contracts_keys_in_the_contracts_order() -> None:
    content = printed(plan_document(everything(), endpoint="sandbox"))
    names = ["format_version", "command", "endpoint", "digest", "summary", "cost", "refusals", "warnings", "ions"]
    assert list(content) == names
    assert [content[name] for name in names[:4]] == ["1.0", "plan", "sandbox", DIGEST]


def test_status_is_the_same_object_under_its_own_name_and_tells_when_versions_were_published() -> None:
    status, planned = printed(status_document(everything())), printed(plan_document(everything()))
    published = [ion.pop("version_modified") for ion in status["ions"]]
    assert status == planned | {"command": "status"}
    assert "2027-01-12T07:59:00+00:00" in published


def test_an_ion_has_the_contracts_keys_in_the_contracts_order() -> None:
    assert list(_ion(moved(key("f")))) == [
        *("account", "region", "group", "function", "alias", "alias_arn", "verdict", "why"),
        *("changes", "steps", "observed", "cost"),
    ]


def test_an_account_that_is_not_known_makes_no_arn() -> None:
    ion = _ion(unreadable(Key("", "", "f", "live"), "no credentials", group=None))
    assert [ion[name] for name in ("account", "region", "group", "alias_arn", "observed")] == [None] * 5


def test_a_version_that_only_aws_will_number_is_new() -> None:
    ion = _ion(moved(key("f")))
    assert ion["changes"][0]["after"] == "new"
    assert {"op": "move_alias", "version": "new"} in ion["steps"]


def test_weights_are_told_where_there_are_any() -> None:
    assert _ion(repaired(key("f")))["observed"]["weights"] == {"7": 1.0}
    assert "weights" not in _ion(moved(key("f")))["observed"]


def test_apply_gives_each_step_an_outcome_and_each_failure_its_error() -> None:
    steps = [step for ion in printed(apply_document(*applied()))["ions"] for step in ion["steps"]]
    assert {step["outcome"] for step in steps} == {"done", "failed", "not_attempted"}
    [failed] = [step for step in steps if step["outcome"] == "failed"]
    assert failed["error"] == {
        "code": "PreconditionFailedException",
        "message": "The Revision Id provided does not match the latest Revision Id.",
        "request_id": "7d1f-aa02",
        "hint": "somebody else moved the alias: plan again",
    }


def test_after_is_what_was_last_observed() -> None:
    by_name = {ion["function"]: ion for ion in printed(apply_document(*applied()))["ions"]}
    after = by_name["inventory-prod-search"]["after"]
    assert (after["available"], after["status"]) == (5, "READY")
    untouched = by_name["inventory-prod-report"]
    assert untouched["after"] == untouched["observed"] is not None


def test_after_is_null_when_nothing_was_observed_after_a_write() -> None:
    plan, done = applied()
    blind = Applied(tuple(replace(result, after=None) for result in done.results))
    by_name = {ion["function"]: ion for ion in printed(apply_document(plan, blind))["ions"]}
    assert by_name["inventory-prod-search"]["after"] is None


def test_a_fatal_error_still_is_an_object_with_every_problem_of_the_file() -> None:
    problems = tuple(Problem(line, 3, f"warm.yaml:{line}:3", "ions.a", "unknown key") for line in (4, 9))
    assert printed(error_document("plan", ConfigError(problems))) == {
        "format_version": "1.0",
        "command": "plan",
        "errors": [
            {"message": "ions.a: unknown key", "where": "warm.yaml:4:3", "hint": None},
            {"message": "ions.a: unknown key", "where": "warm.yaml:9:3", "hint": None},
        ],
    }


def test_a_fatal_error_without_a_place_has_none() -> None:
    [error] = printed(error_document("apply", ConnectionFailed("no credentials", hint="aws sso login")))["errors"]
    assert error == {"message": "no credentials", "where": None, "hint": "aws sso login"}


def test_an_ion_that_became_unreadable_is_null_and_not_empty() -> None:
    ion = _ion(replace(in_sync(key("f")), observed=Unreadable("throttled"), verdict=Unreadable("throttled")))
    assert (ion["verdict"], ion["why"], ion["observed"]) == ("unreadable", "throttled", None)


@pytest.mark.parametrize("command", PRINTED)
def test_the_published_schema_lets_later_versions_add_keys_at_every_level(command: str) -> None:
    def open_to_more(schema: object) -> bool:
        inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
        closed = isinstance(schema, dict) and schema.get("additionalProperties") is False
        return not closed and all(open_to_more(each) for each in inner)

    assert open_to_more(json_schema(command))


@pytest.mark.parametrize("left_out", ["format_version", "digest", "summary", "ions"])
def test_the_published_schema_refuses_a_document_that_lacks_a_key(left_out: str) -> None:
    document = printed(plan_document(everything()))
    validator = Draft202012Validator(json_schema("plan"))
    validator.validate(document | {"added": 1})
    del document[left_out]
    assert not validator.is_valid(document)


def test_json_and_markdown_never_import_rich() -> None:
    program = "import sys, reconciler.report.document, reconciler.report.markdown; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def _ion(ion: IonPlan) -> dict[str, Any]:
    [only] = printed(plan_document(plan(ion)))["ions"]
    return dict(only)
