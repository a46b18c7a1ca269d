"""Values -> the JSON documents of `documents`, and their text.

In: a Plan, what `apply` made of it, what the doctor found, or the error that ended the run. Only named fields are
copied, so a new field of the model never leaks by itself; environment values are not in the model at all. It may
neither print nor import rich.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from reconciler.config.edit import proposal_lines
from reconciler.decide.summary import summarize, summarize_applied
from reconciler.model.errors import ConfigError, ReconcileError
from reconciler.model.finding import Finding, alias_name, counts, function_name, unreached_usd
from reconciler.model.observed import Key, Observation, Observed, Scaling, ScalingTarget, ScalingUnknown, Unreadable
from reconciler.model.outcome import Applied, IonResult, NotAttempted
from reconciler.model.plan import (
    Blocked,
    Cost,
    InSync,
    IonPlan,
    Pending,
    Plan,
    Refusal,
    ScalingSummary,
    Settling,
    Verdict,
)
from reconciler.model.steps import NewVersion
from reconciler.report import documents, phrases
from reconciler.report.documents import FORMAT_VERSION
from reconciler.report.phrases import alias_arn
from reconciler.report.step_documents import attempted_document, step_document


def plan_document(plan: Plan, *, endpoint: str | None = None) -> documents.PlanDocument:
    """`endpoint`, here and below: where AWS's answers came from; None: AWS's own endpoints."""
    head = _decided(plan, "plan", endpoint)
    return documents.PlanDocument(**head, ions=tuple(_ion(ion) for ion in plan.ions))


def status_document(plan: Plan, *, endpoint: str | None = None) -> documents.StatusDocument:
    head = _decided(plan, "status", endpoint)
    ions = (documents.StatusIon(**dict(_ion(ion)), version_modified=_published(ion)) for ion in plan.ions)
    return documents.StatusDocument(**head, ions=tuple(ions))


def apply_document(
    plan: Plan,
    applied: Applied,
    *,
    command: str = "apply",
    endpoint: str | None = None,
    failed: ReconcileError | None = None,
) -> documents.AppliedDocument:
    """The plan, each step with its outcome, and each ion as it was last observed. `failed`: what ended it early."""
    return documents.APPLYING[command](
        **_decided(plan, command, endpoint),
        interrupted=applied.interrupted,
        result=summarize_applied(applied),
        ions=tuple(_applied(result) for result in applied.results),
        errors=_errors(failed) if failed else (),
    )


def refused_document(
    plan: Plan, error: ReconcileError, *, command: str = "apply", endpoint: str | None = None
) -> documents.AppliedDocument:
    """Nothing was written: no step was attempted, and `errors` says why."""
    left = NotAttempted(error.message)
    results = tuple(IonResult(ion, tuple((step, left) for step in ion.steps)) for ion in plan.ions)
    return apply_document(plan, Applied(results), command=command, endpoint=endpoint, failed=error)


def doctor_document(
    findings: Sequence[Finding], *, days: int, warnings: Sequence[str] = (), endpoint: str | None = None
) -> documents.DoctorDocument:
    """All findings, in the order given."""
    return documents.DoctorDocument(
        format_version=FORMAT_VERSION,
        command="doctor",
        endpoint=endpoint,
        days=days,
        summary=documents.FindingCounts(**counts(findings)),
        cost=documents.Unreached(currency="USD", monthly_unreached=round(unreached_usd(findings), 2)),
        warnings=tuple(warnings),
        findings=tuple(_finding(finding) for finding in findings),
    )


def validate_document(ions: int) -> documents.ValidateDocument:
    """A valid file, and the number of its ions."""
    return documents.ValidateDocument(format_version=FORMAT_VERSION, command="validate", ions=ions, errors=())


def error_document(command: str, error: ReconcileError) -> documents.ErrorDocument:
    """What ended the run before there was a result; every problem of a file is an entry of its own."""
    return documents.ErrorDocument(format_version=FORMAT_VERSION, command=command, errors=_errors(error))


def to_text(document: documents.Document) -> str:
    """The object as text: ASCII alone, which no terminal, pipe or encoding can change, and no CI's log obeys."""
    text = StringIO()  # `dumps` would hold 60 MB of pieces for 10,000 ions
    json.dump(document.model_dump(exclude_defaults=True), text, indent=2, ensure_ascii=True, allow_nan=False)
    return text.getvalue().replace("##", "#\\u0023") + "\n"


def _decided(plan: Plan, command: str, endpoint: str | None) -> dict[str, Any]:
    """What the documents of plan, status and apply begin with."""
    head = documents.Decided(
        format_version=FORMAT_VERSION,
        command=command,
        endpoint=endpoint,
        digest=plan.digest,
        summary=summarize(plan),
        cost=documents.Cost(currency="USD", **dict(_amounts(plan.cost)), notes=plan.cost.notes),
        refusals=tuple(_refusal(refusal) for refusal in plan.refusals),
        warnings=plan.warnings,
    )
    return dict(head)


