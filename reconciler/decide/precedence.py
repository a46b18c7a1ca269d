"""What has to be done to one ion before another: pure, from the verdicts of all ions.

Two rules of AWS make an order. A version carries one provisioned concurrency at most, so it has to leave one alias
before it goes onto another of the same version. And a raise that fits into what is reserved or unreserved only after a
lowering waits for that lowering; every other raise waits for nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from reconciler.decide.diff import raised_by, sets_to
from reconciler.decide.target import target
from reconciler.model import (
    AccountSettings,
    AwaitSettled,
    IonPlan,
    Key,
    MoveAlias,
    Observed,
    Pending,
    Place,
    Precedence,
    RemoveProvisioned,
    SetProvisioned,
    Step,
    Unreadable,
)

MINIMUM_UNRESERVED = 100  # what AWS keeps unreserved of an account's concurrency, or the whole limit where that is less


@dataclass(frozen=True, slots=True)
class Deadlock:
    """Ions that can't be ordered, with the reason for each."""

    reasons: Mapping[Key, str]


def precedence(
    ions: tuple[IonPlan, ...], accounts: Mapping[Place, AccountSettings | Unreadable]
) -> tuple[Precedence, ...] | Deadlock:
    """The order that the plan needs, or what stands in the way of any."""
    rules: list[Precedence] = []
    taken: dict[Key, str] = {}
    for plans in _grouped(ions, lambda plan: (plan.key.place, plan.key.function)):
        _one_per_version(plans, rules, taken)
        _room(plans, _reserved_room(plans), rules)
    if taken:
        return Deadlock(taken)
    for plans in _grouped(ions, lambda plan: plan.key.place):
        unreserved = [plan for plan in plans if _is_unreserved(plan)]
        _room(unreserved, unreserved_room(accounts.get(plans[0].key.place)), rules)
    return _circular(rules) or tuple(sorted(set(rules), key=lambda rule: (rule.later, rule.earlier)))


def unreserved_room(settings: AccountSettings | Unreadable | None) -> int | None:
    """Units that functions without reserved concurrency may add in an account and region; None: not known."""
    if not isinstance(settings, AccountSettings):
        return None
    return settings.unreserved - min(MINIMUM_UNRESERVED, settings.concurrency)


def _grouped(ions: Iterable[IonPlan], by: Callable[[IonPlan], object]) -> list[list[IonPlan]]:
    groups: dict[object, list[IonPlan]] = {}
    for plan in ions:
        groups.setdefault(by(plan), []).append(plan)
    return list(groups.values())


def _is_unreserved(plan: IonPlan) -> bool:
    latest = plan.observed.latest if isinstance(plan.observed, Observed) else None
    return latest is not None and latest.reserved is None


def _one_per_version(plans: list[IonPlan], rules: list[Precedence], taken: dict[Key, str]) -> None:
    for later in plans:
        held, version = _arrives(later)
        if held is None or version is None:
            continue
        for earlier in plans:
            if earlier.key == later.key or _carried(earlier) != version:
                continue
            first = _leaves(earlier, version)
            if first is None:
                taken[later.key] = (
                    f"version {version} carries the provisioned concurrency of alias {earlier.key.alias} already, and "
                    "AWS allows one a version. Let one of the two ask for `concurrency: 0`"
                )
            else:
                why = f"version {version} carries provisioned concurrency through {earlier.key.alias} until then"
                rules.append(Precedence(earlier.key, first, later.key, held, why))


def _carried(plan: IonPlan) -> str | None:
    """The version that carries provisioned concurrency through this alias now."""
    observed = plan.observed
    if not isinstance(observed, Observed) or observed.alias is None or observed.provisioned is None:
        return None
    return observed.alias.pointer.version


def _arrives(plan: IonPlan) -> tuple[Step | None, str | None]:
    """The step by which provisioned concurrency comes onto a version that did not carry it through this alias."""
    if not isinstance(plan.verdict, Pending) or not isinstance(plan.observed, Observed):
        return None, None
    wanted = target(plan.ion.desired, plan.observed)
    version = wanted.version if wanted and isinstance(wanted.version, str) else None
    if version is None or version == _carried(plan):
        return None, None
    keeps = plan.observed.provisioned is not None and RemoveProvisioned() not in plan.verdict.steps
    kind: type[Step] = MoveAlias if keeps else SetProvisioned
    return next((step for step in plan.verdict.steps if isinstance(step, kind)), None), version


def _leaves(plan: IonPlan, version: str) -> Step | None:
    """The step with which this alias's provisioned concurrency has left the version; None: it stays."""
    if not isinstance(plan.verdict, Pending):
        return None
    if RemoveProvisioned() in plan.verdict.steps:
        return RemoveProvisioned()
    moved = any(isinstance(step, MoveAlias) and step.version != version for step in plan.verdict.steps)
    return AwaitSettled() if moved else None


def _reserved_room(plans: list[IonPlan]) -> int | None:
    for plan in plans:
        observed = plan.observed
        if isinstance(observed, Observed) and observed.siblings is not None and observed.latest:
            reserved = observed.latest.reserved
            present = sum(row.provisioned.requested for row in observed.siblings)
            return None if reserved is None else reserved - present
    return None


def _room(plans: list[IonPlan], room: int | None, rules: list[Precedence]) -> None:
    """Let the raises that don't fit into the room wait for all lowerings that make some."""
    if room is None:
        return
    lowerings = [plan for plan in plans if raised_by(plan.verdict, plan.observed) < 0]
    for plan in plans:
        raised = raised_by(plan.verdict, plan.observed)
        if raised <= 0:
            continue
        room -= raised
        if room < 0:
            room += raised
            rules.extend(_after_lowering(plan, lowering) for lowering in lowerings)


def _after_lowering(raising: IonPlan, lowering: IonPlan) -> Precedence:
    number = sets_to(lowering.verdict)
    first: Step = RemoveProvisioned() if number is None else SetProvisioned(number)
    why = f"there is room only once {lowering.key.function}:{lowering.key.alias} has less"
    return Precedence(lowering.key, first, raising.key, SetProvisioned(sets_to(raising.verdict) or 0), why)


def _circular(rules: list[Precedence]) -> Deadlock | None:
    """Peel off what waits for nothing; what is left waits for itself."""
    left = list(rules)
    while left:
        waiting = {rule.later for rule in left}
        rest = [rule for rule in left if rule.earlier in waiting]
        if len(rest) == len(left):
            why = "its provisioned concurrency and that of {} wait for each other. Set one of them to 0 first"
            return Deadlock({rule.later: why.format(rule.earlier.alias) for rule in left})
        left = rest
    return None
