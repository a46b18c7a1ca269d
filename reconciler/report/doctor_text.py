"""What the doctor found, as people read it: findings -> lines of styled pieces. Returns, never prints.

Grouped by account and region, then by ion: what is the matter, what to do, the ARN to call, and commands. ARNs and
commands are never broken, so that they can be copied whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from reconciler.model.finding import Finding, Severity, Subject, counts, function_name, unreached_usd
from reconciler.model.observed import Key
from reconciler.report import phrases
from reconciler.report.escape import escape
from reconciler.report.layout import PAGE, Line, line, wrapped

SYMBOLS: Final[Mapping[Severity, str]] = {Severity.PROBLEM: "!", Severity.HINT: "~", Severity.UNKNOWN: "?"}
STYLES: Final[Mapping[Severity, str]] = {
    Severity.PROBLEM: "bold red",
    Severity.HINT: "yellow",
    Severity.UNKNOWN: "bold magenta",
}
HEALTHY: Final = "No findings: what is kept warm is reached and used, and nothing is kept warm beside the file."


def doctor_text(findings: Sequence[Finding], *, width: int | None) -> Iterator[Line]:
    """All findings, in the order given, and a last line with their number."""
    page = width or PAGE
    for place, of_place in groupby(findings, key=lambda one: (one.subject.account, one.subject.region, None)):
        yield line(phrases.place_words(place), "bold")
        yield ()
        for subject, about in groupby(of_place, key=lambda one: one.subject):
            if name := subject_words(subject):
                yield line(f"  {name}", "bold")
            for finding in about:
                yield from _finding(finding, page)
            yield ()
    yield from wrapped(line(total_words(findings), "bold"), page)


def _finding(finding: Finding, page: int) -> Iterator[Line]:
    head = f"    {SYMBOLS[finding.severity]} {finding.code}{_price(finding)}"
    yield line(head, STYLES[finding.severity])
    yield from wrapped(line(escape(finding.message)), page, indent=6)
    yield from _labelled("do", finding.todo, page)
    if finding.arn:
        yield line(f"      arn: {escape(finding.arn)}")
    for command in finding.commands:
        yield line(f"      $ {escape(command)}", "cyan")


def _labelled(label: str, text: str, page: int) -> Iterator[Line]:
    for number, part in enumerate(wrapped(line(escape(text)), page, indent=8 + len(label))):
        yield (((f"      {label}: "), "dim"), *part[1:]) if number == 0 else part


def _price(finding: Finding) -> str:
    return "" if finding.monthly_usd is None else f", {phrases.usd(finding.monthly_usd)} a month"


def subject_words(subject: Subject) -> str:
    """`function:alias`, the function alone, or "" for an account and region as a whole."""
    return phrases.ion_name(subject) if isinstance(subject, Key) else escape(function_name(subject) or "")


def count_words(severity: str, number: int) -> str:
    """`1 problem`, `2 hints`, `3 unknown`."""
    return f"{number} {severity}{'' if number == 1 or severity == Severity.UNKNOWN.value else 's'}"


def total_words(findings: Sequence[Finding]) -> str:
    """`Doctor: 2 problems, 1 hint, 0 unknown.`, and the money that buys nothing."""
    if not findings:
        return HEALTHY
    said = (count_words(severity, number) for severity, number in counts(findings).items())
    wasted = unreached_usd(findings)
    money = f" {phrases.usd(wasted)} a month is paid for what nobody is seen to use." if wasted else ""
    return f"Doctor: {', '.join(said)}.{money}"
