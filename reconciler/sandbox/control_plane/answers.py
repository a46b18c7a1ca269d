"""FunctionConfiguration as AWS writes it: from a version to the body of an answer."""

from reconciler.sandbox.control_plane.names import LATEST
from reconciler.sandbox.control_plane.state import Function, Version
from reconciler.sandbox.control_plane.world import World, mapping, stamp

_ABSENT_IN_LISTS = ("RuntimeVersionConfig",)


def describe(world: World, function: Function, version: Version, suffix: str | None) -> dict[str, object]:
    """One version. `suffix` is what the caller's qualifier puts behind the ARN (an alias name, say)."""
    return {**_settings(world, function, version, suffix), **version.status}


def listed(world: World, function: Function, version: Version, suffix: str | None) -> dict[str, object]:
    """The same in a list: without any state (recorded)."""
    body = _settings(world, function, version, suffix)
    for member in _ABSENT_IN_LISTS:
        body.pop(member, None)
    return body


def _settings(world: World, function: Function, version: Version, suffix: str | None) -> dict[str, object]:
    snap_start = mapping(version.settings.get("SnapStart"))
    optimised = snap_start.get("ApplyOn") == "PublishedVersions" and version.number != LATEST
    return {
        "FunctionName": function.name,
        "FunctionArn": world.arn(function.name, suffix),
        **version.settings,
        "SnapStart": {**snap_start, "OptimizationStatus": "On" if optimised else "Off"},
        "LastModified": stamp(version.modified, milliseconds=True),
        "Version": version.number,
        "RevisionId": version.revision,
    }
