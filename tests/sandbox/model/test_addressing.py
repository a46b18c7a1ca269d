"""FunctionName in its forms, what is not found, and the shape of requests: the gates before every rule."""

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest
from lambda_world import ACCOUNT, FN, REGION, World

from reconciler.sandbox.control_plane import ApiError, ControlPlane, UnknownOperation
from reconciler.sandbox.control_plane.plane import OPERATIONS
from reconciler.sandbox.control_plane.shapes import violations

MISMATCH = "The derived qualifier from the function name does not match the specified qualifier."


@pytest.mark.parametrize("prefix", ["", "function:", f"{ACCOUNT}:function:", f"{FN}:"])
@pytest.mark.parametrize("qualifier", [None, "1", "$LATEST", "a"])
def test_a_function_is_found_by_every_form_of_its_name(prefix: str, qualifier: str | None) -> None:
    world = World()
    world.alias()
    suffix = "" if qualifier is None else f":{qualifier}"
    configuration = world("GetFunction", FunctionName=f"{prefix}f{suffix}")["Configuration"]
    assert configuration["FunctionArn"] == f"{FN}:f{suffix}"
    assert (
        configuration
        == world("GetFunction", **({} if qualifier is None else {"Qualifier": qualifier}))["Configuration"]
    )


def test_a_suffix_may_repeat_the_qualifier_and_not_contradict_it() -> None:
    world = World()
    assert world("GetFunction", FunctionName="f:1", Qualifier="1")["Configuration"]["Version"] == "1"
    assert world.words("GetFunction", FunctionName="f:1", Qualifier="2") == MISMATCH
    assert world.words("GetFunction", FunctionName="none:1", Qualifier="2") == MISMATCH


def test_other_regions_and_accounts_are_out_of_reach() -> None:
    world = World()
    elsewhere = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"
    refusal = world.refusal("GetFunction", FunctionName=elsewhere)
    assert (refusal.status, refusal.message) == (
        404,
        f"Functions from 'eu-west-1' are not reachable in this region ('{REGION}')",
    )
    foreign = world.refusal("GetFunction", FunctionName="222222222222:function:f")
    assert (foreign.status, foreign.code) == (403, "AccessDeniedException")


@pytest.mark.parametrize(
    ("operation", "params", "words"),
    [
        ("GetFunction", {}, f"Function not found: {FN}:g"),
        ("GetFunction", {"Qualifier": "a"}, f"Function not found: {FN}:g:a"),
        ("GetFunctionConfiguration", {"Qualifier": "9"}, f"Function not found: {FN}:g:9"),
        ("ListVersionsByFunction", {}, f"Function not found: {FN}:g"),
        ("GetAlias", {"Name": "a"}, f"Cannot find alias arn: {FN}:g:a"),
        ("UpdateAlias", {"Name": "a"}, f"Alias not found: {FN}:g:a"),
        ("CreateAlias", {"Name": "a", "FunctionVersion": "1"}, f"Function not found: {FN}:g:1"),
        ("DeleteFunction", {}, f"Function not found: {FN}:g"),
        ("DeleteFunction", {"Qualifier": "1233"}, f"Function not found: {FN}:g"),
        ("PutFunctionConcurrency", {"ReservedConcurrentExecutions": 1}, f"Function not found: {FN}:g:$LATEST"),
        ("GetFunctionConcurrency", {}, f"Function not found: {FN}:g"),
        ("ListProvisionedConcurrencyConfigs", {}, f"Function not found: {FN}:g"),
        ("GetProvisionedConcurrencyConfig", {"Qualifier": "a"}, f"Cannot find alias arn: {FN}:g:a"),
        ("DeleteProvisionedConcurrencyConfig", {"Qualifier": "1"}, f"Function not found: {FN}:g:1"),
    ],
)
def test_what_is_said_of_a_missing_function(operation: str, params: dict[str, Any], words: str) -> None:
    refusal = World().refusal(operation, FunctionName="g", **params)
    assert refusal.body() == {"Type": "User", "Message": words}
    assert refusal.status == 404


