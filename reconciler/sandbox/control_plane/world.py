"""One account and region as the rules see it: its functions, its limits, its clock; and one call made to it.

Rules read a function (settled to the present moment), decide, and put the next one back. Nothing else is changed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from reconciler.sandbox.control_plane import names
from reconciler.sandbox.control_plane.behaviour import Behaviour, Timing
from reconciler.sandbox.control_plane.errors import function_not_found
from reconciler.sandbox.control_plane.settling import awaited, settled
from reconciler.sandbox.control_plane.state import EventSourceMapping, Function

Fetch = Callable[[Mapping[str, object]], bytes]  # S3Bucket, S3Key, S3ObjectVersion -> the object; or an ApiError


@dataclass(slots=True)
class World:
    """The only thing here that changes: `functions`, `mappings`, and how many of each were ever created."""

    account: str
    region: str
    clock: Callable[[], float]
    behaviour: Behaviour
    timing: Timing
    concurrency_limit: int
    minimum_unreserved: int
    fetch: Fetch | None = None  # without it an object in S3 is not read: its address stands for its content
    queue_exists: Callable[[str], bool] | None = None  # by its ARN; without it every queue is taken to exist
    functions: dict[str, Function] = field(default_factory=dict)
    created: int = 0
    mappings: dict[str, EventSourceMapping] = field(default_factory=dict)  # by UUID
    mapped: int = 0

    def arn(self, name: str, qualifier: str | None = None) -> str:
        return names.function_arn(self.region, self.account, name, qualifier)

    def find(self, name: str) -> Function | None:
        """The function as it is now, None when there is none."""
        function = self.functions.get(name)
        if function is None:
            return None
        now = self.clock()
        if function.wakes_at <= now:
            function = settled(function, now, self.behaviour)
            self.functions[name] = function
        return function

    def all(self) -> Iterator[Function]:
        """Every function as it is now, in no order."""
        for name in tuple(self.functions):
            function = self.find(name)
            if function is not None:
                yield function

    def find_mapping(self, identity: str) -> EventSourceMapping | None:
        """The event source mapping as it is now, None when there is none."""
        found = self.mappings.get(identity)
        if found is None or found.settles_at is None or found.settles_at > self.clock():
            return found
        if found.settles_to is None:
            del self.mappings[identity]
            return None
        self.mappings[identity] = replace(found, state=found.settles_to, settles_at=None, settles_to=None)
        return self.mappings[identity]

    def all_mappings(self) -> Iterator[EventSourceMapping]:
        """Every event source mapping as it is now, the oldest first."""
        for identity in tuple(self.mappings):
            found = self.find_mapping(identity)
            if found is not None:
                yield found

    def put(self, function: Function) -> Function:
        function = awaited(function)
        self.functions[function.name] = function
        return function


@dataclass(frozen=True, slots=True)
class Call:
    """One well-shaped call. `name` and `qualifier` are those of FunctionName, and of Qualifier where it was given."""

    world: World
    operation: str
    params: Mapping[str, object]
    now: float
    name: str = ""
    qualifier: str | None = None

    def text(self, member: str) -> str | None:
        value = self.params.get(member)
        return None if value is None else str(value)

    def required(self, member: str) -> str:
        return str(self.params[member])

    def number(self, member: str) -> int | None:
        value = self.params.get(member)
        return value if isinstance(value, int) else None

    def flag(self, member: str) -> bool:
        return self.params.get(member) is True

    def arn(self, qualifier: str | None = None) -> str:
        return self.world.arn(self.name, qualifier)

    def function(self, qualifier: str | None = None) -> Function:
        """The function, or AWS's "not found" with this qualifier behind its ARN."""
        function = self.world.find(self.name)
        if function is None:
            raise function_not_found(self.arn(qualifier))
        return function


Body = dict[str, object] | None
Rule = Callable[[Call], Body]


def mapping(value: object) -> Mapping[str, object]:
    """A structure of the request, empty when it was left out."""
    return value if isinstance(value, Mapping) else {}


def stamp(moment: float, *, milliseconds: bool) -> str:
    """A moment as AWS writes it: functions in milliseconds, PC in seconds."""
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds" if milliseconds else "seconds")
    return text.removesuffix("+00:00") + "+0000"


def page(call: Call, key: str, items: list[dict[str, object]], *, size: int = 50) -> Body:
    """One page of a list: at most 50 (`MaxItems` may ask for fewer); the marker is the position of the next."""
    marker = call.text("Marker")
    start = int(marker) if marker is not None and names.is_number(marker) else 0
    end = start + min(call.number("MaxItems") or size, size)
    body: dict[str, object] = {key: items[start:end]}
    return {**body, "NextMarker": str(end)} if end < len(items) else body
