"""`--help` of each command: what it is for, examples that work, exit codes; readable on a narrow terminal."""

import re
import shlex

import pytest

from reconciler.cli import main
from reconciler.cli.arguments import parser
from reconciler.cli.epilogs import CODES, EXAMPLES
from reconciler.model.errors import NotApproved, UsageError
from reconciler.model.refusals import LIFTABLE, WRONG_ACCOUNT

COMMANDS = re.findall(r"^    ([a-z-]+)(?: |$)", parser().format_help(), re.MULTILINE)


def _help(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as left:
        main.main([*words, "--help"])
    assert left.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_ends_with_examples_and_its_exit_codes(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    *_, examples, codes = _help([command], capsys).split("\n\n")
    assert re.search(rf"^examples:\n  reconcile {command}\b", examples)
    assert re.search(r"^exit codes:\n  0    .+(\n.*)*\n  1    ", codes)


def test_the_commands_with_help_are_all_commands() -> None:
    assert set(COMMANDS) == set(EXAMPLES) == set(CODES)


@pytest.mark.parametrize(
    "words",
    [shlex.split(each) for lines in EXAMPLES.values() for line in lines for each in re.split("&&|[<>]", line)],
    ids=" ".join,
)
def test_every_example_is_one_that_the_command_line_takes(words: list[str]) -> None:
    if words[0] == "reconcile":
        assert parser().parse_args(words[1:]).command == words[1]
    else:
        assert len(words) == 1, "the file of a redirection"


@pytest.mark.parametrize("command", COMMANDS)
def test_exit_code_2_is_told_of_the_commands_that_have_it_and_3_of_those_that_refuse(command: str) -> None:
    try:
        parser().parse_args([command, "--detailed-exitcode"])
    except UsageError:
        has_2 = False
    else:
        has_2 = True
    assert (2 in CODES[command]) == has_2
    assert (NotApproved.exit_code in CODES[command]) == (command in {"plan", "apply"})


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_the_refusals_that_can_be_lifted_are_listed_and_the_one_that_cannot_is_not(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    said = _help([command], capsys)
    assert all(code in said for code in LIFTABLE), "whole, however narrow it is"
    assert WRONG_ACCOUNT not in said


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("words", [[], *([command] for command in COMMANDS)], ids=" ".join)
def test_help_keeps_to_the_width_of_the_terminal(
    words: list[str], width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    assert max(map(len, _help(words, capsys).splitlines())) <= width
