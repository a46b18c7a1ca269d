"""Functions that are missing all together: the region is wrong rather than each of their names. Pure."""

from collections.abc import Iterable, Mapping

from reconciler.model.observed import Key, Observed
from reconciler.model.plan import IonPlan


def wrong_region(ions: Iterable[IonPlan]) -> Mapping[Key, str]:
    """One sentence for all ions of an account and region that has none of their functions, nor any of a like name."""
    found: dict[tuple[str, str], list[tuple[IonPlan, Observed]]] = {}
    for ion in ions:
        if isinstance(ion.observed, Observed):
            found.setdefault((ion.key.account, ion.key.region), []).append((ion, ion.observed))
    return {
        ion.key: _sentence(ion, len({each.key.function for each, _ in members}))
        for members in found.values()
        if len({each.key.function for each, _ in members}) > 1
        and not any(seen.latest or seen.near_names for _, seen in members)
        for ion, _ in members
    }


def _sentence(ion: IonPlan, functions: int) -> str:
    declared = ion.ion.desired.connection.region
    source = (
        f"`region: {declared}` in the file may be wrong"
        if declared
        else "The file names none, so it came from --region, AWS_REGION, AWS_DEFAULT_REGION or the profile"
    )
    return (
        f"none of the {functions} functions is in account {ion.key.account}, {ion.key.region}. "
        f"Are they in another region? {source}. If they belong there, run ion deploy first"
    )
