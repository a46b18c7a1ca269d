"""Whether a plan may be applied: refusals with their arithmetic and the way to lift them, and warnings. Pure.

They judge what the plan changes: a world that is in sync already is a warning at most, never a refusal. A read that
failed or was denied never counts as permission.
"""

from collections.abc import Iterator

from reconciler.decide.diff import after, lowers, raised_by
from reconciler.decide.precedence import MINIMUM_UNRESERVED, unreserved_room
from reconciler.model import (
    AccountSettings,
    Config,
    IonPlan,
    Key,
    Observed,
    Place,
    Plan,
    Refusal,
    ScalingUnknown,
    Unreadable,
    World,
)

LIFTABLE = ("over-limit", "over-account", "starves-latest", "mass-removal", "owner-unknown")
MASS_AT_LEAST = 10  # ions that have provisioned concurrency
MASS_SHARE = 0.3  # of them
STORAGE_SHARE = 0.8


def refusals(plan: Plan, world: World, config: Config) -> tuple[Refusal, ...]:
    """Every rule that the plan breaks."""
    return (
        *_wrong_account(world),
        *_over_limit(plan, config),
        *_over_account(plan, world),
        *_starves_latest(plan),
        *_mass_removal(plan),
        *_owner_unknown(plan),
    )


def warnings(plan: Plan, world: World) -> tuple[str, ...]:
    """What people should know although nothing is refused."""
    return (*_already_starved(plan), *_storage(world))


def _wrong_account(world: World) -> Iterator[Refusal]:
    for declared, caller, keys in world.wrong_accounts:
        yield Refusal(
            "wrong-account",
            f"the file says account {declared}, and these credentials are of {caller}. "
            "Use other credentials (profile, role_arn, AWS_PROFILE), or mend the file",
            keys,
        )


def _over_limit(plan: Plan, config: Config) -> Iterator[Refusal]:
    limit, raised = config.limits.concurrency, [ion for ion in plan.ions if raised_by(ion.verdict, ion.observed) > 0]
    declared = {(ion.ion.desired.connection.account, ion.ion.desired.connection.region) for ion in raised}
    for account, region in sorted(declared, key=str):
        total = sum(
            desired.concurrency or 0
            for desired in config.desired
            if (desired.connection.account, desired.connection.region) == (account, region)
        )
        if limit is not None and total > limit:
            where = " ".join(part for part in (account, region) if part) or "the ambient account and region"
            yield Refusal(
                "over-limit",
                f"the file asks for {total} units of provisioned concurrency in {where}, and `limits.concurrency` is "
                f"{limit}: {total - limit} too many. Ask for less, or raise the limit",
                tuple(ion.key for ion in raised if _declared(ion) == (account, region)),
            )
    yield from _over_price(plan, config)


def _declared(ion: IonPlan) -> tuple[str | None, str | None]:
    return ion.ion.desired.connection.account, ion.ion.desired.connection.region


def _over_price(plan: Plan, config: Config) -> Iterator[Refusal]:
    limit = config.limits.monthly_usd
    for place in _places(plan):
        costs = {ion.key: plan.ion_costs[ion.key] for ion in plan.ions if ion.key.place == place}
        before, later = (sum(cost[index] for cost in costs.values()) for index in (0, 1))
        if limit is not None and later > limit and later > before:
            yield Refusal(
                "over-limit",
                f"the plan raises the price in {place.account} {place.region} from ${before:,.2f} to ${later:,.2f} a "
                f"month, and `limits.monthly_usd` is ${limit:,.2f}. Ask for less, or raise the limit",
                tuple(key for key, (old, new) in costs.items() if new > old),
            )


def _places(plan: Plan) -> tuple[Place, ...]:
    return tuple(sorted({ion.key.place for ion in plan.ions}))


def _over_account(plan: Plan, world: World) -> Iterator[Refusal]:
    for place in _places(plan):
        deltas = {
            ion.key: raised_by(ion.verdict, ion.observed)
            for ion in plan.ions
            if ion.key.place == place and _reserved(ion) is None
        }
        added = sum(delta for delta in deltas.values() if delta > 0)
        freed = -sum(delta for delta in deltas.values() if delta < 0)
        if added == 0:
            continue
        why = _no_room(world.accounts.get(place), place, added=added, freed=freed)
        if why:
            yield Refusal("over-account", why, tuple(key for key, delta in deltas.items() if delta > 0))


