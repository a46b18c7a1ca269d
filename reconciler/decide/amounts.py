"""Units of provisioned concurrency that verdicts add up to: per ion, and per function over all of its qualifiers. Pure.

A qualifier that the file does not name (an orphan, another alias, a version number) counts as AWS lists it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.model.observed import Observation, Observed, Qualified
from reconciler.model.plan import IonPlan, Pending, SetProvisioned, Settling, Step, Verdict


def present(observed: Observation) -> int:
    """Units requested now."""
    return observed.provisioned.requested if isinstance(observed, Observed) and observed.provisioned else 0


def after(decided: Verdict, observed: Observation) -> int:
    """Units requested once the verdict is carried out."""
    if isinstance(decided, Pending):
        for change in decided.changes:
            if change.field == "concurrency" and isinstance(change.after, int):
                return change.after
    return present(observed)


def raised_by(decided: Verdict, observed: Observation) -> int:
    """Units that the verdict adds to what is requested now (negative: takes away)."""
    return after(decided, observed) - present(observed)


def steps_of(decided: Verdict) -> tuple[Step, ...]:
    """The steps of a verdict that has any."""
    return decided.steps if isinstance(decided, Pending | Settling) else ()


def sets_to(decided: Verdict) -> int | None:
    """The number that the verdict puts, if it puts one."""
    return next((step.concurrency for step in steps_of(decided) if isinstance(step, SetProvisioned)), None)


@dataclass(frozen=True, slots=True)
class FunctionPlan:
    """A function's ions together. `siblings` None: its qualifiers were not listed (nothing is raised)."""

    name: str
    ions: tuple[IonPlan, ...]
    reserved: int | None
    siblings: tuple[Qualified, ...] | None

    @property
    def present(self) -> int:
        """Units over all qualifiers now; where they were not listed, over those that the file names."""
        return self._sum({ion.key.alias: present(ion.observed) for ion in self.ions})

    @property
    def after(self) -> int:
        """The same once the plan is carried out."""
        return self._sum({ion.key.alias: after(ion.verdict, ion.observed) for ion in self.ions})

    @property
    def raising(self) -> tuple[IonPlan, ...]:
        """The ions that add to it."""
        return tuple(ion for ion in self.ions if raised_by(ion.verdict, ion.observed) > 0)

    def _sum(self, named: dict[str, int]) -> int:
        listed = {row.qualifier: row.provisioned.requested for row in self.siblings or ()}
        return sum((listed | named).values())


def by_function(ions: Iterable[IonPlan]) -> tuple[FunctionPlan, ...]:
    """The ions that could be read, by account, region and function."""
    groups: dict[tuple[str, str, str], list[tuple[IonPlan, Observed]]] = {}
    for ion in ions:
        if isinstance(ion.observed, Observed):
            place = (ion.key.account, ion.key.region, ion.key.function)
            groups.setdefault(place, []).append((ion, ion.observed))
    return tuple(_function(name, members) for (*_, name), members in groups.items())


def _function(name: str, members: list[tuple[IonPlan, Observed]]) -> FunctionPlan:
    latest = next((observed.latest for _, observed in members if observed.latest), None)
    siblings = next((observed.siblings for _, observed in members if observed.siblings is not None), None)
    return FunctionPlan(name, tuple(ion for ion, _ in members), latest.reserved if latest else None, siblings)
