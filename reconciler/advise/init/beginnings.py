"""How the names of an account's functions begin: what `--prefix` could narrow a first file to. Pure."""

from collections.abc import Sequence
from itertools import takewhile

from reconciler.model.observed import AccountRegion

NAMED = 4  # beginnings that are named
SLOW_CALLS = 2  # a function: ListAliases and ListProvisionedConcurrencyConfigs
RATE = 15  # of them a second, by AWS's quota


def beginnings(names: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Each beginning up to a dash that names have in common, and how many have it; the most common first.

    `inventory-prod-add`, `inventory-prod-get` and `resize` give `inventory-prod-` (2) and `resize` (1).
    """
    families: dict[str, list[str]] = {}
    for name in names:
        families.setdefault(name.partition("-")[0], []).append(name)
    counted = ((_shared(family), len(family)) for family in families.values())
    return tuple(sorted(counted, key=lambda each: (-each[1], each[0])))


def _shared(names: Sequence[str]) -> str:
    """What all of them begin with, up to a dash; one name alone is its own beginning."""
    parts = takewhile(lambda column: len(set(column)) == 1, zip(*(name.split("-") for name in names), strict=False))
    beginning = "-".join(column[0] for column in parts)
    return f"{beginning}-" if all(name.startswith(f"{beginning}-") for name in names) else beginning


def mixed(names: Sequence[str], place: AccountRegion) -> str | None:
    """What to say before functions of several beginnings are read; None where they have one in common."""
    found = beginnings(names)
    if len(found) < 2:
        return None
    said = [f"{beginning}{'* ' if number > 1 else ' '}({number})" for beginning, number in found[:NAMED]]
    more = [f"{len(found) - NAMED} other beginnings"] if len(found) > NAMED else []
    seconds = len(names) * SLOW_CALLS / RATE
    return (
        f"All {len(names)} functions of {place.account}, {place.region} are read and listed"
        f"{f', in about {seconds:.0f} s' if seconds >= 2 else ''}: {', '.join([*said, *more])}. "
        "`--prefix GROUP-` lists those of one compute group alone"
    )
