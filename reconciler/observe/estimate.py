"""How long the reading of ions takes at AWS's quota: from counts and a pace alone. Pure.

The slow calls decide: two an ion, one after another at the pace of the bucket, less what a full bucket lets pass at
once. Calls of the fast bucket go along, and so do other accounts and regions. What only some ions need besides is known
no sooner than they are read; an estimate leaves it out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

SLOW_CALLS = 2  # an ion: GetAlias and GetProvisionedConcurrencyConfig


@dataclass(frozen=True, slots=True)
class Reading:
    """One account and region: ions still to be read, requests a second at present, and how many may come at once."""

    left: int
    pace: float
    burst: int


def estimate(readings: Iterable[Reading]) -> float:
    """Seconds until all ions are read, accounts and regions side by side."""
    return max((max(0, SLOW_CALLS * each.left - each.burst) / each.pace for each in readings), default=0.0)
