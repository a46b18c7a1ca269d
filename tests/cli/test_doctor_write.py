"""`doctor --write`: what is advised is put into the file after a yes, and nothing else of it changes."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from commandline import ACCOUNT, Shell

FILE = """\
version: 1   # ours
ions:
  shop-add: {alias: live, concurrency: 1}   # busy
  shop-get: {alias: live}
"""
ADVISED = FILE.replace("concurrency: 1}", "concurrency: 4}")


@pytest.fixture
def busy(shell: Shell) -> Shell:
    """An ion of which four environments were busy around the clock, and one is kept warm."""
    shell.monkeypatch.setenv("AWS_REGION", "us-east-1")
    shell.seed("shop-add", "shop-get")
    client = shell.client()
    for name in ("shop-add", "shop-get"):
        version = client.publish_version(FunctionName=name)["Version"]
        client.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
    client.put_provisioned_concurrency_config(
        FunctionName="shop-add", Qualifier="live", ProvisionedConcurrentExecutions=1
    )
    values = {
        "ProvisionedConcurrencyInvocations": 900,
        "ProvisionedConcurrencySpilloverInvocations": 300,
        "ConcurrentExecutions": 4,
    }
    dimensions = [{"Name": "FunctionName", "Value": "shop-add"}, {"Name": "Resource", "Value": "shop-add:live"}]
    now = datetime.fromtimestamp(shell.endpoint.clock(), UTC)
    shell.endpoint.client("cloudwatch", account=ACCOUNT, region="us-east-1").put_metric_data(
        Namespace="AWS/Lambda",
        MetricData=[
            {"MetricName": name, "Dimensions": dimensions, "Value": value, "Timestamp": now - timedelta(hours=hour)}
            for hour in range(1, 7 * 24)
            for name, value in values.items()
        ],
    )
    shell.file(FILE)
    return shell


def test_with_yes_the_number_is_written_and_the_difference_shown(busy: Shell) -> None:
    ran = busy.reconcile("doctor", "--write", "--yes")
    assert ran.code == 0
    assert "too-few" in ran.out
    assert "      + concurrency: 4\n" in ran.out
    assert "-  shop-add: {alias: live, concurrency: 1}   # busy\n+  shop-add: {alias: live, concurrency: 4}" in ran.err
    assert "warm.yaml is changed; `reconcile plan` shows what follows." in ran.err
    assert Path("warm.yaml").read_text(encoding="utf-8") == ADVISED


def test_without_a_terminal_nothing_is_written(busy: Shell) -> None:
    ran = busy.reconcile("doctor", "--write")
    assert ran.code == 3
    assert "cannot prompt for approval: stdin is not a terminal. The file is not changed" in ran.err
    assert Path("warm.yaml").read_text(encoding="utf-8") == FILE


def test_what_somebody_writes_while_the_question_stands_is_not_lost(busy: Shell) -> None:
    edited = f"{FILE}# a colleague was here\n"

    class Terminal(StringIO):
        """Somebody else saves the file as the question comes up."""

        def isatty(self) -> bool:
            Path("warm.yaml").write_text(edited, encoding="utf-8")
            return True

    ran = busy.reconcile("doctor", "--write", stdin=Terminal("yes\n"))
    assert ran.code == 3
    assert "warm.yaml was changed meanwhile, and is left as it is now" in ran.err
    assert Path("warm.yaml").read_text(encoding="utf-8") == edited


def test_a_link_stays_a_link_and_the_mode_stays(busy: Shell) -> None:
    Path("warm.yaml").rename("real.yaml")
    Path("real.yaml").chmod(0o640)
    Path("warm.yaml").symlink_to("real.yaml")
    assert busy.reconcile("doctor", "--write", "--yes").code == 0
    assert Path("warm.yaml").is_symlink()
    assert Path("real.yaml").read_text(encoding="utf-8") == ADVISED
    assert Path("real.yaml").stat().st_mode & 0o777 == 0o640


def test_an_inherited_number_is_told_and_left(busy: Shell) -> None:
    inherited = "version: 1\ndefaults: {alias: live, concurrency: 1}\nions: {shop-add: }\n"
    busy.file(inherited)
    ran = busy.reconcile("doctor", "--write", "--yes")
    assert "not written: it stands in a `defaults`, or comes by a merge" in ran.err
    assert "Nothing to write." in ran.err
    assert Path("warm.yaml").read_text(encoding="utf-8") == inherited


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["-c", "-", "--write"], "--write changes a file, and -c - is standard input"),
        (["--yes"], "--yes goes with --write"),
    ],
)
def test_there_has_to_be_a_file_to_write_and_something_to_say_yes_to(busy: Shell, words: list[str], told: str) -> None:
    ran = busy.reconcile("doctor", *words)
    assert ran.code == 1
    assert told in ran.err


def test_what_is_written_advises_nothing_more(busy: Shell) -> None:
    busy.reconcile("doctor", "--write", "--yes")
    busy.reconcile("apply", "--yes")
    ran = busy.reconcile("doctor", "--write", "--yes")
    assert "Nothing to write." in ran.err
