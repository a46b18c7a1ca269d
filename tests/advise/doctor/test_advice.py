"""What a warm alias's calls say about its number; asking for what is proposed proposes nothing more."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from test_sizing import office, slot, slots

from reconciler.advise.doctor.advice import Warm, advice
from reconciler.advise.doctor.reading import Use
from reconciler.advise.doctor.sizing import Slot
from reconciler.model.desired import ConnectionSettings, Desired, FollowLatest
from reconciler.model.finding import Finding, Proposal
from reconciler.model.observed import Ion, Key
from reconciler.model.scaling import Bounds, Scaled

KEY = Key("123456789012", "us-east-1", "prod-add", "live")


def warm(history: list[Slot], number: int, *, asked: int | Scaled | None = 0, room: int | None = None) -> Warm:
    """An alias with this number and these calls; one that finds more busy than there are spills over."""
    spilled = sum(each.calls * max(0.0, each.busy - number) / each.busy for each in history)
    served = sum(each.calls for each in history) - spilled
    wanted = asked if asked != 0 else number
    ion = Ion(KEY, Desired(ConnectionSettings(), None, "prod-add", "live", FollowLatest(), wanted, "warm.yaml:3:3"))
    use = Use(served or None, spilled or None, None, tuple(history))
    return Warm(ion, number, use, 14, price=2.7375 * number, room=room, timezone=ZoneInfo("UTC"))


def said(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(one.code, one.message, one.todo) for one in findings]


def test_idle_but_for_a_call_a_week_is_dear_and_no_pattern() -> None:
    (finding,) = advice(warm([slot(0, 9, calls=1), slot(7, 9, calls=1)], 1))
    assert said([finding]) == [
        (
            "dear",
            "each cold start that it avoids costs about $0.63",
            "check that the callers use the alias ARN; if these are all, a cold start may be cheaper: `concurrency: 0`",
        ),
    ]


def test_office_hours_propose_the_window_and_what_it_saves() -> None:
    (finding,) = advice(warm(office(), 1))
    assert said([finding]) == [
        (
            "use-schedule",
            "100% of the calls in 14 days came mon-fri 08:00-18:00 UTC",
            "keep 1 warm then, and none otherwise: that saves $1.92 of $2.74 a month",
        )
    ]


def test_rare_bursts_are_told_and_no_number_is_written_for_them() -> None:
    calm = [slot(day, hour, calls=1) for day in range(14) for hour in range(24)]
    (finding,) = advice(warm([*calm, slot(3, 3.5, calls=100, busy=9)], 1))
    assert (finding.code, finding.proposal) == ("too-few", None)
    assert finding.message == (
        "89 calls in 14 days (20.4%) found none of the 1 free; "
        "they came in bursts of up to 9, within less than 1 % of the time with calls"
    )


def test_steady_use_of_all_is_right() -> None:
    steady = [slot(day, hour, busy=4) for day in range(14) for hour in range(24)]
    assert list(advice(warm(steady, 4))) == []


def test_growth_beyond_the_number_asks_for_more() -> None:
    growing = [slot(day, hour, busy=1 + day // 2) for day in range(14) for hour in range(24)]
    (finding,) = advice(warm(growing, 3))
    assert (finding.code, finding.todo) == ("too-few", "ask for 7")
    assert finding.proposal == Proposal("warm.yaml:3:3", 7)


def test_more_than_was_ever_busy_asks_for_fewer_and_says_what_that_saves() -> None:
    steady = [slot(day, hour, busy=4) for day in range(14) for hour in range(24)]
    (finding,) = advice(warm(steady, 10))
    assert said([finding]) == [
        (
            "too-many",
            "in 99 % of the time with calls at most 4 of 10 were busy at once, in 14 days",
            "ask for 4, which saves $16.43 a month",
        )
    ]


def test_no_more_is_proposed_than_the_reserved_concurrency_leaves() -> None:
    steady = [slot(day, hour, busy=8) for day in range(14) for hour in range(24)]
    (finding,) = advice(warm(steady, 3, room=5))
    assert finding.todo == "ask for 5; raise :concurrency-limit by 3 for the 8 that the calls need"
    assert finding.proposal is not None
    assert finding.proposal.concurrency == 5
    (full,) = advice(warm(steady, 5, room=5))
    assert full.todo == "ask for 8; raise :concurrency-limit by 3 for the 8 that the calls need"
    assert full.proposal is None


def test_a_number_that_load_moves_is_nobodys_to_propose() -> None:
    steady = [slot(day, hour, busy=8) for day in range(14) for hour in range(24)]
    assert list(advice(warm(steady, 3, asked=Scaled((), Bounds(2, 20), target=0.7)))) == []


@given(slots, st.integers(1, 50), st.one_of(st.none(), st.integers(1, 50)))
def test_what_is_proposed_proposes_nothing_more(history: list[Slot], number: int, room: int | None) -> None:
    first = warm(history, number, room=None if room is None else max(room, number))
    proposals = [finding.proposal.concurrency for finding in advice(first) if finding.proposal]
    if not proposals:
        return
    asked = proposals[-1]
    highest = asked.highest if isinstance(asked, Scaled) else asked
    again = warm(history, highest, asked=asked, room=first.room)
    assert [finding.proposal for finding in advice(again) if finding.proposal] == []


@given(slots, st.integers(1, 50))
def test_the_number_alone_settles_too(history: list[Slot], number: int) -> None:
    numbers = [
        finding.proposal.concurrency
        for finding in advice(warm(history, number))
        if finding.proposal and isinstance(finding.proposal.concurrency, int)
    ]
    for proposed in numbers:
        again = advice(replace(warm(history, proposed), days=1))
        assert [finding.proposal for finding in again if finding.proposal] == []
