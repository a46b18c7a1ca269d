"""Tags of functions: put, take off, read. Only a function has them, its versions and aliases do not (recorded).

A function's ARN comes as `Resource`; tags of anything else (triggers, layers) are no business of this model.
"""

from collections.abc import Mapping
from dataclasses import replace

from reconciler.sandbox.control_plane.errors import invalid
from reconciler.sandbox.control_plane.state import Function
from reconciler.sandbox.control_plane.world import Body, Call, Rule, mapping

_LIMIT = 50


def given_tags(call: Call, before: Mapping[str, str] | None = None) -> dict[str, str]:
    """The tags before, and over them those of the request; fifty at most (recorded)."""
    given = {str(key): str(value) for key, value in mapping(call.params.get("Tags")).items()}
    after = {**(before or {}), **given}
    if len(after) > _LIMIT:
        raise invalid("Number of tags exceeds resource tag limit.")
    return after


def tag_resource(call: Call) -> Body:
    function = _tagged(call)
    if not mapping(call.params.get("Tags")):  # recorded
        raise invalid("An error occurred and the request cannot be processed.")
    call.world.put(replace(function, tags=given_tags(call, function.tags)))
    return None


def untag_resource(call: Call) -> Body:
    """A key that is not there is no error (recorded)."""
    function, keys = _tagged(call), call.params.get("TagKeys")
    gone = {str(key) for key in keys} if isinstance(keys, list) else set()
    call.world.put(replace(function, tags={key: value for key, value in function.tags.items() if key not in gone}))
    return None


def list_tags(call: Call) -> Body:
    return {"Tags": dict(_tagged(call).tags)}


def _tagged(call: Call) -> Function:
    """Recorded: a qualifier is refused before anybody looks whether the function exists."""
    if call.qualifier is not None:
        raise invalid("Tags on function aliases and versions are not supported. Please specify a function ARN.")
    return call.function()


RULES: Mapping[str, Rule] = {"TagResource": tag_resource, "UntagResource": untag_resource, "ListTags": list_tags}
