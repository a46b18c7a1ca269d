"""How each AWS service is made to call the alias: a permission or a function's name in, shell commands out. Pure.

Where a service's call replaces a whole target, everything of it is read, changed in its one ARN (`sed`, on the quoted
ARN alone) and sent back; the first file stays as the way back. Nothing is in two files' worth of state: what is not
known beforehand (an id, a listener) stands in capitals. The alias has to allow the caller first, which is a finding of
its own. Services whose update resets what it leaves out, or whose address is the callers', are named only.
"""

import re
from collections.abc import Iterable

from reconciler.advise.doctor.next_steps import Advice, allow, shell
from reconciler.model.inventory import Permission
from reconciler.model.observed import Key

_ARN_PARTS = 6  # arn:partition:service:region:account:resource
_SUBSCRIPTION = ("FilterPolicy", "FilterPolicyScope", "RedrivePolicy", "DeliveryPolicy", "ReplayPolicy")
_SCHEDULE = ("ScheduleExpressionTimezone", "StartDate", "EndDate", "Description", "State", "KmsKeyArn")


def switch(permission: Permission, target: Key) -> Advice:  # noqa: PLR0911 - one return a service
    """How to have this trigger call the alias instead of the bare function."""
    if permission.action == "lambda:InvokeFunctionUrl" or permission.url_auth:
        return Advice(
            "a function URL belongs to one qualifier, and its address is the callers': make one for the alias "
            "(create-function-url-config --qualifier), and hand out that address"
        )
    arn = (permission.source or "").split(":", _ARN_PARTS - 1)
    resource = arn[-1] if len(arn) == _ARN_PARTS else ""
    region = arn[3] if len(arn) == _ARN_PARTS and arn[3] else target.region
    match permission.principal.removesuffix(".cn"):
        case "events.amazonaws.com" if resource.startswith("rule/") and "*" not in resource:
            return _rule(resource.removeprefix("rule/"), region, target)
        case "sns.amazonaws.com" if permission.source and "*" not in resource:
            return _topic(permission.source, region, target)
        case "s3.amazonaws.com":
            return _bucket(resource or "BUCKET", target)
        case "apigateway.amazonaws.com":
            return _api(resource.partition("/")[0] or "API_ID", region, target)
        case "elasticloadbalancing.amazonaws.com" if resource:
            return _target_group(permission, region, target)
        case "cognito-idp.amazonaws.com":
            return Advice(
                f"name {target.alias_arn} in the user pool's Lambda triggers, where they were set: the console, or the "
                "template that made the pool (update-user-pool resets whatever it is not told)"
            )
        case _:
            return Advice(f"have {permission.principal} call {target.alias_arn} instead of the function's bare name")


def schedules(target: Key) -> tuple[str, ...]:
    """The commands that find EventBridge Scheduler's schedules of the bare function, which no policy shows, and move
    one; its role must be allowed to invoke the alias.
    """
    where = ("--region", target.region, "--group-name", "GROUP", "--name", "NAME")
    kept = _kept(("Name", "GroupName", "ScheduleExpression", "FlexibleTimeWindow", "Target"), _SCHEDULE)
    found = ("--query", f"Schedules[?Target.Arn=='{target.function_arn}'].[GroupName,Name]", "--output", "text")
    return (
        shell("aws", "scheduler", "list-schedules", "--region", target.region, *found),
        _saved("schedule", "aws", "scheduler", "get-schedule", *where, "--query", kept),
        _changed("schedule", target),
        shell(*("aws", "scheduler", "update-schedule", "--region", target.region), *_input("schedule")),
    )


def _rule(path: str, region: str, target: Key) -> Advice:
    bus, _, name = path.rpartition("/")
    rule = ("--region", region, "--rule", name, *(("--event-bus-name", bus) if bus else ()))
    file = _file(name, "targets")
    return Advice(
        "give the rule's target the alias ARN, all else of it as it is (put-targets replaces a target whole; its "
        "FailedEntryCount must be 0)",
        (
            _saved(file, "aws", "events", "list-targets-by-rule", *rule),
            _changed(file, target),
            shell("aws", "events", "put-targets", *rule, *_input(file)),
        ),
    )


def _topic(topic: str, region: str, target: Key) -> Advice:
    where, file = ("--region", region, "--topic-arn", topic), _file(topic.rpartition(":")[2], "subscription")
    listing = shell(
        *("aws", "sns", "list-subscriptions-by-topic", *where, "--output", "text", "--query"),
        f"Subscriptions[?Endpoint=='{target.function_arn}'].SubscriptionArn",
    )
    reading = shell(
        *("aws", "sns", "get-subscription-attributes", "--region", region),
        *("--output", "text"),  # as JSON, {} would not be printed
        *("--query", f"to_string(Attributes.{_kept((), _SUBSCRIPTION)})", "--subscription-arn"),
    )
    subscribing = shell(
        *("aws", "sns", "subscribe", *where, "--protocol", "lambda", "--notification-endpoint", target.alias_arn),
        *("--attributes", f"file://{file}.json"),
    )
    return Advice(
        "subscribe the alias with the filter and settings of the bare function's subscription, then end that one; "
        "in between each message calls both",
        (
            f"OLD=$({listing})",
            f'{reading} "$OLD" > {file}.json',
            subscribing,
            f'{shell("aws", "sns", "unsubscribe", "--region", region, "--subscription-arn")} "$OLD"',
        ),
    )


