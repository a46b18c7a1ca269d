"""What a dispatcher does with calls on their way: who goes first, what is repeated, what is given back."""

import random
import threading
from collections.abc import Callable
from math import inf

import pytest
from latent import Clock, Far, Latent, failed

from reconciler.aws.dispatcher import LOOK, READ_ATTEMPTS, URGENT, WRITE, Dispatcher, Request, Response, ThreadExecutor
from reconciler.aws.rate_limiter import SLACK, Bucket, RateLimiter
from reconciler.model.errors import AwsError, ErrorKind

PACE = 15 * SLACK


class Aws:
    """Answers by a script: an AwsError is raised, anything else returned; afterwards every answer is "done"."""

    def __init__(self, clock: Clock, *script: object) -> None:
        self.clock = clock
        self.script = list(script)
        self.asked: list[float] = []

    def __call__(self) -> object:
        self.asked.append(self.clock.now)
        said = self.script.pop(0) if self.script else "done"
        if isinstance(said, BaseException):
            raise said
        return said


class Road:
    """A dispatcher whose calls take a while; `order` says in which order they arrived."""

    def __init__(self, latency: float = 0.1, *, executor: int = 16, rng: int = 1) -> None:
        self.clock = Clock()
        self.wire = Latent(self.clock, lambda: latency, executor)
        self.dispatcher = Dispatcher(
            rate_limiter=RateLimiter(), executor=self.wire, clock=self.clock, rng=random.Random(rng)
        )
        self.order: list[str] = []

    def named(self, name: str) -> Callable[[], str]:
        def work() -> str:
            self.order.append(name)
            return name

        return work

    def submit(
        self, name: str, urgency: int = LOOK, *, bucket: Bucket = Bucket.SLOW, tokens: int = 1, count: int = 1
    ) -> None:
        for _ in range(count):
            self.dispatcher.submit(Request(self.named(name), bucket, urgency, tokens=tokens), to=name)

    def finish(self) -> list[Response]:
        answers: list[Response] = []
        while self.dispatcher.busy():
            answers += self.dispatcher.answers(inf)
        return answers

    def ask(self, aws: Aws, **options: object) -> Response:
        """Make one call, and give its only answer."""
        call = Request(aws, Bucket.SLOW, **options)  # type: ignore[arg-type] # whatever a Call takes
        self.dispatcher.submit(call, to=aws)
        (answer,) = self.finish()
        return answer


# ---------------------------------------------------------------- who goes first


def test_a_write_never_queues_behind_looks() -> None:
    road = Road()
    road.submit("look", count=100)
    road.dispatcher.answers(inf)
    road.submit("write", WRITE)
    submitted = road.clock()
    while "write" not in road.order:
        road.dispatcher.answers(inf)
    assert road.clock() - submitted <= 2 / PACE + 0.2


def test_what_belongs_together_goes_before_other_writes() -> None:
    road = Road()
    road.submit("look", count=30)
    road.dispatcher.answers(inf)
    begun = len(road.order)
    road.submit("write", WRITE)
    road.submit("urgent", URGENT)
    road.finish()
    assert [name for name in road.order[begun:] if name != "look"] == ["urgent", "write"]


def test_calls_of_one_urgency_leave_in_the_order_that_they_were_submitted_in() -> None:
    road = Road(0.0)
    names = [f"call {number}" for number in range(60)]
    for name in names:
        road.submit(name)
    road.finish()
    assert road.order == names


def test_among_writes_the_smaller_rank_leaves_first_and_looks_are_not_ranked_before_them() -> None:
    road = Road(0.0)
    road.submit("look", count=30)
    road.dispatcher.answers(inf)
    left = len(road.order)
    for name, urgency, rank in (("third", WRITE, 7), ("second", WRITE, 3), ("last", LOOK, 0), ("first", URGENT, 9)):
        road.dispatcher.submit(Request(road.named(name), Bucket.SLOW, urgency, rank), to=name)
    road.finish()
    ranked = [name for name in road.order[left:] if name != "look"]
    assert ranked == ["first", "second", "third", "last"]


@pytest.mark.parametrize("latency", [0.01, 0.1, 0.3])
@pytest.mark.parametrize("executor", [2, 16])
def test_a_flood_of_fast_calls_never_starves_the_slow_ones(latency: float, executor: int) -> None:
    road = Road(latency, executor=executor)
    road.submit("fast", bucket=Bucket.FAST, count=600)
    road.submit("slow", count=60)
    begun, arrived = road.clock(), 0.0
    while road.order.count("slow") < 60:
        road.dispatcher.answers(inf)
        arrived = road.clock()
    by_quota = (60 - 15) / PACE
    by_hands = 60 * latency / max(1, executor - 12)
    assert arrived - begun <= max(by_quota, by_hands) + 3 * latency


