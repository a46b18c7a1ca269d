"""A version's settings: from the members of Create and Update requests to those of the answers.

Most members are answered as they were given. Here are those that are not: code, image configuration, layers, VPC, dead
letters, logging. What was never set is answered with AWS's defaults, or left out, as recorded.
"""

import base64
import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from itertools import combinations

from reconciler.model.observed import partition
from reconciler.sandbox.control_plane.errors import invalid, too_large
from reconciler.sandbox.control_plane.shapes import enumeration
from reconciler.sandbox.control_plane.world import Fetch, mapping

# The runtimes that AWS names when it refuses one (recorded 2026-01).
_RUNTIMES = (
    "nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, "
    "python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, "
    "java11, dotnet6, nodejs18.x, provided.al2, java8.al2"
)

_AS_GIVEN = (
    "Role",
    "Handler",
    "Description",
    "Timeout",
    "MemorySize",
    "TracingConfig",
    "Architectures",
    "EphemeralStorage",
    "CapacityProviderConfig",
    "DurableConfig",
    "TenancyConfig",
)

# What a package may weigh, in bytes (recorded): as it is uploaded, and unpacked.
_ZIPPED = 52428800
_UNZIPPED = 262144000
_LAYERS = 5

Settings = dict[str, object]


def defaults(name: str) -> Settings:
    """What a new function has where the request is silent."""
    return {
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "TracingConfig": {"Mode": "PassThrough"},
        "EphemeralStorage": {"Size": 512},
        "SnapStart": {"ApplyOn": "None"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"},
    }


def configured(before: Mapping[str, object], params: Mapping[str, object], region: str) -> Settings:
    """The settings after a request that names some of them."""
    after = dict(before)
    for member in _AS_GIVEN:
        if params.get(member) is not None:
            after[member] = params[member]
    for member, convert in _CONVERTED.items():
        if params.get(member) is not None:
            after.update(convert(before, params[member]))
    if params.get("Layers") is not None:
        after.update(_layers(params["Layers"], region))
    runtime = params.get("Runtime")
    if runtime is not None:
        after.update(_runtime(str(runtime), region))
    return {member: value for member, value in after.items() if value is not None}


def _runtime(runtime: str, region: str) -> Settings:
    """Recorded: an unknown runtime is refused with this code, though the words are those of a shape error."""
    if runtime not in _RUNTIMES.split(", "):
        if runtime in enumeration("Runtime"):  # recorded of eight that were taken away
            raise invalid(
                f"The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda "
                "functions. We recommend you use a supported runtime while creating or updating functions."
            )
        raise invalid(
            f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: "
            f"[{_RUNTIMES}] or be a valid ARN"
        )
    digest = hashlib.sha256(runtime.encode()).hexdigest()
    arn = f"arn:{partition(region)}:lambda:{region}::runtime:{digest}"
    return {"Runtime": runtime, "RuntimeVersionConfig": {"RuntimeVersionArn": arn}}


def _environment(_before: Mapping[str, object], value: object) -> Settings:
    variables = dict(mapping(mapping(value).get("Variables")))
    size = len(_measured(variables))
    if size > 4096:  # recorded: the limit counts the JSON text
        raise invalid(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            f"provided exceeded the 4KB limit. String measured: {_measured(variables)}"
        )
    return {"Environment": {"Variables": variables}}


def _measured(variables: Mapping[str, object]) -> str:
    return "{" + ",".join(f'"{name}":"{value}"' for name, value in variables.items()) + "}"


def _layers(value: object, region: str) -> Settings:
    """Whether the layers exist is not looked up; the rest of what is wrong with them is recorded."""
    arns = [str(arn) for arn in value] if isinstance(value, list) else []
    if len(arns) > _LAYERS:
        raise invalid(f"Cannot reference more than {_LAYERS} layers.")
    if any(arn.split(":")[3] != region for arn in arns):
        raise invalid(
            f"Layers are not in the same region as the function. Layers are expected to be in region {region}."
        )
    for arn, other in combinations(arns, 2):
        if arn.rpartition(":")[0] == other.rpartition(":")[0]:
            raise invalid(
                "Two different versions of the same layer are not allowed to be referenced in the same function. "
                f"{arn} and {other} are versions of the same layer."
            )
    return {"Layers": [{"Arn": arn, "CodeSize": 1024} for arn in arns] or None}


def _vpc(_before: Mapping[str, object], value: object) -> Settings:
    """Recorded: taking a function out of its VPC leaves the empty structure."""
    given = mapping(value)
    subnets = given.get("SubnetIds") or []
    return {
        "VpcConfig": {
            "SubnetIds": subnets,
            "SecurityGroupIds": given.get("SecurityGroupIds") or [],
            "VpcId": "vpc-00000000000000000" if subnets else "",
            "Ipv6AllowedForDualStack": given.get("Ipv6AllowedForDualStack") is True,
        }
    }


def _logging(before: Mapping[str, object], value: object) -> Settings:
    after = {**mapping(before.get("LoggingConfig")), **mapping(value)}
    if after.get("LogFormat") == "JSON":
        after = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **after}
    else:
        after = {member: text for member, text in after.items() if not member.endswith("LogLevel")}
    return {"LoggingConfig": after}


