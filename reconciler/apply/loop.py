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

OnWait = Callable[[Key, str | None], None]


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

    def __init__(self, dispatcher: Dispatcher, *, cancel: CancelToken, on_wait: OnWait) -> None:
        self._lane = dispatcher
        self._cancel = cancel
        self._on_wait = on_wait
        self._tasks: list[_Task] = []
        self._pauses: list[tuple[float, int, _Task]] = []

    def run(self, coroutines: Mapping[Key, IonCoroutine]) -> None:
        """Run all coroutines side by side until each has ended; after an error, close the rest."""
        self._cancel.wakes.append(self._lane.executor.wake)
        self._tasks = [_Task(key, coroutine, number) for number, (key, coroutine) in enumerate(coroutines.items())]
        try:
            for task in list(self._tasks):
                self._resume(task, None)
            while self._tasks:
                if self._cancel.requested:
                    self._interrupt()
                self._open_gates()
                if self._tasks:
                    self._turn()
        finally:
            for task in self._tasks:
                task.coroutine.close()

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

    def _answered(self, task: _Task, value: object, error: AwsError | None, queued: float) -> None:
        if error:
            self._throw(task, error)
        else:
            self._resume(task, (value, queued))

    def _open_gates(self) -> None:
        """Resume whom nothing holds any more; opening one may open others."""
        opened = True
        while opened:
            ready = [each for each in self._tasks if isinstance(each.asked, WaitFor) and each.asked.opens()]
            opened = bool(ready)
            for task in ready:
                self._resume(task, None)

    def _interrupt(self) -> None:
        """Throw Interrupted into everything that can still be kept from happening."""
        for task in list(self._tasks):
            match task.asked:
                case Sleep(shielded=False):
                    self._pauses = [pause for pause in self._pauses if pause[2] is not task]
                    self._throw(task, Interrupted())
                case WaitFor(shielded=False):
                    self._throw(task, Interrupted())
                case Call(shielded=False) if self._lane.cancel(to=task):
                    self._throw(task, Interrupted())
                case _:
                    continue
        self._pauses.sort(key=lambda pause: pause[:2])

    def _break_circle(self) -> None:
        """Whoever is left waits for one another: end one, which lets the others know, rather than wait for ever."""
        task = self._tasks[0]
        what = task.asked.what if isinstance(task.asked, WaitFor) else "an answer"
        self._throw(task, StepFailed("Deadlock", f"waits in vain for {what}", "plan again"))

    def _resume(self, task: _Task, value: object) -> None:
        self._advance(task, lambda: task.coroutine.send(value))

    def _throw(self, task: _Task, error: Exception) -> None:
        self._advance(task, lambda: task.coroutine.throw(error))

    def _advance(self, task: _Task, step: Callable[[], Suspension]) -> None:
        """Let a way go on to its next request, and see to that."""
        try:
            task.asked = step()
        except StopIteration:
            self._tasks.remove(task)
            self._on_wait(task.key, None)
            return
        match task.asked:
            case Call(call):
                self._lane.submit(call, to=task)
            case Sleep(until, what):
                self._tell(task, what)
                heappush(self._pauses, (until, task.number, task))
            case WaitFor(_, what):
                self._tell(task, what)

    def _tell(self, task: _Task, what: str) -> None:
        """Say what an ion waits for, once."""
        if task.told != what:
            task.told = what
            self._on_wait(task.key, what)


def run_all(
    dispatcher: Dispatcher, coroutines: Mapping[Key, IonCoroutine], *, cancel: CancelToken, on_wait: OnWait
) -> None:
    """Run all ways of one account and region to their ends."""
    Loop(dispatcher, cancel=cancel, on_wait=on_wait).run(coroutines)
