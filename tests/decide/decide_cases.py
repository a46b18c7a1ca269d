"""A golden decision in its file's short form -> the World and Config it stands for, and a Plan -> the same short form.

Every field that a case leaves out has the boring value: an Active `$LATEST`, an alias `live` on version 7 of the same
settings, no provisioned concurrency, nothing reserved, an account with room. Names may hold a range, `f{01..12}`.
A `concurrency` that scales and the `schedules` are in the file's own words; `now` is the moment, in UTC.
What a case says about the outcome is complete: a refusal, a warning or a precedence that it does not name must not be.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from printed import printed

from reconciler.config import parse
from reconciler.decide.clock import actions
from reconciler.decide.plan import decide
from reconciler.model.callers import AsyncSettings, Callers, EventSource, Grant, ResourcePolicy, Statement
from reconciler.model.desired import (
    CallersWish,
    Config,
    ConnectionSettings,
    Desired,
    FollowLatest,
    Limits,
    Pinned,
    Price,
    Unmanaged,
    VersionWish,
)
from reconciler.model.observed import (
    AccountSettings,
    AliasPointer,
    AliasState,
    Ion,
    Key,
    Latest,
    Observation,
    Observed,
    Provisioned,
    Qualified,
    Scaling,
    ScalingTarget,
    ScalingUnknown,
    Settings,
    Snapshot,
    Unreadable,
    VersionState,
)
from reconciler.model.plan import Plan, Precedence, StepRef
from reconciler.model.scaling import Scaled, ScalingPolicy, ScheduledAction
from reconciler.model.steps import Step
from reconciler.report.document import plan_document

ACCOUNT, REGION = "123456789012", "us-east-1"
Raw = Mapping[str, Any]
RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")
KINDS = frozenset({"snap_start", "durable", "managed_instances", "tenant_isolated"})


def plan_of(case: Raw) -> Plan:
    """What is decided about the case."""
    return decide(*inputs(case))


def inputs(case: Raw) -> tuple[Snapshot, Config]:
    """The two arguments of `decide`."""
    schedules = case.get("schedules", {})
    selected = [_desired(name, raw, schedules) for name, raw in spread(case["file"])]
    others = [_desired(name, raw, schedules) for name, raw in spread(case.get("unselected", {}))]
    ions = tuple(Ion(key_of(each), each) for each in selected)
    seen = dict(spread(case.get("observed", {})))
    now = datetime.fromisoformat(case.get("now", "1970-01-01T00:00")).replace(tzinfo=UTC).timestamp()
    observations = {ion.key: observation(seen.get(_short(ion.key), {}), ion.desired, now) for ion in ions}
    limits = Limits(**case.get("limits", {}))
    prices = {region: Price(**price) for region, price in case.get("prices", {}).items()}
    world = Snapshot(
        ions,
        observations,
        {ion.key.place: _account(case.get("account", {})) for ion in ions},
        tuple((declared, caller, tuple(ion.key for ion in ions)) for declared, caller in case.get("wrong_account", ())),
    )
    return world, Config("warm.yaml", (*selected, *others), limits, prices)


def short_form(plan: Plan) -> dict[str, Any]:
    """The plan as a case spells it."""
    document = printed(plan_document(plan))
    ions = {_short(each.key): _decided(row) for each, row in zip(plan.ions, document["ions"], strict=True)}
    whole = {
        "refusals": [
            {"code": each.code, "message": each.message, "ions": [_short(key) for key in each.keys]}
            for each in plan.refusals
        ],
        "warnings": list(plan.warnings),
        "price_notes": list(plan.cost.notes),
        "precedence": [_rule(rule, {ion.key: ion.steps for ion in plan.ions}) for rule in plan.precedence],
    }
    cost = [round(plan.cost.monthly_before, 2), round(plan.cost.monthly_after, 2)]
    return {"ions": ions, **{name: said for name, said in whole.items() if said}, "cost": cost}


def spread(raw: Raw) -> Iterator[tuple[str, Any]]:
    """Each name with its value, ranges written out."""
    for name, value in raw.items():
        if found := RANGE.search(name):
            first, last = found.groups()
            for number in range(int(first), int(last) + 1):
                yield name.replace(found[0], str(number).zfill(len(first))), value
        else:
            yield name, value


def observation(raw: Raw | str, desired: Desired | None = None, now: float = 0.0) -> Observation:
    """What AWS says about one ion. `desired`: what `as asked` stands for."""
    if isinstance(raw, str):
        return Observed(None, None, None) if raw == "no function" else Unreadable(raw)
    if "near" in raw:
        return Observed(None, None, None, near_names=tuple(raw["near"]))
    pinned, siblings = raw.get("pinned"), raw.get("siblings")
    rows = None if siblings is None else tuple(_sibling(name, row) for name, row in siblings.items())
    return Observed(
        latest=_latest(raw.get("latest", {})),
        alias=_alias(raw),
        provisioned=_provisioned(raw.get("pc")),
        scaling=_scaling(raw.get("scaling"), desired),
        pinned=None if pinned is None else _version(pinned),
        siblings=rows,
        callers=_callers(raw),
        now=now,
    )


def key_of(desired: Desired) -> Key:
    """Where the ion is: as declared, else in the one account and region of these tests."""
    connection = desired.connection
    return Key(connection.account or ACCOUNT, connection.region or REGION, desired.function, desired.alias)


def settings(raw: Raw) -> Settings:
    """A function's settings: lower-case words are ours, the others AWS's own field names."""
    fields = {"Timeout": "60", "MemorySize": str(raw.get("memory", 1024))}
    return Settings(
        code_sha256=raw.get("code", "a"),
        fields=tuple(sorted((fields | {name: text for name, text in raw.items() if name[0].isupper()}).items())),
        environment=tuple(sorted(raw.get("environment", {}).items())),
        architecture=raw.get("arch", "x86_64"),
        memory_mb=raw.get("memory", 1024),
        log_group="/aws/lambda/f",
        **dict.fromkeys(KINDS & raw.keys(), True),
    )


def _desired(name: str, raw: Raw | int | None, schedules: Raw) -> Desired:
    asked: Raw = raw if isinstance(raw, Mapping) else {"concurrency": raw}
    function, _, alias = name.partition(":")
    connection = ConnectionSettings(asked.get("account", ACCOUNT), asked.get("region", REGION))
    wish = _wish(asked.get("version", "latest"))
    callers = CallersWish(asked.get("permissions") == "mirror", asked.get("event_sources") == "alias")
    concurrency = _concurrency(asked.get("concurrency"), schedules)
    return Desired(connection, None, function, alias or "live", wish, concurrency, callers=callers)


def _concurrency(raw: Raw | int | None, schedules: Raw) -> int | Scaled | None:
    """A mapping as the file itself would have it read."""
    if not isinstance(raw, Mapping):
        return raw
    named = {name: schedules[name] for name in raw if name in schedules}
    ions = {"f": {"alias": "live", "concurrency": raw}}
    text = json.dumps({"version": 1, "schedules": named, "ions": ions} if named else {"version": 1, "ions": ions})
    return parse(text.encode(), source="case").desired[0].concurrency


def _wish(raw: str | int) -> VersionWish:
    match raw:
        case "latest":
            return FollowLatest()
        case "unmanaged":
            return Unmanaged()
        case number:
            return Pinned(str(number))


def _callers(raw: Raw) -> Callers:
    """`bare`, `allowed`: Sid -> statement; `mappings`: UUID -> what it calls; `async`: of `$LATEST`, of the alias."""
    sources = raw.get("mappings")
    return Callers(
        _policy(raw.get("bare")),
        _policy(raw.get("allowed")),
        None if sources is None else tuple(_source(uuid, called) for uuid, called in sources.items()),
        *(None if one is None else AsyncSettings(**one) for one in raw.get("async", (None, None))),
    )


def _policy(raw: Raw | None) -> ResourcePolicy | None:
    return (
        None if raw is None else ResourcePolicy(tuple(_statement(*each) for each in raw.items()), "p1" if raw else None)
    )


def _statement(sid: str, raw: str | Raw) -> Statement:
    """`PRINCIPAL SOURCE` allows that; `{obstacle: …}` can't be mirrored; `{about: …}` is not about calls."""
    match raw:
        case str():
            principal, _, source = raw.partition(" ")
            grant = Grant(sid, "lambda:InvokeFunction", principal, source_arn=source or None)
            return Statement(sid, raw, invokes=True, grant=grant)
        case {"obstacle": str(obstacle)}:
            return Statement(sid, obstacle, invokes=True, grant=None, obstacle=obstacle)
        case {"about": str(action)}:
            return Statement(sid, action, invokes=False, grant=None, obstacle="its action")
        case _:
            raise ValueError(raw)


