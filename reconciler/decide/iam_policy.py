"""The least-privilege IAM policies for the functions that a file names: `iam-policy`. Pure; AWS is not asked.

One policy for each account and role, and one for whoever assumes the roles. Three kinds of statement are on the file's
functions: on the function, on its versions and aliases, and on the file's aliases alone, where provisioned concurrency
is. Where ions ask for it, there are two more on those alone: what mirrors permissions, and what moves event source
mappings, whose own ARNs nobody knows beforehand, so that they are told by the function that they call. Where a number
scales, there are three for Application Auto Scaling. The state machine that deploys a group, and its executions, are
named by the group. The reads that IAM knows no resource for are on `*`. GetFunctionConfiguration and
GetFunctionConcurrency are only used where lambda:GetFunction is denied. lambda:ListFunctions is left out: it returns
every function's environment, and only names that are spelled alike are lost. An account or region that the file does
not declare is `*`. A managed policy holds 6,144 characters: more functions than fit are divided among several policies,
never widened to a pattern.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from reconciler.model.deploy import state_machine
from reconciler.model.desired import Config, ConnectionSettings, Desired
from reconciler.model.observed import partition
from reconciler.model.scaling import Scaled

MANAGED: Final = 6144  # characters of a managed policy, blanks aside

QUALIFIED_READS: Final = ("lambda:GetFunction", "lambda:GetFunctionConfiguration")  # of $LATEST, a version, an alias
FUNCTION_READS: Final = (
    "lambda:GetAlias",
    "lambda:GetFunctionConcurrency",
    "lambda:ListProvisionedConcurrencyConfigs",
    *QUALIFIED_READS,
)
FUNCTION_WRITES: Final = (
    "lambda:CreateAlias",
    "lambda:ListVersionsByFunction",  # `rollback`
    "lambda:PublishVersion",
    "lambda:UpdateAlias",
)
ALIAS_READS: Final = ("lambda:GetProvisionedConcurrencyConfig",)
ALIAS_WRITES: Final = ("lambda:DeleteProvisionedConcurrencyConfig", "lambda:PutProvisionedConcurrencyConfig")
ACCOUNT_READS: Final = (
    "application-autoscaling:DescribeScalableTargets",
    "lambda:GetAccountSettings",
    "sts:GetCallerIdentity",
)
DOCTOR_READS: Final = ("lambda:GetPolicy",)  # of the bare function and of the alias

MIRROR_READS: Final = ("lambda:GetFunctionEventInvokeConfig", "lambda:GetPolicy")
MIRROR_WRITES: Final = ("lambda:AddPermission", "lambda:PutFunctionEventInvokeConfig")
MAPPING_LIST: Final = "lambda:ListEventSourceMappings"
MAPPING_WRITES: Final = ("lambda:GetEventSourceMapping", "lambda:UpdateEventSourceMapping")
DEPLOY_READS: Final = ("states:ListExecutions",)  # of a group's state machine
EXECUTION_READS: Final = ("states:DescribeExecution",)  # `apply --after`

SCALING_READS: Final = (
    "application-autoscaling:DescribeScalingPolicies",
    "application-autoscaling:DescribeScheduledActions",
)
SCALING_WRITES: Final = (
    "application-autoscaling:DeleteScalingPolicy",
    "application-autoscaling:DeleteScheduledAction",
    "application-autoscaling:DeregisterScalableTarget",
    "application-autoscaling:PutScalingPolicy",
    "application-autoscaling:PutScheduledAction",
    "application-autoscaling:RegisterScalableTarget",
)
ALARM_WRITES: Final = ("cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm")
SCALER: Final = "lambda.application-autoscaling.amazonaws.com"
SCALERS_ROLE: Final = f"role/aws-service-role/{SCALER}/AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency"

DOCTOR_ACCOUNT_READS: Final = ("cloudwatch:GetMetricData", "lambda:ListEventSourceMappings", *SCALING_READS)

PRUNE_READS: Final = ("lambda:ListAliases", "lambda:ListFunctionEventInvokeConfigs")
PRUNE_QUALIFIED: Final = ("lambda:DeleteFunction", "lambda:GetPolicy")  # of versions alone, never of the function

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy document as IAM takes it, and whose it is."""

    title: str
    document: Json


