"""GetFunction's Configuration -> Settings, in a form in which equal means "a publish would change nothing".

Terms: a field is *compared* when a person can set it with UpdateFunctionConfiguration or UpdateFunctionCode and a
version keeps it. For each, absent and AWS's default are one and the same, sets are sorted, and what AWS adds by itself
(VpcId, CodeSize, OptimizationStatus …) is dropped. Scalars become plain text ("60"), the rest JSON with sorted keys,
nothing at all "".
Environment values enter as keyed hashes, the key made here once per run: they can be compared, and never be read.
Source: botocore's model of UpdateFunctionConfiguration; a test fails when a newer one knows a field that is not here.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import blake2b
from sys import intern

from reconciler.aws.answers import Answer, InvalidResponse, is_text, optional_part, optional_text, parts, text, whole
from reconciler.model.errors import AwsError, ErrorKind
from reconciler.model.observed import Settings

_RUN_KEY = secrets.token_bytes(32)

Pairs = tuple[tuple[str, str], ...]


def settings_of(configuration: Answer, *, operation: str) -> Settings:
    """The settings of `$LATEST` or of a version.

    Raises AwsError (REFUSED) when AWS could not decrypt the environment: then nothing can be said about it.
    """
    architectures = configuration.get("Architectures") or ["x86_64"]
    return Settings(
        code_sha256=text(configuration, "CodeSha256"),
        fields=_shared(tuple(_pair(name, field(configuration)) for name, field in sorted(COMPARED.items()))),
        environment=_environment(configuration, operation),
        architecture=str(architectures[0]) if isinstance(architectures, list) else "x86_64",
        memory_mb=whole(configuration, "MemorySize"),
        log_group=_logging(configuration)["LogGroup"],
        snap_start=_snap_start(configuration) == "PublishedVersions",
        durable=bool(_settled(configuration.get("DurableConfig"))),
        managed_instances=bool(_settled(configuration.get("CapacityProviderConfig"))),
        tenant_isolated=bool(_settled(configuration.get("TenancyConfig"))),
    )


def _environment(configuration: Answer, operation: str) -> Pairs:
    environment = optional_part(configuration, "Environment")
    failure = optional_part(environment, "Error")
    if failure:
        raise AwsError(
            f"AWS could not decrypt the environment variables of {text(configuration, 'FunctionName')}: "
            f"{optional_text(failure, 'Message') or optional_text(failure, 'ErrorCode') or 'no reason given'}",
            kind=ErrorKind.REFUSED,
            code=optional_text(failure, "ErrorCode") or "EnvironmentError",
            operation=operation,
            hint="allow kms:Decrypt on the function's KMS key, so that $LATEST can be compared with the version",
        )
    variables = optional_part(environment, "Variables")
    if not all(map(is_text, variables)):
        raise InvalidResponse("the answer can't be understood: a variable's name is not text")
    return _shared(tuple((intern(name), _keyed_hash(str(value))) for name, value in sorted(variables.items())))


def _keyed_hash(value: str) -> str:
    return blake2b(value.encode(), key=_RUN_KEY, digest_size=16).hexdigest()


# ---------------------------------------------------------------- one function per kind of field


def _scalar(member: str, default: str = "") -> Callable[[Answer], str]:
    def read(configuration: Answer) -> str:
        value = configuration.get(member)
        return default if value is None or value == "" else str(value)

    return read


def _inner(member: str, name: str, default: str = "") -> Callable[[Answer], str]:
    """One scalar out of a structure, the rest of which AWS adds by itself."""
    scalar = _scalar(name, default)
    return lambda configuration: scalar(optional_part(configuration, member))


def _whole_structure(member: str) -> Callable[[Answer], str]:
    return lambda configuration: _canonical(_settled(configuration.get(member)))


def _architectures(configuration: Answer) -> str:
    return ",".join(sorted(_texts(configuration, "Architectures"))) or "x86_64"


def _vpc(configuration: Answer) -> str:
    """What AWS leaves after a removal (empty lists, VpcId "") equals absent."""
    vpc = optional_part(configuration, "VpcConfig")
    return _canonical(
        _settled(
            {
                "SubnetIds": sorted(set(_texts(vpc, "SubnetIds"))),
                "SecurityGroupIds": sorted(set(_texts(vpc, "SecurityGroupIds"))),
                "Ipv6AllowedForDualStack": vpc.get("Ipv6AllowedForDualStack") or None,
            }
        )
    )


def _layers(configuration: Answer) -> str:
    """The ARNs in their order, which decides whose files win."""
    layers = parts(configuration, "Layers") if configuration.get("Layers") else ()
    return _canonical([text(layer, "Arn") for layer in layers])


def _image(configuration: Answer) -> str:
    return _canonical(_settled(optional_part(configuration, "ImageConfigResponse").get("ImageConfig")))


_snap_start = _inner("SnapStart", "ApplyOn", "None")


def _logging(configuration: Answer) -> dict[str, str]:
    given = optional_part(configuration, "LoggingConfig")
    default = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{text(configuration, 'FunctionName')}"}
    return default | {name: str(value) for name, value in given.items() if value}


COMPARED: Mapping[str, Callable[[Answer], str]] = {
    "Role": _scalar("Role"),
    "Handler": _scalar("Handler"),
    "Runtime": _scalar("Runtime"),
    "Timeout": _scalar("Timeout", "3"),
    "MemorySize": _scalar("MemorySize", "128"),
    "KMSKeyArn": _scalar("KMSKeyArn"),
    "PackageType": _scalar("PackageType", "Zip"),
    "Architectures": _architectures,
    "VpcConfig": _vpc,
    "Layers": _layers,
    "DeadLetterConfig": _inner("DeadLetterConfig", "TargetArn"),
    "TracingConfig": _inner("TracingConfig", "Mode", "PassThrough"),
    "EphemeralStorage": _inner("EphemeralStorage", "Size", "512"),
    "FileSystemConfigs": _whole_structure("FileSystemConfigs"),
    "ImageConfig": _image,
    "SnapStart": _snap_start,
    "LoggingConfig": lambda configuration: _canonical(_logging(configuration)),
    "CapacityProviderConfig": _whole_structure("CapacityProviderConfig"),
    "DurableConfig": _whole_structure("DurableConfig"),
    "RuntimeConfig": _whole_structure("RuntimeConfig"),
    "AcceleratorConfig": _whole_structure("AcceleratorConfig"),
}
"""Every compared field but the code and Environment, by its name in UpdateFunctionConfiguration."""

NEVER_COMPARED = frozenset(
    {
        *("FunctionName", "FunctionArn", "MasterArn", "Version", "RevisionId", "ConfigSha256"),
        *("Description", "LastModified", "CodeSize", "RuntimeVersionConfig", "TenancyConfig"),
        *("State", "StateReason", "StateReasonCode"),
        *("LastUpdateStatus", "LastUpdateStatusReason", "LastUpdateStatusReasonCode"),
        *("SigningProfileVersionArn", "SigningJobArn"),
    }
)
"""Members of a configuration that always differ, that AWS moves by itself, or that are fixed at creation."""


# ---------------------------------------------------------------- canonical forms


def _texts(answer: Answer, member: str) -> list[str]:
    value = answer.get(member)
    return [str(item) for item in value] if isinstance(value, list) else []


def _settled(value: object) -> object:
    """A value without the members that say nothing: None, "", [] and {}; whole floats as integers."""
    match value:
        case dict():
            kept = {name: _settled(member) for name, member in value.items()}
            return {name: member for name, member in kept.items() if member not in (None, "", [], {})}
        case list():
            return [_settled(item) for item in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False) if value else ""


@lru_cache(maxsize=65_536)
def _pair(name: str, value: str) -> tuple[str, str]:
    """Ten thousand functions have few distinct settings: equal pairs are kept once."""
    if not is_text(value):
        raise InvalidResponse(f"the answer can't be understood: {name} is not text")
    return name, value


@lru_cache(maxsize=16_384)
def _shared(pairs: Pairs) -> Pairs:
    """What `$LATEST` and its version have in common, which is mostly everything, is kept once."""
    return pairs
