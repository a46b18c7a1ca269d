"""Snapshot and Config -> Plan. Pure.

Each ion is decided about by itself (`diff`). Then come the rules that span ions: some block an ion that can't be
applied beside the others (`conflicts`), some order steps of different ions (`precedence`). A blocked ion changes the
sums that the others are judged by, so both run again until nothing more is blocked. Cost, digest, refusals and warnings
follow.
"""

from collections.abc import Mapping
from dataclasses import replace

from reconciler.decide.absent import wrong_region
from reconciler.decide.checks import check
from reconciler.decide.conflicts import conflicts
from reconciler.decide.diff import plan_ion
from reconciler.decide.functions import by_function
from reconciler.decide.identity import digest, write_identities
from reconciler.decide.precedence import Deadlock, precedence
from reconciler.decide.price import ion_cost
from reconciler.model.desired import Config
from reconciler.model.observed import Key, Snapshot
from reconciler.model.plan import Blocked, Cost, IonPlan, Plan, Precedence


def decide(snapshot: Snapshot, config: Config) -> Plan:
    """The one Plan that is printed, saved, digested and applied; its ions are sorted by key."""
    alone = tuple(
        plan_ion(ion, snapshot.observations[ion.key]) for ion in sorted(snapshot.ions, key=lambda ion: ion.key)
    )
    together, order = _together(_blocked(alone, wrong_region(alone)), snapshot)
    ions = tuple(replace(ion, cost=ion_cost(ion, config.prices)) for ion in together)
    writes = write_identities(ions)
    return check(Plan(ions, digest(writes), _total(ions), precedence=order, writes=writes), snapshot, config)


def _together(ions: tuple[IonPlan, ...], snapshot: Snapshot) -> tuple[tuple[IonPlan, ...], tuple[Precedence, ...]]:
    """The ions once those that conflict are blocked, and the order; it ends, since each round blocks at least one."""
    while True:
        functions = by_function(ions)
        reasons = conflicts(functions)
        if not reasons:
            order = precedence(functions, snapshot.accounts)
            if not isinstance(order, Deadlock):
                return ions, order
            reasons = order.reasons
        ions = _blocked(ions, reasons)


def _blocked(ions: tuple[IonPlan, ...], reasons: Mapping[Key, str]) -> tuple[IonPlan, ...]:
    return tuple(replace(ion, verdict=Blocked(reasons[ion.key])) if ion.key in reasons else ion for ion in ions)


def _total(ions: tuple[IonPlan, ...]) -> Cost:
    least = None
    if any(ion.cost.monthly_least is not None for ion in ions):
        parts = (ion.cost.monthly_after if ion.cost.monthly_least is None else ion.cost.monthly_least for ion in ions)
        least = round(sum(parts), 2)
    return Cost(
        round(sum(ion.cost.monthly_before for ion in ions), 2),
        round(sum(ion.cost.monthly_after for ion in ions), 2),
        tuple(sorted({note for ion in ions for note in ion.cost.notes})),
        least,
    )
