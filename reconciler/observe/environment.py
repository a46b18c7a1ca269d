"""One environment's ions -> what AWS says about each, in two rounds of reads.

The first makes four calls an ion (ions of one function share one of them); the second only what `needs` names. An
alias's pointer and the version behind it come from two calls. Where they contradict each other (torn reads), somebody
moved the alias in between, or AWS answered one of them from before a write, which it may do for some seconds: after
everything else was read they are read again, with pauses. A read that fails makes its ion Unreadable, never "absent".
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, NamedTuple

from reconciler.decide.diff import Needs, needs
from reconciler.model.callers import AsyncSettings
from reconciler.model.errors import AwsError, sentence
from reconciler.model.observed import (
    AccountSettings,
    AliasPointer,
    AliasState,
    Ion,
    Key,
    Latest,
    Observation,
    Observed,
    Provisioned,
    Qualified,
    Scaling,
    ScalingUnknown,
    Unreadable,
    VersionState,
)
from reconciler.observe.callers import async_reads, callers, event_sources_read, policy_reads
from reconciler.observe.deploys import running_notes, running_reads
from reconciler.observe.environments import Environment
from reconciler.observe.reads import (
    ACCOUNT_SETTINGS,
    ALIAS,
    FUNCTION_NAMES,
    LATEST,
    PROVISIONED,
    PROVISIONED_LIST,
    VERSION,
    Read,
    Reads,
)
from reconciler.observe.scaling import scaling, scaling_reads

RE_READS = (0.0, 0.25, 0.5, 1.0, 2.0, 2.0, 2.0, 2.25)  # seconds before each further read of what is torn; 10 in all
SOME_NAMES = replace(FUNCTION_NAMES, enough=2000)  # as many as a "did you mean" is worth listing


@dataclass(frozen=True, slots=True)
class EnvironmentSnapshot:
    """What the reads of one environment came to. `account` None: not needed."""

    observations: Mapping[Key, Observation]
    account: AccountSettings | Unreadable | None
    warnings: tuple[str, ...]


def observe_environment(
    environment: Environment, ions: tuple[Ion, ...], *, finished: Callable[[], None] = lambda: None
) -> EnvironmentSnapshot:
    """Read what has to be known to decide about these ions of an environment; `finished` is called for each."""
    reads = Reads(environment.dispatcher)
    reading = _Reading(environment, reads)
    for targets in scaling_reads(environment, ions):
        reads.submit(targets)
    deploys = running_reads(environment, ions)
    for running in deploys.values():
        reads.submit(running)
    sources = event_sources_read(environment)
    if sources:
        reads.submit(sources)
    reads.gather(((*reading.first(ion), *policy_reads(environment, ion)) for ion in ions), finished)
    reads.gather([(sources,)] if sources else [])
    owners = scaling(reads, environment, ions)
    torn = tuple(ion for ion in ions if reading.is_torn(ion))
    again = {ion.key for ion in torn}
    whole = tuple(ion for ion in ions if ion.key not in again)
    observations, account = reading.concluded(whole, owners)
    if torn:
        reading.repeat(torn)
        more, settings = reading.concluded(torn, owners)
        observations, account = observations | more, account or settings
    return EnvironmentSnapshot(
        observations, account, (*_warnings(environment, reads, owners), *running_notes(reads, deploys))
    )


def broken(error: Exception) -> Unreadable:
    """Of AWS's error, or of one of our own code, whose words may quote an answer."""
    if isinstance(error, AwsError):
        return Unreadable(sentence(error))
    return Unreadable(f"what AWS says about it could not be understood: {type(error).__name__}")


class _FirstReads(NamedTuple):
    """What is read of every ion."""

    latest: Read[Latest | None]
    behind: Read[VersionState | None]
    pointer: Read[AliasPointer | None]
    provisioned: Read[Provisioned | None]


