"""What is warm now: Plan -> renderables with one row per ion. Returns, never prints.

A status takes a Plan for its observations, its prices and its order, and tells which fields differ, not what the plan
would do. A table where the widest row fits (always, without a terminal), else stacked; the alias ARN ends or opens the
row, so that it can be copied whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reconciler.model.observed import Key, Observed
from reconciler.model.plan import Plan
from reconciler.report import phrases
from reconciler.report.layout import BLANK, GAP, MARGIN, STACKED_INDENT, Paragraph, Unbroken, glued
from reconciler.report.status_rows import HEADINGS, NOTHING, RIGHT, SELDOM, Row, row_of, shared_troubles
from reconciler.report.text import price_notes

UNLIMITED: Final = 10_000  # cells


def status_text(plan: Plan, *, now: float) -> Iterator[RenderableType]:
    """All ions, whatever the plan thinks of them. `now`: seconds since 1970, for the age of versions."""
    places: dict[phrases.Placed, list[Row]] = {}
    for ion in plan.ions:
        places.setdefault(phrases.placed(ion), []).append(row_of(ion, now=now))
    shared = shared_troubles(row for rows in places.values() for row in rows)
    below = frozenset(key for keys in shared for key in keys)
    for place in sorted(places, key=phrases.place_order):
        yield Paragraph(Text(phrases.place_words(place), "bold"))
        yield BLANK
        yield _Rows(places[place], below)
        yield BLANK
    for keys, trouble in shared.items():
        everywhere = len(keys) == len(plan.ions)
        yield Paragraph(Text(f"{'All ' if everywhere else ''}{len(keys)} ions: {trouble}", "yellow"))
        yield from () if everywhere else (Paragraph(Text(", ".join(map(phrases.ion_name, keys))), indent=2),)
        yield BLANK
    yield Paragraph(Text(_total(plan), "bold"))
    yield from price_notes(plan)


@dataclass(frozen=True, slots=True)
class _Rows:
    """`below`: the ions whose trouble is told below, since others share it."""

    rows: Sequence[Row]
    below: frozenset[Key]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = _table(self.rows)
        unlimited = options.update_width(UNLIMITED)
        if options.is_terminal and console.measure(table, options=unlimited).maximum > options.max_width:
            yield from (part for row in self.rows for part in (*_stacked(row), *self._trouble(row)))
            return
        lines = console.render_lines(table, unlimited, pad=False, new_lines=True)
        for line, row in zip(lines, (None, *self.rows), strict=True):
            yield from line
            yield from self._trouble(row) if row else ()

    def _trouble(self, row: Row) -> Iterator[Paragraph]:
        if row.trouble and row.key not in self.below:
            yield Paragraph(Text(row.trouble), STACKED_INDENT)


def _table(rows: Sequence[Row]) -> Padding:
    """One line a row; a column that says nothing of any ion is left out where it is seldom of use."""
    used = [
        number
        for number, heading in enumerate(HEADINGS)
        if heading not in SELDOM or any(row.columns[number] != NOTHING for row in rows)
    ]
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim")
    for number in used:
        justify: Literal["left", "right"] = "right" if HEADINGS[number] in RIGHT else "left"
        table.add_column(HEADINGS[number], justify=justify, no_wrap=True)
    for row in rows:
        table.add_row(*(Text(row.columns[number]) for number in used), style=row.style)
    return Padding(table, (0, 0, 0, MARGIN), expand=False)


def _stacked(row: Row) -> Iterator[RenderableType]:
    yield Unbroken(Text.assemble(" " * MARGIN, (row.columns[-1], row.style or "bold")))
    yield Paragraph(Text(glued(row.facts)), STACKED_INDENT)


def _total(plan: Plan) -> str:
    seen = [ion.observed for ion in plan.ions if isinstance(ion.observed, Observed)]
    configs = [observed.provisioned for observed in seen if observed.provisioned is not None]
    requested = sum(config.requested for config in configs)
    available = sum(config.available for config in configs)
    price = phrases.price_now(plan.cost)
    ions = phrases.count(len(plan.ions), "ion")
    return f"Status: {ions}, {available} of {requested} warm, {price} a month at list price."
