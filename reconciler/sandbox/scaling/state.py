"""What Application Auto Scaling holds: scalable targets with their policies and scheduled actions, and activities.

Frozen values throughout, also the mappings (never changed, only replaced). A moment is a number of seconds since 1970,
`inf` for never.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf

from reconciler.sandbox.scaling.schedule import Times

SWITCHES = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")


@dataclass(frozen=True, slots=True)
class Action:
    """A scheduled action. `schedule` and `timezone` are the texts that were sent; None: not sent."""

    name: str
    arn: str
    schedule: str
    timezone: str | None
    times: Times
    minimum: int | None
    maximum: int | None
    created: float
    runs_at: float


@dataclass(frozen=True, slots=True)
class Policy:
    """A target-tracking policy. `tracking` as it was sent; `alarms`: the names of its two."""

    name: str
    arn: str
    tracking: Mapping[str, object]
    alarms: tuple[str, str]
    created: float


@dataclass(frozen=True, slots=True)
class Change:
    """A number that is to be brought inside the bounds at `due`, because of `cause`; `tries` are left after that."""

    due: float
    cause: str
    tries: int


@dataclass(frozen=True, slots=True)
class Target:
    """A scalable target. Policies and actions find it from `found_from` on."""

    resource_id: str
    arn: str
    minimum: int
    maximum: int
    role: str
    created: float
    found_from: float
    suspended: Mapping[str, bool]
    tags: Mapping[str, str]
    actions: Mapping[str, Action] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    change: Change | None = None

    @property
    def function(self) -> str:
        return self.resource_id.split(":")[1]

    @property
    def qualifier(self) -> str:
        return self.resource_id.split(":")[2]

    @property
    def wakes_at(self) -> float:
        """The next moment at which time changes something."""
        runs = min((action.runs_at for action in self.actions.values()), default=inf)
        return runs if self.change is None else min(runs, self.change.due)


@dataclass(frozen=True, slots=True)
class Activity:
    """A scaling activity; `reason` is the code of one that scaled nothing. They are numbered as they are recorded."""

    resource_id: str
    description: str
    cause: str
    began: float
    status: str
    message: str
    reason: str | None = None
    number: int = 0


def with_action(target: Target, name: str, action: Action | None) -> Target:
    others = {key: kept for key, kept in target.actions.items() if key != name}
    return replace(target, actions=others if action is None else {**others, name: action})


def with_policy(target: Target, name: str, policy: Policy | None) -> Target:
    others = {key: kept for key, kept in target.policies.items() if key != name}
    return replace(target, policies=others if policy is None else {**others, name: policy})
