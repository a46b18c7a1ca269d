"""A live run against the sandbox: it finds what differs from the model and nothing else, and leaves nothing behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest

from reconciler.sandbox import moto_backend
from reconciler.sandbox.control_plane import Behaviour, Timing
from reconciler.sandbox.control_plane.behaviour import Clearing, Publishing, Removal, VersionRevision
from reconciler.sandbox.scaling import ScalingBehaviour
from reconciler.sandbox.server import Server, running
from reconciler.sandbox.wire import DEFAULT_ACCOUNT, access_key
from reconciler.sandbox.world import World

FAST = Timing(allocation=0.8, init_failure=1.0, update=0.15, pending=0.0, mapping=0.1)
AS_MODELLED = (Behaviour(), ScalingBehaviour())
PLANTED = (Behaviour(identical_update_publishes=True), ScalingBehaviour(answers_default_timezone=True))
# Every switch turned to another answer, but for two: a delayed weight is seen only by a move that takes longer, and a
# retry comes after a minute.
OTHERWISE = (
    Behaviour(
        clearing_weights=Clearing.CLEARED,
        removing_provisioned_under_weights=Removal.KEEPS_WEIGHTS,
        transition_changes_revision=True,
        weights_linger=3.0,
        gradual_weights=True,
        publishing_during_update=Publishing.ALLOWED,
        identical_update_publishes=True,
        version_keeps_modified=True,
        version_revision=VersionRevision.AT_READY,
        unreserved_subtracts_provisioned=False,
        move_counts_twice=True,
        moving_failed_restarts=False,
        same_number_restarts=True,
        weighted_version_deletable=True,
        provisioned_version_deletable=False,
        mapped_version_deletable=False,
        mappings_clash_across_qualifiers=True,
    ),
    ScalingBehaviour(
        register_starts_from_nothing=False,
        answers_default_timezone=True,
        answers_normalised_cron=True,
        target_outlives_alias=False,
        registration_delay=3.0,
        unknown_zones=frozenset({"Europe/Kyiv"}),
    ),
)
# When it fires, how fast it may be asked and what the caller may not do are no answers of one run.
PYTHON = {"Runtime": "python3.12", "Handler": "handler.handler"}
NOT_ASKED = {"lateness", "requests_per_second", "missing_permissions"}


@contextmanager
def _endpoint(behaviour: tuple[Behaviour, ScalingBehaviour]) -> Iterator[dict[str, str]]:
    """The environment of a process whose AWS is a sandbox with this behaviour, in real time."""
    moto_backend.reset()
    world = World(clock=time.time, timing=FAST, behaviour=behaviour[0], scaling=behaviour[1])
    with running(Server(0, world.answer, latency=0.0, sleep=time.sleep)) as url:
        credentials = {"AWS_ACCESS_KEY_ID": access_key(DEFAULT_ACCOUNT), "AWS_SECRET_ACCESS_KEY": "any"}
        yield {**os.environ, **credentials, "AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1"}


def _command(*options: str) -> list[str]:
    folder = Path(__file__).parent / "live"
    return [sys.executable, "-m", "pytest", str(folder), "-n", "0", "-p", "no:cacheprovider", *options]


def _run(environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    command = _command(*options)
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def _clients(environment: dict[str, str]) -> Callable[[str], Any]:
    session: Any = boto3.Session(environment["AWS_ACCESS_KEY_ID"], "any", region_name="us-east-1")
    return partial(session.client, endpoint_url=environment["AWS_ENDPOINT_URL"])


def _left(environment: dict[str, str]) -> list[str]:
    """Whatever a run may have made and not removed: names, or ARNs that end with them."""
    client = _clients(environment)
    scaling, functions = client("application-autoscaling"), client("lambda")
    return [
        *(
            found["ResourceId"]
            for found in scaling.describe_scalable_targets(ServiceNamespace="lambda")["ScalableTargets"]
        ),
        *(found["EventSourceArn"] for found in functions.list_event_source_mappings()["EventSourceMappings"]),
        *(found["FunctionName"] for found in functions.list_functions()["Functions"]),
        *(found["RoleName"] for found in client("iam").list_roles()["Roles"]),
        *(found["Name"] for found in client("events").list_rules()["Rules"]),
        *(url for url in client("sqs").list_queues().get("QueueUrls", [])),
        *(found["Name"] for found in client("s3").list_buckets()["Buckets"]),
        *(found["name"] for found in client("stepfunctions").list_state_machines()["stateMachines"]),
    ]


def _one_of_each(environment: dict[str, str], prefix: str) -> None:
    """What cases make beside functions, as if the run had been killed there."""
    client, name = _clients(environment), f"{prefix}9-f"
    functions, arn = client("lambda"), f"arn:aws:sqs:us-east-1:{DEFAULT_ACCOUNT}:{name}"
    role = f"arn:aws:iam::{DEFAULT_ACCOUNT}:role/any"
    functions.create_function(FunctionName=name, Role=role, Code={"ZipFile": b"PK\x05\x06" + bytes(18)}, **PYTHON)
    while functions.get_function_configuration(FunctionName=name)["State"] != "Active":
        pass
    client("sqs").create_queue(QueueName=name)
    functions.create_event_source_mapping(FunctionName=name, EventSourceArn=arn)
    functions.publish_version(FunctionName=name)
    functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    client("application-autoscaling").register_scalable_target(
        ServiceNamespace="lambda",
        ResourceId=f"function:{name}:live",
        ScalableDimension="lambda:function:ProvisionedConcurrency",
        MinCapacity=0,
        MaxCapacity=1,
    )
    client("s3").create_bucket(Bucket=name)
    client("events").put_rule(Name=name, EventPattern="{}")
    client("events").put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn}])
    definition = '{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}'
    client("stepfunctions").create_state_machine(name=name, definition=definition, roleArn=role)


def _seen(
    behaviour: tuple[Behaviour, ScalingBehaviour], folder: Path, *options: str
) -> tuple[list[dict[str, str]], str]:
    """What a run recorded and printed; it fails where something differs, and leaves nothing."""
    record = folder / "seen.json"
    with _endpoint(behaviour) as environment:
        ran = _run(environment, "--live", "--live-account", DEFAULT_ACCOUNT, "--live-record", str(record), *options)
        assert _left(environment) == []
    seen = json.loads(record.read_text())
    assert ran.returncode == (1 if any(entry["differs"] for entry in seen) else 0), ran.stdout
    assert DEFAULT_ACCOUNT not in record.read_text()
    return seen, ran.stdout


@pytest.mark.exhaustive
def test_a_live_run_finds_exactly_what_differs(tmp_path: Path) -> None:
    seen, printed = _seen(PLANTED, tmp_path, "--live-patience", "1")
    differing = [entry.get("question") for entry in seen if entry["differs"]]
    assert differing == ["identical_update_publishes", "answers_default_timezone"], printed
    assert [sum(kind in entry for entry in seen) for kind in ("case", "law")] == [112, 2]
    switches = {switch.name for part in PLANTED for switch in fields(part)}
    assert {entry["question"] for entry in seen if "question" in entry} == switches - NOT_ASKED


@pytest.mark.exhaustive
def test_every_other_answer_to_an_open_question_is_found(tmp_path: Path) -> None:
    seen, printed = _seen(OTHERWISE, tmp_path, "--live-patience", "5", "--live-only", "_")
    assert [entry["question"] for entry in seen if not entry["differs"]] == ["weights_delay"], printed


def test_nothing_is_created_before_the_account_is_named() -> None:
    with _endpoint(AS_MODELLED) as environment:
        ran = _run(environment, "--live", "--live-account", "999999999999")
        assert (ran.returncode, _left(environment)) == (1, [])
    assert re.search(r"about \d+ minutes, at most \$\d+\.\d\d in us-east-1", ran.stdout)
    assert "Nothing was created." in ran.stdout


def test_what_a_killed_run_left_is_removed_by_its_prefix() -> None:
    with _endpoint(AS_MODELLED) as environment:
        command = _command("--live", "--live-account", DEFAULT_ACCOUNT)
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as run:
            assert run.stdout is not None
            printed = next(line for line in run.stdout if "--live-clean" in line)
            while not any(name.endswith("-f") for name in _left(environment)):
                assert run.poll() is None
            run.send_signal(signal.SIGKILL)
        prefix = printed.split()[-1]
        _one_of_each(environment, prefix)
        assert len(_left(environment)) >= 8
        cleaned = _run(environment, "--live-clean", prefix)
        assert (cleaned.returncode, _left(environment)) == (0, []), cleaned.stdout


def test_only_a_run_s_own_prefix_is_cleaned() -> None:
    with _endpoint(AS_MODELLED) as environment:
        ran = _run(environment, "--live-clean", "my-group-")
    assert ran.returncode == 1
    assert "is no run's prefix" in ran.stdout
