"""The Reader of one account and region: each method one AWS call, its answer as reconciler/model/observed.py has it.

None means that AWS said "does not exist", by its code; whatever else goes wrong raises AwsError. Nothing is retried,
paced or remembered here.
"""

from typing import TYPE_CHECKING, Any, Final

from reconciler.aws.answers import Answer, optional_part, optional_text, part, parts, text
from reconciler.aws.inventory import event_source_of
from reconciler.aws.policies import async_settings_of, resource_policy_of
from reconciler.aws.states import (
    account_settings_of,
    latest_of,
    pointer_of,
    provisioned_of,
    qualified_of,
    reserved_of,
    scaling_policy_of,
    scaling_target_of,
    scheduled_action_of,
    version_of,
)
from reconciler.aws.translate import Operation, asked, found
from reconciler.model.callers import AsyncSettings, EventSource, ResourcePolicy
from reconciler.model.errors import ErrorKind
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

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient
    from mypy_boto3_application_autoscaling.type_defs import DescribeScalableTargetsRequestTypeDef
    from mypy_boto3_lambda import LambdaClient

SCALABLE_DIMENSION: Final = "lambda:function:ProvisionedConcurrency"
PAGE = 50  # the most that ListProvisionedConcurrencyConfigs, ListFunctions and DescribeScalableTargets give at once


