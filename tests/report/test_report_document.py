import json
import subprocess
import sys
from dataclasses import replace

from report_goldens import check
from report_worlds import DIGEST, applied, everything, hostile, in_sync, key, moved, plan, repaired, unreadable

from reconciler.model.errors import ConfigError, ConnectionFailed, Problem
from reconciler.model.observed import Key, Unreadable
from reconciler.model.outcome import Applied
from reconciler.report.document import apply_document, document, fatal_document, to_text


def test_a_plan_as_json_reads_as_reviewed() -> None:
    check("plan.json", to_text(document(everything(), command="plan")))


def test_an_apply_as_json_reads_as_reviewed() -> None:
    check("apply.json", to_text(apply_document(*applied())))


def test_hostile_text_in_json_reads_as_reviewed() -> None:
    check("hostile.json", to_text(document(hostile(), command="plan")))


def test_json_is_ascii_and_gives_the_foreign_text_back_unchanged() -> None:
    text = to_text(document(hostile(), command="plan"))
    assert text.isascii()
    assert json.loads(text)["warnings"] == list(hostile().warnings)


def test_the_object_has_the_contracts_keys_in_the_contracts_order() -> None:
    content = document(everything(), command="plan")
    assert list(content) == ["format_version", "command", "digest", "summary", "cost", "refusals", "warnings", "ions"]
    assert content["format_version"] == "1.0"
    assert content["digest"] == DIGEST


def test_status_is_the_same_object_under_its_own_name_and_tells_when_versions_were_published() -> None:
    planned = everything()
    status, same = document(planned, command="status"), document(planned, command="plan") | {"command": "status"}
    published = [ion.pop("version_modified") for ion in _ions(status)]
    assert status == same
    assert "2027-01-12T07:59:00+00:00" in published


def test_an_ion_has_the_contracts_keys_in_the_contracts_order() -> None:
    [ion] = _ions(document(plan(moved(key("f"))), command="plan"))
    contract = [
        "account",
        "region",
        "group",
        "function",
        "alias",
        "alias_arn",
        "verdict",
        "why",
        "changes",
        "steps",
        "observed",
    ]
    assert [name for name in ion if name in contract] == contract


def test_an_account_that_is_not_known_makes_no_arn() -> None:
    lost = unreadable(Key("", "", "f", "live"), "no credentials", group=None)
    [ion] = _ions(document(plan(lost), command="plan"))
    assert [ion[name] for name in ("account", "region", "group", "alias_arn", "observed")] == [None] * 5


def test_a_version_that_only_aws_will_number_is_new() -> None:
    [ion] = _ions(document(plan(moved(key("f"))), command="plan"))
    changes, steps = ion["changes"], ion["steps"]
    assert isinstance(changes, list)
    assert isinstance(steps, list)
    assert changes[0]["after"] == "new"
    assert {"op": "move_alias", "version": "new"} in steps


def test_weights_are_told_where_there_are_any() -> None:
    [ion] = _ions(document(plan(repaired(key("f"))), command="plan"))
    observed = ion["observed"]
    assert isinstance(observed, dict)
    assert observed["weights"] == {"7": 1.0}


def test_apply_gives_each_step_an_outcome_and_each_failure_its_error() -> None:
    ions = _ions(apply_document(*applied()))
    steps = [step for ion in ions for step in _steps(ion)]
    assert {step["outcome"] for step in steps} == {"done", "failed", "not_attempted"}
    [failed] = [step for step in steps if step["outcome"] == "failed"]
    assert failed["error"] == {
        "code": "PreconditionFailedException",
        "message": "The Revision Id provided does not match the latest Revision Id.",
        "request_id": "7d1f-aa02",
        "hint": "somebody else moved the alias: plan again",
    }


def test_after_is_what_the_last_look_saw() -> None:
    by_name = {ion["function"]: ion for ion in _ions(apply_document(*applied()))}
    after = by_name["inventory-prod-search"]["after"]
    assert isinstance(after, dict)
    assert (after["available"], after["status"]) == (5, "READY")
    untouched = by_name["inventory-prod-report"]
    assert untouched["after"] == untouched["observed"] is not None


def test_after_is_null_when_nobody_looked_after_a_write() -> None:
    plan, done = applied()
    blind = Applied(tuple(replace(result, after=None) for result in done.results))
    by_name = {ion["function"]: ion for ion in _ions(apply_document(plan, blind))}
    assert by_name["inventory-prod-search"]["after"] is None


def test_a_fatal_error_still_is_an_object_with_every_problem_of_the_file() -> None:
    problems = tuple(Problem(line, 3, f"warm.yaml:{line}:3", "ions.a", "unknown key") for line in (4, 9))
    content = fatal_document("plan", [ConfigError(problems)])
    assert content == {
        "format_version": "1.0",
        "command": "plan",
        "errors": [
            {"message": "ions.a: unknown key", "where": "warm.yaml:4:3", "hint": None},
            {"message": "ions.a: unknown key", "where": "warm.yaml:9:3", "hint": None},
        ],
    }


def test_a_fatal_error_without_a_place_has_none() -> None:
    [error] = _list(fatal_document("apply", [ConnectionFailed("no credentials", hint="aws sso login")])["errors"])
    assert error == {"message": "no credentials", "where": None, "hint": "aws sso login"}


def test_an_ion_whose_second_look_failed_is_null_and_not_empty() -> None:
    broken = replace(in_sync(key("f")), observed=Unreadable("throttled"), verdict=Unreadable("throttled"))
    [ion] = _ions(document(plan(broken), command="plan"))
    assert (ion["verdict"], ion["why"], ion["observed"]) == ("unreadable", "throttled", None)


def test_json_and_markdown_never_import_rich() -> None:
    program = "import sys, reconciler.report.document, reconciler.report.markdown; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def _list(content: object) -> list[object]:
    assert isinstance(content, list)
    return content


def _ions(content: dict[str, object]) -> list[dict[str, object]]:
    ions = content["ions"]
    assert isinstance(ions, list)
    return ions


def _steps(ion: dict[str, object]) -> list[dict[str, object]]:
    steps = ion["steps"]
    assert isinstance(steps, list)
    return steps
