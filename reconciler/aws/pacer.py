"""AWS's request quota of one account and region, as token buckets that say when, and never sleep.

In: the moments at which calls leave, are answered and are throttled. Out: how long the next call has to wait.

Terms: AWS documents 15 requests a second for nearly all of Lambda's control plane, 100 for GetFunction, 15 for
GetPolicy (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html), and no burst. Premise: its buckets
hold one second's worth, and refill from the arrival of the first request. Ours refill from the first *answer*, which is
later, at a hair under the rate: so ours are never ahead of AWS's, whatever the latency of single calls.
With somebody else calling, AWS throttles us: the rate is cut (once for all calls that were on their way), then creeps
up again, so that it hovers at what is left.
"""

from dataclasses import dataclass
from enum import Enum
from math import inf


class Bucket(Enum):
    """AWS's request quotas; each call belongs to one. OTHER services have their own, far from being reached."""

    SLOW = 15.0
    FAST = 100.0
    POLICY = 15.01  # GetPolicy: a bucket of its own (an Enum's values have to differ)
    OTHER = 1000.0


SLACK = 0.997  # of AWS's rate
CUT = 0.9  # of the rate, when throttled
FLOOR = 0.5  # requests a second, however much others call
CREEP = 0.05  # of the full rate, a second, while not throttled
ROUNDING = 1e-5  # tokens that are not waited for: less than a clock of large numbers can tell


@dataclass(slots=True)
class _Tokens:
    full_rate: float
    burst: float
    rate: float
    level: float
    refilled: float | None  # None: full until a call left, and not yet answered
    cut_at: float = -inf
    crept: float = -inf


class Pacer:
    """The buckets of one account and region. All times are seconds on one monotonic clock."""

    def __init__(self) -> None:
        self._buckets = {
            bucket: _Tokens(
                bucket.value * SLACK, float(int(bucket.value)), bucket.value * SLACK, int(bucket.value), None
            )
            for bucket in Bucket
        }

    def wait(self, bucket: Bucket, now: float, tokens: int = 1) -> float:
        """Seconds until so many tokens are there; infinite while only an answer can start the refill."""
        state = self._refill(bucket, now)
        missing = tokens - state.level
        if missing <= ROUNDING:
            return 0.0
        return inf if state.refilled is None else missing / state.rate

    def take(self, bucket: Bucket, now: float, tokens: int = 1) -> None:
        self._refill(bucket, now).level -= tokens

    def answered(self, bucket: Bucket, now: float) -> None:
        """Note an answer of any kind, or that none can come: the refill starts now if it had not."""
        state = self._refill(bucket, now)
        if state.refilled is None and state.level < state.burst:
            state.refilled = now

    def throttled(self, bucket: Bucket, now: float, *, sent: float) -> None:
        """Slow down, unless the call had left before the last cut. An empty bucket of AWS's empties ours."""
        state = self._refill(bucket, now)
        if sent < state.cut_at:
            return
        state.cut_at = state.crept = now
        state.rate = max(FLOOR, state.rate * CUT)
        state.level = min(state.level, 0.0)
        state.refilled = now

    def rate(self, bucket: Bucket) -> float:
        """Requests a second at present."""
        return self._buckets[bucket].rate

    def _refill(self, bucket: Bucket, now: float) -> _Tokens:
        state = self._buckets[bucket]
        if state.rate < state.full_rate:
            state.rate = min(state.full_rate, state.rate + (now - state.crept) * CREEP * state.full_rate)
            state.crept = now
        if state.refilled is not None:
            state.level = min(state.burst, state.level + (now - state.refilled) * state.rate)
            state.refilled = now if state.level < state.burst else None
        return state
