"""Many ions that wait for the same thing see together how long it takes, within the schedule that each keeps to."""

from itertools import pairwise

import pytest
from simulation import WRITES, Aws, carried_out, config_of, ion, new_aws

from reconciler.model.desired import FollowLatest
from reconciler.model.outcome import Done
from reconciler.sandbox.control_plane import Timing

LATEST = FollowLatest()
SPREAD = 30


def allocating(seconds: float) -> Aws:
    return new_aws(*(f"f{number:02}" for number in range(SPREAD)), timing=Timing(allocation=seconds))


@pytest.mark.parametrize("seconds", [11.0, 20.0, 47.0, 90.0, 127.0])
def test_the_end_of_an_allocation_is_seen_soon_by_all_once_one_has_seen_it(seconds: float) -> None:
    aws = allocating(seconds)
    config = config_of(*(ion(f"f{number:02}", 1, LATEST) for number in range(SPREAD)))
    begun = aws.clock()
    _, applied = carried_out(aws, config)
    assert all(isinstance(outcome, Done) for each in applied.results for _, outcome in each.outcomes)
    writing = (5 * SPREAD + 1 - 15) / 15
    assert aws.clock() - begun <= writing + seconds * 1.1 + 3.0


def looks_of(count: int) -> float:
    """Looks an ion, where so many wait for an allocation of 90 s."""
    aws = new_aws(*(f"f{number:03}" for number in range(count)), timing=Timing(allocation=90.0))
    carried_out(aws, config_of(*(ion(f"f{number:03}", 1, LATEST) for number in range(count))))
    return sum(name == "GetProvisionedConcurrencyConfig" for name, _ in aws.calls) / count - 1


def test_the_more_ions_wait_the_less_often_each_looks() -> None:
    looks = [looks_of(count) for count in (1, 50, 100)]
    assert looks == sorted(looks, reverse=True)
    assert looks[0] <= 11
    assert looks[2] <= 7


def test_an_ion_that_waits_alone_looks_within_two_seconds_and_then_ever_less_often() -> None:
    aws = new_aws("f", timing=Timing(allocation=100.0))
    moments: list[float] = []

    def note(aws: Aws, operation: str, _: object) -> None:
        if operation in {"PutProvisionedConcurrencyConfig", "GetProvisionedConcurrencyConfig"}:
            moments.append(aws.clock())

    aws.faults = dict.fromkeys(range(1000), note)
    carried_out(aws, config_of(ion("f", 1, LATEST)))
    gaps = [later - before for before, later in pairwise(moments[1:])]
    assert gaps[0] <= 2.0
    assert all(later <= before * 1.5 + 0.01 for before, later in pairwise(gaps))
    assert max(gaps) <= 15.0 + 0.01


def test_ions_that_began_are_finished_before_the_last_begin() -> None:
    names = [f"f{number:03}" for number in range(120)]
    aws = new_aws(*names, timing=Timing(allocation=20.0))
    carried_out(aws, config_of(*(ion(name, 1, LATEST) for name in names)))
    writes = [(name, params["FunctionName"]) for name, params in aws.calls if name in WRITES]
    last = writes.index(("PublishVersion", names[-1]))
    assert sum(name == "PutProvisionedConcurrencyConfig" for name, _ in writes[:last]) >= 60
