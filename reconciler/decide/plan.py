"""All ions and what was observed of them -> one Plan: each ion's verdict, then the rules that span ions. Pure.

Spanning rules: a function's reserved concurrency has room for the provisioned concurrency of all of its qualifiers; a
version carries one provisioned concurrency at most; and what has to leave first does so first (`precedence`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconciler.decide.checks import refusals, warnings
from reconciler.decide.diff import after, raised_by, verdict
from reconciler.decide.identity import digest, write_identities
from reconciler.decide.precedence import Deadlock, precedence
from reconciler.decide.price import monthly_usd, price_note
from reconciler.decide.target import target
from reconciler.model import Blocked, Config, Cost, IonPlan, Key, Observed, Pending, Plan, Price, Settings, World


def decide(world: World, config: Config) -> Plan:
    """Decide about a whole world: every ion's verdict, what it costs, and whether it may be applied."""
    ions = tuple(
        IonPlan(ion, world.observations[ion.key], verdict(ion, world.observations[ion.key]))
        for ion in sorted(world.ions, key=lambda ion: ion.key)
    )
    ions = _block(ions, _over_reserved(ions))
    ordered = precedence(ions, world.accounts)
    while isinstance(ordered, Deadlock):
        ions = _block(ions, ordered.reasons)
        ordered = precedence(ions, world.accounts)
    costs = {plan.key: _monthly(plan, config.prices) for plan in ions}
    cost = _total(ions, costs, config.prices)
    plan = Plan(ions, digest(write_identities(ions)), cost, costs, precedence=ordered)
    return replace(
        plan,
        refusals=refusals(plan, world, config),
        warnings=(*world.warnings, *warnings(plan, world)),
    )


def _block(ions: tuple[IonPlan, ...], reasons: Mapping[Key, str]) -> tuple[IonPlan, ...]:
    return tuple(replace(plan, verdict=Blocked(reasons[plan.key])) if plan.key in reasons else plan for plan in ions)


def _over_reserved(ions: tuple[IonPlan, ...]) -> dict[Key, str]:
    """The raised ions of functions whose provisioned concurrency would come to more than is reserved."""
    reasons: dict[Key, str] = {}
    for plans in by_function(ions).values():
        reserved, total = _reserved(plans), provisioned_after(plans)
        if reserved is None or total is None or total <= reserved:
            continue
        for plan in plans:
            if raised_by(plan.verdict, plan.observed) > 0:
                reasons[plan.key] = (
                    f"the provisioned concurrency of {plan.key.function} would come to {total} over all of its "
                    f"qualifiers, and only {reserved} are reserved. Ask for less, or raise its reserved concurrency "
                    "(`:concurrency-limit` in ion-config.edn, then ion deploy)"
                )
    return reasons


def by_function(ions: Iterable[IonPlan]) -> dict[tuple[str, str, str], list[IonPlan]]:
    """Ions by account, region and function."""
    groups: dict[tuple[str, str, str], list[IonPlan]] = {}
    for plan in ions:
        groups.setdefault((plan.key.account, plan.key.region, plan.key.function), []).append(plan)
    return groups


def _reserved(plans: Iterable[IonPlan]) -> int | None:
    for plan in plans:
        if isinstance(plan.observed, Observed) and plan.observed.latest:
            return plan.observed.latest.reserved
    return None


def provisioned_after(plans: Iterable[IonPlan]) -> int | None:
    """Units over all qualifiers of one function once the plan is carried out; None where that was not read."""
    siblings: dict[str, int] | None = None
    planned: dict[str, int] = {}
    for plan in plans:
        if not isinstance(plan.observed, Observed):
            continue
        planned[plan.key.alias] = after(plan.verdict, plan.observed)
        if plan.observed.siblings is not None:
            siblings = {row.qualifier: row.provisioned.requested for row in plan.observed.siblings}
    return None if siblings is None else sum((siblings | planned).values())


def _monthly(plan: IonPlan, prices: Mapping[str, Price]) -> tuple[float, float]:
    observed = plan.observed
    if not isinstance(observed, Observed) or observed.latest is None:
        return 0.0, 0.0
    present = observed.alias.behind.settings if observed.alias else observed.latest.settings
    wanted = target(plan.ion.desired, observed)
    future = wanted.settings if isinstance(plan.verdict, Pending) and wanted and wanted.settings else present
    requested = observed.provisioned.requested if observed.provisioned else 0
    return (
        _price(requested, present, plan.key, prices),
        _price(after(plan.verdict, observed), future, plan.key, prices),
    )


def _price(concurrency: int, settings: Settings, key: Key, prices: Mapping[str, Price]) -> float:
    return monthly_usd(concurrency, settings=settings, region=key.region, prices=prices) if concurrency else 0.0


def _total(ions: tuple[IonPlan, ...], costs: Mapping[Key, tuple[float, float]], prices: Mapping[str, Price]) -> Cost:
    paid = {plan.key.region for plan in ions if any(costs[plan.key])}
    notes = (price_note(region, prices) for region in sorted(paid))
    return Cost(
        sum(before for before, _ in costs.values()),
        sum(later for _, later in costs.values()),
        tuple(note for note in notes if note),
    )
