"""What the doctor found, as people read it: findings -> renderables. Returns, never prints.

Grouped by account and region, then by ion: what is the matter, what to do, the ARN to call, and commands. ARNs and
commands are never broken, so that they can be copied whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from rich.console import RenderableType
from rich.text import Text

from reconciler.config.edit import proposal_lines
from reconciler.model.finding import Finding, Severity
from reconciler.report import phrases
from reconciler.report.doctor_words import price_words, subject_words, total_words
from reconciler.report.escape import escape
from reconciler.report.layout import BLANK, Paragraph, Unbroken

SYMBOLS: Final[Mapping[Severity, str]] = {Severity.PROBLEM: "!", Severity.HINT: "~", Severity.UNKNOWN: "?"}
STYLES: Final[Mapping[Severity, str]] = {
    Severity.PROBLEM: "bold red",
    Severity.HINT: "yellow",
    Severity.UNKNOWN: "bold magenta",
}


def doctor_text(findings: Sequence[Finding]) -> Iterator[RenderableType]:
    """All findings, in the order given, and a last line with their number."""
    for place, of_place in groupby(findings, key=lambda one: (one.subject.account, one.subject.region, None)):
        yield Paragraph(Text(phrases.place_words(place), "bold"))
        yield BLANK
        for subject, about in groupby(of_place, key=lambda one: one.subject):
            if name := subject_words(subject):
                yield Unbroken(Text(f"  {name}", "bold"))
            for finding in about:
                yield from _finding(finding)
            yield BLANK
    yield Paragraph(Text(total_words(findings), "bold"))


def _finding(finding: Finding) -> Iterator[RenderableType]:
    head = f"    {SYMBOLS[finding.severity]} {finding.code}{price_words(finding)}"
    yield Unbroken(Text(head, STYLES[finding.severity]))
    yield Paragraph(Text(escape(finding.message)), indent=6)
    yield Paragraph(Text(escape(finding.todo)), indent=10, head=Text.assemble(" " * 6, ("do:", "dim")))
    if finding.arn:
        yield Unbroken(Text(f"      arn: {escape(finding.arn)}"))
    for command in finding.commands:
        yield Unbroken(Text(f"      $ {escape(command)}", "cyan"))
    if finding.proposal:
        for line in proposal_lines(finding.proposal.concurrency):
            yield Unbroken(Text(f"      + {escape(line)}", "green"))