@pytest.mark.parametrize(
    ("qualifier", "words"),
    [
        ("$LATEST", "$LATEST version cannot be deleted without deleting the function."),
        ("a", "Deletion of aliases is not currently supported."),
    ],
)
def test_what_can_never_be_deleted_is_refused_whether_it_exists_or_not(qualifier: str, words: str) -> None:
    world = World()
    for name in ("f", "doesnotexist"):
        assert world.words("DeleteFunction", FunctionName=name, Qualifier=qualifier) == words


def test_latest_published_is_unknown() -> None:
    world = World()
    words = f"Function not found: {FN}:f:$LATEST.PUBLISHED"
    assert world.words("GetFunction", Qualifier="$LATEST.PUBLISHED") == words
    assert world.words("CreateAlias", Name="b", FunctionVersion="$LATEST.PUBLISHED") == words


def test_all_shape_errors_come_in_one_message_before_anything_else() -> None:
    refusal = World().refusal("CreateAlias", FunctionName="g!", Name="2024", FunctionVersion="x")
    assert (refusal.code, refusal.type_) == ("ValidationException", None)
    assert str(refusal.message).startswith("3 validation errors detected: Value 'g!' at 'functionName' failed")
    assert str(refusal.message).count("; Value '") == 2


@pytest.mark.parametrize(
    ("operation", "params", "words"),
    [
        (
            "CreateAlias",
            {"Name": "a", "FunctionVersion": "1", "Description": "x" * 257},
            (
                f"Value '{'x' * 257}' at 'description' failed to satisfy constraint: "
                "Member must have length less than or equal to 256"
            ),
        ),
        (
            "CreateAlias",
            {"Name": "a"},
            "Value null at 'functionVersion' failed to satisfy constraint: Member must not be null",
        ),
        (
            "CreateAlias",
            {"Name": "a", "FunctionVersion": "1", "RoutingConfig": {"AdditionalVersionWeights": {"$LATEST": 0.5}}},
            (
                "Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: "
                "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, "
                "Member must have length greater than or equal to 1, "
                "Member must satisfy regular expression pattern: [0-9]+]"
            ),
        ),
        (
            "UpdateFunctionCode",
            {"Architectures": ["X86_64"]},
            (
                "Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: "
                "[Member must satisfy enum value set: [x86_64, arm64], Member must not be null]"
            ),
        ),
        (
            "UpdateFunctionCode",
            {"Architectures": ["x86_64", "arm64"]},
            (
                "Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: "
                "Member must have length less than or equal to 1"
            ),
        ),
        (
            "UpdateFunctionConfiguration",
            {"VpcConfig": {"SubnetIds": ["bad"]}},
            (
                "Value '[bad]' at 'vpcConfig.subnetIds' failed to satisfy constraint: "
                "Member must satisfy constraint: "
                "[Member must have length less than or equal to 1024, "
                "Member must have length greater than or equal to 0, "
                "Member must satisfy regular expression pattern: subnet-[0-9a-z]*]"
            ),
        ),
        (
            "UpdateFunctionConfiguration",
            {"SnapStart": {"ApplyOn": "invalidOption"}},
            (
                "Value 'invalidOption' at 'snapStart.applyOn' failed to satisfy constraint: "
                "Member must satisfy enum value set: [PublishedVersions, None]"
            ),
        ),
    ],
)
def test_a_shape_is_judged_in_aws_words(operation: str, params: dict[str, Any], words: str) -> None:
    assert violations(operation, {"FunctionName": "f", **params}) == (words,)


def test_what_is_wrong_inside_a_list_of_structures_is_told_by_its_position() -> None:
    given = {"FunctionName": "f", "FileSystemConfigs": [{"Arn": "bad", "LocalMountPath": "/mnt/x"}]}
    (words,) = violations("UpdateFunctionConfiguration", given)
    assert words.startswith("Value 'bad' at 'fileSystemConfigs.1.member.arn' failed to satisfy constraint: Member must")


def test_environment_values_are_in_no_message_about_shapes() -> None:
    params = {"FunctionName": "f", "Environment": {"Variables": {"not a name": "hunter2"}}}
    assert "hunter2" not in "".join(violations("UpdateFunctionConfiguration", params))


