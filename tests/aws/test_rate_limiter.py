"""The pace against AWS's bucket, across any latency: never over it, never idle, and quick to share."""

import random
from collections.abc import Callable
from math import inf

import pytest
from latent import Far

from reconciler.aws.rate_limiter import SLACK, Bucket, RateLimiter

Latency = Callable[[], float]


def _uniform(low: float, high: float) -> Latency:
    rng = random.Random(3)
    return lambda: rng.uniform(low, high)


def _mostly(usual: float, seldom: float) -> Latency:
    rng = random.Random(4)
    return lambda: seldom if rng.random() < 0.05 else usual * rng.uniform(0.5, 1.5)


LATENCIES: dict[str, Callable[[], Latency]] = {
    "none": lambda: lambda: 0.0,
    "50 ms": lambda: lambda: 0.05,
    "any up to a second": lambda: _uniform(0.0, 1.0),
    "stragglers of 3 s": lambda: _mostly(0.1, 3.0),
}


@pytest.mark.parametrize("name", LATENCIES)
@pytest.mark.parametrize("seed", range(5))
def test_nobody_else_calling_no_call_is_throttled_whatever_the_latency(name: str, seed: int) -> None:
    far, rng = Far(latency=LATENCIES[name]()), random.Random(seed)
    for _ in range(40):
        far.submit(rng.choice((1, 2, 15, 30)))
        far.go_on(rng.choice((0.0, 0.05, 0.3, 1.0, 2.5)))
    far.finish()
    assert far.throttled == []


@pytest.mark.parametrize("latency", [0.0, 0.05, 0.1, 0.4, 0.8])
def test_the_slow_bucket_is_never_idle_while_slow_calls_wait(latency: float) -> None:
    far = Far(latency=lambda: latency)
    begun = far.clock()
    far.submit(300)
    far.finish()
    at_best = (300 - 15) / (15 * SLACK)
    assert far.clock() - begun <= at_best + 2 * latency + 0.01


def test_latency_that_varies_costs_no_pace() -> None:
    far = Far(latency=_uniform(0.02, 0.5))
    begun = far.clock()
    far.submit(300)
    far.finish()
    assert far.clock() - begun <= (300 - 15) / (15 * SLACK) + 1.0


def test_with_half_the_quota_taken_the_throughput_is_within_a_tenth_of_what_is_left() -> None:
    far = Far(latency=lambda: 0.05)
    far.neighbour(7.5, 120)
    begun = far.clock()
    far.submit(600)
    far.go_on(60)
    # The neighbour's calls that were throttled themselves left their share to us: what AWS served in all counts.
    passed = far.clock() - begun
    assert far.served >= 0.9 * 7.5 * passed
    assert far.served <= 15 * passed + 15


def test_the_pace_recovers_within_seconds_after_somebody_else_stops() -> None:
    far = Far(latency=lambda: 0.05)
    far.neighbour(12.0, 20)
    far.submit(900)
    far.go_on(30)
    assert far.rate_limiter.rate(Bucket.SLOW) == pytest.approx(15 * SLACK)
    before = far.served
    far.go_on(10)
    assert far.served - before >= 0.95 * 150


@pytest.mark.parametrize("burst", [2.0, 3.0, 5.0, 10.0])
def test_a_smaller_burst_of_aws_costs_only_calls_of_the_first_second(burst: float) -> None:
    far = Far(latency=lambda: 0.05, burst=burst)
    begun = far.clock()
    far.submit(150)
    answers = far.finish()
    assert [answer.value for answer in answers] == ["served"] * 150
    assert all(moment < begun + 1.0 for moment in far.throttled)
    assert far.clock() - begun <= 1.1 * (150 - burst) / 15 + 0.5


def test_a_smaller_burst_is_remembered_after_a_pause() -> None:
    far = Far(latency=lambda: 0.05, burst=5.0)
    far.submit(30)
    far.finish()
    first = len(far.throttled)
    for _ in range(4):
        far.go_on(30)
        far.submit(30)
        far.finish()
    assert first >= 8
    assert len(far.throttled) - first <= 8


def test_calls_throttled_together_slow_the_pace_once() -> None:
    rate_limiter = RateLimiter()
    for _ in range(15):
        rate_limiter.take(Bucket.SLOW, 0.0)
    for _ in range(10):
        rate_limiter.answered(Bucket.SLOW, 0.1)
        rate_limiter.throttled(Bucket.SLOW, 0.1, sent=0.0)
    assert rate_limiter.rate(Bucket.SLOW) == pytest.approx(15 * SLACK * 0.9)


def test_the_pace_never_falls_to_nothing() -> None:
    rate_limiter = RateLimiter()
    for second in range(100):
        rate_limiter.throttled(Bucket.SLOW, second / 100, sent=second / 100)
    assert rate_limiter.rate(Bucket.SLOW) >= 0.5


def test_a_call_in_flight_holds_its_token_until_it_is_answered() -> None:
    rate_limiter = RateLimiter()
    for _ in range(15):
        rate_limiter.take(Bucket.SLOW, 0.0)
    assert rate_limiter.wait(Bucket.SLOW, 10.0) == inf
    rate_limiter.answered(Bucket.SLOW, 10.0)
    assert rate_limiter.wait(Bucket.SLOW, 10.0) == pytest.approx(1 / (15 * SLACK))


def test_a_pair_waits_for_the_quota_of_both() -> None:
    rate_limiter = RateLimiter()
    for _ in range(14):
        rate_limiter.take(Bucket.SLOW, 0.0)
        rate_limiter.answered(Bucket.SLOW, 0.0)
    assert rate_limiter.wait(Bucket.SLOW, 0.0) == 0.0
    assert rate_limiter.wait(Bucket.SLOW, 0.0, 2) == pytest.approx(1 / (15 * SLACK))


def test_a_pair_finds_room_even_when_the_burst_is_the_smallest() -> None:
    rate_limiter = RateLimiter()
    for second in range(20):
        rate_limiter.throttled(Bucket.SLOW, second, sent=second)
    assert rate_limiter.wait(Bucket.SLOW, 1000.0, 2) == 0.0


def test_each_quota_is_a_bucket_of_its_own() -> None:
    rate_limiter = RateLimiter()
    for _ in range(15):
        rate_limiter.take(Bucket.SLOW, 0.0)
    assert rate_limiter.wait(Bucket.SLOW, 0.0) > 0
    assert rate_limiter.wait(Bucket.FAST, 0.0, 100) == 0.0
    assert rate_limiter.wait(Bucket.POLICY, 0.0, 15) == 0.0
