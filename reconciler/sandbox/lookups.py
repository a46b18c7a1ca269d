"""What our models ask of the services that moto is: whether a queue, or a state machine, exists."""

import json
from urllib.parse import urlencode

from reconciler.model.observed import AccountRegion
from reconciler.sandbox import moto_backend
from reconciler.sandbox.wire import Request, Scope


def queue_exists(place: AccountRegion, arn: str) -> bool:
    """Whether there is a queue of this ARN; one of another account or region is taken to exist."""
    region, account, name = arn.split(":", 5)[3:6]
    if AccountRegion(account, region) != place:
        return True
    form = {"content-type": "application/x-www-form-urlencoded"}
    return _found(place, "sqs", form, urlencode({"Action": "GetQueueUrl", "QueueName": name}))


def machine_exists(place: AccountRegion, arn: str) -> bool:
    """Whether there is a state machine of this ARN."""
    target = {"x-amz-target": "AWSStepFunctions.DescribeStateMachine"}
    return _found(place, "states", target, json.dumps({"stateMachineArn": arn}))


def _found(place: AccountRegion, service: str, headers: dict[str, str], body: str) -> bool:
    # moto reads the region from here, and asks for no signature
    signed = f"AWS4-HMAC-SHA256 Credential=sandbox/20260102/{place.region}/{service}/aws4_request"
    request = Request("POST", "/", "", {**headers, "authorization": signed}, body.encode())
    return moto_backend.answer(request, Scope("", place.region, service), place.account).status == 200