@dataclass(frozen=True, slots=True)
class _Reading:
    """The reads of one environment, and what they come to."""

    environment: Environment
    reads: Reads

    def first(self, ion: Ion) -> _FirstReads:
        connection, alias = self.environment.connections[ion.key], (ion.key.function, ion.key.alias)
        return _FirstReads(
            Read(LATEST, connection, alias[:1]),
            Read(VERSION, connection, alias),
            Read(ALIAS, connection, alias),
            Read(PROVISIONED, connection, alias),
        )

    def is_torn(self, ion: Ion) -> bool:
        try:
            latest, behind, pointer, provisioned = self._values(ion)
        except AwsError:
            return False
        if pointer and behind:
            return pointer.version != behind.number
        if latest is None and pointer is not None:
            return True
        return (pointer is None) != (behind is None) or (pointer is None and provisioned is not None)

    def _values(self, ion: Ion) -> tuple[Latest | None, VersionState | None, AliasPointer | None, Provisioned | None]:
        reads, value = self.first(ion), self.reads.value
        return value(reads.latest), value(reads.behind), value(reads.pointer), value(reads.provisioned)

    def repeat(self, torn: tuple[Ion, ...]) -> None:
        for pause in RE_READS:
            torn = tuple(ion for ion in torn if self.is_torn(ion))
            if not torn:
                return
            self.reads.pause(pause)
            for ion in torn:
                self.reads.forget(self.first(ion))
            self.reads.gather(self.first(ion) for ion in torn)

    def concluded(
        self, ions: tuple[Ion, ...], owners: Mapping[Key, Scaling]
    ) -> tuple[dict[Key, Observation], AccountSettings | Unreadable | None]:
        """Observations after the second round, and the account's settings where an ion needs them."""
        observations: dict[Key, Observation] = {}
        needed: dict[Key, Needs] = {}
        for ion in ions:
            try:
                observed = observations[ion.key] = self._observation(ion, owners)
                needed[ion.key] = needs(ion, observed)
            except Exception as error:  # noqa: BLE001 - one ion's trouble is its own
                observations[ion.key], needed[ion.key] = broken(error), Needs()
        self.reads.gather(self._second(ion, observations[ion.key], needed[ion.key]) for ion in ions)
        names = self._names([ion for ion in ions if needed[ion.key].near_names])
        for ion in ions:
            observed = observations[ion.key]
            try:
                if isinstance(observed, Observed):
                    observations[ion.key] = self._completed(ion, observed, needed[ion.key], names)
            except Exception as error:  # noqa: BLE001 - as above
                observations[ion.key] = broken(error)
        return observations, self._account() if any(need.account for need in needed.values()) else None

    def _observation(self, ion: Ion, owners: Mapping[Key, Scaling]) -> Observation:
        latest, behind, pointer, provisioned = self._values(ion)
        if self.is_torn(ion):
            return Unreadable("the alias moved each time it was read; somebody is at work on it. Run again")
        if latest is None:
            return Observed(None, None, None)
        alias = AliasState(pointer, behind) if pointer and behind else None
        seen = callers(self.reads, self.environment, ion)
        now = self.environment.now()
        return Observed(latest, alias, provisioned, scaling=owners.get(ion.key), callers=seen, now=now)

    # ------------------------------------------------------------ the second round

    def _pinned(self, ion: Ion, version: str) -> Read[VersionState | None]:
        return Read(VERSION, self.environment.connections[ion.key], (ion.key.function, version))

    def _siblings(self, ion: Ion) -> Read[tuple[Qualified, ...]]:
        return Read(PROVISIONED_LIST, self.environment.connections[ion.key], (ion.key.function,))

    def _settings(self) -> Read[AccountSettings]:
        return Read(ACCOUNT_SETTINGS, self.environment.connections[self.environment.ions[0].key])

    def _second(self, ion: Ion, observed: Observation, need: Needs) -> tuple[Read[Any], ...]:
        return (
            *([self._pinned(ion, need.pinned)] if need.pinned else []),
            *([self._siblings(ion)] if need.siblings else []),
            *([self._settings()] if need.account else []),
            *(self._async(ion, observed) if need.async_settings else []),
        )

    def _completed(self, ion: Ion, observed: Observed, need: Needs, names: tuple[str, ...]) -> Observation:
        """With what the second round read of this ion."""
        if need.near_names:
            near = tuple(get_close_matches(ion.key.function, names, n=3, cutoff=0.75))
            observed = replace(observed, near_names=near)
        if need.pinned:
            observed = replace(observed, pinned=self.reads.value(self._pinned(ion, need.pinned)))
        if need.siblings:
            observed = replace(observed, siblings=self.reads.value(self._siblings(ion)))
        if need.async_settings:
            bare, *alias = (self.reads.value(read) for read in self._async(ion, observed))
            settings = replace(observed.callers, bare_async=bare, alias_async=alias[0] if alias else None)
            observed = replace(observed, callers=settings)
        return observed

    def _async(self, ion: Ion, observed: Observation) -> tuple[Read[AsyncSettings | None], ...]:
        aliased = isinstance(observed, Observed) and observed.alias is not None
        return async_reads(self.environment, ion, aliased=aliased)

    def _names(self, missing: list[Ion]) -> tuple[str, ...]:
        """Names of functions, as far as they can be listed: they only serve a "did you mean"."""
        if not missing:
            return ()
        return self.reads.rows(Read(SOME_NAMES, self.environment.connections[missing[0].key]))[0]

    def _account(self) -> AccountSettings | Unreadable:
        answer = self.reads.answer(self._settings())
        return Unreadable(sentence(answer)) if isinstance(answer, AwsError) else answer


def _warnings(environment: Environment, reads: Reads, owners: Mapping[Key, Scaling]) -> Iterator[str]:
    where = f"{environment.place.account} {environment.place.region}"
    if reads.used_fallback:
        yield (
            f"{where}: lambda:GetFunction is denied for some functions, so their configuration is read with calls of "
            "the slow quota; allow it (see `reconcile iam-policy --read-only`) to be faster"
        )
    for unknown in dict.fromkeys(each for each in owners.values() if isinstance(each, ScalingUnknown)):
        if unknown.harmless:
            yield f"{where}: this endpoint has no Application Auto Scaling, so nothing there is taken to own a number"
        else:
            yield f"{where}: whether Application Auto Scaling owns a number could not be read: {unknown.why}"
