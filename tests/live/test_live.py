"""Where AWS differs from the sandbox's model, and whether the law holds there (tests/README.md says how to run)."""

import json
import os
import secrets
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from live_account import LiveTarget, clean, create_role, listable, wait
from live_law import WARMINGS, laws
from live_questions import QUESTIONS, Answer, Question, shown
from live_scaling import SCALING_QUESTIONS
from recorded import CASES, LATER, run

from reconciler.decide.price import HOME, MB_A_GB, X86_MICRO_USD
from reconciler.sandbox.control_plane import Behaviour
from reconciler.sandbox.scaling import ScalingBehaviour

SECONDS_A_FUNCTION, SECONDS_A_WARMING, MEMORY_MB, MOST_UNITS = 10, 100, 128, 5
TRIED = tuple(case for case in (*CASES, *LATER) if case["call"]["op"] != "Invoke")
ASKED = (*QUESTIONS, *SCALING_QUESTIONS)
PATIENT = 3  # questions that wait for what may never happen
# Another answer, one of another shape, or none.
NOT_AS_EXPECTED = (AssertionError, LookupError, TypeError, ValueError, ClientError, BotoCoreError)
Say = Callable[[str], None]


def announced(region: str, patience: float) -> str:
    """What a whole run takes and costs, counted from what it creates."""
    puts = sum(step.get("op") == "PutProvisionedConcurrencyConfig" for case in TRIED for step in case["setup"])
    warmings = puts + sum(question.warmings for question in ASKED) + WARMINGS
    seconds = warmings * SECONDS_A_WARMING
    price = X86_MICRO_USD.get(region, X86_MICRO_USD[HOME]) / 1e6
    usd = seconds * MOST_UNITS * MEMORY_MB / MB_A_GB * price
    minutes = (seconds + (len(TRIED) + len(ASKED)) * SECONDS_A_FUNCTION + PATIENT * patience) / 60
    return f"Creates functions of {MEMORY_MB} MB: about {minutes:.0f} minutes, at most ${usd:.2f} in {region}."


def clients(region: str, *, checked: bool = True) -> Callable[[str], Any]:
    """Clients by service, which leave it to AWS to refuse parameters unless `checked`."""
    session: Any = boto3.Session(region_name=region)
    return partial(session.client, config=Config(parameter_validation=checked, retries={"total_max_attempts": 5}))


def expected(switch: str) -> object:
    """What the sandbox's model says."""
    return getattr(Behaviour() if hasattr(Behaviour(), switch) else ScalingBehaviour(), switch)


def _tried(what: Callable[[], object]) -> str:
    """ "" or, in one line, what was seen in place of what was expected."""
    try:
        what()
    except NOT_AS_EXPECTED as differs:
        return " ".join(str(differs).split())[:300] or "differs"
    return ""


def _cases(target: LiveTarget, only: str, say: Say) -> Iterator[dict[str, str]]:
    for case in TRIED:
        if only not in case["id"]:
            continue
        checked = not case.get("no_client_validation", False)
        target.begin(clients(target.region, checked=checked), checked=checked)
        differs = _tried(partial(run, case, target))
        target.end()
        if differs:
            say(f"DIFFERS case {case['id']}: {differs}")
        yield {"case": case["id"], "differs": differs}


def _answers(target: LiveTarget, only: str, say: Say) -> Iterator[dict[str, str]]:
    for question in ASKED:
        if not any(only in switch for switch in question.switches):
            continue
        target.begin(clients(target.region))
        answers = _asked(question, target)
        target.end()
        for switch, answer in answers.items():
            differs = "" if answer.value == expected(switch) else f"the model says {shown(expected(switch))}"
            said = f"{switch}: {shown(answer.value)} ({answer.evidence})"
            say(f"DIFFERS question {said}; {differs}" if differs else f"as modelled {said}")
            yield {"question": switch, "answer": shown(answer.value), "evidence": answer.evidence, "differs": differs}


def _asked(question: Question, target: LiveTarget) -> dict[str, Answer]:
    try:
        return dict(question.ask(target))
    except NOT_AS_EXPECTED as failed:
        nothing = Answer("no answer", " ".join(str(failed).split())[:300])
        return dict.fromkeys(question.switches, nothing)


def _laws(target: LiveTarget, folder: Path, only: str, say: Say) -> Iterator[dict[str, str]]:
    for name, holds in laws(target, folder):
        if only not in name:
            continue
        target.begin(clients(target.region))
        broken = _tried(holds)
        target.end()
        say(f"BROKEN {name}: {broken}" if broken else f"holds {name}")
        yield {"law": name, "differs": broken}


def test_aws_is_as_the_model_says(
    pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    session = boto3.Session(region_name=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"))

    def say(line: str) -> None:
        with capsys.disabled():
            print(line, flush=True)  # noqa: T201 - what the run is for

    if prefix := pytestconfig.getoption("--live-clean"):
        say(f"Removed: {', '.join(clean(session, prefix, say)) or 'nothing was left'}.")
        return
    region, patience = session.region_name, pytestconfig.getoption("--live-patience")
    if not (region and session.get_credentials()):
        pytest.fail("Set AWS_REGION, and credentials or AWS_PROFILE.", pytrace=False)
    say("\n" + announced(region, patience))
    account = session.client("sts").get_caller_identity()["Account"]
    if pytestconfig.getoption("--live-account") != account:
        pytest.fail("Nothing was created. To go on: --live-account ID, with the caller's own account.", pytrace=False)
    prefix = f"reconcile-live-{secrets.token_hex(4)}-"
    say(f"If this is killed: pytest tests/live --live-clean {prefix}")
    target = LiveTarget(clients(region), account, region, lambda _seconds: None, 0, 0, 0, run=prefix, patience=patience)
    target.advance = target.settle
    only = pytestconfig.getoption("--live-only")
    try:
        target.kinds = listable(target.client, prefix, say)
        target.role = create_role(session, prefix)
        wait("the role can be assumed", lambda: _assumed(target), 60)
        seen = [
            *_cases(target, only, say),
            *_answers(target, only, say),
            *_laws(target, tmp_path, only, say),
        ]
    finally:
        clean(session, prefix, lambda _said_already: None)
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
        target.end()
    return refused is None
