"""States of the world beside Lambda that a recorded case begins in: queues, buckets, rules, mappings, executions."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recorded import Target

JSON = Any  # a recorded document
ENDS_AT_ONCE = '{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}'


def target_arn(target: "Target") -> str:
    """What `<target-arn>` stands for: something that a rule may send its events to."""
    return f"arn:aws:sqs:{target.region}:{target.account}:target"


def _queue(step: Mapping[str, JSON], target: "Target") -> None:
    target.must("CreateQueue", {"QueueName": step["name"]}, "sqs")


def bucket(name: str, target: "Target") -> str:
    """A name that S3 takes for the short one of a recorded case; buckets of all accounts share their names."""
    return f"{name}-{target.account}"


def _bucket(step: Mapping[str, JSON], target: "Target") -> None:
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": target.region}}
    where = {} if target.region == "us-east-1" else elsewhere
    target.must("CreateBucket", {"Bucket": bucket(step["name"], target), **where}, "s3")


def _targets(step: Mapping[str, JSON], target: "Target") -> None:
    targets = [{"Id": str(number), "Arn": target_arn(target)} for number in range(1, step["count"] + 1)]
    target.must("PutTargets", {"Rule": step["rule"], "Targets": targets}, "events")


def _mapping_enabled(step: Mapping[str, JSON], target: "Target") -> None:
    target.advance(target.update_seconds)
    assert mapping_of(step["name"], target)["State"] == "Enabled"


def mapping_of(queue: str, target: "Target") -> Mapping[str, JSON]:
    """The one event source mapping of this queue, or of the source with this ARN."""
    source = queue if queue.startswith("arn:") else f"arn:aws:sqs:{target.region}:{target.account}:{queue}"
    (found,) = target.must("ListEventSourceMappings", {"EventSourceArn": source})["EventSourceMappings"]
    return found  # type: ignore[no-any-return]


def _execution(step: Mapping[str, JSON], target: "Target") -> None:
    role = f"arn:aws:iam::{target.account}:role/states"
    request = {"name": "datomic-g", "definition": ENDS_AT_ONCE, "roleArn": role}
    machine = target.must("CreateStateMachine", request, "stepfunctions")
    given = {"stateMachineArn": machine["stateMachineArn"], "input": json.dumps({"SANDBOX_ENDS": step["status"]})}
    started = target.must("StartExecution", given, "stepfunctions")
    target.remembered[f"<execution:{step['name']}>"] = started["executionArn"]
    target.advance(target.update_seconds)


WORLDS: Mapping[str, Callable[[Mapping[str, JSON], "Target"], None]] = {
    "queue": _queue,
    "bucket": _bucket,
    "targets": _targets,
    "esm-enabled": _mapping_enabled,
    "execution": _execution,
}
