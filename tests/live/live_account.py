"""The account that a live run uses: every name has the run's prefix, and whatever has it can be removed."""

import io
import json
import re
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import boto3
from botocore.exceptions import ClientError
from recorded import Answered, Target

SCALING = "application-autoscaling"
Named = Iterator[tuple[str, Callable[[], object]]]
"""The name of each thing, and what deletes it."""
Kind = Callable[[Callable[[str], Any], str], Named]
"""What finds things of one kind, by the clients of an account and the prefix of their names."""
PREFIX = re.compile(r"reconcile-live-[0-9a-f]{8}-")
LONGEST_WAIT = 600.0
# AWS initialises real code: it has to fail where a case asks for PC that fails.
HANDLER = """import os
if os.environ.get("SANDBOX_INIT_FAILS"):
    raise RuntimeError("asked to fail")
def handler(event, context):
    return {}
"""
PRINCIPALS = ["lambda.amazonaws.com", "states.amazonaws.com"]
TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": PRINCIPALS}, "Action": "sts:AssumeRole"}]}
# Without these an event source mapping of a queue is refused.
READS_QUEUES = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
POLICY = {"Statement": [{"Effect": "Allow", "Action": READS_QUEUES, "Resource": "*"}]}
NAMES: Mapping[str, frozenset[str]] = {
    "lambda": frozenset({"FunctionName"}),
    "sqs": frozenset({"QueueName"}),
    "s3": frozenset({"Bucket"}),
    "events": frozenset({"Name", "Rule"}),
    "stepfunctions": frozenset({"name"}),
}
BEFORE_A_NAME = re.compile(r"(^function|\d{12}:function|:sqs:[a-z0-9-]+:\d{12}|:stateMachine|:execution):")


def soon(done: Callable[[], bool], seconds: float) -> float | None:
    """Ask again, ever more slowly: the seconds until it was so, or None."""
    pause, begun = 0.05, time.monotonic()
    while not done():
        if time.monotonic() - begun >= seconds:
            return None
        time.sleep(pause)  # a live run waits for AWS in real time
        pause = min(2.0, pause * 1.5)
    return time.monotonic() - begun


def wait(what: str, done: Callable[[], bool], seconds: float = LONGEST_WAIT) -> None:
    """`soon`, or an AssertionError."""
    assert soon(done, seconds) is not None, f"{what}: not within {seconds:.0f} s"


