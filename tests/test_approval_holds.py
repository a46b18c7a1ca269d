"""What was approved is what is true when it is written: AWS after a yes, and where a saved plan was made."""

import io
import json
import os
import signal
import time
from collections.abc import Callable

import pytest
from commandline import Shell

from reconciler.sandbox.server import Server, running
from reconciler.sandbox.wire import Request, Response, access_key

FILE = "version: 1\nregion: us-east-1\ndefaults: {alias: live}\nions: {f: 1, g: 1}\n"


@pytest.fixture
def two(shell: Shell) -> Shell:
    """Two functions in a file, neither with an alias yet."""
    shell.seed("f", "g")
    shell.file(FILE)
    return shell


# ---------------------------------------------------------------- while somebody was being asked


class Person(io.StringIO):
    """Somebody at a terminal who answers each question in turn, after something has happened."""

    def __init__(self, *answers: tuple[Callable[[], object], str]) -> None:
        super().__init__()
        self._answers = list(answers)

    def isatty(self) -> bool:
        return True

    def readline(self, _size: int | None = -1, /) -> str:  # type: ignore[override] # typeshed has both kinds of stream
        happens, answer = self._answers.pop(0)
        happens()
        return answer + "\n"


def nothing() -> None: ...


def test_after_a_yes_who_calls_is_asked_again_and_everything_is_looked_at_again(two: Shell) -> None:
    two.calls()

    assert two.reconcile("apply", "--no-wait", stdin=Person((nothing, "yes"))).code == 0

    calls = two.calls()
    assert calls.count("GetCallerIdentity") == 2
    before = calls[: calls.index("PublishVersion")]
    assert [before.count(name) for name in ("GetFunction", "GetAlias", "DescribeScalableTargets")] == [8, 4, 2]


@pytest.mark.parametrize("words", [["--yes"], ["--expect", "DIGEST"], ["plan.json"]], ids=" ".join)
def test_where_nothing_is_asked_nothing_is_looked_at_twice(two: Shell, words: list[str]) -> None:
    digest = str(json.loads(two.reconcile("plan", "--format", "json", "--out", "plan.json").out)["digest"])
    two.calls()

    assert two.reconcile("apply", *[word.replace("DIGEST", digest) for word in words]).code == 0

    assert two.calls().count("GetCallerIdentity") == 1


def test_what_changed_while_it_was_asked_is_shown_and_asked_about_again(two: Shell) -> None:
    two.reconcile("apply", "--yes")
    two.file(FILE.replace("f: 1", "f: 2"))

    def meddle() -> None:
        two.client().put_provisioned_concurrency_config(
            FunctionName="f", Qualifier="live", ProvisionedConcurrentExecutions=5
        )
        two.endpoint.clock.advance(300)
        two.calls()

    refused = two.reconcile("apply", stdin=Person((meddle, "yes"), (nothing, "no")))
    assert refused.code == 3
    assert "concurrency 1 → 2" in refused.out
    assert "concurrency 5 → 2" in refused.out
    assert "The plan changed while it was being approved" in refused.err
    assert not two.writes()

    assert two.reconcile("apply", stdin=Person((nothing, "yes"))).code == 0
    assert two.reconcile("plan", "--detailed-exitcode").code == 0


def test_what_somebody_else_did_while_it_was_asked_is_left_alone(two: Shell) -> None:
    two.reconcile("apply", "--yes")
    two.file(FILE.replace("f: 1", "f: 2"))

    def help_out() -> None:
        two.client().put_provisioned_concurrency_config(
            FunctionName="f", Qualifier="live", ProvisionedConcurrentExecutions=2
        )
        two.endpoint.clock.advance(300)
        two.calls()

    assert two.reconcile("apply", stdin=Person((help_out, "yes"))).code == 0
    assert not two.writes()


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_refusal_that_arose_while_it_was_asked_holds(shell: Shell, form: str) -> None:
    """The writes are the same, and so the digest is."""
    shell.seed("f")
    shell.file("version: 1\nregion: us-east-1\ndefaults: {alias: live}\nions: {f: 3}\n")

    def reserve() -> None:
        shell.client().put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=3)
        shell.calls()

    ran = shell.reconcile("apply", "--format", form, stdin=Person((reserve, "yes")))

    assert ran.code == 3
    assert "refused (starves-latest): nothing was written" in ran.err
    assert form == "text" or json.loads(ran.out)["refusals"][0]["code"] == "starves-latest"
    assert not shell.writes()


