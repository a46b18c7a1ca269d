"""A deterministic AWS: the sandbox's model behind the real adapter, on a clock that only the loop moves.

`Aws` gives what the product asks for (an opener, a dispatcher), with no thread and no waiting: time passes when the
loop would wait. Faults are injected by the number of the call. Everything that happened is in `calls`, and what AWS did
of it in `done`. `seen` is called after each call, to hold what must be true at any moment.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast

from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from reconciler.apply import ApplyOptions, CancelToken, apply
from reconciler.apply.follow_up import ApplyContext, finish_settled
from reconciler.aws.dispatcher import Dispatcher
from reconciler.aws.inventory import AwsInventory
from reconciler.aws.rate_limiter import RateLimiter
from reconciler.aws.reader import SCALABLE_DIMENSION, LambdaReader
from reconciler.aws.writer import LambdaWriter
from reconciler.decide.identity import write_identities
from reconciler.decide.plan import decide
from reconciler.decide.prune import plan_prune
from reconciler.decide.rollback import roll_back
from reconciler.model.desired import CallersWish, Config, ConnectionSettings, Desired, Limits, VersionWish
from reconciler.model.errors import AwsError, ErrorKind
from reconciler.model.observed import AccountRegion, Snapshot
from reconciler.model.plan import Approved
from reconciler.observe import observe
from reconciler.observe.environments import Resolved, resolve
from reconciler.observe.prunable import prunable
from reconciler.observe.versions import going_back, published
from reconciler.sandbox.control_plane import Answer, ApiError, ControlPlane
from reconciler.sandbox.scaling import OPERATIONS as SCALING
from reconciler.sandbox.scaling import AutoScaling, ScalingBehaviour

if TYPE_CHECKING:
    from reconciler.model.outcome import Applied
    from reconciler.model.plan import Plan
    from reconciler.model.scaling import Scaled

ACCOUNT, REGION = "123456789012", "us-east-1"
HERE = ConnectionSettings(account=ACCOUNT, region=REGION)
WRITES = frozenset(
    {
        "PublishVersion",
        "CreateAlias",
        "UpdateAlias",
        "PutProvisionedConcurrencyConfig",
        "DeleteProvisionedConcurrencyConfig",
        "RegisterScalableTarget",
        "DeregisterScalableTarget",
        "PutScheduledAction",
        "DeleteScheduledAction",
        "PutScalingPolicy",
        "DeleteScalingPolicy",
        "DeleteFunction",
        "AddPermission",
        "PutFunctionEventInvokeConfig",
        "UpdateEventSourceMapping",
    }
)


class Clock:
    """Seconds that pass only when somebody says so."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Killed(BaseException):
    """The process is gone, between two calls."""


Fault = Callable[["Aws", str, Mapping[str, Any]], None]
"""Called before (and, where it says so by raising `After`, after) a call; raises what the caller is to see."""


