"""Step Functions over HTTP: executions by our own model, state machines by moto."""

import json
import uuid

from reconciler.model.observed import AccountRegion
from reconciler.sandbox import moto_backend
from reconciler.sandbox.control_plane import ApiError
from reconciler.sandbox.executions import Executions
from reconciler.sandbox.wire import Request, Response, Scope

_TYPE = "application/x-amz-json-1.0"


def answer(executions: Executions, operation: str, request: Request) -> Response:
    """The model's answer to this operation, or its refusal."""
    try:
        return _response(200, executions.call(operation, _parameters(request)), {})
    except ApiError as refusal:
        body: dict[str, object] = {"__type": refusal.code, "message": refusal.message}
        return _response(refusal.status, body, {"x-amzn-ErrorType": refusal.code})


def _parameters(request: Request) -> dict[str, object]:
    try:
        document = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise ApiError(400, "SerializationException", "The request body must be a json object", type_=None)
    return document


def _response(status: int, body: dict[str, object], headers: dict[str, str]) -> Response:
    headers = {"Content-Type": _TYPE, "x-amzn-RequestId": str(uuid.uuid4()), **headers}
    return Response(status, headers, json.dumps(body).encode())


def machine_exists(place: AccountRegion, arn: str) -> bool:
    """Whether moto has a state machine of this ARN."""
    signed = f"AWS4-HMAC-SHA256 Credential=sandbox/20260102/{place.region}/states/aws4_request"
    headers = {
        "content-type": _TYPE,
        "x-amz-target": "AWSStepFunctions.DescribeStateMachine",
        "authorization": signed,
    }
    request = Request("POST", "/", "", headers, json.dumps({"stateMachineArn": arn}).encode())
    return moto_backend.answer(request, Scope("", place.region, "states"), place.account).status == 200
