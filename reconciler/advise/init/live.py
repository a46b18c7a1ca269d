"""An account and region -> what a first file is drafted from: its functions, their aliases, and who owns what.

Only reads, side by side and within AWS's quota: ListFunctions, then for each function ListAliases,
ListProvisionedConcurrencyConfigs and `$LATEST`, then the version behind each alias. What AWS refuses to say about a
function is kept with it as a sentence; what it refuses to say at all (the functions' names) is raised.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from reconciler.aws.dispatcher import Dispatcher
from reconciler.aws.rate_limiter import Bucket
from reconciler.model.errors import ErrorKind
from reconciler.model.inventory import InventoryReader, NamedAlias
from reconciler.model.observed import (
    AccountRegion,
    AliasState,
    Latest,
    Observed,
    Qualified,
    Scaling,
    ScalingTarget,
    ScalingUnknown,
    VersionState,
)
from reconciler.model.ports import Reader
from reconciler.observe.paged_reads import PagedRead, PagedReads, PageReader, Row, single

Name = TypeVar("Name")

FILTERED = 50  # scaling targets that one call can be asked for by name; beyond, all of the namespace are listed


@dataclass(frozen=True, slots=True)
class LiveAlias:
    name: str
    observed: Observed


@dataclass(frozen=True, slots=True)
class LiveFunction:
    """One function. `versions`: provisioned concurrency on a bare version. `trouble`: why it could not be read."""

    name: str
    aliases: tuple[LiveAlias, ...] = ()
    versions: tuple[Qualified, ...] = ()
    reserved: int | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Live:
    """`prefix`: only functions whose names begin so were read. `warnings`: what could not be found out."""

    place: AccountRegion
    prefix: str
    functions: tuple[LiveFunction, ...]
    warnings: tuple[str, ...] = ()


def read_live(  # noqa: PLR0913 - the two doors, the lane between, and what is wanted
    place: AccountRegion,
    *,
    reader: Reader,
    inventory: InventoryReader,
    dispatcher: Dispatcher,
    prefix: str = "",
    progress: Callable[[int], None] = lambda _more: None,
) -> Live:
    """Read every function of the place, or those whose names begin with `prefix`. Raises AwsError."""
    reading = _Reading(reader, inventory, PagedReads(dispatcher, progress=progress))
    names = reading.names(prefix)
    functions = reading.functions(names)
    read = [each for each in functions.values() if not each.trouble]
    behind = reading.behind(functions)
    owners, warnings = reading.owners([f"function:{each.name}:{alias.name}" for each in read for alias in each.aliases])
    return Live(place, prefix, tuple(_function(functions[name], behind, owners) for name in names), warnings)


@dataclass(frozen=True, slots=True)
class _Read:
    """A function's own reads, and the sentence that says why one of them failed."""

    name: str
    aliases: tuple[NamedAlias, ...]
    provisioned: tuple[Qualified, ...]
    latest: Latest | None
    trouble: str | None