def test_slow_calls_leave_hands_for_fast_ones() -> None:
    road = Road(0.1)
    road.submit("slow", count=300)
    road.submit("fast", bucket=Bucket.FAST, count=300)
    while road.order.count("fast") < 300:
        road.dispatcher.answers(inf)
    assert road.clock() - 5_000 <= 300 / (10 / 0.1) + 0.5


def test_nothing_starves_while_more_urgent_calls_keep_coming_at_less_than_the_quota() -> None:
    road = Road()
    road.submit("look", count=20)
    for _ in range(100):
        road.submit("write", WRITE)
        until = road.clock() + 0.1  # ten a second
        while road.clock() < until:
            road.dispatcher.answers(until)
    assert road.order.count("look") == 20


def test_no_more_calls_are_under_way_than_there_are_hands() -> None:
    road = Road(2.0, executor=5)
    road.submit("slow", count=20)
    road.submit("fast", bucket=Bucket.FAST, count=20)
    road.finish()
    assert road.wire.most_busy == 5


# ---------------------------------------------------------------- pairs


def test_the_second_of_a_pair_follows_at_once_although_the_quota_is_used_up() -> None:
    road = Road(0.05)
    road.submit("look", count=100)
    road.submit("first", URGENT, tokens=2)
    while "first" not in road.order:
        road.dispatcher.answers(inf)
    first = road.wire.arrived[-1]
    while not any(answer.to == "first" for answer in road.dispatcher.answers(inf)):
        pass
    road.submit("second", URGENT, tokens=0)
    while "second" not in road.order:
        road.dispatcher.answers(inf)
    assert road.clock() - first <= 0.05 + 0.05 + 1e-6


def test_a_pair_waits_for_two_tokens_and_is_not_overtaken_meanwhile() -> None:
    road = Road(0.0)
    road.submit("look", count=40)
    road.dispatcher.answers(inf)
    before = len(road.order)
    road.submit("pair", URGENT, tokens=2)
    road.finish()
    assert road.order[before] == "pair"


def test_a_second_of_a_pair_that_is_throttled_pays_for_its_repetition() -> None:
    far = Far()
    aws = Aws(far.clock, failed(ErrorKind.THROTTLED))
    far.dispatcher.submit(Request(aws, Bucket.SLOW, URGENT, tokens=0), to=aws)
    far.submit(100)
    far.finish()
    assert len(aws.asked) == 2
    assert far.throttled == []


# ---------------------------------------------------------------- what is repeated


def test_a_throttled_call_is_repeated_whatever_it_does() -> None:
    road = Road()
    aws = Aws(road.clock, failed(ErrorKind.THROTTLED), failed(ErrorKind.THROTTLED))
    answer = road.ask(aws, repeatable=False, urgency=WRITE)
    assert (answer.value, answer.error, len(aws.asked)) == ("done", None, 3)


def test_the_pauses_between_repetitions_grow_and_are_never_the_same_for_two_callers() -> None:
    gaps = []
    for rng in (1, 2):
        road = Road(0.0, rng=rng)
        aws = Aws(road.clock, *(failed(ErrorKind.UNAVAILABLE) for _ in range(READ_ATTEMPTS - 1)))
        road.ask(aws)
        gaps.append([later - before for before, later in zip(aws.asked, aws.asked[1:], strict=False)])
    for mine in gaps:
        assert all(0.25 * 2**number <= gap <= 0.5 * 2**number + 1e-6 for number, gap in enumerate(mine))
    assert gaps[0] != gaps[1]


def test_a_pause_that_aws_asks_for_is_kept() -> None:
    road = Road(0.0)
    aws = Aws(road.clock, failed(ErrorKind.THROTTLED, retry_after=7.0))
    road.ask(aws)
    assert aws.asked[1] - aws.asked[0] >= 7.0


def test_a_read_that_aws_fails_to_answer_is_repeated_so_often_and_no_more() -> None:
    road = Road()
    error = failed(ErrorKind.UNAVAILABLE)
    aws = Aws(road.clock, *[error] * 20)
    assert road.ask(aws).error is error
    assert len(aws.asked) == READ_ATTEMPTS


def test_a_write_whose_answer_was_lost_goes_back_to_whoever_has_to_look_first() -> None:
    road = Road()
    aws = Aws(road.clock, failed(ErrorKind.UNAVAILABLE))
    assert road.ask(aws, repeatable=False).error is not None
    assert len(aws.asked) == 1


@pytest.mark.parametrize("kind", sorted(set(ErrorKind) - {ErrorKind.THROTTLED, ErrorKind.UNAVAILABLE}, key=str))
def test_no_other_failure_is_repeated(kind: ErrorKind) -> None:
    road = Road()
    aws = Aws(road.clock, failed(kind))
    error = road.ask(aws).error
    assert isinstance(error, AwsError)
    assert error.kind is kind
    assert len(aws.asked) == 1