def _source(uuid: str, raw: str) -> EventSource:
    """`f:live Updating q`: what it calls, its state (Enabled) and its queue (named like the mapping)."""
    called, state, queue = [*raw.split(), "Enabled", uuid][:3] if " " not in raw else [*raw.split(), uuid][:3]
    function, _, qualifier = called.partition(":")
    return EventSource(uuid, f"arn:aws:sqs:::{queue}", function, qualifier or None, state)


def _latest(raw: Raw) -> Latest:
    return Latest(
        settings(raw),
        raw.get("revision", "r1"),
        raw.get("state", "Active"),
        raw.get("update", "Successful"),
        raw.get("state_reason"),
        raw.get("update_reason"),
        raw.get("reserved"),
    )


def _alias(raw: Raw) -> AliasState | None:
    version = raw.get("version", "7")
    if version is None:
        return None
    weights = tuple((number, float(weight)) for number, weight in raw.get("weights", {}).items())
    return AliasState(AliasPointer(version, weights, "a1"), _version({"number": version, **raw.get("behind", {})}))


def _version(raw: Raw) -> VersionState:
    return VersionState(raw["number"], settings(raw), raw.get("state", "Active"), raw.get("state_reason"))


def _provisioned(raw: int | Raw | None) -> Provisioned | None:
    match raw:
        case None:
            return None
        case int():
            return Provisioned(raw, raw, raw, "READY")
        case {"ready": int(requested), "available": int(available)}:
            return Provisioned(requested, requested, available, "READY")
        case {"failed": int(requested)}:
            return Provisioned(requested, 0, 0, "FAILED", raw.get("reason"))
        case {"working": int(requested), "allocated": int(allocated)}:
            return Provisioned(requested, allocated, allocated, "IN_PROGRESS")
        case _:
            raise ValueError(raw)


