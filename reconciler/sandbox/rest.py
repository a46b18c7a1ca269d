"""Lambda over REST: an HTTP request becomes an operation with boto3-shaped parameters, an answer becomes HTTP.

Every path, query string, header and member comes from botocore's own model of the service, so that any AWS client
is understood. No rule of Lambda lives here: what an operation does is the control plane's business.
"""

import base64
import binascii
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from botocore.model import ListShape, MapShape, Shape, StructureShape

from reconciler.sandbox.control_plane import Answer, ApiError
from reconciler.sandbox.control_plane.errors import too_large
from reconciler.sandbox.control_plane.shapes import service_model
from reconciler.sandbox.wire import Request, Response

_LARGEST = {"CreateFunction": 70167211}  # bytes of a request (recorded)

_Key = tuple[str, str, int]  # method, API version, number of path segments


@dataclass(frozen=True, slots=True)
class Route:
    """One operation's place: `segments` are literal or `{Member}`; `query` pairs must be there; `status` on success."""

    operation: str
    segments: tuple[str, ...]
    query: frozenset[tuple[str, str]]
    status: int
    shape: StructureShape | None


@dataclass(frozen=True, slots=True)
class Call:
    route: Route
    params: Mapping[str, Any]

    @property
    def operation(self) -> str:
        return self.route.operation


@cache
def routes() -> Mapping[_Key, tuple[Route, ...]]:
    """Every operation of Lambda by method, API version and path length, those that need a query string first."""
    model = service_model()
    found: dict[_Key, list[Route]] = {}
    for name in model.operation_names:
        operation = model.operation_model(name)
        uri = urlsplit(operation.http["requestUri"])
        segments = tuple(uri.path.strip("/").split("/"))
        query = frozenset(parse_qsl(uri.query, keep_blank_values=True))
        status = int(operation.http.get("responseCode", 200))
        route = Route(name, segments, query, status, operation.input_shape)
        found.setdefault((operation.http["method"], segments[0], len(segments)), []).append(route)
    return {key: tuple(sorted(group, key=lambda route: -len(route.query))) for key, group in found.items()}


def parse(request: Request) -> Call:
    """The operation that the request asks for, with its parameters. Raises ApiError when Lambda has no such path."""
    segments = tuple(request.path.strip("/").split("/"))
    query = parse_qsl(request.query, keep_blank_values=True)
    for route in routes().get((request.method, segments[0], len(segments)), ()):
        labels = _labels(route, segments)
        if labels is not None and route.query <= set(query):
            _refuse_larger(route.operation, len(request.body))
            return Call(route, _params(route, labels, query, request))
    raise ApiError(404, "UnknownOperationException", "Lambda has no operation at this path", type_=None)


def _refuse_larger(operation: str, size: int) -> None:
    limit = _LARGEST.get(operation, size + 1)
    if size >= limit:
        raise too_large(f"Request must be smaller than {limit} bytes for the {operation} operation")


def render(answer: Answer) -> Response:
    """The control plane's answer as HTTP."""
    body = b"" if answer.body is None else json.dumps(answer.body).encode()
    return Response(answer.status, {"Content-Type": "application/json", **_request_id()}, body)


def render_error(error: ApiError) -> Response:
    """A refusal as HTTP: the code in `x-amzn-ErrorType`, the rest in the body."""
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": error.code, **_request_id()}
    return Response(error.status, headers, json.dumps(error.body()).encode())


def _request_id() -> dict[str, str]:
    return {"x-amzn-RequestId": str(uuid.uuid4())}


def _labels(route: Route, segments: tuple[str, ...]) -> dict[str, str] | None:
    labels = {}
    for template, segment in zip(route.segments, segments, strict=True):
        if template.startswith("{"):
            if not segment:
                return None
            labels[template.strip("{}+")] = unquote(segment)
        elif template != segment:
            return None
    return labels


def _params(route: Route, labels: Mapping[str, str], query: list[tuple[str, str]], request: Request) -> dict[str, Any]:
    if route.shape is None:
        return {}
    params: dict[str, Any] = {}
    for member, shape in route.shape.members.items():
        name = shape.serialization.get("name", member)
        match shape.serialization.get("location"):
            case "uri":
                params[member] = _text_value(shape, labels[name])
            case "querystring":
                params.update(_query_member(member, shape, [value for key, value in query if key == name]))
            case "header" if name.lower() in request.headers:
                params[member] = _text_value(shape, request.headers[name.lower()])
    return params | _body_params(route.shape, request.body)


def _query_member(member: str, shape: Shape, values: list[str]) -> dict[str, Any]:
    if not values:
        return {}
    if isinstance(shape, ListShape):
        return {member: [_text_value(shape.member, value) for value in values]}
    return {member: _text_value(shape, values[-1])}


def _body_params(shape: StructureShape, body: bytes) -> dict[str, Any]:
    payload = shape.serialization.get("payload")
    if payload is not None:
        return {payload: body}
    in_body = {name: member for name, member in shape.members.items() if "location" not in member.serialization}
    if not in_body or not body.strip():
        return {}
    try:
        document = json.loads(body)
    except ValueError:
        raise _unparsable("Could not parse request body into json") from None
    except RecursionError:
        raise ApiError(400, "SerializationException", "The request body is nested too deeply", type_=None) from None
    if not isinstance(document, dict):
        raise _unparsable("The request body must be a json object")
    return _members(in_body, document)


def _members(members: Mapping[str, Shape], document: Mapping[str, Any]) -> dict[str, Any]:
    named = {shape.serialization.get("name", member): (member, shape) for member, shape in members.items()}
    present = ((named[name], value) for name, value in document.items() if name in named and value is not None)
    return {member: _json_value(shape, value) for (member, shape), value in present}


def _json_value(shape: Shape, value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return _members(shape.members, value)
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_json_value(shape.member, item) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: _json_value(shape.value, item) for key, item in value.items()}
    if isinstance(value, str):
        return _text_value(shape, value)
    return value


def _text_value(shape: Shape, text: str) -> Any:  # noqa: ANN401 - as the shape says
    """A value that came as text, in the shape's own type."""
    try:
        match shape.type_name:
            case "integer" | "long":
                return int(text)
            case "float" | "double":
                return float(text)
            case "boolean":
                return text.lower() == "true"
            case "blob":
                return base64.b64decode(text, validate=True)
            case _:
                return text
    except (ValueError, binascii.Error):
        message = f"A value can not be converted to {shape.type_name}"
        raise ApiError(400, "SerializationException", message, type_=None) from None


def _unparsable(message: str) -> ApiError:
    return ApiError(400, "InvalidRequestContentException", message)
