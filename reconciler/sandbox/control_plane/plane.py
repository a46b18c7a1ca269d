"""The control plane of one account and region: a call goes in, an Answer comes out or an ApiError is raised.

Every call passes the same gates, in AWS's order: its shape, the region and account in its FunctionName, a qualifier
that contradicts Qualifier; then the rule of its operation, which begins with existence.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Protocol, cast

from reconciler.model.observed import partition
from reconciler.sandbox.control_plane import (
    aliases,
    async_settings,
    concurrency,
    event_sources,
    functions,
    names,
    permissions,
    provisioned,
    tags,
    urls,
    versions,
)
from reconciler.sandbox.control_plane import settings as configuration
from reconciler.sandbox.control_plane.behaviour import Behaviour, Timing
from reconciler.sandbox.control_plane.errors import NOTHING, ApiError, UnknownOperation, invalid, misshapen, not_found
from reconciler.sandbox.control_plane.names import FunctionName
from reconciler.sandbox.control_plane.shapes import members, success_status, violations
from reconciler.sandbox.control_plane.state import Function
from reconciler.sandbox.control_plane.world import Call, Fetch, Rule, World

OPERATIONS: Mapping[str, Rule] = {
    **functions.RULES,
    **versions.RULES,
    **aliases.RULES,
    **provisioned.RULES,
    **concurrency.RULES,
    **permissions.RULES,
    **event_sources.RULES,
    **async_settings.RULES,
    **urls.RULES,
    **tags.RULES,
}
_TAGGED = (":function:", ":event-source-mapping:")  # in the ARNs of what the model tags
# The model says 200; AWS answers this (recorded).
_RECORDED_STATUS = {"DeleteFunction": 204}


@dataclass(frozen=True, slots=True)
class Answer:
    """A call that succeeded: `body` in the JSON shape of AWS's answer, None where there is none."""

    status: int
    body: dict[str, object] | None


class Attached(Protocol):
    """A model beside the control plane that acts on it as time passes, by `call_at`."""

    def catch_up(self, now: float) -> None:
        """Do what has come due by now."""

    def beside(self, plane: "ControlPlane") -> "Attached":
        """A copy of it that acts on this control plane."""