@dataclass(frozen=True, slots=True)
class _Reading:
    reader: Reader
    inventory: InventoryReader
    inquiry: PagedReads

    def names(self, prefix: str) -> tuple[str, ...]:
        asked = self.inquiry.ask(self, self.reader.function_names, bucket=Bucket.SLOW)
        self.inquiry.run()
        if asked.error:
            raise asked.error
        return tuple(sorted(name for name in asked.rows if name.startswith(prefix)))

    def functions(self, names: tuple[str, ...]) -> Mapping[str, _Read]:
        asked = {
            name: (
                self._ask(partial(self.inventory.aliases, name), Bucket.SLOW),
                self._ask(partial(self.reader.provisioned_list, name), Bucket.SLOW),
                self._ask(single(partial(self.reader.latest, name)), Bucket.FAST),
            )
            for name in names
        }
        self.inquiry.run()
        latest = self._slowly(
            {name: (answers[2], partial(self.reader.latest_slowly, name)) for name, answers in asked.items()}
        )
        return {
            name: _Read(
                name,
                aliases.rows,
                provisioned.rows,
                next(iter(latest[name].rows), None),
                _first_trouble(aliases, provisioned, latest[name]),
            )
            for name, (aliases, provisioned, _) in asked.items()
        }

    def behind(self, functions: Mapping[str, _Read]) -> Mapping[tuple[str, str], PagedRead[VersionState]]:
        """The version behind each alias of the functions that could be read."""
        pairs = [
            (each.name, alias.pointer.version)
            for each in functions.values()
            for alias in each.aliases
            if not each.trouble
        ]
        asked = {pair: self._ask(single(partial(self.reader.version, *pair)), Bucket.FAST) for pair in set(pairs)}
        self.inquiry.run()
        return self._slowly({pair: (each, partial(self.reader.version_slowly, *pair)) for pair, each in asked.items()})

    def owners(self, resources: list[str]) -> tuple[Callable[[str], Scaling], tuple[str, ...]]:
        """Who scales each resource, and what is to be said when that can't be told."""
        if not resources:
            return (lambda _resource: None), ()
        named = tuple(resources) if len(resources) <= FILTERED else ()
        asked = self._ask(lambda marker: self.reader.scaling_targets(named, marker), Bucket.OTHER)
        self.inquiry.run()
        targets: dict[str, ScalingTarget] = dict(asked.rows)
        if asked.error is None:
            return targets.get, ()
        unknown = ScalingUnknown(asked.why, harmless=asked.error.kind is ErrorKind.UNSUPPORTED)
        said = f"whether Application Auto Scaling owns a number could not be read: {asked.why}"
        return (lambda resource: targets.get(resource, unknown)), () if unknown.harmless else (said,)

    def _ask(self, read: PageReader[Row], bucket: Bucket) -> PagedRead[Row]:
        return self.inquiry.ask(self, read, bucket=bucket)

    def _slowly(
        self, asked: Mapping[Name, tuple[PagedRead[Row], Callable[[], Row | None]]]
    ) -> dict[Name, PagedRead[Row]]:
        """Ask again by calls of the slow quota where GetFunction is denied."""
        answers = {
            name: self._ask(single(slow), Bucket.SLOW) if _denied(first) else first
            for name, (first, slow) in asked.items()
        }
        self.inquiry.run()
        return answers


def _denied(asked: PagedRead[Row]) -> bool:
    return asked.error is not None and asked.error.kind is ErrorKind.DENIED


def _first_trouble(*asked: PagedRead[NamedAlias] | PagedRead[Qualified] | PagedRead[Latest]) -> str | None:
    return next((each.why for each in asked if each.error), None)


def _function(
    read: _Read, behind: Mapping[tuple[str, str], PagedRead[VersionState]], owners: Callable[[str], Scaling]
) -> LiveFunction:
    latest, trouble = read.latest, read.trouble
    if trouble is None and latest is None:
        trouble = "it was deleted meanwhile"
    aliases: list[LiveAlias] = []
    for alias in read.aliases if trouble is None else ():
        version = behind[read.name, alias.pointer.version]
        state = next(iter(version.rows), None)
        if state is None:
            trouble = version.why or f"version {alias.pointer.version} behind {alias.name} is gone"
            break
        provisioned = next((row.provisioned for row in read.provisioned if row.qualifier == alias.name), None)
        scaling = owners(f"function:{read.name}:{alias.name}")
        aliases.append(LiveAlias(alias.name, Observed(latest, AliasState(alias.pointer, state), provisioned, scaling)))
    if trouble is not None or latest is None:
        return LiveFunction(read.name, trouble=trouble)
    named = {alias.name for alias in read.aliases}
    versions = tuple(row for row in read.provisioned if row.qualifier not in named)
    return LiveFunction(read.name, tuple(sorted(aliases, key=_name)), versions, latest.reserved)


def _name(alias: LiveAlias) -> str:
    return alias.name
