"""The event loop of one account and region: one coroutine per ion, all on one thread.

In: a coroutine per ion. Out: nothing; each coroutine records its own outcomes. The loop submits what a coroutine awaits
to the dispatcher, and resumes the coroutine with the answer or throws the error into it. Nothing else touches either of
them. A sleeping ion never delays another ion's write. On cancellation the loop throws `Interrupted` into whatever
sleeps, waits or has not been sent, lets the calls already sent return, and ends.
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

TOLD_AGAIN = 5.0  # seconds after which `on_wait` is told again, although nothing has changed


@dataclass(slots=True)
class CancelToken:
    """Whether nothing new may be started; set by a signal handler, which also wakes the loops.

    Between the two writes of a repair (`guarded`) callers may reach a failing version, so an immediate exit (`leave`)
    is put off until the last guarded section has ended.
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
        """Put off an immediate exit until this section ends."""
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
    """One ion's coroutine, and what it awaits."""

    key: Key
    coroutine: IonCoroutine
    number: int
    awaited: Suspension | None = None
    told: str = "its turn, within AWS's request quota"  # what `on_wait` was last told


class Loop:
    """Runs coroutines until each has ended.

    `on_wait` is told what each ion waits for (None: it has ended) when that changes, and at least every TOLD_AGAIN
    seconds, so that a log can say that the wait goes on.
    """

    def __init__(self, dispatcher: Dispatcher, *, cancel: CancelToken, on_wait: OnWait) -> None:
        self._dispatcher = dispatcher
        self._cancel = cancel
        self._on_wait = on_wait
        self._tasks: list[_Task] = []
        self._sleeping: list[tuple[float, int, _Task]] = []
        self._tell_again = dispatcher.clock() + TOLD_AGAIN

    def run(self, coroutines: Mapping[Key, IonCoroutine]) -> None:
        """Run all coroutines side by side until each has ended; after an error, close the rest."""
        self._cancel.wakes.append(self._dispatcher.executor.wake)
        self._tasks = [_Task(key, coroutine, number) for number, (key, coroutine) in enumerate(coroutines.items())]
        try:
            for task in list(self._tasks):
                self._resume(task, None)
            while self._tasks:
                if self._cancel.requested:
                    self._interrupt()
                self._resume_waiting()
                if self._tasks:
                    self._turn()
        finally:
            for task in self._tasks:
                task.coroutine.close()

    def _turn(self) -> None:
        """Wait for the next thing to happen, and pass it on."""
        if not self._sleeping and not self._dispatcher.busy():
            self._break_deadlock()
            return
        until = self._sleeping[0][0] if self._sleeping else inf
        for answer in self._dispatcher.answers(min(until, self._tell_again)):
            if isinstance(answer.to, _Task):
                self._answered(answer.to, answer.value, answer.error, answer.queued)
        now = self._dispatcher.clock()
        while self._sleeping and self._sleeping[0][0] <= now:
            self._resume(heappop(self._sleeping)[2], None)
        if self._tell_again <= now:
            self._tell_again = now + TOLD_AGAIN
            for task in self._tasks:
                self._on_wait(task.key, task.told)

    def _answered(self, task: _Task, value: object, error: AwsError | None, queued: float) -> None:
        if error:
            self._throw(task, error)
        else:
            self._resume(task, (value, queued))

    def _resume_waiting(self) -> None:
        """Resume every task whose condition holds; resuming one may fulfil another's."""
        ready = self._tasks
        while ready:
            ready = [each for each in self._tasks if isinstance(each.awaited, WaitFor) and each.awaited.condition()]
            for task in ready:
                self._resume(task, None)

    def _interrupt(self) -> None:
        """Throw Interrupted into every task whose awaitable is not shielded and, if a call, has not been sent."""
        for task in list(self._tasks):
            match task.awaited:
                case Sleep(shielded=False):
                    self._sleeping = [sleeper for sleeper in self._sleeping if sleeper[2] is not task]
                    self._throw(task, Interrupted())
                case WaitFor(shielded=False):
                    self._throw(task, Interrupted())
                case Call(shielded=False) if self._dispatcher.cancel(to=task):
                    self._throw(task, Interrupted())
                case _:
                    continue
        self._sleeping.sort(key=lambda sleeper: sleeper[:2])

    def _break_deadlock(self) -> None:
        """Break a deadlock by failing the first waiter."""
        task = self._tasks[0]
        what = task.awaited.what if isinstance(task.awaited, WaitFor) else "an answer"
        self._throw(task, StepFailed("Deadlock", f"waits in vain for {what}", "plan again"))

    def _resume(self, task: _Task, value: object) -> None:
        self._advance(task, lambda: task.coroutine.send(value))

    def _throw(self, task: _Task, error: Exception) -> None:
        self._advance(task, lambda: task.coroutine.throw(error))

    def _advance(self, task: _Task, step: Callable[[], Suspension]) -> None:
        """Run a coroutine up to its next await, and arrange for it to be resumed."""
        try:
            task.awaited = step()
        except StopIteration:
            self._tasks.remove(task)
            self._on_wait(task.key, None)
            return
        match task.awaited:
            case Call(request):
                self._dispatcher.submit(request, to=task)
            case Sleep(until, what):
                self._tell(task, what)
                heappush(self._sleeping, (until, task.number, task))
            case WaitFor(_, what):
                self._tell(task, what)

    def _tell(self, task: _Task, what: str) -> None:
        """Report what an ion waits for, when that changes."""
        if task.told != what:
            task.told = what
            self._on_wait(task.key, what)


def run_all(
    dispatcher: Dispatcher, coroutines: Mapping[Key, IonCoroutine], *, cancel: CancelToken, on_wait: OnWait
) -> None:
    """Run all coroutines of one account and region until each has ended."""
    Loop(dispatcher, cancel=cancel, on_wait=on_wait).run(coroutines)
