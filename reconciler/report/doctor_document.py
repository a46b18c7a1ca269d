"""What the doctor found, for programs: findings -> one JSON object in the manner of the others (`document`)."""

from collections.abc import Sequence

from reconciler.model.finding import Finding
from reconciler.report.doctor_text import counts, unreached_usd
from reconciler.report.document import FORMAT_VERSION, Json


def doctor_document(findings: Sequence[Finding], *, days: int, warnings: Sequence[str] = ()) -> Json:
    """All findings, in the order given."""
    return {
        "format_version": FORMAT_VERSION,
        "command": "doctor",
        "days": days,
        "summary": counts(findings),
        "cost": {"currency": "USD", "monthly_unreached": round(unreached_usd(findings), 2)},
        "warnings": list(warnings),
        "findings": [_finding(finding) for finding in findings],
    }


def _finding(finding: Finding) -> Json:
    price = finding.monthly_usd
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "account": finding.key.account,
        "region": finding.key.region,
        "function": finding.key.function or None,
        "alias": finding.key.alias or None,
        "arn": finding.arn,
        "message": finding.message,
        "todo": finding.todo,
        "commands": list(finding.commands),
        "monthly_usd": None if price is None else round(price, 2),
    }
