"""The file's `limits`, per account and region: units of provisioned concurrency, and USD a month. Pure.

A limit that is exceeded is a refusal where the plan raises what it limits, and else a warning: numbers that are in sync
already, or are lowered, are never refused. Numbers are those of the whole file, by account and region as declared,
though only a part of it may be selected; the price is that of the selected ions.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.model.desired import Config, ConnectionSettings
from reconciler.model.observed import Key
from reconciler.model.plan import IonPlan, Plan
from reconciler.model.scaling import highest


@dataclass(frozen=True, slots=True)
class Excess:
    """A limit that is exceeded, in words. `keys`: the ions that raise what it limits, if any does."""

    what: str
    keys: tuple[Key, ...]


def excesses(plan: Plan, config: Config) -> tuple[Excess, ...]:
    """Every limit that is exceeded once the plan is applied."""
    return (*_concurrency(plan, config), *_price(plan, config))


def _concurrency(plan: Plan, config: Config) -> Iterator[Excess]:
    limit = config.limits.concurrency
    groups: dict[tuple[str, str], list[IonPlan]] = {}
    for ion in plan.ions:
        groups.setdefault(_declared(ion.ion.desired.connection), []).append(ion)
    for (account, region), ions in sorted(groups.items()):
        mine = (each for each in config.desired if _declared(each.connection) == (account, region))
        total = sum(highest(each.concurrency) for each in mine)
        if limit is not None and total > limit:
            where = " ".join(part for part in (account, region) if part) or "the ambient account and region"
            yield Excess(
                f"the file asks for {total} units of provisioned concurrency in {where}, and `limits.concurrency` is "
                f"{limit}: {total - limit} too many",
                tuple(ion.key for ion in ions if ion.units_added > 0),
            )


def _declared(connection: ConnectionSettings) -> tuple[str, str]:
    return connection.account or "", connection.region or ""


def _price(plan: Plan, config: Config) -> Iterator[Excess]:
    limit = config.limits.monthly_usd
    for place in sorted({ion.key.place for ion in plan.ions}):
        ions = [ion for ion in plan.ions if ion.key.place == place]
        before = sum(ion.cost.monthly_before for ion in ions)
        later = sum(ion.cost.monthly_after for ion in ions)
        if limit is not None and later > limit:
            moves = f"is ${later:,.2f}" if later == before else f"goes from ${before:,.2f} to ${later:,.2f}"
            yield Excess(
                f"the price in {place.account} {place.region} {moves} a month, and "
                f"`limits.monthly_usd` is ${limit:,.2f}",
                tuple(ion.key for ion in ions if ion.cost.monthly_after > ion.cost.monthly_before)
                if later > before
                else (),
            )
