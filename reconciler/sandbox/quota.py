"""AWS's request quotas, per account and region, as token buckets: three of Lambda's control plane, one of scaling.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: GetFunction 100 a second, GetPolicy 15, and
15 for the rest of the control plane together. AWS documents no burst; the sandbox takes 15 (100 for GetFunction).
Nothing here waits: a call that finds no token is refused.
"""

RATES = {"GetFunction": 100.0, "GetPolicy": 15.0}
SHARED = "shared"
SHARED_RATE = 15.0
SCALING = "scaling"
UNLIMITED = frozenset({"Invoke", "InvokeAsync", "InvokeWithResponseStream"})


class Bucket:
    """Tokens that come back at `rate` a second, up to one second's worth."""

    __slots__ = ("rate", "seen", "tokens")

    def __init__(self, rate: float, now: float) -> None:
        self.rate = rate
        self.tokens = rate
        self.seen = now

    def take(self, now: float) -> bool:
        elapsed = max(0.0, now - self.seen)
        self.tokens = min(self.rate, self.tokens + elapsed * self.rate)
        self.seen = max(self.seen, now)
        if self.tokens < 1.0:
            return False
        self.tokens -= 1.0
        return True


class Quota:
    """The buckets of one account and region."""

    __slots__ = ("buckets",)

    def __init__(self) -> None:
        self.buckets: dict[str, Bucket] = {}

    def allows_scaling(self, rate: float, now: float) -> bool:
        """The same for a call of Application Auto Scaling, which has one bucket of its own."""
        return self.buckets.setdefault(SCALING, Bucket(rate, now)).take(now)

    def allows(self, operation: str, now: float) -> bool:
        """Whether this call may pass; it then costs one token of the operation's bucket."""
        if operation in UNLIMITED:
            return True
        name = operation if operation in RATES else SHARED
        bucket = self.buckets.get(name)
        if bucket is None:
            bucket = self.buckets[name] = Bucket(RATES.get(name, SHARED_RATE), now)
        return bucket.take(now)
