"""How long a plan says that it will take, and that it keeps to it."""

import io
import random
from dataclasses import dataclass, field

import pytest
from latent import Clock, Latent
from simulation import Aws, ion, new_aws

from reconciler.aws.dispatcher import Dispatcher
from reconciler.aws.rate_limiter import SLACK, RateLimiter
from reconciler.model.desired import FollowLatest
from reconciler.model.observed import AccountRegion
from reconciler.observe import observe
from reconciler.observe.environments import resolve
from reconciler.observe.estimate import Reading, estimate
from reconciler.report.progress import Plain, ReadCount, duration


@pytest.mark.parametrize(("ions", "seconds"), [(0, 0.0), (7, 0.0), (20, 25 / 15), (150, 19.0), (1000, 1985 / 15)])
def test_reading_takes_two_slow_calls_an_ion_less_a_full_bucket(ions: int, seconds: float) -> None:
    assert estimate([Reading(ions, 15.0, 15)]) == pytest.approx(seconds)


def test_accounts_and_regions_are_read_side_by_side() -> None:
    assert estimate([Reading(150, 15.0, 15), Reading(20, 15.0, 15)]) == pytest.approx(19.0)


def test_a_pace_that_fell_is_counted_with() -> None:
    assert estimate([Reading(150, 7.5, 0)]) == pytest.approx(40.0)


def test_nothing_to_read_takes_no_time() -> None:
    assert estimate([]) == 0.0


@dataclass
class Watch:
    """Remembers when it was told what."""

    clock: Clock
    told: list[tuple[float, int, float]] = field(default_factory=list)

    def reads(self, done: int, _: int, left: float) -> None:
        self.told.append((self.clock.now, done, left))


def test_the_estimate_is_told_before_the_first_call_and_kept_to() -> None:
    names = [f"f{number:03}" for number in range(200)]
    clock = Clock()
    aws: Aws = new_aws(*names)

    def dispatcher(_: AccountRegion) -> Dispatcher:
        executor = Latent(clock, lambda: 0.1)
        return Dispatcher(rate_limiter=RateLimiter(), executor=executor, clock=clock, rng=random.Random(1))

    watch, begun = Watch(clock), clock.now
    resolved = resolve([ion(name, 0, FollowLatest()) for name in names], opener=aws.opener, dispatcher_for=dispatcher)
    observe(resolved, progress=watch)
    took = clock.now - begun
    first, *later = watch.told
    assert first[:2] == (begun, 0)
    assert first[2] == pytest.approx((400 - 15) / (15 * SLACK))
    assert first[2] == pytest.approx(took, abs=1.0)
    for moment, _, left in later:
        assert left == pytest.approx(begun + took - moment, abs=2.0)


# ---------------------------------------------------------------- shown


@pytest.mark.parametrize(("seconds", "words"), [(24.4, "about 24 s"), (119.0, "about 119 s"), (1331.0, "about 22 min")])
def test_an_estimate_is_no_more_exact_than_it_is(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_log_is_told_up_front_what_will_take_long_and_nothing_of_what_will_not() -> None:
    said = io.StringIO()
    for left in (9.0, 39.0):
        log = Plain(said, lambda: 0.0)
        log.show(ReadCount(0, 300, left))
        log.show(ReadCount(1, 300, left))
    assert said.getvalue() == "Reading 300 ions, about 39 s at AWS's request quota\n"


def test_a_log_is_told_now_and_then_how_much_is_left() -> None:
    said, clock = io.StringIO(), Clock()
    log = Plain(said, clock)
    log.show(ReadCount(0, 300, 39.0))
    clock.now += 31
    log.show(ReadCount(128, 300, 23.0))
    assert said.getvalue().splitlines()[1:] == ["Reading: 128 of 300, about 23 s left"]