@dataclass(slots=True)
class LiveTarget(Target):
    """A target whose resources carry a prefix in AWS and not in the cases: names change on the way out and back.

    Each case has a prefix of its own, which begins with the run's: some names can't be used again for a minute.
    `patience` is how many seconds are waited for what may never happen.
    """

    run: str = ""
    role: str = ""
    patience: float = 150.0
    kinds: tuple[Kind, ...] = ()
    _number: int = 0
    _kept: dict[bool, dict[str, Any]] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        return f"{self.run}{self._number}-"

    def begin(self, client_of: Callable[[str], Any], *, checked: bool = True) -> None:
        """Forget the case before, and go on with the clients that were made for such cases."""
        self._number += 1
        self.client_of = client_of
        self.clients = self._kept.setdefault(checked, {})
        self.remembered.clear()
        self.raw.clear()

    def call(self, operation: str, params: Mapping[str, Any], service: str = "lambda") -> Answered:
        names = NAMES.get(service, frozenset())
        sent = {key: self._outward(value, is_name=key in names) for key, value in params.items()}
        sent |= {key: self.role for key in ("Role", "roleArn") if key in sent}
        if operation == "CreateFunction":
            sent |= {"Role": self.role, "Code": {"ZipFile": package()}}
        answered = Target.call(self, operation, sent, service)
        return Answered(
            answered.status,
            self._inward(answered.parsed),
            answered.raw.replace(self.prefix.encode(), b""),
            self._inward(answered.error),
        )

    def _outward(self, value: Any, *, is_name: bool = False) -> Any:  # noqa: ANN401 - a parameter of any call
        if isinstance(value, dict):
            return {key: self._outward(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._outward(item) for item in value]
        if not isinstance(value, str):
            return value
        named = BEFORE_A_NAME.sub(rf"\g<0>{self.prefix}", value)
        return self.prefix + value if is_name and named == value else named

    def _inward(self, value: Any) -> Any:  # noqa: ANN401 - an answer's member
        if isinstance(value, dict):
            return {key: self._inward(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._inward(item) for item in value]
        return value.replace(self.prefix, "") if isinstance(value, str) else value

    def end(self) -> None:
        """Remove what the case made."""
        remove(self.client, self.prefix, self.kinds)

    def settle(self, _seconds: float = 0) -> None:
        """Wait until nothing of this case is on its way: no update, PC, mapping or execution."""
        for name in _functions(self.client("lambda"), self.prefix):
            wait(name, partial(self._settled, name.removeprefix(self.prefix)))
        wait("the event source mappings", self._mapped)
        for name, arn in self.remembered.items():
            if name.startswith("<execution:"):
                wait(name, partial(self._ended, arn))

    def _settled(self, name: str) -> bool:
        state = self.must("GetFunctionConfiguration", {"FunctionName": name})
        configs = self.must("ListProvisionedConcurrencyConfigs", {"FunctionName": name})
        statuses = [config["Status"] for config in configs["ProvisionedConcurrencyConfigs"]]
        return (
            state["State"] == "Active" and state["LastUpdateStatus"] != "InProgress" and "IN_PROGRESS" not in statuses
        )

    def _mapped(self) -> bool:
        found = _mappings(self.client("lambda"), self.prefix)
        return all(mapping["State"] in {"Enabled", "Disabled"} for mapping in found)

    def _ended(self, arn: str) -> bool:
        return bool(self.must("DescribeExecution", {"executionArn": arn}, "stepfunctions")["status"] != "RUNNING")


def package() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo("handler.py")
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, HANDLER)
    return packed.getvalue()


def create_role(session: boto3.Session, prefix: str) -> str:
    """The ARN of a role that Lambda and Step Functions may assume, and that may do no more than read queues."""
    iam = session.client("iam")
    trust, policy = (json.dumps({"Version": "2012-10-17", **document}) for document in (TRUST, POLICY))
    created = iam.create_role(RoleName=f"{prefix}role", AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName=f"{prefix}role", PolicyName="reads-queues", PolicyDocument=policy)
    return str(created["Role"]["Arn"])


def clean(session: Any, prefix: str, say: Callable[[str], None]) -> list[str]:  # noqa: ANN401 - a boto3 session
    """Remove everything of one run, and name it. ValueError for what no run of ours is called."""
    if not PREFIX.fullmatch(prefix):
        message = f"{prefix!r} is no run's prefix: give it as the run printed it, reconcile-live-1a2b3c4d-"
        raise ValueError(message)
    iam, role = session.client("iam"), f"{prefix}role"
    removed = remove(session.client, prefix, listable(session.client, prefix, say))
    with suppress(iam.exceptions.NoSuchEntityException):
        iam.delete_role_policy(RoleName=role, PolicyName="reads-queues")
    with suppress(iam.exceptions.NoSuchEntityException):
        iam.delete_role(RoleName=role)
        removed.append(role)
    return removed


def listable(client_of: Callable[[str], Any], prefix: str, say: Callable[[str], None]) -> tuple[Kind, ...]:
    """The kinds of things that this account may list; a run can't make the others either, and that is said."""
    found = []
    for kind in KINDS:
        try:
            list(kind(client_of, prefix))
            found.append(kind)
        except ClientError as refused:
            say(f"Left out: {' '.join(str(refused).split())}")
    return tuple(found)


def remove(client_of: Callable[[str], Any], prefix: str, kinds: tuple[Kind, ...]) -> list[str]:
    """Remove everything of these kinds whose name begins so, what uses something before what it uses; the names."""
    removed = []
    for kind in kinds:
        for name, delete in kind(client_of, prefix):
            wait(f"deletion of {name}", partial(_deleted, delete))
            removed.append(name)
    return removed


def _deleted(delete: Callable[[], object]) -> bool:
    """Whether it is gone; not yet while AWS is still changing it."""
    try:
        delete()
    except ClientError as refused:
        code = refused.response["Error"]["Code"]
        if code in {"ResourceInUseException", "ResourceConflictException"}:
            return False
        if "NotFound" not in code:
            raise
    return True


def _targets(client_of: Callable[[str], Any], prefix: str) -> Named:
    client = client_of(SCALING)
    for target in _every(client, "describe_scalable_targets", "ScalableTargets", ServiceNamespace="lambda"):
        if target["ResourceId"].startswith(f"function:{prefix}"):
            named = {key: target[key] for key in ("ServiceNamespace", "ResourceId", "ScalableDimension")}
            yield target["ResourceId"], partial(client.deregister_scalable_target, **named)


def _of_lambda(client_of: Callable[[str], Any], prefix: str) -> Named:
    client = client_of("lambda")
    for mapping in _mappings(client, prefix):
        yield mapping["EventSourceArn"], partial(client.delete_event_source_mapping, UUID=mapping["UUID"])
    for name in _functions(client, prefix):
        yield name, partial(client.delete_function, FunctionName=name)


def _rules(client_of: Callable[[str], Any], prefix: str) -> Named:
    client = client_of("events")
    for rule in client.list_rules(NamePrefix=prefix)["Rules"]:
        targets = client.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        if targets:
            client.remove_targets(Rule=rule["Name"], Ids=[target["Id"] for target in targets])
        yield rule["Name"], partial(client.delete_rule, Name=rule["Name"])


def _queues(client_of: Callable[[str], Any], prefix: str) -> Named:
    client = client_of("sqs")
    for url in client.list_queues(QueueNamePrefix=prefix).get("QueueUrls", []):
        yield url.rpartition("/")[2], partial(client.delete_queue, QueueUrl=url)


def _buckets(client_of: Callable[[str], Any], prefix: str) -> Named:
    client = client_of("s3")
    for bucket in client.list_buckets()["Buckets"]:
        if bucket["Name"].startswith(prefix):
            yield bucket["Name"], partial(client.delete_bucket, Bucket=bucket["Name"])


def _machines(client_of: Callable[[str], Any], prefix: str) -> Named:
    client = client_of("stepfunctions")
    for machine in _every(client, "list_state_machines", "stateMachines"):
        if machine["name"].startswith(prefix):
            yield machine["name"], partial(client.delete_state_machine, stateMachineArn=machine["stateMachineArn"])


KINDS: tuple[Kind, ...] = (_targets, _of_lambda, _rules, _queues, _buckets, _machines)


def _functions(client: Any, prefix: str) -> list[str]:  # noqa: ANN401 - a boto3 client
    names = [function["FunctionName"] for function in _every(client, "list_functions", "Functions")]
    return [name for name in names if name.startswith(prefix)]


def _mappings(client: Any, prefix: str) -> list[Mapping[str, Any]]:  # noqa: ANN401 - a boto3 client
    """Event source mappings of the case's queues, whatever became of their functions; not those that are going."""
    found = _every(client, "list_event_source_mappings", "EventSourceMappings")
    return [each for each in found if f":{prefix}" in each["EventSourceArn"] and each["State"] != "Deleting"]


def _every(client: Any, operation: str, member: str, **params: str) -> Iterator[Any]:  # noqa: ANN401 - a boto3 client
    for page in client.get_paginator(operation).paginate(**params):
        yield from page[member]
