"""A second signal at every call of a repair: whoever leaves at once leaves no caller on the failing version."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from scenes import REPAIR, world_of
from simulation import Aws, Killed, carried_out

from reconciler.apply import CancelToken

pytestmark = pytest.mark.exhaustive


def leave() -> None:
    raise Killed


@pytest.mark.parametrize("lag", [0.0, 3.0])
def test_a_second_signal_at_any_call_leaves_no_repair_half_done(
    lag: float, record_property: Callable[[str, object], None]
) -> None:
    clean = REPAIR.fresh()
    carried_out(clean, REPAIR.config)
    count = len(clean.calls)
    record_property("fault_points", count)

    for index in range(count):
        aws, cancel = REPAIR.fresh(), CancelToken()
        aws.lag = lag

        def twice(_: Aws, __: str, ___: Mapping[str, Any], cancel: CancelToken = cancel) -> None:
            cancel.request()
            cancel.leave(leave)

        aws.faults = {index: twice}
        with pytest.raises(Killed):
            carried_out(aws, REPAIR.config, cancel=cancel)

        assert not aws.traffic("f").get("2"), (index, aws.calls[index])
        aws.faults, aws.lag = {}, 0.0
        carried_out(aws, REPAIR.config)
        assert world_of(aws) == world_of(clean)