def _bucket(bucket: str, target: Key) -> Advice:
    file, where = _file(bucket, "notifications"), ("--bucket", bucket)
    return Advice(
        "name the alias in the bucket's notifications, all others as they are (the put replaces them all: nobody else "
        "may change them meanwhile)",
        (
            _saved(file, "aws", "s3api", "get-bucket-notification-configuration", *where),
            _changed(file, target),
            shell(
                *("aws", "s3api", "put-bucket-notification-configuration", *where),
                *("--notification-configuration", f"file://{file}-alias.json"),
            ),
        ),
    )


def _api(api: str, region: str, target: Key) -> Advice:
    """REST and HTTP APIs have ids of one kind: which one it is, the first command that finds something tells."""
    rest, http = ("--region", region, "--rest-api-id", api), ("--region", region, "--api-id", api)
    uri = f"arn:{target.alias_arn.split(':')[1]}:apigateway:{region}:lambda:path/2015-03-31/functions"
    methods = "items[].{resource: id, methods: resourceMethods.*.[httpMethod, methodIntegration.uri]}"
    mapped = f"Items[?contains(IntegrationUri || '', '{target.function_arn}')].[IntegrationId, IntegrationUri]"
    resource = ("--resource-id", "RESOURCE_ID", "--http-method", "METHOD")
    patch = f"op=replace,path=/uri,value={uri}/{target.alias_arn}/invocations"
    return Advice(
        "point the integrations at the alias. A REST API: each method of the first command's that names the function, "
        "then deploy the stage, which publishes every other pending change too. An HTTP API: each integration of the "
        "fourth command's; without auto-deploy the last one publishes it",
        (
            shell("aws", "apigateway", "get-resources", *rest, "--embed", "methods", "--query", methods),
            shell("aws", "apigateway", "update-integration", *rest, *resource, "--patch-operations", patch),
            shell("aws", "apigateway", "create-deployment", *rest, "--stage-name", "STAGE"),
            shell("aws", "apigatewayv2", "get-integrations", *http, "--query", mapped),
            shell(
                *("aws", "apigatewayv2", "update-integration", *http),
                *("--integration-id", "INTEGRATION_ID", "--integration-uri", target.alias_arn),
            ),
            shell("aws", "apigatewayv2", "create-deployment", *http),
        ),
    )


def _target_group(permission: Permission, region: str, target: Key) -> Advice:
    """A target group takes one Lambda: a second group, and then the listeners, leave no moment without any."""
    old, where = permission.source or "", ("--region", region)
    name = f"{old.split('/')[1] if old.count('/') > 1 else 'lambda'}"[:26]
    making = shell(
        *("aws", "elbv2", "create-target-group", *where, "--name", f"{name}-alias", "--target-type", "lambda"),
        *("--query", "TargetGroups[0].TargetGroupArn", "--output", "text"),
    )
    reading = ("aws", "elbv2", "describe-target-group-attributes", *where, "--target-group-arn", old)
    anybody = Permission(f"{permission.sid}-alias", permission.principal, permission.action)
    group, file = '--target-group-arn "$NEW"', _file(name, "attributes")
    balancers = ("--target-group-arns", old, "--query", "TargetGroups[0].[HealthCheckEnabled, LoadBalancerArns]")
    return Advice(
        "a target group takes one Lambda, and would serve 503 while it changes hands: give the alias a group of its "
        "own with the same settings (health checks too, where the last command shows them), and let each listener and "
        "rule forward there (modify-listener, modify-rule)",
        (
            f"NEW=$({making})",
            _saved(file, *reading, "--query", "Attributes"),
            f"{shell('aws', 'elbv2', 'modify-target-group-attributes', *where)} {group} --attributes file://{file}.json",
            f'{allow(anybody, target).commands[0]} --source-arn "$NEW"',
            f"{shell('aws', 'elbv2', 'register-targets', *where)} {group} --targets Id={target.alias_arn}",
            shell("aws", "elbv2", "describe-target-groups", *where, *balancers),
        ),
    )


def _file(name: str, what: str) -> str:
    """A file's name without its ending, whatever AWS allows in the thing's own."""
    return f"{re.sub('[^a-zA-Z0-9._-]', '_', name).lstrip('.-') or 'the'}-{what}"


def _saved(file: str, *words: str) -> str:
    return f"{shell(*words, '--output', 'json')} > {file}.json"


def _changed(file: str, target: Key) -> str:
    """The same JSON with the alias's ARN where the bare function's stands alone in its quotes."""
    script = f's|"{target.function_arn}"|"{target.alias_arn}"|g'
    return f"{shell('sed', script, f'{file}.json')} > {file}-alias.json"


def _input(file: str) -> tuple[str, str]:
    return "--cli-input-json", f"file://{file}-alias.json"


def _kept(always: Iterable[str], optional: Iterable[str]) -> str:
    """A query for these members, those that are not there left out (the CLI would send them as null)."""
    parts = [f"{{{', '.join(f'{name}: {name}' for name in always)}}}"] if always else []
    return f"merge({', '.join([*parts, *(f'{name} && {{{name}: {name}}} || `{{}}`' for name in optional)])})"
