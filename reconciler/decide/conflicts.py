"""What blocks an ion because of others: rules of AWS that span a function's qualifiers. Pure.

A function's reserved concurrency has room for the provisioned concurrency of all of its qualifiers, and a version
carries one provisioned concurrency at most: its own, or that of one alias.
"""

from collections.abc import Mapping

from reconciler.decide.amounts import FunctionPlan, after, by_function
from reconciler.decide.target import Target, target
from reconciler.model import IonPlan, Key, NewVersion, Observed, Pending, Version


def conflicts(ions: tuple[IonPlan, ...]) -> Mapping[Key, str]:
    """The ions that can't be carried out beside the others, and why."""
    reasons: dict[Key, str] = {}
    for function in by_function(ions):
        for ion in function.ions:
            why = _carried_twice(ion, function) or _above_reserved(ion, function)
            if why:
                reasons[ion.key] = why
    return reasons


def _carried_twice(ion: IonPlan, function: FunctionPlan) -> str | None:
    version = carries_afterwards(ion)
    if version is None or version == carries_now(ion):
        return None
    others = [other.key.alias for other in function.ions if other != ion and carries_afterwards(other) == version]
    if others:
        named = "the version to be published" if isinstance(version, NewVersion) else f"version {version}"
        return (
            f"{named} carries the provisioned concurrency of alias {others[0]}, now or by this plan, and AWS allows "
            "one a version. Let one of the two ask for `concurrency: 0`"
        )
    if any(row.qualifier == version for row in function.siblings or ()):
        return f"version {version} carries provisioned concurrency of its own, and AWS allows one. Remove that first"
    return None


def _above_reserved(ion: IonPlan, function: FunctionPlan) -> str | None:
    if function.reserved is None or function.after <= function.reserved or ion not in function.raising:
        return None
    return (
        f"the provisioned concurrency of {function.name} would come to {function.after} over all of its qualifiers, "
        f"and only {function.reserved} are reserved. Ask for less, or raise its reserved concurrency "
        "(`:concurrency-limit` in ion-config.edn, then ion deploy)"
    )


def carries_now(ion: IonPlan) -> str | None:
    """The version that carries provisioned concurrency through this alias now."""
    observed = ion.observed
    if not isinstance(observed, Observed) or observed.alias is None or observed.provisioned is None:
        return None
    return observed.alias.pointer.version


def carries_afterwards(ion: IonPlan) -> Version | None:
    """The same once the plan is carried out."""
    if not isinstance(ion.verdict, Pending) or not isinstance(ion.observed, Observed):
        return carries_now(ion)
    wanted = target(ion.ion, ion.observed)
    return wanted.version if isinstance(wanted, Target) and after(ion.verdict, ion.observed) else None
