"""The ions of one file held against each other: what AWS could not give to both.

Only what is certain without AWS: connections are compared as declared. Two ions that turn out to be the same once
accounts and regions are known are found later, by the same rule.
"""

from collections.abc import Hashable, Iterable
from typing import NamedTuple

from reconciler.config.problems import Problems
from reconciler.model.desired import Desired, FollowLatest, Pinned, Unmanaged


class DeclaredIon(NamedTuple):
    """One ion, and where it stands. What was wrong about it is told already, and never makes it a conflict here."""

    desired: Desired
    position: tuple[int, int]
    path: str


def check_together(declared: Iterable[DeclaredIon], problems: Problems) -> None:
    aliases: dict[Hashable, DeclaredIon] = {}
    versions: dict[Hashable, DeclaredIon] = {}
    takers: dict[Hashable, DeclaredIon] = {}
    for one in declared:
        desired = one.desired
        connection = desired.connection
        target = (connection.account, connection.region, connection.profile, connection.role_arn, desired.function)
        first = aliases.setdefault((target, desired.alias), one)
        if first is not one:
            problems.add(one.position, one.path, _twice(first))
        elif desired.concurrency and not isinstance(desired.version, Unmanaged):
            sharer = versions.setdefault((target, desired.version), one)
            if sharer is not one:
                problems.add(one.position, one.path, _one_version(one, sharer))
        if first is one and desired.callers.event_sources:
            taker = takers.setdefault(target, one)
            if taker is not one:
                problems.add(one.position, one.path, _one_taker(one, taker))


def _twice(first: DeclaredIon) -> str:
    desired = first.desired
    return f"function {desired.function} with alias {desired.alias} is asked for twice, first by {_named(first)}"


def _one_version(one: DeclaredIon, first: DeclaredIon) -> str:
    both = _shared(one.desired.version)
    return (
        f"aliases {first.desired.alias} and {one.desired.alias} of {one.desired.function} {both}, both with "
        f"provisioned concurrency: AWS allows one per version; set concurrency: 0 here or on {_named(first)}"
    )


def _one_taker(one: DeclaredIon, first: DeclaredIon) -> str:
    return (
        f"aliases {first.desired.alias} and {one.desired.alias} of {one.desired.function} both ask for "
        "event_sources: alias, and an event source mapping calls one of them; set event_sources: unmanaged here or on "
        f"{_named(first)}"
    )


def _shared(version: FollowLatest | Pinned | Unmanaged) -> str:
    return f"pin version {version.number}" if isinstance(version, Pinned) else "follow $LATEST"


def _named(declared: DeclaredIon) -> str:
    return f"{declared.path} ({declared.desired.where})"
