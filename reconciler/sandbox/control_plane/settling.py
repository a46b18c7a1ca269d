"""What time alone changes: updates and new versions settle, allocations end, Lambda's weights come and go.

In goes a function as it was and the present moment, out comes the function as it is now. Everything due happens in the
order of its time, so that looking seldom and looking often see the same world.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import inf

from reconciler.sandbox.control_plane.behaviour import Behaviour, VersionRevision
from reconciler.sandbox.control_plane.names import LATEST
from reconciler.sandbox.control_plane.state import (
    ACTIVE,
    Function,
    Provisioned,
    Transition,
    next_revision,
    revise_alias,
    revise_version,
    with_alias,
    with_provisioned,
    with_version,
)

# What may come due, in the order that it happens in when it comes due together.
_VERSION, _WEIGHT, _ALLOCATION, _WEIGHT_ENDS = range(4)


def settled(function: Function, now: float, behaviour: Behaviour) -> Function:
    """The function at this moment."""
    while function.wakes_at <= now:
        _, kind, name = min(_due(function))
        function = awaited(_happen(function, kind, name, behaviour))
    return function


def awaited(function: Function) -> Function:
    """The function, knowing when time will next change it."""
    return replace(function, wakes_at=min((moment for moment, _, _ in _due(function)), default=inf))


def _due(function: Function) -> Iterator[tuple[float, int, str]]:
    for version in function.versions.values():
        if version.settles_at is not None:
            yield version.settles_at, _VERSION, version.number
    for alias in function.aliases.values():
        if alias.transition is not None and not alias.transition.shown:
            yield alias.transition.shows_at, _WEIGHT, alias.name
        if alias.transition is not None and alias.transition.ends_at is not None:
            yield alias.transition.ends_at, _WEIGHT_ENDS, alias.name
    for qualifier, provisioned in function.provisioned.items():
        if not provisioned.ended:
            yield provisioned.ends_at, _ALLOCATION, qualifier


def _happen(function: Function, kind: int, name: str, behaviour: Behaviour) -> Function:
    if kind == _VERSION:
        return _settle_version(function, name)
    if kind == _WEIGHT:
        return _show_weight(function, name, behaviour)
    if kind == _ALLOCATION:
        return _end_allocation(function, name, behaviour)
    return end_transition(function, name, behaviour)


def _settle_version(function: Function, number: str) -> Function:
    """Recorded: settling gives `$LATEST` another RevisionId, becoming Active gives a published version none."""
    version = replace(function.versions[number], status=ACTIVE, settles_at=None)
    if number == LATEST:
        function, revision = next_revision(function)
        version = replace(version, revision=revision)
    return with_version(function, version)


def _show_weight(function: Function, name: str, behaviour: Behaviour) -> Function:
    alias = function.aliases[name]
    if alias.transition is None:
        return function
    function = with_alias(function, replace(alias, transition=replace(alias.transition, shown=True)))
    return revise_alias(function, name) if behaviour.transition_changes_revision else function


def _end_allocation(function: Function, qualifier: str, behaviour: Behaviour) -> Function:
    """READY ends the transition; FAILED leaves its weight where it is, for good: the stuck alias."""
    provisioned = replace(function.provisioned[qualifier], ended=True)
    function = with_provisioned(function, qualifier, provisioned)
    if provisioned.fails:
        return function
    if behaviour.version_revision is VersionRevision.AT_READY:
        function = revise_version(function, provisioned.warming)
    alias = function.aliases.get(qualifier)
    if alias is None or alias.transition is None:
        return function
    transition = replace(alias.transition, ends_at=provisioned.ends_at + behaviour.weights_linger)
    return with_alias(function, replace(alias, transition=transition))


def end_transition(function: Function, name: str, behaviour: Behaviour) -> Function:
    """Take Lambda's weight off an alias, if it has one."""
    alias = function.aliases.get(name)
    if alias is None or alias.transition is None:
        return function
    seen = alias.moving is not None
    function = with_alias(function, replace(alias, transition=None))
    return revise_alias(function, name) if seen and behaviour.transition_changes_revision else function


def transient_weight(
    transition: Transition, provisioned: Provisioned | None, now: float, behaviour: Behaviour
) -> float:
    """Lambda's weight on the version left: 1.0, or on its way down where the sandbox is told so."""
    if not behaviour.gradual_weights or provisioned is None or provisioned.ended or now <= transition.shows_at:
        return 1.0
    whole = provisioned.ends_at - transition.shows_at
    return max(0.01, round(1.0 - (now - transition.shows_at) / whole, 2)) if whole > 0 else 1.0
