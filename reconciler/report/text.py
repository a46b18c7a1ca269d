"""A plan as people read it, before anything is written: Plan -> renderables. Returns, never prints.

Grouped by account, region and compute group; one row per ion that is not in sync (or for all), then what refuses the
plan, the price, and two last lines that scripts and people look for. Warnings are a text of their own, since they
belong on stderr.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeVar

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from reconciler.decide.applicability import is_lifted
from reconciler.decide.summary import Kind, kind_of, summarize
from reconciler.model.observed import Key, Observed
from reconciler.model.plan import Cost, InSync, IonPlan, Pending, Plan, Refusal, Verdict
from reconciler.report import phrases
from reconciler.report.causes import gathered
from reconciler.report.escape import escape
from reconciler.report.layout import BLANK, Entry, Paragraph, Unbroken, glued, section
from reconciler.report.step_words import step_words

NAMES_SHOWN: Final = 5
SHARED: Final = frozenset({"blocked", "unreadable", "failed", "unfinished", "not attempted"})  # causes are told once
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
    plan: Plan, *, show: Show = Show.CHANGES, lifted: Collection[str] = (), command: str = "plan"
) -> Iterator[RenderableType]:
    """The whole plan. `lifted`: the codes that --allow names; `command`: whose plan it is."""
    shown = [ion for ion in plan.ions if show is Show.EVERYTHING or _worth_a_row(ion.verdict)]
    waits = phrases.precedence_words(plan) if show is Show.EVERYTHING else {}
    yield from sections(shown, lambda ion: ion, lambda ion: _entry(ion, waits, show))
    for refusal in plan.refusals:
        yield from _refusal(refusal, show, lifted)
        yield BLANK
    yield from _last_lines(plan, command)


def _worth_a_row(verdict: Verdict) -> bool:
    """Whether the verdict is shown without -v: in sync counts when somebody else owns a part, or it is left alone."""
    return not isinstance(verdict, InSync) or verdict.why is not None


def warnings_text(warnings: Iterable[str]) -> Iterator[RenderableType]:
    """One paragraph a warning, for stderr."""
    for warning in warnings:
        yield Paragraph(Text.assemble(("Warning: ", "bold yellow"), escape(warning)))


def sections(
    items: Iterable[Item], planned: Callable[[Item], IonPlan], entry: Callable[[Item], Entry]
) -> Iterator[RenderableType]:
    """Rows gathered by account, region and group, in the order of these; ions of no group come first."""
    places: dict[phrases.Placed, list[Entry]] = {}
    for place, row in _told_once([(planned(item), entry(item)) for item in items]):
        places.setdefault(place, []).append(row)
    for place in sorted(places, key=phrases.place_order):
        yield from section(phrases.place_words(place), places[place])


def _told_once(rows: Sequence[tuple[IonPlan, Entry]]) -> Iterator[tuple[phrases.Placed, Entry]]:
    """Each row with its place; ions that share the cause of their trouble are one row, of their group if it has all."""
    placed = {ion.key: (phrases.placed(ion), row) for ion, row in rows}
    shared = gathered((key, row.texts()) for key, (_, row) in placed.items() if row.word in SHARED)
    for keys, texts in [each for each in shared if len(each[0]) > 1]:
        several = [placed.pop(key) for key in keys]
        (place, row), names = several[0], [phrases.ion_name(key) for key in keys]
        same_group = all(place == other for other, _ in several)
        yield place if same_group else (*place[:2], None), row.of_several(phrases.count(len(keys), "ion"), texts, names)
    yield from placed.values()


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
    said = phrases.why_words(verdict)
    if said is not None:
        yield Text(escape(said))


def _everything_lines(ion: IonPlan, waits: Iterable[str]) -> Iterator[Text]:
    if isinstance(ion.observed, Observed):
        yield Text(f"now: {phrases.observed_words(ion.observed)}", "dim")
    if ion.steps:
        yield Text(f"steps: {'; '.join(step_words(step) for step in ion.steps)}", "dim")
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


def _last_lines(plan: Plan, command: str) -> Iterator[RenderableType]:
    summary = summarize(plan)
    nothing = phrases.nothing_words(plan, command)
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
