"""What blocks an ion because of others: rules of AWS that span a function's qualifiers. Pure.

A function's reserved concurrency has room for the provisioned concurrency of all of its qualifiers, and a version
carries one provisioned concurrency at most: its own, or that of one alias. Which version an ion will carry is known
before a publish too, where AWS publishes nothing new: it answers with the highest version when `$LATEST` equals that
(https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html).
"""

from collections.abc import Mapping

from reconciler.decide.amounts import FunctionPlan, after, by_function
from reconciler.decide.compare import differences
from reconciler.decide.target import Target, target
from reconciler.model.observed import Key, Observed, VersionState
from reconciler.model.plan import IonPlan, NewVersion, Pending, PublishVersion, Version


def conflicts(ions: tuple[IonPlan, ...]) -> Mapping[Key, str]:
    """The ions that can't be carried out beside the others, and why."""
    reasons: dict[Key, str] = {}
    for function in by_function(ions):
        again = published_again(function)
        for ion in function.ions:
            why = _carried_twice(ion, function, again) or _above_reserved(ion, function)
            if why:
                reasons[ion.key] = why
    return reasons


def _carried_twice(ion: IonPlan, function: FunctionPlan, again: str | None) -> str | None:
    version = carries_afterwards(ion, again)
    if version is None or version == carries_now(ion):
        return None
    others = [
        other.key.alias for other in function.ions if other != ion and carries_afterwards(other, again) == version
    ]
    equal = f"$LATEST equals version {version}, so a publish gives that again: " if _publishes(ion) else ""
    if others:
        named = "the version to be published" if isinstance(version, NewVersion) else f"{equal}version {version}"
        return (
            f"{named} carries the provisioned concurrency of alias {others[0]}, now or by this plan, and AWS allows "
            "one a version. Let one of the two ask for `concurrency: 0`"
        )
    if any(row.qualifier == version for row in function.siblings or ()):
        return (
            f"{equal}version {version} carries provisioned concurrency of its own, and AWS allows one. "
            "Remove that first"
        )
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


def carries_afterwards(ion: IonPlan, again: str | None) -> Version | None:
    """The same once the plan is carried out. `again`: the version that a publish gives again, if it does."""
    if not isinstance(ion.verdict, Pending) or not isinstance(ion.observed, Observed):
        return carries_now(ion)
    wanted = target(ion.ion, ion.observed)
    if not isinstance(wanted, Target) or not after(ion.verdict, ion.observed):
        return None
    return again or wanted.version if isinstance(wanted.version, NewVersion) else wanted.version


def published_again(function: FunctionPlan) -> str | None:
    """The version that a publish gives again: the highest, when `$LATEST` equals it. None: a new one, or not known.

    The highest is known as far as the file's ions and the qualifiers listed name it.
    """
    seen = [ion.observed for ion in function.ions if isinstance(ion.observed, Observed)]
    latest = next((each.latest for each in seen if each.latest), None)
    known = {state.number: state for each in seen for state in _versions(each)}
    named = {row.qualifier for row in function.siblings or ()} | {
        number for each in seen if each.alias for number, _ in each.alias.pointer.weights
    }
    highest = max((number for number in named | known.keys() if number.isdigit()), key=int, default=None)
    last = known.get(highest or "")
    return highest if last and latest and not differences(last.settings, latest.settings) else None


def _versions(observed: Observed) -> tuple[VersionState, ...]:
    behind = (observed.alias.behind,) if observed.alias else ()
    return (*behind, observed.pinned) if observed.pinned else behind


def _publishes(ion: IonPlan) -> bool:
    return isinstance(ion.verdict, Pending) and any(isinstance(step, PublishVersion) for step in ion.verdict.steps)
