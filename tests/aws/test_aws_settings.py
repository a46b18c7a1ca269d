"""reconciler/aws/settings.py: when two configurations are the same, and what never gets in."""

import json
from dataclasses import asdict

import botocore.session
import pytest
from aws_stubs import FUNCTION, SECRET, configuration
from botocore.model import StructureShape

from reconciler.aws.answers import InvalidResponse
from reconciler.aws.settings import COMPARED, NEVER_COMPARED, settings_of
from reconciler.model.errors import AwsError, ErrorKind
from reconciler.model.observed import Settings

NOT_OF_UPDATE_CONFIGURATION = {"PackageType", "Architectures"}  # set with the code, or at creation
VPC = {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1", "sg-2"], "VpcId": "vpc-1"}
NO_VPC = {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": "", "Ipv6AllowedForDualStack": False}
FILE_SYSTEM = {
    "Arn": "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-1",
    "LocalMountPath": "/mnt/a",
}
PROVIDER = "arn:aws:lambda:us-east-1:123456789012:capacity-provider:p"


def managed(memory_per_cpu: float) -> dict[str, object]:
    inner = {"CapacityProviderArn": PROVIDER, "ExecutionEnvironmentMemoryGiBPerVCpu": memory_per_cpu}
    return {"CapacityProviderConfig": {"LambdaManagedInstancesCapacityProviderConfig": inner}}


def settings(**changes: object) -> Settings:
    return settings_of(configuration(**changes), operation="GetFunction")


def differing(left: Settings, right: Settings) -> set[str]:
    return {name for (name, before), (_, after) in zip(left.fields, right.fields, strict=True) if before != after}


def model_members(shape: str) -> set[str]:
    found = botocore.session.Session().get_service_model("lambda").shape_for(shape)
    assert isinstance(found, StructureShape)
    return set(found.members)


def test_every_field_that_a_person_can_set_is_compared() -> None:
    settable = model_members("UpdateFunctionConfigurationRequest") - {"FunctionName", "RevisionId", "Description"}

    assert settable - {"Environment"} == set(COMPARED) - NOT_OF_UPDATE_CONFIGURATION


def test_every_member_of_a_configuration_is_either_compared_or_left_out_on_purpose() -> None:
    elsewhere = {"CodeSha256", "Environment"}
    output = {
        "ImageConfig" if name == "ImageConfigResponse" else name for name in model_members("FunctionConfiguration")
    }

    assert output == set(COMPARED) | NEVER_COMPARED | elsewhere


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param({"KMSKeyArn": None}, {"KMSKeyArn": ""}, id="no key"),
        pytest.param({"VpcConfig": None}, {"VpcConfig": NO_VPC}, id="a VPC that was removed"),
        pytest.param(
            {"VpcConfig": VPC},
            {"VpcConfig": {"SubnetIds": ["subnet-2", "subnet-1"], "SecurityGroupIds": ["sg-2", "sg-1"]}},
            id="VPC lists are sets, VpcId is AWS's",
        ),
        pytest.param({"VpcConfig": VPC}, {"VpcConfig": VPC | {"Ipv6AllowedForDualStack": False}}, id="no IPv6"),
        pytest.param({"Layers": None}, {"Layers": []}, id="no layers"),
        pytest.param(
            {"Layers": [{"Arn": "arn:layer:1", "CodeSize": 1}]},
            {"Layers": [{"Arn": "arn:layer:1", "CodeSize": 2, "SigningJobArn": "arn:job"}]},
            id="a layer is its ARN",
        ),
        pytest.param({"DeadLetterConfig": None}, {"DeadLetterConfig": {}}, id="no dead letters"),
        pytest.param({"DeadLetterConfig": None}, {"DeadLetterConfig": {"TargetArn": ""}}, id="no dead letter target"),
        pytest.param({"TracingConfig": None}, {"TracingConfig": {"Mode": "PassThrough"}}, id="tracing's default"),
        pytest.param({"EphemeralStorage": None}, {"EphemeralStorage": {"Size": 512}}, id="storage's default"),
        pytest.param({"FileSystemConfigs": None}, {"FileSystemConfigs": []}, id="no file systems"),
        pytest.param({"ImageConfigResponse": None}, {"ImageConfigResponse": {"ImageConfig": {}}}, id="no image config"),
        pytest.param({"ImageConfigResponse": None}, {"ImageConfigResponse": {"Error": {"ErrorCode": "x"}}}, id="error"),
        pytest.param({"SnapStart": None}, {"SnapStart": {"ApplyOn": "None"}}, id="SnapStart's default"),
        pytest.param(
            {"SnapStart": {"ApplyOn": "PublishedVersions", "OptimizationStatus": "Off"}},
            {"SnapStart": {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}},
            id="SnapStart's progress",
        ),
        pytest.param(
            {"LoggingConfig": None},
            {"LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{FUNCTION}"}},
            id="logging's default",
        ),
        pytest.param({"Architectures": None}, {"Architectures": ["x86_64"]}, id="architecture's default"),
        pytest.param({"PackageType": None}, {"PackageType": "Zip"}, id="package's default"),
        pytest.param({"Environment": None}, {"Environment": {"Variables": {}}}, id="no variables"),
        pytest.param({"Environment": None}, {"Environment": {}}, id="no environment"),
        pytest.param({"CapacityProviderConfig": None}, {"CapacityProviderConfig": {}}, id="no capacity provider"),
        pytest.param({"DurableConfig": None}, {"DurableConfig": {}}, id="not durable"),
        pytest.param(managed(2), managed(2.0), id="2 is 2.0"),
    ],
)
def test_forms_of_one_and_the_same_setting_are_equal(left: dict[str, object], right: dict[str, object]) -> None:
    assert settings(**left) == settings(**right)


