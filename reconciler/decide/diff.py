"""One Ion and one Observation -> IonPlan: what differs, why, and the steps that change it. Pure.

Not here: rules that span ions (`conflicts`, `precedence`), the price (`price`), the safety rules (`checks`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reconciler.decide.blocked import blocked
from reconciler.decide.callers import caller_changes
from reconciler.decide.compare import differences
from reconciler.decide.intent import Intent, intent_for, owner_note
from reconciler.decide.routing import Owner, describe, in_transition, weights_owner
from reconciler.decide.scaling import clock_note, scaling_changes, unread_scaling
from reconciler.decide.steps import steps
from reconciler.decide.target import held_by, target
from reconciler.model.desired import FollowLatest, Pinned
from reconciler.model.observed import Ion, Latest, Observation, Observed, Provisioned, Unreadable, VersionState
from reconciler.model.plan import Blocked, Change, InSync, IonPlan, Pending, Settling, Verdict
from reconciler.model.steps import AddPermission, AwaitReady, AwaitSettled


def plan_ion(ion: Ion, observed: Observation) -> IonPlan:
    """Decide about one ion by itself."""
    if isinstance(observed, Unreadable):
        return IonPlan(ion, observed, observed)
    unread = unread_scaling(ion, observed)
    if unread:
        return IonPlan(ion, observed, unread)
    wanted = target(ion, observed)
    if isinstance(wanted, Blocked):
        return IonPlan(ion, observed, wanted)
    return IonPlan(ion, observed, _verdict(intent_for(ion, observed, wanted)), wanted)


def _verdict(intent: Intent) -> Verdict:
    why = blocked(intent)
    if why:
        return Blocked(why)
    changes = (
        *_changes(intent),
        *scaling_changes(intent.ion, intent.observed),
        *caller_changes(intent.callers),
    )
    if not changes:
        return _unchanged(intent)
    notes = filter(None, (_pending_note(intent), clock_note(intent.ion, intent.observed)))
    return Pending(changes, steps(intent), "; ".join(notes) or None)


@dataclass(frozen=True, slots=True)
class Needs:
    """What else has to be read before an ion can be decided about.

    `pinned`: the version that is pinned, or that a rollback's mark names. `near_names`: functions of similar names.
    `siblings`: the provisioned concurrency of all of the function's qualifiers. `account`: GetAccountSettings.
    `async_settings`: those of `$LATEST` and of the alias.
    """

    pinned: str | None = None
    near_names: bool = False
    siblings: bool = False
    account: bool = False
    async_settings: bool = False


def needs(ion: Ion, observed: Observation) -> Needs:
    """What only some ions need: `siblings` and `account` where the plan raises provisioned concurrency,
    `async_settings` where it adds a permission.
    """
    if isinstance(observed, Unreadable):
        return Needs()
    if observed.latest is None:
        return Needs(near_names=True)
    pinned = _pin_to_read(ion, observed)
    supposed = replace(observed, pinned=_supposed(pinned, observed.latest)) if pinned else observed
    plan = plan_ion(ion, supposed)
    raises = plan.units_added > 0
    return Needs(
        pinned=pinned,
        siblings=raises and observed.latest.reserved is not None,
        account=raises,
        async_settings=any(isinstance(step, AddPermission) for step in plan.steps),
    )


def _supposed(number: str, latest: Latest) -> VersionState:
    """A stand-in for a version not read yet, of a kind that can carry provisioned concurrency."""
    settings = replace(latest.settings, snap_start=False, durable=False, managed_instances=False, tenant_isolated=False)
    return VersionState(number, settings, "Active")


def _pin_to_read(ion: Ion, observed: Observed) -> str | None:
    at = observed.alias.pointer.version if observed.alias else None
    if ion.back:
        return ion.back.number if ion.back.number != at else None
    match ion.desired.version:
        case Pinned(number):
            return number if number != at else None
        case FollowLatest() if observed.alias and observed.latest:
            mark, behind = held_by(observed.alias), observed.alias.behind
            return mark.latest if mark and differences(behind.settings, observed.latest.settings) else None
        case _:
            return None


def _changes(intent: Intent) -> Iterator[Change]:
    alias, observed, wanted = intent.observed.alias, intent.observed, intent.target
    if alias is None:
        yield from _creation(intent)
        return
    if intent.moves:
        yield Change("version", alias.pointer.version, wanted.version, wanted.reason)
    if intent.clears_weights:
        reason = "Lambda's own weight, left by a move that failed"
        yield Change("routing", describe(alias.pointer.weights), None, reason)
    if intent.sets or intent.removes:
        yield Change("concurrency", observed.requested, intent.units, _concurrency_reason(intent, observed.provisioned))


def _creation(intent: Intent) -> Iterator[Change]:
    """The lines of a new alias: what was before is null in each, since there was no alias to have it."""
    yield Change("alias", None, intent.ion.key.alias, "does not exist")
    yield Change("version", None, intent.target.version, intent.target.reason)
    if intent.sets or intent.ion.desired.concurrency == 0:
        yield Change("concurrency", None, intent.sets or 0, f"the file asks for {intent.sets or 'none'}")


def _concurrency_reason(intent: Intent, provisioned: Provisioned | None) -> str:
    asked = f"the file asks for {intent.sets or 'none'}"
    if provisioned is None or provisioned.status != "FAILED":
        return asked
    failed = f"FAILED ({provisioned.reason or 'AWS gives no reason'})"
    if not intent.sets:
        return f"{failed}; {asked}"
    return f"{failed}: removed, and put on the other version" if intent.removes else f"{failed}: put again"


def _pending_note(intent: Intent) -> str | None:
    return "; ".join(filter(None, (intent.target.note, _risk_or_owner(intent), *intent.callers.notes))) or None


def _risk_or_owner(intent: Intent) -> str | None:
    if intent.clears_weights and intent.removes and intent.sets:
        return (
            "the alias is stuck after a failed init: its provisioned concurrency is removed, the alias moved, and the "
            "concurrency put back. Callers are served cold meanwhile"
        )
    return owner_note(intent.ion, intent.observed)


def _transition(observed: Observed) -> str:
    """What is seen of a move: Lambda's weights, or only that an allocation is under way, which may be one."""
    if weights_owner(observed) is Owner.LAMBDA:
        return "Lambda is moving the alias to its version; calls stay on the old one until it is allocated"
    return "AWS is at work on it (IN_PROGRESS, the old environments serve): the alias was moved, or its number changed"


def _unchanged(intent: Intent) -> InSync | Settling:
    ion, observed = intent.ion, intent.observed
    provisioned, managed = observed.provisioned, ion.desired.concurrency is not None
    if in_transition(observed):
        return Settling(_transition(observed), (AwaitSettled(), AwaitReady()) if managed else (AwaitSettled(),))
    note = owner_note(ion, observed)
    if provisioned and provisioned.status == "IN_PROGRESS" and managed and not note:
        return Settling(f"{provisioned.allocated} of {provisioned.requested} allocated", (AwaitReady(),))
    notes = (intent.target.note, note, *_left_alone(observed), *intent.callers.notes)
    return InSync("; ".join(filter(None, notes)) or None, clock_note(ion, observed))


def _left_alone(observed: Observed) -> Iterator[str]:
    """What is not as it should be, and is left alone since the file does not manage it."""
    provisioned, alias = observed.provisioned, observed.alias
    if provisioned and provisioned.status == "FAILED":
        yield f"provisioned concurrency is FAILED ({provisioned.reason or 'no reason given'}), and not managed here"
    if alias and alias.pointer.weights:
        yield f"the alias sends {describe(alias.pointer.weights)}; its routing is not managed here"
