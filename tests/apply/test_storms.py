"""Throttling: by AWS's own bucket while others call, and by chance for a while. All ends well, and the pace adapts."""

import random
from collections.abc import Mapping
from typing import Any

import pytest
from scenes import LATEST
from simulation import Aws, carried_out, client_error, config_of, ion, new_aws, plan_of

from reconciler.model.outcome import Done
from reconciler.model.plan import InSync
from reconciler.sandbox.quota import Quota

pytestmark = pytest.mark.exhaustive

NAMES = [f"f{number:02}" for number in range(30)]
CONFIG = config_of(*(ion(name, 1, LATEST) for name in NAMES))


def _throttle(operation: str) -> None:
    raise client_error(operation, 429, "TooManyRequestsException", {"message": "Rate exceeded"})


def _storm(share: float, seconds: float, seed: int) -> Any:  # noqa: ANN401 - a fault of the simulation
    rng = random.Random(seed)
    ends: list[float] = []

    def storm(aws: Aws, operation: str, _: Mapping[str, Any]) -> None:
        if not ends:
            ends.append(aws.clock.now + seconds)
        if aws.clock.now < ends[0] and rng.random() < share:
            _throttle(operation)

    return storm


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
@pytest.mark.parametrize("seconds", [30.0, 300.0])
def test_thirty_ions_come_through_a_storm_of_throttles(share: float, seconds: float) -> None:
    aws = new_aws(*NAMES)
    aws.always = _storm(share, seconds, seed=1)
    start = aws.clock.now

    _, applied = carried_out(aws, CONFIG)

    assert all(isinstance(each, Done) for result in applied.results for _, each in result.outcomes), applied
    assert aws.clock.now - start < seconds + 600
    aws.always = None
    assert all(isinstance(ion.verdict, InSync) for ion in plan_of(aws, CONFIG).plan.ions)
    assert all(aws.versions(name) == ["1"] for name in NAMES), "a throttled publish did not happen, and is not doubled"


def test_while_others_use_up_most_of_the_quota_the_pace_finds_what_is_left() -> None:
    """AWS's bucket is shared with somebody who makes 10 of the 15 calls a second."""
    aws, quota, refused = new_aws(*NAMES), Quota(), [0]
    others = [aws.clock.now]

    def shared(aws: Aws, operation: str, _: Mapping[str, Any]) -> None:
        while others[0] < aws.clock.now:
            quota.allows("GetAlias", others[0])
            others[0] += 0.1
        if not operation.startswith("Describe") and not quota.allows(operation, aws.clock.now):
            refused[0] += 1
            _throttle(operation)

    aws.always = shared
    start = aws.clock.now

    _, applied = carried_out(aws, CONFIG)

    assert all(isinstance(each, Done) for result in applied.results for _, each in result.outcomes)
    assert aws.clock.now - start < 300
    assert refused[0] < 0.25 * len(aws.calls), "most calls are made when there is quota for them"


def test_alone_with_its_quota_nothing_is_throttled() -> None:
    aws, quota, refused = new_aws(*NAMES), Quota(), [0]

    def alone(aws: Aws, operation: str, _: Mapping[str, Any]) -> None:
        if not operation.startswith("Describe") and not quota.allows(operation, aws.clock.now):
            refused[0] += 1
            _throttle(operation)

    aws.always = alone
    carried_out(aws, CONFIG)

    assert refused[0] == 0