class After(Exception):  # noqa: N818 - an instruction to the simulation
    """Let the call happen, then raise this instead of the answer."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True)
class Did:
    """A call that AWS carried out: its number among all calls, and its answer (which may have been lost)."""

    number: int
    operation: str
    params: Mapping[str, Any]
    answer: Mapping[str, Any]


@dataclass
class Aws:
    """One account and region."""

    clock: Clock
    plane: ControlPlane
    faults: dict[int, Fault] = field(default_factory=dict)
    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    done: list[Did] = field(default_factory=list)
    puts_on_weights: int = 0
    always: Fault | None = None
    seen: Callable[[Aws], None] = lambda _: None
    lag: float = 0.0  # seconds for which reads answer from before a write
    _past: list[tuple[float, ControlPlane]] = field(default_factory=list)

    def call(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        number = len(self.calls)
        self.calls.append((operation, params))
        lost: BaseException | None = None
        try:
            for fault in (self.faults.get(number), self.always):
                if fault:
                    fault(self, operation, params)
        except After as after:
            lost = after.error
        answer = self._answer(operation, params, lost)
        self.done.append(Did(number, operation, params, answer.body or {}))
        self.seen(self)
        if lost:
            raise lost
        return {**(answer.body or {}), "ResponseMetadata": {"HTTPStatusCode": answer.status, "RequestId": str(number)}}

    def _answer(self, operation: str, params: Mapping[str, Any], lost: BaseException | None) -> Answer:
        self._watch_put(operation, params)
        try:
            return _answered(self._plane_for(operation), operation, params)
        except ApiError as error:
            self.seen(self)
            if lost:
                raise lost from error
            self.refused.append((operation, error.code, str(error)))
            raise client_error(operation, error.status, error.code, error.body()) from error

    def _plane_for(self, operation: str) -> ControlPlane:
        """The world as this call sees it: a read that lags sees one from before the last writes."""
        if operation in WRITES:
            self._past.append((self.clock.now, self.plane.copy()))
            return self.plane
        late = (before for written, before in self._past if self.clock.now < written + self.lag)
        return next(late, self.plane)

    def _watch_put(self, operation: str, params: Mapping[str, Any]) -> None:
        if operation == "PutProvisionedConcurrencyConfig":
            alias = self.alias(params["FunctionName"], params["Qualifier"])
            if alias and alias.get("RoutingConfig"):
                self.puts_on_weights += 1

    def alias(self, function: str, name: str) -> dict[str, Any] | None:
        """The alias as it is, without a call being counted."""
        try:
            return cast("dict[str, Any]", self.plane.call("GetAlias", {"FunctionName": function, "Name": name}).body)
        except ApiError:
            return None

    def provisioned(self, function: str, alias: str) -> dict[str, Any] | None:
        params = {"FunctionName": function, "Qualifier": alias}
        try:
            return cast("dict[str, Any]", self.plane.call("GetProvisionedConcurrencyConfig", params).body)
        except ApiError:
            return None

    def allowed(self, function: str, qualifier: str | None = None) -> dict[str, object]:
        """What the policy allows, by Sid: who, and under which conditions."""
        params = {"FunctionName": function, **({"Qualifier": qualifier} if qualifier else {})}
        try:
            policy = json.loads(self.do("GetPolicy", **params)["Policy"])
        except ApiError:
            return {}
        return {each["Sid"]: (each["Principal"], each["Action"], each.get("Condition")) for each in policy["Statement"]}

    def async_settings(self, function: str, qualifier: str) -> object:
        try:
            return self.do("GetFunctionEventInvokeConfig", FunctionName=function, Qualifier=qualifier)[
                "MaximumRetryAttempts"
            ]
        except ApiError:
            return None

    def mapped(self) -> dict[str, str]:
        """Whom the mapping of each event source calls: `f`, `f:live`."""
        rows = self.do("ListEventSourceMappings")["EventSourceMappings"]
        return {row["EventSourceArn"]: row["FunctionArn"].partition(":function:")[2] for row in rows}

    def versions(self, function: str) -> list[str]:
        body = self.plane.call("ListVersionsByFunction", {"FunctionName": function}).body
        rows = cast("list[dict[str, Any]]", (body or {})["Versions"])
        return [str(row["Version"]) for row in rows if row["Version"] != "$LATEST"]

    def do(self, operation: str, **params: object) -> dict[str, Any]:
        """Somebody else's call: not counted, never faulty."""
        return _answered(self.plane, operation, params).body or {}

    def scale(self, function: str, alias: str, minimum: int, maximum: int) -> None:
        """Somebody registers the alias as a scalable target."""
        named = {"ServiceNamespace": "lambda", "ResourceId": f"function:{function}:{alias}"}
        bounds = {"MinCapacity": minimum, "MaxCapacity": maximum}
        self.do("RegisterScalableTarget", **named, ScalableDimension=SCALABLE_DIMENSION, **bounds)

    @property
    def scaling(self) -> AutoScaling:
        return scaling_of(self.plane)

    def deploy(self, function: str, **settings: object) -> None:
        """A change of `$LATEST`, as a deploy leaves it."""
        self.do("UpdateFunctionConfiguration", FunctionName=function, **settings)

    def traffic(self, function: str, alias: str = "live") -> dict[str, float]:
        """The share of the alias's calls that each version gets."""
        found = self.alias(function, alias)
        if found is None:
            return {}
        weights: dict[str, float] = found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        shares = {found["FunctionVersion"]: 1.0 - sum(weights.values()), **weights}
        return {version: share for version, share in shares.items() if share}

    def writes(self) -> list[str]:
        return [operation for operation, _ in self.calls if operation in WRITES]

    # ------------------------------------------------------------ what the product asks for

    def opener(self, _: ConnectionSettings) -> AwsConnection:
        client = cast("Any", _Client(self))
        place, inventory = AccountRegion(ACCOUNT, REGION), AwsInventory(cast("Any", _Clients(client)))
        return AwsConnection(place, LambdaReader(client, client), LambdaWriter(client, client), inventory)

    def dispatcher(self, _: AccountRegion) -> Dispatcher:
        return Dispatcher(
            rate_limiter=RateLimiter(), executor=Inline(self.clock), clock=self.clock, rng=random.Random(0)
        )


