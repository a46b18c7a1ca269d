"""Updates of `$LATEST`, publishing, and what a version is."""

from typing import Any

import pytest
from lambda_world import FN, UPDATE, World

from reconciler.sandbox.control_plane import Behaviour, Publishing


def test_an_update_is_in_progress_and_then_settles_with_another_revision() -> None:
    world = World(update=UPDATE)
    answer = world("UpdateFunctionConfiguration", Timeout=9)
    assert answer["LastUpdateStatus"] == "InProgress"
    world.wait(UPDATE - 1)
    assert world("GetFunction")["Configuration"]["RevisionId"] == answer["RevisionId"]
    world.wait(1)
    settled = world("GetFunction")["Configuration"]
    assert settled["LastUpdateStatus"] == "Successful"
    assert settled["RevisionId"] != answer["RevisionId"]
    assert "LastUpdateStatusReason" not in settled


def test_a_second_update_and_a_publish_wait_for_the_first() -> None:
    world = World(update=UPDATE)
    world("UpdateFunctionConfiguration", Timeout=9)
    busy = f"The operation cannot be performed at this time. An update is in progress for resource: {FN}:f"
    assert world.words("UpdateFunctionConfiguration", Timeout=10) == busy
    assert world.words("PublishVersion") == busy
    world.wait(UPDATE)
    assert world("PublishVersion")["Version"] == "2"


def test_publishing_during_an_update_may_be_allowed() -> None:
    world = World(Behaviour(publishing_during_update=Publishing.ALLOWED), update=UPDATE)
    world("UpdateFunctionConfiguration", Timeout=9)
    assert world("PublishVersion")["Timeout"] == 9


@pytest.mark.parametrize(("publishes", "version"), [(False, "1"), (True, "2")])
def test_whether_identical_values_make_a_version_is_a_switch(publishes: bool, version: str) -> None:  # noqa: FBT001
    world = World(Behaviour(identical_update_publishes=publishes))
    world("UpdateFunctionConfiguration", Timeout=world("GetFunctionConfiguration")["Timeout"])
    assert world("PublishVersion")["Version"] == version
    assert world("PublishVersion")["Version"] == version


def test_only_the_last_version_counts_when_nothing_changed() -> None:
    world = World()
    first = world("GetFunctionConfiguration")["Timeout"]
    assert world.deploy(Timeout=50) == "2"
    assert world.deploy(Timeout=first) == "3"


def test_a_publish_without_change_answers_the_last_version_as_it_is() -> None:
    world = World()
    latest, version = world.revision(), world.revision("1")
    answer = world("PublishVersion", Description="another")
    assert (answer["Version"], answer["Description"]) == ("1", "")
    assert (world.revision(), world.revision("1")) == (latest, version)


def test_a_number_is_not_used_again() -> None:
    world = World()
    second = world.deploy(Timeout=50)
    world("DeleteFunction", Qualifier=second)
    assert world("PublishVersion")["Version"] == "3"


def test_a_version_does_not_change_with_latest() -> None:
    world = World()
    before = world("GetFunction", Qualifier="1")["Configuration"]
    world("UpdateFunctionConfiguration", Timeout=50, Environment={"Variables": {"aa": "b"}})
    assert world("GetFunction", Qualifier="1")["Configuration"] == before


def test_the_revision_of_a_publish_must_be_that_of_latest_now() -> None:
    world = World()
    stale = world.revision()
    world("UpdateFunctionConfiguration", Timeout=50)
    refusal = world.refusal("PublishVersion", RevisionId=stale)
    assert (refusal.status, refusal.code) == (412, "PreconditionFailedException")
    assert world("PublishVersion", RevisionId=world.revision())["Version"] == "2"
    assert world.refusal("UpdateFunctionConfiguration", RevisionId=stale).status == 412


def test_a_new_version_may_be_pending_for_a_while() -> None:
    world = World(pending=5.0)
    assert world("GetFunction", Qualifier="1")["Configuration"]["State"] == "Pending"
    world.wait(5)
    configuration = world("GetFunction", Qualifier="1")["Configuration"]
    assert (configuration["State"], configuration["LastUpdateStatus"]) == ("Active", "Successful")


def test_becoming_active_does_not_change_a_versions_revision() -> None:
    world = World(pending=5.0)
    before = world.revision("1")
    world.wait(5)
    assert world.revision("1") == before


