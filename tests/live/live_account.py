"""The account that a live run uses: every name has the run's prefix, and what has it can be removed."""

import io
import json
import re
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import boto3
from botocore.exceptions import ClientError
from recorded import Answered, Target

PREFIX = re.compile(r"reconcile-live-[0-9a-f]{8}-")
LONGEST_WAIT = 600.0
# AWS initialises real code: it has to fail where a case asks for PC that fails.
HANDLER = """import os
if os.environ.get("SANDBOX_INIT_FAILS"):
    raise RuntimeError("asked to fail")
def handler(event, context):
    return {}
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}


def wait(what: str, done: Callable[[], bool], seconds: float = LONGEST_WAIT) -> None:
    """Ask again, ever more slowly, until it is so; AssertionError after `seconds`."""
    pause, until = 0.05, time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, f"{what}: not within {seconds:.0f} s"
        time.sleep(pause)  # a live run waits for AWS in real time
        pause = min(2.0, pause * 1.5)


@dataclass(slots=True)
class LiveTarget(Target):
    """A target whose functions carry the prefix in AWS and not in the cases: names change on the way out and back."""

    prefix: str = ""
    role: str = ""

    def call(self, operation: str, params: Mapping[str, Any], service: str = "lambda") -> Answered:
        sent = {key: self._outward(key, value) for key, value in params.items()}
        if operation == "CreateFunction":
            sent |= {"Role": self.role, "Code": {"ZipFile": package()}}
        answered = Target.call(self, operation, sent, service)
        return Answered(
            answered.status,
            self._inward(answered.parsed),
            answered.raw.replace(self.prefix.encode(), b""),
            self._inward(answered.error),
        )

    def _outward(self, key: str, value: Any) -> Any:  # noqa: ANN401 - a parameter of any call
        if key == "FunctionName" and value.startswith("arn:"):
            return value.replace(":function:", f":function:{self.prefix}")
        if key == "FunctionName":
            return self.prefix + value
        return value.replace("function:", f"function:{self.prefix}", 1) if key == "ResourceId" else value

    def _inward(self, value: Any) -> Any:  # noqa: ANN401 - an answer's member
        if isinstance(value, dict):
            return {key: self._inward(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._inward(item) for item in value]
        return value.replace(self.prefix, "") if isinstance(value, str) else value

    def remove(self, name: str) -> None:
        """Delete a function, if it is there."""
        refused = self.call("DeleteFunction", {"FunctionName": name}).error
        assert refused is None or refused["Code"] == "ResourceNotFoundException", refused

    def settle(self, _seconds: float = 0) -> None:
        """Wait until no function of this run is being updated and no PC is in progress."""
        for name in functions(self.client("lambda"), self.prefix):
            wait(name, partial(self._settled, name.removeprefix(self.prefix)))

    def _settled(self, name: str) -> bool:
        state = self.must("GetFunctionConfiguration", {"FunctionName": name})
        configs = self.must("ListProvisionedConcurrencyConfigs", {"FunctionName": name})
        statuses = [config["Status"] for config in configs["ProvisionedConcurrencyConfigs"]]
        return (
            state["State"] == "Active" and state["LastUpdateStatus"] != "InProgress" and "IN_PROGRESS" not in statuses
        )


def package() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo("handler.py")
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, HANDLER)
    return packed.getvalue()


def functions(client: Any, prefix: str) -> list[str]:  # noqa: ANN401 - a boto3 client
    pages = client.get_paginator("list_functions").paginate()
    names = (function["FunctionName"] for page in pages for function in page["Functions"])
    return [name for name in names if name.startswith(prefix)]


def create_role(session: boto3.Session, prefix: str) -> str:
    """The ARN of a role that may do nothing, which Lambda may assume."""
    created = session.client("iam").create_role(RoleName=f"{prefix}role", AssumeRolePolicyDocument=json.dumps(TRUST))
    return str(created["Role"]["Arn"])


def clean(session: boto3.Session, prefix: str) -> list[str]:
    """Remove everything with this prefix, and name it. ValueError for what no run of ours is called."""
    if not PREFIX.fullmatch(prefix):
        message = f"{prefix!r} is no run's prefix: give it as the run printed it, reconcile-live-1a2b3c4d-"
        raise ValueError(message)
    scaling, client = session.client("application-autoscaling"), session.client("lambda")
    removed = []
    for page in scaling.get_paginator("describe_scalable_targets").paginate(ServiceNamespace="lambda"):
        for target in page["ScalableTargets"]:
            if target["ResourceId"].startswith(f"function:{prefix}"):
                scaling.deregister_scalable_target(
                    ServiceNamespace=target["ServiceNamespace"],
                    ResourceId=target["ResourceId"],
                    ScalableDimension=target["ScalableDimension"],
                )
                removed.append(target["ResourceId"])
    for name in functions(client, prefix):
        client.delete_function(FunctionName=name)
        removed.append(name)
    try:
        session.client("iam").delete_role(RoleName=f"{prefix}role")
        removed.append(f"{prefix}role")
    except ClientError as refused:
        if refused.response["Error"]["Code"] != "NoSuchEntity":
            raise
    return removed
