"""One site's ions -> what AWS says about each, in two looks.

The first makes four calls an ion (ions of one function share one of them); the second only what `needs` names. An
alias's pointer and the version behind it come from two calls. Where they contradict each other, somebody moved the
alias in between, or AWS answered one of them from before a write, which it may do for some seconds: after everything
else was read they are read again, with pauses. A read that fails makes its ion Unreadable, never "absent".
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconciler.model.errors import AwsError
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
from reconciler.observe.environments import Environment
from reconciler.observe.reads import Read, Reads
from reconciler.observe.scaling import scaling, scaling_asks, sentence

if TYPE_CHECKING:
    from reconciler.decide.diff import Needs

RE_READS = (0.0, 0.25, 0.5, 1.0, 2.0, 2.0, 2.0, 2.25)  # seconds before each further read of what is torn; 10 in all
MANY_NAMES = 2000  # functions that a "did you mean" is worth listing


@dataclass(frozen=True, slots=True)
class EnvironmentSnapshot:
    """What one site's looks came to. `account` None: not needed."""

    observations: Mapping[Key, Observation]
    account: AccountSettings | Unreadable | None
    warnings: tuple[str, ...]


def look(site: Environment, ions: tuple[Ion, ...], *, one_more: Callable[[], None]) -> EnvironmentSnapshot:
    """Read what has to be known to decide about these ions of a site; `one_more` is called after each."""
    reads = Reads(site.dispatcher)
    _first_look(reads, site, ions, one_more)
    owners = scaling(reads, site, ions)
    torn = tuple(ion for ion in ions if _is_torn(reads, site, ion))
    observations: dict[Key, Observation] = {}
    account = None
    again_later = {ion.key for ion in torn}
    for some in (tuple(ion for ion in ions if ion.key not in again_later), torn):
        if some is torn:
            _read_again(reads, site, torn)
        first, again = _concluded(reads, site, some, owners)
        observations |= _second_look(reads, site, some, first, again)
        account = account or (_account(reads, site) if any(need.account for need in again.values()) else None)
    return EnvironmentSnapshot(observations, account, tuple(_warnings(reads, site, owners)))


def broken(error: Exception) -> Unreadable:
    """What our own code tripped over; its words may quote an answer."""
    return Unreadable(f"what AWS says about it could not be understood: {type(error).__name__}")


def _concluded(
    reads: Reads, site: Environment, ions: tuple[Ion, ...], owners: Mapping[Key, Scaling]
) -> "tuple[dict[Key, Observation], dict[Key, Needs]]":
    """What the first look came to, and what it leaves open; one ion's trouble is its own."""
    from reconciler.decide.diff import Needs, needs  # noqa: PLC0415 - not before the first look, which it would hold up

    first: dict[Key, Observation] = {}
    again: dict[Key, Needs] = {}
    for ion in ions:
        try:
            first[ion.key] = _observation(reads, site, ion, owners)
            again[ion.key] = needs(ion, first[ion.key])
        except Exception as error:  # noqa: BLE001 - as said above
            first[ion.key], again[ion.key] = broken(error), Needs()
    return first, again


def _asks(site: Environment, ion: Ion) -> tuple[Read, ...]:
    link, key = site.links[ion.key], ion.key
    return (
        Read("latest", link, key.function),
        Read("behind", link, key.function, key.alias),
        Read("pointer", link, key.function, key.alias),
        Read("provisioned", link, key.function, key.alias),
    )


def _first_look(reads: Reads, site: Environment, ions: tuple[Ion, ...], one_more: Callable[[], None]) -> None:
    for ask in scaling_asks(site, ions):
        reads.submit(ask)
    reads.gather((_asks(site, ion) for ion in ions), one_more)


def _read_again(reads: Reads, site: Environment, torn: tuple[Ion, ...]) -> None:
    for pause in RE_READS:
        torn = tuple(ion for ion in torn if _is_torn(reads, site, ion))
        if not torn:
            return
        reads.pause(pause)
        for ion in torn:
            reads.forget(_asks(site, ion))
        reads.gather(_asks(site, ion) for ion in torn)


def _is_torn(reads: Reads, site: Environment, ion: Ion) -> bool:
    latest, behind, pointer, provisioned = (reads.answers[ask] for ask in _asks(site, ion))
    if any(isinstance(answer, AwsError) for answer in (behind, pointer, provisioned)):
        return False
    if isinstance(pointer, AliasPointer) and isinstance(behind, VersionState):
        return pointer.version != behind.number
    if latest is None and pointer is not None:
        return True
    return (pointer is None) != (behind is None) or (pointer is None and provisioned is not None)


