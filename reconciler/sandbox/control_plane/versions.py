"""Versions: publish and list.

PublishVersion copies `$LATEST`, unless `$LATEST` is still what it was at the last publish: then it answers that version
as it is, Description and all (recorded). A real publish changes `$LATEST`'s own RevisionId, the no-op does not
(recorded). Numbers only grow (AWS's documentation).
"""

from collections.abc import Mapping
from dataclasses import replace

from reconciler.sandbox.control_plane.answers import describe, listed
from reconciler.sandbox.control_plane.behaviour import Publishing
from reconciler.sandbox.control_plane.errors import conflict, invalid, stale
from reconciler.sandbox.control_plane.state import ACTIVE, CREATING, Function, Version, next_revision, with_version
from reconciler.sandbox.control_plane.world import Body, Call, Rule, mapping, page


def publish(call: Call) -> Body:
    function = call.function()
    latest = function.latest
    if call.text("RevisionId") not in (None, latest.revision):
        raise stale("GetFunction/GetAlias")
    _same_code(call, latest)
    if call.world.behaviour.publishing_during_update is Publishing.REFUSED:
        refuse_while_busy(call, function)
    version = unchanged_since_publish(call, function)
    if version is None:
        settles_at = _active_at(call, latest)
        status = ACTIVE if settles_at is None else CREATING
        function, version = added(call, function, status=status, settles_at=settles_at)
        call.world.put(function)
    return describe(call.world, function, version, version.number)


def _same_code(call: Call, latest: Version) -> None:
    given, actual = call.text("CodeSha256"), latest.settings["CodeSha256"]
    if given not in (None, actual):
        raise invalid(
            f"CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST ({actual}). "
            "Please try again with the CodeSHA256 in $LATEST."
        )


def refuse_while_busy(call: Call, function: Function) -> None:
    """One change of `$LATEST` at a time (recorded for updates; of a function being created: AWS's documentation)."""
    status = function.latest.status
    if status.get("LastUpdateStatus") == "InProgress":
        raise conflict(
            "The operation cannot be performed at this time. "
            f"An update is in progress for resource: {call.world.arn(function.name)}"
        )
    if status.get("State") == "Pending":
        raise conflict(
            "The operation cannot be performed at this time. The function is currently in the following state: Pending"
        )


def _active_at(call: Call, latest: Version) -> float | None:
    """When a new version is Active; None: at once (recorded without SnapStart)."""
    timing = call.world.timing
    snap_start = mapping(latest.settings.get("SnapStart")).get("ApplyOn") == "PublishedVersions"
    wait = max(timing.pending, timing.snap_start) if snap_start else timing.pending
    return call.now + wait if wait > 0 else None


def unchanged_since_publish(call: Call, function: Function) -> Version | None:
    """The last version, when `$LATEST` has not changed since; Description counts as a change (recorded)."""
    if function.published != function.latest.settings:
        return None
    if function.touched_since_publish and call.world.behaviour.identical_update_publishes:
        return None
    return function.versions.get(str(function.last_number))


def added(
    call: Call, function: Function, *, status: Mapping[str, str], settles_at: float | None
) -> tuple[Function, Version]:
    """The function with one more version, a copy of `$LATEST`; a Description that was given overrides its own."""
    description = call.text("Description")
    given = function.latest.settings
    function, revision = next_revision(function)
    function, latest_revision = next_revision(function)
    version = Version(
        number=str(function.last_number + 1),
        code=function.latest.code,
        settings=given if description is None else {**given, "Description": description},
        revision=revision,
        modified=function.latest.modified if call.world.behaviour.version_keeps_modified else call.now,
        status=status,
        settles_at=settles_at,
    )
    function = with_version(function, replace(function.latest, revision=latest_revision))
    function = replace(
        with_version(function, version),
        last_number=function.last_number + 1,
        published=given,
        touched_since_publish=False,
    )
    return function, version


def published_by_update(call: Call, function: Function) -> tuple[Function, Version]:
    """UpdateFunctionCode(Publish=True): the version is Pending while `$LATEST` is InProgress (recorded)."""
    version = unchanged_since_publish(call, function)
    if version is not None:
        return function, version
    ends = max(call.now + call.world.timing.update, _active_at(call, function.latest) or call.now)
    return added(call, function, status=CREATING, settles_at=ends)


def list_versions_by_function(call: Call) -> Body:
    function = call.function()
    versions = [listed(call.world, function, version, number) for number, version in function.versions.items()]
    return page(call, "Versions", versions)


RULES: Mapping[str, Rule] = {"PublishVersion": publish, "ListVersionsByFunction": list_versions_by_function}
