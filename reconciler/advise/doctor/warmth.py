"""Whether warm capacity is reached at all, and provisioned concurrency that the file does not name. Pure.

No datapoint of ProvisionedConcurrencyInvocations means that not one call was served warm, which is not the same as a
zero. What is younger than the days looked at has not had the time to be used.
"""

from collections.abc import Iterator, Mapping
from math import ceil

from reconciler.advise.doctor.advice import Warm, advice
from reconciler.advise.doctor.next_steps import shell
from reconciler.decide.price import monthly_usd
from reconciler.model.desired import Price
from reconciler.model.finding import Finding, Severity
from reconciler.model.observed import Key, Qualified, VersionState


def used(warm: Warm) -> Iterator[Finding]:
    """Whether one warm alias is reached, and what its number should be; what its age alone may explain is not said."""
    called = warm.use.invocations or warm.use.spillover
    found = list(advice(warm)) if called else [_never(warm.ion.key, warm.number, warm.days, warm.price)]
    yield from (finding for finding in found if finding.code == "too-few" or warm.age >= warm.days)
    if warm.age < warm.days and any(finding.code != "too-few" for finding in found):
        yield _too_young(warm)


def _too_young(warm: Warm) -> Finding:
    return Finding(
        "too-young",
        warm.ion.key,
        Severity.UNKNOWN,
        f"{warm.number} kept warm for less than {_days(warm.days)}: too young to judge whether they are used",
        f"nothing yet; run the doctor again in {_days(ceil(warm.days - warm.age))}",
        arn=warm.ion.key.alias_arn,
        monthly_usd=warm.price,
    )


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _never(key: Key, number: int, days: int, price: float) -> Finding:
    return Finding(
        "never-used",
        key,
        Severity.PROBLEM,
        f"{number} kept warm, and not one call reached them in {days} days",
        "have callers use the alias ARN instead of the bare function; if nothing is to call it, set `concurrency: 0` "
        "and apply",
        arn=key.alias_arn,
        monthly_usd=price,
    )


def orphan(
    key: Key, row: Qualified, carrier: VersionState | None, *, alias: Key, prices: Mapping[str, Price]
) -> Finding:
    """Provisioned concurrency on a qualifier that the file does not name; `alias` is what callers should use."""
    number = row.provisioned.requested
    price = monthly_usd(number, settings=carrier.settings, region=key.region, prices=prices) if carrier else None
    kind = f"version {key.alias}" if key.alias.isdigit() else f"alias {key.alias}"
    remove = shell(
        *("aws", "lambda", "delete-provisioned-concurrency-config", "--region", key.region),
        *("--function-name", key.function, "--qualifier", key.alias),
    )
    named = "" if key.alias.isdigit() else "name it in the file if it is wanted; else "
    return Finding(
        "orphan",
        key,
        Severity.PROBLEM,
        f"{kind} carries {row.provisioned.requested} ({row.provisioned.status}), and the file does not name it",
        f"{named}make sure that its callers use {alias.alias_arn}, then remove it",
        (remove,),
        key.alias_arn,
        price,
    )