def _dead_letters(_before: Mapping[str, object], value: object) -> Settings:
    target = mapping(value).get("TargetArn")
    return {"DeadLetterConfig": {"TargetArn": target} if target else None}


def _image_config(_before: Mapping[str, object], value: object) -> Settings:
    given = dict(mapping(value))
    return {"ImageConfigResponse": {"ImageConfig": given} if given else None}


def _snap_start(_before: Mapping[str, object], value: object) -> Settings:
    return {"SnapStart": {"ApplyOn": mapping(value).get("ApplyOn") or "None"}}


_CONVERTED: Mapping[str, Callable[[Mapping[str, object], object], Settings]] = {
    "Environment": _environment,
    "VpcConfig": _vpc,
    "LoggingConfig": _logging,
    "DeadLetterConfig": _dead_letters,
    "ImageConfig": _image_config,
    "SnapStart": _snap_start,
    "KMSKeyArn": lambda _before, value: {"KMSKeyArn": value or None},
    "FileSystemConfigs": lambda _before, value: {"FileSystemConfigs": value or None},
}


def source(given: Mapping[str, object]) -> Settings:
    """Where the package comes from, as GetFunction answers it."""
    image = given.get("ImageUri")
    if image is None:
        return {"RepositoryType": "S3"}
    resolved = f"{str(image).split('@')[0].rsplit(':', 1)[0]}@sha256:{_image_digest(image)}"
    return {"RepositoryType": "ECR", "ImageUri": image, "ResolvedImageUri": resolved}


def package(given: Mapping[str, object], fetch: Fetch | None) -> Settings:
    """CodeSha256 and CodeSize of a package. Without `fetch`, the address of an object in S3 stands for its content."""
    image, archive = given.get("ImageUri"), given.get("ZipFile")
    if image is not None:
        return {"CodeSha256": _image_digest(image), "CodeSize": 0, "PackageType": "Image"}
    if isinstance(archive, (bytes, bytearray)):
        if len(archive) > _ZIPPED:
            raise too_large(f"Zipped size must be smaller than {_ZIPPED} bytes")
        return _unpackable(bytes(archive))
    if given.get("S3Key") is None:  # the words: public issues
        raise invalid("Please provide a source for function code.")
    if fetch is not None:
        return _unpackable(fetch(given))
    address = "/".join(str(given.get(member) or "") for member in ("S3Bucket", "S3Key", "S3ObjectVersion"))
    return packaged(address.encode())


def _unpackable(archive: bytes) -> Settings:
    try:
        unzipped = sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(archive)).infolist())
    except zipfile.BadZipFile:
        raise invalid("Could not unzip uploaded file. Please check your file, then try to upload again.") from None
    if unzipped > _UNZIPPED:
        raise invalid(f"Unzipped size must be smaller than {_UNZIPPED} bytes")
    return packaged(archive)


def _image_digest(image: object) -> str:
    """The digest that the address names, or one that stands for it."""
    _, _, digest = str(image).partition("@sha256:")
    return digest or hashlib.sha256(str(image).encode()).hexdigest()


def packaged(content: bytes) -> Settings:
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    return {"CodeSha256": digest, "CodeSize": len(content)}
