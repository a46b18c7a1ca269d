"""How the doctor's findings are worded, for the text and the markdown. No layout."""

from collections.abc import Sequence
from typing import Final

from reconciler.model.finding import Finding, Severity, Subject, counts, function_name, unreached_usd
from reconciler.model.observed import Key
from reconciler.report import phrases
from reconciler.report.escape import escape

HEALTHY: Final = "No findings: what is kept warm is reached and used, and nothing is kept warm beside the file."


def price_words(finding: Finding) -> str:
    """`, $10.95 a month`; nothing where no price is known."""
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
