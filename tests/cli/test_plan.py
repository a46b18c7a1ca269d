"""A plan says beforehand whether `apply` would be refused, so that a green check means that a merge goes through."""

import pytest
from commandline import Shell

REFUSED = "version: 1\nregion: us-east-1\ndefaults: {alias: live}\nions: {f: 20}\n"


@pytest.fixture
def here(shell: Shell) -> Shell:
    shell.seed("f", "g")
    shell.file(REFUSED)
    return shell


@pytest.mark.parametrize("words", [(), ("--detailed-exitcode",), ("--format", "json"), ("--format", "markdown")])
def test_a_plan_that_apply_would_refuse_exits_3_and_recommends_nothing(here: Shell, words: tuple[str, ...]) -> None:
    ran = here.reconcile("plan", *words)
    assert (ran.code, ran.err) == (3, "")
    assert "starves-latest" in ran.out
    assert here.reconcile("apply", "--yes").code == 3


def test_what_is_lifted_for_a_plan_is_lifted_in_the_apply_that_it_recommends(here: Shell) -> None:
    ran = here.reconcile("plan", "--allow", "starves-latest")
    assert ran.code == 0
    assert "To make these changes: reconcile apply --allow starves-latest." in ran.err
    assert here.reconcile("plan", "--allow", "starves-latest", "--detailed-exitcode").code == 2
    assert here.reconcile("plan", "--allow", "over-limit").code == 3
    assert here.reconcile("apply", "--allow", "starves-latest", "--yes").code == 0


def test_an_ion_that_is_blocked_counts_before_a_refusal_and_a_refusal_before_changes(here: Shell) -> None:
    here.file(REFUSED.replace("f: 20", "f: 20, g: 1"))
    assert here.reconcile("plan", "--detailed-exitcode").code == 3
    here.file(REFUSED.replace("f: 20", "f: 20, missing: 1"))
    assert here.reconcile("plan", "--detailed-exitcode").code == 1


def test_what_is_in_sync_is_never_refused(here: Shell) -> None:
    here.reconcile("apply", "--yes", "--allow", "starves-latest")
    assert here.reconcile("plan", "--detailed-exitcode").code == 0
