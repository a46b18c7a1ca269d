"""Where moto takes a request that AWS refuses: what `refusal` answers instead, before moto is asked (recorded).

S3 sends nothing to a function that does not allow it, and finds out when a notification is set. An EventBridge rule has
five targets. An SNS subscription that exists is not changed by another Subscribe.
"""

import json
import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from urllib.parse import parse_qsl, urlencode
from xml.sax.saxutils import escape, unescape

from reconciler.model.observed import AccountRegion, partition
from reconciler.sandbox import moto_backend
from reconciler.sandbox.control_plane import Answer, ApiError
from reconciler.sandbox.control_plane.world import mapping
from reconciler.sandbox.wire import Request, Response, Scope

Ask = Callable[[AccountRegion, str, Mapping[str, object]], Answer]  # one call to Lambda's model; raises ApiError

_FUNCTION = re.compile(r"<CloudFunction>\s*(.*?)\s*</CloudFunction>", re.DOTALL)
_TARGETS = 5
_MEMBER = re.compile(r"<member>(.*?)</member>", re.DOTALL)
_ENTRY = re.compile(r"<entry>(.*?)</entry>", re.DOTALL)
_ATTRIBUTE = re.compile(r"Attributes\.entry\.\d+\.key")
_UNSAID = {"RawMessageDelivery": "false", "FilterPolicyScope": "MessageAttributes"}


def refusal(request: Request, scope: Scope, place: AccountRegion, ask: Ask) -> Response | None:
    """AWS's refusal of this request, None where moto may answer."""
    if scope.service == "s3" and request.method == "PUT" and "notification" in _query(request):
        return _notification(request, place, ask)
    if scope.service == "events" and moto_backend.operation_of(request) == "PutTargets":
        return _targets(request, scope, place)
    if scope.service == "sns" and moto_backend.operation_of(request) == "Subscribe":
        return _subscription(request, scope, place)
    return None


def _query(request: Request) -> Mapping[str, str]:
    return dict(parse_qsl(request.query, keep_blank_values=True))


def _notification(request: Request, place: AccountRegion, ask: Ask) -> Response | None:
    if request.headers.get("x-amz-skip-destination-validation", "").lower() == "true":
        return None
    now = moto_backend.answer(
        Request("GET", request.path, "notification", request.headers, host=request.host),
        Scope("", place.region, "s3"),
        place.account,
    )
    bucket = f"arn:{partition(place.region)}:s3:::{_bucket(request)}"
    functions = [unescape(arn) for arn in _FUNCTION.findall(request.body.decode("utf-8", "replace"))]
    refused = [arn for arn in functions if not _allowed(arn, bucket, place, ask)]
    if now.status != 200 or not refused:
        return None
    arguments = "".join(
        f"<ArgumentName{number}>{escape(arn)}, null</ArgumentName{number}>"
        f"<ArgumentValue{number}>Not authorized to invoke function [{escape(arn)}]</ArgumentValue{number}>"
        for number, arn in enumerate(refused, start=1)
    )
    words = "Unable to validate the following destination configurations"
    body = f"<Error><Code>InvalidArgument</Code><Message>{words}</Message>{arguments}</Error>"
    return Response(400, {"Content-Type": "application/xml", "x-amzn-ErrorType": "InvalidArgument"}, body.encode())


def _bucket(request: Request) -> str:
    """The bucket, where it is said: before the host's own name, or first in the path."""
    first, _, rest = request.host.partition(".")
    return first if rest.startswith("s3") else request.path.strip("/").split("/")[0]


def _allowed(function_arn: str, bucket_arn: str, place: AccountRegion, ask: Ask) -> bool:
    """Whether a statement of the function's (or of its alias's) lets S3 invoke it for this bucket."""
    parts = function_arn.split(":")
    if len(parts) < 7:
        return False
    try:
        policy = ask(AccountRegion(parts[4], parts[3]), "GetPolicy", {"FunctionName": function_arn}).body or {}
    except ApiError:
        return False
    return any(_lets_in(each, bucket_arn, place.account) for each in json.loads(str(policy["Policy"]))["Statement"])


def _lets_in(statement: Mapping[str, object], bucket_arn: str, account: str) -> bool:
    condition = mapping(statement.get("Condition"))
    source = mapping(condition.get("ArnLike")).get("AWS:SourceArn", "*")
    owner = mapping(condition.get("StringEquals")).get("AWS:SourceAccount", account)
    principal = statement.get("Principal")
    return (
        statement.get("Effect") == "Allow"
        and (principal == "*" or mapping(principal).get("Service") == "s3.amazonaws.com")
        and statement.get("Action") == "lambda:InvokeFunction"
        and fnmatchcase(bucket_arn, str(source))
        and owner == account
    )


def _targets(request: Request, scope: Scope, place: AccountRegion) -> Response | None:
    """The same Id replaces a target, another one is one more (recorded)."""
    given = _document(request)
    where = {name: given[name] for name in ("Rule", "EventBusName") if name in given}
    headers = {**request.headers, "x-amz-target": "AWSEvents.ListTargetsByRule"}
    asked = Request("POST", "/", "", headers, json.dumps(where).encode())
    found = moto_backend.answer(asked, scope, place.account)
    if found.status != 200:
        return None
    kept = {each["Id"] for each in json.loads(found.body)["Targets"]}
    targets = given.get("Targets")
    added = {mapping(each).get("Id") for each in targets} if isinstance(targets, list) else set()
    if len(kept | added) <= _TARGETS:
        return None
    code = "LimitExceededException"
    body = {"__type": code, "message": "The requested resource exceeds the maximum number allowed."}
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": code}
    return Response(400, headers, json.dumps(body).encode())


def _subscription(request: Request, scope: Scope, place: AccountRegion) -> Response | None:
    """The same attributes again, or fewer, are no change; SNS keeps True as true (recorded)."""
    form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))

    def asked(**members: str) -> str:
        body = urlencode({**members, "Version": "2010-03-31"}).encode()
        return moto_backend.answer(Request("POST", "/", "", request.headers, body), scope, place.account).body.decode()

    listed = asked(Action="ListSubscriptionsByTopic", TopicArn=form.get("TopicArn", ""))
    same = [each for each in _MEMBER.findall(listed) if _tag(each, "Endpoint") == form.get("Endpoint")]
    arns = [_tag(each, "SubscriptionArn") for each in same if _tag(each, "Protocol") == form.get("Protocol")]
    if not arns:
        return None
    now = asked(Action="GetSubscriptionAttributes", SubscriptionArn=arns[0])
    kept = {**_UNSAID, **{_tag(each, "key"): _tag(each, "value") for each in _ENTRY.findall(now)}}
    given = {form[name]: form.get(f"{name[:-3]}value", "") for name in form if _ATTRIBUTE.fullmatch(name)}
    if all(kept.get(name) in {value, value.lower()} for name, value in given.items()):
        return None
    words = "Invalid parameter: Attributes Reason: Subscription already exists with different attributes"
    error = f"<Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>{words}</Message></Error>"
    headers = {"Content-Type": "text/xml", "x-amzn-ErrorType": "InvalidParameter"}
    return Response(400, headers, f"<ErrorResponse>{error}</ErrorResponse>".encode())


def _tag(text: str, name: str) -> str:
    found = re.search(f"<{name}>(.*?)</{name}>", text, re.DOTALL)
    return unescape(found[1], {"&quot;": '"'}) if found else ""


def _document(request: Request) -> Mapping[str, object]:
    """The request's members, none where it is not well-formed: that is moto's to refuse."""
    try:
        return mapping(json.loads(request.body))
    except (ValueError, RecursionError):
        return {}
