"""What has to be done to one ion -> its steps, in the order that AWS needs. Pure.

The order: await `$LATEST` updated, publish, await the version Active, await the alias settled (when it is in
transition), remove the provisioned concurrency (when it goes), create or move the alias, await it settled, set the
provisioned concurrency, await READY.

Why so: a provisioned concurrency can't be put while the alias carries weights, and moving an alias that has one puts
weights on it for minutes. A *stuck* alias never settles by itself, so nothing is awaited there: its provisioned
concurrency is removed and the alias moved back to back, so that no transition can hold traffic on the version that
fails; a FAILED one without weights is treated alike when the alias moves, since it serves nobody.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.decide.routing import in_transition
from reconciler.decide.target import Target
from reconciler.model.observed import Observed
from reconciler.model.plan import (
    AwaitActive,
    AwaitReady,
    AwaitSettled,
    AwaitUpdated,
    CreateAlias,
    MoveAlias,
    NewVersion,
    PublishVersion,
    RemoveProvisioned,
    SetProvisioned,
    Step,
)


@dataclass(frozen=True, slots=True)
class Intent:
    """What has to become of one ion. `sets` None: no number is put."""

    observed: Observed
    target: Target
    moves: bool
    clears_weights: bool
    removes: bool
    sets: int | None


def steps(course: Intent) -> tuple[Step, ...]:
    """The steps, only those that are needed."""
    return (*_version(course), *_alias(course), *_concurrency(course))


def _version(course: Intent) -> Iterator[Step]:
    latest, wanted = course.observed.latest, course.target
    if isinstance(wanted.version, NewVersion) and latest is not None:
        if latest.update_status == "InProgress" or latest.state == "Pending":
            yield AwaitUpdated()
        yield PublishVersion(latest.settings.code_sha256, latest.revision_id)
        yield AwaitActive(wanted.version)
    elif wanted.pending and (course.moves or course.sets or course.observed.alias is None):
        yield AwaitActive(wanted.version)


def _alias(course: Intent) -> Iterator[Step]:
    alias = course.observed.alias
    if _waits_first(course):
        yield AwaitSettled()
    if course.removes:
        yield RemoveProvisioned()
    if alias is None:
        yield CreateAlias(course.target.version)
    elif course.moves:
        yield MoveAlias(alias.pointer.version, course.target.version, course.clears_weights)
        if _keeps(course):
            yield AwaitSettled()


def _waits_first(course: Intent) -> bool:
    """Whether a transition has to end first. An allocation under way is waited for by a move that carries it along."""
    provisioned = course.observed.provisioned
    allocating = provisioned is not None and provisioned.status == "IN_PROGRESS"
    return in_transition(course.observed) or (course.moves and _keeps(course) and allocating)


def _keeps(course: Intent) -> bool:
    """Whether the alias carries provisioned concurrency while it moves."""
    return course.observed.provisioned is not None and not course.removes


def _concurrency(course: Intent) -> Iterator[Step]:
    provisioned = course.observed.provisioned
    if course.sets:
        yield SetProvisioned(course.sets)
    failed = provisioned is not None and provisioned.status == "FAILED"  # and not managed: it may stay so
    if course.sets or (course.moves and _keeps(course) and not failed):
        yield AwaitReady()
