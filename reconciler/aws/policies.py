"""Resource policies and asynchronous settings: AWS's answers -> values, and values -> what a call takes.

A policy is JSON of IAM's grammar, in which one thing can be said in several ways; PutResourcePolicy and the console
write more of it than AddPermission can. `meaning` brings a statement into one spelling: names of actions, operators
and condition keys have no case, a list of one is its value, an account is the root of it, `*` is any AWS principal in a
resource policy, and ArnEquals is ArnLike.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html (the patterns of its parameters)
"""

import json
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from reconciler.aws.answers import Answer, InvalidResponse, is_text, optional_part, optional_text, optional_whole, text
from reconciler.model.callers import AsyncSettings, Grant, ResourcePolicy, Statement

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import DestinationConfigTypeDef

_INVOKES: Final = {
    "lambda:invokefunction": "lambda:InvokeFunction",
    "lambda:invokefunctionurl": "lambda:InvokeFunctionUrl",
    "lambda:invokeasync": "lambda:InvokeAsync",
}
_SID: Final = re.compile(r"[a-zA-Z0-9_-]{1,100}")
_ROOT: Final = re.compile(r"(?:arn:aws[a-z-]*:iam::)?([0-9]{12})(?::root)?")
_ARN: Final = re.compile(r"arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:\S+")
_SOURCE: Final = r"arn:aws[a-zA-Z0-9-]*:[a-zA-Z0-9-]+:((eusc-)?[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-\d)?:(\d{12})?:.*"
# What AddPermission makes of its parameters: the condition, the field of Grant, and what AWS takes for it.
_CONDITIONS: Final = {
    ("arnlike", "aws:sourcearn"): ("source_arn", re.compile(_SOURCE)),
    ("stringequals", "aws:sourceaccount"): ("source_account", re.compile(r"\d{12}")),
    ("stringequals", "lambda:eventsourcetoken"): ("event_source_token", re.compile(r"[a-zA-Z0-9._-]{1,256}")),
    ("stringequals", "lambda:functionurlauthtype"): ("function_url_auth_type", re.compile("NONE|AWS_IAM")),
    ("stringequals", "aws:principalorgid"): ("principal_org_id", re.compile("o-[a-z0-9]{10,32}")),
    ("bool", "lambda:invokedviafunctionurl"): ("invoked_via_function_url", re.compile("true|false")),
}
_PARAMETERS: Final = {
    "source_arn": "SourceArn",
    "source_account": "SourceAccount",
    "event_source_token": "EventSourceToken",
    "principal_org_id": "PrincipalOrgID",
    "function_url_auth_type": "FunctionUrlAuthType",
    "invoked_via_function_url": "InvokedViaFunctionUrl",
}
_FUNCTION_PARTS = 7  # of a function's ARN; a qualifier is the eighth

Conditions = dict[tuple[str, str], list[str]]


class _Inexpressible(Exception):  # noqa: N818 - about a statement, not a fault
    """AddPermission can't make this statement; why, as a clause."""


def resource_policy_of(answer: Answer) -> ResourcePolicy:
    """The answer of GetPolicy."""
    try:
        document = json.loads(text(answer, "Policy"))
    except (ValueError, RecursionError) as error:
        if isinstance(error, InvalidResponse):
            raise
        raise InvalidResponse("the answer can't be understood: the policy is not JSON") from error
    statements = _listed(document.get("Statement")) if isinstance(document, dict) else [None]
    if not all(isinstance(each, dict) for each in statements):
        raise InvalidResponse("the answer can't be understood: the policy holds no list of statements")
    return ResourcePolicy(tuple(map(_statement, statements)), text(answer, "RevisionId"))


def _statement(raw: Mapping[str, Any]) -> Statement:
    sid = str(raw.get("Sid") or "")
    if not is_text(json.dumps(raw, ensure_ascii=False)):
        raise InvalidResponse("the answer can't be understood: the policy is not text")
    invokes = "NotAction" in raw or any(map(_may_invoke, _actions(raw)))
    try:
        return Statement(sid, _meaning(raw), invokes, _grant(sid, raw))
    except _Inexpressible as why:
        return Statement(sid, _meaning(raw), invokes, None, str(why))


def _may_invoke(action: str) -> bool:
    return any(fnmatchcase(name, action) for name in _INVOKES)


# ---------------------------------------------------------------- meaning


def _meaning(raw: Mapping[str, Any]) -> str:
    rest = {name: value for name, value in raw.items() if name not in _SPELLED and name not in {"Sid", "Resource"}}
    conditions = sorted([*name, *values] for name, values in _conditions(raw).items())
    spelled = [str(raw.get("Effect")), sorted(_principals(raw)), sorted(_actions(raw)), conditions, rest]
    return json.dumps(spelled, sort_keys=True, separators=(",", ":"))


_SPELLED: Final = frozenset({"Effect", "Principal", "Action", "Condition"})


def _principals(raw: Mapping[str, Any]) -> list[str]:
    """Each as `Service:s3.amazonaws.com`, `AWS:123456789012`, `AWS:arn:…`, or `*`."""
    principal = raw.get("Principal")
    if isinstance(principal, dict):
        return [_principal(str(kind), str(one)) for kind, named in principal.items() for one in _listed(named)]
    return [_principal("AWS", str(one)) for one in _listed(principal)]