class LambdaReader:
    """Implements ports.Reader."""

    def __init__(self, functions: "LambdaClient", scaling: "ApplicationAutoScalingClient") -> None:
        self._lambda = functions
        self._scaling = scaling

    def latest(self, function: str) -> Latest | None:
        def read() -> Latest:
            answer = {**self._lambda.get_function(FunctionName=function)}
            reserved = reserved_of(optional_part(answer, "Concurrency"))
            return latest_of(part(answer, "Configuration"), reserved=reserved, operation="GetFunction")

        return found(Operation("lambda", "GetFunction", function), read)

    def latest_slowly(self, function: str) -> Latest | None:
        def read_reserved() -> int | None:
            return reserved_of({**self._lambda.get_function_concurrency(FunctionName=function)})

        def read() -> Latest:
            answer = self._lambda.get_function_configuration(FunctionName=function)
            reserved = asked(Operation("lambda", "GetFunctionConcurrency", function), read_reserved)
            return latest_of({**answer}, reserved=reserved, operation="GetFunctionConfiguration")

        return found(Operation("lambda", "GetFunctionConfiguration", function), read)

    def version(self, function: str, qualifier: str) -> VersionState | None:
        def read() -> VersionState:
            answer = self._lambda.get_function(FunctionName=function, Qualifier=qualifier)
            return version_of(part({**answer}, "Configuration"), operation="GetFunction")

        return found(Operation("lambda", "GetFunction", f"{function}:{qualifier}"), read)

    def version_slowly(self, function: str, qualifier: str) -> VersionState | None:
        def read() -> VersionState:
            answer = self._lambda.get_function_configuration(FunctionName=function, Qualifier=qualifier)
            return version_of({**answer}, operation="GetFunctionConfiguration")

        return found(Operation("lambda", "GetFunctionConfiguration", f"{function}:{qualifier}"), read)

    def alias(self, function: str, alias: str) -> AliasPointer | None:
        return found(
            Operation("lambda", "GetAlias", f"{function}:{alias}"),
            lambda: pointer_of({**self._lambda.get_alias(FunctionName=function, Name=alias)}),
        )

    def provisioned(self, function: str, qualifier: str) -> Provisioned | None:
        return found(
            Operation("lambda", "GetProvisionedConcurrencyConfig", f"{function}:{qualifier}"),
            lambda: provisioned_of(
                {**self._lambda.get_provisioned_concurrency_config(FunctionName=function, Qualifier=qualifier)}
            ),
            absent=frozenset({ErrorKind.NO_PROVISIONED, ErrorKind.MISSING}),
        )

    def provisioned_list(self, function: str, marker: str | None) -> tuple[tuple[Qualified, ...], str | None]:
        def read() -> tuple[tuple[Qualified, ...], str | None]:
            answer = (
                self._lambda.list_provisioned_concurrency_configs(FunctionName=function, MaxItems=PAGE, Marker=marker)
                if marker
                else self._lambda.list_provisioned_concurrency_configs(FunctionName=function, MaxItems=PAGE)
            )
            rows = parts({**answer}, "ProvisionedConcurrencyConfigs")
            return tuple(qualified_of(row) for row in rows), optional_text({**answer}, "NextMarker")

        return asked(Operation("lambda", "ListProvisionedConcurrencyConfigs", function), read)

    def account_settings(self) -> AccountSettings:
        return asked(
            Operation("lambda", "GetAccountSettings"),
            lambda: account_settings_of({**self._lambda.get_account_settings()}),
        )

    def scaling_targets(
        self, resource_ids: tuple[str, ...], token: str | None
    ) -> tuple[tuple[tuple[str, ScalingTarget], ...], str | None]:
        def read() -> tuple[tuple[tuple[str, ScalingTarget], ...], str | None]:
            answer = self._scaling.describe_scalable_targets(**_targets_request(resource_ids, token))
            rows = tuple(scaling_target_of(row) for row in parts({**answer}, "ScalableTargets") if _is_of_lambda(row))
            return rows, optional_text({**answer}, "NextToken")

        return asked(Operation("application-autoscaling", "DescribeScalableTargets"), read)

    def scheduled_actions(self, token: str | None) -> tuple[tuple[tuple[str, ScheduledAction], ...], str | None]:
        def read() -> tuple[tuple[tuple[str, ScheduledAction], ...], str | None]:
            page: dict[str, Any] = {"NextToken": token} if token else {}
            answer = {**self._scaling.describe_scheduled_actions(ServiceNamespace="lambda", MaxResults=PAGE, **page)}
            rows = tuple(scheduled_action_of(row) for row in parts(answer, "ScheduledActions") if _is_of_lambda(row))
            return rows, optional_text(answer, "NextToken")

        return asked(Operation("application-autoscaling", "DescribeScheduledActions"), read)

    def scaling_policies(self, token: str | None) -> tuple[tuple[tuple[str, ScalingPolicy], ...], str | None]:
        def read() -> tuple[tuple[tuple[str, ScalingPolicy], ...], str | None]:
            page: dict[str, Any] = {"NextToken": token} if token else {}
            answer = {**self._scaling.describe_scaling_policies(ServiceNamespace="lambda", **page)}
            rows = tuple(scaling_policy_of(row) for row in parts(answer, "ScalingPolicies") if _is_of_lambda(row))
            return rows, optional_text(answer, "NextToken")

        return asked(Operation("application-autoscaling", "DescribeScalingPolicies"), read)

    def function_names(self, marker: str | None) -> tuple[tuple[str, ...], str | None]:
        def read() -> tuple[tuple[str, ...], str | None]:
            answer = self._lambda.list_functions(Marker=marker) if marker else self._lambda.list_functions()
            names = tuple(text(row, "FunctionName") for row in parts({**answer}, "Functions"))
            return names, optional_text({**answer}, "NextMarker")

        return asked(Operation("lambda", "ListFunctions"), read)

    def policy(self, function: str, qualifier: str | None) -> ResourcePolicy:
        def read() -> ResourcePolicy:
            answer = (
                self._lambda.get_policy(FunctionName=function, Qualifier=qualifier)
                if qualifier
                else self._lambda.get_policy(FunctionName=function)
            )
            return resource_policy_of({**answer})

        return found(Operation("lambda", "GetPolicy", qualified(function, qualifier)), read) or ResourcePolicy()

    def async_settings(self, function: str, qualifier: str | None) -> AsyncSettings | None:
        def read() -> AsyncSettings:
            answer = (
                self._lambda.get_function_event_invoke_config(FunctionName=function, Qualifier=qualifier)
                if qualifier
                else self._lambda.get_function_event_invoke_config(FunctionName=function)
            )
            return async_settings_of({**answer})

        return found(Operation("lambda", "GetFunctionEventInvokeConfig", qualified(function, qualifier)), read)

    def event_source(self, uuid: str) -> EventSource | None:
        return found(
            Operation("lambda", "GetEventSourceMapping", uuid),
            lambda: event_source_of({**self._lambda.get_event_source_mapping(UUID=uuid)}),
        )


def qualified(function: str, qualifier: str | None) -> str:
    """As a policy would name it."""
    return f"{function}:{qualifier}" if qualifier else function


def _is_of_lambda(row: Answer) -> bool:
    return row.get("ScalableDimension", SCALABLE_DIMENSION) == SCALABLE_DIMENSION


def _targets_request(resource_ids: tuple[str, ...], token: str | None) -> "DescribeScalableTargetsRequestTypeDef":
    """AWS takes a dimension only together with resource ids."""
    request: DescribeScalableTargetsRequestTypeDef = {"ServiceNamespace": "lambda", "MaxResults": PAGE}
    if resource_ids:
        request["ResourceIds"] = list(resource_ids)
        request["ScalableDimension"] = SCALABLE_DIMENSION
    if token:
        request["NextToken"] = token
    return request
