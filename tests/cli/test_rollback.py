"""`rollback`: which version it goes back to, that it is held there until the next change, and what it refuses."""

import json

import pytest
from commandline import Shell

FILE = """
version: 1
groups:
  prod: {region: us-east-1, ions: {f: {alias: live, concurrency: 1}, g: {alias: live}}}
"""
CODE_STAYS = "an ion's code is in the compute group"


@pytest.fixture
def moved(shell: Shell) -> Shell:
    """Both ions were created on 1, then moved on to 2."""
    shell.file(FILE)
    shell.seed("prod-f", "prod-g")
    assert shell.reconcile("apply", "--yes").code == 0
    deploy(shell, 20)
    return shell


def deploy(shell: Shell, timeout: int) -> None:
    for name in ("prod-f", "prod-g"):
        shell.deploy(name, Timeout=timeout)
    assert shell.reconcile("apply", "--yes").code == 0
    shell.calls()


def at(shell: Shell, name: str = "prod-f") -> tuple[str, str]:
    """Where the alias points, and its Description without the moment."""
    alias = shell.client().get_alias(FunctionName=name, Name="live")
    shell.calls()
    return alias["FunctionVersion"], alias["Description"].rpartition(",")[0]


def verdict(shell: Shell, name: str = "prod-f") -> tuple[str, str | None]:
    plan = json.loads(shell.reconcile("plan", "--format", "json").out)
    (ion,) = (ion for ion in plan["ions"] if ion["function"] == name)
    return ion["verdict"], ion["why"]


def test_a_rollback_goes_to_the_version_before_and_is_held_until_the_next_change(moved: Shell) -> None:
    assert at(moved) == ("2", "reconcile: 1 -> 2")

    ran = moved.reconcile("rollback", "prod-f", "--yes")
    assert ran.code == 0, ran.err
    assert CODE_STAYS in " ".join(ran.err.split())
    assert at(moved) == ("1", "reconcile: rolled back 2 -> 1 (latest 2)")
    assert at(moved, "prod-g")[0] == "2", "only what the glob matches"

    assert verdict(moved) == ("in-sync", "held at 1, rolled back from 2")
    assert moved.reconcile("apply", "--yes").code == 0
    assert at(moved)[0] == "1"

    deploy(moved, 30)
    assert at(moved) == ("3", "reconcile: 1 -> 3")
    assert verdict(moved) == ("in-sync", None)


def test_by_the_mark_of_the_last_move_and_not_by_number(moved: Shell) -> None:
    deploy(moved, 30)
    moved.file(FILE.replace("concurrency: 1}", "concurrency: 1, version: 1}"))
    assert moved.reconcile("apply", "--yes").code == 0
    assert at(moved) == ("1", "reconcile: 3 -> 1")
    moved.file(FILE)
    assert moved.reconcile("rollback", "prod-f", "--yes").code == 0
    assert at(moved)[0] == "3"


def test_after_a_rollback_another_one_goes_to_the_highest_below_and_holds_against_the_same_version(
    moved: Shell,
) -> None:
    deploy(moved, 30)
    moved.reconcile("rollback", "prod-f", "--yes")
    moved.reconcile("rollback", "prod-f", "--yes")
    assert at(moved) == ("1", "reconcile: rolled back 2 -> 1 (latest 3)")
    assert verdict(moved) == ("in-sync", "held at 1, rolled back from 2")

    ran = moved.reconcile("rollback", "prod-f", "--yes")
    assert ran.code == 1
    assert "there is no version below 1 to go back to" in ran.out


def test_the_version_that_is_given(moved: Shell) -> None:
    deploy(moved, 30)
    assert moved.reconcile("rollback", "prod-*", "--to", "1", "--yes").code == 0
    assert at(moved) == ("1", "reconcile: rolled back 3 -> 1 (latest 3)")
    assert at(moved, "prod-g") == ("1", "reconcile: rolled back 3 -> 1 (latest 3)")

    ran = moved.reconcile("rollback", "prod-f", "--to", "9", "--yes")
    assert ran.code == 1
    assert "no version 9; the newest there are: 1, 2, 3" in ran.out
    assert not moved.writes()


