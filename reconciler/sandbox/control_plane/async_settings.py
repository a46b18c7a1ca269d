"""Settings of asynchronous invocations: retries, maximum age, destinations. Each qualifier has its own.

The bare name means `$LATEST`, and says so in the ARN (recorded). A Put replaces everything, an Update keeps what it
leaves out (recorded). Whatever is missing on a read, function, qualifier or settings, gets the same words (recorded).
"""

from collections.abc import Mapping
from dataclasses import replace

from reconciler.sandbox.control_plane.errors import ApiError, invalid, not_found
from reconciler.sandbox.control_plane.names import LATEST, parse
from reconciler.sandbox.control_plane.state import AsyncSettings, Function, without
from reconciler.sandbox.control_plane.world import Body, Call, Rule, mapping, page

_MEMBERS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
_DESTINATIONS = frozenset({"lambda", "sqs", "sns", "events", "s3"})


def put_function_event_invoke_config(call: Call) -> Body:
    given = _given(call)
    return _kept(call, _target(call), given)


def update_function_event_invoke_config(call: Call) -> Body:
    given = _given(call)
    function = _target(call)
    before = function.async_settings.get(_qualifier(call))
    if before is None:
        raise _none(call)
    return _kept(call, function, {**before.settings, **given})


def _given(call: Call) -> dict[str, object]:
    """What the request sets; nothing at all is refused before anybody looks at the function (recorded)."""
    given = {name: call.params[name] for name in _MEMBERS if call.params.get(name) is not None}
    if not given:
        raise invalid("You must specify at least one of error handling or destination setting.")
    return given


def _target(call: Call) -> Function:
    function = call.world.find(call.name)
    if function is None or function.target(_qualifier(call)) is None:
        raise not_found("The function doesn't exist.")
    return function


def _qualifier(call: Call) -> str:
    return call.qualifier or LATEST


def _kept(call: Call, function: Function, settings: Mapping[str, object]) -> Body:
    success, failure = (_destination(settings, outcome) for outcome in ("OnSuccess", "OnFailure"))
    _refuse_destinations(call, success, failure)
    kept = AsyncSettings(settings, call.now)
    call.world.put(replace(function, async_settings={**function.async_settings, _qualifier(call): kept}))
    return _answer(call, _qualifier(call), kept)


def _destination(settings: Mapping[str, object], outcome: str) -> str | None:
    found = mapping(mapping(settings.get("DestinationConfig")).get(outcome)).get("Destination")
    return str(found) if found else None


def _refuse_destinations(call: Call, success: str | None, failure: str | None) -> None:
    given = [arn for arn in (failure, success) if arn is not None]
    for arn in given:
        if _service(arn) == "lambda":
            _refuse_function(call, arn)
    if not {_service(arn) for arn in given} <= _DESTINATIONS:
        shown = (
            "null" if success is None else f"OnSuccess(destination={success})",
            "null" if failure is None else f"OnFailure(destination={failure})",
        )
        raise invalid(
            f"The provided destination config DestinationConfig(onSuccess={shown[0]}, onFailure={shown[1]}) is invalid."
        )


def _service(arn: str) -> str:
    return f"{arn}::".split(":")[2]


def _refuse_function(call: Call, arn: str) -> None:
    name = parse(arn).name
    if call.world.find(name) is None:
        raise invalid(f"The destination ARN {arn} is invalid.")
    if name == call.name:
        raise invalid("You can't specify the function as a destination for itself.")


def get_function_event_invoke_config(call: Call) -> Body:
    return _answer(call, _qualifier(call), _found(call)[1])


def _found(call: Call) -> tuple[Function, AsyncSettings]:
    function = call.world.find(call.name)
    found = None if function is None else function.async_settings.get(_qualifier(call))
    if function is None or found is None:
        raise _none(call)
    return function, found


def _none(call: Call) -> ApiError:
    return not_found(f"The function {call.arn(_qualifier(call))} doesn't have an EventInvokeConfig")


def delete_function_event_invoke_config(call: Call) -> Body:
    function, _ = _found(call)
    others = without(function.async_settings, _qualifier(call))
    call.world.put(replace(function, async_settings=others))
    return None


def list_function_event_invoke_configs(call: Call) -> Body:
    function = call.world.find(call.name)
    if function is None:
        raise not_found("The function doesn't exist.")
    found = [_answer(call, qualifier, kept) for qualifier, kept in function.async_settings.items()]
    return page(call, "FunctionEventInvokeConfigs", found)


def _answer(call: Call, qualifier: str, kept: AsyncSettings) -> dict[str, object]:
    destinations = {outcome: _destination(kept.settings, outcome) for outcome in ("OnFailure", "OnSuccess")}
    return {
        **kept.settings,
        "DestinationConfig": {
            outcome: {} if arn is None else {"Destination": arn} for outcome, arn in destinations.items()
        },
        "FunctionArn": call.arn(qualifier),
        "LastModified": kept.modified,
    }


RULES: Mapping[str, Rule] = {
    "PutFunctionEventInvokeConfig": put_function_event_invoke_config,
    "UpdateFunctionEventInvokeConfig": update_function_event_invoke_config,
    "GetFunctionEventInvokeConfig": get_function_event_invoke_config,
    "DeleteFunctionEventInvokeConfig": delete_function_event_invoke_config,
    "ListFunctionEventInvokeConfigs": list_function_event_invoke_configs,
}