def test_being_throttled_ends_with_the_patience() -> None:
    road = Road()
    aws = Aws(road.clock, *(failed(ErrorKind.THROTTLED) for _ in range(1000)))
    answer = road.ask(aws, throttle_timeout=30.0)
    assert answer.error is not None
    assert 30.0 <= aws.asked[-1] - aws.asked[0] <= 30.0 + 8.0 + 1.0


def test_queueing_alone_uses_up_no_patience() -> None:
    road = Road()
    road.submit("before", WRITE, count=300)
    aws = Aws(road.clock, failed(ErrorKind.THROTTLED))
    road.dispatcher.submit(Request(aws, Bucket.SLOW, throttle_timeout=5.0), to=aws)
    answers = road.finish()
    assert [answer.value for answer in answers if answer.to is aws] == ["done"]


def test_the_time_spent_waiting_for_quota_is_told() -> None:
    road = Road(0.0)
    road.submit("before", WRITE, count=45)
    road.submit("last")
    (last,) = [answer for answer in road.finish() if answer.to == "last"]
    assert last.queued == pytest.approx((46 - 15) / PACE, rel=0.01)


def test_a_fault_of_our_own_in_a_call_is_the_error_of_that_call_and_told_by_its_type() -> None:
    road = Road()
    road.dispatcher.submit(
        Request(Aws(road.clock, *[ZeroDivisionError("a secret")] * 9), Bucket.SLOW, repeatable=False), to="a"
    )
    [answer] = road.finish()
    assert answer.error
    assert (answer.error.code, answer.error.kind) == ("InternalError", ErrorKind.UNAVAILABLE)
    assert "ZeroDivisionError" in answer.error.message
    assert "secret" not in answer.error.message


def test_aws_is_heeded_when_it_asks_to_wait_but_not_for_longer_than_a_minute_nor_beyond_the_timeout() -> None:
    def pause(asked: float, throttle_timeout: float) -> float:
        road = Road()
        error = AwsError("busy", kind=ErrorKind.THROTTLED, code="429", operation="GetAlias", retry_after=asked)
        road.dispatcher.submit(Request(Aws(road.clock, error), Bucket.SLOW, throttle_timeout=throttle_timeout), to="a")
        begun = road.clock.now
        road.finish()
        return road.clock.now - begun

    assert 20 <= pause(20.0, 900.0) < 30
    assert 60 <= pause(3600.0, 900.0) < 70
    assert pause(50.0, 10.0) <= 11


# ---------------------------------------------------------------- taking back


def test_a_call_that_waits_for_quota_can_be_taken_back() -> None:
    road = Road()
    road.submit("before", count=40)
    road.submit("mine")
    road.dispatcher.answers(inf)
    assert road.dispatcher.cancel(to="mine")
    road.finish()
    assert "mine" not in road.order


def test_a_call_that_waits_to_be_repeated_can_be_taken_back() -> None:
    road = Road()
    aws = Aws(road.clock, failed(ErrorKind.THROTTLED, retry_after=60.0))
    road.dispatcher.submit(Request(aws, Bucket.SLOW), to=aws)
    while not aws.asked:
        road.dispatcher.answers(road.clock() + 1)
    road.dispatcher.answers(road.clock() + 1)
    assert road.dispatcher.cancel(to=aws)
    assert not road.dispatcher.busy()


def test_a_call_that_has_left_is_not_taken_back() -> None:
    road = Road()
    road.submit("mine")
    road.dispatcher.answers(road.clock())
    assert not road.dispatcher.cancel(to="mine")
    assert [answer.value for answer in road.finish()] == ["mine"]


def test_an_answer_is_awaited_no_longer_than_asked() -> None:
    road = Road(10.0)
    road.submit("mine")
    assert road.dispatcher.answers(road.clock() + 3.0) == []
    assert road.clock() == 5_003.0


# ---------------------------------------------------------------- threads


def test_threads_hand_back_values_and_errors_alike() -> None:
    threads = ThreadExecutor(2)
    threads.run(1, lambda: "value")
    ends = dict(threads.finished(5.0))
    threads.run(2, Aws(Clock(), failed(ErrorKind.MISSING)))
    ends |= dict(threads.finished(5.0))
    threads.close()
    assert ends[1] == "value"
    assert isinstance(ends[2], AwsError)
    assert threads.free() == 2


def test_threads_run_side_by_side() -> None:
    threads, meet = ThreadExecutor(2), threading.Barrier(2, timeout=30.0)
    threads.run(1, meet.wait)
    threads.run(2, meet.wait)
    assert threads.free() == 0
    ended: list[tuple[int, object]] = []
    while len(ended) < 2:
        ended += threads.finished(5.0)
    threads.close()
    assert sorted(number for _, number in ended if isinstance(number, int)) == [0, 1]


def test_whoever_waits_for_threads_can_be_woken() -> None:
    threads = ThreadExecutor(1)
    threads.wake()
    assert threads.finished(3600.0) == []
