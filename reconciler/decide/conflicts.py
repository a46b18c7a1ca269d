"""What blocks an ion because of others: rules of AWS that span a function's qualifiers. Pure.

A function's reserved concurrency has room for the provisioned concurrency of all of its qualifiers, and a version
carries one provisioned concurrency at most: its own, or that of one alias.
"""

from collections.abc import Mapping

from reconciler.decide.functions import FunctionPlan, carries_before
from reconciler.model.observed import Key
from reconciler.model.plan import IonPlan
from reconciler.model.steps import MoveEventSource, NewVersion, PublishVersion


def conflicts(functions: tuple[FunctionPlan, ...]) -> Mapping[Key, str]:
    """The ions that can't be applied beside the others, and why."""
    return {
        ion.key: why
        for function in functions
        for ion in function.ions
        if (why := _carried_twice(ion, function) or _above_reserved(ion, function) or _taken_twice(ion, function))
    }


def _carried_twice(ion: IonPlan, function: FunctionPlan) -> str | None:
    version = function.carries_after(ion)
    if version is None or version == carries_before(ion):
        return None
    publishes = any(isinstance(step, PublishVersion) for step in ion.steps)
    equal = f"$LATEST equals version {version}, so a publish gives that again: " if publishes else ""
    for other in function.ions:
        if other is not ion and function.carries_after(other) == version:
            named = "the version to be published" if isinstance(version, NewVersion) else f"{equal}version {version}"
            return (
                f"{named} carries the provisioned concurrency of alias {other.key.alias}, now or by this plan, and AWS "
                "allows one a version. Let one of the two ask for `concurrency: 0`"
            )
    if any(row.qualifier == version for row in function.siblings or ()):
        return (
            f"{equal}version {version} carries provisioned concurrency of its own, and AWS allows one. "
            "Remove that first"
        )
    return None


def _above_reserved(ion: IonPlan, function: FunctionPlan) -> str | None:
    if function.reserved is None or function.units_after <= function.reserved or ion.units_added <= 0:
        return None
    return (
        f"the provisioned concurrency of {function.name} would come to {function.units_after} over all of its "
        f"qualifiers, and only {function.reserved} are reserved. Ask for less, or raise its reserved concurrency "
        "(`:concurrency-limit` in ion-config.edn, then ion deploy)"
    )


def _taken_twice(ion: IonPlan, function: FunctionPlan) -> str | None:
    """Only where two connections turned out to be one account and region: else it is an error of the file."""
    mine = _mappings(ion)
    for other in function.ions:
        if other is not ion and mine & _mappings(other):
            return (
                f"alias {other.key.alias} asks for the function's event sources too, and a mapping calls one of them. "
                "Let one of the two say `event_sources: unmanaged`"
            )
    return None


def _mappings(ion: IonPlan) -> set[str]:
    return {step.uuid for step in ion.steps if isinstance(step, MoveEventSource)}