class ControlPlane:
    """Lambda in one account and region, on a clock that is a parameter (seconds since 1970)."""

    def __init__(  # noqa: PLR0913 - what a world is made of
        self,
        *,
        account: str,
        region: str,
        clock: Callable[[], float],
        behaviour: Behaviour = Behaviour(),  # noqa: B008 - frozen
        timing: Timing = Timing(),  # noqa: B008 - frozen
        concurrency_limit: int = 1000,
        minimum_unreserved: int = 100,
        fetch: Fetch | None = None,
        queue_exists: Callable[[str], bool] | None = None,
    ) -> None:
        limits = (concurrency_limit, minimum_unreserved)
        self._world = World(account, region, clock, behaviour, timing, *limits, fetch=fetch, queue_exists=queue_exists)
        self.attached: Attached | None = None

    @property
    def account(self) -> str:
        return self._world.account

    @property
    def region(self) -> str:
        return self._world.region

    def now(self) -> float:
        return self._world.clock()

    def attach(self, model: Attached) -> None:
        """Let a model act on this plane: before each call it does what has come due."""
        self.attached = model

    def catch_up(self) -> None:
        """Let what stands beside it do what has come due."""
        if self.attached is not None:
            self.attached.catch_up(self.now())

    def call_at(self, moment: float, operation: str, params: Mapping[str, object]) -> Answer:
        """A call that was made at this moment, by a model that catches up: not before the last one, not after now."""
        clock, self._world.clock = self._world.clock, lambda: moment
        try:
            return self._call(operation, params)
        finally:
            self._world.clock = clock

    @staticmethod
    def supports(operation: str, params: Mapping[str, object] = NOTHING) -> bool:
        """Whether the model has the operation; of tags, those of a function and of an event source mapping."""
        resource = params.get("Resource")
        return operation in OPERATIONS and (resource is None or any(kind in str(resource) for kind in _TAGGED))

    def admit(self, operation: str, params: Mapping[str, object]) -> Call:
        """Take a call through the gates that all of Lambda's operations have, those of other models too."""
        wrong = violations(operation, params)
        if wrong:
            raise misshapen(wrong)
        return self._addressed(operation, params)

    def call(self, operation: str, params: Mapping[str, object]) -> Answer:
        """Answer one call, or raise the ApiError that AWS answers with."""
        self.catch_up()
        return self._call(operation, params)

    def _call(self, operation: str, params: Mapping[str, object]) -> Answer:
        rule = OPERATIONS.get(operation)
        if rule is None:
            raise UnknownOperation(operation)
        body = rule(self.admit(operation, params))
        return Answer(_RECORDED_STATUS.get(operation) or success_status(operation), body)

    def _addressed(self, operation: str, params: Mapping[str, object]) -> Call:
        world, text = self._world, params.get("FunctionName", params.get("Resource"))
        if text is None:
            return Call(world, operation, params, world.clock())
        name = names.parse(str(text))
        self._refuse_elsewhere(name)
        given = params.get("Qualifier")
        if name.qualifier is not None and given is not None and name.qualifier != given:
            raise invalid("The derived qualifier from the function name does not match the specified qualifier.")
        qualifier = name.qualifier if given is None else str(given)
        return Call(world, operation, params, world.clock(), name.name, qualifier)

    def _refuse_elsewhere(self, name: FunctionName) -> None:
        """Functions of other regions and accounts are out of reach (recorded; the second without any words)."""
        if name.region not in (None, self._world.region):
            raise not_found(f"Functions from '{name.region}' are not reachable in this region ('{self._world.region}')")
        if name.account not in (None, self._world.account):
            raise ApiError(403, "AccessDeniedException", None, type_=None)

    def seed(self, name: str, **given: object) -> None:
        """Put a function there: Active, no version, a code hash that follows from its name.

        Members as in CreateFunction; besides ReservedConcurrentExecutions, CodeSha256, and State, LastUpdateStatus and
        their reasons for a `$LATEST` that is not well. Raises TypeError for any other.
        """
        unknown = given.keys() - members("CreateFunction") - _SEED_ONLY
        if unknown:
            raise TypeError(f"a function has no {', '.join(sorted(unknown))}")
        world = self._world
        base = {**configuration.defaults(name), **configuration.packaged(name.encode())}
        role = f"arn:{partition(world.region)}:iam::{world.account}:role/sandbox"
        settings = configuration.configured(base, {"Role": role, **_SEEDED, **given}, world.region)
        settings["CodeSha256"] = given.get("CodeSha256", settings["CodeSha256"])
        function = functions.born(world, name, settings, code={}, pending=False)
        status = {member: str(value) for member, value in given.items() if member in _STATUS}
        latest = replace(function.latest, status={**function.latest.status, **status})
        reserved = cast("int | None", given.get("ReservedConcurrentExecutions"))
        world.put(replace(function, versions={latest.number: latest}, reserved=reserved))

    def break_provisioned(self, name: str, qualifier: str) -> None:
        """Let a config that is READY turn FAILED by itself, as one whose init began to fail does."""
        self.catch_up()
        function = self._world.find(name)
        if function is not None and qualifier in function.provisioned:
            self._world.put(provisioned.broken(function, qualifier))

    def put_policy(self, name: str, qualifier: str | None, *statements: Mapping[str, object]) -> None:
        """Give a function or a qualifier this policy, as PutResourcePolicy does (which botocore does not know)."""
        self.catch_up()
        function = self._world.find(name)
        if function is not None:
            self._world.put(permissions.replaced(function, qualifier, statements))

    def copy(
        self,
        *,
        clock: Callable[[], float] | None = None,
        behaviour: Behaviour | None = None,
        timing: Timing | None = None,
    ) -> "ControlPlane":
        """A world of its own that starts as this one is now; cheap, since everything in it is frozen.

        It may go on by another clock (one that is not behind), with other answers to the open questions, or faster.
        """
        world = self._world
        twin = object.__new__(ControlPlane)
        twin._world = replace(
            world,
            functions=dict(world.functions),
            mappings=dict(world.mappings),
            clock=clock or world.clock,
            behaviour=behaviour or world.behaviour,
            timing=timing or world.timing,
        )
        twin.attached = None if self.attached is None else self.attached.beside(twin)
        return twin

    def snapshot(self) -> dict[str, dict[str, object]]:
        """The world as plain data, for comparing: functions by name, event source mappings by UUID."""
        self.catch_up()
        functions = sorted(self._world.all(), key=lambda function: function.name)
        mappings = {each.uuid: asdict(each) for each in self._world.all_mappings()}
        return {function.name: _plain(function) for function in functions} | mappings


_SEEDED: Mapping[str, object] = {"Runtime": "java21", "Handler": "sandbox.handler"}
_STATUS = {f"{which}{what}" for which in ("State", "LastUpdateStatus") for what in ("", "Reason", "ReasonCode")}
_SEED_ONLY = {"CodeSha256", "ReservedConcurrentExecutions", *_STATUS}


def _plain(function: Function) -> dict[str, object]:
    return {
        "versions": {number: asdict(version) for number, version in function.versions.items()},
        "aliases": {name: asdict(alias) for name, alias in function.aliases.items()},
        "provisioned": {
            qualifier: {
                "requested": config.requested,
                "allocated": config.allocated,
                "status": config.status,
                "version": config.warming,
            }
            for qualifier, config in function.provisioned.items()
        },
        "policies": {qualifier: asdict(policy) for qualifier, policy in function.policies.items()},
        "async_settings": {qualifier: asdict(kept) for qualifier, kept in function.async_settings.items()},
        "urls": {qualifier: asdict(url) for qualifier, url in function.urls.items()},
        "reserved": function.reserved,
    }
