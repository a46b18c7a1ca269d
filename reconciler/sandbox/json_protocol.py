"""AWS's JSON protocol 1.1: a request becomes an operation with boto3-shaped parameters, an answer becomes HTTP.

The operation is in `X-Amz-Target`, its parameters are the body, times are seconds since 1970. No rule of any service
lives here.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reconciler.sandbox.control_plane import Answer, ApiError
from reconciler.sandbox.wire import Request, Response


@dataclass(frozen=True, slots=True)
class Call:
    operation: str
    params: Mapping[str, object]


def parse(request: Request, prefix: str) -> Call:
    """The operation that the request asks for, of the service with this target prefix; raises ApiError for none."""
    service, _, operation = request.headers.get("x-amz-target", "").partition(".")
    if request.method != "POST" or service != prefix or not operation:
        raise ApiError(400, "UnknownOperationException", "The request names no operation of this service", type_=None)
    return Call(operation, _params(request.body))


def _params(body: bytes) -> Mapping[str, object]:
    try:
        document = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError):
        raise _unreadable("The request body is no JSON document") from None
    if not isinstance(document, dict):
        raise _unreadable("The request body must be a JSON object")
    return {member: value for member, value in document.items() if value is not None}


def _unreadable(message: str) -> ApiError:
    return ApiError(400, "SerializationException", message, type_=None)


def render(answer: Answer) -> Response:
    """The model's answer as HTTP."""
    return _response(answer.status, json.dumps(answer.body or {}, default=_seconds), {})


def render_error(error: ApiError, *, text: str = "Message") -> Response:
    """A refusal as HTTP: the code in `__type`, and in the header where `curl -i` shows it; `text`: as it is spelled."""
    body = {"__type": error.code, **error.extra, text: error.message}
    return _response(error.status, json.dumps(body), {"x-amzn-ErrorType": error.code})


def _response(status: int, body: str, headers: Mapping[str, str]) -> Response:
    always = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": str(uuid.uuid4())}
    return Response(status, {**always, **headers}, body.encode())


def _seconds(moment: datetime) -> float:
    return moment.timestamp()
