"""What the doctor finds: one value for each thing that is worth a person's while."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.observed import AccountRegion, FunctionKey, Key
from reconciler.model.scaling import Scaled

Subject = Key | FunctionKey | AccountRegion


class Severity(StrEnum):
    """How much it matters; PROBLEM first."""

    PROBLEM = "problem"  # warm capacity is paid and not reached, or callers would be refused
    HINT = "hint"  # it works, and could do so for less or for more
    UNKNOWN = "unknown"  # could not be read, or is too young to judge: neither well nor ill


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an ion of the file should ask for. `where`: the position of its key (`warm.yaml:12:7`)."""

    where: str
    concurrency: int | Scaled


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about an ion, a function, or an account and region as a whole.

    `todo` says what to do; `commands` are ready to be pasted; `arn` is the target that callers must use (None: there is
    none); `monthly_usd` what it costs a month at list price (None: nothing, or not known); `proposal` what the file
    should ask for.
    """

    code: str
    subject: Subject
    severity: Severity
    message: str
    todo: str
    commands: tuple[str, ...] = ()
    arn: str | None = None
    monthly_usd: float | None = None
    proposal: Proposal | None = None


# In the order in which a person would see to them: a caller is allowed on the alias before it is switched over.
CODES = (
    "not-allowed-on-alias",
    "bare-trigger",
    "bare-event-source",
    "bare-calls",
    "never-used",
    "too-few",
    "too-many",
    "use-schedule",
    "dear",
    "too-young",
    "orphan",
    "scaling-left",
    "never-back",
    "limit-too-low",
    "not-in-file",
    "not-in-ion-config",
    "could-not-read",
)
UNJUDGED = frozenset({"too-young"})  # findings that only time can tell more about: nobody has to do anything
UNREACHED = frozenset({"never-used", "orphan"})  # findings whose price buys nothing


def in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """By account, region, function and alias; there the problems first."""
    weights = {severity: number for number, severity in enumerate(Severity)}

    def rank(one: Finding) -> tuple[str, str, str, str, int, int, str]:
        subject = one.subject
        names = (subject.account, subject.region, function_name(subject) or "", alias_name(subject) or "")
        return (*names, weights[one.severity], CODES.index(one.code), one.message)

    return tuple(sorted(findings, key=rank))


def function_name(subject: Subject) -> str | None:
    """The function that a finding is about; None: an account and region as a whole."""
    return None if isinstance(subject, AccountRegion) else subject.function


def alias_name(subject: Subject) -> str | None:
    """The alias (or version) that a finding is about; None: a function as a whole, or more."""
    return subject.alias if isinstance(subject, Key) else None


def counts(findings: Sequence[Finding]) -> dict[str, int]:
    """How many findings there are of each severity."""
    return {severity.value: sum(one.severity is severity for one in findings) for severity in Severity}


def unreached_usd(findings: Sequence[Finding]) -> float:
    """USD a month for provisioned concurrency that nobody reaches, or that no file names; each ARN once."""
    prices = {one.arn: one.monthly_usd or 0.0 for one in findings if one.code in UNREACHED}
    return sum(prices.values())
