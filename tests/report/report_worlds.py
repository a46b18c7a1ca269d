"""Hand-made plans and results for the report tests: every verdict, every field of a change, and hostile text."""

from dataclasses import replace

from reconciler.model.desired import ConnectionSettings, Desired, FollowLatest
from reconciler.model.observed import (
    AliasPointer,
    AliasState,
    Ion,
    Key,
    Latest,
    Observation,
    Observed,
    Provisioned,
    ScalingTarget,
    Settings,
    Unreadable,
    VersionState,
)
from reconciler.model.outcome import Applied, Done, Failed, IonResult, NotAttempted
from reconciler.model.plan import (
    Blocked,
    Change,
    Cost,
    InSync,
    IonPlan,
    Pending,
    Plan,
    Precedence,
    Refusal,
    Settling,
    StepRef,
    Verdict,
)
from reconciler.model.steps import (
    AwaitActive,
    AwaitReady,
    AwaitSettled,
    AwaitUpdated,
    CreateAlias,
    MoveAlias,
    NewVersion,
    PublishVersion,
    RemoveProvisioned,
    SetProvisioned,
    Step,
)

ACCOUNT = "123456789012"
OTHER_ACCOUNT = "210987654321"
DIGEST = "sha256:3f1c0a9be2d4476581c7f0d2a4b6e8091a2b3c4d5e6f708192a3b4c5d6e7f809"
NEW = NewVersion()
PUBLISH = PublishVersion("c0de", "rev-latest")

# Markup, an escape sequence, a carriage return, a forged last line, a right-to-left override, a table cell, HTML.
HOSTILE = (
    "[red]not red[/red] [/x] \x1b[2J\x1b]0;owned\x07 \rPlan: 0\nPlan: nothing to see | a | b | \u202egnp.exe "
    "<img src=x> `code` *bold* @someone #12 https://example.com $x$ :smile:"
)

SETTINGS = Settings("c0de", (), (), "x86_64", 512, "/aws/lambda/f")
LATEST = Latest(SETTINGS, "rev-latest", "Active", "Successful")


NOW = 1_800_000_000.0
PUBLISHED = {"7": NOW - 3 * 86_400 - 60, "8": NOW - 5_400, "9": NOW - 120}


def key(function: str, alias: str = "live", *, region: str = "us-east-1", account: str = ACCOUNT) -> Key:
    return Key(account, region, function, alias)


def provisioned(requested: int, available: int | None = None, *, status: str = "READY") -> Provisioned:
    warm = requested if available is None else available
    reason = "FUNCTION_ERROR_INIT_FAILURE" if status == "FAILED" else None
    return Provisioned(requested, warm, warm, status, reason)


def observed(version: str | None, config: Provisioned | None = None) -> Observed:
    if version is None:
        return Observed(LATEST, None, None)
    pointer = AliasPointer(version, (), "rev-alias")
    return Observed(
        LATEST, AliasState(pointer, VersionState(version, SETTINGS, "Active", modified=PUBLISHED.get(version))), config
    )


def ion(at: Key, verdict: Verdict, seen: Observation, *, group: str | None = "inventory-prod") -> IonPlan:
    desired = Desired(ConnectionSettings(), group, at.function, at.alias, FollowLatest(), 1, "warm.yaml:9:7")
    return IonPlan(Ion(at, desired), seen, verdict)


def plan(*ions: IonPlan, before: float = 0.0, after: float = 0.0) -> Plan:
    return Plan(tuple(ions), DIGEST, Cost(before, after))


def created(at: Key, *, group: str | None = "inventory-prod") -> IonPlan:
    changes = (
        Change("alias", None, at.alias, "the alias does not exist"),
        Change("version", None, NEW, "a new alias follows $LATEST"),
        Change("concurrency", None, 2, "the file asks for 2"),
    )
    steps: tuple[Step, ...] = (PUBLISH, AwaitActive(NEW), CreateAlias(NEW), SetProvisioned(2), AwaitReady())
    return ion(at, Pending(changes, steps), observed(None), group=group)