@pytest.mark.parametrize("declared", ["", 'account: "123456789012"\n'])
def test_credentials_that_changed_while_it_was_asked_end_it(two: Shell, declared: str) -> None:
    two.file(declared + FILE)
    two.endpoint.world.seed("999999999999", "us-east-1", ("f", "g"))
    expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 300))  # botocore asks each time

    def become(account: str) -> None:
        said = {"Version": 1, "AccessKeyId": access_key(account), "SecretAccessKey": "any", "SessionToken": "any"}
        two.file(json.dumps(said | {"Expiration": expires}), "credentials.json")
        two.calls()

    become("123456789012")
    two.file("[default]\ncredential_process = cat credentials.json\n", "aws")
    two.monkeypatch.setenv("AWS_CONFIG_FILE", "aws")
    two.monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    two.monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    ran = two.reconcile("apply", stdin=Person((lambda: become("999999999999"), "yes")))

    assert ran.code == 3
    assert "999999999999" in ran.err + ran.out
    assert ("wrong-account" if declared else "the plan was shown for account 123456789012") in ran.err
    assert not two.writes()


def test_an_interruption_of_the_second_look_ends_before_anything_is_written(two: Shell) -> None:
    approved: list[bool] = []

    def interrupting(request: Request) -> Response:
        if approved:
            approved.clear()
            os.kill(os.getpid(), signal.SIGINT)
        return two.endpoint.world.answer(request)

    with running(Server(0, interrupting, latency=0, sleep=two.endpoint.clock.advance)) as url:
        two.monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        ran = two.reconcile("apply", stdin=Person((lambda: approved.append(True), "yes")))

    assert ran.code == 130
    assert ran.err.endswith("\nInterrupted. Nothing was written.\n")
    assert not two.writes()


# ---------------------------------------------------------------- where it was made


def test_a_saved_plan_is_refused_at_another_endpoint(two: Shell) -> None:
    assert two.reconcile("plan", "--sandbox", "--out", "plan.json").code == 0

    refused = two.reconcile("apply", "plan.json")

    assert refused.code == 3
    assert refused.err.startswith(
        "Error: the saved plan was made at sandbox, account 123456789012, and this is http://"
    )
    assert not two.writes()
    assert two.reconcile("apply", "plan.json", "--sandbox", "--no-wait").code == 0
    assert not two.writes()


def test_a_saved_plan_is_refused_in_another_account(two: Shell) -> None:
    assert two.reconcile("plan", "--out", "plan.json").code == 0
    two.endpoint.world.seed("999999999999", "us-east-1", ("f", "g"))
    two.monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key("999999999999"))

    refused = two.reconcile("apply", "plan.json")

    assert refused.code == 3
    assert "account 123456789012, and this is" in refused.err
    assert not two.writes()


@pytest.mark.parametrize("out", ["-", "warm.yaml", "pipe"])
def test_where_a_plan_cannot_be_saved_is_said_before_aws_is_asked(two: Shell, out: str) -> None:
    os.mkfifo("pipe")

    ran = two.reconcile("plan", "--out", out)

    assert ran.code == 1
    assert ran.err.startswith(f"Error: {out}: the plan can't be saved: ")
    assert two.calls() == []
    assert two.reconcile("plan").code == 0, "the file is as it was"
