"""What provisioned concurrency costs a month: units * GB * 730 hours * the list price of the region.

In: a number of units, the settings of the version that carries them, a region, and the file's own prices.
Out: USD, and a sentence where a region had to be counted at another one's price. Reads nothing and never
asks AWS: list prices move about once a year, and discounts are known to the account's owner alone, who can
write both into the file (`prices`). The table is dated, so that its age can be told.
"""

from collections.abc import Mapping
from typing import Final

from reconciler.decide.clock import average
from reconciler.model.desired import Price
from reconciler.model.observed import Observed, Settings
from reconciler.model.plan import Cost, InSync, IonPlan, Pending, Settling
from reconciler.model.scaling import Scaled

AS_OF: Final = "2026-11"  # when the table below was entered
HOME: Final = "us-east-1"  # a region without a known price is counted at this one's
HOURS_A_MONTH: Final = 730  # AWS's own convention for a month (https://calculator.aws)
SECONDS_A_MONTH: Final = HOURS_A_MONTH * 3600
MB_A_GB: Final = 1024  # Lambda's GB is 1,024 MB (https://aws.amazon.com/lambda/pricing/)

# arm64 is priced apart only where a bill was seen (us-east-1: 9 M GB-s = $30); elsewhere AWS's 20 % less is assumed.
ARM_HOME: Final = 3.3334
ARM_SHARE: Final = 0.8

# Millionths of a USD per GB-second of "Provisioned Concurrency", x86_64: the price map behind AWS's own calculator
# (https://calculator.aws, service "AWS Lambda"), also shown at https://aws.amazon.com/lambda/pricing/.
# On-demand duration has one price in most regions; this has not, so no price may be derived from the other.
X86_MICRO_USD: Final[Mapping[str, float]] = {
    "us-east-1": 4.1667,
    "us-east-2": 4.1667,
    "us-west-1": 4.9041,
    "us-west-2": 4.1667,
    "af-south-1": 5.5300,
    "ap-east-1": 5.7153,
    "ap-northeast-1": 5.3835,
    "ap-northeast-2": 5.1254,
    "ap-northeast-3": 5.3835,
    "ap-south-1": 4.4985,
    "ap-southeast-1": 5.1991,
    "ap-southeast-2": 5.2360,
    "ap-southeast-4": 5.2360,
    "ap-southeast-5": 4.6791,
    "ca-central-1": 4.6460,
    "eu-central-1": 5.0147,
    "eu-central-2": 5.5162,
    "eu-north-1": 4.4248,
    "eu-south-1": 4.8783,
    "eu-west-1": 4.6460,
    "eu-west-2": 4.8304,
    "eu-west-3": 4.8673,
    "me-south-1": 5.1108,
    "sa-east-1": 6.6372,
}


def ion_cost(plan: IonPlan, prices: Mapping[str, Price]) -> Cost:
    """What an ion costs now and once the plan is applied, each at the settings of the version that carries it.

    In whole cents, so that a report's total is the sum of what it prints.
    """
    observed = plan.observed
    if not isinstance(observed, Observed) or observed.latest is None:
        return Cost()
    now = observed.alias.behind.settings if observed.alias else observed.latest.settings
    later = plan.target.settings if plan.target and plan.changes else now
    region = plan.key.region
    before = monthly_usd(_units_before(plan), settings=now, region=region, prices=prices)
    after = monthly_usd(_units_after(plan), settings=later, region=region, prices=prices)
    note = price_note(region, prices) if before or after else None
    least = _least_units(plan)
    least_usd = None if least is None else monthly_usd(least, settings=later, region=region, prices=prices)
    return Cost(
        round(before, 2), round(after, 2), (note,) if note else (), None if least_usd is None else round(least_usd, 2)
    )


def _units_before(plan: IonPlan) -> float:
    """Units on average; as requested now, unless the clock keeps moving the number as the file says."""
    asked = plan.ion.desired.concurrency
    scales = isinstance(asked, Scaled) and not any(change.field == "scaling" for change in plan.changes)
    if scales and isinstance(plan.verdict, InSync | Pending | Settling):
        return _units_after(plan)
    return plan.observed.requested if isinstance(plan.observed, Observed) else 0


def _units_after(plan: IonPlan) -> float:
    """Units on average over a month; the most of them where load decides; as now where nothing is done."""
    asked = plan.ion.desired.concurrency
    if not isinstance(asked, Scaled):
        return plan.units_after
    if isinstance(plan.verdict, InSync | Pending | Settling):
        return average(asked)[1]
    return plan.observed.requested if isinstance(plan.observed, Observed) else 0


def _least_units(plan: IonPlan) -> float | None:
    """The least units on average where load decides; None: the number is certain."""
    asked = plan.ion.desired.concurrency
    if not isinstance(asked, Scaled) or asked.target is None:
        return None
    return average(asked)[0] if isinstance(plan.verdict, InSync | Pending | Settling) else None


def monthly_usd(concurrency: float, *, settings: Settings, region: str, prices: Mapping[str, Price]) -> float:
    """USD for one month of this many units on a version with these settings; the file's `prices` come first."""
    price = price_of(region, prices)
    a_second = price.arm64 if settings.architecture == "arm64" else price.x86_64
    return concurrency * settings.memory_mb / MB_A_GB * SECONDS_A_MONTH * a_second


def price_note(region: str, prices: Mapping[str, Price]) -> str | None:
    """A sentence for the report when this region's list price is not known; None when it is."""
    if region in prices or region in X86_MICRO_USD:
        return None
    where = region or "a region that could not be found out"
    return f"no list price is known for {where}: counted at {HOME}'s (`prices` in the file sets it)"


def price_of(region: str, prices: Mapping[str, Price]) -> Price:
    """USD per GB-second: the file's, else the list price, else the one of us-east-1."""
    if region in prices:
        return prices[region]
    known = region if region in X86_MICRO_USD else HOME
    x86 = X86_MICRO_USD[known]
    arm = ARM_HOME if known == HOME else x86 * ARM_SHARE
    return Price(x86_64=x86 / 1_000_000, arm64=arm / 1_000_000)
