"""What is warm now: Plan -> lines of styled pieces with one row per ion. Returns, never prints.

A status takes a Plan for its observations, its prices and its order; what the plan would do is not told here. In
columns where the widest row fits (always, without a terminal), else stacked; the alias ARN ends or opens the row, so
that it can be copied whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.model.observed import Observed, Unreadable, VersionState
from reconciler.model.plan import IonPlan, Plan
from reconciler.report import phrases
from reconciler.report.escape import escape
from reconciler.report.layout import PAGE, STACKED_INDENT, Line, cells, glued, line, wrapped

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
NOTHING: Final = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """One ion: a cell for each heading, the same as phrases, and what is wrong, if anything is."""

    columns: tuple[str, ...]
    facts: tuple[str, ...]
    style: str
    trouble: str | None


def status_text(plan: Plan, *, width: int | None, now: float) -> Iterator[Line]:
    """All ions, whatever the plan thinks of them. `now`: seconds since 1970, for the age of versions."""
    return _lines(plan, width, now)


def _lines(plan: Plan, width: int | None, now: float) -> Iterator[Line]:
    places: dict[phrases.Placed, list[Row]] = {}
    for ion in plan.ions:
        places.setdefault(phrases.placed(ion), []).append(row_of(ion, now=now))
    for place in sorted(places, key=phrases.place_order):
        yield line(phrases.place_words(place), "bold")
        yield ()
        yield from _section(places[place], width)
        yield ()
    yield from wrapped(line(_total(plan), "bold"), width or PAGE)
    for note in phrases.price_notes(plan):
        yield from wrapped(line(note, "dim"), width or PAGE, indent=2)


def _section(rows: Sequence[Row], width: int | None) -> Iterator[Line]:
    used = [
        number
        for number, heading in enumerate(HEADINGS)
        if heading != "SCALED BY" or any(row.columns[number] != NOTHING for row in rows)
    ]
    widths = {
        number: max(cells(text) for text in (HEADINGS[number], *(r.columns[number] for r in rows))) for number in used
    }
    total = sum(widths.values()) + 2 * len(widths)
    if width is not None and total > width:
        yield from (part for row in rows for part in _stacked(row, width))
        return
    yield line(_columns(HEADINGS, widths), "dim")
    for row in rows:
        yield line(_columns(row.columns, widths), row.style)
        yield from wrapped(line(row.trouble), width or PAGE, indent=STACKED_INDENT) if row.trouble else ()


def _columns(texts: Sequence[str], widths: dict[int, int]) -> str:
    padded = (
        texts[number].rjust(width)
        if HEADINGS[number] in RIGHT
        else texts[number] + " " * (width - cells(texts[number]))
        for number, width in widths.items()
    )
    return ("  " + "  ".join(padded)).rstrip()


def _stacked(row: Row, width: int) -> Iterator[Line]:
    yield (("  ", ""), (row.columns[-1], row.style or "bold"))
    yield from wrapped(line(glued(row.facts)), width, indent=STACKED_INDENT)
    yield from wrapped(line(row.trouble), width, indent=STACKED_INDENT) if row.trouble else ()


def row_of(ion: IonPlan, *, now: float) -> Row:
    """What is to be said of one ion."""
    arn = escape(phrases.alias_arn(ion.key) or phrases.ion_name(ion.key))
    observed = ion.observed
    if isinstance(observed, Unreadable):
        return _empty_row("unreadable", arn, style="bold magenta", trouble=escape(observed.why))
    if observed.latest is None or observed.alias is None:
        return _empty_row("no alias" if observed.latest else "no function", arn, style="yellow")
    price = phrases.usd(ion.cost.monthly_before)
    scaling = phrases.scaling_words(observed.scaling)
    version, *capacity = _capacity(observed)
    age = _age(observed.alias.behind, now)
    columns = (version, age or NOTHING, *capacity, price, scaling or NOTHING, arn)
    facts = (*_facts(observed, age), f"{price} a month", *([scaling] if scaling else []))
    return Row(columns, facts, _style(observed), _trouble(observed))


def _empty_row(state: str, arn: str, *, style: str, trouble: str | None = None) -> Row:
    return Row((*[NOTHING] * 5, state, NOTHING, NOTHING, arn), (state,), style, trouble)


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


def _trouble(observed: Observed) -> str | None:
    weights = () if observed.alias is None else observed.alias.pointer.weights
    moving = [f"{weight:.0%} of the calls still go to version {escape(version)}" for version, weight in weights]
    reason = observed.provisioned.reason if observed.provisioned else None
    return "; ".join([escape(reason), *moving] if reason else moving) or None


def _total(plan: Plan) -> str:
    seen = [ion.observed for ion in plan.ions if isinstance(ion.observed, Observed)]
    configs = [observed.provisioned for observed in seen if observed.provisioned is not None]
    requested = sum(config.requested for config in configs)
    available = sum(config.available for config in configs)
    price = phrases.usd(plan.cost.monthly_before)
    ions = phrases.count(len(plan.ions), "ion")
    return f"Status: {ions}, {available} of {requested} warm, {price} a month at list price."
