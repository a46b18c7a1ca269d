"""Tags of functions and event source mappings: put, take off, read.

Only a function has them, its versions and aliases do not (recorded). The ARN comes as `Resource`; tags of anything else
(layers) are no business of this model.
"""

from collections.abc import Mapping
from dataclasses import replace

from reconciler.sandbox.control_plane.errors import invalid, not_found
from reconciler.sandbox.control_plane.state import EventSourceMapping, Function
from reconciler.sandbox.control_plane.world import Body, Call, Rule, mapping

_LIMIT = 50
_OF_MAPPING = ":event-source-mapping:"


def given_tags(call: Call, before: Mapping[str, str] | None = None) -> dict[str, str]:
    """The tags before, and over them those of the request; fifty at most (recorded)."""
    given = {str(key): str(value) for key, value in mapping(call.params.get("Tags")).items()}
    after = {**(before or {}), **given}
    if len(after) > _LIMIT:
        raise invalid("Number of tags exceeds resource tag limit.")
    return after


def tag_resource(call: Call) -> Body:
    tagged = _tagged(call)
    if not mapping(call.params.get("Tags")):  # recorded
        raise invalid("An error occurred and the request cannot be processed.")
    _put(call, tagged, given_tags(call, tagged.tags))
    return None


def untag_resource(call: Call) -> Body:
    """A key that is not there is no error (recorded)."""
    tagged, keys = _tagged(call), call.params.get("TagKeys")
    gone = {str(key) for key in keys} if isinstance(keys, list) else set()
    _put(call, tagged, {key: value for key, value in tagged.tags.items() if key not in gone})
    return None


def list_tags(call: Call) -> Body:
    return {"Tags": dict(_tagged(call).tags)}


def _tagged(call: Call) -> Function | EventSourceMapping:
    """Recorded: a qualifier is refused before anybody looks whether the function exists."""
    _, of_mapping, identity = call.required("Resource").partition(_OF_MAPPING)
    if of_mapping:
        found = call.world.find_mapping(identity)
        if found is None:
            raise not_found("The resource you requested does not exist.")
        return found
    if call.qualifier is not None:
        raise invalid("Tags on function aliases and versions are not supported. Please specify a function ARN.")
    return call.function()


def _put(call: Call, tagged: Function | EventSourceMapping, tags: Mapping[str, str]) -> None:
    if isinstance(tagged, EventSourceMapping):
        call.world.mappings[tagged.uuid] = replace(tagged, tags=tags)
    else:
        call.world.put(replace(tagged, tags=tags))


RULES: Mapping[str, Rule] = {"TagResource": tag_resource, "UntagResource": untag_resource, "ListTags": list_tags}