def test_a_value_of_another_type_is_refused() -> None:
    refusal = World().refusal("UpdateFunctionConfiguration", Timeout="nine")
    assert (refusal.status, refusal.code) == (400, "SerializationException")


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_every_operation_has_a_shape_to_judge_by(operation: str) -> None:
    assert isinstance(violations(operation, {}), tuple)


def test_an_operation_that_the_model_lacks_can_be_told() -> None:
    assert not ControlPlane.supports("Invoke")
    with pytest.raises(UnknownOperation):
        World().plane.call("Invoke", {"FunctionName": "f"})


def created(**more: object) -> Mapping[str, object]:
    return {
        "FunctionName": "new",
        "Role": f"arn:aws:iam::{ACCOUNT}:role/r",
        "Code": {"S3Bucket": "bucket", "S3Key": "code.zip"},
        "Runtime": "python3.12",
        "Handler": "a.b",
        **more,
    }


def test_a_created_function_is_pending_and_then_active_with_another_revision() -> None:
    world = World(update=10.0)
    answer = world("CreateFunction", **created(Tags={"team": "x"}))
    assert (answer["State"], answer["Version"], answer["FunctionArn"]) == ("Pending", "$LATEST", f"{FN}:new")
    assert "LastUpdateStatus" not in answer
    assert world.refusal("UpdateFunctionConfiguration", FunctionName="new", Timeout=5).status == 409
    world.wait(10)
    found = world("GetFunction", FunctionName="new")
    assert (found["Configuration"]["State"], found["Tags"]) == ("Active", {"team": "x"})
    assert found["Configuration"]["RevisionId"] != answer["RevisionId"]


def test_a_function_created_with_publish_has_version_1() -> None:
    world = World()
    answer = world("CreateFunction", **created(Publish=True))
    assert (answer["Version"], answer["FunctionArn"]) == ("1", f"{FN}:new")
    versions = world("ListVersionsByFunction", FunctionName="new")["Versions"]
    assert [version["Version"] for version in versions] == ["$LATEST", "1"]
    assert world("PublishVersion", FunctionName="new")["Version"] == "1"


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ({"FunctionName": "f"}, "ResourceConflictException", "Function already exist: f"),
        (
            {"FunctionName": "a" * 65},
            "InvalidParameterValueException",
            (
                f"1 validation error detected: Value '{'a' * 65}' at 'functionName' failed to satisfy constraint: "
                "Member must have length less than or equal to 64"
            ),
        ),
        (
            {"Handler": None},
            "InvalidParameterValueException",
            "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
        ),
        ({"Code": {}}, "InvalidParameterValueException", "Please provide a source for function code."),
        (
            {"Code": {"ZipFile": b"no zip"}},
            "InvalidParameterValueException",
            "Could not unzip uploaded file. Please check your file, then try to upload again.",
        ),
    ],
)
def test_what_create_function_refuses(more: dict[str, Any], code: str, words: str) -> None:
    refusal = World().refusal("CreateFunction", **created(**more))
    assert (refusal.code, refusal.message) == (code, words)


def test_a_zip_file_is_told_by_its_content() -> None:
    world, package = World(), io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("a.py", "b = 1")
    content = package.getvalue()
    answer = world("CreateFunction", **{**created(), "Code": {"ZipFile": content}})
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert (answer["CodeSha256"], answer["CodeSize"]) == (digest, len(content))


def test_an_environment_holds_4_kb() -> None:
    world = World()
    fits = 4096 - len('{"LARGE":""}')
    world("UpdateFunctionConfiguration", Environment={"Variables": {"LARGE": "x" * fits}})
    refusal = world.refusal("UpdateFunctionConfiguration", Environment={"Variables": {"LARGE": "x" * (fits + 1)}})
    assert str(refusal.message).startswith("Lambda was unable to configure your environment variables because the")


