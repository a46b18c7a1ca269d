"""`--profile` and `--region` fill in what the file leaves open; what it says they never override."""

import json

import pytest
from commandline import Shell

OPEN = "version: 1\ndefaults: {alias: live}\nions: {f: 1}\n"
HALF = OPEN + "groups: {there: {region: us-west-2, ions: {g: 1}}}\n"


def _regions(shell: Shell, *words: str) -> list[tuple[str, str]]:
    """Function and region of each ion of a command's JSON."""
    ran = shell.reconcile(*words, "--format", "json")
    return [(ion["function"], ion["region"]) for ion in json.loads(ran.out)["ions"]]


@pytest.mark.parametrize("command", ["plan", "status", "apply"])
def test_the_region_is_that_of_the_option_where_the_file_and_only_then_the_environment_names_none(
    command: str, shell: Shell
) -> None:
    shell.monkeypatch.setenv("AWS_REGION", "eu-west-1")
    shell.seed("f", region="eu-central-1")
    shell.file(OPEN)

    assert _regions(shell, command, "--region", "eu-central-1", *(["--yes"] * (command == "apply"))) == [
        ("f", "eu-central-1")
    ]


def test_the_sandbox_of_a_command_is_in_the_region_of_the_option(shell: Shell) -> None:
    shell.file(OPEN)
    assert _regions(shell, "plan", "--sandbox", "--region", "eu-central-1", "--profile", "any") == [
        ("f", "eu-central-1")
    ]


def test_the_profile_is_that_of_the_option_before_the_environments(shell: Shell) -> None:
    shell.seed("f", region="us-east-2")
    shell.file("[profile there]\nregion = us-east-2\n", "config")
    shell.file("[there]\naws_access_key_id = AKIA123456789012\naws_secret_access_key = any\n", "credentials")
    shell.monkeypatch.setenv("AWS_CONFIG_FILE", "config")
    shell.monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "credentials")
    shell.monkeypatch.setenv("AWS_PROFILE", "nowhere")
    shell.file(OPEN)

    assert _regions(shell, "plan", "--profile", "there") == [("f", "us-east-2")]


@pytest.mark.parametrize("command", ["plan", "status", "apply", "doctor"])
@pytest.mark.parametrize(("option", "said"), [("region", "us-east-1"), ("profile", "mine")])
def test_a_file_that_says_another_is_not_overridden(command: str, option: str, said: str, shell: Shell) -> None:
    shell.file(f"{option}: {said}\n{OPEN}")

    ran = shell.reconcile(command, f"--{option}", "other")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[0] == (
        f"Error: warm.yaml:4:8: --{option} says other, and the file says {option} {said} for f"
    )
    assert shell.calls() == []


def test_only_ions_that_are_chosen_can_contradict_an_option(shell: Shell) -> None:
    shell.file(HALF)

    assert "the file says region us-west-2 for there-g" in shell.reconcile("plan", "--region", "us-east-1").err
    assert _regions(shell, "plan", "--region", "us-east-1", "--only", "f") == [("f", "us-east-1")]
    assert _regions(shell, "plan", "--region", "us-west-2") == [("f", "us-west-2"), ("there-g", "us-west-2")]


def test_a_saved_plan_is_applied_where_it_was_made_and_the_hint_says_how(shell: Shell) -> None:
    shell.seed("f", region="eu-central-1")
    shell.seed("f", region="us-east-1")
    shell.file(OPEN)

    planned = shell.reconcile("plan", "--region", "eu-central-1", "--out", "plan.json")

    assert "reconcile apply plan.json --region eu-central-1. In scripts" in planned.err
    elsewhere = shell.reconcile("apply", "plan.json", "--region", "us-east-1")
    assert elsewhere.code == 3
    assert "the saved plan lacks 3 of the 3 writes that are needed now" in elsewhere.err
    assert shell.reconcile("apply", "plan.json", "--region", "eu-central-1").code == 0
