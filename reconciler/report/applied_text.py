"""What `apply` did, ion by ion: Plan and Applied -> rich Text. Returns, never prints.

Each ion that was not in sync already (or each at all) says how it ended, which steps were done, failed or not
attempted, and its alias ARN: the target that callers must use. AWS's code, words and request id are shown literally.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from reconciler.decide.summary import ResultKind, result_kind, summarize_applied
from reconciler.model import (
    Applied,
    Change,
    Done,
    Failed,
    IonResult,
    NewVersion,
    NotAttempted,
    Outcome,
    Pending,
    Plan,
    Step,
)
from reconciler.report import words
from reconciler.report.document import alias_arn
from reconciler.report.layout import PAGE, Entry, Line, assembled, line, section_lines, wrapped
from reconciler.report.literal import literal
from reconciler.report.text import Show, pending_words, price_lines, sections

if TYPE_CHECKING:
    from rich.text import Text

STYLES: Final[dict[ResultKind, str]] = {
    "changed": "green",
    "failed": "bold red",
    "not_attempted": "yellow",
    "settled": "green",
    "settling": "cyan",
    "blocked": "bold red",
    "unreadable": "bold magenta",
    "in_sync": "dim",
}
INTERRUPTED: Final = (
    "Interrupted: no further step was begun. What was done is above and stays; "
    "run apply again and it goes on from there."
)
INCOMPLETE: Final = "Not everything is as the file asks. Once the cause is dealt with, run plan and apply again."
STEP_WIDTH: Final = len("not attempted")


def apply_text(plan: Plan, applied: Applied, *, width: int | None, show: Show = Show.CHANGES) -> "Text":
    """The whole report of an apply."""
    return assembled(_lines(plan, applied, width, show))


def _lines(plan: Plan, applied: Applied, width: int | None, show: Show) -> Iterator[Line]:
    shown = [result for result in applied.results if show is Show.EVERYTHING or result_kind(result) != "in_sync"]
    for section in sections(shown, lambda result: words.placed(result.plan), lambda result: _entry(result, plan, show)):
        yield from section_lines(section, width)
        yield ()
    yield from _last_lines(plan, applied, width or PAGE)


def _last_lines(plan: Plan, applied: Applied, width: int) -> Iterator[Line]:
    summary = summarize_applied(applied)
    if applied.interrupted:
        yield from wrapped(line(INTERRUPTED, "bold yellow"), width)
    elif summary.troubled:
        yield from wrapped(line(INCOMPLETE, "bold red"), width)
    elif not summary.changed and not summary.settled and not summary.settling:
        yield from wrapped(
            line("Nothing to do. Every ion was as the file asks; nothing was written.", "bold green"), width
        )
    if not summary.troubled:
        yield from price_lines(plan.cost, width)
    yield from wrapped(line(f"Apply: {words.applied_words(summary)}", "bold"), width)


def _entry(result: IonResult, plan: Plan, show: Show) -> Entry:
    kind = result_kind(result)
    details = [*_result_lines(result, plan, kind)]
    if kind in {"failed", "not_attempted"} or show is Show.EVERYTHING:
        details += [part for step, outcome in result.outcomes for part in _step_lines(step, outcome)]
    else:
        details += [part for _, outcome in result.outcomes for part in _note_lines(outcome)]
    arn = alias_arn(result.plan.key)
    below = () if arn is None else ((("call: ", "dim"), (literal(arn), "bold" if kind == "changed" else "")),)
    name = words.ion_name(result.plan.key)
    return Entry(words.RESULT_SYMBOLS[kind], words.spoken(kind), STYLES[kind], name, tuple(details), below)


def _result_lines(result: IonResult, plan: Plan, kind: ResultKind) -> Iterator[Line]:
    verdict = result.plan.verdict
    if isinstance(verdict, Pending):
        cost = plan.ion_costs.get(result.plan.key)
        yield line(pending_words(_numbered(verdict, result), cost if kind == "changed" else None))
    if verdict.why is not None:
        yield line(literal(verdict.why))
    if result.after is not None:
        yield line(f"now: {words.observed_words(result.after)}", "dim")


def _numbered(verdict: Pending, result: IonResult) -> Pending:
    """The plan's changes with the number that AWS gave the new version, once the alias was seen there."""
    alias = None if result.after is None else result.after.alias
    if alias is None or result_kind(result) != "changed":
        return verdict
    changes = tuple(
        Change(change.field, change.before, alias.pointer.version, change.reason)
        if isinstance(change.after, NewVersion)
        else change
        for change in verdict.changes
    )
    return Pending(changes, verdict.steps, verdict.why)


def _step_lines(step: Step, outcome: Outcome) -> Iterator[Line]:
    phrase = words.step_words(step)
    match outcome:
        case Done():
            yield (("done".ljust(STEP_WIDTH), "green"), (f"  {phrase}", ""))
        case Failed(code, message):
            yield (("failed".ljust(STEP_WIDTH), "bold red"), (f"  {phrase}: {literal(code)}: {literal(message)}", ""))
        case NotAttempted(why):
            yield (("not attempted", "yellow"), (f"  {phrase}: {literal(why)}", ""))
    yield from _note_lines(outcome)


def _note_lines(outcome: Outcome) -> Iterator[Line]:
    match outcome:
        case Done(note) if note is not None:
            yield (("note: ", "yellow"), (literal(note), ""))
        case Failed(request_id=request_id, hint=hint):
            if hint is not None:
                yield (("what to do: ", "bold"), (literal(hint), ""))
            if request_id is not None:
                yield line(f"request id: {literal(request_id)}", "dim")
        case _:
            return
