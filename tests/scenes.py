"""Small worlds of two ions, what the file asks of them, and what has to hold of every run: shared by several tests.

A scene is prepared once; every run starts from a copy.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from simulation import Aws, Clock, Did, config_of, ion, new_aws

from reconciler.model.desired import CallersWish, Config, FollowLatest, Pinned, Unmanaged
from reconciler.model.outcome import Applied, Done, Failed, IonResult, NotAttempted
from reconciler.model.steps import (
    AddPermission,
    CopyAsyncConfig,
    CreateAlias,
    DeleteVersion,
    MoveAlias,
    MoveEventSource,
    PublishVersion,
    RemoveProvisioned,
    SetProvisioned,
    Step,
    Write,
)
from reconciler.sandbox.control_plane import Behaviour, Timing

FAILING = {"Variables": {"SANDBOX_INIT_FAILS": "1"}}
MENDED = {"Variables": {"MENDED": "1"}}
LATEST = FollowLatest()
FUNCTIONS = ("f", "g")
ALIASES = ("live", "cold", "next")


@dataclass(frozen=True)
class Scene:
    """A world, and what the file asks of it."""

    name: str
    prepare: Callable[[Aws], None]
    config: Config
    behaviour: Behaviour = Behaviour()
    timing: Timing = field(default_factory=Timing)

    def fresh(self) -> Aws:
        clock = Clock(self._prepared.clock.now)
        return Aws(clock, self._prepared.plane.copy(clock=clock, timing=self.timing))

    @cached_property
    def _prepared(self) -> Aws:
        aws = new_aws(*FUNCTIONS, clock=Clock(), behaviour=self.behaviour)
        self.prepare(aws)
        return aws


# ---------------------------------------------------------------- worlds


def nothing(_: Aws) -> None: ...


def warm(aws: Aws, function: str, number: int) -> None:
    aws.do("PublishVersion", FunctionName=function)
    aws.do("CreateAlias", FunctionName=function, Name="live", FunctionVersion="1")
    put = {"FunctionName": function, "Qualifier": "live", "ProvisionedConcurrentExecutions": number}
    aws.do("PutProvisionedConcurrencyConfig", **put)
    aws.clock.now += 300


def both_warm(aws: Aws) -> None:
    for function in FUNCTIONS:
        warm(aws, function, 2)


def deployed(aws: Aws) -> None:
    for function in FUNCTIONS:
        warm(aws, function, 2)
        aws.deploy(function, Timeout=99)


def deploying(aws: Aws) -> None:
    """The update of `f` is still in progress."""
    both_warm(aws)
    aws.deploy("g", Timeout=99)
    aws.plane = aws.plane.copy(timing=Timing(update=20.0))
    aws.deploy("f", Timeout=99)


def stuck(aws: Aws) -> None:
    """`f` is stuck: its version 2 fails, version 1 serves, and a mended `$LATEST` waits."""
    both_warm(aws)
    aws.deploy("f", Environment=FAILING)
    aws.do("PublishVersion", FunctionName="f")
    aws.do("UpdateAlias", FunctionName="f", Name="live", FunctionVersion="2")
    aws.clock.now += 900
    aws.deploy("f", Environment=MENDED)


def moving(aws: Aws) -> None:
    deployed(aws)
    for function in FUNCTIONS:
        aws.do("PublishVersion", FunctionName=function)
        aws.do("UpdateAlias", FunctionName=function, Name="live", FunctionVersion="2")
    aws.deploy("g", Timeout=100)


def reserved_swap(aws: Aws) -> None:
    """`f` has no room for what its second alias wants until its first has less."""
    aws.do("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=5)
    warm(aws, "f", 3)
    aws.deploy("f", Timeout=99)
    aws.do("PublishVersion", FunctionName="f")
    aws.do("CreateAlias", FunctionName="f", Name="next", FunctionVersion="2")


def called_bare(aws: Aws) -> None:
    """Callers of both functions by their bare names: S3, a rule, a queue, and a queue whose mapping is disabled."""
    for function in FUNCTIONS:
        allow(aws, function, "s3", "s3.amazonaws.com", "arn:aws:s3:::uploads")
        allow(aws, function, "rule", "events.amazonaws.com", "arn:aws:events:us-east-1:123456789012:rule/nightly")
        for name in ("jobs", "mail"):
            source = f"arn:aws:sqs:us-east-1:123456789012:{function}-{name}"
            aws.do("CreateEventSourceMapping", FunctionName=function, EventSourceArn=source, Enabled=name == "jobs")
    aws.do("PutFunctionEventInvokeConfig", FunctionName="f", MaximumRetryAttempts=0)
    aws.clock.now += 300


def allow(aws: Aws, function: str, sid: str, principal: str, source: str, **qualified: str) -> None:
    statement = {"StatementId": sid, "Action": "lambda:InvokeFunction", "Principal": principal, "SourceArn": source}
    aws.do("AddPermission", FunctionName=function, **statement, **qualified)


def called_and_deployed(aws: Aws) -> None:
    """The alias of `f` has a policy of its own already, and settings; that of `g` has neither."""
    deployed(aws)
    called_bare(aws)
    allow(aws, "f", "own", "sns.amazonaws.com", "arn:aws:sns:us-east-1:123456789012:t", Qualifier="live")
    aws.do("PutFunctionEventInvokeConfig", FunctionName="f", Qualifier="live", MaximumRetryAttempts=2)
    aws.do("PutFunctionEventInvokeConfig", FunctionName="g", MaximumRetryAttempts=1)


def called_warm(aws: Aws) -> None:
    both_warm(aws)
    called_bare(aws)


CALLED = CallersWish(permissions=True, event_sources=True)
BOTH = config_of(ion("f", 2, LATEST), ion("g", 3, LATEST))
REPAIR = Scene("repair", stuck, BOTH)
MOVE = Scene("move and raise", deployed, BOTH)
REMOVE = Scene("move and remove", deployed, config_of(ion("f", 0, LATEST), ion("g", None, LATEST)))
SCENES = (
    Scene("create", nothing, BOTH),
    MOVE,
    REMOVE,
    Scene("in transition", moving, BOTH),
    Scene("$LATEST in progress, versions pending", deploying, BOTH, timing=Timing(update=20.0, pending=10.0)),
    Scene("two aliases, one publish", nothing, config_of(ion("f", 2, LATEST), ion("f", 0, LATEST, alias="cold"))),
    Scene(
        "room only after a lowering",
        reserved_swap,
        config_of(ion("f", 1, Pinned("1")), ion("f", 3, Pinned("2"), alias="next")),
    ),
    Scene(
        "callers come to a new alias",
        called_bare,
        config_of(ion("f", 2, LATEST, callers=CALLED), ion("g", None, LATEST, callers=CALLED)),
    ),
    Scene(
        "callers come to an alias that moves",
        called_and_deployed,
        config_of(ion("f", 2, LATEST, callers=CALLED), ion("g", 0, LATEST, callers=CALLED)),
    ),
    Scene(
        "callers come where nothing else changes",
        called_warm,
        config_of(ion("f", 2, LATEST, callers=CALLED), ion("g", 0, Unmanaged(), callers=CALLED)),
    ),
)


# ---------------------------------------------------------------- what a run leaves


def world_of(aws: Aws) -> object:
    """What a run leaves behind, without what differs by the moment: no version too many, aliases, numbers, callers."""
    functions = {}
    for function in FUNCTIONS:
        aliases = {}
        for name in ALIASES:
            alias, provisioned = aws.alias(function, name), aws.provisioned(function, name)
            if alias:
                number = provisioned and (
                    provisioned["RequestedProvisionedConcurrentExecutions"],
                    provisioned["Status"],
                )
                callers = aws.allowed(function, name), aws.async_settings(function, name)
                aliases[name] = (alias["FunctionVersion"], alias.get("RoutingConfig"), number, callers)
        functions[function] = (aws.versions(function), aliases)
    return functions, aws.mapped()


# ---------------------------------------------------------------- truth


def assert_truthful(aws: Aws, applied: Applied) -> None:
    """No step is reported done that was not, none failed or not attempted that AWS carried out and answered."""
    for result in applied.results:
        for step, outcome in result.outcomes:
            did = [each for each in aws.done if _carries_out(each, step, result)]
            match outcome:
                case Done(note):
                    assert did or note or not _is_write(step), f"{step} of {result.plan.key} was not done: {outcome}"
                case NotAttempted(why):
                    assert not did or "is there already" in why, f"{step} of {result.plan.key} was done: {outcome}"
                case Failed(code):
                    assert not did or code != "PlanAgain", f"{step} of {result.plan.key} was done: {outcome}"


def _is_write(step: Step) -> bool:
    return isinstance(step, Write)


def _carries_out(did: Did, step: Step, result: IonResult) -> bool:
    key = result.plan.key
    function = {"FunctionName": key.function}
    match step:
        case PublishVersion():
            wanted = ("PublishVersion", function)
        case CreateAlias():
            wanted = ("CreateAlias", {**function, "Name": key.alias})
        case MoveAlias():
            wanted = ("UpdateAlias", {**function, "Name": key.alias})
        case SetProvisioned():
            wanted = ("PutProvisionedConcurrencyConfig", {**function, "Qualifier": key.alias})
        case RemoveProvisioned():
            wanted = ("DeleteProvisionedConcurrencyConfig", {**function, "Qualifier": key.alias})
        case AddPermission(grant):
            wanted = ("AddPermission", {**function, "Qualifier": key.alias, "StatementId": grant.sid})
        case CopyAsyncConfig():
            wanted = ("PutFunctionEventInvokeConfig", {**function, "Qualifier": key.alias})
        case MoveEventSource(uuid):
            wanted = ("UpdateEventSourceMapping", {"UUID": uuid})
        case DeleteVersion(number):
            wanted = ("DeleteFunction", {**function, "Qualifier": str(number)})
        case _:
            return False
    return did.operation == wanted[0] and wanted[1].items() <= did.params.items()
