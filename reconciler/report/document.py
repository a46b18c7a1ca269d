"""The JSON that scripts read: one object, additive only (`format_version`), in a stable order, without timestamps.

In: a Plan, what `apply` made of it, or the error that ended the run. Out: plain dicts, and their text. Nothing here
may need a terminal or import rich. Only named fields are copied, so a new field of the model never leaks by itself;
environment values are not in the model at all.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from reconciler.decide.summary import summarize, summarize_applied
from reconciler.model.errors import ConfigError, ReconcileError
from reconciler.model.observed import Key, Observation, Observed, Scaling, ScalingTarget, ScalingUnknown, Unreadable
from reconciler.model.outcome import Applied, Done, Failed, IonResult, NotAttempted, Outcome
from reconciler.model.plan import (
    AwaitActive,
    AwaitReady,
    AwaitSettled,
    AwaitUpdated,
    Blocked,
    Change,
    Cost,
    CreateAlias,
    InSync,
    IonPlan,
    MoveAlias,
    NewVersion,
    Pending,
    Plan,
    PublishVersion,
    Refusal,
    RemoveProvisioned,
    SetProvisioned,
    Settling,
    Step,
    Verdict,
    Version,
)

FORMAT_VERSION: Final = "1.0"

Json = dict[str, object]


def document(plan: Plan, *, command: str) -> Json:
    """A plan as `plan` and `status` print it."""
    more = _published if command == "status" else _nothing
    return _plan_head(plan, command) | {"ions": [_ion(ion) | more(ion) for ion in plan.ions]}


def _nothing(_: IonPlan) -> Json:
    return {}


def _published(ion: IonPlan) -> Json:
    """When the version behind the alias was last modified, which for a version is its publishing."""
    alias = ion.observed.alias if isinstance(ion.observed, Observed) else None
    if alias is None or alias.behind.modified is None:
        return {"version_modified": None}
    return {"version_modified": datetime.fromtimestamp(alias.behind.modified, UTC).isoformat(timespec="seconds")}


def apply_document(plan: Plan, applied: Applied, *, failed: ReconcileError | None = None) -> Json:
    """The same object after `apply`: each step with its outcome, each ion with what the last look saw.

    `failed`: what ended it before its end, told in `errors`.
    """
    head = _plan_head(plan, "apply")
    result = summarize_applied(applied).counts()
    ions = [_result(result) for result in applied.results]
    errors = {"errors": _errors(failed)} if failed else {}
    return head | {"interrupted": applied.interrupted, "result": result, "ions": ions} | errors


def refused_document(plan: Plan, error: ReconcileError) -> Json:
    """The same object when nothing was written: no step was attempted, and `errors` says why."""
    left = NotAttempted(error.message)
    results = tuple(IonResult(ion, tuple((step, left) for step in ion.steps)) for ion in plan.ions)
    return apply_document(plan, Applied(results), failed=error)


def fatal_document(command: str, errors: Sequence[ReconcileError]) -> Json:
    """What ended the run before there was a plan; every problem of a file is an entry of its own."""
    entries = [entry for error in errors for entry in _errors(error)]
    return {"format_version": FORMAT_VERSION, "command": command, "errors": entries}


def answered_by(endpoint: str | None, content: Json) -> Json:
    """The object with the endpoint that its answers came from, beside its command. None: AWS's own."""
    return {name: content[name] for name in ("format_version", "command")} | {"endpoint": endpoint} | content


def to_text(content: Json) -> str:
    """The object as text: ASCII alone, which no terminal, pipe or encoding can change, and no CI's log obeys."""
    return json.dumps(content, indent=2, ensure_ascii=True, allow_nan=False).replace("##", "#\\u0023") + "\n"


def _plan_head(plan: Plan, command: str) -> Json:
    return {
        "format_version": FORMAT_VERSION,
        "command": command,
        "digest": plan.digest,
        "summary": summarize(plan).counts(),
        "cost": _cost(plan.cost),
        "refusals": [_refusal(refusal) for refusal in plan.refusals],
        "warnings": list(plan.warnings),
    }


def _cost(cost: Cost) -> Json:
    return {"currency": "USD"} | _amounts(cost) | {"notes": list(cost.notes)}


def _amounts(cost: Cost) -> Json:
    return {"monthly_before": round(cost.monthly_before, 2), "monthly_after": round(cost.monthly_after, 2)}


def _refusal(refusal: Refusal) -> Json:
    return {"code": refusal.code, "message": refusal.message, "ions": [_name(key) for key in refusal.keys]}


def _name(key: Key) -> str:
    """An ion in a list of ions: its alias ARN, or what is known of it."""
    return alias_arn(key) or f"{key.function}:{key.alias}"


