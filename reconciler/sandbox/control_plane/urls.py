"""Function URLs: an address of `$LATEST` or of an alias, each its own. A version has none (recorded).

The address is new with each creation, and gone with the alias or the function. Nothing listens there.
"""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from reconciler.sandbox.control_plane.errors import conflict, not_found
from reconciler.sandbox.control_plane.state import Function, FunctionUrl, next_revision, without
from reconciler.sandbox.control_plane.world import Body, Call, Rule, page

_MEMBERS = ("AuthType", "Cors", "InvokeMode")
_MISSING = "The resource you requested does not exist."


def create_function_url_config(call: Call) -> Body:
    function = _target(call)
    qualifier = call.qualifier or ""
    if qualifier in function.urls:
        raise conflict(
            f"Failed to create function url config for [functionArn = {call.arn(call.qualifier)}]. "
            "Error message:  FunctionUrlConfig exists for this Lambda function"
        )
    function, revision = next_revision(function)
    host = uuid.uuid5(uuid.NAMESPACE_URL, revision).hex
    made = FunctionUrl(
        f"https://{host}.lambda-url.{call.world.region}.on.aws/", _given(call), created=call.now, modified=call.now
    )
    _put(call, function, made)
    answered = _answer(call, qualifier, made, _given(call))
    del answered["LastModifiedTime"]
    return answered


def _target(call: Call) -> Function:
    function = call.world.find(call.name)
    if function is None or (call.qualifier and call.qualifier not in function.aliases):
        raise not_found("Function does not exist")
    return function


def _given(call: Call) -> dict[str, object]:
    return {name: call.params[name] for name in _MEMBERS if call.params.get(name) is not None}


def _put(call: Call, function: Function, made: FunctionUrl) -> None:
    call.world.put(replace(function, urls={**function.urls, call.qualifier or "": made}))


def get_function_url_config(call: Call) -> Body:
    _, found = _found(call)
    return _whole(call, call.qualifier or "", found)


def _found(call: Call) -> tuple[Function, FunctionUrl]:
    function = call.world.find(call.name)
    found = None if function is None else function.urls.get(call.qualifier or "")
    if function is None or found is None:
        raise not_found(_MISSING)
    return function, found


def update_function_url_config(call: Call) -> Body:
    """What is left out stays; an empty Cors takes it out."""
    _target(call)
    function, before = _found(call)
    settings = {**before.settings, **_given(call)}
    after = replace(before, settings=settings, modified=call.now)
    _put(call, function, after)
    said = {name: value for name, value in settings.items() if name != "InvokeMode" or name in call.params}
    return _answer(call, call.qualifier or "", after, said)


def delete_function_url_config(call: Call) -> Body:
    """Of this qualifier alone: without one the aliases keep theirs (recorded)."""
    function, _ = _found(call)
    others = without(function.urls, call.qualifier or "")
    call.world.put(replace(function, urls=others))
    return None


def list_function_url_configs(call: Call) -> Body:
    function = call.world.find(call.name)
    if function is None:
        raise not_found("Function does not exist")
    return page(call, "FunctionUrlConfigs", [_whole(call, name, found) for name, found in function.urls.items()])


def _whole(call: Call, qualifier: str, found: FunctionUrl) -> dict[str, object]:
    return _answer(call, qualifier, found, {"InvokeMode": "BUFFERED", **found.settings})


def _answer(call: Call, qualifier: str, found: FunctionUrl, settings: Mapping[str, object]) -> dict[str, object]:
    """Recorded: create and update name no InvokeMode that they were not given, reads always do."""
    return {
        **{name: value for name, value in settings.items() if value},
        "FunctionUrl": found.address,
        "FunctionArn": call.arn(qualifier or None),
        "CreationTime": _time(found.created),
        "LastModifiedTime": _time(found.modified),
    }


def _time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


RULES: Mapping[str, Rule] = {
    "CreateFunctionUrlConfig": create_function_url_config,
    "GetFunctionUrlConfig": get_function_url_config,
    "UpdateFunctionUrlConfig": update_function_url_config,
    "DeleteFunctionUrlConfig": delete_function_url_config,
    "ListFunctionUrlConfigs": list_function_url_configs,
}
