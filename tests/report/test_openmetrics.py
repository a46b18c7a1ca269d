"""`status --format openmetrics`: what a textfile collector reads, and what it must not be told."""

import pytest
from commandline import Shell
from prometheus_client.openmetrics.parser import text_string_to_metric_families

FILE = """
version: 1
region: us-east-1
defaults: {alias: live}
ions: {f: {concurrency: 2}, g: {concurrency: 0}}
"""


def samples(text: str) -> dict[tuple[str, str], float]:
    """Each sample by its name and function, as a strict reader of the format finds it."""
    return {
        (sample.name, sample.labels.get("function", "")): sample.value
        for family in text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
        for sample in family.samples
    }


@pytest.fixture
def warm(shell: Shell) -> Shell:
    shell.file(FILE)
    shell.seed("f", "g")
    assert shell.reconcile("apply", "--yes").code == 0
    return shell


def test_every_ion_has_its_gauges(warm: Shell) -> None:
    warm.deploy("g", Timeout=44)
    ran = warm.reconcile("status", "--format", "openmetrics")
    assert ran.code == 0
    assert ran.out.endswith("# EOF\n")
    told = samples(ran.out)
    assert told.pop(("reconcile_last_success_timestamp_seconds", "")) == pytest.approx(warm.endpoint.clock(), abs=60)
    assert told == {
        ("reconcile_ion_readable", "f"): 1,
        ("reconcile_ion_readable", "g"): 1,
        ("reconcile_ion_drift", "f"): 0,
        ("reconcile_ion_drift", "g"): 1,
        ("reconcile_pc_requested", "f"): 2,
        ("reconcile_pc_requested", "g"): 0,
        ("reconcile_pc_allocated", "f"): 2,
        ("reconcile_pc_allocated", "g"): 0,
        ("reconcile_pc_available", "f"): 2,
        ("reconcile_pc_available", "g"): 0,
    }
    labels = 'account="123456789012",alias="live",function="f",region="us-east-1"'
    assert f"reconcile_pc_requested{{{labels}}} 2.0" in ran.out


def test_what_could_not_be_read_has_no_numbers_and_is_no_success(warm: Shell) -> None:
    warm.file(FILE.replace("region: us-east-1\n", 'region: us-east-1\naccount: "999999999999"\n'))
    ran = warm.reconcile("status", "--format", "openmetrics")
    assert ran.code == 1
    assert samples(ran.out) == {("reconcile_ion_readable", "f"): 0, ("reconcile_ion_readable", "g"): 0}


def test_other_commands_have_no_such_format(warm: Shell) -> None:
    assert "invalid choice: 'openmetrics'" in warm.reconcile("plan", "--format", "openmetrics").err
