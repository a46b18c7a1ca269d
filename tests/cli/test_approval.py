"""What may be applied: saved plans, digests, refusals and a person's yes, over the command line's own entry."""

import io
import json
import os
import pty
from pathlib import Path
from typing import TextIO

import pytest
from commandline import Ran, Shell

FILE = "version: 1\nregion: us-east-1\ndefaults: {alias: live}\nions: {f: 1, g: 1}\n"


@pytest.fixture
def two(shell: Shell) -> Shell:
    """Two functions in a file, neither with an alias yet."""
    shell.seed("f", "g")
    shell.file(FILE)
    return shell


def digest_of(ran: Ran) -> str:
    return str(json.loads(ran.out)["digest"])


def planned(shell: Shell) -> str:
    return digest_of(shell.reconcile("plan", "--format", "json"))


# ---------------------------------------------------------------- saved plans


def test_a_saved_plan_is_applied_without_a_question_and_nothing_is_left_to_do(two: Shell) -> None:
    assert two.reconcile("plan", "--out", "plan.json").code == 0

    assert two.reconcile("apply", "plan.json").code == 0

    assert two.reconcile("plan", "--detailed-exitcode").code == 0
    two.calls()
    assert two.reconcile("apply", "plan.json").code == 0, "nothing is left of it, which is fine"
    assert not two.writes()


def test_a_saved_plan_may_be_applied_in_part_before_and_the_rest_goes_on(two: Shell) -> None:
    two.reconcile("plan", "--out", "plan.json")
    assert two.reconcile("apply", "--yes", "--only", "g").code == 0

    assert two.reconcile("apply", "plan.json").code == 0

    assert two.reconcile("plan", "--detailed-exitcode").code == 0


def test_an_ion_that_is_half_done_is_planned_again_and_the_message_says_so(two: Shell) -> None:
    two.reconcile("plan", "--out", "plan.json")
    two.client().publish_version(FunctionName="f")  # what a killed apply leaves
    two.calls()

    refused = two.reconcile("apply", "plan.json")

    assert refused.code == 3
    assert "was applied in part" in refused.err
    assert "plan again" in refused.err
    assert not two.writes()


def test_a_plan_approved_for_one_latest_never_publishes_another(two: Shell) -> None:
    two.reconcile("plan", "--out", "plan.json")
    two.deploy("f", Timeout=99)
    two.calls()

    refused = two.reconcile("apply", "plan.json")

    assert refused.code == 3
    assert "the world has changed" in refused.err
    assert not two.writes()


def test_a_plan_made_while_latest_was_updating_is_not_finished_by_its_file(two: Shell) -> None:
    two.client().update_function_configuration(FunctionName="f", Timeout=99)
    two.reconcile("plan", "--out", "plan.json")
    two.endpoint.clock.advance(60)
    two.calls()

    assert two.reconcile("apply", "plan.json").code == 3
    assert not two.writes()


@pytest.mark.parametrize(
    "file",
    [
        FILE.replace("f: 1", "f: 2"),
        FILE.replace("live", "blue"),
        FILE.replace(", g: 1", ""),
        FILE.replace("{f: 1", "{f: {concurrency: 1, version: unmanaged}"),
        FILE + "limits: {concurrency: 1}\n",
    ],
)
def test_a_plan_of_a_file_that_asks_for_something_else_is_not_approved(two: Shell, file: str) -> None:
    two.reconcile("plan", "--out", "plan.json")
    two.file(file)
    two.calls()

    refused = two.reconcile("apply", "plan.json")

    assert refused.code == 3
    assert "asks for something else" in refused.err
    assert not two.calls(), "nothing was even read"


def test_comments_and_order_of_the_file_do_not_count(two: Shell) -> None:
    two.reconcile("plan", "--out", "plan.json")
    two.file("# ours\nions: {g: 1, f: 1}  # two\nregion: us-east-1\ndefaults:\n  alias: live\nversion: 1\n")

    assert two.reconcile("apply", "plan.json").code == 0


def test_how_many_writes_are_new_is_told(two: Shell) -> None:
    two.reconcile("apply", "--yes", "--only", "f")
    two.reconcile("plan", "--only", "g", "--out", "plan.json")
    two.deploy("g", Timeout=33)

    ran = two.reconcile("apply", "plan.json")

    assert ran.code == 3
    assert ran.err.startswith("Error: the saved plan lacks 1 of the 3 writes that are needed now: ")


