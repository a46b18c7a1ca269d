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


def measure(aws: Sandboxed, function: str, resource: str, days_ago: float = 1, **values: float) -> None:
    """Datapoints as Lambda itself would send them."""
    when = datetime.fromtimestamp(aws.clock(), UTC) - timedelta(days=days_ago)
    names = {
        "served": "ProvisionedConcurrencyInvocations",
        "spilled": "ProvisionedConcurrencySpilloverInvocations",
        "busy": "ProvisionedConcurrencyUtilization",
        "calls": "Invocations",
    }
    aws.client("cloudwatch").put_metric_data(
        Namespace="AWS/Lambda",
        MetricData=[
            {
                "MetricName": names[name],
                "Dimensions": [{"Name": "FunctionName", "Value": function}, {"Name": "Resource", "Value": resource}],
                "Value": value,
                "Timestamp": when,
            }
            for name, value in values.items()
        ],
    )


def well_used(aws: Sandboxed, function: str = "prod-add", name: str = "live") -> None:
    """So much use that it is no finding."""
    measure(aws, function, f"{function}:{name}", served=1_000_000, busy=0.9)


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]
