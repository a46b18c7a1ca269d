"""Whether warm capacity is used, and provisioned concurrency that the file does not name. Pure.

No datapoint of ProvisionedConcurrencyInvocations means that not one call was served warm, which is not the same as a
zero. "Hardly used" is by money or by number: a warm call costs a cent or more, or at most half were ever busy. What is
younger than the days looked at has not had the time to be used.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import ceil

from reconciler.advise.doctor.next_steps import shell
from reconciler.advise.doctor.reading import Scope, Use
from reconciler.decide.price import monthly_usd
from reconciler.model.desired import Price
from reconciler.model.finding import Finding, Severity
from reconciler.model.inventory import DAY
from reconciler.model.observed import AliasState, Key, Provisioned, Qualified, Settings, VersionState

DEAR_CALL = 0.01  # USD
DAYS_A_MONTH = 730 / 24  # AWS's month
COMFORT = 0.7  # of the environments busy at the peak: what Application Auto Scaling is usually told to aim at


def used(  # noqa: PLR0913 - one warm alias, and what is known of it
    key: Key, alias: AliasState, provisioned: Provisioned, use: Use, *, scope: Scope, prices: Mapping[str, Price]
) -> Iterator[Finding]:
    """Whether one warm alias is reached, and has the right size. `modified` None: it is as old as the days."""
    days, price = scope.days, _price(provisioned.requested, alias.behind.settings, key, prices)
    if use.spillover:
        yield _spilled(key, provisioned.requested, use, days)
        return
    unused = _hardly(key, provisioned.requested, use, days, price)
    if not use.invocations:
        unused = _never(key, provisioned.requested, days, price)
    if unused:
        left = days - int((scope.now - (provisioned.modified or 0.0)) / DAY)
        yield unused if left <= 0 else _too_young(unused, provisioned.requested, days, min(left, days))


def _too_young(unused: Finding, number: int, days: int, left: int) -> Finding:
    """Instead of a finding that its age alone may explain. `left`: days until it is as old as the days looked at."""
    return replace(
        unused,
        code="too-young",
        severity=Severity.UNKNOWN,
        message=f"{number} kept warm for less than {_days(days)}: too young to judge whether they are used",
        todo=f"nothing yet; run the doctor again in {_days(left)}",
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


def _hardly(key: Key, number: int, use: Use, days: int, price: float) -> Finding | None:
    busy = None if use.peak is None else max(1, ceil(round(use.peak * number, 6)))
    calls = use.invocations or 0.0
    each = price * days / DAYS_A_MONTH / calls if calls else 0.0
    if busy is not None and busy * 2 <= number:
        enough = min(number - 1, ceil(busy / COMFORT))
        saved = price * (number - enough) / number
        message = f"at most {busy} of {number} were busy at once in {days} days"
        todo = f"`concurrency: {enough}` would do, and save ${saved:,.2f} a month"
    elif each >= DEAR_CALL:
        message = f"{calls:,.0f} calls in {days} days were served warm: ${each:,.2f} each"
        todo = "check that the callers use the alias ARN; if these are all, ask whether a cold start would cost less"
    else:
        return None
    return Finding("hardly-used", key, Severity.HINT, message, todo, arn=key.alias_arn, monthly_usd=price)


def _spilled(key: Key, number: int, use: Use, days: int) -> Finding:
    spilled = use.spillover or 0.0
    share = spilled / (spilled + (use.invocations or 0.0))
    return Finding(
        "spillover",
        key,
        Severity.HINT,
        f"{spilled:,.0f} calls in {days} days ({share:.1%} of the alias's) found none of the {number} free, and may "
        "have started cold",
        "raise `concurrency`, or have Application Auto Scaling move the number and leave it out of the file",
        arn=key.alias_arn,
    )


def orphan(
    key: Key, row: Qualified, carrier: VersionState | None, *, alias: Key, prices: Mapping[str, Price]
) -> Finding:
    """Provisioned concurrency on a qualifier that the file does not name; `alias` is what callers should use."""
    price = _price(row.provisioned.requested, carrier.settings, key, prices) if carrier else None
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


def _price(number: int, settings: Settings, key: Key, prices: Mapping[str, Price]) -> float:
    return monthly_usd(number, settings=settings, region=key.region, prices=prices)
