"""The sandbox in this process: sessions that reach neither the network nor anybody's credentials."""

import io
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from sandbox_clock import Clock

from reconciler.model.desired import Config, ConnectionSettings, Desired, FollowLatest, Limits
from reconciler.sandbox import open_sandbox
from reconciler.sandbox.control_plane import Timing
from reconciler.sandbox.embedded import Sandbox, embedded


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    def refuse(*_anything: object) -> None:
        raise AssertionError("the network was reached")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with embedded(clock=clock, timing=Timing(allocation=90.0)) as sandbox:
        yield sandbox


def test_each_session_is_of_the_account_that_was_asked_for(sandbox: Sandbox) -> None:
    for account in ("111111111111", "222222222222"):
        assert sandbox.session(account).client("sts").get_caller_identity()["Account"] == account
    assert sandbox.session().client("sts").get_caller_identity()["Account"] == "123456789012"
    assert sandbox.session().region_name == "us-east-1"


def test_profiles_endpoints_and_roles_of_the_environment_are_ignored(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "config"
    broken.write_text("[[[")
    for name, value in {
        "AWS_PROFILE": "missing",
        "AWS_CONFIG_FILE": str(broken),
        "AWS_SHARED_CREDENTIALS_FILE": str(broken),
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_REGION": "eu-west-3",
        "AWS_DEFAULT_REGION": "eu-west-3",
        "AWS_ACCESS_KEY_ID": "AKIA999999999999",
        "AWS_SECRET_ACCESS_KEY": "hush",
        "AWS_SESSION_TOKEN": "hush",
    }.items():
        monkeypatch.setenv(name, value)
    identity = sandbox.session("111111111111").client("sts").get_caller_identity()
    assert identity["Account"] == "111111111111"
    sandbox.seed(_config(ConnectionSettings(account="111111111111")))
    arn = (
        sandbox.session("111111111111").client("lambda").get_function(FunctionName="f")["Configuration"]["FunctionArn"]
    )
    assert arn == "arn:aws:lambda:us-east-1:111111111111:function:f"


def test_a_seeded_function_is_as_ion_deploy_leaves_it(sandbox: Sandbox) -> None:
    sandbox.seed(_config(ConnectionSettings()))
    function = sandbox.session().client("lambda").get_function(FunctionName="f")
    configuration = function["Configuration"]
    assert function["Concurrency"] == {"ReservedConcurrentExecutions": 20}
    assert (configuration["MemorySize"], configuration["Timeout"]) == (256, 60)
    assert (configuration["State"], configuration["LastUpdateStatus"]) == ("Active", "Successful")
    assert configuration["Runtime"].startswith("java")


def test_roles_are_ignored_when_seeding(sandbox: Sandbox) -> None:
    sandbox.seed(_config(ConnectionSettings(role_arn="arn:aws:iam::222222222222:role/r", region="eu-west-1")))
    assert sandbox.session(region="eu-west-1").client("lambda").get_function(FunctionName="f")


def test_seeding_again_leaves_a_function_as_it_is(sandbox: Sandbox) -> None:
    sandbox.seed(_config(ConnectionSettings()))
    client = sandbox.session().client("lambda")
    before = client.update_function_configuration(FunctionName="f", Timeout=30)["RevisionId"]
    sandbox.seed(_config(ConnectionSettings()))
    after = client.get_function_configuration(FunctionName="f")
    assert (after["Timeout"], after["RevisionId"] != "") == (30, before != "")


def test_provisioned_concurrency_comes_up_on_the_clock(sandbox: Sandbox, clock: Clock) -> None:
    sandbox.seed(_config(ConnectionSettings()))
    client = sandbox.session().client("lambda")
    client.publish_version(FunctionName="f")
    client.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    client.put_provisioned_concurrency_config(FunctionName="f", Qualifier="live", ProvisionedConcurrentExecutions=2)
    read = {"FunctionName": "f", "Qualifier": "live"}
    assert client.get_provisioned_concurrency_config(**read)["Status"] == "IN_PROGRESS"
    clock.advance(90.0)
    assert client.get_provisioned_concurrency_config(**read)["Status"] == "READY"


def test_application_auto_scaling_is_of_one_account_and_region_and_changes_lambdas_number(sandbox: Sandbox) -> None:
    sandbox.seed(_config(ConnectionSettings(account="111111111111", region="eu-west-1")))
    session = sandbox.session("111111111111", "eu-west-1")
    functions, scaling = session.client("lambda"), session.client("application-autoscaling")
    functions.publish_version(FunctionName="f")
    functions.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    scaling.register_scalable_target(
        ServiceNamespace="lambda",
        ResourceId="function:f:live",
        ScalableDimension="lambda:function:ProvisionedConcurrency",
        MinCapacity=1,
        MaxCapacity=5,
    )
    found = scaling.describe_scalable_targets(ServiceNamespace="lambda")["ScalableTargets"]
    assert [(item["ResourceId"], item["MinCapacity"]) for item in found] == [("function:f:live", 1)]
    warm = functions.get_provisioned_concurrency_config(FunctionName="f", Qualifier="live")
    assert warm["RequestedProvisionedConcurrentExecutions"] == 1
    elsewhere = sandbox.session("222222222222", "eu-west-1").client("application-autoscaling")
    assert elsewhere.describe_scalable_targets(ServiceNamespace="lambda")["ScalableTargets"] == []


def test_cloudwatch_and_s3_answer_too(sandbox: Sandbox) -> None:
    assert sandbox.session().client("cloudwatch").list_metrics()["Metrics"] == []
    s3 = sandbox.session().client("s3")
    s3.create_bucket(Bucket="code")
    s3.put_object(Bucket="code", Key="a/b c", Body=io.BytesIO(b"zip"))
    with s3.get_object(Bucket="code", Key="a/b c")["Body"] as body:
        assert body.read() == b"zip"


def test_a_new_sandbox_remembers_nothing(clock: Clock) -> None:
    with embedded(_config(ConnectionSettings()), clock=clock) as first:
        first.session().client("events").create_event_bus(Name="bus")
        assert first.session().client("lambda").get_function(FunctionName="f")
    with embedded(clock=clock) as second:
        names = [bus["Name"] for bus in second.session().client("events").list_event_buses()["EventBuses"]]
        assert names == ["default"]
        with pytest.raises(ClientError):
            second.session().client("lambda").get_function(FunctionName="f")


def test_the_journal_of_a_sandbox_is_kept(sandbox: Sandbox) -> None:
    sandbox.session().client("lambda").get_account_settings()
    assert [(entry.service, entry.operation, entry.status) for entry in sandbox.calls] == [
        ("lambda", "GetAccountSettings", 200)
    ]


def test_open_sandbox_runs_on_the_real_clock_and_is_seeded() -> None:
    with open_sandbox(_config(ConnectionSettings(account="111111111111"))) as sandbox:
        assert sandbox.session("111111111111").client("lambda").get_function(FunctionName="f")


def _config(connection: ConnectionSettings) -> Config:
    ion = Desired(connection, None, "f", "live", FollowLatest(), 1)
    return Config("warm.yaml", (ion,), Limits(), {})
