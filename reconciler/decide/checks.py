"""The safety rules: a Plan and what was observed -> the Plan with its refusals and warnings. Pure.

A refusal judges what the plan changes, shows the arithmetic and says what to do; what is in sync already is a warning
at most. A read that failed or was denied never counts as permission.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from reconciler.decide.functions import FunctionPlan, by_function, unreserved_ions
from reconciler.decide.limits import Excess, excesses
from reconciler.decide.precedence import MINIMUM_UNRESERVED, unreserved_room
from reconciler.model.desired import Config
from reconciler.model.observed import (
    AccountRegion,
    AccountSettings,
    Key,
    Observed,
    ScalingUnknown,
    Snapshot,
    Unreadable,
)
from reconciler.model.plan import Plan, Refusal
from reconciler.model.refusals import WRONG_ACCOUNT
from reconciler.model.steps import MoveEventSource

MASS_AT_LEAST = 10  # ions that have provisioned concurrency
MASS_PERCENT = 30  # of them
MOST_MAPPINGS = 10  # event source mappings that one plan moves unasked
STORAGE_PERCENT = 80


def check(plan: Plan, snapshot: Snapshot, config: Config) -> Plan:
    """The plan with a refusal for each rule that it breaks, and with warnings for what needs no refusal."""
    functions, exceeded = by_function(plan.ions), excesses(plan, config)
    return replace(
        plan,
        refusals=(
            *_wrong_account(snapshot),
            *_over_limit(exceeded),
            *_over_account(functions, snapshot.accounts),
            *_starves_latest(functions),
            *_mass_removal(plan),
            *_owner_unknown(plan),
            *_moves_callers(plan),
        ),
        warnings=(
            *snapshot.warnings,
            *(f"{each.what}. Nothing is raised, so nothing is refused" for each in exceeded if not each.keys),
            *_already_starved(functions),
            *_storage(snapshot),
        ),
    )


def _wrong_account(snapshot: Snapshot) -> Iterator[Refusal]:
    for declared, caller, keys in snapshot.wrong_accounts:
        yield Refusal(
            WRONG_ACCOUNT,
            f"the file says account {declared}, and these credentials are of {caller}. "
            "Use other credentials (profile, role_arn, AWS_PROFILE), or mend the file",
            keys,
        )


def _over_limit(exceeded: Iterable[Excess]) -> Iterator[Refusal]:
    for excess in exceeded:
        if excess.keys:
            yield Refusal("over-limit", f"{excess.what}. Ask for less, or raise the limit", excess.keys)


def _over_account(
    functions: Iterable[FunctionPlan], accounts: Mapping[AccountRegion, AccountSettings | Unreadable]
) -> Iterator[Refusal]:
    for place, ions in unreserved_ions(functions).items():
        added = sum(ion.units_added for ion in ions if ion.units_added > 0)
        freed = -sum(ion.units_added for ion in ions if ion.units_added < 0)
        why = _no_room(accounts.get(place), place, added=added, freed=freed) if added else None
        if why:
            yield Refusal("over-account", why, tuple(ion.key for ion in ions if ion.units_added > 0))


def _no_room(
    settings: AccountSettings | Unreadable | None, place: AccountRegion, *, added: int, freed: int
) -> str | None:
    room, where = unreserved_room(settings), f"{place.account} {place.region}"
    if room is None or not isinstance(settings, AccountSettings):
        reason = f" ({settings.why})" if isinstance(settings, Unreadable) else ""
        return (
            f"the plan adds {added} units to functions without reserved concurrency in {where}, and what is left "
            f"there could not be read{reason}. Plan again when it can"
        )
    if added - freed <= room:
        return None
    kept = min(MINIMUM_UNRESERVED, settings.concurrency)
    left = settings.unreserved - added + freed
    return (
        f"not enough concurrency in {where}: limit {settings.concurrency}, unreserved {settings.unreserved}, added "
        f"{added}, freed {freed}, left {left}, and AWS keeps {kept} of it. Ask for less, reserve less elsewhere, or "
        "have the account's limit raised"
    )


def _starves_latest(functions: Iterable[FunctionPlan]) -> Iterator[Refusal]:
    for function in functions:
        before, after = function.units_before, function.units_after
        if after > before and after == function.reserved:
            yield Refusal(
                "starves-latest",
                f"{function.name}: provisioned concurrency would go from {before} to {after}, and {after} are "
                "reserved: none left, so $LATEST and every alias without provisioned concurrency would be throttled to "
                "zero and their callers fail. Ask for less, or raise its reserved concurrency (`:concurrency-limit` in "
                "ion-config.edn; ions have 20 unless it says otherwise)",
                tuple(ion.key for ion in function.ions if ion.units_added > 0),
            )


def _already_starved(functions: Iterable[FunctionPlan]) -> Iterator[str]:
    for function in functions:
        reserved = function.reserved or 0
        if function.units_before >= function.units_after >= reserved > 0:
            yield (
                f"{function.name}: all {reserved} that are reserved are provisioned, so calls of $LATEST and of "
                "aliases without provisioned concurrency are throttled"
            )


def _mass_removal(plan: Plan) -> Iterator[Refusal]:
    having = [ion for ion in plan.ions if isinstance(ion.observed, Observed) and ion.observed.provisioned]
    losing = [ion for ion in having if ion.units_added < 0]
    if len(having) >= MASS_AT_LEAST and 100 * len(losing) > MASS_PERCENT * len(having):
        yield Refusal(
            "mass-removal",
            f"the plan lowers or removes provisioned concurrency on {len(losing)} of the {len(having)} ions that have "
            f"it, more than {MASS_PERCENT}%. See that it is meant",
            tuple(ion.key for ion in losing),
        )


def _owner_unknown(plan: Plan) -> Iterator[Refusal]:
    unknown: dict[str, list[Key]] = {}
    for ion in plan.ions:
        scaling = ion.observed.scaling if isinstance(ion.observed, Observed) else None
        if isinstance(scaling, ScalingUnknown) and not scaling.harmless and ion.units_added < 0:
            unknown.setdefault(scaling.why, []).append(ion.key)
    for why, keys in unknown.items():
        yield Refusal(
            "owner-unknown",
            "the plan lowers or removes provisioned concurrency, and whether Application Auto Scaling owns the number "
            f"could not be read ({why}). Plan again when it can",
            tuple(keys),
        )


def _moves_callers(plan: Plan) -> Iterator[Refusal]:
    moving = {ion.key: sum(isinstance(step, MoveEventSource) for step in ion.steps) for ion in plan.ions}
    total = sum(moving.values())
    if total > MOST_MAPPINGS:
        yield Refusal(
            "moves-callers",
            f"the plan points {total} event source mappings at aliases, more than {MOST_MAPPINGS}: what reads those "
            "queues and streams runs the aliases' versions from then on. See that it is meant, or begin with a few "
            "(`--only`)",
            tuple(key for key, number in moving.items() if number),
        )


def _storage(snapshot: Snapshot) -> Iterator[str]:
    for place, settings in sorted(snapshot.accounts.items()):
        if not isinstance(settings, AccountSettings) or not settings.code_storage_limit:
            continue
        percent = 100 * settings.code_storage_used // settings.code_storage_limit
        if percent >= STORAGE_PERCENT:
            yield (
                f"{place.account} {place.region}: {percent}% of the code storage is used; each deploy publishes, and "
                "full storage stops publishing. Delete old versions that no alias names"
            )
