"""Handlers of botocore's events: each call is logged for `-v`, and an answer that did not arrive whole is an error.

The log gets a service's and an operation's name, a duration and an outcome; never a parameter, a header or a body. An
answer that is cut off or not JSON raises InvalidResponse: botocore reads one as an answer without members, which would
pass for "there is none".
"""

import json
import time
from collections.abc import Callable, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

from reconciler.aws.answers import InvalidResponse

if TYPE_CHECKING:
    from botocore.client import BaseClient

CallLog = Callable[[str, str, float, str], None]
"""Called after each request: service, operation, seconds, outcome (`200`, `404 ResourceNotFoundException`, …)."""

_STARTED = "reconcile-started"


def log_calls(client: "BaseClient", log: CallLog, *, clock: Callable[[], float] = time.monotonic) -> None:
    """Call `log` after every call that this client makes, in the thread that made it."""
    service = client.meta.service_model.service_name

    def started(context: dict[str, object], **_: object) -> None:
        context[_STARTED] = clock()

    def ended(operation: str, context: Mapping[str, object], outcome: str) -> None:
        begun = context.get(_STARTED)
        log(service, operation, clock() - begun if isinstance(begun, float) else 0.0, outcome)

    def answered(model: object, context: Mapping[str, object], parsed: Mapping[str, object], **_: object) -> None:
        ended(getattr(model, "name", "?"), context, _outcome(parsed))

    def failed(event_name: str, context: Mapping[str, object], exception: Exception, **_: object) -> None:
        ended(event_name.rpartition(".")[2], context, type(exception).__name__)

    events = client.meta.events
    events.register("before-call.*.*", started)
    events.register("after-call.*.*", answered)
    events.register("after-call-error.*.*", failed)


def _outcome(parsed: Mapping[str, object]) -> str:
    metadata, error = parsed.get("ResponseMetadata"), parsed.get("Error")
    status = metadata.get("HTTPStatusCode") if isinstance(metadata, dict) else None
    code = error.get("Code") if isinstance(error, dict) else None
    return " ".join(str(word) for word in (status, code) if word) or "?"


def insist_on_whole_answers(client: "BaseClient") -> None:
    """Have this client raise InvalidResponse where an answer is cut short or is not in AWS's form."""
    client.meta.events.register("before-parse", _refuse_a_cut_answer)
    if client.meta.service_model.resolved_protocol in ("rest-json", "json"):
        client.meta.events.register("before-parse", _refuse_what_is_not_json)


def _refuse_a_cut_answer(response_dict: Mapping[str, Any], **_: object) -> None:
    """Botocore does not compare Content-Length with what arrived."""
    announced, body = str(response_dict["headers"].get("content-length") or ""), response_dict["body"]
    if announced.isdecimal() and isinstance(body, bytes) and int(announced) != len(body):
        raise InvalidResponse(f"the answer was cut off after {len(body)} of {announced} bytes")


def _refuse_what_is_not_json(response_dict: Mapping[str, Any], **_: object) -> None:
    """Botocore reads any other body as an answer without members. Where AWS sends none, the status is not 200."""
    status, body = response_dict["status_code"], response_dict["body"]
    if status < 300 and (body or status == 200) and not _is_json_object(body):
        raise InvalidResponse("the answer is not JSON: something between here and AWS answered instead")


def _is_json_object(body: bytes) -> bool:
    """Whether it is JSON as the standard has it, which Python reads more generously, and of a sensible depth."""
    try:
        return isinstance(json.loads(body, parse_constant=_no_number, parse_float=_finite), dict)
    except (ValueError, RecursionError):
        return False


def _no_number(constant: str) -> float:
    raise ValueError(constant)


def _finite(digits: str) -> float:
    number = float(digits)
    return number if isfinite(number) else _no_number(digits)