def test_a_saved_plan_keeps_to_the_ions_that_were_selected_for_it(two: Shell) -> None:
    two.reconcile("plan", "--only", "g", "--out", "plan.json")

    assert two.reconcile("apply", "plan.json", "--format", "json").code == 0

    assert [ion["function"] for ion in json.loads(two.said[-1].out)["ions"]] == ["g"]


def test_a_saved_plan_and_a_digest_have_both_to_hold(two: Shell) -> None:
    two.reconcile("plan", "--out", "plan.json")
    two.calls()

    assert two.reconcile("apply", "plan.json", "--expect", "sha256:0").code == 3
    assert not two.writes()
    assert two.reconcile("apply", "plan.json", "--expect", planned(two)).code == 0


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "nonsense", '{"format_version": "1.0"}'])
def test_a_plan_that_is_not_whole_is_an_error(two: Shell, text: str) -> None:
    Path("plan.json").write_text(text, encoding="utf-8")

    ran = two.reconcile("apply", "plan.json")

    assert ran.code == 1
    assert "plan.json" in ran.err
    assert not two.calls()


def test_a_plan_that_does_not_exist_is_an_error(two: Shell) -> None:
    assert two.reconcile("apply", "nowhere.json").code == 1


# ---------------------------------------------------------------- digests


def test_the_expected_digest_is_an_approval_with_or_without_its_prefix(two: Shell) -> None:
    digest = planned(two)

    assert two.reconcile("apply", "--only", "f", "--expect", digest).code == 3, "the plan of a part is another"
    assert two.reconcile("apply", "--expect", digest.removeprefix("sha256:")).code == 0


def test_another_digest_is_refused_and_the_present_one_is_told(two: Shell) -> None:
    digest = planned(two)
    two.deploy("f", Timeout=99)
    two.calls()

    refused = two.reconcile("apply", "--expect", digest, "--yes")

    assert refused.code == 3, "a yes does not make it another plan"
    assert digest in refused.err
    assert planned(two) in refused.err
    assert not two.writes()


def test_an_empty_plan_meets_any_digest(two: Shell) -> None:
    digest = planned(two)
    two.reconcile("apply", "--yes")

    assert two.reconcile("apply", "--expect", digest).code == 0


# ---------------------------------------------------------------- refusals


def test_a_refusal_is_lifted_by_its_code_and_by_no_other(shell: Shell) -> None:
    shell.seed("f")
    shell.file("version: 1\nregion: us-east-1\ndefaults: {alias: live}\nions: {f: 20}\n")

    assert shell.reconcile("plan").code == 3, "a green check means that the merge will not be refused"
    assert shell.reconcile("plan", "--detailed-exitcode", "--allow", "over-limit").code == 3
    assert shell.reconcile("plan", "--allow", "nonsense").code == 1
    lifted = shell.reconcile("plan", "--allow", "starves-latest")
    assert (lifted.code, "reconcile apply --allow starves-latest." in lifted.err) == (0, True)
    shell.calls()
    refused = shell.reconcile("apply", "--yes")
    assert refused.code == 3
    assert "20 are reserved: none left" in refused.out
    assert "--allow starves-latest" in refused.err
    markdown = shell.reconcile("apply", "--yes", "--format", "markdown").out
    assert "### reconcile apply: 1 to create\n" in markdown
    assert shell.reconcile("apply", "--yes", "--allow", "over-limit").code == 3
    assert not shell.writes()
    assert shell.reconcile("apply", "--yes", "--allow", "starves-latest", "--allow", "mass-removal").code == 0


def test_a_refusal_stands_before_a_saved_plan_and_a_digest(shell: Shell) -> None:
    shell.seed("f")
    shell.file("version: 1\nregion: us-east-1\ndefaults: {alias: live}\nions: {f: 20}\n")
    shell.reconcile("plan", "--out", "plan.json")

    assert shell.reconcile("apply", "plan.json").code == 3
    assert shell.reconcile("apply", "--expect", planned(shell)).code == 3
    assert shell.reconcile("apply", "plan.json", "--allow", "starves-latest").code == 0


@pytest.mark.parametrize("code", ["nonsense", ""])
def test_an_unknown_code_is_an_error(two: Shell, code: str) -> None:
    ran = two.reconcile("apply", "--yes", "--allow", code)

    assert ran.code == 1
    assert "starves-latest" in ran.err
    assert not two.calls()


