"""The command line's edges: usage, bad files, formats, and what people without AWS meet first."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import Shell
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # comes with the sandbox's extra
from printed import read_back

from reconciler.cli import main
from reconciler.cli.arguments import parser
from reconciler.model.refusals import LIFTABLE
from reconciler.sandbox.server import Server, running
from reconciler.sandbox.wire import Request, Response

BAD = sorted((Path(__file__).parent.parent / "config" / "bad").glob("*.yaml"))
GOOD = "version: 1\nregion: us-east-1\ndefaults: {alias: live}\nions: {f: 1}\n"


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_is_an_error_with_its_position(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main.main(["plan", "-c", str(path)])

    out, err = capsys.readouterr()
    assert code == 1
    assert not out
    assert str(path) in err
    assert "Traceback" not in err


def test_the_minimal_file_that_an_empty_one_is_answered_with_can_be_copied(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "warm.yaml"
    empty.touch()

    main.main(["validate", "-c", str(empty)])

    said = capsys.readouterr().err.splitlines()
    assert said[1:4] == ["  version: 1", "  ions:", "    my-function: {alias: live, concurrency: 1}"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plan", "--bogus"], "unrecognized arguments: --bogus"),
        (["frobnicate"], "invalid choice: 'frobnicate'"),
        (["plan", "--format", "xml"], "invalid choice: 'xml'"),
        (["plan", "--parallelism", "0"], "at least 1"),
        (["apply", "--timeout", "soon"], "'soon' is not a duration, such as 15m, 90s or 1h"),
        (["apply", "--timeout", "0s"], "is not a duration"),
        (["apply", "--allow", "everything"], "no refusal of that name can be lifted"),
        (["plan", "--det"], "unrecognized arguments: --det"),
        (["init", "--ion-config", "x.edn"], "--ion-config needs --group NAME"),
        (["doctor", "--days", "9999"], "at most 455"),
        (["sandbox", "--latency", "-1"], "is not a number of seconds"),
        (["plan", "-c", "a", "-c", "b"], "-c/--config is given twice"),
        (["plan", "-c", "a", "--config=a"], "-c/--config is given twice"),
        (["status", "--region", "a", "--region", "b"], "--region is given twice"),
        (["apply", "--yes", "--expect", ""], "argument --expect: is empty; give it a value or leave it out"),
        (["apply", "--yes", ""], "argument PLANFILE: is empty"),
        (["plan", "--out="], "argument --out: is empty"),
        (["plan", "-c", ""], "argument -c/--config: is empty"),
        (["init", "-o", ""], "argument -o/--output: is empty"),
        (["init", "--profile", ""], "argument --profile: is empty"),
        (["sandbox", "--clock", "fast"], "'fast' is not a number of times above 0"),
        (["sandbox", "--clock", "0"], "'0' is not a number of times above 0"),
        (["plan", "-c", "nowhere.yaml"], "there is no such file"),
        (["plan", "-c", "."], "is a directory"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_a_usage_error_is_one_line_and_exits_1_since_2_means_changes(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main.main(words)

    assert code == 1
    assert said in capsys.readouterr().err


def test_an_unknown_option_leads_to_the_help_of_its_command(capsys: pytest.CaptureFixture[str]) -> None:
    main.main(["plan", "--bogus"])

    assert "see `reconcile plan --help`" in capsys.readouterr().err


def test_no_words_at_all_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([]) == 1
    assert "COMMAND" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("15m", 900), ("1h", 3600), ("1.5m", 90)])
def test_durations_take_a_unit(text: str, seconds: float) -> None:
    assert parser().parse_args(["apply", "--timeout", text]).timeout == seconds


@pytest.mark.parametrize("words", [["plan", "--format", "json", "--nope"], ["--format=json", "plan", "--nope"]])
def test_a_fatal_error_in_json_is_an_object_too(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(words) == 1
    assert read_back(capsys.readouterr().out)["errors"][0]["message"]


def test_the_file_may_come_from_standard_input_or_the_environment(shell: Shell) -> None:
    shell.seed("f")
    assert shell.reconcile("validate", "-c", "-", stdin=GOOD).out == "<stdin>: valid, 1 ion.\n"
    shell.file(GOOD, "other.yaml")
    shell.monkeypatch.setenv("RECONCILE_CONFIG", "other.yaml")
    assert shell.reconcile("plan").code == 0


def test_an_ion_that_turns_out_to_be_another_is_named_as_in_the_file(shell: Shell) -> None:
    shell.file(
        "version: 1\nregion: us-east-1\ndefaults: {alias: live, concurrency: 1}\nions: {g-f: 2}\n"
        'groups: {g: {account: "123456789012", ions: {f: 1}}}\n'
    )

    ran = shell.reconcile("plan")

    assert ran.code == 1
    assert ran.err.startswith(
        "warm.yaml:5:46: groups.g: function g-f with alias live is asked for twice, first at warm.yaml:4:8: "
        "both are in account 123456789012, us-east-1\n"
    )
    assert {"GetFunction", "GetAlias"}.isdisjoint(shell.calls())


def test_an_endpoint_without_application_auto_scaling_is_a_warning(shell: Shell) -> None:
    shell.seed("f")
    shell.file(GOOD)
    answer = shell.endpoint.world.answer

    def lacking(request: Request) -> Response:
        if "AnyScaleFrontendService" in request.headers.get("x-amz-target", ""):
            body = b'{"__type": "InternalFailure", "message": "not implemented"}'
            return Response(501, {"Content-Type": "application/x-amz-json-1.1"}, body)
        return answer(request)

    with running(Server(0, lacking, latency=0, sleep=shell.endpoint.clock.advance)) as url:
        shell.monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        assert shell.reconcile("apply", "--yes").code == 0
        shell.file(GOOD.replace("f: 1", "f: 0"))
        ran = shell.reconcile("apply", "--yes")

    assert ran.code == 0, "nothing there can own a number"
    assert "has no Application Auto Scaling" in ran.err


def test_the_next_command_is_about_the_same_ions(shell: Shell) -> None:
    shell.seed("f", "g")
    shell.file("version: 1\nregion: us-east-1\ndefaults: {alias: live}\nions: {f: 1, g: 1}\n", name="my warm.yaml")
    words = ("-c", "my warm.yaml", "--only", "f*")

    shell.monkeypatch.delenv("CI", raising=False)

    planned = shell.reconcile("plan", *words)
    assert "To make these changes: reconcile apply -c 'my warm.yaml' --only 'f*'. In scripts" in planned.err

    saved = shell.reconcile("plan", *words, "--out", "plan.json")
    assert "To make these changes: reconcile apply plan.json -c 'my warm.yaml'. In scripts" in saved.err


def test_what_is_said_of_every_command_may_stand_before_it(shell: Shell) -> None:
    shell.seed("f")
    shell.file(GOOD)
    shell.monkeypatch.setenv("FORCE_COLOR", "1")

    assert shell.reconcile("-q", "plan").err == ""
    assert "\x1b[" in shell.reconcile("plan").out
    assert "\x1b[" not in shell.reconcile("--no-color", "plan").out
    assert "lambda GetAlias" in shell.reconcile("-v", "plan", "--no-color").err
    assert "lambda GetAlias" in shell.reconcile("--verbose", "status", "-q").err


def test_quiet_says_nothing_but_the_result(shell: Shell) -> None:
    shell.seed("f")
    shell.file(GOOD)
    assert shell.reconcile("plan", "-q").err == ""


def test_verbose_logs_each_call_with_its_duration_and_no_payload(shell: Shell) -> None:
    shell.seed("f")
    shell.client().update_function_configuration(FunctionName="f", Environment={"Variables": {"TOKEN": "hunter2"}})
    shell.file(GOOD)

    ran = shell.reconcile("plan", "-v")

    assert "lambda GetAlias" in ran.err
    assert " ms " in ran.err
    assert "hunter2" not in ran.err + ran.out


def test_the_markdown_of_a_plan_is_one_document(shell: Shell) -> None:
    shell.seed("f")
    shell.file(GOOD)
    ran = shell.reconcile("plan", "--format", "markdown")
    assert ran.out.startswith(f"**Endpoint:** `{shell.endpoint.url}`, which is not AWS\n\n### reconcile plan: ")
    assert "`f:live`" in ran.out
    assert ran.err == ""


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_the_completion_script_is_one_that_the_shell_reads(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["completion", name]) == 0
    script = capsys.readouterr().out
    assert "detailed-exitcode" in script
    assert all(code in script for code in LIFTABLE)
    assert "wrong-account" not in script
    program = shutil.which(name)
    if program:
        subprocess.run([program, "-n"], input=script, text=True, check=True, timeout=60)


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m reconciler schema | head -1"
    ran = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "{\n", "")


def test_the_schema_of_a_commands_json_fits_what_the_command_prints(shell: Shell) -> None:
    shell.seed("f")
    shell.file(GOOD)
    for words in (["plan"], ["apply", "--yes"], ["status"], ["doctor"]):
        validator = Draft202012Validator(json.loads(shell.reconcile("schema", "--of", words[0]).out))
        for more in ((), ("--only", "nothing")):  # a result, and an error
            validator.validate(json.loads(shell.reconcile(*words, *more, "--format", "json").out))
        assert not validator.is_valid(json.loads(shell.reconcile("validate", "--format", "json").out))


def test_the_schema_is_that_of_the_file_unless_another_is_asked_for(shell: Shell) -> None:
    assert shell.reconcile("schema").out == shell.reconcile("schema", "--of", "file").out
    assert json.loads(shell.said[-1].out)["title"] == "warm.yaml"


def test_init_from_live_loads_back_and_changes_nothing(shell: Shell) -> None:
    shell.seed("shop-get-items", "shop-report", "other")
    shell.monkeypatch.setenv("AWS_REGION", "us-east-1")
    shell.file("version: 1\ndefaults: {alias: live}\ngroups: {shop: {ions: {get-items: 2, report: 0}}}\n")
    assert shell.reconcile("apply", "--yes").code == 0

    drafted = shell.reconcile("init", "--prefix", "shop-")
    shell.file(drafted.out)

    planned = shell.reconcile("plan", "--detailed-exitcode", "--format", "json")
    assert (drafted.code, planned.code) == (0, 0)
    assert json.loads(planned.out)["summary"]["in_sync"] == 2


def test_init_from_an_ion_application_needs_no_aws(shell: Shell) -> None:
    shell.file('{:lambdas {:get-items {:fn shop/get-items}} :app-name "shop"}', "ion-config.edn")

    drafted = shell.reconcile("init", "--ion-config", "ion-config.edn", "--group", "shop")

    shell.file(drafted.out)
    assert shell.reconcile("validate").out == "warm.yaml: valid, 1 ion.\n"
    assert shell.calls() == []


def test_the_doctor_exits_2_when_asked_to_and_something_is_found(shell: Shell) -> None:
    shell.seed("f")
    shell.file(GOOD)
    shell.reconcile("apply", "--yes")
    allowed = {"Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com", "StatementId": "s"}
    shell.client().add_permission(FunctionName="f", **allowed)

    assert shell.reconcile("doctor").code == 0
    found = shell.reconcile("doctor", "--detailed-exitcode", "--format", "json")

    assert found.code == 2
    said = [finding["code"] for finding in json.loads(found.out)["findings"]]
    assert said == ["not-allowed-on-alias", "bare-trigger", "too-young"]
    heading = shell.reconcile("doctor", "--format", "markdown").out.splitlines()[2]
    assert heading == "### reconcile doctor: 2 problems, 1 unknown"


def test_what_was_warmed_a_minute_ago_is_no_reason_to_exit_2(shell: Shell) -> None:
    shell.seed("f")
    shell.file(GOOD)
    shell.reconcile("apply", "--yes")

    ran = shell.reconcile("doctor", "--detailed-exitcode")

    assert ran.code == 0
    assert "too young to judge" in ran.out
    assert "Doctor: 0 problems, 0 hints, 1 unknown." in ran.out


def test_the_doctor_exits_1_when_an_ion_could_not_be_read_and_says_so(shell: Shell) -> None:
    shell.seed("f")
    shell.file('version: 1\naccount: "999999999999"\nregion: us-east-1\ndefaults: {alias: live}\nions: {f: 1}\n')

    ran = shell.reconcile("doctor", "--detailed-exitcode")

    assert ran.code == 1
    assert "f:live could not be observed: the file says account 999999999999" in " ".join(ran.out.split())


def test_every_result_says_first_that_its_answers_are_not_from_aws(shell: Shell) -> None:
    shell.seed("f")
    shell.file(GOOD)
    first = f"Endpoint: {shell.endpoint.url}, which is not AWS"
    for words in (["plan"], ["apply", "--yes"], ["status"], ["doctor"]):
        assert shell.reconcile(*words).out.splitlines()[0] == first, words
        assert shell.reconcile(*words, "--format", "markdown").out.startswith("**Endpoint:** `http://127"), words
        document = json.loads(shell.reconcile(*words, "--format", "json").out)
        assert list(document)[:3] == ["format_version", "command", "endpoint"]
        assert document["endpoint"] == shell.endpoint.url
    for words in (["plan"], ["apply", "--yes"], ["status"]):
        assert shell.reconcile(*words, "--sandbox").out.splitlines()[0] == "Endpoint: sandbox, which is not AWS"
        assert json.loads(shell.reconcile(*words, "--sandbox", "--format", "json").out)["endpoint"] == "sandbox"


def test_the_endpoint_of_each_service_that_was_asked_is_named(shell: Shell) -> None:
    shell.seed("f")
    shell.file(GOOD)
    shell.reconcile("apply", "--yes")
    elsewhere = shell.endpoint.url.replace("127.0.0.1", "localhost")
    shell.monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH", elsewhere)

    both = f"Endpoint: {shell.endpoint.url}, {elsewhere}, which is not AWS"
    assert shell.reconcile("doctor").out.splitlines()[0] == both
    assert shell.reconcile("plan").out.splitlines()[0] == f"Endpoint: {shell.endpoint.url}, which is not AWS"


def test_user_information_in_an_endpoint_is_not_printed(shell: Shell) -> None:
    shell.seed("f")
    shell.file(GOOD)
    shell.monkeypatch.setenv("AWS_ENDPOINT_URL", shell.endpoint.url.replace("://", "://me:hunter2@"))

    ran = shell.reconcile("plan", "-v")

    assert ran.out.startswith("Endpoint: http://***@127.0.0.1:")
    assert "hunter2" not in ran.out + ran.err


@pytest.mark.parametrize("verbose", [(), ("-v",)])
def test_a_bug_is_one_line_without_the_words_of_the_exception(
    verbose: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "warm.yaml"
    path.write_text(GOOD, encoding="utf-8")
    secret = "hunter" + "2"

    def broken(*_: object, **__: object) -> None:
        raise KeyError(secret)

    monkeypatch.setattr("reconciler.cli.commands.validate.select", broken)

    assert main.main(["validate", "-c", str(path), "--format", "json", *verbose]) == 1

    out, err = capsys.readouterr()
    message = read_back(out)["errors"][0]["message"]
    assert message.startswith("reconcile failed: KeyError in test_main.py:")
    assert message.endswith("; this is a bug: please report it with the output of `-v`")
    assert secret not in out + err
    assert err.splitlines()[-1] == f"Error: {message}"
    assert (len(err.splitlines()) > 1) == bool(verbose), "where it came from, when asked"


def test_a_bug_in_the_midst_of_an_apply_says_that_it_had_begun(shell: Shell) -> None:
    shell.seed("f")
    shell.file(GOOD)

    def broken(*_: object, **__: object) -> None:
        raise KeyError("hunter2")

    shell.monkeypatch.setattr("reconciler.cli.commands.applying.apply", broken)

    ran = shell.reconcile("apply", "--yes", "--format", "json")

    assert ran.code == 1
    assert "some steps may have been carried out" in json.loads(ran.out)["errors"][0]["hint"]
    assert "hunter2" not in ran.out + ran.err


@pytest.mark.parametrize("form", ["text", "json"])
def test_after_a_bug_what_was_done_is_reported_all_the_same(shell: Shell, form: str) -> None:
    shell.seed("f")
    shell.file(GOOD)

    def broken(*_: object) -> None:
        raise KeyError("hunter2")

    shell.monkeypatch.setattr("reconciler.cli.commands.applying.finish_settled", broken)

    ran = shell.reconcile("apply", "--yes", "--format", form)

    assert ran.code == 1
    assert "Error: reconcile failed: KeyError" in ran.err
    if form == "json":
        said = json.loads(ran.out)
        assert (said["result"]["created"], len(said["errors"])) == (1, 1)
    else:
        assert "1 created" in ran.out


def test_the_read_only_policy_allows_no_write(shell: Shell) -> None:
    shell.file(GOOD)
    full, reading = (json.loads(shell.reconcile("iam-policy", *more).out) for more in ((), ("--read-only",)))

    actions = {action for policy in (reading,) for statement in policy["Statement"] for action in statement["Action"]}
    assert not any(":Update" in action or ":Put" in action or ":Publish" in action for action in actions)
    assert "lambda:UpdateAlias" in str(full)


def test_status_in_every_format(shell: Shell) -> None:
    shell.seed("f")
    shell.file(GOOD)
    shell.reconcile("apply", "--yes")

    assert "READY" in shell.reconcile("status").out
    assert json.loads(shell.reconcile("status", "--format", "json").out)["ions"][0]["observed"]["available"] == 1
    assert "READY" in shell.reconcile("status", "--format", "markdown").out


def test_status_exits_2_when_asked_to_and_something_is_not_warm_as_the_file_asks(shell: Shell) -> None:
    shell.seed("f", "g")
    shell.file(GOOD.replace("f: 1", "f: 1, g: 1"))
    words = ("status", "--detailed-exitcode")

    assert shell.reconcile(*words).code == 2, "there is no alias yet"
    shell.reconcile("apply", "--yes", "--only", "f")
    assert (shell.reconcile(*words).code, shell.reconcile(*words, "--only", "f").code) == (2, 0)
    shell.reconcile("apply", "--yes", "--no-wait")
    assert shell.reconcile(*words).code == 2, "asked for, and not yet there"
    shell.endpoint.clock.advance(200)
    assert shell.reconcile(*words).code == 0
    shell.client().put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=5)
    shell.file(GOOD.replace("f: 1", "f: 9"))
    assert shell.reconcile(*words).code == 2, "blocked: no room for it"
    assert shell.reconcile("status").code == 0, "without being asked to, what is there is told and no more"


def test_status_exits_1_when_an_ion_could_not_be_read_whatever_else_is_cold(shell: Shell) -> None:
    shell.seed("f")
    text = GOOD + 'groups: {there: {account: "999999999999", ions: {g: 1}}}\n'
    shell.file(text)
    assert shell.reconcile("status", "--detailed-exitcode").code == 1
