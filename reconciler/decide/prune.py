"""Which published versions may go: what was read of a function -> the versions to delete, oldest first. Pure.

Always kept, whatever the number asked for: what an alias names or weighs, or its mark would go back to; what has
provisioned concurrency, a policy or asynchronous settings of its own, or is named by an event source mapping, since
somebody calls it by its number; what the file pins; the highest, which the next publish is compared with, and the one
before; and what is younger than a day. Beside those the newest stay, as many as are asked for.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from reconciler.decide.checks import check
from reconciler.decide.identity import digest, write_identities
from reconciler.decide.marks import mark_of
from reconciler.decide.price import ion_cost
from reconciler.model.callers import EventSource
from reconciler.model.desired import Config, Pinned
from reconciler.model.inventory import NamedAlias, PublishedVersion
from reconciler.model.observed import FunctionKey, Ion, Observed, Qualified, Snapshot, Unreadable
from reconciler.model.plan import Change, Cost, InSync, IonPlan, Pending, Plan, Verdict
from reconciler.model.steps import DeleteVersion

YOUNG: Final = 86_400.0  # seconds


@dataclass(frozen=True, slots=True)
class Versions:
    """What was read of one function. `called`: qualifiers with asynchronous settings; `policies`: versions with one."""

    published: tuple[PublishedVersion, ...]
    aliases: tuple[NamedAlias, ...]
    provisioned: tuple[Qualified, ...]
    called: tuple[str, ...]
    sources: tuple[EventSource, ...]
    policies: frozenset[int] = frozenset()

    @property
    def numbers(self) -> list[int]:
        return sorted(each.number for each in self.published)


def keeps(config: Config, function: str, given: int | None) -> int | None:
    """How many beside those always kept: `--keep`, else the most that an ion of the function asks for; None: nobody."""
    asked = [ion.keep_versions for ion in config.desired if ion.function == function and ion.keep_versions is not None]
    return given if given is not None else max(asked, default=None)


def always_kept(found: Versions, pins: Collection[int], now: float) -> dict[int, str]:
    """The versions that stay whatever is asked for, and why. `now`: seconds since 1970."""
    kept: dict[int, str] = {}
    for number, why in _reasons(found, pins, now):
        kept.setdefault(number, why)
    return {number: why for number, why in kept.items() if number in found.numbers}


def _reasons(found: Versions, pins: Collection[int], now: float) -> Iterator[tuple[int, str]]:
    for alias in found.aliases:
        pointer, mark = alias.pointer, mark_of(alias.pointer)
        yield from _numbered([pointer.version], f"alias {alias.name}")
        yield from _numbered((version for version, _ in pointer.weights), f"a weight of alias {alias.name}")
        yield from _numbered([mark.before, mark.latest or ""] if mark else (), f"the mark of alias {alias.name}")
    yield from _numbered((row.qualifier for row in found.provisioned), "provisioned concurrency of its own")
    yield from _numbered(found.called, "asynchronous settings of its own")
    yield from _numbered((source.qualifier or "" for source in found.sources), "an event source mapping")
    yield from ((number, "a policy of its own") for number in found.policies)
    yield from ((number, "pinned in the file") for number in pins)
    yield from zip(found.numbers[:-3:-1], ("the highest", "the one before the highest"), strict=False)
    for version in found.published:
        if version.modified is None or now - version.modified < YOUNG:
            yield version.number, "younger than a day"


def _numbered(qualifiers: Iterable[str], why: str) -> Iterator[tuple[int, str]]:
    yield from ((int(each), why) for each in qualifiers if each.isascii() and each.isdecimal())


def pins_of(config: Config, function: str) -> frozenset[int]:
    """The versions that any ion of the file pins, in whichever account."""
    wishes = (ion.version for ion in config.desired if ion.function == function)
    return frozenset(int(wish.number) for wish in wishes if isinstance(wish, Pinned))


def plan_prune(
    snapshot: Snapshot,
    found: Mapping[FunctionKey, Versions | Unreadable],
    config: Config,
    *,
    keep: int | None,
    now: float,
) -> Plan:
    """What to delete, with the first ion of each function. `keep`: as `--keep`; `now`: seconds since 1970."""
    ions: list[IonPlan] = []
    done: set[FunctionKey] = set()
    for ion in sorted(snapshot.ions, key=lambda each: each.key):
        function, observed = ion.key.function_key, snapshot.observations[ion.key]
        read = found.get(function)
        if isinstance(observed, Unreadable):
            verdict: Verdict = observed
        elif isinstance(read, Unreadable):
            verdict = read
        elif read is None or function in done:
            verdict = InSync()
        else:
            verdict = _verdict(ion, read, config, keep, now)
        if isinstance(observed, Observed):
            done.add(function)
        ions.append(_priced(IonPlan(ion, observed, verdict), config))
    writes = write_identities(ions)
    total = sum(ion.cost.monthly_before for ion in ions)
    return check(Plan(tuple(ions), digest(writes), Cost(total, total), writes=writes), snapshot, config)


def _priced(plan: IonPlan, config: Config) -> IonPlan:
    """At today's price, which deleting versions does not change."""
    before = ion_cost(plan, config.prices).monthly_before
    return replace(plan, cost=Cost(before, before))


def _verdict(ion: Ion, read: Versions, config: Config, keep: int | None, now: float) -> Verdict:
    asked = keeps(config, ion.key.function, keep)
    if asked is None:
        return InSync("nobody says how many versions to keep: `keep_versions` in the file, or --keep")
    kept = always_kept(read, pins_of(config, ion.key.function), now)
    spare = [number for number in read.numbers if number not in kept]
    goes = spare[: max(0, len(spare) - asked)]
    if not goes:
        return InSync()
    reason = f"deletes {_listed(goes)}; stay: {', '.join(f'{number} ({why})' for number, why in sorted(kept.items()))}"
    if asked and len(spare) > len(goes):
        reason += f", and the newest beside them: {_listed(spare[len(goes) :])}"
    change = Change("versions", len(read.numbers), len(read.numbers) - len(goes), reason)
    return Pending((change,), tuple(DeleteVersion(number) for number in goes))


def _listed(numbers: list[int]) -> str:
    """`1-4, 7`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
