"""The workflow for GitHub among the recipes: each `run` line is run, and it is what a reviewer would let pass."""

import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from commandline import Shell
from readme import RECIPES, blocks
from ruamel.yaml import YAML
from sandboxed import sandboxed

from reconciler.model.deploy import state_machine

[RECIPE] = [
    YAML(typ="safe").load(text) for _, text in blocks("yaml", RECIPES) if text.startswith("# .github/workflows")
]
TRUST, RULE = (json.loads(text) for _, text in blocks("json", RECIPES))
BUILDS = [YAML(typ="safe").load(text) for _, text in blocks("yaml", RECIPES) if text.startswith("# buildspec.yml")]
JOBS: dict[str, Any] = RECIPE["jobs"]
STEPS = [(name, step) for name, job in JOBS.items() for step in job["steps"]]
FILE = "version: 1\nregion: us-east-1\ndefaults: {alias: live, concurrency: 0}\nions: {f: {}}\n"  # no wait in real time


@dataclass
class Workflow:
    """One run of it, for an event: `bash -e` as on GitHub, one runner for all jobs."""

    shell: Shell
    event: str
    outputs: dict[str, str] = field(default_factory=dict)
    ran: dict[str, subprocess.CompletedProcess[str]] = field(default_factory=dict)

    def job(self, name: str) -> list[str]:
        """Run its steps until one fails, unless its condition keeps it from running; gives what was printed."""
        if not self._holds(JOBS[name].get("if", "")):
            return []
        printed = []
        for step in JOBS[name]["steps"]:
            if "run" in step and "pip install" not in step["run"] and self._holds(step.get("if", "")):
                ran = self.ran[name] = self._run(step)
                printed.append(ran.stdout)
                if ran.returncode:
                    break
        return printed

    def _run(self, step: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        asked = {name: self._value(value) for name, value in step.get("env", {}).items()}
        output, summary = self.shell.folder / "output", self.shell.folder / "summary"
        own = {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary), "CI": "true"}
        ran = bash(step["run"], asked | own)
        if "id" in step and output.exists():
            pairs = (line.partition("=") for line in output.read_text(encoding="utf-8").splitlines())
            self.outputs |= {name: value for name, _, value in pairs}
        return ran

    def _value(self, expression: str) -> str:
        return self.outputs[expression.removeprefix("${{ needs.plan.outputs.").removesuffix(" }}")]

    def _holds(self, condition: str) -> bool:
        return holds(condition, self.event, self.outputs.get("digest", ""))


def holds(condition: str, event: str, digest: str) -> bool:
    """What GitHub makes of an `if`."""
    values = {"github.event_name": event, "needs.plan.outputs.digest": digest}
    clauses = [re.fullmatch(r"([\w.]+) (==|!=) '(\w*)'", each) for each in condition.split(" && ") if each]
    return all(clause and (values[clause[1]] == clause[3]) == (clause[2] == "==") for clause in clauses)


