"""What `reconcile sandbox` can be asked for; nothing heavy is imported here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EndpointOptions:
    """`port` 0: any free one. `functions`: so many made-up ones. Times are seconds.

    `latency` is spent on every request; `allocation` is how long provisioned concurrency takes, `update` how long
    `$LATEST`, or an event source mapping, is in progress after a change, and how long an execution of Step Functions
    runs. `quota`: AWS's request quotas. `log`: a file for the journal of calls, or `-` for standard error. `clock`: so
    many times as fast as time itself goes the sandbox's, in which `allocation` and `update` are counted, and by which
    scheduled actions run; latency and quotas keep to real time.
    """

    port: int = 4580
    functions: int = 0
    latency: float = 0.0
    quota: bool = False
    allocation: float = 60.0
    update: float = 0.0
    clock: float = 1.0
    log: str | None = None
