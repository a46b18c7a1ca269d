"""A plan as people read it, before anything is written: Plan -> lines of styled pieces. Returns, never prints.

Grouped by account, region and compute group; one row per ion that is not in sync (or for all), then what refuses the
plan, the price, and two last lines that scripts and people look for. `width` is the terminal's, None without one.
Warnings are a text of their own, since they belong on stderr.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from enum import Enum
from typing import Final, TypeVar

from reconciler.decide.applicability import is_lifted
from reconciler.decide.summary import Kind, kind_of, summarize
from reconciler.model.observed import Key, Observed
from reconciler.model.plan import Cost, InSync, IonPlan, Pending, Plan, Refusal, Verdict
from reconciler.report import phrases
from reconciler.report.escape import escape
from reconciler.report.layout import PAGE, Entry, Line, Section, glued, line, section_lines, wrapped

NAMES_SHOWN: Final = 5
SHARED: Final = frozenset({"blocked", "unreadable"})
STYLES: Final[dict[Kind, str]] = {
    "create": "green",
    "change": "yellow",
    "remove": "red",
    "settling": "cyan",
    "blocked": "bold red",
    "unreadable": "bold magenta",
    "in_sync": "dim",
}

Item = TypeVar("Item")


class Show(Enum):
    """How much of a report: the ions that are not in sync, or all of them with their steps."""

    CHANGES = "changes"
    EVERYTHING = "everything"


def plan_text(
    plan: Plan, *, width: int | None, show: Show = Show.CHANGES, lifted: Collection[str] = ()
) -> Iterator[Line]:
    """The whole plan. `lifted`: the codes that --allow names."""
    return _plan_lines(plan, width, show, lifted)


def warnings_text(warnings: Iterable[str], *, width: int | None) -> Iterator[Line]:
    """One paragraph a warning, for stderr."""
    for warning in warnings:
        yield from wrapped((("Warning: ", "bold yellow"), (escape(warning), "")), width or PAGE)


def _plan_lines(plan: Plan, width: int | None, show: Show, lifted: Collection[str]) -> Iterator[Line]:
    shown = [ion for ion in plan.ions if show is Show.EVERYTHING or not isinstance(ion.verdict, InSync)]
    waits = phrases.precedence_words(plan) if show is Show.EVERYTHING else {}
    for section in sections(shown, phrases.placed, lambda ion: _entry(ion, waits, show)):
        yield from section_lines(section, width)
        yield ()
    for refusal in plan.refusals:
        yield from _refusal_lines(refusal, width or PAGE, show, lifted)
        yield ()
    yield from _last_lines(plan, width)


def sections(
    items: Iterable[Item], place: Callable[[Item], phrases.Placed], entry: Callable[[Item], Entry]
) -> Iterator[Section]:
    """Rows gathered by account, region and group, in the order of these; ions of no group come first."""
    places: dict[phrases.Placed, list[Item]] = {}
    for item in items:
        places.setdefault(place(item), []).append(item)
    for known in sorted(places, key=phrases.place_order):
        yield Section(phrases.place_words(known), tuple(_told_once(entry(item) for item in places[known])))


def _told_once(entries: Iterable[Entry]) -> Iterator[Entry]:
    """A reason that many rows in a row share is told in the first of them."""
    before: Entry | None = None
    for entry in entries:
        same = before is not None and (entry.word, entry.details) == (before.word, before.details)
        yield replace(entry, details=(line("as above", "dim"),)) if same and entry.word in SHARED else entry
        before = entry


def _entry(ion: IonPlan, waits: dict[Key, list[str]], show: Show) -> Entry:
    kind = kind_of(ion.verdict)
    details = [*_verdict_lines(ion.verdict, ion.cost)]
    if show is Show.EVERYTHING:
        details += _everything_lines(ion, waits.get(ion.key, []))
    return Entry(phrases.SYMBOLS[kind], phrases.spoken(kind), STYLES[kind], phrases.ion_name(ion.key), tuple(details))


def _verdict_lines(verdict: Verdict, cost: Cost) -> Iterator[Line]:
    if isinstance(verdict, Pending):
        yield line(glued(phrases.pending_phrases(verdict, cost)))
        why = phrases.reasons_words(verdict.changes)
        yield from (line(why, "dim"),) if why else ()
    if verdict.why is not None:
        yield line(escape(verdict.why))


def _everything_lines(ion: IonPlan, waits: Iterable[str]) -> Iterator[Line]:
    if isinstance(ion.observed, Observed):
        yield line(f"now: {phrases.observed_words(ion.observed)}", "dim")
    if ion.steps:
        yield line(f"steps: {'; '.join(phrases.step_words(step) for step in ion.steps)}", "dim")
    for wait in waits:
        yield line(wait, "dim")


def _refusal_lines(refusal: Refusal, width: int, show: Show, lifted: Collection[str]) -> Iterator[Line]:
    allowed = is_lifted(refusal, lifted)
    title, style = ("Lifted by --allow: ", "bold yellow") if allowed else ("Apply refuses this plan: ", "bold red")
    yield from wrapped(((title, style), (escape(refusal.code), style)), width)
    yield from wrapped(line(escape(refusal.message)), width, indent=2)
    yield from wrapped(line(_names(refusal.keys, show)), width, indent=2) if refusal.keys else ()
    yield from () if allowed else wrapped(line(phrases.lift_words(refusal)), width, indent=2)


def _names(keys: tuple[Key, ...], show: Show) -> str:
    limit = len(keys) if show is Show.EVERYTHING else NAMES_SHOWN
    names = ", ".join(phrases.ion_name(key) for key in keys[:limit])
    more = f" and {len(keys) - limit} more (-v names them)" if len(keys) > limit else ""
    return f"{phrases.count(len(keys), 'ion')}: {names}{more}"


def _last_lines(plan: Plan, width: int | None) -> Iterator[Line]:
    summary = summarize(plan)
    nothing = phrases.nothing_words(summary)
    if nothing is not None:
        yield from wrapped(line(nothing, "bold" if summary.troubled else "bold green"), width or PAGE)
        yield ()
    yield from price_lines(plan, width or PAGE)
    yield from count_lines("Plan", phrases.summary_phrases(summary), width)
    yield line(f"Digest: {escape(plan.digest)}", "dim")


def count_lines(title: str, phrases: Iterable[str], width: int | None) -> Iterator[Line]:
    """The line that scripts look for: one line, unless a terminal is too narrow for it."""
    counts = line(f"{title}: {glued(phrases)}", "bold")
    return iter([counts]) if width is None else wrapped(counts, width)


def price_lines(plan: Plan, width: int) -> Iterator[Line]:
    """The price a month, before and after, and what it leaves out or had to guess."""
    yield from wrapped(line(f"Price: {phrases.total_words(plan.cost)}, at list price."), width)
    for note in phrases.price_notes(plan):
        yield from wrapped(line(note, "dim"), width, indent=2)