@dataclass(frozen=True, slots=True)
class _Actions:
    """What is allowed on a function, on its qualifiers, on the file's aliases, and without a resource."""

    function: tuple[str, ...]
    qualified: tuple[str, ...]
    alias: tuple[str, ...]
    account: tuple[str, ...]
    mirror_function: tuple[str, ...]
    mirror_alias: tuple[str, ...]
    mapping: tuple[str, ...]
    execution: tuple[str, ...]
    scaling: tuple[str, ...]


class _Target(NamedTuple):
    """One ion: the ARN of its function, its alias, and what it asks about callers."""

    arn: str
    alias: str
    mirrors: bool
    moves: bool
    scales: bool
    machine: str  # the ARN of the state machine that deploys its group, "" without a group


def policies(config: Config, *, read_only: bool, doctor: bool, prune: bool = False) -> tuple[Policy, ...]:
    """All that the file's ions need, by account and role; last, what the caller needs who assumes the roles."""
    actions = _actions(read_only=read_only, doctor=doctor, prune=prune and not read_only)
    of_whom: dict[tuple[str, str], list[Desired]] = {}
    for one in config.desired:
        of_whom.setdefault((_account(one.connection), one.connection.role_arn or ""), []).append(one)
    roles = sorted(role for _, role in of_whom if role)
    return (
        *(policy for whose in sorted(of_whom) for policy in _policies(_title(*whose), of_whom[whose], actions)),
        *([Policy("whoever assumes the roles", _assuming(roles))] if roles else []),
    )


def policy_notes(config: Config, given: tuple[Policy, ...]) -> tuple[str, ...]:
    """What a person has to know about the policies: for stderr."""
    notes = []
    if len(given) > 1:
        notes.append(
            f"{len(given)} policies, each with a title that says whose it is: one for each account and role, for "
            f"whoever assumes roles, and for every {MANAGED:,} characters, which AWS takes in a managed policy"
        )
    if not all(_account(one.connection) and one.connection.region for one in config.desired):
        notes.append("the file declares no account or region for some functions: `*` stands there")
    return tuple(notes)


def _actions(*, read_only: bool, doctor: bool, prune: bool) -> _Actions:
    examined = DOCTOR_READS if doctor else ()
    return _Actions(
        (*FUNCTION_READS, *(() if read_only else FUNCTION_WRITES), *examined, *(PRUNE_READS if prune else ())),
        (*QUALIFIED_READS, *(PRUNE_QUALIFIED if prune else ())),
        (*ALIAS_READS, *(() if read_only else ALIAS_WRITES), *examined),
        (*ACCOUNT_READS, *(DOCTOR_ACCOUNT_READS if doctor else ()), *([MAPPING_LIST] if prune else ())),
        MIRROR_READS,
        (*MIRROR_READS, *(() if read_only else MIRROR_WRITES)),
        () if read_only else MAPPING_WRITES,
        () if read_only else EXECUTION_READS,
        () if read_only else SCALING_WRITES,
    )


def _title(account: str, role: str) -> str:
    return f"account {account or 'of the caller'}{f', {role}' if role else ''}"


def _policies(title: str, desired: Iterable[Desired], actions: _Actions) -> Iterator[Policy]:
    parts = list(_divided(sorted({_target(one) for one in desired}), actions))
    for number, part in enumerate(parts, 1):
        which = f" ({number} of {len(parts)})" if len(parts) > 1 else ""
        yield Policy(f"{title}{which}", _document(part, actions))


def _target(one: Desired) -> _Target:
    arn = _arn(one)
    machine = f"{_beside(arn, 'states')}:stateMachine:{state_machine(one.group)}" if one.group else ""
    return _Target(
        arn, one.alias, one.callers.permissions, one.callers.event_sources, isinstance(one.concurrency, Scaled), machine
    )


def _divided(targets: list[_Target], actions: _Actions) -> Iterator[list[_Target]]:
    """As many in a row as fit into one policy."""
    part: list[_Target] = []
    for target in targets:
        if part and _length(_document([*part, target], actions)) > MANAGED:
            yield part
            part = []
        part.append(target)
    yield part


