"""The doctor's whole flow against the sandbox."""

from datetime import UTC, datetime, timedelta

from sandboxed import Sandboxed

from reconciler.advise.doctor import Finding, examine, scope_of, survey
from reconciler.config.ion_config import IonConfig

FILE = """
version: 1
groups:
  prod:
    ions:
      add: {alias: live, concurrency: 2}
"""


def diagnose(aws: Sandboxed, text: str = FILE, *, days: int = 7, ion_config: IonConfig | None = None) -> list[Finding]:
    config, resolved, world = aws.world(text)
    scope = scope_of(config, world, days=days, now=aws.clock())
    read = survey(resolved, scope)
    return list(examine(config, world, read, scope=scope, ion_config=ion_config))


def measure(
    aws: Sandboxed, function: str, resource: str, days_ago: float = 1, *, hours: range = range(1), **values: float
) -> None:
    """Datapoints as Lambda itself would send them, one in each of so many hours from then back."""
    now = datetime.fromtimestamp(aws.clock(), UTC)
    names = {
        "served": "ProvisionedConcurrencyInvocations",
        "spilled": "ProvisionedConcurrencySpilloverInvocations",
        "busy": "ConcurrentExecutions",
        "calls": "Invocations",
    }
    data = [
        {
            "MetricName": names[name],
            "Dimensions": [{"Name": "FunctionName", "Value": function}, {"Name": "Resource", "Value": resource}],
            "Value": value,
            "Timestamp": now - timedelta(days=days_ago, hours=hour),
        }
        for hour in hours
        for name, value in values.items()
    ]
    aws.client("cloudwatch").put_metric_data(Namespace="AWS/Lambda", MetricData=data)


def well_used(aws: Sandboxed, function: str = "prod-add", name: str = "live") -> None:
    """So much use, around the clock, that it is no finding."""
    measure(aws, function, f"{function}:{name}", 0.01, hours=range(7 * 24), served=100_000, busy=10)


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]