CHANGES: list[tuple[str, dict[str, object], dict[str, object]]] = [
    ("Runtime", {"Runtime": "java17"}, {"Runtime": "java21"}),
    ("Runtime", {"Runtime": "java17"}, {"Runtime": None}),
    ("Handler", {"Handler": "a"}, {"Handler": "b"}),
    ("Role", {"Role": "arn:aws:iam::1:role/a"}, {"Role": "arn:aws:iam::1:role/b"}),
    ("Timeout", {"Timeout": 60}, {"Timeout": 120}),
    ("MemorySize", {"MemorySize": 256}, {"MemorySize": 512}),
    ("KMSKeyArn", {"KMSKeyArn": None}, {"KMSKeyArn": "arn:aws:kms:us-east-1:1:key/1"}),
    ("PackageType", {}, {"PackageType": "Image"}),
    ("Architectures", {}, {"Architectures": ["arm64"]}),
    ("VpcConfig", {}, {"VpcConfig": VPC}),
    ("VpcConfig", {"VpcConfig": VPC}, {"VpcConfig": VPC | {"SecurityGroupIds": ["sg-1"]}}),
    ("VpcConfig", {"VpcConfig": VPC}, {"VpcConfig": VPC | {"Ipv6AllowedForDualStack": True}}),
    ("Layers", {}, {"Layers": [{"Arn": "arn:1"}]}),
    ("Layers", {"Layers": [{"Arn": "arn:1"}, {"Arn": "arn:2"}]}, {"Layers": [{"Arn": "arn:2"}, {"Arn": "arn:1"}]}),
    ("DeadLetterConfig", {}, {"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:1:q"}}),
    ("TracingConfig", {}, {"TracingConfig": {"Mode": "Active"}}),
    ("EphemeralStorage", {}, {"EphemeralStorage": {"Size": 1024}}),
    ("FileSystemConfigs", {}, {"FileSystemConfigs": [FILE_SYSTEM]}),
    ("ImageConfig", {}, {"ImageConfigResponse": {"ImageConfig": {"Command": ["run"]}}}),
    ("SnapStart", {}, {"SnapStart": {"ApplyOn": "PublishedVersions"}}),
    ("LoggingConfig", {}, {"LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "INFO"}}),
    ("LoggingConfig", {}, {"LoggingConfig": {"LogGroup": "/elsewhere"}}),
    ("CapacityProviderConfig", {}, managed(2)),
    ("CapacityProviderConfig", managed(2), managed(4)),
    ("DurableConfig", {}, {"DurableConfig": {"ExecutionTimeout": 60}}),
    ("RuntimeConfig", {}, {"RuntimeConfig": {"RuntimeAlias": "stable"}}),
    ("AcceleratorConfig", {}, {"AcceleratorConfig": {"AcceleratorMemorySize": 16}}),
]


@pytest.mark.parametrize(("field", "left", "right"), CHANGES)
def test_a_setting_that_a_person_changed_differs_alone(
    field: str, left: dict[str, object], right: dict[str, object]
) -> None:
    assert differing(settings(**left), settings(**right)) == {field}


def test_the_rows_above_leave_out_no_compared_field() -> None:
    assert {field for field, _, _ in CHANGES} == set(COMPARED)


@pytest.mark.parametrize("member", sorted(NEVER_COMPARED - {"FunctionName"}))
def test_what_aws_moves_by_itself_makes_no_difference(member: str) -> None:
    assert settings(**{member: "something else"}) == settings()


def test_members_of_a_newer_lambda_are_ignored() -> None:
    assert settings(QuantumConfig={"Qubits": 5}) == settings()


def test_scalars_are_plain_text_and_structures_json() -> None:
    fields = dict(settings(VpcConfig=VPC).fields)

    assert (fields["Timeout"], fields["Runtime"], fields["EphemeralStorage"], fields["Layers"]) == (
        "60",
        "java17",
        "512",
        "",
    )
    assert json.loads(fields["VpcConfig"]) == {
        "SecurityGroupIds": ["sg-1", "sg-2"],
        "SubnetIds": ["subnet-1", "subnet-2"],
    }


def test_fields_are_sorted_by_name() -> None:
    names = [name for name, _ in settings().fields]

    assert names == sorted(names)


def test_a_variable_with_another_value_differs_and_with_the_same_does_not() -> None:
    before = settings(Environment={"Variables": {"B": "2", "A": "1"}}).environment
    after = settings(Environment={"Variables": {"A": "1", "B": "3"}}).environment

    assert [name for name, _ in before] == ["A", "B"]
    assert (before[0] == after[0], before[1] == after[1]) == (True, False)


def test_values_of_the_environment_are_nowhere_to_be_seen() -> None:
    kept = settings()

    assert SECRET not in repr(kept)
    assert SECRET not in json.dumps(asdict(kept))


def test_equal_fields_of_ten_thousand_functions_are_kept_once() -> None:
    assert settings().fields is settings(CodeSha256="other", Version="7").fields


def test_an_environment_that_aws_could_not_decrypt_is_unreadable_not_different() -> None:
    failure = {"ErrorCode": "AccessDeniedException", "Message": "Lambda was unable to decrypt"}
    with pytest.raises(AwsError, match=r"could not decrypt.*Lambda was unable to decrypt") as caught:
        settings(Environment={"Error": failure})

    assert (caught.value.kind, caught.value.code) == (ErrorKind.REFUSED, "AccessDeniedException")
    assert "kms:Decrypt" in (caught.value.hint or "")


@pytest.mark.parametrize("member", ["CodeSha256", "MemorySize", "FunctionName"])
def test_a_configuration_without_what_aws_always_sends_is_not_believed(member: str) -> None:
    with pytest.raises(InvalidResponse, match=member):
        settings(**{member: None})


def test_a_number_that_is_none_is_not_believed() -> None:
    with pytest.raises(InvalidResponse, match="MemorySize is not a whole number"):
        settings(MemorySize="256")


def test_what_decisions_ask_of_a_configuration() -> None:
    plain = settings()
    special = settings(
        Architectures=["arm64"],
        LoggingConfig={"LogFormat": "Text", "LogGroup": "/my/logs"},
        SnapStart={"ApplyOn": "PublishedVersions"},
        DurableConfig={"ExecutionTimeout": 60},
        TenancyConfig={"TenantIsolationMode": "PER_TENANT"},
        **managed(2),
    )

    assert (plain.architecture, plain.memory_mb, plain.log_group) == ("x86_64", 256, f"/aws/lambda/{FUNCTION}")
    assert (plain.snap_start, plain.durable, plain.managed_instances) == (False, False, False)
    assert (special.architecture, special.log_group) == ("arm64", "/my/logs")
    assert (special.snap_start, special.durable, special.managed_instances) == (True, True, True)
    assert (plain.tenant_isolated, special.tenant_isolated) == (False, True)