def test_snap_start_shows_on_a_version_and_keeps_it_pending() -> None:
    world = World(snap_start=60.0)
    number = world.deploy(SnapStart={"ApplyOn": "PublishedVersions"})
    version = world("GetFunctionConfiguration", Qualifier=number)
    assert (version["State"], version["SnapStart"]["OptimizationStatus"]) == ("Pending", "On")
    assert world("GetFunctionConfiguration")["SnapStart"] == {
        "ApplyOn": "PublishedVersions",
        "OptimizationStatus": "Off",
    }
    world.wait(60)
    assert world("GetFunctionConfiguration", Qualifier=number)["State"] == "Active"


def test_an_update_of_code_that_publishes_answers_a_pending_version() -> None:
    world = World(update=UPDATE)
    answer = world("UpdateFunctionCode", S3Bucket="bucket", S3Key="new.zip", Publish=True)
    assert (answer["Version"], answer["FunctionArn"], answer["State"]) == ("2", f"{FN}:f:2", "Pending")
    assert "LastUpdateStatus" not in answer
    assert world("GetFunctionConfiguration")["LastUpdateStatus"] == "InProgress"
    world.wait(UPDATE)
    assert world("GetFunctionConfiguration", Qualifier="2")["LastUpdateStatus"] == "Successful"
    assert world.revision("2") == answer["RevisionId"]


@pytest.mark.parametrize("keeps", [False, True])
def test_whether_a_version_takes_over_the_time_of_latest_is_a_switch(keeps: bool) -> None:  # noqa: FBT001
    world = World(Behaviour(version_keeps_modified=keeps))
    world("UpdateFunctionConfiguration", Timeout=50)
    world.wait(60)
    version = world("PublishVersion")["LastModified"]
    assert (version == world("GetFunctionConfiguration")["LastModified"]) is keeps


def test_code_is_told_by_its_hash_alone() -> None:
    world = World()
    before = world("GetFunctionConfiguration")["CodeSha256"]
    world("UpdateFunctionCode", S3Bucket="bucket", S3Key="new.zip")
    after = world("GetFunctionConfiguration")["CodeSha256"]
    assert after != before
    world("UpdateFunctionCode", S3Bucket="bucket", S3Key="new.zip")
    assert world("GetFunctionConfiguration")["CodeSha256"] == after


def test_an_update_of_code_that_publishes_nothing_new_answers_the_last_version() -> None:
    world = World()
    world("UpdateFunctionCode", S3Bucket="bucket", S3Key="new.zip", Publish=True)
    assert world("UpdateFunctionCode", S3Bucket="bucket", S3Key="new.zip", Publish=True)["Version"] == "2"


def test_a_dry_run_changes_nothing() -> None:
    world = World()
    before = world.plane.snapshot()
    answer = world("UpdateFunctionCode", S3Bucket="bucket", S3Key="new.zip", DryRun=True)
    assert answer["CodeSha256"] != world("GetFunctionConfiguration")["CodeSha256"]
    assert world.plane.snapshot() == before


def test_a_zip_function_does_not_become_an_image() -> None:
    words = World().words("UpdateFunctionCode", ImageUri="123456789012.dkr.ecr.us-east-1.amazonaws.com/x:1")
    assert words == "Please don't provide ImageUri when updating a function with packageType Zip."


@pytest.mark.parametrize(
    ("given", "member", "answered"),
    [
        ({"Environment": {"Variables": {"aa": "b"}}}, "Environment", {"Variables": {"aa": "b"}}),
        ({"DeadLetterConfig": {"TargetArn": ""}}, "DeadLetterConfig", None),
        ({"KMSKeyArn": ""}, "KMSKeyArn", None),
        ({"Layers": []}, "Layers", None),
        ({"ImageConfig": {"Command": ["x"]}}, "ImageConfigResponse", {"ImageConfig": {"Command": ["x"]}}),
        (
            {"VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []}},
            "VpcConfig",
            {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": "", "Ipv6AllowedForDualStack": False},
        ),
        (
            {"LoggingConfig": {"LogFormat": "JSON"}},
            "LoggingConfig",
            {
                "LogFormat": "JSON",
                "LogGroup": "/aws/lambda/f",
                "ApplicationLogLevel": "INFO",
                "SystemLogLevel": "INFO",
            },
        ),
    ],
)
def test_a_setting_is_answered_as_aws_writes_it(given: dict[str, Any], member: str, answered: object) -> None:
    world = World()
    world("UpdateFunctionConfiguration", **given)
    assert world("GetFunctionConfiguration").get(member) == answered
