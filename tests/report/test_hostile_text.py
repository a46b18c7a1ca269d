"""Whatever text comes from outside, and wherever it is printed: nobody's terminal or CI acts on it."""

import io
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from printed import read_back
from report_goldens import printed
from report_worlds import NOW, applied, everything, key
from rich.console import RenderableType

from reconciler.advise.doctor import Finding, Severity
from reconciler.advise.init.entries import Entry, Said
from reconciler.advise.init.yaml_text import Aside, Draft, yaml_text
from reconciler.cli.options import Options
from reconciler.cli.output import Output, say_error
from reconciler.config import parse
from reconciler.model.desired import Pinned
from reconciler.model.errors import ConfigError, Problem, ReconcileError
from reconciler.model.outcome import Failed
from reconciler.report.applied_text import apply_text
from reconciler.report.doctor_markdown import doctor_markdown
from reconciler.report.doctor_text import doctor_text
from reconciler.report.document import apply_document, doctor_document, plan_document, to_text
from reconciler.report.escape import escape
from reconciler.report.markdown import apply_markdown, plan_markdown, status_markdown
from reconciler.report.progress import Plain, Waits
from reconciler.report.status_text import status_text
from reconciler.report.text import Show, plan_text, warnings_text

PARTS = (
    *("::error file=x::", "##[command]", "##vso[task.setvariable]", "##teamcity[x]", "::", "#", "[", ":", "\\", '"'),
    *("\n", "\r", "\x1b[2J", "\x1b", "\u202e", "\u2028", "\xa0", "\u200b", "\ud800", "\t", " ", "word", "x" * 50),
)
TEXTS = st.lists(st.sampled_from(PARTS), min_size=1, max_size=12).map("".join)
OURS = frozenset({"field", "op", "severity"})  # words of the program's own, by which it decides
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
OBEYED = re.compile(r"##[\w.-]*\[")


def poisoned(value: Any, text: str) -> Any:  # noqa: ANN401 - any value of the model
    """The same value with this text before every text in it."""
    match value:
        case str():
            return f"{text} {value}"
        case tuple():
            return tuple(poisoned(one, text) for one in value)
        case Mapping():
            return {poisoned(one, text): poisoned(other, text) for one, other in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            names = [field.name for field in fields(value) if field.init and field.name not in OURS]
            return replace(value, **{name: poisoned(getattr(value, name), text) for name in names})
        case _:
            return value


def harmless(said: str) -> None:
    for line in said.split("\n"):
        assert line.isprintable(), line
        assert not line.lstrip().startswith("::"), line
        assert not OBEYED.search(line), line


def reports(text: str) -> Iterator[RenderableType]:
    _, done = poisoned(applied(), text)
    world = poisoned(everything(), text)
    finding = Finding("could-not-read", poisoned(key("f"), text), Severity.UNKNOWN, text, text, (text,), text, 1.0)
    yield from plan_text(world, show=Show.EVERYTHING)
    yield from apply_text(done, show=Show.EVERYTHING)
    yield from status_text(world, now=NOW)
    yield from doctor_text([finding])
    yield from warnings_text([text])


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.sampled_from([40, 80, None]))
def test_no_report_carries_a_command(text: str, width: int | None) -> None:
    harmless(printed(reports(text), width=width))
    harmless(COLOUR.sub("", printed(reports(text), {"FORCE_COLOR": "1"}, width=width)))


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_no_markdown_and_no_json_carries_a_command_and_json_keeps_every_character(text: str) -> None:
    plan, done = poisoned(applied(), text)
    world = poisoned(everything(), text)
    finding = Finding("could-not-read", poisoned(key("f"), text), Severity.UNKNOWN, text, text, (text,), text, 1.0)
    for said in (plan_markdown(world), apply_markdown(plan, done), status_markdown(world, now=NOW)):
        harmless(said)
    harmless(doctor_markdown([finding]))
    documents = (
        plan_document(world),
        apply_document(plan, done),
        doctor_document([finding], days=7, warnings=[text]),
    )
    for document in documents:
        harmless(to_text(document))
        assert type(document).model_validate(read_back(to_text(document))) == document


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_no_error_and_no_progress_carries_a_command(text: str) -> None:
    stream = io.StringIO()
    say_error(ReconcileError(text, where=text, hint=text), stream)
    say_error(ConfigError((Problem(1, 1, text, text, text),)), stream)
    harmless(stream.getvalue())
    ion = poisoned(key("f"), text)
    waits = Waits([ion])
    waits.tell(ion, text)
    clock = itertools.count(step=60)
    Plain(stream, lambda: float(next(clock))).show(waits)
    harmless(stream.getvalue())
    assert "1 done" in stream.getvalue()


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_no_drafted_file_carries_a_command_or_a_key_of_somebody_elses(text: str) -> None:
    entry = Entry(text, text, 1, Pinned(text), text, remark=text, notes=(text,))
    aside = Aside(text, (entry,), (Said(text, text),))
    said = yaml_text(Draft((text,), text, text, text, (entry,), (aside,), profile=text))
    harmless(said)
    keys = {line.split(":")[0] for line in said.splitlines() if line[:1].isalpha()}
    assert keys == {"version", "account", "region", "profile", "groups"}


@pytest.mark.parametrize("profile", ["prod", 'a" b', "été \\ #1", "##[x]", "a: b"])
def test_a_profile_of_any_spelling_loads_back(profile: str) -> None:
    said = yaml_text(Draft((), "123456789012", "us-east-1", None, (Entry("f", "live", 1),), profile=profile))
    (one,) = parse(said.encode(), source="warm.yaml").desired
    assert one.connection.profile == profile


def test_prompts_and_hints_are_literal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Typed(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Typed("no\n"))
    output = Output(Options("apply"))
    output.ask("::error::\x1b[2J ::stop ##[x]", everything())
    output.hint("::error::\x1b[2J ::stop ##[x]")
    harmless(capsys.readouterr().err)


@given(TEXTS)
def test_made_literal_twice_is_made_literal_once(text: str) -> None:
    assert escape(escape(text)) == escape(text)


def test_what_only_looks_like_a_command_stays_as_it_is() -> None:
    for text in ("arn:aws:iam::123456789012:role/x", "a::b", "## heading", "#[x]", "C#", "[##]"):
        assert escape(text) == text
    assert escape("::error::x") == "\\::error::x"
    assert escape("see ::error::x") == "see \\::error::x"
    assert escape("##[command]x ##vso[y]") == "#\\#[command]x #\\#vso[y]"


def test_a_failure_whose_code_is_empty_leaves_no_command_behind() -> None:
    _, done = applied()
    result = next(one for one in done.results if any(isinstance(how, Failed) for _, how in one.outcomes))
    failed = tuple(
        (step, Failed("", ":error::x", None, None) if isinstance(how, Failed) else how) for step, how in result.outcomes
    )
    said = replace(done, results=(replace(result, outcomes=failed),))
    harmless(printed(apply_text(said), width=80))
