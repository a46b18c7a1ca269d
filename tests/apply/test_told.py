"""What somebody who waits is told while an apply works: in a log, on the loop's own clock."""

import io
from collections.abc import Mapping
from typing import Any

from scenes import LATEST
from simulation import Aws, config_of, ion, new_aws, plan_of, throttled

from reconciler.apply import ApplyOptions, CancelToken, apply
from reconciler.report.progress import Plain, ProgressReporter
from reconciler.sandbox.control_plane import Timing


def log_of(aws: Aws, *functions: str) -> list[str]:
    planned = plan_of(aws, config_of(*(ion(name, 2, LATEST) for name in functions)))
    stream = io.StringIO()
    told = ProgressReporter(Plain(stream, aws.clock), [each.key for each in planned.plan.ions])
    environments = planned.resolved.environments
    apply(planned.plan, environments, options=ApplyOptions(), cancel=CancelToken(), on_wait=told.waits)
    return stream.getvalue().splitlines()


def test_one_allocation_of_a_hundred_seconds_is_told_every_thirty() -> None:
    aws = new_aws("f", timing=Timing(allocation=100.0))
    what = "f:live, 0 of 2 allocated"

    assert log_of(aws, "f") == [f"0 of 1 done · {moment}, waiting: {what}" for moment in ("0:30", "1:00", "1:30")]


def test_ions_that_only_wait_for_quota_are_told_of_too() -> None:
    aws = new_aws("f")
    until = aws.clock.now + 70.0

    def busy(aws: Aws, operation: str, params: Mapping[str, Any]) -> None:
        if operation == "PublishVersion" and aws.clock.now < until:
            throttled(aws, operation, params)

    aws.always = busy

    first, second = log_of(aws, "f")[:2]
    assert first.startswith("0 of 1 done · 0:3")
    assert first.endswith("waiting: f:live, its turn, within AWS's request quota")
    assert second.startswith("0 of 1 done · 1:0")


def test_quick_work_is_not_told_of() -> None:
    assert log_of(new_aws("f", "g", timing=Timing(allocation=10.0)), "f", "g") == []