def _sibling(name: str, raw: int | Raw) -> Qualified:
    provisioned = _provisioned(raw)
    assert provisioned is not None
    return Qualified(str(name), provisioned)


def _scaling(raw: list[int] | Raw | None, desired: Desired | None) -> Scaling:
    match raw:
        case None:
            return None
        case [low, high]:
            return ScalingTarget(low, high)
        case {"suspended": [low, high]}:
            return ScalingTarget(low, high, suspended=True)
        case Mapping() if "target" in raw:
            return _detailed(raw, desired)
        case {"unknown": why}:
            return ScalingUnknown(why, harmless="harmless" in raw)
        case _:
            raise ValueError(raw)


def _detailed(raw: Raw, desired: Desired | None) -> ScalingTarget:
    """`as asked`: with what the file asks for; `actions` and `policies`: beside or instead of that, null for none."""
    asked = desired.concurrency if desired and "as asked" in raw else None
    live = {each.name: each for each in actions(asked)} if isinstance(asked, Scaled) else {}
    policies: dict[str, object] = {}
    if isinstance(asked, Scaled) and asked.target is not None:
        policies["reconcile-load"] = asked.target
    for name, said in raw.get("actions", {}).items():
        live.pop(name, None)
        if said:
            schedule, zone, minimum, maximum, *limited = said
            live[name] = ScheduledAction(name, schedule, zone, minimum, maximum, limited=bool(limited))
    rows = sorted((policies | raw.get("policies", {})).items())
    tracked = tuple(ScalingPolicy(name, aim if isinstance(aim, float) else None, plain=True) for name, aim in rows)
    (low, high), hindered = raw["target"], "hindered" in raw
    if "unread" in raw:
        return ScalingTarget(low, high, hindered=hindered, unread=raw["unread"])
    return ScalingTarget(low, high, hindered=hindered, actions=tuple(sorted(live.values(), key=str)), policies=tracked)


def _account(raw: Raw | str) -> AccountSettings | Unreadable:
    if isinstance(raw, str):
        return Unreadable(raw)
    used = raw.get("storage_used", 0)
    return AccountSettings(raw.get("limit", 1000), raw.get("unreserved", 1000), raw.get("storage", 100), used)


def _short(key: Key) -> str:
    return key.function if key.alias == "live" else f"{key.function}:{key.alias}"


def _decided(row: Raw) -> dict[str, Any] | str:
    said = {
        "verdict": row["verdict"],
        "why": row["why"],
        "changes": [
            [change["field"], change["before"], change["after"], change["reason"]] for change in row["changes"]
        ],
        "steps": [step["op"] if len(step) == 1 else step for step in row["steps"]],
    }
    said = {name: value for name, value in said.items() if value}
    return str(said["verdict"]) if len(said) == 1 else said


def _rule(rule: Precedence, steps: Mapping[Key, tuple[Step, ...]]) -> str:
    earlier, later = (_operation(each, steps[each.key]) for each in (rule.earlier, rule.later))
    return f"{_short(rule.earlier.key)} {earlier} -> {_short(rule.later.key)} {later}: {rule.why}"


def _operation(ref: StepRef, steps: tuple[Step, ...]) -> str:
    """The step's name, with its number where there are two of it."""
    step = steps[ref.index]
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(step).__name__).lower()
    return name if steps.count(step) == 1 else f"{name} (step {ref.index + 1})"
