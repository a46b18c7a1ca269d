"""Sends one account and region's calls to AWS: queued by urgency, rate limited, run by an executor, retried.

In: Requests. Out: Responses, to the one loop that submitted them. In between, only what is safe to retry is retried:
throttled calls, and reads that AWS failed to answer. A write without an answer is returned to the loop, which has to
check whether it was applied. Nothing here knows what a call is for.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Protocol

from reconciler.aws.rate_limiter import Bucket, RateLimiter
from reconciler.model.errors import AwsError, ErrorKind

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

READ_ATTEMPTS = 6  # of a read that AWS fails to answer; UpdateAlias and others are known to fail for good at times
BACKOFF = 0.25  # seconds before the first repetition, at most; doubles
BACKOFF_LIMIT = 8.0
RETRY_AFTER_LIMIT = 60.0  # seconds; what asks for more is no answer of AWS's
# Urgency: a write never queues behind a look, and nothing behind a write that nobody waits for.
URGENT, WRITE, LOOK, LAST = range(4)
BLINK = 0.5  # seconds; a signal that comes just before the main thread blocks is heeded only when that ends
FAST_SHARE = 0.75  # of the executor, so that a flood of fast calls never keeps the slow bucket waiting


@dataclass(frozen=True, slots=True)
class Request:
    """One AWS call.

    `rank`: among calls of one urgency, the smaller goes first. `tokens` 0: its quota was reserved by an earlier call.
    `throttle_timeout`: give up this many seconds after the first 429.
    """

    work: Callable[[], object]
    bucket: Bucket
    urgency: int = LOOK
    rank: int = 0
    repeatable: bool = True
    tokens: int = 1
    throttle_timeout: float = 900.0


@dataclass(frozen=True, slots=True)
class Response:
    """What came of a call, for whoever asked (`to`). `queued`: seconds it waited for quota and its turn."""

    to: object
    value: object
    error: AwsError | None
    queued: float


class Executor(Protocol):
    """What runs calls to hide their latency: threads, or (in a simulation) nothing at all."""

    def free(self) -> int:
        """How many more calls may run now."""
        ...

    def run(self, job: int, work: Callable[[], object]) -> None: ...

    def finished(self, seconds: float) -> list[tuple[int, object]]:
        """Wait at most so long for the next ends; (job, value or exception). Empty when woken or out of time."""
        ...

    def wake(self) -> None:
        """Make a waiting `finished` return; safe in a signal handler."""
        ...


class ThreadExecutor:
    """Thread-pool executor, started lazily."""

    def __init__(self, parallelism: int) -> None:
        self._parallelism = parallelism
        self._busy = 0
        self._ends: SimpleQueue[tuple[int, object] | None] = SimpleQueue()
        self._pool: ThreadPoolExecutor | None = None

    def free(self) -> int:
        return self._parallelism - self._busy

    def run(self, job: int, work: Callable[[], object]) -> None:
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - only when AWS is called

        self._pool = self._pool or ThreadPoolExecutor(self._parallelism, thread_name_prefix="aws")
        self._busy += 1
        self._pool.submit(self._work, job, work)

    def finished(self, seconds: float) -> list[tuple[int, object]]:
        ends: list[tuple[int, object]] = []
        try:
            end = self._ends.get(timeout=min(seconds, BLINK)) if seconds > 0 else self._ends.get_nowait()
            while True:
                if end is not None:
                    ends.append(end)
                end = self._ends.get_nowait()
        except Empty:
            self._busy -= len(ends)
            return ends

    def wake(self) -> None:
        self._ends.put(None)

    def close(self) -> None:
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _work(self, job: int, work: Callable[[], object]) -> None:
        try:
            self._ends.put((job, work()))
        except BaseException as error:  # noqa: BLE001 - crosses to the loop, which raises it there
            self._ends.put((job, error))


@dataclass(order=True, slots=True)
class _Job:
    urgency: int
    rank: int
    number: int
    request: Request = field(compare=False)
    to: object = field(compare=False)
    since: float = field(compare=False)
    sent: float = field(compare=False, default=0.0)
    queued: float = field(compare=False, default=0.0)
    attempts: int = field(compare=False, default=0)
    throttled: float | None = field(compare=False, default=None)  # since when

    def tokens(self) -> int:
        """What it takes of the quota; what an earlier call reserved is spent once it was sent."""
        return max(1, self.request.tokens) if self.attempts else self.request.tokens


class Dispatcher:
    """The calls of one account and region. Not thread-safe: it belongs to one loop."""

    def __init__(
        self, *, rate_limiter: RateLimiter, executor: Executor, clock: Callable[[], float], rng: random.Random
    ) -> None:
        self.clock = clock
        self.executor = executor
        self._rate_limiter = rate_limiter
        self._rng = rng
        self._waiting: dict[Bucket, list[_Job]] = {bucket: [] for bucket in Bucket}
        self._later: list[tuple[float, _Job]] = []
        self._running: dict[int, _Job] = {}
        self._numbers = 0

    def submit(self, request: Request, *, to: object) -> None:
        self._numbers += 1
        job = _Job(request.urgency, request.rank, self._numbers, request, to, since=self.clock())
        heappush(self._waiting[request.bucket], job)

    def pace(self, bucket: Bucket) -> float:
        """Requests a second at present."""
        return self._rate_limiter.rate(bucket)

    def busy(self) -> bool:
        return bool(self._running or self._later or any(self._waiting.values()))

    def cancel(self, *, to: object) -> bool:
        """Take back what was submitted for `to`, unless it has left. True: it never left."""
        for jobs in self._waiting.values():
            for job in jobs:
                if job.to is to:
                    jobs.remove(job)
                    jobs.sort()  # a sorted list is a heap
                    return True
        for delayed in self._later:
            if delayed[1].to is to:
                self._later.remove(delayed)
                self._later.sort()
                return True
        return False

    def answers(self, until: float) -> list[Response]:
        """Let calls go and wait for answers, until one came, the moment `until` passed, or somebody woke us."""
        pause = min(self._dispatch(), max(0.0, until - self.clock()))
        ends = self.executor.finished(pause)
        answers = [answer for job, end in ends if (answer := self._end(self._running.pop(job), end))]
        self._dispatch()
        return answers

    def _dispatch(self) -> float:
        """Hand over what may go now; seconds until more may."""
        now = self.clock()
        while self._later and self._later[0][0] <= now:
            job = heappop(self._later)[1]
            heappush(self._waiting[job.request.bucket], job)
        pause = self._later[0][0] - now if self._later else inf
        for bucket, jobs in self._waiting.items():
            if jobs:
                pause = min(pause, self._dispatch_bucket(bucket, jobs, now))
        return pause

    def _dispatch_bucket(self, bucket: Bucket, jobs: list[_Job], now: float) -> float:
        while jobs:
            wait = self._rate_limiter.wait(bucket, now, jobs[0].tokens())
            if wait > 0:
                return wait
            if self.executor.free() <= self._kept_free(bucket):
                return inf
            job = heappop(jobs)
            self._rate_limiter.take(bucket, now, job.tokens())
            job.sent, job.queued = now, job.queued + now - job.since
            self._running[job.number] = job
            self.executor.run(job.number, job.request.work)
        return inf

    def _kept_free(self, bucket: Bucket) -> int:
        if bucket is not Bucket.FAST:
            return 0
        return int((self.executor.free() + len(self._running)) * (1 - FAST_SHARE))

    def _end(self, job: _Job, end: object) -> Response | None:
        now, bucket = self.clock(), job.request.bucket
        self._rate_limiter.answered(bucket, now, job.tokens())
        if isinstance(end, AwsError):
            if end.kind is ErrorKind.THROTTLED:
                self._rate_limiter.throttled(bucket, now, sent=job.sent)
            if self._repeats(job, end, now):
                return None
            return Response(job.to, None, end, job.queued)
        if isinstance(end, Exception):
            return Response(job.to, None, _internal_error(end), job.queued)
        if isinstance(end, BaseException):
            raise end
        return Response(job.to, end, None, job.queued)

    def _repeats(self, job: _Job, error: AwsError, now: float) -> bool:
        job.attempts += 1
        if error.kind is ErrorKind.THROTTLED:
            job.throttled = now if job.throttled is None else job.throttled
            again = now - job.throttled < job.request.throttle_timeout
        else:
            again = error.kind is ErrorKind.UNAVAILABLE and job.request.repeatable and job.attempts < READ_ATTEMPTS
        if again:
            job.since = now
            heappush(self._later, (now + self._backoff(job, error, now), job))
        return again

    def _backoff(self, job: _Job, error: AwsError, now: float) -> float:
        """Seconds until the repetition: doubling, or as long as AWS asks, within bounds. Urgent calls don't wait."""
        if job.request.urgency == URGENT:
            return float(BACKOFF * self._rng.uniform(0.5, 1.0))
        limit: float = min(BACKOFF_LIMIT, BACKOFF * 2 ** min(job.attempts, 10))
        asked = min(error.retry_after or 0.0, RETRY_AFTER_LIMIT)
        if job.throttled is not None:
            asked = min(asked, max(0.0, job.throttled + job.request.throttle_timeout - now))
        return max(asked, limit * self._rng.uniform(0.5, 1.0))


def _internal_error(error: Exception) -> AwsError:
    """A fault of our own inside a call: told by its type alone, since its words may quote an answer."""
    return AwsError(
        f"a fault of this program's own ({type(error).__name__}) while it called AWS",
        kind=ErrorKind.UNAVAILABLE,
        code="InternalError",
        operation="",
        hint="please report it",
    )
