"""One emulated AWS: every account and region of it, Lambda's control plane and scaling by our models, the rest by moto.

A request comes in, one answer goes out, and one journal entry is written. An account and region come into being when
they are first asked for. Time is the `clock` that the world was given: nothing here sleeps. Safe for many threads:
each control plane is used under a lock of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from functools import partial
from threading import Lock
from typing import Any

from reconciler.model.observed import AccountRegion, partition
from reconciler.sandbox import alarms, corrections, json_protocol, moto_backend, moto_lambda, rest
from reconciler.sandbox.control_plane import Answer, ApiError, Behaviour, ControlPlane, Timing
from reconciler.sandbox.executions import Executions
from reconciler.sandbox.journal import Entry
from reconciler.sandbox.lookups import machine_exists, queue_exists
from reconciler.sandbox.objects import fetched
from reconciler.sandbox.quota import Quota
from reconciler.sandbox.scaling import SERVICE as SCALING
from reconciler.sandbox.scaling import AutoScaling, ScalingBehaviour
from reconciler.sandbox.wire import DEFAULT_ACCOUNT, Request, Response, declared_account, scope_of

_SCALING_PREFIX, _STATES_PREFIX = "AnyScaleFrontendService", "AWSStepFunctions"  # of X-Amz-Target
LIMIT = 1000  # AWS's default concurrency of an account and region
RESERVED = 20
# What `ion deploy` leaves: a thin proxy with reserved concurrency 20 and a timeout of 60 s
# (https://docs.datomic.com/ions/ions-reference.html, :concurrency-limit and :timeout-secs).
ION: Mapping[str, Any] = {
    "Runtime": "java21",
    "Handler": "datomic.ion.lambda.handler.Thunk::handleRequest",
    "MemorySize": 256,
    "Timeout": 60,
    "ReservedConcurrentExecutions": RESERVED,
}


@dataclass(slots=True)
class _Held:
    """What one account and region has of our own, with what must be held to use it."""

    plane: ControlPlane
    scaling: AutoScaling
    executions: Executions
    quota: Quota = field(default_factory=Quota)
    lock: Lock = field(default_factory=Lock)


class World:
    """`limited`: AWS's request quotas apply, by `quota_clock` (the world's own unless said).

    `journal` is told of each call once it is answered.
    """

    def __init__(  # noqa: PLR0913 - what a world is made of
        self,
        *,
        clock: Callable[[], float],
        timing: Timing,
        behaviour: Behaviour,
        scaling: ScalingBehaviour = ScalingBehaviour(),  # noqa: B008 - frozen
        limited: bool = False,
        quota_clock: Callable[[], float] | None = None,
        journal: Callable[[Entry], None] = lambda _entry: None,
    ) -> None:
        self.clock = clock
        self.timing = timing
        self.behaviour = behaviour
        self.scaling = scaling
        self.limited = limited
        self.quota_clock = quota_clock or clock
        self.journal = journal
        self._held: dict[AccountRegion, _Held] = {}
        self._accounts: dict[str, str] = {"": DEFAULT_ACCOUNT}
        self._mirrored: set[AccountRegion] = set()
        self._lock = Lock()

    def answer(self, request: Request) -> Response:
        """Answer one request as AWS would, whatever the service."""
        scope = scope_of(request)
        place = AccountRegion(self._account(scope.access_key), scope.region)
        if scope.service == "lambda":
            response, operation, subject = self._lambda(request, place)
        elif scope.service == SCALING:
            response, operation, subject = self._scaled(request, place)
        elif scope.service == "states" and Executions.supports(moto_backend.operation_of(request)):
            response, operation, subject = self._execution(request, place)
        else:
            response, operation, subject = (
                corrections.refusal(request, scope, place, self.ask)
                or moto_backend.answer(request, scope, place.account),
                moto_backend.operation_of(request),
                "",
            )
        error = next((value for name, value in response.headers.items() if name.lower() == "x-amzn-errortype"), None)
        entry = Entry(
            self.clock(), place.account, place.region, scope.service, operation, subject, response.status, error
        )
        self.journal(entry)
        return replace(response, headers={"Date": formatdate(entry.at, usegmt=True), **response.headers})

    def plane(self, account: str, region: str) -> ControlPlane:
        """The model of one account and region, for looking at it; use `ask` while requests may arrive."""
        return self._at(AccountRegion(account, region)).plane

    def scaler(self, account: str, region: str) -> AutoScaling:
        """Application Auto Scaling of one account and region, for looking at it as at `plane`."""
        return self._at(AccountRegion(account, region)).scaling

    def ask(self, place: AccountRegion, operation: str, params: Mapping[str, Any]) -> Answer:
        """One call to the model, under its lock."""
        held = self._at(place)
        with held.lock:
            return held.plane.call(operation, params)

    def seed(self, account: str, region: str, names: tuple[str, ...]) -> None:
        """Functions as `ion deploy` leaves them; one that exists already stays as it is.

        An account that is seeded first thing has a limit that leaves them room, in whole thousands, as AWS grants them.
        """
        role = f"arn:{partition(region)}:iam::{account}:role/sandbox"
        held = self._at(AccountRegion(account, region), limit=LIMIT * (1 + len(names) * RESERVED // LIMIT))
        with held.lock:
            for name in names:
                if not _exists(held.plane, name):
                    held.plane.seed(name, Role=role, **ION)

    def _lambda(self, request: Request, place: AccountRegion) -> tuple[Response, str, str]:
        """The answer, the operation's name and what it was about."""
        operation, subject = request.method, ""
        try:
            call = rest.parse(request)
            operation, subject = call.operation, _subject(call)
            return self._call(request, call, place), operation, subject
        except ApiError as refusal:
            return rest.render_error(refusal), operation, subject

    def _call(self, request: Request, call: rest.Call, place: AccountRegion) -> Response:
        held = self._at(place)
        with held.lock:
            if self.limited and not held.quota.allows(call.operation, self.quota_clock()):
                raise _throttled()
            if ControlPlane.supports(call.operation, call.params):
                answer = held.plane.call(call.operation, call.params)
                if call.operation == "DeleteFunction" and place in self._mirrored:
                    moto_lambda.forget(call.params, place)
                return rest.render(answer)
            held.plane.admit(call.operation, call.params)
        self._mirrored.add(place)
        return moto_lambda.answer(request, call, place, lambda operation, params: self.ask(place, operation, params))

    def _scaled(self, request: Request, place: AccountRegion) -> tuple[Response, str, str]:
        """The same for Application Auto Scaling, with what it leaves in CloudWatch."""
        operation, subject = request.method, ""
        try:
            call = json_protocol.parse(request, _SCALING_PREFIX)
            operation = call.operation
            subject = str(call.params.get("ResourceId", "")).removeprefix("function:")
            held = self._at(place)
            with held.lock:
                self._admit_scaling(held.quota)
                answer = _with_alarms(held.scaling, place, call)
            return json_protocol.render(answer), operation, subject
        except ApiError as refusal:
            return json_protocol.render_error(refusal), operation, subject

    def _admit_scaling(self, quota: Quota) -> None:
        rate = self.scaling.requests_per_second
        if self.limited and not quota.allows_scaling(rate, self.quota_clock()):
            raise ApiError(400, "ThrottlingException", "Rate exceeded", type_=None)

    def _execution(self, request: Request, place: AccountRegion) -> tuple[Response, str, str]:
        """The same for the executions of Step Functions."""
        operation, held = moto_backend.operation_of(request), self._at(place)
        try:
            call = json_protocol.parse(request, _STATES_PREFIX)
            with held.lock:
                answer = Answer(200, held.executions.call(operation, call.params))
            return json_protocol.render(answer), operation, ""
        except ApiError as refusal:
            return json_protocol.render_error(refusal, text="message"), operation, ""

    def _at(self, place: AccountRegion, *, limit: int = LIMIT) -> _Held:
        with self._lock:
            if place not in self._held:
                plane = ControlPlane(
                    account=place.account,
                    region=place.region,
                    clock=self.clock,
                    behaviour=self.behaviour,
                    timing=self.timing,
                    concurrency_limit=limit,
                    fetch=partial(fetched, place),
                    queue_exists=partial(queue_exists, place),
                )
                executions = Executions(
                    clock=self.clock, seconds=self.timing.update, exists=partial(machine_exists, place)
                )
                self._held[place] = _Held(plane, AutoScaling(plane, behaviour=self.scaling), executions)
            return self._held[place]

    def _account(self, access_key: str) -> str:
        if access_key not in self._accounts:
            self._accounts[access_key] = declared_account(access_key) or moto_backend.account_of_key(access_key)
        return self._accounts[access_key]


def _with_alarms(scaling: AutoScaling, place: AccountRegion, call: json_protocol.Call) -> Answer:
    """The answer, once CloudWatch has the alarms that the call leaves."""
    if call.operation.startswith(("Describe", "List")):
        return scaling.call(call.operation, call.params)
    before = scaling.alarms()
    answer = scaling.call(call.operation, call.params)
    after = scaling.alarms()
    alarms.delete(place, before.keys() - after.keys())
    for name, alarm in after.items():
        if before.get(name) != alarm:
            alarms.put(place, alarm)
    return answer


def _exists(plane: ControlPlane, name: str) -> bool:
    try:
        plane.call("GetFunctionConfiguration", {"FunctionName": name})
    except ApiError:
        return False
    return True


def _subject(call: rest.Call) -> str:
    named = (call.params.get(key) for key in ("FunctionName", "Qualifier", "Name", "Resource", "LayerName", "UUID"))
    return ":".join(str(part) for part in named if part)


def _throttled() -> ApiError:
    reason = {"Reason": "CallerRateLimitExceeded"}
    return ApiError(429, "TooManyRequestsException", "Rate exceeded", extra=reason)
