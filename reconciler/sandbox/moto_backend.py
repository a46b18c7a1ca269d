"""What the sandbox has no model of: moto's own answers, in this process, without its global patching.

A request goes in as it was signed; moto finds the service by the host name and the account by a header. moto is
imported at the first such request, since its services take a second. Lambda itself comes here only for operations
that the sandbox's model does not have (reconciler/sandbox/moto_lambda.py).

Only the services of OFFERED answer, and none starts a container, runs code or calls out.
"""

import json
import logging
import sys
import uuid
from collections.abc import Mapping
from functools import cache, partial
from importlib import import_module
from threading import RLock
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders

from reconciler.sandbox.wire import DEFAULT_ACCOUNT, Request, Response, Scope

if TYPE_CHECKING:
    from moto.core.botocore_stubber import BotocoreStubber

# moto's modules import each other in circles, and are imported by the first request of their service: one at a time,
# since two threads that enter a circle at different places can see a module half made.
importing = RLock()
_loaded: set[str] = set()
_log = logging.getLogger(__name__)
_MADE_ANEW = frozenset({"connection", "content-length", "transfer-encoding", "date", "status"})
# The services that are offered: the name that a signature gives, and moto's own.
OFFERED = {
    "events": "events",
    "iam": "iam",
    "lambda": "awslambda",
    "monitoring": "cloudwatch",
    "s3": "s3",
    "sns": "sns",
    "sqs": "sqs",
    "states": "stepfunctions",
    "sts": "sts",
}


def reset() -> None:
    """Forget what an earlier sandbox of this process left in moto."""
    if "moto.core.base_backend" in sys.modules:
        from moto.core.base_backend import BackendDict  # noqa: PLC0415 - loaded already

        BackendDict.reset()


def warm_up() -> None:
    """Import what the product itself asks for, ahead of the first request."""
    for service in ("sts", "cloudwatch", "awslambda_simple"):
        with importing:
            load()
            import_module(f"moto.{service}.models")


@cache
def load() -> "BotocoreStubber":
    """Moto, set up for us: its own dispatch by host name."""
    from moto.core.config import default_user_config  # noqa: PLC0415 - slow to import
    from moto.core.models import botocore_stubber  # noqa: PLC0415 - slow to import

    default_user_config["lambda"] = {"use_docker": False}  # Invoke answers without running anything
    default_user_config["core"]["service_whitelist"] = list(OFFERED.values())
    _unplug()
    return botocore_stubber


def _unplug() -> None:
    """Close moto's ways out of this process, whichever service leads there.

    SNS posts to web addresses, EventBridge calls API destinations, and messages and notifications run a function in a
    container: all of them count as delivered, and nothing is sent or run.
    """
    function = import_module("moto.awslambda.models").LambdaFunction
    function._invoke_lambda = lambda _function, event=None: (json.dumps(event), False, "")  # noqa: SLF001 - no setting
    for module in ("moto.sns.models", "moto.events.models"):
        ways_out = SimpleNamespace(post=_unsent, request=_unsent)
        setattr(import_module(module), "requests", ways_out)  # noqa: B010 - a module's import, replaced


def _unsent(*_address: object, **_options: object) -> None:
    """A request that is not made."""


def account_of_key(key: str) -> str:
    """The account that moto gave this access key to (AssumeRole, CreateAccessKey), else the default one."""
    if "moto.iam.models" not in sys.modules:  # then moto gave none
        return DEFAULT_ACCOUNT
    with importing:
        from moto.iam.models import get_account_id_from  # noqa: PLC0415 - loaded already, or being loaded

    return get_account_id_from(key)


def answer(request: Request, scope: Scope, account: str) -> Response:
    """What moto answers; a service not offered or an operation that moto lacks is 501, a fault inside it 500."""
    refused = partial(_refused, form=_is_form(request))
    if scope.service not in OFFERED:
        offered = ", ".join(sorted({*OFFERED, "application-autoscaling"}))  # a model of our own, asked before moto
        return refused(
            501,
            "NotImplemented",
            f"The sandbox does not offer {scope.service}; it offers {offered}",
            form=_is_form(request),
        )
    try:
        answered = _answered(_prepared(request, scope, account), scope.service)
    except NotImplementedError as error:
        return refused(501, "NotImplemented", str(error))
    except RecursionError:
        return refused(400, "SerializationException", "The request is nested too deeply")
    except Exception:  # noqa: BLE001 - a fault of another's code, logged and answered as AWS answers its own
        _log.exception("%s failed inside moto", scope.service)
        return refused(500, "InternalFailure", f"{scope.service} failed inside the sandbox")
    if answered is None or (answered[0] == 404 and answered[2] == "Not yet implemented"):
        return refused(501, "NotImplemented", f"The sandbox does not have this operation of {scope.service}")
    status, headers, body = answered
    return Response(status, _answer_headers(request, headers), body if isinstance(body, bytes) else body.encode())


def operation_of(request: Request) -> str:
    """The operation's name where the protocol tells it (a header or a form), else the HTTP method."""
    target = request.headers.get("x-amz-target")
    if target:
        return target.rpartition(".")[2]
    if _is_form(request):
        return parse_qs(request.body.decode("utf-8", "replace")).get("Action", [request.method])[0]
    return request.method


def _answered(request: AWSPreparedRequest, service: str) -> tuple[int, Mapping[str, Any], str | bytes] | None:
    if service in _loaded:
        return load().process_request(request)
    with importing:
        answered = load().process_request(request)
    _loaded.add(service)
    return answered


def _prepared(request: Request, scope: Scope, account: str) -> AWSPreparedRequest:
    host = request.host if scope.service == "s3" and "amazonaws.com" in request.host else _host(scope)
    query = f"?{request.query}" if request.query else ""
    headers = HTTPHeaders()
    for name, value in {**request.headers, "host": host, "x-moto-account-id": account}.items():
        headers[name] = value
    return AWSPreparedRequest(request.method, f"https://{host}{request.path}{query}", headers, request.body, False)


def _host(scope: Scope) -> str:
    return "iam.amazonaws.com" if scope.service == "iam" else f"{scope.service}.{scope.region}.amazonaws.com"


def _answer_headers(request: Request, headers: Mapping[str, Any]) -> dict[str, str]:
    kept = {name: str(value) for name, value in headers.items() if name.lower() not in _MADE_ANEW}
    if request.method == "HEAD" and (length := headers.get("content-length", headers.get("Content-Length"))):
        kept["Content-Length"] = str(length)
    if not any(name.lower() in {"x-amzn-requestid", "x-amz-request-id"} for name in kept):
        kept["x-amzn-RequestId"] = str(uuid.uuid4())
    return kept


def _is_form(request: Request) -> bool:
    """Whether the request is of AWS's query protocol, whose answers are XML."""
    return request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


def _refused(status: int, code: str, message: str, *, form: bool) -> Response:
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code, "x-amzn-RequestId": str(uuid.uuid4())}
    if not form:
        return Response(status, headers, json.dumps({"__type": code, "message": message}).encode())
    error = f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
    body = f"<Response><Errors>{error}</Errors></Response>"
    return Response(status, headers | {"Content-Type": "text/xml"}, body.encode())