def _amounts(cost: Cost) -> documents.Amounts:
    before, after = round(cost.monthly_before, 2), round(cost.monthly_after, 2)
    least = None if cost.monthly_least is None else round(cost.monthly_least, 2)
    return documents.Amounts(monthly_before=before, monthly_after=after, monthly_least=least)


def _refusal(refusal: Refusal) -> documents.Refusal:
    ions = tuple(_name(key) for key in refusal.keys)
    return documents.Refusal(code=refusal.code, message=refusal.message, ions=ions)


def _name(key: Key) -> str:
    """An ion in a list of ions: its alias ARN, or what is known of it."""
    return alias_arn(key) or f"{key.function}:{key.alias}"


def _ion(ion: IonPlan) -> documents.Ion:
    key = ion.key
    return documents.Ion(
        account=key.account or None,
        region=key.region or None,
        group=ion.ion.desired.group,
        function=key.function,
        alias=key.alias,
        alias_arn=alias_arn(key),
        verdict=_verdict(ion.verdict),
        why=phrases.why_words(ion.verdict),
        changes=tuple(
            documents.Change(
                field=change.field,
                before=_scaling_summary(change.before),
                after="new" if isinstance(change.after, NewVersion) else _scaling_summary(change.after),
                reason=change.reason,
            )
            for change in ion.changes
        ),
        steps=tuple(step_document(step) for step in ion.steps),
        observed=_observed(ion.observed),
        cost=None if isinstance(ion.observed, Unreadable) else _amounts(ion.cost),
    )


def _published(ion: IonPlan) -> str | None:
    """When the version behind the alias was last modified, which for a version is its publishing."""
    alias = ion.observed.alias if isinstance(ion.observed, Observed) else None
    if alias is None or alias.behind.modified is None:
        return None
    return datetime.fromtimestamp(alias.behind.modified, UTC).isoformat(timespec="seconds")


def _applied(result: IonResult) -> documents.AppliedIon:
    planned = dict(_ion(result.plan))
    steps = tuple(attempted_document(step, outcome) for step, outcome in result.outcomes)
    return documents.AppliedIon(**planned | {"steps": steps}, after=_after(result), problem=result.problem)


def _after(result: IonResult) -> documents.Observed | None:
    """As it was last observed: for the plan, when no step was attempted since."""
    if result.after is not None:
        return _observed(result.after)
    untouched = all(isinstance(outcome, NotAttempted) for _, outcome in result.outcomes)
    return _observed(result.plan.observed) if untouched else None


def _verdict(verdict: Verdict) -> documents.VerdictName:
    match verdict:
        case InSync():
            return "in-sync"
        case Pending():
            return "pending"
        case Settling():
            return "settling"
        case Blocked():
            return "blocked"
        case Unreadable():
            return "unreadable"


def _scaling_summary(value: str | int | ScalingSummary | None) -> str | int | documents.ScalingSummary | None:
    if not isinstance(value, ScalingSummary):
        return value
    return documents.ScalingSummary(
        min=value.minimum, max=value.maximum, target=value.target, schedules=value.schedules
    )


def _observed(observed: Observation) -> documents.Observed | None:
    if isinstance(observed, Unreadable):
        return None
    alias, provisioned, latest = observed.alias, observed.provisioned, observed.latest
    return documents.Observed(
        version=None if alias is None else alias.pointer.version,
        requested=None if provisioned is None else provisioned.requested,
        allocated=None if provisioned is None else provisioned.allocated,
        available=None if provisioned is None else provisioned.available,
        status=None if provisioned is None else provisioned.status,
        status_reason=None if provisioned is None else provisioned.reason,
        reserved=None if latest is None else latest.reserved,
        scaling=_scaling(observed.scaling),
        weights={} if alias is None else dict(alias.pointer.weights),
    )


def _scaling(scaling: Scaling) -> documents.ScalingTarget | documents.ScalingUnknown | None:
    match scaling:
        case ScalingTarget(minimum, maximum, suspended):
            return documents.ScalingTarget(minimum=minimum, maximum=maximum, suspended=suspended)
        case ScalingUnknown(why):
            return documents.ScalingUnknown(unknown=why)
        case None:
            return None


def _finding(finding: Finding) -> documents.Finding:
    price = finding.monthly_usd
    return documents.Finding(
        code=finding.code,
        severity=finding.severity,
        account=finding.subject.account,
        region=finding.subject.region,
        function=function_name(finding.subject),
        alias=alias_name(finding.subject),
        arn=finding.arn,
        message=finding.message,
        todo=finding.todo,
        commands=finding.commands,
        monthly_usd=None if price is None else round(price, 2),
        yaml=proposal_lines(finding.proposal.concurrency) if finding.proposal else (),
    )


def _errors(error: ReconcileError) -> tuple[documents.Error, ...]:
    if isinstance(error, ConfigError):
        return tuple(
            documents.Error(
                message=": ".join(filter(None, (problem.path, problem.message))), where=problem.where, hint=None
            )
            for problem in error.problems
        )
    return (documents.Error(message=error.message, where=error.where, hint=error.hint),)
