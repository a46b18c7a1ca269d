"""What a status says of each ion: IonPlan -> cells and phrases, for the text and the markdown. No layout."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from reconciler.model.observed import Key, Observed, Unreadable, VersionState
from reconciler.model.plan import Blocked, InSync, IonPlan, Pending, Settling, Verdict
from reconciler.report import phrases
from reconciler.report.causes import gathered
from reconciler.report.escape import escape

HEADINGS: Final = (
    "VERSION",
    "AGE",
    "REQUESTED",
    "ALLOCATED",
    "AVAILABLE",
    "STATE",
    "A MONTH",
    "SCALED BY",
    "ALIAS ARN",
)
RIGHT: Final = frozenset({"AGE", "REQUESTED", "ALLOCATED", "AVAILABLE", "A MONTH"})
SELDOM: Final = frozenset({"SCALED BY"})  # a column only where it says something
NOTHING: Final = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """One ion: a cell for each heading, the same as phrases, and what is wrong, if anything is."""

    columns: tuple[str, ...]
    facts: tuple[str, ...]
    style: str
    trouble: str | None
    key: Key


def shared_troubles(rows: Iterable[Row]) -> dict[tuple[Key, ...], str]:
    """What is wrong with several ions at once, by these."""
    troubles = gathered((row.key, (row.trouble,)) for row in rows if row.trouble)
    return {keys: trouble for keys, (trouble,) in troubles if len(keys) > 1}


def row_of(ion: IonPlan, *, now: float) -> Row:
    """What is to be said of one ion."""
    arn = escape(phrases.alias_arn(ion.key) or phrases.ion_name(ion.key))
    observed = ion.observed
    if isinstance(observed, Unreadable):
        return _empty_row(ion.key, "unreadable", arn, style="bold magenta", trouble=escape(observed.why))
    if observed.latest is None:
        return _empty_row(ion.key, "no function", arn, style="yellow", trouble=escape(ion.verdict.why or "") or None)
    if observed.alias is None:
        return _empty_row(ion.key, "no alias", arn, style="yellow")
    price = phrases.price_now(ion.cost)
    scaling = phrases.scaling_words(observed.scaling)
    version, *capacity = _capacity(observed)
    age = _age(observed.alias.behind, now)
    columns = (version, age or NOTHING, *capacity, price, scaling or NOTHING, arn)
    facts = (*_facts(observed, age), f"{price} a month", *([scaling] if scaling else []))
    note = _trouble(observed) or phrases.clock_words(ion.verdict) or _drift(ion.verdict)
    return Row(columns, facts, _style(observed), note, ion.key)


def _empty_row(key: Key, state: str, arn: str, *, style: str, trouble: str | None = None) -> Row:
    return Row((*[NOTHING] * 5, state, NOTHING, NOTHING, arn), (state,), style, trouble, key)


def _capacity(observed: Observed) -> tuple[str, str, str, str, str]:
    provisioned = observed.provisioned
    if provisioned is None:
        return (_version(observed), NOTHING, NOTHING, NOTHING, "none")
    numbers = (str(provisioned.requested), str(provisioned.allocated), str(provisioned.available))
    return (_version(observed), *numbers, escape(provisioned.status))


def _age(version: VersionState, now: float) -> str | None:
    """How long ago the version was published, in the largest unit that says something."""
    if version.modified is None:
        return None
    minutes = max(0, int(now - version.modified) // 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"


def _facts(observed: Observed, age: str | None) -> tuple[str, ...]:
    version, provisioned = f"version {_version(observed)}", observed.provisioned
    version += f" ({age} old)" if age else ""
    if provisioned is None:
        return (version, "no provisioned concurrency")
    numbers = (f"{provisioned.requested} requested", f"{provisioned.allocated} allocated")
    return (version, *numbers, f"{provisioned.available} available", escape(provisioned.status))


def _version(observed: Observed) -> str:
    return NOTHING if observed.alias is None else escape(observed.alias.pointer.version)


def _style(observed: Observed) -> str:
    provisioned = observed.provisioned
    if provisioned is None or provisioned.status == "READY":
        return ""
    return "bold red" if provisioned.status == "FAILED" else "cyan"


def _drift(verdict: Verdict) -> str | None:
    """What a plan would change, or why it can't; the row shows by itself what is still being allocated."""
    match verdict:
        case Pending(changes):
            return f"not as the file asks: {', '.join(change.field for change in changes)}"
        case Blocked(why):
            return escape(why)
        case InSync() | Settling() | Unreadable():
            return None


def _trouble(observed: Observed) -> str | None:
    weights = () if observed.alias is None else observed.alias.pointer.weights
    moving = [f"{weight:.0%} of the calls still go to version {escape(version)}" for version, weight in weights]
    reason = observed.provisioned.reason if observed.provisioned else None
    return "; ".join([escape(reason), *moving] if reason else moving) or None
