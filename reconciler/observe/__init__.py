"""Sites -> a World: what AWS says about every ion, read side by side and within AWS's quota.

Only reads are made, and nothing is decided here but what has to be read. What AWS refuses to say is in the World, not
raised.
"""

from collections.abc import Callable
from typing import Protocol

from reconciler.model import AccountSettings, Key, Observation, Place, Unreadable, World
from reconciler.observe.look import Seen, look
from reconciler.sites import Resolved, Site, side_by_side


class Watcher(Protocol):
    """Told how many ions of how many have been read."""

    def reads(self, done: int, total: int) -> None: ...


def observe(resolved: Resolved, *, watch: Watcher) -> World:
    """Everything that is needed to decide about the ions; accounts and regions side by side."""
    tally = _Tally(watch, total=sum(len(site.ions) for site in resolved.sites))
    looks = side_by_side([_looking(site, tally) for site in resolved.sites])
    observations: dict[Key, Observation] = dict(resolved.unreadable)
    accounts: dict[Place, AccountSettings | Unreadable] = {}
    for site, seen in zip(resolved.sites, looks, strict=True):
        observations |= seen.observations
        if seen.account:
            accounts[site.place] = seen.account
    warnings = tuple(warning for seen in looks for warning in seen.warnings)
    return World(resolved.ions, observations, accounts, resolved.wrong_accounts, warnings)


class _Tally:
    """Counts over all sites. Several threads may count at once: a figure too low for a moment does no harm."""

    def __init__(self, watch: Watcher, *, total: int) -> None:
        self._watch, self._total, self._done = watch, total, 0

    def one_more(self) -> None:
        self._done += 1
        self._watch.reads(self._done, self._total)


def _looking(site: Site, tally: _Tally) -> Callable[[], Seen]:
    return lambda: look(site, site.ions, one_more=tally.one_more)