def _document(targets: list[_Target], actions: _Actions) -> Json:
    functions = list(dict.fromkeys(one.arn for one in targets))
    mirroring = [one for one in targets if one.mirrors]
    moving = list(dict.fromkeys(one.arn for one in targets if one.moves))
    scaled = list(dict.fromkeys(one.arn for one in targets if one.scales))
    account = {*actions.account, *([MAPPING_LIST] if moving else []), *(SCALING_READS if scaled else [])}
    return _policy(
        _statement("Functions", actions.function, functions),
        _statement("Qualified", actions.qualified, [f"{arn}:*" for arn in functions]),
        _statement("Aliases", actions.alias, [f"{one.arn}:{one.alias}" for one in targets]),
        *(_mirroring(mirroring, actions) if mirroring else ()),
        *([_moving(moving, actions)] if moving and actions.mapping else ()),
        *(_scaling(scaled, actions) if scaled and actions.scaling else ()),
        *_deploys(dict.fromkeys(one.machine for one in targets if one.machine), actions),
        _statement("Account", account, "*"),
    )


def _mirroring(targets: list[_Target], actions: _Actions) -> Iterator[Json]:
    yield _statement("MirroredFunctions", actions.mirror_function, list(dict.fromkeys(one.arn for one in targets)))
    yield _statement("MirroringAliases", actions.mirror_alias, [f"{one.arn}:{one.alias}" for one in targets])


def _moving(arns: list[str], actions: _Actions) -> Json:
    mappings = list(dict.fromkeys(f"{arn.rpartition(':function:')[0]}:event-source-mapping:*" for arn in arns))
    called = [pattern for arn in arns for pattern in (arn, f"{arn}:*")]
    condition = {"ArnLike": {"lambda:FunctionArn": called}}
    return {**_statement("EventSourceMappings", actions.mapping, mappings), "Condition": condition}


def _scaling(arns: list[str], actions: _Actions) -> Iterator[Json]:
    """Application Auto Scaling checks that the caller could do itself what it will do: put alarms, above all.

    Its role is made at the first registration in an account.
    """
    places = list(dict.fromkeys(_beside(arn, "cloudwatch") for arn in arns))
    accounts = list(dict.fromkeys(arn.split(":")[4] for arn in arns))
    of = arns[0].split(":")[1]
    namespace = {"StringEquals": {"application-autoscaling:service-namespace": "lambda"}}
    yield {**_statement("Scaling", actions.scaling, "*"), "Condition": namespace}
    yield _statement("ScalingAlarms", ALARM_WRITES, [f"{place}:alarm:TargetTracking-function:*" for place in places])
    roles = [f"arn:{of}:iam::{account}:{SCALERS_ROLE}" for account in accounts]
    role = _statement("ScalingRole", ["iam:CreateServiceLinkedRole"], roles)
    yield {**role, "Condition": {"StringEquals": {"iam:AWSServiceName": SCALER}}}


def _deploys(machines: Iterable[str], actions: _Actions) -> Iterator[Json]:
    machines = list(machines)
    if machines:
        yield _statement("Deploys", DEPLOY_READS, machines)
    if machines and actions.execution:
        executions = [f"{machine.replace(':stateMachine:', ':execution:')}:*" for machine in machines]
        yield _statement("Executions", actions.execution, executions)


def _beside(arn: str, service: str) -> str:
    """The beginning of another service's ARNs in the same account and region."""
    return arn.partition(":function:")[0].replace(":lambda:", f":{service}:", 1)


def _assuming(roles: list[str]) -> Json:
    return _policy(_statement("Roles", ("sts:AssumeRole",), list(dict.fromkeys(roles))))


def _policy(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _statement(sid: str, actions: Iterable[str], resource: object) -> Json:
    return {"Sid": sid, "Effect": "Allow", "Action": sorted(set(actions)), "Resource": resource}


def _arn(one: Desired) -> str:
    """The function's, with `*` for what nobody knows. A role is in the partition that its region would be in."""
    region, role = one.connection.region, (one.connection.role_arn or "").split(":")
    of = role[1] if len(role) > 1 and not region else partition(region or "")
    return f"arn:{of}:lambda:{region or '*'}:{_account(one.connection) or '*'}:function:{one.function}"


def _account(connection: ConnectionSettings) -> str:
    role = (connection.role_arn or "").split(":")
    return connection.account or (role[4] if len(role) > 4 else "")


def _length(document: Json) -> int:
    """As AWS counts: without blanks."""
    return len(json.dumps(document, separators=(",", ":")))
