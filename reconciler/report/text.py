"""A plan as people read it, before anything is written: Plan -> renderables. Returns, never prints.

Grouped by account, region and compute group; one row per ion that is not in sync (or for all), then what refuses the
plan, the price, and two last lines that scripts and people look for. Warnings are a text of their own, since they
belong on stderr.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, TypeVar

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from reconciler.decide.applicability import is_lifted
from reconciler.decide.summary import Kind, kind_of, summarize
from reconciler.model.observed import Key, Observed
from reconciler.model.plan import Cost, InSync, IonPlan, Pending, Plan, Refusal, Verdict
from reconciler.report import phrases
from reconciler.report.escape import escape
from reconciler.report.layout import BLANK, Entry, Paragraph, Unbroken, glued, section

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


def plan_text(plan: Plan, *, show: Show = Show.CHANGES, lifted: Collection[str] = ()) -> Iterator[RenderableType]:
    """The whole plan. `lifted`: the codes that --allow names."""
    shown = [ion for ion in plan.ions if show is Show.EVERYTHING or not isinstance(ion.verdict, InSync)]
    waits = phrases.precedence_words(plan) if show is Show.EVERYTHING else {}
    yield from sections(shown, phrases.placed, lambda ion: _entry(ion, waits, show))
    for refusal in plan.refusals:
        yield from _refusal(refusal, show, lifted)
        yield BLANK
    yield from _last_lines(plan)


def warnings_text(warnings: Iterable[str]) -> Iterator[RenderableType]:
    """One paragraph a warning, for stderr."""
    for warning in warnings:
        yield Paragraph(Text.assemble(("Warning: ", "bold yellow"), escape(warning)))


def sections(
    items: Iterable[Item], place: Callable[[Item], phrases.Placed], entry: Callable[[Item], Entry]
) -> Iterator[RenderableType]:
    """Rows gathered by account, region and group, in the order of these; ions of no group come first."""
    places: dict[phrases.Placed, list[Item]] = {}
    for item in items:
        places.setdefault(place(item), []).append(item)
    for known in sorted(places, key=phrases.place_order):
        yield from section(phrases.place_words(known), tuple(_told_once(entry(item) for item in places[known])))


def _told_once(entries: Iterable[Entry]) -> Iterator[Entry]:
    """A reason that many rows in a row share is told in the first of them."""
    before: Entry | None = None
    for entry in entries:
        same = before is not None and (entry.word, entry.details) == (before.word, before.details)
        yield replace(entry, details=(Text("as above", "dim"),)) if same and entry.word in SHARED else entry
        before = entry


def _entry(ion: IonPlan, waits: dict[Key, list[str]], show: Show) -> Entry:
    kind = kind_of(ion.verdict)
    details = [*_verdict_lines(ion.verdict, ion.cost)]
    if show is Show.EVERYTHING:
        details += _everything_lines(ion, waits.get(ion.key, []))
    return Entry(phrases.SYMBOLS[kind], phrases.spoken(kind), STYLES[kind], phrases.ion_name(ion.key), tuple(details))


def _verdict_lines(verdict: Verdict, cost: Cost) -> Iterator[Text]:
    if isinstance(verdict, Pending):
        yield Text(glued(phrases.pending_phrases(verdict, cost)))
        why = phrases.reasons_words(verdict.changes)
        yield from (Text(why, "dim"),) if why else ()
    if verdict.why is not None:
        yield Text(escape(verdict.why))


def _everything_lines(ion: IonPlan, waits: Iterable[str]) -> Iterator[Text]:
    if isinstance(ion.observed, Observed):
        yield Text(f"now: {phrases.observed_words(ion.observed)}", "dim")
    if ion.steps:
        yield Text(f"steps: {'; '.join(phrases.step_words(step) for step in ion.steps)}", "dim")
    for wait in waits:
        yield Text(wait, "dim")


def _refusal(refusal: Refusal, show: Show, lifted: Collection[str]) -> Iterator[Paragraph]:
    allowed = is_lifted(refusal, lifted)
    title, style = ("Lifted by --allow: ", "bold yellow") if allowed else ("Apply refuses this plan: ", "bold red")
    yield Paragraph(Text(f"{title}{escape(refusal.code)}", style))
    yield Paragraph(Text(escape(refusal.message)), indent=2)
    yield from (Paragraph(Text(_names(refusal.keys, show)), indent=2),) if refusal.keys else ()
    yield from () if allowed else (Paragraph(Text(phrases.lift_words(refusal)), indent=2),)


def _names(keys: tuple[Key, ...], show: Show) -> str:
    limit = len(keys) if show is Show.EVERYTHING else NAMES_SHOWN
    names = ", ".join(phrases.ion_name(key) for key in keys[:limit])
    more = f" and {len(keys) - limit} more (-v names them)" if len(keys) > limit else ""
    return f"{phrases.count(len(keys), 'ion')}: {names}{more}"


def _last_lines(plan: Plan) -> Iterator[RenderableType]:
    summary = summarize(plan)
    nothing = phrases.nothing_words(summary)
    if nothing is not None:
        yield Paragraph(Text(nothing, "bold" if summary.troubled else "bold green"))
        yield BLANK
    yield from price(plan)
    yield Counts("Plan", phrases.summary_phrases(summary))
    yield Unbroken(Text(f"Digest: {escape(plan.digest)}", "dim"))


def price(plan: Plan) -> Iterator[Paragraph]:
    """The price a month, before and after, and what it leaves out or had to guess."""
    yield Paragraph(Text(f"Price: {phrases.total_words(plan.cost)}, at list price."))
    yield from price_notes(plan)


def price_notes(plan: Plan) -> Iterator[Paragraph]:
    """What a price leaves out or had to guess."""
    return (Paragraph(Text(note, "dim"), indent=2) for note in phrases.price_notes(plan))


@dataclass(frozen=True, slots=True)
class Counts:
    """The line that scripts look for: one line, unless a terminal is too narrow for it."""

    title: str
    phrases: Sequence[str]

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        counts = Text(f"{self.title}: {glued(self.phrases)}", "bold")
        yield Paragraph(counts) if options.is_terminal else Unbroken(counts)
