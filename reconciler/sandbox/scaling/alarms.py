"""The two alarms of a target-tracking policy, in the members of CloudWatch's PutMetricAlarm.

AlarmHigh: above the target value in 3 periods of a minute; AlarmLow: below 90 % of it in 15. Without calls the metric
has no data (AWS's Lambda guide and user guide).
"""

from collections.abc import Iterator, Mapping
from typing import cast

from reconciler.sandbox.scaling.state import Policy, Target

LOW = 0.9  # of the target value
Alarm = Mapping[str, str]


def alarms_of(target: Target, policy: Policy) -> Iterator[tuple[str, Alarm]]:
    """Both, by name."""
    value = float(str(policy.tracking["TargetValue"]))
    conditions = (("GreaterThanThreshold", value, 3), ("LessThanThreshold", round(value * LOW, 6), 15))
    for name, (comparison, threshold, periods) in zip(policy.alarms, conditions, strict=True):
        yield (
            name,
            {
                **_metric(target, policy),
                "AlarmName": name,
                "AlarmDescription": f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy.arn}.",
                "AlarmActions.member.1": policy.arn,
                "ComparisonOperator": comparison,
                "Threshold": str(threshold),
                "Period": "60",
                "EvaluationPeriods": str(periods),
            },
        )


def _metric(target: Target, policy: Policy) -> Alarm:
    given = cast("Mapping[str, object]", policy.tracking.get("CustomizedMetricSpecification") or {})
    return {
        "MetricName": "ProvisionedConcurrencyUtilization",
        "Namespace": "AWS/Lambda",
        "Statistic": "Average",
        "Dimensions.member.1.Name": "FunctionName",
        "Dimensions.member.1.Value": target.function,
        "Dimensions.member.2.Name": "Resource",
        "Dimensions.member.2.Value": f"{target.function}:{target.qualifier}",
        **{member: str(given[member]) for member in ("MetricName", "Namespace", "Statistic") if member in given},
    }
