"""All ions and what was observed of them -> one Plan: each ion's verdict, then the rules that span ions. Pure.

Spanning rules block ions that can't be carried out beside the others (`conflicts`), and put the rest in an order where
AWS needs one (`precedence`). What is blocked changes the sums that others are judged by, so both are asked again until
nothing more is blocked.
"""

from dataclasses import replace

from reconciler.decide.checks import check
from reconciler.decide.conflicts import conflicts
from reconciler.decide.diff import plan_ion
from reconciler.decide.identity import digest, write_identities
from reconciler.decide.precedence import Deadlock, precedence
from reconciler.decide.price import ion_cost
from reconciler.model.desired import Config
from reconciler.model.observed import Snapshot
from reconciler.model.plan import Blocked, Cost, IonPlan, Plan, Precedence


def decide(snapshot: Snapshot, config: Config) -> Plan:
    """Decide about everything observed: each ion's verdict, what it costs, and what refuses the plan."""
    alone = tuple(
        plan_ion(ion, snapshot.observations[ion.key]) for ion in sorted(snapshot.ions, key=lambda ion: ion.key)
    )
    together, order = _together(alone, snapshot)
    ions = tuple(replace(ion, cost=ion_cost(ion, config.prices)) for ion in together)
    writes = write_identities(ions)
    return check(Plan(ions, digest(writes), _total(ions), precedence=order, writes=writes), snapshot, config)


def _together(ions: tuple[IonPlan, ...], snapshot: Snapshot) -> tuple[tuple[IonPlan, ...], tuple[Precedence, ...]]:
    """The ions as they can be applied beside each other, and in which order; ends since each round blocks some."""
    while True:
        reasons = conflicts(ions)
        if not reasons:
            order = precedence(ions, snapshot.accounts)
            if not isinstance(order, Deadlock):
                return ions, order
            reasons = order.reasons
        ions = tuple(replace(ion, verdict=Blocked(reasons[ion.key])) if ion.key in reasons else ion for ion in ions)


def _total(ions: tuple[IonPlan, ...]) -> Cost:
    return Cost(
        sum(ion.cost.monthly_before for ion in ions),
        sum(ion.cost.monthly_after for ion in ions),
        tuple(sorted({note for ion in ions for note in ion.cost.notes})),
    )
