"""The two doors to AWS: a Reader for observing and waiting, a Writer that only `apply` ever receives.

Each belongs to one account and region, makes exactly one AWS call per method unless it says otherwise,
and raises AwsError. Neither retries, paces nor sleeps: whoever calls does (reconciler/aws/dispatcher.py).
"""

from typing import Protocol

from reconciler.model.callers import AsyncSettings, EventSource, Grant, ResourcePolicy
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


class Reader(Protocol):
    """Reads. None means: AWS said that it does not exist. Anything else that fails raises AwsError."""

    def latest(self, function: str) -> Latest | None:
        """GetFunction: `$LATEST`, None when the function is missing (fast bucket)."""
        ...

    def latest_slowly(self, function: str) -> Latest | None:
        """The same where GetFunction is denied: GetFunctionConfiguration and GetFunctionConcurrency, two slow calls."""
        ...

    def version(self, function: str, qualifier: str) -> VersionState | None:
        """GetFunction with a version or alias, None when there is none (fast bucket)."""
        ...

    def version_slowly(self, function: str, qualifier: str) -> VersionState | None:
        """The same by GetFunctionConfiguration, where GetFunction is denied."""
        ...

    def alias(self, function: str, alias: str) -> AliasPointer | None:
        """GetAlias."""
        ...

    def provisioned(self, function: str, qualifier: str) -> Provisioned | None:
        """GetProvisionedConcurrencyConfig; None: the alias has none, or does not exist."""
        ...

    def provisioned_list(self, function: str, marker: str | None) -> tuple[tuple[Qualified, ...], str | None]:
        """ListProvisionedConcurrencyConfigs: one page of 50, and the marker of the next."""
        ...

    def account_settings(self) -> AccountSettings:
        """GetAccountSettings."""
        ...

    def scaling_targets(
        self, resource_ids: tuple[str, ...], token: str | None
    ) -> tuple[tuple[tuple[str, ScalingTarget], ...], str | None]:
        """DescribeScalableTargets: one page of (`function:NAME:ALIAS`, target); no resource ids means all."""
        ...

    def scheduled_actions(self, token: str | None) -> tuple[tuple[tuple[str, ScheduledAction], ...], str | None]:
        """DescribeScheduledActions: one page of 50 (`function:NAME:ALIAS`, action), of the whole region."""
        ...

    def scaling_policies(self, token: str | None) -> tuple[tuple[tuple[str, ScalingPolicy], ...], str | None]:
        """DescribeScalingPolicies: one page of 10 (`function:NAME:ALIAS`, policy), of the whole region."""
        ...

    def function_names(self, marker: str | None) -> tuple[tuple[str, ...], str | None]:
        """ListFunctions: one page of names, for "did you mean"."""
        ...

    def policy(self, function: str, qualifier: str | None) -> ResourcePolicy:
        """GetPolicy of the bare function (None) or the qualifier; no statements where there is none."""
        ...

    def async_settings(self, function: str, qualifier: str | None) -> AsyncSettings | None:
        """GetFunctionEventInvokeConfig of `$LATEST` (None) or the qualifier; None where nothing was set."""
        ...

    def event_source(self, uuid: str) -> EventSource | None:
        """GetEventSourceMapping."""
        ...


class Writer(Protocol):
    """Writes. An AwsError with ErrorKind.UNAVAILABLE means that the write may have happened."""

    def publish_version(self, function: str, *, code_sha256: str, revision_id: str) -> VersionState:
        """PublishVersion, given that `$LATEST` is still the one named; a no-op when nothing changed since."""
        ...

    def create_alias(self, function: str, alias: str, *, version: str) -> AliasPointer:
        """CreateAlias."""
        ...

    def move_alias(
        self, function: str, alias: str, *, version: str, revision_id: str, clear_weights: bool
    ) -> AliasPointer:
        """UpdateAlias, given that the alias is still the one with this RevisionId."""
        ...

    def set_provisioned(self, function: str, alias: str, *, concurrency: int) -> Provisioned:
        """PutProvisionedConcurrencyConfig."""
        ...

    def remove_provisioned(self, function: str, alias: str) -> None:
        """DeleteProvisionedConcurrencyConfig; no error when there is none."""
        ...

    def add_permission(self, function: str, alias: str, grant: Grant, *, revision_id: str) -> None:
        """AddPermission on the alias, given the RevisionId of its policy, or of the alias where it has none yet."""
        ...

    def put_async_settings(self, function: str, alias: str, settings: AsyncSettings) -> None:
        """PutFunctionEventInvokeConfig on the alias: replaces all of it."""
        ...

    def move_event_source(self, uuid: str, *, target: str) -> EventSource:
        """UpdateEventSourceMapping with the function ARN that it has to call, and nothing else."""
        ...

    def register_target(self, function: str, alias: str, *, minimum: int, maximum: int) -> None:
        """RegisterScalableTarget, nothing suspended; it changes the number at once to one within the bounds."""
        ...

    def deregister_target(self, function: str, alias: str) -> None:
        """DeregisterScalableTarget, with its actions and policies; no error when there is none."""
        ...

    def put_scheduled_action(self, function: str, alias: str, action: ScheduledAction) -> None:
        """PutScheduledAction, without a first or last time."""
        ...

    def delete_scheduled_action(self, function: str, alias: str, name: str) -> None:
        """DeleteScheduledAction; no error when there is none."""
        ...

    def put_scaling_policy(self, function: str, alias: str, *, name: str, target: float) -> None:
        """PutScalingPolicy: target tracking of Lambda's utilisation of provisioned concurrency."""
        ...

    def delete_scaling_policy(self, function: str, alias: str, name: str) -> None:
        """DeleteScalingPolicy; no error when there is none."""
        ...