def alias_arn(key: Key) -> str | None:
    """The target that callers must use; None while the account or the region is not known."""
    return key.alias_arn if key.account and key.region else None


def _ion(ion: IonPlan) -> Json:
    return _ion_head(ion) | {"steps": [_step(step) for step in ion.steps]} | _ion_tail(ion)


def _result(result: IonResult) -> Json:
    steps = [_step(step) | _outcome(outcome) for step, outcome in result.outcomes]
    return _ion_head(result.plan) | {"steps": steps} | _ion_tail(result.plan) | _end(result)


def _end(result: IonResult) -> Json:
    return {"after": _after(result), "problem": result.problem}


def _after(result: IonResult) -> Json | None:
    """What the last look saw: the one of the plan, when nothing was attempted since."""
    if result.after is not None:
        return _observed(result.after)
    untouched = all(isinstance(outcome, NotAttempted) for _, outcome in result.outcomes)
    return _observed(result.plan.observed) if untouched else None


def _ion_head(ion: IonPlan) -> Json:
    key = ion.key
    return {
        "account": key.account or None,
        "region": key.region or None,
        "group": ion.ion.desired.group,
        "function": key.function,
        "alias": key.alias,
        "alias_arn": alias_arn(key),
        "verdict": _verdict(ion.verdict),
        "why": ion.verdict.why,
        "changes": [_change(change) for change in ion.changes],
    }


def _ion_tail(ion: IonPlan) -> Json:
    cost = None if isinstance(ion.observed, Unreadable) else _amounts(ion.cost)
    return {"observed": _observed(ion.observed), "cost": cost}


def _verdict(verdict: Verdict) -> str:
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


def _change(change: Change) -> Json:
    after = "new" if isinstance(change.after, NewVersion) else change.after
    return {"field": change.field, "before": change.before, "after": after, "reason": change.reason}


def _version(version: Version) -> str:
    return "new" if isinstance(version, NewVersion) else version


def _step(step: Step) -> Json:  # noqa: PLR0911 - one line for each of the nine steps
    match step:
        case AwaitUpdated():
            return {"op": "await_updated"}
        case PublishVersion():
            return {"op": "publish_version"}
        case AwaitActive(version):
            return {"op": "await_active", "version": _version(version)}
        case CreateAlias(version):
            return {"op": "create_alias", "version": _version(version)}
        case MoveAlias(version=version, clear_weights=clears):
            return {"op": "move_alias", "version": _version(version)} | ({"clear_weights": True} if clears else {})
        case AwaitSettled():
            return {"op": "await_settled"}
        case SetProvisioned(concurrency):
            return {"op": "set_provisioned", "concurrency": concurrency}
        case RemoveProvisioned():
            return {"op": "remove_provisioned"}
        case AwaitReady():
            return {"op": "await_ready"}


def _outcome(outcome: Outcome) -> Json:
    match outcome:
        case Done(note):
            return {"outcome": "done", "error": None, "note": note}
        case Failed(code, message, request_id, hint):
            error = {"code": code, "message": message, "request_id": request_id, "hint": hint}
            return {"outcome": "failed", "error": error, "note": None}
        case NotAttempted(why):
            return {"outcome": "not_attempted", "error": None, "note": why}


def _observed(observed: Observation) -> Json | None:
    if isinstance(observed, Unreadable):
        return None
    alias, provisioned, latest = observed.alias, observed.provisioned, observed.latest
    seen: Json = {
        "version": None if alias is None else alias.pointer.version,
        "requested": None if provisioned is None else provisioned.requested,
        "allocated": None if provisioned is None else provisioned.allocated,
        "available": None if provisioned is None else provisioned.available,
        "status": None if provisioned is None else provisioned.status,
        "status_reason": None if provisioned is None else provisioned.reason,
        "reserved": None if latest is None else latest.reserved,
        "scaling": _scaling(observed.scaling),
    }
    return seen | _weights(observed)


def _weights(observed: Observed) -> Json:
    weights = () if observed.alias is None else observed.alias.pointer.weights
    return {"weights": dict(weights)} if weights else {}


def _scaling(scaling: Scaling) -> Json | None:
    match scaling:
        case ScalingTarget(minimum, maximum, suspended):
            return {"minimum": minimum, "maximum": maximum, "suspended": suspended}
        case ScalingUnknown(why):
            return {"unknown": why}
        case None:
            return None


def _errors(error: ReconcileError) -> list[Json]:
    if isinstance(error, ConfigError):
        return [
            {"message": ": ".join(filter(None, (problem.path, problem.message))), "where": problem.where, "hint": None}
            for problem in error.problems
        ]
    return [{"message": error.message, "where": error.where, "hint": error.hint}]
