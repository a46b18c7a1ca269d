"""What `init` and `doctor` read beyond ports.Reader: aliases, permissions, triggers, use. One AWS call a method.

As in reader.py: nothing is retried, paced or remembered; whatever fails raises AwsError. Lists come page by page, with
the marker of the next. Of a policy only who may call, from where, is copied out.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING, Final

from reconciler.aws.answers import Answer, InvalidResponse, optional_text, parts, text
from reconciler.aws.clients import Clients
from reconciler.aws.states import pointer_of
from reconciler.aws.translate import Operation, asked, found
from reconciler.model.callers import SELF_MANAGED, EventSource
from reconciler.model.inventory import Measured, Metric, NamedAlias, Permission

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import GetMetricDataInputTypeDef, MetricDataQueryTypeDef
    from mypy_boto3_lambda import LambdaClient


class AwsInventory:
    """Implements inventory.InventoryReader."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    @property
    def _lambda(self) -> "LambdaClient":
        client: LambdaClient = self._clients.get("lambda")
        return client

    def aliases(self, function: str, marker: str | None) -> tuple[tuple[NamedAlias, ...], str | None]:
        """ListAliases: one page."""

        def read() -> tuple[tuple[NamedAlias, ...], str | None]:
            client = self._lambda
            raw = (
                client.list_aliases(FunctionName=function, Marker=marker)
                if marker
                else client.list_aliases(FunctionName=function)
            )
            answer = {**raw}
            rows = tuple(NamedAlias(text(row, "Name"), pointer_of(row)) for row in parts(answer, "Aliases"))
            return rows, optional_text(answer, "NextMarker")

        return asked(Operation("lambda", "ListAliases", function), read)

    def permissions(self, function: str, qualifier: str | None) -> tuple[Permission, ...]:
        """GetPolicy: who may call the bare function, or the qualifier; empty where there is no policy."""

        def read() -> tuple[Permission, ...]:
            client = self._lambda
            answer = (
                client.get_policy(FunctionName=function, Qualifier=qualifier)
                if qualifier
                else client.get_policy(FunctionName=function)
            )
            return permissions_of(text({**answer}, "Policy"))

        subject = f"{function}:{qualifier}" if qualifier else function
        return found(Operation("lambda", "GetPolicy", subject), read) or ()

    def event_sources(self, marker: str | None) -> tuple[tuple[EventSource, ...], str | None]:
        """ListEventSourceMappings: one page of 100, of every function in the account and region."""

        def read() -> tuple[tuple[EventSource, ...], str | None]:
            client = self._lambda
            raw = client.list_event_source_mappings(Marker=marker) if marker else client.list_event_source_mappings()
            answer = {**raw}
            rows = tuple(event_source_of(row) for row in parts(answer, "EventSourceMappings"))
            return rows, optional_text(answer, "NextMarker")

        return asked(Operation("lambda", "ListEventSourceMappings"), read)

    def measured(
        self, metrics: tuple[Metric, ...], *, start: float, end: float, marker: str | None
    ) -> tuple[tuple[Measured, ...], str | None]:
        """GetMetricData: one page of daily values of at most QUERIES metrics, between two times (seconds, UTC)."""

        def read() -> tuple[tuple[Measured, ...], str | None]:
            client: CloudWatchClient = self._clients.get("cloudwatch")
            request: GetMetricDataInputTypeDef = {
                "MetricDataQueries": [_query(number, metric) for number, metric in enumerate(metrics)],
                "StartTime": datetime.fromtimestamp(start, UTC),
                "EndTime": datetime.fromtimestamp(end, UTC),
            }
            answer = {**client.get_metric_data(**(request | {"NextToken": marker} if marker else request))}
            rows = parts(answer, "MetricDataResults")
            return tuple(_measured(row, metrics) for row in rows), optional_text(answer, "NextToken")

        return asked(Operation("cloudwatch", "GetMetricData"), read)


# ---------------------------------------------------------------- answers


def event_source_of(row: Answer) -> EventSource:
    name, _, qualifier = text(row, "FunctionArn").partition(":function:")[2].partition(":")
    return EventSource(
        uuid=text(row, "UUID"),
        source=optional_text(row, "EventSourceArn") or SELF_MANAGED,
        function=name,
        qualifier=qualifier or None,
        state=optional_text(row, "State") or "Enabled",
    )


def _query(number: int, metric: Metric) -> "MetricDataQueryTypeDef":
    return {
        "Id": f"q{number}",
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/Lambda",
                "MetricName": metric.name,
                "Dimensions": [
                    {"Name": "FunctionName", "Value": metric.function},
                    {"Name": "Resource", "Value": metric.resource},
                ],
            },
            "Period": metric.period,
            "Stat": metric.statistic,
        },
        "ReturnData": True,
    }


def _measured(row: Answer, metrics: tuple[Metric, ...]) -> Measured:
    number, status = text(row, "Id")[1:], row.get("StatusCode")
    values, times = row.get("Values"), row.get("Timestamps")
    if (
        status in {"InternalError", "Forbidden"}
        or not number.isdigit()
        or not (isinstance(values, list) and isinstance(times, list) and len(values) == len(times))
    ):
        raise InvalidResponse(f"CloudWatch could not say what was measured: {status or 'no status'}")
    points = tuple((time.timestamp(), float(value)) for time, value in zip(times, values, strict=True))
    if not all(isfinite(value) for _, value in points):
        raise InvalidResponse("the answer can't be understood: a measured value is not a number")
    return Measured(metrics[int(number)], points)


_CONDITIONS: Final = {
    "aws:sourcearn": "source",
    "aws:sourceaccount": "source_account",
    "aws:principalorgid": "organization",
    "lambda:functionurlauthtype": "url_auth",
}
_SOLE_OPERATORS: Final = frozenset({"arnlike", "arnequals", "stringequals", "stringlike"})


def permissions_of(policy: str) -> tuple[Permission, ...]:
    """The statements of a resource policy that allow a call, one for each principal and action."""
    try:
        document = json.loads(policy)
    except (ValueError, RecursionError) as error:
        raise InvalidResponse("the answer can't be understood: the policy is not JSON") from error
    statements = _listed(document.get("Statement") if isinstance(document, dict) else None)
    return tuple(
        permission
        for number, statement in enumerate(statements, start=1)
        if isinstance(statement, dict) and statement.get("Effect") == "Allow"
        for permission in _permissions(statement, number)
    )


def _permissions(statement: Mapping[str, object], number: int) -> list[Permission]:
    conditions, others = _conditions(statement.get("Condition"))
    return [
        Permission(str(statement.get("Sid") or f"statement-{number}"), principal, action, **conditions, others=others)
        for principal in _principals(statement.get("Principal"))
        for action in map(str, _listed(statement.get("Action")))
    ]


def _principals(principal: object) -> list[str]:
    if isinstance(principal, dict):
        return [str(one) for named in principal.values() for one in _listed(named)]
    return [str(one) for one in _listed(principal)]


def _conditions(condition: object) -> tuple[dict[str, str], tuple[str, ...]]:
    """The conditions that `add-permission` can set, by their field of Permission, and the names of all others."""
    known: dict[str, str] = {}
    others: list[str] = []
    for operator, tests in condition.items() if isinstance(condition, dict) else ():
        for name, value in tests.items() if isinstance(tests, dict) else ():
            field, values = _CONDITIONS.get(str(name).lower()), _listed(value)
            if field and len(values) == 1 and str(operator).lower() in _SOLE_OPERATORS:
                known[field] = str(values[0])
            else:
                others.append(str(name))
    return known, tuple(sorted(others))


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
