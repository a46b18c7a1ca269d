"""Where AWS differs from the sandbox's model, and whether the law holds there (tests/README.md says how to run)."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from live_account import LiveTarget, clean, create_role, wait
from live_questions import QUESTIONS, Answer, expected
from recorded import CASES, run

from reconciler.decide.price import HOME, MB_A_GB, X86_MICRO_USD

SECONDS_A_FUNCTION, SECONDS_A_WARMING, MEMORY_MB, MOST_UNITS = 10, 100, 128, 5
TRIED = tuple(case for case in CASES if case["call"]["op"] != "Invoke")
WARMING_QUESTIONS = 4  # each allocates twice: the alias, and its move
PLAN = ("plan", "--detailed-exitcode")
CHANGES = 2  # the exit code of a plan that changes something


def announced(region: str) -> str:
    """What a whole run takes and costs, counted from what it creates."""
    puts = sum(step.get("op") == "PutProvisionedConcurrencyConfig" for case in TRIED for step in case["setup"])
    warmings = puts + 2 * WARMING_QUESTIONS + 1
    seconds = warmings * SECONDS_A_WARMING
    price = X86_MICRO_USD.get(region, X86_MICRO_USD[HOME]) / 1e6
    usd = seconds * MOST_UNITS * MEMORY_MB / MB_A_GB * price
    minutes = (seconds + (len(TRIED) + len(QUESTIONS) + 1) * SECONDS_A_FUNCTION) / 60
    return f"Creates functions of {MEMORY_MB} MB: about {minutes:.0f} minutes, at most ${usd:.2f} in {region}."


def clients(region: str, *, checked: bool = True) -> Callable[[str], Any]:
    """Clients by service, which leave it to AWS to refuse parameters unless `checked`."""
    session: Any = boto3.Session(region_name=region)
    return partial(session.client, config=Config(parameter_validation=checked, retries={"total_max_attempts": 8}))


def _tried(what: Callable[[], object]) -> str:
    """ "" or, in one line, what was seen in place of what was expected."""
    try:
        what()
    except (AssertionError, LookupError) as differs:  # another answer, or one without a member
        return " ".join(str(differs).split())[:300] or "differs"
    return ""


def _law(prefix: str, account: str, target: LiveTarget, folder: Path) -> None:
    """Create, plan, apply, plan: the last plan changes nothing."""
    request = {"FunctionName": "law", "Runtime": "python3.12", "Handler": "handler.handler"}
    target.must("CreateFunction", {**request, "Role": "", "Code": {}})
    target.settle()
    ion = f"{prefix}law: {{alias: live, concurrency: 1}}"
    text = f'version: 1\naccount: "{account}"\nregion: {target.region}\nions:\n  {ion}\n'
    (folder / "warm.yaml").write_text(text, encoding="utf-8")
    for words, code in ((PLAN, CHANGES), (("apply", "--yes"), 0), (PLAN, 0)):
        command = [str(Path(sys.executable).with_name("reconcile")), *words, "-c", "warm.yaml"]
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert ran.returncode == code, f"{words[0]} ended with {ran.returncode}: {ran.stdout} {ran.stderr}"


def _all(target: LiveTarget, only: str, say: Callable[[str], None]) -> list[dict[str, Any]]:
    seen = []
    for case in TRIED:
        if only not in case["id"]:
            continue
        target.clients.clear()
        target.remembered.clear()
        target.client_of = clients(target.region, checked=not case.get("no_client_validation", False))
        differs = _tried(partial(run, case, target))
        target.remove("f")
        seen.append({"case": case["id"], "differs": differs})
        if differs:
            say(f"DIFFERS case {case['id']}: {differs}")
    for question in QUESTIONS:
        if only not in question.__name__:
            continue
        try:
            answer = question(target)
        except (AssertionError, LookupError) as failed:
            answer = Answer("no answer", " ".join(str(failed).split())[:300])
        target.remove("f")
        differs = "" if answer.value == expected(question) else f"the model says {expected(question)}"
        seen.append({"question": question.__name__, "answer": str(answer.value), "evidence": answer.evidence})
        seen[-1]["differs"] = differs
        say(f"{'DIFFERS' if differs else 'as modelled'} {question.__name__}: {answer.value} ({answer.evidence})")
    return seen


def test_aws_is_as_the_model_says(
    pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    session = boto3.Session(region_name=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"))

    def say(line: str) -> None:
        with capsys.disabled():
            print(line, flush=True)  # noqa: T201 - what the run is for

    if prefix := pytestconfig.getoption("--live-clean"):
        say(f"Removed: {', '.join(clean(session, prefix)) or 'nothing was left'}.")
        return
    region = session.region_name
    say("\n" + announced(region))
    account = session.client("sts").get_caller_identity()["Account"]
    if pytestconfig.getoption("--live-account") != account:
        pytest.fail("Nothing was created. To go on: --live-account ID, with the caller's own account.", pytrace=False)
    prefix = f"reconcile-live-{secrets.token_hex(4)}-"
    say(f"If this is killed: pytest tests/live --live-clean {prefix}")
    target = LiveTarget(clients(region), account, region, lambda _seconds: None, 0, 0, 0, prefix=prefix)
    target.advance = target.settle
    only = pytestconfig.getoption("--live-only")
    try:
        target.role = create_role(session, prefix)
        wait("the role can be assumed", lambda: _assumed(target), 60)
        seen = _all(target, only, say)
        if only in "law":
            law = _tried(partial(_law, prefix, account, target, tmp_path))
            seen.append({"law": "plan, apply, plan", "differs": law})
            say(f"{'BROKEN' if law else 'holds'} the law{': ' + law if law else ''}")
    finally:
        clean(session, prefix)
    if path := pytestconfig.getoption("--live-record"):
        path.write_text(json.dumps(seen, indent=1).replace(account, "<account>") + "\n", encoding="utf-8")
    differences = [entry for entry in seen if entry["differs"]]
    say(f"Tried {len(seen)}; {len(differences)} differ.")
    if differences:
        pytest.fail(f"{len(differences)} differ from the model", pytrace=False)


def _assumed(target: LiveTarget) -> bool:
    """A new role can be assumed some seconds after its creation; until then CreateFunction is refused."""
    request = {"FunctionName": "f", "Runtime": "python3.12", "Handler": "handler.handler", "Role": "", "Code": {}}
    refused = target.call("CreateFunction", request).error
    assert refused is None or "assumed" in refused["Message"], refused
    if refused is None:
        target.settle()
        target.remove("f")
    return refused is None