def scaling_of(plane: ControlPlane) -> AutoScaling:
    """What scales the functions of this control plane."""
    assert isinstance(plane.attached, AutoScaling)
    return plane.attached


def _answered(plane: ControlPlane, operation: str, params: Mapping[str, Any]) -> Answer:
    return (scaling_of(plane) if operation in SCALING else plane).call(operation, params)


def new_aws(
    *names: str,
    clock: Clock | None = None,
    scaling: ScalingBehaviour = ScalingBehaviour(),
    **model: Any,  # noqa: ANN401 - as ControlPlane takes them
) -> Aws:
    """An account with these functions in it."""
    clock = clock or Clock()
    plane = ControlPlane(account=ACCOUNT, region=REGION, clock=clock, **model)
    AutoScaling(plane, behaviour=scaling)
    for name in names:
        plane.seed(name)
    return Aws(clock, plane)


class NoDeploys:
    """Step Functions where nothing was ever deployed."""

    def execution(self, _: str) -> None: ...

    def newest(self, _: str, __: str | None) -> None: ...


@dataclass(frozen=True, eq=False)
class AwsConnection:
    place: AccountRegion
    reader: LambdaReader
    writer: LambdaWriter
    inventory: AwsInventory
    deploys: NoDeploys = field(default_factory=NoDeploys)


def client_error(operation: str, status: int, code: str, body: Mapping[str, Any]) -> ClientError:
    message = body.get("message") or body.get("Message") or ""
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": cast("Any", {"HTTPStatusCode": status, "RequestId": "r"}),
        },
        operation,
    )


class _Client:
    """A client of Lambda and of Application Auto Scaling that asks the models."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        operation = "".join(word.capitalize() for word in name.split("_"))
        return lambda **params: self._aws.call(operation, params)


@dataclass(frozen=True)
class _Clients:
    """The clients that AwsInventory asks for; it has use for one."""

    functions: Any

    def get(self, _: str) -> Any:  # noqa: ANN401 - as Clients.get
        return self.functions


class Movable(Protocol):
    """A clock that can be moved."""

    now: float


class Inline:
    """Executor that does each call at once; waiting moves the clock."""

    def __init__(self, clock: Movable) -> None:
        self._clock = clock
        self._ends: list[tuple[int, object]] = []

    def free(self) -> int:
        return 16 - len(self._ends)

    def run(self, job: int, work: Callable[[], object]) -> None:
        try:
            self._ends.append((job, work()))
        except Exception as error:  # noqa: BLE001 - crosses to the loop, as from a thread
            self._ends.append((job, error))

    def finished(self, seconds: float) -> list[tuple[int, object]]:
        if not self._ends:
            assert seconds < 1e6, "the loop waits for nothing"
            self._clock.now += seconds
        ends, self._ends = self._ends, []
        return ends

    def wake(self) -> None: ...


# ---------------------------------------------------------------- faults


def throttled(_: Aws, operation: str, __: Mapping[str, Any]) -> None:
    status, code = (400, "ThrottlingException") if operation in SCALING else (429, "TooManyRequestsException")
    raise client_error(operation, status, code, {"message": "Rate exceeded"})


def broken(_: Aws, operation: str, __: Mapping[str, Any]) -> None:
    code = "InternalServiceException" if operation in SCALING else "ServiceException"
    raise client_error(operation, 500, code, {"Message": "internal"})


def unavailable(_: Aws, operation: str, __: Mapping[str, Any]) -> None:
    raise client_error(operation, 503, "ServiceUnavailableException", {"message": "busy"})


def reset(_: Aws, __: str, ___: Mapping[str, Any]) -> None:
    raise ConnectionClosedError(endpoint_url="https://lambda")


def lost(_: Aws, __: str, ___: Mapping[str, Any]) -> None:
    raise After(ReadTimeoutError(endpoint_url="https://lambda"))


def senseless(_: Aws, __: str, ___: Mapping[str, Any]) -> None:
    """The call happened, and its answer can't be understood."""
    raise After(ResponseParserError("secret"))


def bug(_: Aws, __: str, ___: Mapping[str, Any]) -> None:
    """The call happened, and our own code trips over it."""
    raise After(ZeroDivisionError("secret"))


def expired(_: Aws, operation: str, __: Mapping[str, Any]) -> None:
    raise client_error(operation, 403, "ExpiredTokenException", {"message": "The security token is expired"})


def another_account(_: Aws, operation: str, __: Mapping[str, Any]) -> None:
    """The credentials became another account's: nothing is sent by them."""
    words = "the credentials changed: they are of account 999999999999 now"
    raise AwsError(words, kind=ErrorKind.CREDENTIALS, code="AnotherAccount", operation=operation)


