"""A world for the tests of Application Auto Scaling: its clock is moved by hand, and a call is one line."""

from datetime import datetime
from typing import Any

import pytest

from reconciler.sandbox.control_plane import ApiError, Behaviour, ControlPlane, Timing
from reconciler.sandbox.scaling import AutoScaling, ScalingBehaviour

ACCOUNT, REGION = "111111111111", "eu-west-1"
ABOUT = {
    "ServiceNamespace": "lambda",
    "ResourceId": "function:f:live",
    "ScalableDimension": "lambda:function:ProvisionedConcurrency",
}
NAMED = "service namespace: lambda, resource ID: function:f:live, scalable dimension: " + ABOUT["ScalableDimension"]
ALLOCATION = 90.0
TRACKING: dict[str, Any] = {
    "TargetValue": 0.7,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "LambdaProvisionedConcurrencyUtilization"},
}


class World:
    """A function `f` with version 1, behind the alias `live`; it is the given moment (UTC)."""

    def __init__(self, at: str = "2026-06-03T10:00", *, lambdas: Behaviour = Behaviour(), **behaviour: Any) -> None:  # noqa: ANN401 - the switches
        self.now = moment(at)
        self.plane = ControlPlane(
            account=ACCOUNT,
            region=REGION,
            clock=lambda: self.now,
            behaviour=lambdas,
            timing=Timing(allocation=ALLOCATION),
        )
        self.scaling = AutoScaling(self.plane, behaviour=ScalingBehaviour(**behaviour))
        self.plane.seed("f", ReservedConcurrentExecutions=20)
        self.do("PublishVersion")
        self.do("CreateAlias", Name="live", FunctionVersion="1")

    def __call__(self, operation: str, **params: object) -> dict[str, Any]:
        """The body of an answer to a call of scaling about the alias; None takes a parameter out."""
        given = {key: value for key, value in {**ABOUT, **params}.items() if value is not None}
        return self.scaling.call(operation, given).body or {}

    def refusal(self, operation: str, **params: object) -> tuple[str, str | None]:
        with pytest.raises(ApiError) as refused:
            self(operation, **params)
        assert refused.value.status == 400
        return refused.value.code, refused.value.message

    def do(self, operation: str, **params: object) -> dict[str, Any]:
        """A call of Lambda about the function."""
        return self.plane.call(operation, {"FunctionName": "f", **params}).body or {}

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def until(self, at: str) -> None:
        assert moment(at) >= self.now
        self.now = moment(at)

    def register(self, minimum: int | None = 1, maximum: int | None = 5, **more: object) -> dict[str, Any]:
        return self("RegisterScalableTarget", MinCapacity=minimum, MaxCapacity=maximum, **more)

    def action(self, name: str, schedule: str, *bounds: int, **more: object) -> dict[str, Any]:
        """One bound for both, or a minimum and a maximum."""
        both = dict(zip(("MinCapacity", "MaxCapacity"), bounds * 2, strict=False))
        given = {"Schedule": schedule, "ScalableTargetAction": both, **more}
        return self("PutScheduledAction", ScheduledActionName=name, **given)

    def policy(self, name: str = "p", **tracking: object) -> dict[str, Any]:
        given = {**TRACKING, **tracking}
        kind = "TargetTrackingScaling"
        return self("PutScalingPolicy", PolicyName=name, PolicyType=kind, **{f"{kind}PolicyConfiguration": given})

    def provision(self, number: int) -> None:
        self.do("PutProvisionedConcurrencyConfig", Qualifier="live", ProvisionedConcurrentExecutions=number)

    def number(self) -> int:
        """The number asked of Lambda, 0 where there is no config."""
        configs = self.do("ListProvisionedConcurrencyConfigs")["ProvisionedConcurrencyConfigs"]
        numbers = {config["FunctionArn"]: config["RequestedProvisionedConcurrentExecutions"] for config in configs}
        return int(numbers.get(f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f:live", 0))

    def bounds(self) -> tuple[int, int]:
        (target,) = self("DescribeScalableTargets")["ScalableTargets"]
        return target["MinCapacity"], target["MaxCapacity"]

    def activities(self) -> list[tuple[str, str]]:
        """What was done, newest first: status and message."""
        found = self("DescribeScalingActivities")["ScalingActivities"]
        return [(activity["StatusCode"], activity["StatusMessage"]) for activity in found]


def moment(at: str) -> float:
    return datetime.fromisoformat(f"{at}+00:00").timestamp()
