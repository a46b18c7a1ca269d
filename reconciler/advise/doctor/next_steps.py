"""How to point a trigger at the alias: a principal and its source in, a sentence and shell commands out.

Pure. Each AWS service keeps the ARN that it calls in a place of its own; where that is known, the command that changes
it is given, with what it would overwrite. Every word of AWS's that gets into a command is quoted for the shell.
"""

import shlex
from dataclasses import dataclass

from reconciler.model.inventory import Permission
from reconciler.model.observed import Key

_ARN_PARTS = 6  # arn:partition:service:region:account:resource


@dataclass(frozen=True, slots=True)
class Advice:
    todo: str
    commands: tuple[str, ...] = ()


def shell(*words: str) -> str:
    """One command line."""
    return " ".join(shlex.quote(word) for word in words)


def switch(permission: Permission, target: Key) -> Advice:  # noqa: PLR0911 - one return a service
    """How to have this trigger call the alias instead of the bare function."""
    if permission.action == "lambda:InvokeFunctionUrl" or permission.url_auth:
        return _function_url(target)
    arn = (permission.source or "").split(":", _ARN_PARTS - 1)
    resource = arn[-1] if len(arn) == _ARN_PARTS else ""
    region = arn[3] if len(arn) == _ARN_PARTS and arn[3] else target.region
    match permission.principal.removesuffix(".cn"):
        case "events.amazonaws.com" if resource.startswith("rule/") and "*" not in resource:
            return _rule(resource.removeprefix("rule/"), region, target)
        case "sns.amazonaws.com" if permission.source and "*" not in resource:
            return _topic(permission.source, region, target)
        case "s3.amazonaws.com":
            return _bucket(resource, target)
        case "apigateway.amazonaws.com":
            return Advice(
                f"set the integration's URI to …/functions/{target.alias_arn}/invocations and deploy the stage"
            )
        case "elasticloadbalancing.amazonaws.com" if resource:
            return _target_group(permission.source or "", region, target)
        case _:
            return Advice(f"have {permission.principal} call {target.alias_arn} instead of the function's bare name")


def _function_url(target: Key) -> Advice:
    command = shell(
        *("aws", "lambda", "create-function-url-config", "--region", target.region),
        *("--function-name", target.function, "--qualifier", target.alias, "--auth-type", "AWS_IAM"),
    )
    todo = "a function URL belongs to one qualifier: make one for the alias (mind the auth type), and hand out that URL"
    return Advice(todo, (command,))


def _rule(path: str, region: str, target: Key) -> Advice:
    bus, _, name = path.rpartition("/")
    query = f"--query \"Targets[?Arn=='{target.function_arn}']\""
    rule = ("--region", region, "--rule", name, *(("--event-bus-name", bus) if bus else ()))
    return Advice(
        "give the rule's target the alias ARN; put-targets replaces the whole target, so carry over what the first "
        "command shows",
        (
            f"{shell('aws', 'events', 'list-targets-by-rule', *rule)} {query}",
            f"{shell('aws', 'events', 'put-targets', *rule, '--targets')} Id=TARGET_ID,Arn={target.alias_arn}",
        ),
    )


def _topic(topic: str, region: str, target: Key) -> Advice:
    subscribe = shell(
        *("aws", "sns", "subscribe", "--region", region, "--topic-arn", topic),
        *("--protocol", "lambda", "--notification-endpoint", target.alias_arn),
    )
    found = shell("aws", "sns", "list-subscriptions-by-topic", "--region", region, "--topic-arn", topic)
    return Advice(
        "subscribe the alias, then unsubscribe the bare function (until then each message calls both)",
        (subscribe, found),
    )


def _bucket(bucket: str, target: Key) -> Advice:
    command = ("aws", "s3api", "get-bucket-notification-configuration", "--bucket", bucket or "BUCKET")
    return Advice(
        f"put {target.alias_arn} into the bucket's notification configuration in place of the function's ARN "
        "(put-bucket-notification-configuration replaces all of it: begin with what it is)",
        (shell(*command),),
    )


def _target_group(group: str, region: str, target: Key) -> Advice:
    where = ("--region", region, "--target-group-arn", group, "--targets")
    return Advice(
        "register the alias with the target group, which takes one Lambda at a time",
        (
            shell("aws", "elbv2", "deregister-targets", *where, f"Id={target.function_arn}"),
            shell("aws", "elbv2", "register-targets", *where, f"Id={target.alias_arn}"),
        ),
    )


def allow(permission: Permission, target: Key) -> Advice:
    """How to allow on the alias what is allowed on the bare function."""
    optional = (
        ("--source-arn", permission.source),
        ("--source-account", permission.source_account),
        ("--principal-org-id", permission.organization),
        ("--function-url-auth-type", permission.url_auth),
    )
    command = shell(
        *("aws", "lambda", "add-permission", "--region", target.region),
        *("--function-name", target.function, "--qualifier", target.alias),
        *("--statement-id", permission.sid, "--action", permission.action, "--principal", permission.principal),
        *(word for option, value in optional if value for word in (option, value)),
    )
    others = f" (its conditions on {', '.join(permission.others)} can't be set so)" if permission.others else ""
    return Advice(f"allow it on the alias before it is switched over{others}", (command,))