def _reserved(ion: IonPlan) -> int | None:
    return ion.observed.latest.reserved if isinstance(ion.observed, Observed) and ion.observed.latest else None


def _no_room(settings: AccountSettings | Unreadable | None, place: Place, *, added: int, freed: int) -> str | None:
    room, where = unreserved_room(settings), f"{place.account} {place.region}"
    if room is None or not isinstance(settings, AccountSettings):
        reason = f" ({settings.why})" if isinstance(settings, Unreadable) else ""
        return (
            f"the plan adds {added} units to functions without reserved concurrency in {where}, and what is left "
            f"there could not be read{reason}"
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


def _function_totals(plan: Plan) -> Iterator[tuple[int, int, bool, list[IonPlan]]]:
    """(reserved, provisioned after, whether the plan raises it, its ions) of every function with a reservation."""
    groups: dict[tuple[Place, str], list[IonPlan]] = {}
    for ion in plan.ions:
        groups.setdefault((ion.key.place, ion.key.function), []).append(ion)
    for ions in groups.values():
        reserved = next((_reserved(ion) for ion in ions if _reserved(ion) is not None), None)
        if reserved is None:
            continue
        known = {ion.key.alias: after(ion.verdict, ion.observed) for ion in ions if isinstance(ion.observed, Observed)}
        others = {
            row.qualifier: row.provisioned.requested
            for ion in ions
            if isinstance(ion.observed, Observed)
            for row in ion.observed.siblings or ()
        }
        raises = any(raised_by(ion.verdict, ion.observed) > 0 for ion in ions)
        yield reserved, sum((others | known).values()), raises, ions


def _starves_latest(plan: Plan) -> Iterator[Refusal]:
    for reserved, total, raises, ions in _function_totals(plan):
        if raises and total == reserved:
            yield Refusal(
                "starves-latest",
                f"{ions[0].key.function}: provisioned concurrency would be {total}, all that is reserved for it "
                f"({reserved}). $LATEST and every alias without provisioned concurrency would be throttled to zero and "
                "their callers fail. Ask for less, or raise its reserved concurrency (`:concurrency-limit` in "
                "ion-config.edn; ions have 20 unless it says otherwise)",
                tuple(ion.key for ion in ions if raised_by(ion.verdict, ion.observed) > 0),
            )


def _already_starved(plan: Plan) -> Iterator[str]:
    for reserved, total, raises, ions in _function_totals(plan):
        if not raises and total >= reserved > 0:
            yield (
                f"{ions[0].key.function}: all {reserved} that are reserved are provisioned, so calls of $LATEST and of "
                "aliases without provisioned concurrency are throttled"
            )


def _mass_removal(plan: Plan) -> Iterator[Refusal]:
    having = [ion for ion in plan.ions if isinstance(ion.observed, Observed) and ion.observed.provisioned]
    losing = [ion for ion in having if lowers(ion.verdict, ion.observed)]
    if len(having) >= MASS_AT_LEAST and len(losing) > MASS_SHARE * len(having):
        yield Refusal(
            "mass-removal",
            f"the plan lowers or removes provisioned concurrency on {len(losing)} of the {len(having)} ions that have "
            f"it, more than {MASS_SHARE:.0%}".replace("%", " %"),
            tuple(ion.key for ion in losing),
        )


def _owner_unknown(plan: Plan) -> Iterator[Refusal]:
    unknown: dict[str, list[Key]] = {}
    for ion in plan.ions:
        scaling = ion.observed.scaling if isinstance(ion.observed, Observed) else None
        if isinstance(scaling, ScalingUnknown) and not scaling.harmless and lowers(ion.verdict, ion.observed):
            unknown.setdefault(scaling.why, []).append(ion.key)
    for why, keys in unknown.items():
        yield Refusal(
            "owner-unknown",
            "the plan lowers or removes provisioned concurrency, and whether Application Auto Scaling owns the number "
            f"could not be read ({why})",
            tuple(keys),
        )


def _storage(world: World) -> Iterator[str]:
    for place, settings in sorted(world.accounts.items()):
        if not isinstance(settings, AccountSettings) or not settings.code_storage_limit:
            continue
        share = settings.code_storage_used / settings.code_storage_limit
        if share >= STORAGE_SHARE:
            yield (
                f"{place.account} {place.region}: {share:.0%} of the code storage is used; each deploy publishes, and "
                "full storage stops publishing. Delete old versions that no alias names"
            ).replace("%", " %", 1)
