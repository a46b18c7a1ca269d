"""What we listen to in botocore's events: each call for `-v`, and whether an answer arrived whole.

Out of it come a service's and an operation's name, a duration and a word; never a parameter, a header or a body.
Handlers change nothing in a call, but `refuse_a_cut_answer`, which turns a body that can't be trusted into an error:
botocore itself reads one as an answer without members, which would pass for "there is none".
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from botocore.parsers import ResponseParserError

if TYPE_CHECKING:
    from botocore.client import BaseClient

CallLog = Callable[[str, str, float, str], None]
"""Called after each request: service, operation, seconds, outcome (`200`, `404 ResourceNotFoundException`, …)."""

_STARTED = "reconcile-started"
_JSON_SERVICES = ("lambda", "application-auto-scaling")


def watch_calls(client: "BaseClient", watch: CallLog, *, clock: Callable[[], float] = time.monotonic) -> None:
    """Tell `watch` of every call that this client makes; it runs in the thread that made the call."""
    service = client.meta.service_model.service_name

    def started(context: dict[str, object], **_: object) -> None:
        context[_STARTED] = clock()

    def ended(operation: str, context: Mapping[str, object], outcome: str) -> None:
        begun = context.get(_STARTED)
        watch(service, operation, clock() - begun if isinstance(begun, float) else 0.0, outcome)

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
    """Have this client raise ResponseParserError where an answer is cut short or is not JSON."""
    for service in _JSON_SERVICES:
        client.meta.events.register(f"response-received.{service}", refuse_a_cut_answer)


def refuse_a_cut_answer(response_dict: Mapping[str, object] | None, **_: object) -> None:
    """Botocore neither compares Content-Length with the body nor minds a body that is not JSON."""
    if response_dict is None:
        return
    body, status, headers = response_dict.get("body"), response_dict.get("status_code"), response_dict.get("headers")
    if not isinstance(body, bytes) or not isinstance(status, int) or status >= 300:
        return
    announced = str(headers.get("content-length") or "") if isinstance(headers, Mapping) else ""
    if announced.isdecimal() and int(announced) != len(body):
        raise ResponseParserError(f"the answer was cut off after {len(body)} of {announced} bytes")
    if (body or status == 200) and not _is_json_object(body):
        raise ResponseParserError("the answer is not JSON: something between here and AWS answered instead")


def _is_json_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False
