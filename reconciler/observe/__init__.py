"""Sites -> a World: what AWS says about every ion, read side by side and within AWS's quota.

Only reads are made, and nothing is decided here but what has to be read. What AWS refuses to say is in the World, not
raised.
"""

from collections.abc import Callable
from typing import Protocol

from reconciler.aws.rate_limiter import Bucket
from reconciler.model.observed import AccountRegion, AccountSettings, Key, Observation, Snapshot, Unreadable
from reconciler.observe.environment import EnvironmentSnapshot, broken, look
from reconciler.observe.environments import Environment, Resolved, side_by_side
from reconciler.observe.estimate import Reading, estimate


class ReadProgress(Protocol):
    """Told how many ions of how many have been read, and about how many seconds the others will take."""

    def reads(self, done: int, total: int, left: float, /) -> None: ...


def observe(resolved: Resolved, *, watch: ReadProgress) -> Snapshot:
    """Everything that is needed to decide about the ions; accounts and regions side by side."""
    tally = _Tally(watch, resolved.sites)
    tally.tell()
    looks = side_by_side([_looking(site, tally) for site in resolved.sites])
    observations: dict[Key, Observation] = dict(resolved.unreadable)
    accounts: dict[AccountRegion, AccountSettings | Unreadable] = {}
    for site, seen in zip(resolved.sites, looks, strict=True):
        observations |= seen.observations
        if seen.account:
            accounts[site.place] = seen.account
    warnings = tuple(warning for seen in looks for warning in seen.warnings)
    return Snapshot(resolved.ions, observations, accounts, resolved.wrong_accounts, warnings)


class _Tally:
    """Counts over all sites, each of which counts its own in its own thread."""

    def __init__(self, watch: ReadProgress, sites: tuple[Environment, ...]) -> None:
        self._watch = watch
        self._sites = sites
        self._done = {site.place: 0 for site in sites}

    def one_more(self, place: AccountRegion) -> None:
        self._done[place] += 1
        self.tell()

    def tell(self) -> None:
        done = sum(self._done.values())
        self._watch.reads(done, sum(len(site.ions) for site in self._sites), estimate(map(self._reading, self._sites)))

    def _reading(self, site: Environment) -> Reading:
        """A bucket is full until its first call; from then on it holds nothing that an estimate should count on."""
        done = self._done[site.place]
        return Reading(len(site.ions) - done, site.dispatcher.pace(Bucket.SLOW), 0 if done else Bucket.SLOW.burst)


def _looking(site: Environment, tally: _Tally) -> Callable[[], EnvironmentSnapshot]:
    def looking() -> EnvironmentSnapshot:
        try:
            return look(site, site.ions, one_more=lambda: tally.one_more(site.place))
        except Exception as error:  # noqa: BLE001 - one place's trouble is its own
            return EnvironmentSnapshot({ion.key: broken(error) for ion in site.ions}, None, ())

    return looking
