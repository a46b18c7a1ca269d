"""What `status` saw, as OpenMetrics text for a textfile collector: gauges by account, region, function and alias.

A Plan in, text out. A gauge is left out where its value is not known: an ion that could not be read has none but
`reconcile_ion_readable`, and the moment of the last success is told only when every ion was read.
https://prometheus.io/docs/specs/om/open_metrics_spec/
"""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.openmetrics.exposition import generate_latest

from reconciler.model.observed import Observed, Provisioned, Unreadable
from reconciler.model.plan import Blocked, IonPlan, Pending, Plan

LABELS = ("account", "region", "function", "alias")
Value = Callable[[IonPlan], float | None]


def openmetrics(plan: Plan, *, now: float) -> str:
    """The whole exposition. `now`: seconds since 1970."""
    registry = CollectorRegistry()
    for name, text, value in _GAUGES:
        _add(Gauge(name, text, LABELS, registry=registry), plan.ions, value)
    if not any(isinstance(ion.observed, Unreadable) for ion in plan.ions):
        text = "When every ion was last read, in seconds since 1970."
        Gauge("reconcile_last_success_timestamp_seconds", text, registry=registry).set(now)
    return str(generate_latest(registry), "utf-8")  # type: ignore[no-untyped-call]


def _add(gauge: Gauge, ions: Iterable[IonPlan], value: Value) -> None:
    for ion in ions:
        number = value(ion)
        if number is not None:
            key = ion.key
            gauge.labels(key.account, key.region, key.function, key.alias).set(number)


def _readable(ion: IonPlan) -> float:
    return float(isinstance(ion.observed, Observed))


def _drift(ion: IonPlan) -> float | None:
    return float(isinstance(ion.verdict, Pending | Blocked)) if isinstance(ion.observed, Observed) else None


def _units(of: Callable[[Provisioned], int]) -> Value:
    def units(ion: IonPlan) -> float | None:
        if not isinstance(ion.observed, Observed):
            return None
        return float(of(ion.observed.provisioned)) if ion.observed.provisioned else 0.0

    return units


_GAUGES: tuple[tuple[str, str, Value], ...] = (
    ("reconcile_ion_readable", "1 when AWS told everything about the ion, else 0.", _readable),
    ("reconcile_ion_drift", "1 when the ion is not as the file asks (changes are pending, or it is blocked).", _drift),
    ("reconcile_pc_requested", "Provisioned concurrency requested.", _units(lambda config: config.requested)),
    ("reconcile_pc_allocated", "Provisioned concurrency allocated.", _units(lambda config: config.allocated)),
    ("reconcile_pc_available", "Provisioned concurrency available.", _units(lambda config: config.available)),
)
