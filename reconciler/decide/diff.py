"""One Desired and one Observed -> one Verdict: what differs, why, and the steps that mend it. Pure.

Not here: rules that span ions (`plan`), whether the plan may be applied (`checks`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reconciler.decide.blocked import blocked
from reconciler.decide.routing import Owner as WeightsOwner
from reconciler.decide.routing import describe, in_transition, is_leftover, is_stuck, weights_owner
from reconciler.decide.steps import Course, steps
from reconciler.decide.target import Target, owner_note, target, wanted_concurrency
from reconciler.model import (
    AwaitReady,
    AwaitSettled,
    Blocked,
    Change,
    InSync,
    Ion,
    Observation,
    Observed,
    Pending,
    Pinned,
    Provisioned,
    SetProvisioned,
    Settling,
    Unreadable,
    Verdict,
    VersionState,
    Wait,
)


def verdict(ion: Ion, observed: Observation) -> Verdict:
    """Decide about one ion by itself."""
    if isinstance(observed, Unreadable):
        return observed
    why = blocked(ion, observed)
    wanted = target(ion.desired, observed)
    if why or wanted is None:
        return Blocked(why or "")
    course = _course(ion, observed, wanted)
    changes = tuple(_changes(ion, course))
    if changes:
        return Pending(changes, steps(course), _pending_note(ion, course))
    return _unchanged(ion, observed)


@dataclass(frozen=True, slots=True)
class Needs:
    """What the second look has to read before an ion can be decided."""

    pinned: str | None = None
    near_names: bool = False
    siblings: bool = False
    account: bool = False


def needs(ion: Ion, observed: Observation) -> Needs:
    """What only some ions need: the pinned version, near names, and what a raise of the concurrency is judged by."""
    if isinstance(observed, Unreadable):
        return Needs()
    if observed.latest is None:
        return Needs(near_names=True)
    reserved, pinned = observed.latest.reserved, _pin_to_read(ion, observed)
    if pinned:  # suppose that it exists, to see whether concurrency would be raised
        observed = replace(observed, pinned=VersionState(pinned, observed.latest.settings, "Active"))
    raises = raised_by(verdict(ion, observed), observed) > 0
    return Needs(pinned=pinned, siblings=raises and reserved is not None, account=raises)


def raised_by(decided: Verdict, observed: Observation) -> int:
    """Units of provisioned concurrency that the verdict adds (negative: takes away) to what is requested now."""
    if not isinstance(decided, Pending) or not isinstance(observed, Observed):
        return 0
    return after(decided, observed) - (observed.provisioned.requested if observed.provisioned else 0)


def after(decided: Verdict, observed: Observed) -> int:
    """Units of provisioned concurrency requested once the verdict is carried out."""
    present = observed.provisioned.requested if observed.provisioned else 0
    if not isinstance(decided, Pending):
        return present
    change = next((change for change in decided.changes if change.field == "concurrency"), None)
    return present if change is None or not isinstance(change.after, int) else change.after


def _pin_to_read(ion: Ion, observed: Observed) -> str | None:
    match ion.desired.version:
        case Pinned(number) if not (observed.alias and observed.alias.pointer.version == number):
            return number
        case _:
            return None


def _course(ion: Ion, observed: Observed, wanted: Target) -> Course:
    """What has to become of the concurrency: see the fields of Course."""
    provisioned = observed.provisioned
    moves = observed.alias is not None and observed.alias.pointer.version != wanted.version
    number = wanted_concurrency(ion.desired, observed)
    failed = provisioned is not None and provisioned.status == "FAILED"
    managed = ion.desired.concurrency is not None
    stuck = is_stuck(observed)
    if number is None and provisioned is not None and failed and (stuck or managed):
        number = provisioned.requested  # put back what was there, whoever chose it
    present = provisioned.requested if provisioned else 0
    sets = number if number and (number != present or failed) else None
    removes = provisioned is not None and (number == 0 or (failed and (stuck or (moves and sets is not None))))
    return Course(
        observed=observed,
        version=wanted.version,
        version_reason=wanted.reason,
        moves=moves,
        clears_weights=moves and (stuck or is_leftover(observed)),
        removes=removes,
        sets=sets,
        managed=managed,
    )


def _changes(ion: Ion, course: Course) -> Iterator[Change]:
    alias, provisioned = course.observed.alias, course.observed.provisioned
    if alias is None:
        yield Change("alias", None, ion.key.alias, "the alias does not exist")
        yield Change("version", None, course.version, course.version_reason)
    elif course.moves:
        yield Change("version", alias.pointer.version, course.version, course.version_reason)
    if alias and course.clears_weights:
        yield Change(
            "routing", describe(alias.pointer.weights), None, "Lambda's own weight, left by a move that failed"
        )
    if course.sets or course.removes:
        before = None if alias is None else provisioned.requested if provisioned else 0
        yield Change("concurrency", before, course.sets or 0, _concurrency_reason(course, provisioned))
    elif alias is None and ion.desired.concurrency is not None:
        yield Change("concurrency", None, ion.desired.concurrency, "the file asks for no provisioned concurrency")


def _concurrency_reason(course: Course, provisioned: Provisioned | None) -> str:
    if provisioned and provisioned.status == "FAILED":
        failed = f"FAILED ({provisioned.reason or 'AWS gives no reason'})"
        if not course.sets:
            return f"{failed}; the file asks for none"
        return f"{failed}: removed, and put on the other version" if course.removes else f"{failed}: put again"
    if course.removes:
        return "the file asks for none"
    return f"the file asks for {course.sets}"


def _pending_note(ion: Ion, course: Course) -> str | None:
    if course.clears_weights and course.removes and course.sets:
        return (
            "the alias is stuck after a failed init: its provisioned concurrency is removed, the alias moved, and the "
            "concurrency put back. Callers are served cold meanwhile"
        )
    return owner_note(ion.desired, course.observed)


def _unchanged(ion: Ion, observed: Observed) -> InSync | Settling:
    provisioned, note = observed.provisioned, owner_note(ion.desired, observed)
    if in_transition(observed):
        waits: tuple[Wait, ...] = (
            (AwaitSettled(),) if ion.desired.concurrency is None else (AwaitSettled(), AwaitReady())
        )
        return Settling(
            "Lambda is moving the alias to its version; calls stay on the old one until it is allocated", waits
        )
    if provisioned and provisioned.status == "IN_PROGRESS" and ion.desired.concurrency is not None and not note:
        return Settling(f"{provisioned.allocated} of {provisioned.requested} allocated", (AwaitReady(),))
    if provisioned and provisioned.status == "FAILED":
        note = f"provisioned concurrency is FAILED ({provisioned.reason or 'no reason given'}), and not managed here"
    if observed.alias and weights_owner(observed) is WeightsOwner.SOMEBODY:
        note = f"the alias sends {describe(observed.alias.pointer.weights)}; its routing is not managed here"
    return InSync(note)


def lowers(decided: Verdict, observed: Observation) -> bool:
    """Whether provisioned concurrency ends lower than it is, or is gone."""
    return raised_by(decided, observed) < 0


def sets_to(decided: Verdict) -> int | None:
    """The number that the verdict puts, if it puts one."""
    if not isinstance(decided, Pending):
        return None
    return next((step.concurrency for step in decided.steps if isinstance(step, SetProvisioned)), None)