def _observation(reads: Reads, site: Environment, ion: Ion, owners: Mapping[Key, Scaling]) -> Observation:
    answers = [reads.answers[ask] for ask in _asks(site, ion)]
    for answer in answers:
        if isinstance(answer, AwsError):
            return Unreadable(sentence(answer))
    latest, behind, pointer, provisioned = answers
    if _is_torn(reads, site, ion):
        return Unreadable("the alias moved each time it was read; somebody is at work on it. Run again")
    if not isinstance(latest, Latest):
        return Observed(None, None, None)
    alias = None
    if isinstance(pointer, AliasPointer) and isinstance(behind, VersionState):
        alias = AliasState(pointer, behind)
    return Observed(
        latest,
        alias,
        provisioned if isinstance(provisioned, Provisioned) else None,
        scaling=owners.get(ion.key),
    )


def _second_look(
    reads: Reads,
    site: Environment,
    ions: tuple[Ion, ...],
    first: Mapping[Key, Observation],
    again: "Mapping[Key, Needs]",
) -> dict[Key, Observation]:
    reads.gather(_more_asks(site, ion, again[ion.key]) for ion in ions)
    names = _names(reads, site, [ion for ion in ions if again[ion.key].near_names])
    completed: dict[Key, Observation] = {}
    for ion in ions:
        observed: Observation = first[ion.key]
        if isinstance(observed, Observed):
            observed = replace(observed, near_names=_near(ion, names)) if again[ion.key].near_names else observed
            try:
                observed = _completed(reads, site, ion, observed, again[ion.key])
            except Exception as error:  # noqa: BLE001 - one ion's trouble is its own
                observed = broken(error)
        completed[ion.key] = observed
    return completed


def _near(ion: Ion, names: list[str]) -> tuple[str, ...]:
    from difflib import get_close_matches  # noqa: PLC0415 - only where a function is missing

    return tuple(get_close_matches(ion.key.function, names, n=3, cutoff=0.75))


def _more_asks(site: Environment, ion: Ion, need: "Needs") -> tuple[Read, ...]:
    asks = []
    if need.pinned:
        asks.append(Read("behind", site.links[ion.key], ion.key.function, need.pinned))
    if need.siblings:
        asks.append(_siblings_ask(site, ion))
    if need.account:
        asks.append(_account_ask(site))
    return tuple(asks)


def _siblings_ask(site: Environment, ion: Ion) -> Read:
    return Read("siblings", site.links[ion.key], ion.key.function)


def _account_ask(site: Environment) -> Read:
    return Read("account", site.links[site.ions[0].key])


def _completed(reads: Reads, site: Environment, ion: Ion, observed: Observed, need: "Needs") -> Observation:
    """With what the second look read of this ion."""
    if need.pinned:
        pinned = reads.answers[_more_asks(site, ion, need)[0]]
        if isinstance(pinned, AwsError):
            return Unreadable(sentence(pinned))
        observed = replace(observed, pinned=pinned if isinstance(pinned, VersionState) else None)
    if need.siblings:
        rows, error = reads.pages(_siblings_ask(site, ion))
        if error:
            return Unreadable(sentence(error))
        observed = replace(observed, siblings=tuple(row for row in rows if isinstance(row, Qualified)))
    return observed


def _names(reads: Reads, site: Environment, missing: list[Ion]) -> list[str]:
    """Names of functions, as far as they can be listed: they only serve a "did you mean"."""
    if not missing:
        return []
    rows, _ = reads.pages(Read("names", site.links[missing[0].key]), enough=MANY_NAMES)
    return [row for row in rows if isinstance(row, str)]


def _account(reads: Reads, site: Environment) -> AccountSettings | Unreadable | None:
    answer = reads.answers[_account_ask(site)]
    if isinstance(answer, AwsError):
        return Unreadable(sentence(answer))
    return answer if isinstance(answer, AccountSettings) else None


def _warnings(reads: Reads, site: Environment, owners: Mapping[Key, Scaling]) -> Iterator[str]:
    where = f"{site.place.account} {site.place.region}"
    if reads.went_slowly:
        yield (
            f"{where}: lambda:GetFunction is denied for some functions, so their configuration is read with calls of "
            "the slow quota; allow it (see `reconcile iam-policy --read-only`) to be faster"
        )
    for unknown in dict.fromkeys(each for each in owners.values() if isinstance(each, ScalingUnknown)):
        if unknown.harmless:
            yield f"{where}: this endpoint has no Application Auto Scaling, so nothing there is taken to own a number"
        else:
            yield f"{where}: whether Application Auto Scaling owns a number could not be read: {unknown.why}"
