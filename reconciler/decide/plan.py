"""All ions and what was observed of them -> one Plan: each ion's verdict, then the rules that span ions. Pure.

Spanning rules block ions that can't be carried out beside the others (`conflicts`), and put the rest in an order where
AWS needs one (`precedence`). What is blocked changes the sums that others are judged by, so both are asked again until
nothing more is blocked.
"""

from collections.abc import Mapping
from dataclasses import replace

from reconciler.decide.amounts import after, present
from reconciler.decide.checks import refusals, warnings
from reconciler.decide.conflicts import conflicts
from reconciler.decide.diff import verdict
from reconciler.decide.identity import digest, write_identities
from reconciler.decide.precedence import Deadlock, precedence
from reconciler.decide.price import monthly_usd, price_note
from reconciler.decide.target import Target, target
from reconciler.model.desired import Config, Price
from reconciler.model.observed import Key, Observed, Settings, Snapshot
from reconciler.model.plan import Blocked, Cost, IonPlan, Pending, Plan, Precedence


def decide(world: Snapshot, config: Config) -> Plan:
    """Decide about a whole world: every ion's verdict, what it costs, and whether it may be applied."""
    alone = tuple(
        IonPlan(ion, world.observations[ion.key], verdict(ion, world.observations[ion.key]))
        for ion in sorted(world.ions, key=lambda ion: ion.key)
    )
    ions, order = _together(alone, world)
    costs = {plan.key: _monthly(plan, config.prices) for plan in ions}
    cost = _total(ions, costs, config.prices)
    plan = Plan(ions, digest(write_identities(ions)), cost, costs, precedence=order)
    return replace(
        plan,
        refusals=refusals(plan, world, config),
        warnings=(*world.warnings, *warnings(plan, world, config)),
    )


def _together(ions: tuple[IonPlan, ...], world: Snapshot) -> tuple[tuple[IonPlan, ...], tuple[Precedence, ...]]:
    """The ions as they can be carried out beside each other, and in which order; ends since each round blocks some."""
    while True:
        reasons = conflicts(ions)
        if not reasons:
            order = precedence(ions, world.accounts)
            if not isinstance(order, Deadlock):
                return ions, order
            reasons = order.reasons
        ions = tuple(replace(ion, verdict=Blocked(reasons[ion.key])) if ion.key in reasons else ion for ion in ions)


def _monthly(plan: IonPlan, prices: Mapping[str, Price]) -> tuple[float, float]:
    observed = plan.observed
    if not isinstance(observed, Observed) or observed.latest is None:
        return 0.0, 0.0
    now = observed.alias.behind.settings if observed.alias else observed.latest.settings
    wanted = target(plan.ion, observed)
    later = wanted.settings if isinstance(plan.verdict, Pending) and isinstance(wanted, Target) else now
    return (
        _price(present(observed), now, plan.key, prices),
        _price(after(plan.verdict, observed), later, plan.key, prices),
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
