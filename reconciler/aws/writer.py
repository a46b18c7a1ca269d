"""The Writer of one account and region: each method one AWS call that changes something; only `apply` holds one.

Nothing is repeated: ErrorKind.UNAVAILABLE means that the write may have happened, so read before the next.
The answers are AWS's own view at that moment: UpdateAlias's does not show the weights that Lambda is about to set.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from reconciler.aws.inventory import event_source_of
from reconciler.aws.policies import add_permission_request, async_settings_request
from reconciler.aws.reader import SCALABLE_DIMENSION
from reconciler.aws.states import UTILIZATION, pointer_of, provisioned_of, version_of
from reconciler.aws.translate import Operation, asked, found
from reconciler.model.callers import AsyncSettings, EventSource, Grant
from reconciler.model.errors import AwsError, ErrorKind
from reconciler.model.observed import AliasPointer, Provisioned, VersionState
from reconciler.model.scaling import ScheduledAction

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.type_defs import AliasConfigurationResponseTypeDef

SWITCHES: Final = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")


class LambdaWriter:
    """Implements ports.Writer."""

    def __init__(self, functions: "LambdaClient", scaling: "ApplicationAutoScalingClient") -> None:
        self._lambda = functions
        self._scaling = scaling

    def publish_version(self, function: str, *, code_sha256: str, revision_id: str) -> VersionState:
        """The description is left out, so that the version inherits that of `$LATEST`."""

        def write() -> VersionState:
            answer = self._lambda.publish_version(FunctionName=function, CodeSha256=code_sha256, RevisionId=revision_id)
            return version_of({**answer}, operation="PublishVersion")

        return asked(Operation("lambda", "PublishVersion", function), write)

    def create_alias(self, function: str, alias: str, *, version: str) -> AliasPointer:
        return asked(
            Operation("lambda", "CreateAlias", f"{function}:{alias}"),
            lambda: pointer_of(
                {**self._lambda.create_alias(FunctionName=function, Name=alias, FunctionVersion=version)}
            ),
        )

    def move_alias(
        self, function: str, alias: str, *, version: str, revision_id: str, clear_weights: bool
    ) -> AliasPointer:
        """Weights that are not mentioned are kept by AWS; empty ones clear them."""

        def write() -> "AliasConfigurationResponseTypeDef":
            if clear_weights:
                return self._lambda.update_alias(
                    FunctionName=function,
                    Name=alias,
                    FunctionVersion=version,
                    RevisionId=revision_id,
                    RoutingConfig={"AdditionalVersionWeights": {}},
                )
            return self._lambda.update_alias(
                FunctionName=function, Name=alias, FunctionVersion=version, RevisionId=revision_id
            )

        return asked(Operation("lambda", "UpdateAlias", f"{function}:{alias}"), lambda: pointer_of({**write()}))

    def set_provisioned(self, function: str, alias: str, *, concurrency: int) -> Provisioned:
        def write() -> Provisioned:
            answer = self._lambda.put_provisioned_concurrency_config(
                FunctionName=function, Qualifier=alias, ProvisionedConcurrentExecutions=concurrency
            )
            return provisioned_of({**answer})

        return asked(Operation("lambda", "PutProvisionedConcurrencyConfig", f"{function}:{alias}"), write)

    def remove_provisioned(self, function: str, alias: str) -> None:
        """AWS answers 204 when there is none as well."""
        found(
            Operation("lambda", "DeleteProvisionedConcurrencyConfig", f"{function}:{alias}"),
            lambda: self._lambda.delete_provisioned_concurrency_config(FunctionName=function, Qualifier=alias),
            absent=frozenset({ErrorKind.NO_PROVISIONED}),
        )

    def add_permission(self, function: str, alias: str, grant: Grant, *, revision_id: str) -> None:
        asked(
            Operation("lambda", "AddPermission", f"{function}:{alias}"),
            lambda: self._lambda.add_permission(
                **add_permission_request(grant), FunctionName=function, Qualifier=alias, RevisionId=revision_id
            ),
        )

    def put_async_settings(self, function: str, alias: str, settings: AsyncSettings) -> None:
        asked(
            Operation("lambda", "PutFunctionEventInvokeConfig", f"{function}:{alias}"),
            lambda: self._lambda.put_function_event_invoke_config(
                **async_settings_request(settings), FunctionName=function, Qualifier=alias
            ),
        )

    def move_event_source(self, uuid: str, *, target: str) -> EventSource:
        """Only the function is sent: all else stays, and some settings of Kafka could not be sent back."""
        return asked(
            Operation("lambda", "UpdateEventSourceMapping", uuid),
            lambda: event_source_of({**self._lambda.update_event_source_mapping(UUID=uuid, FunctionName=target)}),
        )

    def register_target(self, function: str, alias: str, *, minimum: int, maximum: int) -> None:
        self._scale(
            "RegisterScalableTarget",
            self._scaling.register_scalable_target,
            function,
            alias,
            MinCapacity=minimum,
            MaxCapacity=maximum,
            SuspendedState=dict.fromkeys(SWITCHES, False),
        )

    def deregister_target(self, function: str, alias: str) -> None:
        self._unscale("DeregisterScalableTarget", self._scaling.deregister_scalable_target, function, alias)

    def put_scheduled_action(self, function: str, alias: str, action: ScheduledAction) -> None:
        """AWS deletes a first and last time that are left out."""
        self._scale(
            "PutScheduledAction",
            self._scaling.put_scheduled_action,
            function,
            alias,
            ScheduledActionName=action.name,
            Schedule=action.schedule,
            Timezone=action.timezone,
            ScalableTargetAction={"MinCapacity": action.minimum, "MaxCapacity": action.maximum},
        )

    def delete_scheduled_action(self, function: str, alias: str, name: str) -> None:
        self._unscale(
            "DeleteScheduledAction", self._scaling.delete_scheduled_action, function, alias, ScheduledActionName=name
        )

    def put_scaling_policy(self, function: str, alias: str, *, name: str, target: float) -> None:
        self._scale(
            "PutScalingPolicy",
            self._scaling.put_scaling_policy,
            function,
            alias,
            PolicyName=name,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": target,
                "PredefinedMetricSpecification": {"PredefinedMetricType": UTILIZATION},
            },
        )

    def delete_scaling_policy(self, function: str, alias: str, name: str) -> None:
        self._unscale("DeleteScalingPolicy", self._scaling.delete_scaling_policy, function, alias, PolicyName=name)

    def _scale(self, operation: str, call: Callable[..., object], function: str, alias: str, **more: object) -> None:
        resource = f"function:{function}:{alias}"
        asked(
            Operation("application-autoscaling", operation, resource),
            lambda: call(ServiceNamespace="lambda", ResourceId=resource, ScalableDimension=SCALABLE_DIMENSION, **more),
        )

    def _unscale(self, operation: str, call: Callable[..., object], function: str, alias: str, **more: object) -> None:
        """What is not there is as good as deleted."""
        try:
            self._scale(operation, call, function, alias, **more)
        except AwsError as error:
            if error.kind is not ErrorKind.MISSING:
                raise
