"""What the doctor found, as text, JSON and markdown: whole outputs, and hostile text."""

import io
from dataclasses import replace

from printed import printed

from reconciler.advise.doctor import Finding, Severity
from reconciler.model.observed import AccountRegion, FunctionKey, Key
from reconciler.report.console import write
from reconciler.report.doctor_markdown import doctor_markdown
from reconciler.report.doctor_text import doctor_text
from reconciler.report.document import doctor_document

ADD = Key("123456789012", "us-east-1", "prod-add", "live")
LONG = "aws lambda add-permission --region us-east-1 --function-name prod-add --qualifier live --statement-id nightly"
FINDINGS = (
    Finding(
        "never-used",
        ADD,
        Severity.PROBLEM,
        "10 kept warm, and not one call reached them in 7 days",
        "have callers use the alias ARN instead of the bare function",
        arn=ADD.alias_arn,
        monthly_usd=27.375,
    ),
    Finding("not-allowed-on-alias", ADD, Severity.HINT, "s3 is refused", "allow it", (LONG,), ADD.alias_arn),
    Finding(
        "not-in-file",
        FunctionKey("123456789012", "us-east-1", "prod-get"),
        Severity.HINT,
        "only the EDN has it",
        "add it",
    ),
    Finding("could-not-read", AccountRegion("123456789012", "eu-west-1"), Severity.UNKNOWN, "AWS said no", "ask"),
)


def text(findings: tuple[Finding, ...], width: int | None) -> str:
    stream = io.StringIO()
    write(doctor_text(findings), stream, environ={} if width is None else {"COLUMNS": str(width)})
    return stream.getvalue()


def test_the_text_groups_by_place_and_ion_and_never_breaks_what_is_to_be_pasted() -> None:
    assert text(FINDINGS, 60) == (
        "123456789012 · us-east-1\n"
        "\n"
        "  prod-add:live\n"
        "    ! never-used, $27.38 a month\n"
        "      10 kept warm, and not one call reached them in 7 days\n"
        "      do: have callers use the alias ARN instead of the bare\n"
        "          function\n"
        "      arn: arn:aws:lambda:us-east-1:123456789012:function:prod-add:live\n"
        "    ~ not-allowed-on-alias\n"
        "      s3 is refused\n"
        "      do: allow it\n"
        "      arn: arn:aws:lambda:us-east-1:123456789012:function:prod-add:live\n"
        f"      $ {LONG}\n"
        "\n"
        "  prod-get\n"
        "    ~ not-in-file\n"
        "      only the EDN has it\n"
        "      do: add it\n"
        "\n"
        "123456789012 · eu-west-1\n"
        "\n"
        "    ? could-not-read\n"
        "      AWS said no\n"
        "      do: ask\n"
        "\n"
        "Doctor: 1 problem, 2 hints, 1 unknown. $27.38 a month is\n"
        "paid for what nobody is seen to use.\n"
    )


def test_what_is_unknown_of_many_ions_is_told_once_with_their_number_and_names() -> None:
    young = tuple(
        Finding("too-young", replace(ADD, function=name), Severity.UNKNOWN, "2 kept warm", "wait", monthly_usd=5.5)
        for name in ("a", "b", "c")
    )
    assert text((FINDINGS[2], *young), None) == (
        "123456789012 · us-east-1\n"
        "\n"
        "  prod-get\n"
        "    ~ not-in-file\n"
        "      only the EDN has it\n"
        "      do: add it\n"
        "\n"
        "  3 ions\n"
        "    ? too-young, $16.50 a month\n"
        "      2 kept warm\n"
        "      do: wait\n"
        "      ions: a:live, b:live, c:live\n"
        "\n"
        "Doctor: 0 problems, 1 hint, 3 unknown.\n"
    )


def test_no_findings_are_said_to_be_none() -> None:
    assert text((), None).startswith("No findings: ")
    assert doctor_markdown(()).startswith("### reconcile doctor: no findings\n")
    assert printed(doctor_document((), days=7))["summary"] == {"problem": 0, "hint": 0, "unknown": 0}


def test_the_document_has_every_finding_with_its_parts() -> None:
    document = printed(doctor_document(FINDINGS, days=7, warnings=("slow",)))
    assert document | {"findings": None} == {
        "format_version": "1.0",
        "command": "doctor",
        "endpoint": None,
        "days": 7,
        "summary": {"problem": 1, "hint": 2, "unknown": 1},
        "cost": {"currency": "USD", "monthly_unreached": 27.38},
        "warnings": ["slow"],
        "findings": None,
    }
    findings = document["findings"]
    assert findings[1] == {
        "code": "not-allowed-on-alias",
        "severity": "hint",
        "account": "123456789012",
        "region": "us-east-1",
        "function": "prod-add",
        "alias": "live",
        "arn": ADD.alias_arn,
        "message": "s3 is refused",
        "todo": "allow it",
        "commands": [LONG],
        "monthly_usd": None,
        "yaml": [],
    }
    assert [one["alias"] for one in findings] == ["live", "live", None, None]


def test_the_markdown_lists_findings_with_their_commands() -> None:
    assert doctor_markdown(FINDINGS[1:2]) == (
        "### reconcile doctor: 1 hint\n"
        "\n"
        "- **hint**: not-allowed-on-alias, `prod-add:live`\\\n"
        "  s3 is refused\\\n"
        "  To do: allow it\\\n"
        "  ARN: `arn:aws:lambda:us-east-1:123456789012:function:prod-add:live`\\\n"
        f"  `{LONG}`\n"
        "\n"
        "Doctor: 0 problems, 1 hint, 0 unknown.\n"
    )


def test_foreign_text_can_neither_format_nor_move_a_cursor() -> None:
    evil = "\x1b[31m\n# heading <b> `code` @team [a](b)"
    finding = Finding("bare-trigger", ADD, Severity.PROBLEM, evil, evil, (f"aws '{evil}'",), ADD.alias_arn)
    assert "\x1b" not in text((finding,), 80)
    markdown = doctor_markdown((finding,))
    assert "\x1b" not in markdown
    assert "\n# heading" not in markdown
    assert "<b>" not in markdown
    assert "@team" not in markdown


def test_a_thousand_findings_fit_a_comment() -> None:
    findings = tuple(
        Finding("never-used", Key("123456789012", "us-east-1", f"f{n:04}", "live"), Severity.PROBLEM, "x" * 90, "y")
        for n in range(1000)
    )
    markdown = doctor_markdown(findings)
    assert len(markdown) < 65_536
    assert "more: run `reconcile doctor` to see them all" in markdown
