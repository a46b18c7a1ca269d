"""The README's commands are run, so that they can't rot."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator

import pytest
from commandline import Shell
from readme import README, RECIPES, blocks

from reconciler.cli.arguments import parser
from reconciler.config import parse


def _commands() -> Iterator[list[str]]:
    """Every `reconcile …` line in blocks of shell that are not marked otherwise."""
    for mark, text in blocks("sh"):
        if not mark:
            yield from (shlex.split(line, comments=True) for line in text.splitlines() if line.strip())


def test_the_blocks_of_shell_are_run_or_marked() -> None:
    marks = [mark.partition(":")[0] for page in (README, RECIPES) for mark, _ in blocks("sh", page) if mark]
    assert marks[:2] == ["first command", "test command"]
    assert set(marks[2:]) == {"not run"}
    assert len(list(_commands())) >= 5


def test_the_commands_work_in_the_order_in_which_they_are_read(shell: Shell) -> None:
    shell.seed("my-group-my-ion", "other")
    shell.monkeypatch.setenv("AWS_REGION", "us-east-1")
    for program, command, *rest in _commands():
        assert program == "reconcile"
        unasked = ["--yes"] if command == "apply" else []
        ran = shell.reconcile(command, *rest, *unasked)
        assert ran.code == 0, (command, ran)
    assert "my-group-my-ion:live" in shell.said[-2].out


def test_every_command_of_the_program_stands_in_the_table_and_no_other() -> None:
    table = README[README.index("## Commands") : README.index("| exit code |")]
    named = set(
        re.findall(
            r"`([a-z-]+)(?: [^`]*)?`",
            "\n".join(line.split("|")[1] for line in table.splitlines()[3:] if line.startswith("|")),
        )
    )
    usage = parser().format_help()
    assert named == set(re.findall(r"^    ([a-z-]+)(?: |$)", usage, re.MULTILINE))


def test_every_option_that_the_readme_names_exists(capsys: pytest.CaptureFixture[str]) -> None:
    known = set()
    for command in re.findall(r"^    ([a-z-]+)(?: |$)", parser().format_help(), re.MULTILINE):
        with pytest.raises(SystemExit):
            parser().parse_args([command, "--help"])
        known |= set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out))
    prose = README[README.index("## Commands") : README.index("## In CI")]
    assert set(re.findall(r"--[a-z][a-z-]+", prose)) <= known


def test_the_file_in_the_readme_is_valid() -> None:
    [(_, text)] = [block for block in blocks("yaml") if block[1].startswith("version:")]
    assert len(parse(text.encode(), source="README.md").desired) == 7


def test_the_program_can_be_run_as_a_module() -> None:
    ran = subprocess.run([sys.executable, "-m", "reconciler", "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("reconcile ")