def _principal(kind: str, name: str) -> str:
    if kind != "AWS":
        return f"{kind}:{name}"
    root = _ROOT.fullmatch(name)
    return "*" if name == "*" else f"AWS:{root[1] if root else name}"


def _actions(raw: Mapping[str, Any]) -> list[str]:
    return [str(action).lower() for action in _listed(raw.get("Action"))]


def _conditions(raw: Mapping[str, Any]) -> Conditions:
    """(operator, key) -> values; what is no condition of IAM's grammar stands under its own text."""
    found: Conditions = {}
    conditions = raw.get("Condition")
    for operator, tests in conditions.items() if isinstance(conditions, dict) else [("", conditions or {})]:
        named = str(operator).lower().replace("arnequals", "arnlike")
        for key, value in tests.items() if isinstance(tests, dict) else [(json.dumps(tests), [])]:
            found.setdefault((named, str(key).lower()), []).extend(sorted(map(_value, _listed(value))))
    return found


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _listed(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


# ---------------------------------------------------------------- AddPermission


def _grant(sid: str, raw: Mapping[str, Any]) -> Grant:
    if raw.get("Effect") != "Allow":
        raise _Inexpressible(f"its effect is {raw.get('Effect')}")
    for name in raw.keys() - _SPELLED - {"Sid", "Resource"}:
        raise _Inexpressible(f"it has {name}")
    if not _SID.fullmatch(sid):
        raise _Inexpressible("it has no Sid that AddPermission takes" if sid else "it has no Sid")
    _same_resource(raw)
    parts = dict(_condition(operator, key, values) for (operator, key), values in _conditions(raw).items())
    via_url = parts.pop("invoked_via_function_url", None)
    return Grant(
        sid,
        _action(raw),
        _only_principal(raw),
        **parts,
        invoked_via_function_url=None if via_url is None else via_url == "true",
    )


def _same_resource(raw: Mapping[str, Any]) -> None:
    """The statement has to be about the function itself: whether others cover calls of an alias is not documented."""
    for resource in _listed(raw.get("Resource")):
        if len(str(resource).split(":")) != _FUNCTION_PARTS or "*" in str(resource) or "?" in str(resource):
            raise _Inexpressible(f"its Resource is {resource}, not the function alone")


def _action(raw: Mapping[str, Any]) -> str:
    actions = _actions(raw)
    if len(actions) != 1:
        raise _Inexpressible("it has several actions" if actions else "it has no action")
    if actions[0] not in _INVOKES:
        raise _Inexpressible(f"its action {actions[0]} allows more than calls")
    return _INVOKES[actions[0]]


def _only_principal(raw: Mapping[str, Any]) -> str:
    principals = _principals(raw)
    if len(principals) != 1:
        raise _Inexpressible("it has several principals" if principals else "it has no principal")
    kind, _, name = principals[0].partition(":")
    if kind in {"*", "Service"}:
        return name or kind
    if kind != "AWS":
        raise _Inexpressible(f"its principal is of the kind {kind}")
    if not re.fullmatch("[0-9]{12}", name) and not _ARN.fullmatch(name):
        raise _Inexpressible(f"its principal {name} exists no more, or is none that AddPermission takes")
    return name


def _condition(operator: str, key: str, values: list[str]) -> tuple[str, str]:
    if (operator, key) not in _CONDITIONS:
        raise _Inexpressible(f"it has a condition ({operator} on {key})")
    field, taken = _CONDITIONS[operator, key]
    if len(values) != 1:
        raise _Inexpressible(f"its condition on {key} has {len(values)} values")
    if not taken.fullmatch(values[0]):
        raise _Inexpressible(f"its condition on {key} has a value that AddPermission does not take")
    return field, values[0]


def add_permission_request(grant: Grant) -> Any:  # noqa: ANN401 - the optional members of a TypedDict
    """The parameters of AddPermission that say what is allowed."""
    optional = {_PARAMETERS[name]: value for name in _PARAMETERS if (value := getattr(grant, name)) is not None}
    return {"StatementId": grant.sid, "Action": grant.action, "Principal": grant.principal, **optional}


# ---------------------------------------------------------------- asynchronous settings


def async_settings_of(answer: Answer) -> AsyncSettings:
    """The answer of GetFunctionEventInvokeConfig."""
    destinations = optional_part(answer, "DestinationConfig")
    return AsyncSettings(
        optional_whole(answer, "MaximumRetryAttempts"),
        optional_whole(answer, "MaximumEventAgeInSeconds"),
        optional_text(optional_part(destinations, "OnSuccess"), "Destination"),
        optional_text(optional_part(destinations, "OnFailure"), "Destination"),
    )


def async_settings_request(settings: AsyncSettings) -> Any:  # noqa: ANN401 - as above
    """The parameters of PutFunctionEventInvokeConfig that say what is set."""
    destinations: DestinationConfigTypeDef = {}
    if settings.on_success is not None:
        destinations["OnSuccess"] = {"Destination": settings.on_success}
    if settings.on_failure is not None:
        destinations["OnFailure"] = {"Destination": settings.on_failure}
    numbers = {"MaximumRetryAttempts": settings.retries, "MaximumEventAgeInSeconds": settings.max_age}
    given = {name: value for name, value in numbers.items() if value is not None}
    return {**given, "DestinationConfig": destinations} if destinations else given