def test_a_refusal_that_was_lifted_is_told_as_lifted(shell: Shell) -> None:
    shell.seed("f")
    shell.file("version: 1\nregion: us-east-1\ndefaults: {alias: live}\nions: {f: 20}\n")

    ran = shell.reconcile("apply", "--yes", "--allow", "starves-latest")

    assert ran.code == 0
    assert "Lifted by --allow: starves-latest\n  f: provisioned concurrency would go from 0 to 20" in ran.out
    assert "refuses" not in ran.out
    assert "all the same" not in ran.out


def test_no_allow_lifts_the_wrong_account(shell: Shell) -> None:
    shell.seed("f")
    shell.file('version: 1\naccount: "000000000000"\nregion: us-east-1\nions: {f: {alias: live}}\n')

    ran = shell.reconcile("apply", "--yes", "--allow", "wrong-account")

    assert ran.code == 3
    assert "refused (wrong-account)" in ran.err
    assert not shell.writes()


def test_in_json_a_refused_plan_is_one_object_with_the_plan_and_the_error(shell: Shell) -> None:
    shell.seed("f")
    shell.file("version: 1\nregion: us-east-1\ndefaults: {alias: live}\nions: {f: 20}\n")

    refused = shell.reconcile("apply", "--yes", "--format", "json")

    said = json.loads(refused.out)
    assert refused.code == 3
    assert [each["code"] for each in said["refusals"]] == ["starves-latest"]
    assert "nothing was written" in said["errors"][0]["message"]
    ion = said["ions"][0]
    assert {(step["outcome"], step["error"]) for step in ion["steps"]} == {("not_attempted", None)}
    assert ion["after"] == ion["observed"]


def test_in_json_an_error_before_the_plan_is_one_object_too(two: Shell) -> None:
    Path("plan.json").write_text("{", encoding="utf-8")

    ran = two.reconcile("apply", "plan.json", "--format", "json")

    assert "not a whole plan" in json.loads(ran.out)["errors"][0]["message"]


# ---------------------------------------------------------------- who is not asked


def test_blocked_ions_do_not_stop_the_others_and_end_in_an_error(shell: Shell) -> None:
    shell.seed("f")
    shell.file(FILE)

    ran = shell.reconcile("apply", "--yes")

    assert ran.code == 1
    assert shell.client().get_alias(FunctionName="f", Name="live")["FunctionVersion"] == "1"


def test_ions_that_only_settle_need_no_approval(two: Shell) -> None:
    two.reconcile("apply", "--yes", "--no-wait")
    two.calls()

    ran = two.reconcile("apply")

    assert ran.code == 0
    assert not two.writes()
    assert two.reconcile("plan", "--detailed-exitcode").code == 0


# ---------------------------------------------------------------- a person


@pytest.mark.parametrize(
    ("answer", "code"), [("yes", 0), ("no", 3), ("y", 3), ("", 3), ("YES", 3), ("yes please", 3), (" yes ", 0)]
)
def test_on_a_terminal_it_asks_and_takes_only_yes_for_a_yes(two: Shell, answer: str, code: int) -> None:
    with _terminal(answer + "\n") as terminal:
        two.calls()
        ran = two.reconcile("apply", stdin=terminal)

    assert ran.code == code
    asked = f"Change 2 ions in 123456789012 us-east-1 at {two.endpoint.url}, which is not AWS? Only 'yes' is accepted: "
    assert asked in ran.err
    assert bool(two.writes()) == (code == 0)


def test_a_terminal_that_is_closed_is_no_yes(two: Shell) -> None:
    with _terminal("\x04") as terminal:
        assert two.reconcile("apply", stdin=terminal).code == 3


def test_the_error_after_a_closed_terminal_stands_on_a_line_of_its_own(two: Shell) -> None:
    with _terminal("\x04") as terminal:
        assert "\nError: not approved" in two.reconcile("apply", stdin=terminal).err


@pytest.mark.parametrize("form", ["json", "markdown"])
def test_whoever_is_asked_has_seen_the_plan_in_every_format(two: Shell, form: str) -> None:
    with _terminal("no\n") as terminal:
        ran = two.reconcile("apply", "--format", form, stdin=terminal)

    assert ran.code == 3
    assert ran.err.index("+ create  f:live") < ran.err.index("Change 2 ions in")
    assert "+ create  f:live" not in ran.out


def _terminal(typed: str) -> TextIO:
    """A pseudo-terminal at which somebody has typed this."""
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    return os.fdopen(theirs, "r", encoding="utf-8")


def test_standard_input_that_is_closed_is_nobody_to_ask(two: Shell) -> None:
    closed = io.StringIO()
    closed.close()
    ran = two.reconcile("apply", stdin=closed)

    assert ran.code == 3
    assert "cannot prompt for approval" in ran.err