def bash(script: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-e", "-c", script],
        env={**os.environ, **environment, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def here(shell: Shell) -> Shell:
    shell.seed("f")
    shell.file(FILE)
    return shell


# ---------------------------------------------------------------- what it does


def test_a_pull_request_is_checked_and_nothing_else_is_run(here: Shell) -> None:
    request = Workflow(here, "pull_request")
    assert [bool(request.job(name)) for name in JOBS] == [True, False, False]
    assert "warm.yaml: valid, 1 ion." in request.ran["check"].stdout
    here.file("ions: 1\n")
    request.job("check")
    assert request.ran["check"].returncode == 1
    assert here.calls() == []


def test_after_the_merge_what_was_planned_is_applied(here: Shell) -> None:
    merged = Workflow(here, "push")
    merged.job("check")
    merged.job("plan")
    merged.job("apply")

    assert {name: ran.returncode for name, ran in merged.ran.items()} == {"plan": 0, "apply": 0}
    assert "### reconcile plan: 1 to create" in (here.folder / "summary").read_text(encoding="utf-8")
    assert merged.outputs["digest"] in (here.folder / "summary").read_text(encoding="utf-8")
    assert here.writes() == ["PublishVersion", "CreateAlias"]


def test_where_nothing_is_to_be_changed_nobody_is_asked_to_review(here: Shell) -> None:
    here.reconcile("apply", "--yes")
    merged = Workflow(here, "push")
    merged.job("plan")
    assert merged.outputs == {"digest": ""}
    assert merged.job("apply") == []


def test_what_has_changed_since_the_plan_is_not_applied(here: Shell) -> None:
    merged = Workflow(here, "push")
    merged.job("plan")
    here.deploy("f", Timeout=61)
    here.calls()
    merged.job("apply")
    assert merged.ran["apply"].returncode == 3
    assert here.writes() == []


def test_a_plan_that_is_refused_or_blocked_ends_the_run(here: Shell) -> None:
    here.file(FILE.replace("f: {}", "f: 20"))
    refused = Workflow(here, "push")
    refused.job("plan")
    here.file(FILE.replace("f: {}", "missing: 1"))
    blocked = Workflow(here, "push")
    blocked.job("plan")
    assert [each.ran["plan"].returncode for each in (refused, blocked)] == [3, 1]
    assert [each.outputs for each in (refused, blocked)] == [{}, {}]
    assert "Apply refuses this plan" in (here.folder / "summary").read_text(encoding="utf-8")


def test_in_the_morning_it_fails_when_aws_is_not_as_the_file_says(here: Shell) -> None:
    cold = Workflow(here, "schedule")
    cold.job("plan")
    here.reconcile("apply", "--yes")
    warm = Workflow(here, "schedule")
    warm.job("plan")
    assert [each.ran["plan"].returncode for each in (cold, warm)] == [2, 0]
    assert cold.job("apply") == []


@pytest.mark.parametrize("text", [FILE, "ions: 1\n"])
def test_commands_of_the_log_are_off_while_anything_is_printed_and_on_again_afterwards(here: Shell, text: str) -> None:
    here.file(text)
    for event, name in (("pull_request", "check"), ("schedule", "plan")):
        for printed in Workflow(here, event).job(name):
            first, *_, last = printed.splitlines()
            assert re.fullmatch("::stop-commands::[0-9a-f]{64}", first)
            assert last == f"::{first.rpartition(':')[2]}::"


def wheel(folder: Path, content: str) -> str:
    """A wheel in `vendor/`; gives its line in a lock file."""
    folder.joinpath("vendor").mkdir(exist_ok=True)
    path = folder / "vendor" / "locked-1.0-py3-none-any.whl"
    info = "locked-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("locked.py", content)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: locked\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", f"locked.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"./vendor/{path.name} \\\n    --hash=sha256:{digest}\n"


def test_what_is_installed_has_the_hash_of_the_lock_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    [install] = {step["run"] for _, step in STEPS if "pip install" in step.get("run", "")}
    lock, offline = tmp_path / "reconcile.lock", {"PIP_NO_INDEX": "1", "PIP_TARGET": str(tmp_path / "installed")}

    lock.write_text(wheel(tmp_path, "right = True"), encoding="utf-8")
    assert bash(install, offline).returncode == 0
    assert (tmp_path / "installed" / "locked.py").read_text(encoding="utf-8") == "right = True"

    wheel(tmp_path, "right = False")
    swapped = bash(install, offline)
    assert swapped.returncode != 0
    assert "DO NOT MATCH THE HASHES" in swapped.stderr


# ---------------------------------------------------------------- what a reviewer looks for


def test_no_job_has_a_permission_that_it_does_not_need() -> None:
    assert RECIPE["permissions"] == {}
    read, role = {"contents": "read"}, {"contents": "read", "id-token": "write"}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {"check": read, "plan": role, "apply": role}


def test_what_a_pull_request_brings_never_runs_beside_a_role() -> None:
    assert set(RECIPE["on"]) == {"pull_request", "push", "schedule"}
    assert RECIPE["on"]["push"]["branches"] == ["main"]
    with_role = {name for name, job in JOBS.items() if "id-token" in job["permissions"]}
    for event in ("pull_request", "push", "schedule"):
        runs = {name for name, job in JOBS.items() if holds(job["if"], event, "any")}
        assert (runs & with_role == set()) == (event == "pull_request")
    assert all("environment" in JOBS[name] for name in with_role)


def test_every_action_is_pinned_by_the_commit_of_a_release_that_is_named() -> None:
    text = next(text for _, text in blocks("yaml", RECIPES) if text.startswith("# .github/workflows"))
    used = re.findall(r"uses: (.*)", text)
    assert len(used) == sum("uses" in step for _, step in STEPS) > 0
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} +# v\d+\.\d+\.\d+", each) for each in used)


def test_packages_are_installed_before_there_are_credentials_and_checkouts_keep_none() -> None:
    for name, job in JOBS.items():
        order = [step.get("run", step.get("uses", "")).partition("@")[0] for step in job["steps"]]
        install = next(index for index, each in enumerate(order) if each.startswith("pip install"))
        credentials = [index for index, each in enumerate(order) if "credentials" in each]
        assert all(install < index for index in credentials), name
    checkouts = [step for _, step in STEPS if "checkout" in step.get("uses", "")]
    assert len(checkouts) == len(JOBS)
    assert all(step["with"] == {"persist-credentials": False} for step in checkouts)


def test_runs_do_not_overlap_and_end() -> None:
    assert RECIPE["concurrency"]["cancel-in-progress"] is False
    assert all(0 < job["timeout-minutes"] <= 60 for job in JOBS.values())


def test_the_digest_is_that_of_the_same_runs_plan_and_no_expression_stands_in_a_script() -> None:
    assert JOBS["apply"]["needs"] == "plan"
    assert JOBS["plan"]["outputs"] == {"digest": "${{ steps.plan.outputs.digest }}"}
    assert [step["env"] for _, step in STEPS if "env" in step] == [{"DIGEST": "${{ needs.plan.outputs.digest }}"}]
    assert not any("${{" in step.get("run", "") for _, step in STEPS)


def test_a_role_trusts_exactly_the_job_of_its_environment() -> None:
    [statement] = TRUST["Statement"]
    assert set(statement["Condition"]) == {"StringEquals"}
    issuer = "token.actions.githubusercontent.com"
    assert statement["Condition"]["StringEquals"] == {
        f"{issuer}:aud": "sts.amazonaws.com",
        f"{issuer}:sub": f"repo:ORG/REPO:environment:{JOBS['plan']['environment']}",
    }
    assert JOBS["apply"]["environment"] == "warm-apply"


def test_the_rule_is_for_deploys_that_succeeded_and_its_pattern_is_one_that_aws_takes() -> None:
    assert RULE["detail"]["status"] == ["SUCCEEDED"]
    (machine,) = RULE["detail"]["stateMachineArn"]
    assert machine.endswith(f":stateMachine:{state_machine('my-group')}")
    with sandboxed() as aws:
        events = aws.client("events")
        events.put_rule(Name="deployed", EventPattern=json.dumps(RULE))
        assert json.loads(events.describe_rule(Name="deployed")["EventPattern"]) == RULE


@pytest.mark.parametrize("build", BUILDS, ids=["after a deploy", "every night"])
def test_the_builds_install_what_is_locked_and_run_what_works(build: dict[str, Any], shell: Shell) -> None:
    shell.seed("my-group-f")
    shell.file(FILE.replace("ions: {f: {}}", "groups: {my-group: {ions: {f: }}}"))
    (install,) = build["phases"]["install"]["commands"]
    assert install == next(step["run"] for _, step in STEPS if "pip install" in step.get("run", ""))
    (command,) = build["phases"]["build"]["commands"]
    program, *words = command.split()
    assert program == "reconcile"
    if words[0] == "plan":
        assert shell.reconcile(*words).code == 2
        shell.reconcile("apply", "--yes")
    assert shell.reconcile(*words).code == 0
