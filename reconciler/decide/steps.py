"""Intent -> the steps, in the order that AWS needs. Pure.

The order: await `$LATEST` updated, publish, await the version Active, await the alias settled (when it is in
transition), take the number out of Application Auto Scaling's hands (when the file asks for a plain one), remove the
provisioned concurrency (when it goes), create or move the alias, await it settled, copy the asynchronous settings, add
the permissions, register the scalable target, put its actions and its policy, delete those of ours that are gone, set
the provisioned concurrency, await the number and READY, move the event sources. Registering comes before the actions
and the policy, since AWS refuses both without a target.

The reason: provisioned concurrency can't be put while the alias carries weights, and moving an alias that has one puts
weights on it for minutes. A *stuck* alias never settles by itself, so nothing is awaited there: its provisioned
concurrency is removed and the alias moved back to back, so that no transition can hold traffic on the version that
fails; a FAILED one without weights is treated alike when the alias moves, since it serves nobody.
"""

from collections.abc import Iterator

from reconciler.decide.callers import event_source_steps, permission_steps
from reconciler.decide.intent import Intent
from reconciler.decide.routing import in_transition
from reconciler.decide.scaling import scaling_steps
from reconciler.model.scaling import Scaled
from reconciler.model.steps import (
    AwaitActive,
    AwaitNumber,
    AwaitReady,
    AwaitSettled,
    AwaitUpdated,
    CreateAlias,
    DeregisterTarget,
    MoveAlias,
    NewVersion,
    PublishVersion,
    RemoveProvisioned,
    SetProvisioned,
    Step,
)


def steps(intent: Intent) -> tuple[Step, ...]:
    """The steps, only those that are needed."""
    callers = intent.callers
    scaling = scaling_steps(intent.ion, intent.observed)
    gives_up = tuple(step for step in scaling if isinstance(step, DeregisterTarget))
    return (
        *_version(intent),
        *gives_up,
        *_alias(intent),
        *permission_steps(callers),
        *scaling[len(gives_up) :],
        *_concurrency(intent),
        *event_source_steps(callers),
    )


def _version(intent: Intent) -> Iterator[Step]:
    latest, wanted = intent.observed.latest, intent.target
    if isinstance(wanted.version, NewVersion) and latest is not None:
        if latest.update_status == "InProgress" or latest.state == "Pending":
            yield AwaitUpdated()
        yield PublishVersion(latest.settings.code_sha256, latest.revision_id)
        yield AwaitActive(wanted.version)
    elif wanted.pending and (intent.moves or intent.sets or intent.observed.alias is None):
        yield AwaitActive(wanted.version)


def _alias(intent: Intent) -> Iterator[Step]:
    alias = intent.observed.alias
    if _waits_first(intent):
        yield AwaitSettled()
    if intent.removes:
        yield RemoveProvisioned()
    if alias is None:
        yield CreateAlias(intent.target.version)
    elif intent.moves:
        holds = intent.ion.back.latest if intent.ion.back else None
        yield MoveAlias(alias.pointer.version, intent.target.version, intent.clears_weights, holds)
        if _keeps(intent):
            yield AwaitSettled()


def _waits_first(intent: Intent) -> bool:
    """Whether a transition has to end first. An allocation under way is waited for by a move that carries it along."""
    provisioned = intent.observed.provisioned
    allocating = provisioned is not None and provisioned.status == "IN_PROGRESS"
    return in_transition(intent.observed) or (intent.moves and _keeps(intent) and allocating)


def _keeps(intent: Intent) -> bool:
    """Whether the alias carries provisioned concurrency while it moves."""
    return intent.observed.provisioned is not None and not intent.removes


def _concurrency(intent: Intent) -> Iterator[Step]:
    provisioned = intent.observed.provisioned
    if intent.sets:
        yield SetProvisioned(intent.sets)
    if isinstance(intent.ion.desired.concurrency, Scaled):
        yield AwaitNumber()
        yield AwaitReady()
        return
    failed = provisioned is not None and provisioned.status == "FAILED"  # and not managed: it may stay so
    allocating = provisioned is not None and provisioned.status == "IN_PROGRESS"
    awaited = (intent.moves and (not failed or bool(intent.callers.moves))) or (bool(intent.callers) and allocating)
    if intent.sets or (awaited and _keeps(intent)):
        yield AwaitReady()
