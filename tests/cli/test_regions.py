"""A region that botocore does not know is a warning: AWS may have one that is newer."""

import json
import subprocess
import sys

import pytest
from commandline import Shell

FILE = "version: 1\nregion: {region}\ndefaults: {{alias: live}}\nions: {{f: 1}}\n"


@pytest.mark.parametrize("region", ["us-east-1", "eusc-de-east-1", "us-gov-west-1", "cn-north-1", "us-iso-east-1"])
def test_a_region_of_any_partition_is_known(region: str, shell: Shell) -> None:
    shell.file(FILE.format(region=region))
    assert (shell.reconcile("validate").code, shell.said[-1].err) == (0, "")


@pytest.mark.parametrize(
    ("region", "meant"),
    [
        ("us-est-1", "did you mean us-west-1 or us-east-1 or us-west-2?"),
        ("eu-centrl-1", "did you mean eu-central-1 or "),
        ("xx-nowhere-99", "none is spelled alike"),
    ],
)
def test_one_that_no_partition_has_is_a_warning_with_near_names(region: str, meant: str, shell: Shell) -> None:
    shell.file(FILE.format(region=region))

    ran = shell.reconcile("validate")

    assert (ran.code, ran.out) == (0, "warm.yaml: valid, 1 ion.\n")
    said = " ".join(ran.err.split())
    assert f"warm.yaml: region {region} is none that the installed botocore knows; {meant}" in said
    assert "nowhere" not in shell.reconcile("validate", "-q").err
    assert json.loads(shell.reconcile("validate", "--format", "json").out)["ions"] == 1


@pytest.mark.parametrize("command", ["plan", "status", "doctor"])
def test_it_is_told_before_aws_is_asked_too_and_once(command: str, shell: Shell) -> None:
    shell.file(FILE.format(region="us-est-1"))
    assert shell.reconcile(command).err.count("us-est-1 is none that") == 1


def test_the_regions_of_prices_are_looked_at_and_those_of_ions_that_are_left_out_are_not(shell: Shell) -> None:
    prices = "prices: {us-eats-1: {x86_64: 1, arm64: 1}}\n"
    shell.file(FILE.format(region="us-est-1") + prices + "groups: {there: {region: us-west-2, ions: {g: 1}}}\n")

    said = shell.reconcile("validate", "--group", "there").err

    assert "us-eats-1" in said
    assert "us-est-1" not in said


def test_checking_a_file_loads_no_botocore(shell: Shell) -> None:
    shell.file(FILE.format(region="us-est-1"))
    program = (
        "import sys; from reconciler.cli.main import main; main(['validate']); "
        "print({'boto3', 'botocore'} & sys.modules.keys())"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "set()"
    assert "us-est-1" in ran.stderr
