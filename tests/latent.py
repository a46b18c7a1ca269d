"""AWS at a distance, on a clock that only waiting moves: a call takes a while to arrive, and its answer to come back.

`Latent` is a Dispatcher's executor; the quota is the sandbox's, asked at the moment of arrival. `at` is for what others
do meanwhile. Every arrival is in `arrived`.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf

from reconciler.aws.dispatcher import Dispatcher, Request, Response
from reconciler.aws.rate_limiter import Bucket, RateLimiter
from reconciler.model.errors import AwsError, ErrorKind
from reconciler.sandbox.quota import Bucket as Quota

SMALL = 100  # seconds: no wait of these tests is longer


class Clock:
    """Seconds that pass only when somebody waits."""

    def __init__(self) -> None:
        self.now = 5_000.0

    def __call__(self) -> float:
        return self.now


def failed(kind: ErrorKind, *, retry_after: float | None = None) -> AwsError:
    return AwsError("said AWS", kind=kind, code=kind.name, operation="Request", retry_after=retry_after)


@dataclass
class Latent:
    """Executor whose calls take a latency each, a share of it (chosen by `rng`) before they arrive."""

    clock: Clock
    latency: Callable[[], float]
    executor: int = 16
    rng: random.Random = field(default_factory=lambda: random.Random(1))
    arrived: list[float] = field(default_factory=list)
    busy: int = 0
    most_busy: int = 0
    events: list[tuple[float, int, Callable[[], tuple[int, object] | None]]] = field(default_factory=list)
    numbers: int = 0

    def free(self) -> int:
        return self.executor - self.busy

    def run(self, job: int, work: Callable[[], object]) -> None:
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        latency = self.latency()
        there = latency * self.rng.random()

        def arrive() -> None:
            self.arrived.append(self.clock.now)
            try:
                end: object = work()
            except Exception as error:  # noqa: BLE001 - crosses to the loop, as from a thread
                end = error
            self._schedule(latency - there, lambda: (job, end))

        self._schedule(there, arrive)

    def at(self, seconds: float, act: Callable[[], object]) -> None:
        """Do something so many seconds from now."""
        self._schedule(seconds, lambda: (act(), None)[1])

    def finished(self, seconds: float) -> list[tuple[int, object]]:
        until = self.clock.now + min(seconds, SMALL)
        while self.events and self.events[0][0] <= until:
            self.clock.now, _, happen = heappop(self.events)
            end = happen()
            if end is not None:
                self.busy -= 1
                return [end]
        assert seconds < SMALL, "the loop waits for nothing"
        self.clock.now = until
        return []

    def wake(self) -> None: ...

    def _schedule(self, seconds: float, happen: Callable[[], tuple[int, object] | None]) -> None:
        self.numbers += 1
        heappush(self.events, (self.clock.now + seconds, self.numbers, happen))


@dataclass
class Far:
    """A dispatcher to an account whose slow quota is real; `served` and `throttled` count what AWS did."""

    latency: Callable[[], float] = lambda: 0.1
    burst: float = 15.0
    executor: int = 16
    clock: Clock = field(default_factory=Clock)
    served: int = 0
    throttled: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.quota = Quota(15.0, self.clock.now)
        self.quota.tokens = self.burst
        self.wire = Latent(self.clock, self.latency, self.executor)
        self.rate_limiter = RateLimiter()
        self.dispatcher = Dispatcher(
            rate_limiter=self.rate_limiter, executor=self.wire, clock=self.clock, rng=random.Random(2)
        )

    def asked(self) -> bool:
        """Whether AWS lets a call pass that arrives now."""
        refill = (self.clock.now - self.quota.seen) * self.quota.rate
        self.quota.tokens = min(self.quota.tokens, self.burst - refill)  # full where it is full, however small
        return self.quota.take(self.clock.now)

    def call(self) -> str:
        if not self.asked():
            self.throttled.append(self.clock.now)
            raise failed(ErrorKind.THROTTLED)
        self.served += 1
        return "served"

    def submit(self, count: int) -> None:
        for _ in range(count):
            self.dispatcher.submit(Request(self.call, Bucket.SLOW), to=self)

    def finish(self) -> list[Response]:
        """Wait for all answers."""
        answers: list[Response] = []
        while self.dispatcher.busy():
            answers += self.dispatcher.answers(inf)
        return answers

    def go_on(self, seconds: float) -> None:
        """Let so much time pass, whatever there is to do."""
        until = self.clock.now + seconds
        while self.clock.now < until:
            if self.dispatcher.busy():
                self.dispatcher.answers(until)
            else:
                self.wire.finished(until - self.clock.now)

    def neighbour(self, rate: float, seconds: float) -> None:
        """Somebody else's calls, so many a second, for so long."""
        for number in range(int(rate * seconds)):
            self.wire.at(number / rate, self.asked)
