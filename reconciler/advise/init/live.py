"""An account and region -> what a first file is drafted from: functions, their aliases, and who scales those.

Only reads, within AWS's quota: ListFunctions, then for each function ListAliases, ListProvisionedConcurrencyConfigs and
`$LATEST`, then the version behind each alias. A read of one function that fails is kept with the function, as a
sentence; when the functions' names can't be listed, the AwsError is raised.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from reconciler.aws.dispatcher import Dispatcher
from reconciler.model.errors import AwsError, sentence
from reconciler.model.inventory import NamedAlias
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
from reconciler.observe.environments import Connection
from reconciler.observe.reads import ALIASES, FUNCTION_NAMES, LATEST, PROVISIONED_LIST, VERSION, Read, Reads
from reconciler.observe.scaling import owners_by_alias, scaling_read, with_details


def ignored(_more: int) -> None:
    """Progress that nobody watches."""


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


def live_names(
    connection: Connection, dispatcher: Dispatcher, *, prefix: str = "", progress: Callable[[int], None] = ignored
) -> tuple[str, ...]:
    """The names of the account and region's functions that begin with `prefix`, sorted. Raises AwsError."""
    reads = Reads(dispatcher, progress=progress)
    listed = Read(FUNCTION_NAMES, connection)
    reads.gather([(listed,)])
    return tuple(sorted(name for name in reads.value(listed) if name.startswith(prefix)))


def read_live(  # noqa: PLR0913 - what to read, and when
    connection: Connection,
    dispatcher: Dispatcher,
    names: tuple[str, ...],
    *,
    now: float,
    prefix: str = "",
    progress: Callable[[int], None] = ignored,
) -> Live:
    """Read these functions, which are all whose names begin with `prefix`. `now`: seconds since 1970."""
    reads = Reads(dispatcher, progress=progress)
    reading = _Reading(connection, reads, now)
    reads.gather(reading.own(name) for name in names)
    aliases = {name: reading.aliases(name) for name in names}
    reads.gather([reading.behind(name, alias) for alias in each] for name, each in aliases.items())
    owners, warnings = reading.owners([(name, alias.name) for name, each in aliases.items() for alias in each])
    return Live(connection.place, prefix, tuple(reading.function(name, owners) for name in names), warnings)


class _OwnReads(NamedTuple):
    """What is read of every function."""

    aliases: Read[tuple[NamedAlias, ...]]
    provisioned: Read[tuple[Qualified, ...]]
    latest: Read[Latest | None]


@dataclass(frozen=True, slots=True)
class _Reading:
    connection: Connection
    reads: Reads
    now: float

    def own(self, name: str) -> _OwnReads:
        return _OwnReads(
            Read(ALIASES, self.connection, (name,)),
            Read(PROVISIONED_LIST, self.connection, (name,)),
            Read(LATEST, self.connection, (name,)),
        )

    def behind(self, name: str, alias: NamedAlias) -> Read[VersionState | None]:
        return Read(VERSION, self.connection, (name, alias.pointer.version))

    def aliases(self, name: str) -> tuple[NamedAlias, ...]:
        """Empty where any read of the function failed."""
        answers = [self.reads.answer(read) for read in self.own(name)]
        failed = any(isinstance(answer, AwsError) for answer in answers)
        return () if failed else self.reads.value(self.own(name).aliases)

    def owners(self, aliases: list[tuple[str, str]]) -> tuple[Mapping[tuple[str, str], Scaling], tuple[str, ...]]:
        """Who scales each alias, and what is to be said when that can't be told."""
        if not aliases:
            return {}, ()
        owners = owners_by_alias(self.reads, scaling_read(self.connection, aliases), aliases)
        if any(isinstance(each, ScalingTarget) for each in owners.values()):
            owners = with_details(self.reads, self.connection, owners)
        unknown = {each.why for each in owners.values() if isinstance(each, ScalingUnknown) and not each.harmless}
        return owners, tuple(
            f"whether Application Auto Scaling owns a number could not be read: {why}" for why in unknown
        )

    def function(self, name: str, owners: Mapping[tuple[str, str], Scaling]) -> LiveFunction:
        try:
            return self._function(name, owners)
        except AwsError as error:
            return LiveFunction(name, trouble=sentence(error))

    def _function(self, name: str, owners: Mapping[tuple[str, str], Scaling]) -> LiveFunction:
        own, value = self.own(name), self.reads.value
        aliases, provisioned, latest = value(own.aliases), value(own.provisioned), value(own.latest)
        if latest is None:
            return LiveFunction(name, trouble="it was deleted meanwhile")
        by_qualifier = {row.qualifier: row for row in provisioned}
        found: list[LiveAlias] = []
        for alias in aliases:
            behind = self.reads.value(self.behind(name, alias))
            if behind is None:
                trouble = f"version {alias.pointer.version} behind {alias.name} is gone"
                return LiveFunction(name, trouble=trouble)
            row = by_qualifier.pop(alias.name, None)
            state, scaling = AliasState(alias.pointer, behind), owners[name, alias.name]
            found.append(
                LiveAlias(alias.name, Observed(latest, state, row.provisioned if row else None, scaling, now=self.now))
            )
        found.sort(key=lambda alias: alias.name)
        return LiveFunction(name, tuple(found), tuple(by_qualifier.values()), latest.reserved)
