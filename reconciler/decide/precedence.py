"""What has to be done to one ion before another: pure, from the verdicts of all ions.

Two rules of AWS make an order. A version carries one provisioned concurrency at most, so it has to leave one alias
before it goes onto another of the same version. And a raise that fits into what is reserved or unreserved only after a
lowering waits for that lowering; every other raise waits for nothing.

Ions that wait for each other in a circle would never end: that is found out by walking through all steps, each ion's in
its order and each held step after what it waits for, until nothing moves any more.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from reconciler.decide.functions import FunctionPlan, by_function, carries_before
from reconciler.model.observed import AccountRegion, AccountSettings, Key, Unreadable
from reconciler.model.plan import (
    AwaitReady,
    AwaitSettled,
    IonPlan,
    MoveAlias,
    Precedence,
    RemoveProvisioned,
    SetProvisioned,
    Step,
)

MINIMUM_UNRESERVED = 100  # what AWS keeps unreserved of an account's concurrency, or the whole limit where that is less


@dataclass(frozen=True, slots=True)
class Deadlock:
    """Ions that wait for each other, with the reason for each."""

    reasons: Mapping[Key, str]


def precedence(
    ions: tuple[IonPlan, ...], accounts: Mapping[AccountRegion, AccountSettings | Unreadable]
) -> tuple[Precedence, ...] | Deadlock:
    """The order that the plan needs, or what stands in the way of any."""
    functions = by_function(ions)
    rules = {
        *(rule for function in functions for rule in _one_per_version(function)),
        *(rule for function in functions for rule in _after_lowerings(function.ions, _reserved_room(function))),
    }
    for place in {ion.key.place for ion in ions}:
        unreserved = [ion for each in functions if each.reserved is None for ion in each.ions if ion.key.place == place]
        rules |= set(_after_lowerings(unreserved, unreserved_room(accounts.get(place))))
    circle = _circle(ions, rules)
    if circle:
        why = "its provisioned concurrency and that of alias {} wait for each other. Set one of them to 0 first"
        return Deadlock({rule.later: why.format(rule.earlier.alias) for rule in circle})
    return tuple(sorted(rules, key=lambda rule: (rule.later, rule.earlier, repr(rule.held))))


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
        held, version = _arrival(later), function.carries_after(later)
        if held is None or version is None or version == carries_before(later):
            continue
        for earlier in function.ions:
            first = _departure(earlier)
            if first and carries_before(earlier) == version != function.carries_after(earlier):
                why = f"version {version} carries provisioned concurrency through {earlier.key.alias} until then"
                yield Precedence(earlier.key, first, later.key, held, why)


def _arrival(ion: IonPlan) -> Step | None:
    """The step by which provisioned concurrency comes onto the version wanted."""
    keeps = carries_before(ion) is not None and RemoveProvisioned() not in ion.steps
    kind: type[Step] = MoveAlias if keeps else SetProvisioned
    return next((step for step in ion.steps if isinstance(step, kind)), None)


def _departure(ion: IonPlan) -> Step | None:
    """The step with which this alias's provisioned concurrency has left the version; None: it stays."""
    steps = ion.steps
    if RemoveProvisioned() in steps:
        return RemoveProvisioned()
    if not any(isinstance(step, MoveAlias) for step in steps):
        return None
    return AwaitSettled() if steps.count(AwaitSettled()) == 1 else AwaitReady()  # the first of two is before the move


# ---------------------------------------------------------------- room


def _after_lowerings(ions: Iterable[IonPlan], room: int | None) -> Iterator[Precedence]:
    """Let each raise that does not fit into the room wait for as many lowerings as it needs, the largest first."""
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
        yield from (_after_lowering(raising, lowering) for lowering, _ in lowerings[:done])


def _after_lowering(raising: IonPlan, lowering: IonPlan) -> Precedence:
    first = next((step for step in lowering.steps if isinstance(step, SetProvisioned)), RemoveProvisioned())
    why = f"there is room only once {lowering.key.function}:{lowering.key.alias} has less"
    return Precedence(lowering.key, first, raising.key, SetProvisioned(raising.units_after), why)


# ---------------------------------------------------------------- circles


def _circle(ions: Iterable[IonPlan], rules: Iterable[Precedence]) -> list[Precedence]:
    """Rules that wait for each other; empty: all steps can be walked through."""
    holds: dict[tuple[Key, Step], list[Precedence]] = {}
    for each in rules:
        holds.setdefault((each.later, each.held), []).append(each)
    concerned = {key for each in rules for key in (each.earlier, each.later)}
    left = {ion.key: list(ion.steps) for ion in ions if ion.key in concerned}
    done: set[tuple[Key, Step]] = set()
    while True:
        nexts = {key: steps[0] for key, steps in left.items() if steps}
        waits = {key: rule for key, step in nexts.items() if (rule := _unmet(holds.get((key, step), ()), done))}
        if len(waits) == len(nexts):
            return _round(waits)
        for key in nexts.keys() - waits.keys():
            done.add((key, left[key].pop(0)))


def _unmet(rules: Iterable[Precedence], done: Collection[tuple[Key, Step]]) -> Precedence | None:
    return next((rule for rule in rules if (rule.earlier, rule.first) not in done), None)


def _round(waits: Mapping[Key, Precedence]) -> list[Precedence]:
    """Follow who waits for whom until somebody comes again."""
    path: list[Key] = []
    key = next(iter(waits), None)
    while key is not None and key not in path:
        path.append(key)
        key = waits[key].earlier if key in waits else None
    return [waits[each] for each in path[path.index(key) :]] if key is not None else []
