"""Environments -> a Snapshot: what AWS says about every ion, read side by side and within AWS's quota.

Only reads are made, and nothing is decided here but what has to be read. What AWS refuses to say is in the Snapshot,
not raised.
"""

from collections.abc import Callable
from typing import Protocol

from reconciler.aws.rate_limiter import Bucket
from reconciler.model.observed import AccountRegion, AccountSettings, Key, Observation, Snapshot, Unreadable
from reconciler.observe.environment import EnvironmentSnapshot, broken, observe_environment
from reconciler.observe.environments import Environment, Resolved, side_by_side
from reconciler.observe.estimate import Reading, estimate


class ReadProgress(Protocol):
    """Told how many ions of how many have been read, and about how many seconds the others will take."""

    def reads(self, done: int, total: int, left: float, /) -> None: ...


def observe(resolved: Resolved, *, progress: ReadProgress) -> Snapshot:
    """Everything that is needed to decide about the ions; accounts and regions side by side."""
    tally = _Tally(progress, resolved.environments)
    tally.tell()
    snapshots = side_by_side([_observing(environment, tally) for environment in resolved.environments])
    observations: dict[Key, Observation] = dict(resolved.unreadable)
    accounts: dict[AccountRegion, AccountSettings | Unreadable] = {}
    for environment, snapshot in zip(resolved.environments, snapshots, strict=True):
        observations |= snapshot.observations
        if snapshot.account:
            accounts[environment.place] = snapshot.account
    warnings = tuple(warning for snapshot in snapshots for warning in snapshot.warnings)
    return Snapshot(resolved.ions, observations, accounts, resolved.wrong_accounts, warnings)


class _Tally:
    """Counts ions over all environments, each of which counts its own in its own thread."""

    def __init__(self, progress: ReadProgress, environments: tuple[Environment, ...]) -> None:
        self._progress = progress
        self._environments = environments
        self._done = {environment.place: 0 for environment in environments}

    def one_more(self, place: AccountRegion) -> None:
        self._done[place] += 1
        self.tell()

    def tell(self) -> None:
        done, total = sum(self._done.values()), sum(len(environment.ions) for environment in self._environments)
        self._progress.reads(done, total, estimate(map(self._reading, self._environments)))

    def _reading(self, environment: Environment) -> Reading:
        """A bucket is full until its first call; from then on it holds nothing that an estimate should count on."""
        done = self._done[environment.place]
        pace, burst = environment.dispatcher.pace(Bucket.SLOW), 0 if done else Bucket.SLOW.burst
        return Reading(len(environment.ions) - done, pace, burst)


def _observing(environment: Environment, tally: _Tally) -> Callable[[], EnvironmentSnapshot]:
    def observing() -> EnvironmentSnapshot:
        try:
            return observe_environment(
                environment, environment.ions, finished=lambda: tally.one_more(environment.place)
            )
        except Exception as error:  # noqa: BLE001 - one environment's trouble is its own
            return EnvironmentSnapshot({ion.key: broken(error) for ion in environment.ions}, None, ())

    return observing
