"""Resource policies: who may invoke a function, a version or an alias. Each qualifier has a policy of its own.

A policy has a RevisionId of its own (recorded 2025). The first permission of a qualifier may be given the RevisionId of
what it is put on instead (recorded for an alias).
"""

import json
import re
from collections.abc import Mapping

from reconciler.sandbox.control_plane.errors import (
    ApiError,
    alias_arn_not_found,
    conflict,
    function_not_found,
    invalid,
    not_found,
    stale,
)
from reconciler.sandbox.control_plane.names import LATEST, is_alias
from reconciler.sandbox.control_plane.state import Function, Policy, next_revision, with_policy
from reconciler.sandbox.control_plane.world import Body, Call, Rule

_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws|amazon)\.com(\.cn)?")
_ACCOUNT = re.compile(r"\d{12}")


def add_permission(call: Call) -> Body:
    if call.qualifier == LATEST:
        raise invalid("We currently do not support adding policies for $LATEST.")
    function = _existing(call)
    policy = function.policies.get(call.qualifier or "")
    _same_revision(call, function, policy)
    sid = call.required("StatementId")
    kept = () if policy is None else policy.statements
    if any(statement.get("Sid") == sid for statement in kept):
        raise conflict(
            f"The statement id ({sid}) provided already exists. "
            "Please provide a new statement id, or remove the existing statement."
        )
    statement = _statement(call)
    statements = (*kept, statement)
    _refuse_too_long(statements)
    function, revision = next_revision(function)
    call.world.put(with_policy(function, call.qualifier or "", Policy(statements, revision)))
    return {"Statement": _text(statement)}


def _refuse_too_long(statements: tuple[Mapping[str, object], ...]) -> None:
    """20 KB of policy (AWS's documentation; the words: public issues)."""
    size = len(_document(statements))
    if size > 20480:
        raise ApiError(
            400,
            "PolicyLengthExceededException",
            f"The final policy size ({size}) is bigger than the limit (20480).",
        )


def _document(statements: tuple[Mapping[str, object], ...]) -> str:
    return _text({"Version": "2012-10-17", "Id": "default", "Statement": list(statements)})


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _existing(call: Call) -> Function:
    function = call.function(call.qualifier)
    if call.qualifier is not None and function.target(call.qualifier) is None:
        arn = call.arn(call.qualifier)
        raise alias_arn_not_found(arn) if is_alias(call.qualifier) else function_not_found(arn)
    return function


def _same_revision(call: Call, function: Function, policy: Policy | None) -> None:
    given = call.text("RevisionId")
    if given is None:
        return
    if policy is not None:
        known = policy.revision
    elif call.qualifier is not None and call.qualifier in function.aliases:
        known = function.aliases[call.qualifier].revision
    else:
        known = function.versions[call.qualifier or LATEST].revision
    if given != known:
        raise stale("GetPolicy")


def _statement(call: Call) -> dict[str, object]:
    statement: dict[str, object] = {
        "Sid": call.required("StatementId"),
        "Effect": "Allow",
        "Principal": _principal(call.required("Principal"), call.arn()),
        "Action": call.required("Action"),
        "Resource": call.arn(call.qualifier),
    }
    condition = _condition(call)
    return {**statement, "Condition": condition} if condition else statement


def _principal(principal: str, function_arn: str) -> object:
    if principal == "*":
        return "*"
    if _ACCOUNT.fullmatch(principal):
        return {"AWS": f"arn:{function_arn.split(':')[1]}:iam::{principal}:root"}
    if principal.startswith("arn:"):
        return {"AWS": principal}
    if _SERVICE.fullmatch(principal):
        return {"Service": principal}
    raise invalid("The provided principal was invalid. Please check the principal and try again.")


def _condition(call: Call) -> dict[str, object]:
    equal = {
        "AWS:SourceAccount": call.text("SourceAccount"),
        "lambda:FunctionUrlAuthType": call.text("FunctionUrlAuthType"),
        "lambda:EventSourceToken": call.text("EventSourceToken"),
        "aws:PrincipalOrgID": call.text("PrincipalOrgID"),
    }
    condition: dict[str, object] = {}
    if any(value is not None for value in equal.values()):
        condition["StringEquals"] = {key: value for key, value in equal.items() if value is not None}
    if call.params.get("InvokedViaFunctionUrl") is not None:
        condition["Bool"] = {"lambda:InvokedViaFunctionUrl": str(call.flag("InvokedViaFunctionUrl")).lower()}
    source = call.text("SourceArn")
    if source is not None:
        condition["ArnLike"] = {"AWS:SourceArn": source}
    return condition


def remove_permission(call: Call) -> Body:
    function = call.world.find(call.name)
    if function is None:
        raise not_found(f"No policy found for: {call.arn(call.qualifier)}")
    function = _existing(call)
    policy = function.policies.get(call.qualifier or "")
    if policy is None:
        raise not_found("No policy is associated with the given resource.")
    sid = call.required("StatementId")
    kept = tuple(statement for statement in policy.statements if statement.get("Sid") != sid)
    if len(kept) == len(policy.statements):
        raise not_found(f"Statement {sid} is not found in resource policy.")
    _same_revision(call, function, policy)
    function, revision = next_revision(function)
    call.world.put(with_policy(function, call.qualifier or "", Policy(kept, revision) if kept else None))
    return None


def replaced(function: Function, qualifier: str | None, statements: tuple[Mapping[str, object], ...]) -> Function:
    """The function with these statements and no other, as PutResourcePolicy leaves it: any that IAM allows."""
    function, revision = next_revision(function)
    return with_policy(function, qualifier or "", Policy(statements, revision) if statements else None)


def get_policy(call: Call) -> Body:
    """Recorded: whatever is missing, function, qualifier or policy, gets the same words."""
    function = call.world.find(call.name)
    policy = None if function is None else function.policies.get(call.qualifier or "")
    if policy is None:
        raise not_found("The resource you requested does not exist.")
    return {"Policy": _document(policy.statements), "RevisionId": policy.revision}


RULES: Mapping[str, Rule] = {
    "AddPermission": add_permission,
    "RemovePermission": remove_permission,
    "GetPolicy": get_policy,
}
