"""`prune`: what always stays, how many stay beside that, what AWS refuses, and that nothing goes without a yes."""

import json
from typing import Any

import pytest
from commandline import Shell

DAY = 86_400
FILE = """
version: 1
defaults: {alias: live}
groups:
  prod: {region: us-east-1, ions: {f: {concurrency: 1}}}
"""
NAME = "prod-f"


@pytest.fixture
def grown(shell: Shell) -> Shell:
    """Eight versions, two days old; the alias is on 8 and came from 7."""
    shell.file(FILE)
    shell.seed(NAME)
    for timeout in range(10, 18):
        shell.deploy(NAME, Timeout=timeout)
        assert shell.reconcile("apply", "--yes").code == 0
    shell.endpoint.clock.advance(2 * DAY)
    shell.calls()
    return shell


def versions(shell: Shell) -> list[int]:
    rows = shell.client().list_versions_by_function(FunctionName=NAME)["Versions"]
    shell.calls()
    return [int(row["Version"]) for row in rows if row["Version"] != "$LATEST"]


def ion(ran_out: str) -> dict[str, Any]:
    (only,) = json.loads(ran_out)["ions"]
    return dict(only)


def test_the_newest_stay_beside_what_is_in_use_and_the_oldest_go_first(grown: Shell) -> None:
    ran = grown.reconcile("prune", "--keep", "2", "--yes")
    assert ran.code == 0, ran.err
    assert versions(grown) == [5, 6, 7, 8]

    assert grown.reconcile("prune", "--keep", "2", "--yes").code == 0
    assert not grown.writes(), "a second prune finds nothing"
    assert grown.reconcile("prune", "--keep", "0", "--yes").code == 0
    assert versions(grown) == [7, 8]
    assert grown.reconcile("plan", "--detailed-exitcode").code == 0


def test_the_file_may_say_how_many(grown: Shell) -> None:
    grown.file(FILE.replace("defaults: {", "defaults: {keep_versions: 3, "))
    assert grown.reconcile("prune", "--yes").code == 0
    assert versions(grown) == [4, 5, 6, 7, 8]
    assert grown.reconcile("prune", "--keep", "0", "--yes").code == 0
    assert versions(grown) == [7, 8]


def test_where_nobody_says_how_many_it_is_a_usage_error(grown: Shell) -> None:
    ran = grown.reconcile("prune", "--yes")
    assert ran.code == 1
    assert "nobody says how many versions to keep" in ran.err
    assert not grown.calls()


def test_whatever_holds_a_version_keeps_it(grown: Shell) -> None:
    client, f = grown.client(), {"FunctionName": NAME}
    client.create_alias(**f, Name="old", FunctionVersion="1")
    client.create_alias(**f, Name="split", FunctionVersion="8", RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}})
    client.put_provisioned_concurrency_config(**f, Qualifier="3", ProvisionedConcurrentExecutions=1)
    client.add_permission(
        **f, Qualifier="4", StatementId="s", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
    )
    client.put_function_event_invoke_config(**f, Qualifier="5", MaximumRetryAttempts=0)
    grown.file("region: us-east-1\n" + FILE + "ions: {prod-f: {alias: six, version: 6, concurrency: 0}}\n")
    client.create_alias(**f, Name="six", FunctionVersion="6")
    client.delete_alias(**f, Name="six")
    grown.endpoint.clock.advance(300)
    grown.calls()

    ran = grown.reconcile("prune", "--keep", "0", "--yes", "--format", "json")
    assert not grown.writes()
    assert versions(grown) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert ran.code == 0, ran.out


def test_a_version_that_a_mapping_names_stays(grown: Shell) -> None:
    queue = grown.endpoint.client("sqs", account="123456789012")
    url = queue.create_queue(QueueName="q")["QueueUrl"]
    arn = queue.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    grown.client().create_event_source_mapping(EventSourceArn=arn, FunctionName=f"{NAME}:2")
    assert grown.reconcile("prune", "--keep", "0", "--yes").code == 0
    assert versions(grown) == [2, 7, 8]


def test_versions_younger_than_a_day_stay(grown: Shell) -> None:
    grown.deploy(NAME, Timeout=50)
    grown.client().publish_version(FunctionName=NAME)
    grown.deploy(NAME, Timeout=51)
    grown.client().publish_version(FunctionName=NAME)
    grown.deploy(NAME, Timeout=52)
    grown.client().publish_version(FunctionName=NAME)
    assert grown.reconcile("prune", "--keep", "0", "--yes").code == 0
    assert versions(grown) == [7, 8, 9, 10, 11]


def test_where_a_rollback_came_from_stays(grown: Shell) -> None:
    assert grown.reconcile("rollback", NAME, "--to", "3", "--yes").code == 0
    assert grown.reconcile("prune", "--keep", "0", "--yes").code == 0
    assert versions(grown) == [3, 7, 8]
    assert json.loads(grown.reconcile("plan", "--format", "json").out)["summary"]["in_sync"] == 1


def test_what_is_to_go_is_shown_and_asked_about(grown: Shell) -> None:
    ran = grown.reconcile("prune", "--keep", "3")
    assert ran.code == 3
    said = " ".join(ran.out.split())
    assert "versions 8 → 5" in said
    assert "deletes 1-3; stay: 7 (the mark of alias live), 8 (alias live), and the newest beside them: 4-6" in said
    assert versions(grown) == [1, 2, 3, 4, 5, 6, 7, 8]

    shown = grown.reconcile("prune", "--keep", "3", "--format", "json")
    assert shown.code == 3
    document = json.loads(shown.out)
    assert document["command"] == "prune"
    assert [step["version"] for step in ion(shown.out)["steps"]] == ["1", "2", "3"]
    assert {step["op"] for step in ion(shown.out)["steps"]} == {"delete_version"}
    assert grown.reconcile("prune", "--keep", "3", "--expect", "sha256:no").code == 3
    assert grown.reconcile("prune", "--keep", "3", "--expect", document["digest"]).code == 0
    assert versions(grown) == [4, 5, 6, 7, 8]
