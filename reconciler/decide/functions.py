"""A function's ions together: the units over all of its qualifiers, and which version carries whose. Pure.

A qualifier that the file does not name (an orphan, another alias, a version number) counts as AWS lists it.

Which version an ion will carry is known before a publish too, where AWS publishes nothing new: it answers with the
highest version when `$LATEST` equals that (https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.decide.compare import differences
from reconciler.model.observed import AccountRegion, FunctionKey, Latest, Observed, Qualified, VersionState
from reconciler.model.plan import IonPlan, Pending
from reconciler.model.steps import NewVersion, Version


@dataclass(frozen=True, slots=True)
class FunctionPlan:
    """The ions of one function that could be read.

    `reserved` None: no reserved concurrency. `siblings` None: its qualifiers were not listed (nothing is raised).
    `republished`: the version that a publish gives again, as far as is known; None: it gives a new one.
    """

    name: str
    ions: tuple[IonPlan, ...]
    reserved: int | None
    siblings: tuple[Qualified, ...] | None
    republished: str | None

    @property
    def units_before(self) -> int:
        """Units over all qualifiers now; where they were not listed, over those that the file names."""
        return self._sum({ion.key.alias: ion.units_before for ion in self.ions})

    @property
    def units_after(self) -> int:
        """The same once the plan is applied."""
        return self._sum({ion.key.alias: ion.units_after for ion in self.ions})

    def _sum(self, named: dict[str, int]) -> int:
        listed = {row.qualifier: row.provisioned.requested for row in self.siblings or ()}
        return sum((listed | named).values())

    def carries_after(self, ion: IonPlan) -> Version | None:
        """The version that carries provisioned concurrency through this alias once the plan is applied."""
        if not isinstance(ion.verdict, Pending):
            return carries_before(ion)
        if ion.target is None or not ion.units_after:
            return None
        version = ion.target.version
        return self.republished or version if isinstance(version, NewVersion) else version


def carries_before(ion: IonPlan) -> str | None:
    """The version that carries provisioned concurrency through this alias now."""
    observed = ion.observed
    if not isinstance(observed, Observed) or observed.alias is None or observed.provisioned is None:
        return None
    return observed.alias.pointer.version


def unreserved_ions(functions: Iterable[FunctionPlan]) -> dict[AccountRegion, list[IonPlan]]:
    """The ions whose functions draw on what their account and region leave unreserved."""
    ions: dict[AccountRegion, list[IonPlan]] = {}
    for function in functions:
        for ion in function.ions if function.reserved is None else ():
            ions.setdefault(ion.key.place, []).append(ion)
    return ions


def by_function(ions: Iterable[IonPlan]) -> tuple[FunctionPlan, ...]:
    """The ions that could be read, by account, region and function."""
    groups: dict[FunctionKey, list[tuple[IonPlan, Observed]]] = {}
    for ion in ions:
        if isinstance(ion.observed, Observed):
            groups.setdefault(ion.key.function_key, []).append((ion, ion.observed))
    return tuple(_function(key.function, members) for key, members in groups.items())


def _function(name: str, members: list[tuple[IonPlan, Observed]]) -> FunctionPlan:
    seen = [observed for _, observed in members]
    latest = next((each.latest for each in seen if each.latest), None)
    siblings = next((each.siblings for each in seen if each.siblings is not None), None)
    reserved = latest.reserved if latest else None
    return FunctionPlan(name, tuple(ion for ion, _ in members), reserved, siblings, _republished(seen, latest))


def _republished(seen: list[Observed], latest: Latest | None) -> str | None:
    """The highest version, as far as the file's ions and the listed qualifiers name it, when `$LATEST` equals it."""
    known = {state.number: state for each in seen for state in _versions(each)}
    named = {row.qualifier for each in seen for row in each.siblings or ()} | {
        number for each in seen if each.alias for number, _ in each.alias.pointer.weights
    }
    highest = max((number for number in named | known.keys() if number.isdigit()), key=int, default=None)
    last = known.get(highest or "")
    return highest if last and latest and not differences(last.settings, latest.settings) else None


def _versions(observed: Observed) -> tuple[VersionState, ...]:
    behind = (observed.alias.behind,) if observed.alias else ()
    return (*behind, observed.pinned) if observed.pinned else behind
