"""A world for the model's tests: its clock is moved by hand, and a call's answer or refusal is one line."""

from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.sandbox.control_plane import ApiError, Behaviour, ControlPlane, Timing

ACCOUNT, REGION = "111111111111", "us-east-1"
FN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function"
FAILING = {"Variables": {"SANDBOX_INIT_FAILS": "1"}}

ALLOCATION, INIT_FAILURE, UPDATE = 90.0, 200.0, 10.0


class World:
    """One control plane with a function `f` that has version 1."""

    def __init__(self, behaviour: Behaviour | None = None, **timing: float) -> None:
        self.now = 1_700_000_000.0
        self.plane = ControlPlane(
            account=ACCOUNT,
            region=REGION,
            clock=lambda: self.now,
            behaviour=behaviour or Behaviour(),
            timing=Timing(**{"allocation": ALLOCATION, "init_failure": INIT_FAILURE, **timing}),
        )
        self.plane.seed("f")
        self("PublishVersion")

    def __call__(self, operation: str, **params: object) -> dict[str, Any]:
        """The body of an answer to a call about `f`."""
        return self.plane.call(operation, {"FunctionName": "f", **params}).body or {}

    def refusal(self, operation: str, **params: object) -> ApiError:
        with pytest.raises(ApiError) as refused:
            self(operation, **params)
        return refused.value

    def words(self, operation: str, **params: object) -> str | None:
        return self.refusal(operation, **params).message

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def deploy(self, **configuration: object) -> str:
        """Change `$LATEST` and publish it; the new version's number."""
        self("UpdateFunctionConfiguration", **(configuration or {"Timeout": 60 + int(self.now) % 100}))
        return str(self("PublishVersion")["Version"])

    def alias(self, version: str = "1", **more: object) -> dict[str, Any]:
        return self("CreateAlias", Name="a", FunctionVersion=version, **more)

    def move(self, version: str, **more: object) -> dict[str, Any]:
        return self("UpdateAlias", Name="a", FunctionVersion=version, **more)

    def provision(self, number: int = 2, qualifier: str = "a") -> dict[str, Any]:
        return self("PutProvisionedConcurrencyConfig", Qualifier=qualifier, ProvisionedConcurrentExecutions=number)

    def provisioned(self, qualifier: str = "a") -> tuple[str, int, int, int]:
        """Status, requested, allocated, available."""
        body = self("GetProvisionedConcurrencyConfig", Qualifier=qualifier)
        numbers = (body[f"{name}ProvisionedConcurrentExecutions"] for name in ("Requested", "Allocated", "Available"))
        requested, allocated, available = numbers
        return body["Status"], requested, allocated, available

    def weights(self, alias: str = "a") -> Mapping[str, float] | None:
        routing = self("GetAlias", Name=alias).get("RoutingConfig")
        return None if routing is None else routing["AdditionalVersionWeights"]

    def revision(self, qualifier: str = "$LATEST") -> str:
        return str(self("GetFunctionConfiguration", Qualifier=qualifier)["RevisionId"])

    def warm_alias(self) -> None:
        """Alias `a` on version 1 with PC 2, READY; version 2 is published."""
        self.alias()
        self.provision()
        self.wait(ALLOCATION)
        self.deploy(Timeout=20)

    def stuck_alias(self) -> None:
        """Alias `a` moved from 1 to 2, whose init fails: FAILED, weight 1.0 on 1 for good; version 3 is fine."""
        self.alias()
        self.provision()
        self.wait(ALLOCATION)
        self.move(self.deploy(Environment=FAILING))
        self.wait(INIT_FAILURE)
        self.deploy(Environment={"Variables": {}}, Timeout=30)
