"""Which step of one ion has to wait for which step of another: FunctionPlans -> Precedence rules, or a Deadlock. Pure.

Two rules of AWS make an order. A version carries one provisioned concurrency at most, so it has to leave one alias
before another alias brings one to the same version. And a raise that fits into what is reserved or unreserved only
after a lowering waits for that lowering; every other raise waits for nothing.

The rules and each ion's own order of steps form a graph; a cycle in it is ions that would wait for each other for ever.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from reconciler.decide.functions import FunctionPlan, carries_before, unreserved_ions
from reconciler.model.observed import AccountRegion, AccountSettings, Key, Unreadable
from reconciler.model.plan import IonPlan, Precedence, StepRef
from reconciler.model.steps import AwaitSettled, MoveAlias, RemoveProvisioned, SetProvisioned, Step

MINIMUM_UNRESERVED = 100  # what AWS keeps unreserved of an account's concurrency, or the whole limit where that is less


@dataclass(frozen=True, slots=True)
class Deadlock:
    """Why each of these ions has to be blocked: they wait for each other."""

    reasons: Mapping[Key, str]


def precedence(
    functions: tuple[FunctionPlan, ...], accounts: Mapping[AccountRegion, AccountSettings | Unreadable]
) -> tuple[Precedence, ...] | Deadlock:
    """The rules, sorted by the step that waits."""
    rules: set[Precedence] = set()
    for function in functions:
        rules.update(_one_per_version(function), _after_lowerings(function.ions, _reserved_room(function)))
    for place, ions in unreserved_ions(functions).items():
        rules.update(_after_lowerings(ions, unreserved_room(accounts.get(place))))
    order = tuple(sorted(rules, key=lambda rule: (rule.later, rule.earlier, rule.why)))
    cycle = _cycle(order)
    if cycle:
        why = "its provisioned concurrency and that of alias {} wait for each other. Set one of them to 0 first"
        return Deadlock({rule.later.key: why.format(rule.earlier.key.alias) for rule in cycle})
    return order


def unreserved_room(settings: AccountSettings | Unreadable | None) -> int | None:
    """Units that functions without reserved concurrency may add in an account and region; None: not known."""
    if not isinstance(settings, AccountSettings):
        return None
    return settings.unreserved - min(MINIMUM_UNRESERVED, settings.concurrency)


def _reserved_room(function: FunctionPlan) -> int | None:
    """Units that the function's own reservation still has; None: it has none, or nothing is raised."""
    if function.reserved is None or function.siblings is None:
        return None
    return function.reserved - function.units_before


# ---------------------------------------------------------------- one provisioned concurrency a version


def _one_per_version(function: FunctionPlan) -> Iterator[Precedence]:
    for later in function.ions:
        arrival, version = _arrival(later), function.carries_after(later)
        if arrival is None or version is None or version == carries_before(later):
            continue
        for earlier in function.ions:
            departure = _last(earlier, RemoveProvisioned, AwaitSettled)
            if departure and carries_before(earlier) == version != function.carries_after(earlier):
                why = f"version {version} carries provisioned concurrency through {earlier.key.alias} until then"
                yield Precedence(departure, arrival, why)


def _arrival(ion: IonPlan) -> StepRef | None:
    """The step that brings provisioned concurrency to the version wanted."""
    keeps = carries_before(ion) is not None and RemoveProvisioned() not in ion.steps
    return _last(ion, MoveAlias if keeps else SetProvisioned)


def _last(ion: IonPlan, *kinds: type[Step]) -> StepRef | None:
    """The last of an ion's steps that is of one of these kinds."""
    indices = (index for index, step in enumerate(ion.steps) if isinstance(step, kinds))
    index = max(indices, default=None)
    return None if index is None else StepRef(ion.key, index)


# ---------------------------------------------------------------- room


def _after_lowerings(ions: Iterable[IonPlan], room: int | None) -> Iterator[Precedence]:
    """Let each raise that exceeds the room (in units) wait for as many lowerings as it needs, the largest first."""
    if room is None:
        return
    amounts = [(ion, ion.units_added) for ion in ions]
    lowerings = sorted(((ion, amount) for ion, amount in amounts if amount < 0), key=lambda each: each[1])
    waiting = []
    for ion, amount in amounts:
        if 0 < amount <= room:
            room -= amount
        elif amount > 0:
            waiting.append((ion, amount))
    done = 0
    for raising, amount in waiting:
        while room < amount and done < len(lowerings):
            room -= lowerings[done][1]
            done += 1
        room -= amount
        for lowering, _ in lowerings[:done]:
            earlier, later = _last(lowering, RemoveProvisioned, SetProvisioned), _last(raising, SetProvisioned)
            if earlier and later:
                why = f"there is room only once {lowering.key.function}:{lowering.key.alias} has less"
                yield Precedence(earlier, later, why)


# ---------------------------------------------------------------- cycles


def _cycle(rules: Iterable[Precedence]) -> list[Precedence]:
    """The rules along one cycle; empty: there is none."""
    before: dict[StepRef, list[StepRef]] = {}
    by_steps: dict[tuple[StepRef, StepRef], Precedence] = {}
    for rule in rules:
        by_steps[rule.earlier, rule.later] = rule
        before.setdefault(rule.later, []).append(rule.earlier)
        before.setdefault(rule.earlier, [])
    for step, following in pairwise(sorted(before)):
        if step.key == following.key:  # an ion's own steps are done in their order
            before[following].append(step)
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        return [by_steps[pair] for pair in pairwise(error.args[1]) if pair in by_steps]
    return []
