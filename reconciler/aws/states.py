"""AWS's answers -> the values of reconciler/model.py: only the fields that a decision needs are copied.

Signed code URLs, tags, policies and environment values never leave this step. A member that AWS always sends and that
is missing raises Unintelligible.
"""

from datetime import datetime

from reconciler.aws.answers import (
    Answer,
    InvalidResponse,
    optional_part,
    optional_text,
    optional_whole,
    part,
    text,
    whole,
)
from reconciler.aws.settings import settings_of
from reconciler.model.observed import (
    AccountSettings,
    AliasPointer,
    Latest,
    Provisioned,
    Qualified,
    ScalingTarget,
    VersionState,
)
from reconciler.model.scaling import ScalingPolicy, ScheduledAction

UTILIZATION = "LambdaProvisionedConcurrencyUtilization"

_QUALIFIER = 7  # arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME:QUALIFIER


def latest_of(configuration: Answer, *, reserved: int | None, operation: str) -> Latest:
    return Latest(
        settings=settings_of(configuration, operation=operation),
        revision_id=text(configuration, "RevisionId"),
        state=text(configuration, "State"),
        update_status=optional_text(configuration, "LastUpdateStatus"),
        state_reason=optional_text(configuration, "StateReason"),
        update_reason=optional_text(configuration, "LastUpdateStatusReason"),
        reserved=reserved,
    )


def reserved_of(answer: Answer) -> int | None:
    """Absent when there is none; 0 is a value."""
    return optional_whole(answer, "ReservedConcurrentExecutions")


def version_of(configuration: Answer, *, operation: str) -> VersionState:
    return VersionState(
        number=text(configuration, "Version"),
        settings=settings_of(configuration, operation=operation),
        state=text(configuration, "State"),
        state_reason=optional_text(configuration, "StateReason"),
        modified=seconds_of(optional_text(configuration, "LastModified")),
    )


def seconds_of(moment: str | None) -> float | None:
    """`2025-11-25T10:00:00.000+0000` as seconds since 1970; None when AWS leaves it out, or it makes no sense."""
    try:
        seconds = datetime.fromisoformat(moment).timestamp() if moment else None
    except (ValueError, OverflowError):
        return None
    return seconds if seconds is not None and seconds >= 0 else None


def pointer_of(answer: Answer) -> AliasPointer:
    weights = optional_part(optional_part(answer, "RoutingConfig"), "AdditionalVersionWeights")
    return AliasPointer(
        version=text(answer, "FunctionVersion"),
        weights=tuple(sorted((version, _weight(weight)) for version, weight in weights.items())),
        revision_id=text(answer, "RevisionId"),
        description=optional_text(answer, "Description") or "",
    )


def _weight(weight: object) -> float:
    """AWS writes 1 as well as 1.0."""
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= 1:
        raise InvalidResponse("the answer can't be understood: a routing weight is not a fraction")
    return float(weight)


def provisioned_of(answer: Answer) -> Provisioned:
    return Provisioned(
        requested=whole(answer, "RequestedProvisionedConcurrentExecutions"),
        allocated=whole(answer, "AllocatedProvisionedConcurrentExecutions"),
        available=whole(answer, "AvailableProvisionedConcurrentExecutions"),
        status=text(answer, "Status"),
        reason=optional_text(answer, "StatusReason"),
        modified=seconds_of(optional_text(answer, "LastModified")),
    )


def qualified_of(answer: Answer) -> Qualified:
    arn = text(answer, "FunctionArn").split(":")
    if len(arn) != _QUALIFIER + 1:
        raise InvalidResponse("the answer can't be understood: FunctionArn has no qualifier")
    return Qualified(qualifier=arn[_QUALIFIER], provisioned=provisioned_of(answer))


def account_settings_of(answer: Answer) -> AccountSettings:
    limit, usage = part(answer, "AccountLimit"), part(answer, "AccountUsage")
    return AccountSettings(
        concurrency=whole(limit, "ConcurrentExecutions"),
        unreserved=whole(limit, "UnreservedConcurrentExecutions"),
        code_storage_limit=whole(limit, "TotalCodeSize"),
        code_storage_used=whole(usage, "TotalCodeSize"),
    )


def scaling_target_of(answer: Answer) -> tuple[str, ScalingTarget]:
    """Suspended only when nothing is left that could change the number."""
    suspended, created = optional_part(answer, "SuspendedState"), answer.get("CreationTime")
    switches = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
    return text(answer, "ResourceId"), ScalingTarget(
        minimum=whole(answer, "MinCapacity"),
        maximum=whole(answer, "MaxCapacity"),
        suspended=all(suspended.get(switch) is True for switch in switches),
        hindered=any(suspended.get(switch) is True for switch in switches),
        created=created.timestamp() if isinstance(created, datetime) else None,
    )


def scheduled_action_of(answer: Answer) -> tuple[str, ScheduledAction]:
    bounds = optional_part(answer, "ScalableTargetAction")
    return text(answer, "ResourceId"), ScheduledAction(
        name=text(answer, "ScheduledActionName"),
        schedule=text(answer, "Schedule"),
        timezone=optional_text(answer, "Timezone"),
        minimum=optional_whole(bounds, "MinCapacity"),
        maximum=optional_whole(bounds, "MaxCapacity"),
        limited=answer.get("StartTime") is not None or answer.get("EndTime") is not None,
    )


def scaling_policy_of(answer: Answer) -> tuple[str, ScalingPolicy]:
    """Cooldowns of 0 are Lambda's default, and left out of some answers."""
    tracking = optional_part(answer, "TargetTrackingScalingPolicyConfiguration")
    metric = optional_part(tracking, "PredefinedMetricSpecification").get("PredefinedMetricType")
    target = tracking.get("TargetValue")
    return text(answer, "ResourceId"), ScalingPolicy(
        name=text(answer, "PolicyName"),
        target=float(target) if isinstance(target, int | float) else None,
        plain=metric == UTILIZATION
        and not any(tracking.get(name) for name in ("ScaleInCooldown", "ScaleOutCooldown", "DisableScaleIn")),
    )