def moved(at: Key) -> IonPlan:
    reason = "$LATEST differs from 7: code, Environment (2 keys), Timeout 60 -> 120"
    changes = (
        Change("version", "7", NEW, reason),
        Change("concurrency", 2, 5, "the file asks for 5"),
    )
    steps: tuple[Step, ...] = (
        AwaitUpdated(),
        PUBLISH,
        AwaitActive(NEW),
        MoveAlias("7", NEW),
        AwaitSettled(),
        SetProvisioned(5),
        AwaitReady(),
    )
    return ion(at, Pending(changes, steps), observed("7", provisioned(2)))


def repaired(at: Key) -> IonPlan:
    changes = (
        Change("version", "8", "7", "pinned to 7 in the file"),
        Change("routing", "100% to 7", None, "Lambda's own weight, left by a move that failed"),
        Change("concurrency", 3, 3, "FAILED (FUNCTION_ERROR_INIT_FAILURE): removed, and put on the other version"),
    )
    steps: tuple[Step, ...] = (
        RemoveProvisioned(),
        MoveAlias("8", "7", clear_weights=True),
        SetProvisioned(3),
        AwaitReady(),
    )
    stuck = observed("8", provisioned(3, 0, status="FAILED"))
    assert stuck.alias is not None
    weighted = replace(stuck.alias, pointer=AliasPointer("8", (("7", 1.0),), "rev-alias"))
    why = "the alias is stuck after a failed init. Callers are served cold meanwhile"
    return ion(at, Pending(changes, steps, why), replace(stuck, alias=weighted))


def removed(at: Key) -> IonPlan:
    changes = (Change("concurrency", 3, 0, "the file asks for none"),)
    return ion(at, Pending(changes, (RemoveProvisioned(),)), observed("4", provisioned(3)))


def settling(at: Key) -> IonPlan:
    seen = observed("7", provisioned(5, 2, status="IN_PROGRESS"))
    return ion(at, Settling("2 of 5 allocated", (AwaitReady(),)), seen)


def blocked(at: Key, why: str, *, group: str | None = "inventory-prod") -> IonPlan:
    return ion(at, Blocked(why), observed("7", provisioned(2)), group=group)


def unreadable(at: Key, why: str, *, group: str | None = "inventory-prod") -> IonPlan:
    return ion(at, Unreadable(why), Unreadable(why), group=group)


def in_sync(at: Key, why: str | None = None, *, group: str | None = "inventory-prod") -> IonPlan:
    seen = observed("7", provisioned(2))
    scaled = replace(seen, scaling=ScalingTarget(1, 10)) if why else seen
    return ion(at, InSync(why), scaled, group=group)


def everything() -> Plan:
    """Every verdict, every field of a change, two accounts, a region without a price, and a top-level ion."""
    ions = (
        in_sync(key("my-lambda"), group=None),
        created(key("inventory-prod-add-item", "blue")),
        moved(key("inventory-prod-get-items")),
        repaired(key("inventory-prod-import")),
        removed(key("inventory-prod-report")),
        settling(key("inventory-prod-search")),
        blocked(
            key("inventory-prod-legacy"),
            "the alias sends 10% to 8 (a canary of CodeDeploy or of a person). "
            "Let that end, or clear its weights, then run again",
        ),
        unreadable(key("inventory-prod-gone"), "AccessDeniedException: not authorized to perform lambda:GetAlias"),
        in_sync(key("inventory-prod-scaled"), "Application Auto Scaling owns the number, between 1 and 10"),
        created(key("search-eu-find", region="eu-isoe-west-1", account=OTHER_ACCOUNT), group="search-eu"),
        unreadable(Key("", "", "lost-ion", "live"), "no credentials for profile lost", group="lost"),
    )
    costs = {1: Cost(0.0, 10.95), 2: Cost(10.95, 27.38), 4: Cost(16.43, 0.0), 9: Cost(0.0, 10.95)}
    notes = ("no list price is known for eu-isoe-west-1: counted at us-east-1's (`prices` in the file sets it)",)
    return Plan(
        tuple(replace(each, cost=costs.get(number, Cost(10.95, 10.95))) for number, each in enumerate(ions)),
        DIGEST,
        Cost(60.23, 82.13, notes),
        refusals=refusals(ions[2].key, ions[4].key),
        warnings=("code storage is at 83 % of 75.0 GB: each publish adds to it",),
        precedence=(Precedence(StepRef(ions[4].key, 0), StepRef(ions[2].key, 5), "3 more fit only then"),),
    )