def test_deleting_a_function_takes_all_of_it_and_its_name_is_free_again() -> None:
    world = World()
    world.warm_alias()
    before = world.revision("1")
    world("DeleteFunction")
    assert world.plane.snapshot() == {}
    world.plane.seed("f")
    assert world("PublishVersion")["Version"] == "1"
    assert world.revision("1") != before
    assert world("ListAliases") == {"Aliases": []}


def test_an_unknown_runtime_is_refused_by_lambda_itself() -> None:
    refusal = World().refusal("CreateFunction", **created(Runtime="PYTHON3.9"))
    assert refusal.code == "InvalidParameterValueException"
    assert str(refusal.message).startswith("Value PYTHON3.9 at 'runtime' failed to satisfy constraint: Member must")


def test_an_image_is_answered_by_its_address_and_digest() -> None:
    world = World()
    uri = "111111111111.dkr.ecr.us-east-1.amazonaws.com/x:1"
    world("CreateFunction", **{**created(), "Code": {"ImageUri": uri}, "PackageType": "Image"})
    found = world("GetFunction", FunctionName="new")
    assert found["Code"]["ImageUri"] == uri
    assert found["Code"]["ResolvedImageUri"].endswith(f"x@sha256:{found['Configuration']['CodeSha256']}")


def test_lists_come_in_pages_and_without_states() -> None:
    world = World()
    for number in range(60):
        world.plane.seed(f"g-{number:02}")
    first = world.plane.call("ListFunctions", {}).body
    assert first is not None
    rest = world.plane.call("ListFunctions", {"Marker": first["NextMarker"]}).body
    assert rest is not None
    assert "NextMarker" not in rest
    names = [each["FunctionName"] for body in (first, rest) for each in body["Functions"]]  # type: ignore[attr-defined]
    assert names == ["f", *(f"g-{number:02}" for number in range(60))]
    assert all("State" not in each for each in first["Functions"])  # type: ignore[attr-defined]


def test_aliases_are_listed_by_version_and_page() -> None:
    world = World()
    for name in ("x", "y", "z"):
        world("CreateAlias", Name=name, FunctionVersion="1")
    page = world("ListAliases", MaxItems=2)
    assert [alias["Name"] for alias in page["Aliases"]] == ["x", "y"]
    assert [alias["Name"] for alias in world("ListAliases", Marker=page["NextMarker"])["Aliases"]] == ["z"]
    assert world("ListAliases", FunctionVersion="$LATEST") == {"Aliases": []}


def test_a_seeded_function_may_be_unwell() -> None:
    world = World()
    world.plane.seed("sick", State="Inactive", StateReasonCode="Idle", ReservedConcurrentExecutions=20)
    found = world("GetFunction", FunctionName="sick")
    assert (found["Configuration"]["State"], found["Configuration"]["StateReasonCode"]) == ("Inactive", "Idle")
    assert found["Concurrency"] == {"ReservedConcurrentExecutions": 20}


def test_a_seed_with_a_misspelled_member_is_an_error() -> None:
    with pytest.raises(TypeError, match="MemorySise"):
        World().plane.seed("g", MemorySise=512)


def test_the_same_calls_give_the_same_world() -> None:
    one, two = World(), World()
    for world in (one, two):
        world.stuck_alias()
    assert one.plane.snapshot() == two.plane.snapshot()


def test_a_copy_goes_its_own_way() -> None:
    world = World()
    world.warm_alias()
    before = world.plane.snapshot()
    twin = world.plane.copy()
    twin.call("DeleteAlias", {"FunctionName": "f", "Name": "a"})
    twin.seed("another")
    assert world.plane.snapshot() == before
    with pytest.raises(ApiError):
        twin.call("GetAlias", {"FunctionName": "f", "Name": "a"})


def test_a_copy_may_run_on_another_clock() -> None:
    world = World()
    world.alias()
    world.provision()
    later = world.plane.copy(clock=lambda: world.now + 1000)
    body = later.call("GetProvisionedConcurrencyConfig", {"FunctionName": "f", "Qualifier": "a"}).body
    assert body is not None
    assert body["Status"] == "READY"
    assert world.provisioned()[0] == "IN_PROGRESS"
