"""Two lines in the file, and what called the bare function calls the alias: over the command line, doctor included."""

import json
from typing import Any

from commandline import ACCOUNT, Shell
from pasting import run_in_shell

FILE = """\
version: 1
account: "123456789012"
region: us-east-1
defaults:
  alias: live
  concurrency: 1
ions: {resize: }
"""
TWO_LINES = FILE.replace("ions:", "  permissions: mirror\n  event_sources: alias\nions:")
FN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:resize"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs"


def client(shell: Shell, service: str) -> Any:  # noqa: ANN401 - a boto3 client
    return shell.endpoint.client(service, account=ACCOUNT)


def called_by_its_bare_name(shell: Shell) -> None:
    """A queue and a bucket call the function; what fails asynchronously goes to another queue."""
    shell.seed("resize")
    functions, s3 = client(shell, "lambda"), client(shell, "s3")
    for name in ("jobs", "lost"):
        client(shell, "sqs").create_queue(QueueName=name)
    functions.create_event_source_mapping(FunctionName="resize", EventSourceArn=QUEUE, BatchSize=7)
    failures = {"OnFailure": {"Destination": QUEUE.replace("jobs", "lost")}}
    functions.put_function_event_invoke_config(FunctionName="resize", DestinationConfig=failures)
    s3.create_bucket(Bucket="uploads")
    functions.add_permission(
        FunctionName="resize",
        StatementId="uploads",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::uploads",
        SourceAccount=ACCOUNT,
    )
    mine = {"Id": "mine", "LambdaFunctionArn": FN, "Events": ["s3:ObjectCreated:*"]}
    configured = {"LambdaFunctionConfigurations": [mine]}
    s3.put_bucket_notification_configuration(Bucket="uploads", NotificationConfiguration=configured)
    shell.endpoint.clock.now += 60


def findings(shell: Shell) -> dict[str, dict[str, Any]]:
    said = json.loads(shell.reconcile("doctor", "--format", "json").out)["findings"]
    assert len({one["code"] for one in said}) == len(said)
    return {one["code"]: one for one in said if one["code"] not in {"never-used", "too-young"}}


def test_a_queue_and_a_bucket_are_moved_to_the_alias_by_two_lines_and_the_doctors_commands(shell: Shell) -> None:
    called_by_its_bare_name(shell)
    shell.file(FILE)
    assert shell.reconcile("apply", "--yes").code == 0
    assert set(findings(shell)) == {"not-allowed-on-alias", "bare-trigger", "bare-event-source"}

    shell.file(TWO_LINES)
    planned = json.loads(shell.reconcile("plan", "--format", "json", "--out", "plan.json").out)
    assert [step["op"] for step in planned["ions"][0]["steps"]] == [
        "copy_async_config",
        "add_permission",
        "move_event_source",
    ]
    shell.calls()
    assert shell.reconcile("apply", "plan.json").code == 0
    assert shell.refusals() == []
    assert sorted(shell.writes()) == [
        "AddPermission",
        "PutFunctionEventInvokeConfig",
        "UpdateEventSourceMapping",
    ]

    left = findings(shell)
    assert set(left) == {"bare-trigger"}
    assert left["bare-trigger"]["severity"] == "hint"
    run_in_shell(shell.folder, left["bare-trigger"]["commands"], shell.endpoint.url, account=ACCOUNT)
    assert findings(shell) == {}

    (mapping,) = client(shell, "lambda").list_event_source_mappings(EventSourceArn=QUEUE)["EventSourceMappings"]
    assert (mapping["FunctionArn"], mapping["BatchSize"]) == (f"{FN}:live", 7)
    bucket = client(shell, "s3").get_bucket_notification_configuration(Bucket="uploads")
    assert [one["LambdaFunctionArn"] for one in bucket["LambdaFunctionConfigurations"]] == [f"{FN}:live"]
    settings = client(shell, "lambda").get_function_event_invoke_config(FunctionName="resize", Qualifier="live")
    assert settings["DestinationConfig"]["OnFailure"]["Destination"].endswith(":lost")
    assert shell.reconcile("plan", "--detailed-exitcode").code == 0


def test_a_saved_plan_that_was_partly_applied_is_finished_by_its_file(shell: Shell) -> None:
    called_by_its_bare_name(shell)
    shell.file(FILE)
    shell.reconcile("apply", "--yes")
    shell.file(TWO_LINES)
    shell.reconcile("plan", "--out", "plan.json")
    (mapping,) = client(shell, "lambda").list_event_source_mappings()["EventSourceMappings"]
    client(shell, "lambda").update_event_source_mapping(UUID=mapping["UUID"], FunctionName="resize:live")
    shell.endpoint.clock.now += 60

    assert shell.reconcile("apply", "plan.json").code == 0
    assert shell.reconcile("plan", "--detailed-exitcode").code == 0


def test_a_saved_plan_does_not_allow_a_caller_that_came_later(shell: Shell) -> None:
    called_by_its_bare_name(shell)
    shell.file(TWO_LINES)
    shell.reconcile("plan", "--out", "plan.json")
    client(shell, "lambda").add_permission(
        FunctionName="resize", StatementId="late", Action="lambda:InvokeFunction", Principal="*"
    )

    shell.calls()

    assert shell.reconcile("apply", "plan.json").code == 3
    assert shell.writes() == []


def test_more_than_ten_mappings_are_refused_until_they_are_allowed(shell: Shell) -> None:
    called_by_its_bare_name(shell)
    for number in range(10):
        client(shell, "sqs").create_queue(QueueName=f"q{number}")
        source = f"{QUEUE.removesuffix('jobs')}q{number}"
        client(shell, "lambda").create_event_source_mapping(FunctionName="resize", EventSourceArn=source)
    shell.endpoint.clock.now += 60
    shell.file(TWO_LINES)

    refused = shell.reconcile("apply", "--yes")
    assert refused.code == 3
    assert "moves-callers" in refused.out
    assert shell.reconcile("apply", "--yes", "--allow", "moves-callers").code == 0
    rows = client(shell, "lambda").list_event_source_mappings()["EventSourceMappings"]
    assert {row["FunctionArn"] for row in rows} == {f"{FN}:live"}
