"""AWS's request quota of one account and region, as token buckets that say when, and never sleep.

In: the moments at which calls are sent, answered and throttled. Out: how long the next call has to wait.

Terms: AWS documents 15 requests a second for nearly all of Lambda's control plane, 100 for GetFunction, 15 for
GetPolicy (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html), and no burst. Premise: its buckets
hold one second's worth. When AWS takes a call's token is unknown: at some moment between sending and answer. So a call
in flight *reserves* a token, and takes it with its answer, the last possible moment. What may be sent now is the
bucket's level less what is reserved: never more than AWS's bucket holds, whatever the latency of single calls. Nothing
is lost by it while less than a bucket is in flight: the bucket refills meanwhile.

While somebody else is calling, AWS throttles us. AIMD: cut the rate by 10 % per 429 (once for all calls that were in
flight), then recover quadratically, so that it stays near what the others leave and soon takes what becomes free. A 429
also halves the burst for good: that slows nothing but the first calls after a pause.
"""

from dataclasses import dataclass
from enum import Enum
from math import inf


class Bucket(Enum):
    """AWS's request quotas; each call belongs to one. OTHER services have their own, far from being reached."""

    SLOW = 15.0
    FAST = 100.0
    POLICY = 15.01  # GetPolicy: a bucket of its own (an Enum's values have to differ)
    SCALING = 5.0  # Application Auto Scaling, which documents none
    OTHER = 1000.0

    @property
    def burst(self) -> int:
        """Calls that may come at once, after a pause: one second's worth."""
        return int(self.value)


SLACK = 0.997  # of AWS's rate
CUT = 0.9  # of the rate, when throttled
FLOOR = 0.5  # requests a second, however much others call
SMALLEST_BURST = 2.0  # of calls that have to be sent together
RECOVERY = 0.05  # of the full rate, a second, while not throttled
ACCELERATION = 0.25  # a second, by which that grows
ROUNDING = 1e-5  # tokens that are not waited for: less than a clock of large numbers can tell


@dataclass(slots=True)
class _Tokens:
    """`level`: what AWS's bucket holds at least, calls in flight left out; `reserved`: tokens of those."""

    full_rate: float
    full: float
    burst: float
    rate: float
    level: float
    refilled: float = -inf
    reserved: int = 0
    cut_at: float = -inf
    cut_to: float = inf


class RateLimiter:
    """The buckets of one account and region. All times are seconds on one monotonic clock."""

    def __init__(self) -> None:
        self._buckets = {bucket: _full(bucket) for bucket in Bucket}

    def wait(self, bucket: Bucket, now: float, tokens: int = 1) -> float:
        """Seconds until so many tokens are there; infinite while only an answer can make room for them."""
        state = self._refill(bucket, now)
        missing = tokens - (state.level - state.reserved)
        if missing <= ROUNDING:
            return 0.0
        return missing / state.rate if state.level + missing <= _most(state) + ROUNDING else inf

    def take(self, bucket: Bucket, now: float, tokens: int = 1) -> None:
        """A call is sent."""
        self._refill(bucket, now).reserved += tokens

    def answered(self, bucket: Bucket, now: float, tokens: int = 1) -> None:
        """A call of so many tokens has ended, with or without an answer."""
        state = self._refill(bucket, now)
        state.reserved -= tokens
        state.level -= tokens

    def throttled(self, bucket: Bucket, now: float, *, sent: float) -> None:
        """Cut the rate, unless the call was sent before the last cut. AWS's bucket is empty, so ours is."""
        state = self._refill(bucket, now)
        if sent < state.cut_at:
            return
        state.cut_at = now
        state.rate = state.cut_to = max(FLOOR, state.rate * CUT)
        state.burst = max(SMALLEST_BURST, state.burst / 2)
        state.level = min(state.level, float(state.reserved))

    def rate(self, bucket: Bucket) -> float:
        """Requests a second at present."""
        return self._buckets[bucket].rate

    def _refill(self, bucket: Bucket, now: float) -> _Tokens:
        state = self._buckets[bucket]
        if state.level < _most(state):
            state.level = min(_most(state), state.level + (now - state.refilled) * state.rate)
        state.refilled = now
        if state.rate < state.full_rate:
            since = now - state.cut_at
            recovered = RECOVERY * state.full_rate * since * (1 + ACCELERATION * since)
            state.rate = min(state.full_rate, state.cut_to + recovered)
        return state


def _full(bucket: Bucket) -> _Tokens:
    rate, burst = bucket.value * SLACK, float(bucket.burst)
    return _Tokens(full_rate=rate, full=burst, burst=burst, rate=rate, level=burst)


def _most(state: _Tokens) -> float:
    """The highest level: a full bucket; with nothing in flight, the burst that 429s have left."""
    return min(state.full, state.burst + state.reserved)
