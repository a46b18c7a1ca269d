"""`init -o FILE`: a whole new file or none at all, and never over another unless asked to."""

import os
import stat
from pathlib import Path

import pytest
from commandline import Shell

from reconciler.cli import whole_file


@pytest.fixture
def account(shell: Shell) -> Shell:
    shell.monkeypatch.setenv("AWS_REGION", "us-east-1")
    shell.seed("shop-add", "shop-get")
    return shell


def _files(shell: Shell) -> list[str]:
    return sorted(path.name for path in shell.folder.iterdir())


def test_the_file_holds_what_would_have_gone_to_standard_output(account: Shell) -> None:
    printed = account.reconcile("init").out

    ran = account.reconcile("init", "-o", "first.yaml")

    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "Wrote first.yaml: see `reconcile plan -c first.yaml`.\n"
    assert Path("first.yaml").read_text(encoding="utf-8") == printed
    assert printed.startswith(f"# Endpoint: {account.endpoint.url}, which is not AWS\n# warm.yaml, drafted by")
    assert account.reconcile("validate", "-c", "first.yaml").code == 0


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_a_new_file_may_be_read_by_whoever_the_umask_says(account: Shell, umask: int) -> None:
    before = os.umask(umask)
    try:
        account.reconcile("init", "-o", "first.yaml")
    finally:
        os.umask(before)
    assert stat.S_IMODE(Path("first.yaml").stat().st_mode) == 0o666 & ~umask


def test_a_file_that_is_there_is_kept_unless_it_is_to_be_replaced(account: Shell) -> None:
    account.file("mine")
    Path("warm.yaml").chmod(0o640)

    refused = account.reconcile("init", "-o", "warm.yaml")

    assert (refused.code, refused.out) == (1, "")
    assert refused.err == (
        "Error: warm.yaml: nothing is written: it exists already\n  name a new file, or replace this one with --force\n"
    )
    assert Path("warm.yaml").read_text(encoding="utf-8") == "mine"
    assert account.calls() == [], "that is told before anything is read"

    assert account.reconcile("init", "-o", "warm.yaml", "--force").code == 0
    assert account.reconcile("validate").code == 0
    assert stat.S_IMODE(Path("warm.yaml").stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("-", "standard output is for the result; name a file"),
        ("folder", "something that is not a regular file is there"),
        ("link", "something that is not a regular file is there"),
        ("/dev/null", "something that is not a regular file is there"),
        ("nowhere/warm.yaml", "No such file or directory"),
        ("warm.yaml/first", "that is not a file in a folder"),
    ],
)
@pytest.mark.parametrize("force", [(), ("--force",)])
def test_what_is_no_file_is_never_written_to(account: Shell, path: str, said: str, force: tuple[str, ...]) -> None:
    account.file("mine")
    Path("folder").mkdir()
    Path("link").symlink_to("warm.yaml")

    ran = account.reconcile("init", "-o", path, *force)

    assert ran.code == 1
    assert said in ran.err
    assert account.calls() == []
    assert _files(account) == ["folder", "link", "warm.yaml"]
    assert Path("warm.yaml").read_text(encoding="utf-8") == "mine"


def test_a_run_that_fails_leaves_no_file(account: Shell) -> None:
    assert account.reconcile("init", "-o", "first.yaml", "--prefix", "nobody-").code == 1
    assert _files(account) == []


@pytest.mark.parametrize("there", [False, True])
def test_a_full_disk_leaves_no_part_of_a_file(account: Shell, *, there: bool) -> None:
    if there:
        account.file("mine")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    account.monkeypatch.setattr(whole_file, "_fill", full)

    ran = account.reconcile("init", "-o", "warm.yaml", "--force")

    assert (ran.code, ran.err.splitlines()[0]) == (
        1,
        "Error: warm.yaml: nothing is written: No space left on device",
    )
    assert _files(account) == (["warm.yaml"] if there else [])
    assert not there or Path("warm.yaml").read_text(encoding="utf-8") == "mine"


def test_force_alone_is_a_usage_error(account: Shell) -> None:
    ran = account.reconcile("init", "--force")
    assert (ran.code, ran.out) == (1, "")
    assert "--force goes with -o FILE" in ran.err


def test_an_account_of_several_applications_is_told_how_many_functions_are_listed(account: Shell) -> None:
    account.seed("resize", "mail-in", "mail-out")

    said = " ".join(account.reconcile("init", "-o", "all.yaml").err.split())

    assert "All 5 functions of 123456789012, us-east-1 are read and listed: mail-* (2), shop-* (2), resize (1)." in said
    assert "All 5" not in account.reconcile("init", "--prefix", "shop-").err