def test_an_ion_that_the_file_pins_is_blocked(moved: Shell) -> None:
    moved.file(FILE.replace("concurrency: 1}", "concurrency: 1, version: 2}"))
    ran = moved.reconcile("rollback", "prod-f", "--yes")
    assert ran.code == 1
    assert "the file pins version 2: change the pin, and apply" in ran.out
    assert not moved.writes()


def test_what_could_not_be_rolled_back_is_rolled_back_again_and_not_applied(moved: Shell) -> None:
    moved.file(FILE.replace("concurrency: 1", "version: 2"))
    ran = moved.reconcile("rollback", "prod-f", "--yes")
    told = "Not everything is as asked. Once the cause is dealt with, run rollback again.\n"
    assert ran.out.endswith(f"{told}Rollback: 0 created, 0 changed, 0 removed, 1 blocked.\n")
    assert "### reconcile rollback: " in moved.reconcile("rollback", "prod-f", "--yes", "--format", "markdown").out


def test_where_a_persons_words_stand_it_moves_and_says_that_nothing_holds_it(moved: Shell) -> None:
    moved.client().update_alias(FunctionName="prod-f", Name="live", Description="ask Ann")
    ran = moved.reconcile("rollback", "prod-f", "--yes")
    assert ran.code == 0
    said = " ".join(ran.out.split())
    assert "nothing holds it there: the next apply moves it forward again, unless the file pins `version: 1`" in said
    assert at(moved)[0] == "1"
    assert moved.client().get_alias(FunctionName="prod-f", Name="live")["Description"] == "ask Ann"
    assert verdict(moved)[0] == "pending"


def test_where_latest_has_changed_already_it_says_that_the_next_apply_moves_on(moved: Shell) -> None:
    moved.deploy("prod-f", Timeout=30)
    ran = moved.reconcile("rollback", "prod-f", "--yes")
    assert ran.code == 0
    assert "$LATEST differs from 2 already: the next apply moves it forward again" in " ".join(ran.out.split())
    assert at(moved)[0] == "1"


def test_a_rollback_is_approved_like_an_apply(moved: Shell) -> None:
    ran = moved.reconcile("rollback", "prod-f", "--format", "json")
    assert ran.code == 3
    document = json.loads(ran.out)
    assert document["command"] == "rollback"
    assert not moved.writes()

    assert moved.reconcile("rollback", "prod-f", "--expect", "sha256:no").code == 3
    assert moved.reconcile("rollback", "prod-f", "--expect", document["digest"]).code == 0
    assert moved.writes() == ["UpdateAlias"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "the following arguments are required: GLOB"),
        (["nothing-*"], "warm.yaml: GLOB nothing-* matches no ion"),
        (["prod-f", "--to", "0"], "at least 1"),
        (["prod-f", "--to", "$LATEST"], "is not a whole number"),
    ],
)
def test_bad_usage_is_told(moved: Shell, words: list[str], said: str) -> None:
    ran = moved.reconcile("rollback", *words)
    assert ran.code == 1
    assert said in ran.err
    assert not moved.writes()


def test_a_missing_alias_and_a_missing_function_are_blocked(shell: Shell) -> None:
    shell.file(FILE)
    shell.seed("prod-f")
    ran = shell.reconcile("rollback", "prod-*", "--yes")
    assert ran.code == 1
    assert "no alias live: there is nothing to go back from" in ran.out
    assert "no function prod-g" in ran.out


def test_a_scaled_ion_that_cannot_go_back_costs_what_it_cost(shell: Shell) -> None:
    shell.file(FILE.replace("concurrency: 1", "concurrency: {min: 2, max: 10}"))
    shell.seed("prod-f")
    assert shell.reconcile("apply", "--yes", "--only", "prod-f").code == 0

    ran = shell.reconcile("rollback", "prod-f", "--yes")

    assert ran.code == 1
    assert "there is no version below 1" in ran.out
    (price,) = (line for line in ran.out.splitlines() if line.startswith("Price"))
    assert "unchanged" in price


def test_the_plan_after_a_rollback_does_not_speak_of_other_owners(moved: Shell) -> None:
    assert moved.reconcile("rollback", "prod-*", "--yes").code == 0

    said = moved.reconcile("plan").out

    assert "No changes. 2 ions are left as said above" in said
    assert "thers" not in said
    markdown = moved.reconcile("plan", "--format", "markdown").out
    assert "2 left as said" in markdown
