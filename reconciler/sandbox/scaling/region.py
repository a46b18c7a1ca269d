"""Application Auto Scaling of one account and region as its rules see it, and one call made to it.

Rules read a target, decide, and put the next one back. Nothing else is changed.
"""

import re
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from reconciler.model.observed import partition
from reconciler.sandbox.control_plane import ControlPlane
from reconciler.sandbox.scaling.behaviour import ScalingBehaviour
from reconciler.sandbox.scaling.errors import DIMENSION, NAMESPACE, UNSUPPORTED, bad_token, invalid, not_registered
from reconciler.sandbox.scaling.state import Activity, Target

_LAST = 32_503_680_000.0  # the year 3000
MOST_NAMES = 50  # that a Describe call may ask for
REMEMBERED = 42 * 86400.0  # seconds for which activities are kept: six weeks


@dataclass(slots=True)
class Region:
    """The only thing here that changes: `targets` by ResourceId, `activities` (oldest first), and what was counted."""

    plane: ControlPlane
    behaviour: ScalingBehaviour
    targets: dict[str, Target] = field(default_factory=dict)
    activities: deque[Activity] = field(default_factory=deque)
    made: int = 0
    due: dict[str, float] = field(default_factory=dict)  # when time next changes something, by ResourceId

    @property
    def account(self) -> str:
        return self.plane.account

    @property
    def name(self) -> str:
        return self.plane.region

    def put(self, target: Target) -> Target:
        self.targets[target.resource_id] = target
        self.due[target.resource_id] = target.wakes_at
        return target

    def remove(self, target: Target) -> None:
        del self.targets[target.resource_id], self.due[target.resource_id]

    def unique(self) -> uuid.UUID:
        """An identifier: shaped as AWS's, and the same in every repetition of the same calls."""
        self.made += 1
        return uuid.uuid5(uuid.NAMESPACE_OID, f"{self.account}/{self.name}/{self.made}")

    def arn(self, service: str, resource: str) -> str:
        where = "" if service == "iam" else self.name
        return f"arn:{partition(self.name)}:{service}:{where}:{self.account}:{resource}"

    def tell(self, activity: Activity) -> None:
        """Record a scaling activity."""
        number = self.activities[-1].number + 1 if self.activities else 1
        self.activities.append(replace(activity, number=number))
        while self.activities[0].began <= activity.began - REMEMBERED:
            self.activities.popleft()


@dataclass(frozen=True, slots=True)
class Call:
    """One well-shaped call."""

    region: Region
    operation: str
    params: Mapping[str, object]
    now: float

    def text(self, member: str) -> str | None:
        value = self.params.get(member)
        return None if value is None else str(value)

    def required(self, member: str) -> str:
        return str(self.params[member])

    def number(self, member: str) -> int | None:
        return number_of(self.params.get(member))

    def names(self, member: str) -> tuple[str, ...]:
        """A list of names, of which there may be so many and no more."""
        value = self.params.get(member)
        found = tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()
        if len(found) > MOST_NAMES:
            raise invalid(f"{member} may have {MOST_NAMES} items")
        return found

    @property
    def resource_id(self) -> str:
        return self.required("ResourceId")

    def registered(self) -> Target:
        """The target that the call is about."""
        target = self.region.targets.get(self.resource_id)
        if target is None:
            raise not_registered(self.resource_id)
        return target

    def target(self) -> Target:
        """The target that the call is about, once policies and actions can find it."""
        target = self.registered()
        if self.now < target.found_from:
            raise not_registered(self.resource_id)
        return target


Body = dict[str, object]
Rule = Callable[[Call], Body]


def number_of(value: object) -> int | None:
    return value if isinstance(value, int) else None


def named(target: Target) -> Body:
    """The three members that say what a target, policy or action is about."""
    return {"ServiceNamespace": NAMESPACE, "ResourceId": target.resource_id, "ScalableDimension": DIMENSION}


def moment_of(value: object) -> float | None:
    """A time of a request in seconds: boto3 gives a datetime, the protocol a number. Raises ApiError for any other."""
    if value is None:
        return None
    if isinstance(value, datetime):
        value = (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if not isinstance(value, int | float) or not 0 <= value < _LAST:
        raise invalid("A time must be a number of seconds since 1970")
    return float(value)


def time_of(moment: float) -> datetime:
    """A moment as boto3 gives it, in milliseconds as the protocol carries them."""
    return datetime.fromtimestamp(round(moment, 3), UTC)


def page(call: Call, key: str, items: list[Body], *, size: int = 50) -> Body:
    """One page of a list: at most `size` (MaxResults may ask for fewer); the token is the position of the next."""
    wanted = call.number("MaxResults")
    if wanted is not None and not 1 <= wanted <= size:
        raise invalid(f"MaxResults must be between 1 and {size}")
    token = call.text("NextToken") or "0"
    if not re.fullmatch("[0-9]{1,9}", token) or int(token) > len(items):
        raise bad_token()
    end = int(token) + (wanted or size)
    body: Body = {key: items[int(token) : end]}
    return {**body, "NextToken": str(end)} if end < len(items) else body


def about(call: Call) -> list[Target]:
    """The targets that a Describe call is about, by ResourceId: those that it names, or all of Lambda's."""
    if call.required("ServiceNamespace") != NAMESPACE:
        return []
    wanted = call.names("ResourceIds") or tuple(filter(None, [call.text("ResourceId")]))
    if call.text("ScalableDimension") not in {None, DIMENSION}:
        raise invalid(UNSUPPORTED)
    if call.text("ScalableDimension") and not wanted:
        raise invalid("A scalable dimension needs a resource ID")
    return [target for name, target in sorted(call.region.targets.items()) if not wanted or name in wanted]
