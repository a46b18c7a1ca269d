"""The loop of one account and region: resumes every ion's way with what it asked for, until all have ended.

It alone touches the lane and the ways, on one thread. A write that is ready never waits for another ion's wait: waiting
ions only stand in `_pauses`. Told to stop, it interrupts whatever waits or has not left yet, lets calls under way come
back, and ends.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf
from threading import Lock

from reconciler.apply.awaitables import Call, Interrupted, IonCoroutine, Sleep, StepFailed, Suspension, WaitFor
from reconciler.aws.dispatcher import Dispatcher
from reconciler.model.errors import AwsError
from reconciler.model.observed import Key

Watch = Callable[[Key, str | None], None]


@dataclass(slots=True)
class CancelToken:
    """Whether nothing new may be started; set by a signal handler, which also wakes the loops.

    While an alias is between the two writes of a repair (`guarded`), callers reach a failing version: whoever wants to
    leave at once (`leave`) leaves when the last of these has ended.
    """

    requested: bool = False
    wakes: list[Callable[[], None]] = field(default_factory=list)
    _guarded: int = 0
    _lock: Lock = field(default_factory=Lock)
    _leave: Callable[[], None] | None = None

    def request(self) -> None:
        self.requested = True
        for wake in self.wakes:
            wake()

    def leave(self, leaving: Callable[[], None]) -> None:
        """Call `leaving` now, or when nothing is guarded any more. For signal handlers: takes no lock."""
        self._leave = leaving
        if not self._guarded:
            leaving()

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Within this, nobody leaves."""
        with self._lock:
            self._guarded += 1
        try:
            yield
        finally:
            with self._lock:
                self._guarded -= 1
                leaving = None if self._guarded else self._leave
            if leaving:
                leaving()


@dataclass(eq=False, slots=True)
class _Task:
    """One ion's way, and what it stands at."""

    key: Key
    coroutine: IonCoroutine
    number: int
    asked: Suspension | None = None
    told: str = ""  # what it waits for, as whoever watches was told


class Loop:
    """Runs ways to their ends. `watch` is told what each ion waits for (None: it does not wait)."""

    def __init__(self, dispatcher: Dispatcher, *, stop: CancelToken, watch: Watch) -> None:
        self._lane = dispatcher
        self._stop = stop
        self._watch = watch
        self._walkers: list[_Task] = []
        self._pauses: list[tuple[float, int, _Task]] = []

    def run(self, ways: Mapping[Key, IonCoroutine]) -> None:
        """Run all ways side by side until each has ended."""
        self._stop.wakes.append(self._lane.executor.wake)
        self._walkers = [_Task(key, way, number) for number, (key, way) in enumerate(ways.items())]
        for walker in list(self._walkers):
            self._resume(walker, None)
        while self._walkers:
            if self._stop.requested:
                self._interrupt()
            self._open_gates()
            if self._walkers:
                self._turn()

    def _turn(self) -> None:
        """Wait for the next thing to happen, and pass it on."""
        if not self._pauses and not self._lane.busy():
            self._break_circle()
            return
        until = self._pauses[0][0] if self._pauses else inf
        for answer in self._lane.answers(until):
            if isinstance(answer.to, _Task):
                self._answered(answer.to, answer.value, answer.error, answer.queued)
        now = self._lane.clock()
        while self._pauses and self._pauses[0][0] <= now:
            self._resume(heappop(self._pauses)[2], None)

    def _answered(self, walker: _Task, value: object, error: AwsError | None, queued: float) -> None:
        if error:
            self._throw(walker, error)
        else:
            self._resume(walker, (value, queued))

    def _open_gates(self) -> None:
        """Resume whom nothing holds any more; opening one may open others."""
        opened = True
        while opened:
            ready = [each for each in self._walkers if isinstance(each.asked, WaitFor) and each.asked.opens()]
            opened = bool(ready)
            for walker in ready:
                self._resume(walker, None)

    def _interrupt(self) -> None:
        """Throw Interrupted into everything that can still be kept from happening."""
        for walker in list(self._walkers):
            match walker.asked:
                case Sleep(shielded=False):
                    self._pauses = [pause for pause in self._pauses if pause[2] is not walker]
                    self._throw(walker, Interrupted())
                case WaitFor(shielded=False):
                    self._throw(walker, Interrupted())
                case Call(shielded=False) if self._lane.cancel(to=walker):
                    self._throw(walker, Interrupted())
                case _:
                    continue
        self._pauses.sort(key=lambda pause: pause[:2])

    def _break_circle(self) -> None:
        """Whoever is left waits for one another: end one, which lets the others know, rather than wait for ever."""
        walker = self._walkers[0]
        what = walker.asked.what if isinstance(walker.asked, WaitFor) else "an answer"
        self._throw(walker, StepFailed("Deadlock", f"waits in vain for {what}", "plan again"))

    def _resume(self, walker: _Task, value: object) -> None:
        self._advance(walker, lambda: walker.coroutine.send(value))

    def _throw(self, walker: _Task, error: Exception) -> None:
        self._advance(walker, lambda: walker.coroutine.throw(error))

    def _advance(self, walker: _Task, step: Callable[[], Suspension]) -> None:
        """Let a way go on to its next request, and see to that."""
        try:
            walker.asked = step()
        except StopIteration:
            self._walkers.remove(walker)
            self._watch(walker.key, None)
            return
        match walker.asked:
            case Call(call):
                self._lane.submit(call, to=walker)
            case Sleep(until, what):
                self._tell(walker, what)
                heappush(self._pauses, (until, walker.number, walker))
            case WaitFor(_, what):
                self._tell(walker, what)

    def _tell(self, walker: _Task, what: str) -> None:
        """Say what an ion waits for, once."""
        if walker.told != what:
            walker.told = what
            self._watch(walker.key, what)


def run_all(dispatcher: Dispatcher, ways: Mapping[Key, IonCoroutine], *, stop: CancelToken, watch: Watch) -> None:
    """Run all ways of one account and region to their ends."""
    Loop(dispatcher, stop=stop, watch=watch).run(ways)
