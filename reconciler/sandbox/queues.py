"""What Lambda asks of SQS: whether the queue of an event source mapping exists, in the SQS that moto is."""

from urllib.parse import urlencode

from reconciler.model.observed import AccountRegion
from reconciler.sandbox import moto_backend
from reconciler.sandbox.wire import Request, Scope

_FORM = "application/x-www-form-urlencoded"


def queue_exists(place: AccountRegion, arn: str) -> bool:
    """Whether there is a queue of this ARN; one of another account or region is taken to exist."""
    region, account, name = arn.split(":", 5)[3:6]
    if AccountRegion(account, region) != place:
        return True
    # moto reads the region from here, and asks for no signature
    signed = f"AWS4-HMAC-SHA256 Credential=sandbox/20260102/{region}/sqs/aws4_request"
    body = urlencode({"Action": "GetQueueUrl", "QueueName": name}).encode()
    request = Request("POST", "/", "", {"content-type": _FORM, "authorization": signed}, body)
    return moto_backend.answer(request, Scope("", region, "sqs"), account).status == 200