def refusals(first: Key, second: Key) -> tuple[Refusal, ...]:
    starves = "5 of 5 reserved would be provisioned: $LATEST and every alias without it would be throttled to zero"
    wrong = "the caller is account 999999999999, the file declares 123456789012"
    return (
        Refusal("starves-latest", starves, (first,)),
        Refusal("over-limit", "the plan asks for 210, and `limits.concurrency` is 200", (first, second)),
        Refusal("wrong-account", wrong, ()),
    )


def hostile() -> Plan:
    """Text that AWS, or somebody through AWS, could send."""
    at = key("inventory-prod-get-items")
    change = Change("version", "7", NEW, HOSTILE)
    ions = (
        ion(at, Pending((change,), (PUBLISH,), HOSTILE), observed("7")),
        blocked(key("inventory-prod-legacy"), HOSTILE, group="[bold]group|x[/bold]"),
        unreadable(key("inventory-prod-report"), HOSTILE),
    )
    refused = (Refusal("over-limit", HOSTILE, (at,)),)
    return replace(plan(*ions), refusals=refused, warnings=(HOSTILE,))


def applied() -> tuple[Plan, Applied]:
    """Every way an ion can end."""
    planned = everything()
    top, added, got, imported, reported, searched, legacy, gone, scaled, found, lost = planned.ions
    results = (
        IonResult(top, ()),
        IonResult(added, _done(added), observed("1", provisioned(2))),
        IonResult(got, _failed_move(got), observed("7", provisioned(2))),
        IonResult(imported, _with_note(imported), observed("7", provisioned(3))),
        IonResult(reported, _not_attempted(reported, "inventory-prod-get-items:live failed")),
        IonResult(searched, ((AwaitReady(), Done()),), observed("7", provisioned(5))),
        *(IonResult(each, ()) for each in (legacy, gone, scaled)),
        IonResult(found, _unwaited(found), observed("1", provisioned(2, 0, status="IN_PROGRESS"))),
        IonResult(lost, ()),
    )
    return planned, Applied(results)


def steps(planned: IonPlan) -> tuple[Step, ...]:
    assert isinstance(planned.verdict, Pending)
    return planned.verdict.steps


def _done(planned: IonPlan) -> tuple[tuple[Step, Done], ...]:
    return tuple((step, Done()) for step in steps(planned))


def _failed_move(planned: IonPlan) -> tuple[tuple[Step, Done | Failed | NotAttempted], ...]:
    words = "The Revision Id provided does not match the latest Revision Id."
    failed = Failed("PreconditionFailedException", words, "7d1f-aa02", "somebody else moved the alias: plan again")
    stopped = NotAttempted("an earlier step failed")
    outcomes: tuple[Done | Failed | NotAttempted, ...] = (Done(), Done(), Done(), failed, stopped, stopped, stopped)
    return tuple(zip(steps(planned), outcomes, strict=True))


def _with_note(planned: IonPlan) -> tuple[tuple[Step, Done], ...]:
    note = "AWS refused the removal; the weights were cleared first, and callers may have met version 8"
    return tuple((step, Done(note if isinstance(step, MoveAlias) else None)) for step in steps(planned))


def _not_attempted(planned: IonPlan, why: str) -> tuple[tuple[Step, NotAttempted], ...]:
    return tuple((step, NotAttempted(why)) for step in steps(planned))


def _unwaited(planned: IonPlan) -> tuple[tuple[Step, Done | NotAttempted], ...]:
    *earlier, last = steps(planned)
    return (*((step, Done()) for step in earlier), (last, NotAttempted("--no-wait", failed_before=False)))
