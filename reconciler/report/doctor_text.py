"""What the doctor found, as people read it: findings -> renderables. Returns, never prints.

Grouped by account and region, then by ion: what is the matter, what to do, the ARN to call, and commands. ARNs and
commands are never broken, so that they can be copied whole. What is unknown of several ions for one reason is told
once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, groupby
from typing import Final

from rich.console import RenderableType
from rich.text import Text

from reconciler.config.edit import proposal_lines
from reconciler.model.finding import Finding, Severity
from reconciler.model.observed import Key
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
        told = tuple(of_place)
        shared = _shared(told)
        grouped = frozenset(chain.from_iterable(shared))
        alone = (one for one in told if one not in grouped)
        for subject, about in groupby(alone, key=lambda one: one.subject):
            if name := subject_words(subject):
                yield Unbroken(Text(f"  {name}", "bold"))
            for finding in about:
                yield from _finding(finding)
            yield BLANK
        for those in shared:
            yield Text(f"  {len(those)} ions", "bold")
            yield from _finding(replace(those[0], arn=None, monthly_usd=_sum(those)))
            names = Text(", ".join(subject_words(one.subject) for one in those))
            yield Paragraph(names, indent=12, head=Text.assemble(" " * 6, ("ions:", "dim")))
            yield BLANK
    yield Paragraph(Text(total_words(findings), "bold"))


def _shared(findings: Sequence[Finding]) -> list[list[Finding]]:
    """What is unknown of several ions for one reason, each reason's findings together."""
    alike: dict[tuple[str, str, str], list[Finding]] = {}
    for one in findings:
        if one.severity is Severity.UNKNOWN and isinstance(one.subject, Key) and not one.commands:
            alike.setdefault((one.code, one.message, one.todo), []).append(one)
    return [each for each in alike.values() if len(each) > 1]


def _sum(findings: Sequence[Finding]) -> float | None:
    prices = [one.monthly_usd for one in findings if one.monthly_usd is not None]
    return sum(prices) if prices else None


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
