"""What the doctor found, for a comment or an issue: findings -> GitHub-flavoured markdown, escaped as in `markdown`.

No more than fits: GitHub refuses a comment over 65,536 characters.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.config.edit import proposal_lines
from reconciler.model.finding import Finding, counts
from reconciler.report.doctor_words import count_words, price_words, subject_words, total_words
from reconciler.report.markdown import code, prose

BUDGET: Final = 50_000  # characters of findings


def doctor_markdown(findings: Sequence[Finding]) -> str:
    """A heading with the counts, then a list: what is the matter, what to do, the commands."""
    said = [count_words(severity, number) for severity, number in counts(findings).items() if number]
    parts = [
        f"### reconcile doctor: {', '.join(said) or 'no findings'}",
        *_within(findings),
        prose(total_words(findings)),
    ]
    return "\n\n".join(parts) + "\n"


def _within(findings: Sequence[Finding]) -> Iterator[str]:
    left = BUDGET
    items: list[str] = []
    for finding in findings:
        item = _item(finding)
        left -= len(item)
        if left < 0:
            items.append(f"- … and {len(findings) - len(items)} more: run `reconcile doctor` to see them all")
            break
        items.append(item)
    if items:
        yield "\n".join(items)


def _item(finding: Finding) -> str:
    named = subject_words(finding.subject) or f"{finding.subject.account} {finding.subject.region}"
    lines = [
        f"- **{finding.severity.value}**: {finding.code}{prose(price_words(finding))}, {code(named)}",
        f"  {prose(finding.message)}",
        f"  To do: {prose(finding.todo)}",
        *([f"  ARN: {code(finding.arn)}"] if finding.arn else []),
        *(f"  {code(command)}" for command in finding.commands),
        *(f"  {code(line)}" for line in (proposal_lines(finding.proposal.concurrency) if finding.proposal else ())),
    ]
    return "\\\n".join(lines)