def lagging(aws: Aws, _: str, __: Mapping[str, Any]) -> None:
    """From here on reads lag behind writes."""
    aws.lag = 3.0


def killed(_: Aws, __: str, ___: Mapping[str, Any]) -> None:
    raise Killed


def interrupting(cancel: CancelToken) -> Fault:
    """Ctrl-C while the call is under way."""

    def interrupt(_: Aws, __: str, ___: Mapping[str, Any]) -> None:
        cancel.request()

    return interrupt


def both(first: Fault, second: Fault) -> Fault:
    def fault(aws: Aws, operation: str, params: Mapping[str, Any]) -> None:
        first(aws, operation, params)
        second(aws, operation, params)

    return fault


def killed_after(_: Aws, __: str, ___: Mapping[str, Any]) -> None:
    raise After(Killed())


# ---------------------------------------------------------------- running the product


def ion(  # noqa: PLR0913 - the parts of an ion
    function: str,
    concurrency: int | Scaled | None,
    version: VersionWish,
    *,
    alias: str = "live",
    group: str | None = None,
    callers: CallersWish = CallersWish(),
    keep_versions: int | None = None,
) -> Desired:
    return Desired(HERE, group, function, alias, version, concurrency, callers=callers, keep_versions=keep_versions)


def config_of(*desired: Desired, limits: Limits = Limits()) -> Config:
    return Config("warm.yaml", desired, limits, {})


class Quiet:
    def reads(self, done: int, total: int, left: float) -> None: ...


@dataclass(frozen=True)
class Planned:
    plan: Plan
    world: Snapshot
    resolved: Resolved


def plan_of(aws: Aws, config: Config) -> Planned:
    resolved = resolve(config.desired, opener=aws.opener, dispatcher_for=aws.dispatcher, now=aws.clock)
    world = observe(resolved, progress=Quiet())
    return Planned(decide(world, config), world, resolved)


def carried_out(
    aws: Aws,
    config: Config,
    *,
    options: ApplyOptions = ApplyOptions(),
    cancel: CancelToken | None = None,
    anything: bool = True,
) -> tuple[Plan, Applied]:
    """Plan and apply, as the command does after a yes."""
    return carry_out(config, plan_of(aws, config), options=options, cancel=cancel, anything=anything)


def rolled_back(
    aws: Aws, config: Config, *, to: int | None = None, cancel: CancelToken | None = None
) -> tuple[Plan, Applied]:
    """Roll all ions back, as the command does after a yes."""
    resolved = resolve(config.desired, opener=aws.opener, dispatcher_for=aws.dispatcher, now=aws.clock)
    found = published(resolved)
    back = {ion.key: roll_back(ion.desired, found[ion.key], to=to) for ion in resolved.ions}
    resolved = going_back(resolved, back)
    world = observe(resolved, progress=Quiet())
    return carry_out(config, Planned(decide(world, config), world, resolved), cancel=cancel)


def pruned(
    aws: Aws, config: Config, *, keep: int | None = None, cancel: CancelToken | None = None
) -> tuple[Plan, Applied]:
    """Prune all functions, as the command does after a yes."""
    resolved = resolve(config.desired, opener=aws.opener, dispatcher_for=aws.dispatcher, now=aws.clock)
    world = observe(resolved, progress=Quiet())
    found = prunable(resolved, config, now=aws.clock())
    plan = plan_prune(world, found, config, keep=keep, now=aws.clock())
    return carry_out(config, Planned(plan, world, resolved), cancel=cancel)


def survived(run: Callable[[], tuple[Plan, Applied]]) -> Applied | None:
    """What a run reports of itself; None: it was killed."""
    try:
        return run()[1]
    except Killed:
        return None


def carry_out(
    config: Config,
    planned: Planned,
    *,
    options: ApplyOptions = ApplyOptions(),
    cancel: CancelToken | None = None,
    anything: bool = True,
) -> tuple[Plan, Applied]:
    """Apply a plan, as a command does after a yes."""
    cancel = cancel or CancelToken()
    applied = apply(
        planned.plan,
        planned.resolved.environments,
        options=options,
        cancel=cancel,
        on_wait=_on_wait,
    )
    context = ApplyContext(config, planned.resolved.environments, options, cancel, _on_wait)
    approved = Approved(frozenset(write_identities(planned.plan.ions)), anything=anything)
    return planned.plan, finish_settled(applied, approved, context)


def _on_wait(_: object, __: str | None) -> None: ...
