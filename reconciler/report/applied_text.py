"""What `apply` did, ion by ion: Plan and Applied -> lines of styled pieces. Returns, never prints.

Each ion that was not in sync already (or each at all) says how it ended, which steps were done, failed or not
attempted, and its alias ARN: the target that callers must use. AWS's code, words and request id are shown literally.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from reconciler.decide.summary import AppliedSummary, ResultKind, result_kind, summarize_applied
from reconciler.model.outcome import Applied, Done, Failed, IonResult, NotAttempted, Outcome
from reconciler.model.plan import NewVersion, Pending, Plan
from reconciler.report import phrases
from reconciler.report.escape import escape
from reconciler.report.layout import PAGE, Entry, Labelled, Line, glued, line, section_lines, wrapped
from reconciler.report.text import Show, count_lines, price_lines, sections

STYLES: Final[dict[ResultKind, str]] = {
    "changed": "green",
    "failed": "bold red",
    "unfinished": "yellow",
    "not_attempted": "yellow",
    "settled": "green",
    "settling": "cyan",
    "blocked": "bold red",
    "unreadable": "bold magenta",
    "in_sync": "dim",
}
WORKING: Final = frozenset({"changed", "settled", "settling", "in_sync"})  # callers are well served by these aliases
INTERRUPTED: Final = (
    "Interrupted: no further step was begun. What was done is above and stays; "
    "run apply again and it goes on from there."
)
INCOMPLETE: Final = "Not everything is as the file asks. Once the cause is dealt with, run plan and apply again."
COMPLETE: Final = "Done. Every change was made, and every wait has ended well."
UNWAITED: Final = "Every change was made; AWS is still at work on some, and nobody waited for it."
NOTHING: Final = "Nothing to do. Every ion was as the file asks already; nothing was written."


def apply_text(plan: Plan, applied: Applied, *, width: int | None, show: Show = Show.CHANGES) -> Iterator[Line]:
    """The whole report of an apply."""
    return _lines(plan, applied, width, show)


def _lines(plan: Plan, applied: Applied, width: int | None, show: Show) -> Iterator[Line]:
    shown = [result for result in applied.results if show is Show.EVERYTHING or result_kind(result) != "in_sync"]
    for section in sections(shown, lambda result: phrases.placed(result.plan), lambda result: _entry(result, show)):
        yield from section_lines(section, width)
        yield ()
    yield from _last_lines(plan, applied, width)


def _last_lines(plan: Plan, applied: Applied, width: int | None) -> Iterator[Line]:
    summary = summarize_applied(applied)
    yield from wrapped(_judgement(summary, applied), width or PAGE)
    if not summary.troubled:
        yield from price_lines(plan, width or PAGE)
    yield from count_lines("Apply", phrases.applied_phrases(summary), width)


def _judgement(summary: AppliedSummary, applied: Applied) -> Line:
    if applied.interrupted:
        return line(INTERRUPTED, "bold yellow")
    if summary.troubled:
        return line(INCOMPLETE, "bold red")
    if summary.settling or _unwaited(applied):
        return line(UNWAITED, "bold cyan")
    if summary.changed or summary.settled:
        return line(COMPLETE, "bold green")
    return line(NOTHING, "bold green")


def _unwaited(applied: Applied) -> bool:
    outcomes = (outcome for result in applied.results for _, outcome in result.outcomes)
    return any(isinstance(outcome, NotAttempted) and not outcome.failed_before for outcome in outcomes)


def _entry(result: IonResult, show: Show) -> Entry:
    kind = result_kind(result)
    name = phrases.ion_name(result.plan.key)
    head = (phrases.RESULT_SYMBOLS[kind], phrases.spoken(kind), STYLES[kind], name)
    return Entry(*head, tuple(_details(result, kind)), tuple(_below(result, kind, show)))


def _details(result: IonResult, kind: ResultKind) -> Iterator[Line]:
    verdict = result.plan.verdict
    if isinstance(verdict, Pending):
        cost = result.plan.cost if kind == "changed" else None
        yield line(glued(phrases.pending_phrases(numbered(verdict, result), cost)))
    elif verdict.why is not None and kind != "settled":
        yield line(escape(verdict.why))


def _below(result: IonResult, kind: ResultKind, show: Show) -> Iterator[Labelled]:
    if kind in {"failed", "unfinished", "not_attempted"} or show is Show.EVERYTHING:
        yield from _step_lines(result)
    else:
        yield from (note for _, outcome in result.outcomes for note in _notes(outcome))
    if result.problem is not None:
        yield ("what to do", "bold"), line(escape(result.problem))
    if result.after is not None:
        yield ("now", ""), line(phrases.observed_words(result.after))
    arn = phrases.alias_arn(result.plan.key)
    if arn is not None:
        yield ("call" if kind in WORKING else "alias", ""), line(escape(arn))


def numbered(verdict: Pending, result: IonResult) -> Pending:
    """The plan's changes with the number that AWS gave the new version, once the alias was seen there."""
    alias = None if result.after is None else result.after.alias
    if alias is None or result_kind(result) != "changed":
        return verdict
    changes = (
        replace(change, after=alias.pointer.version) if isinstance(change.after, NewVersion) else change
        for change in verdict.changes
    )
    return replace(verdict, changes=tuple(changes))


def _step_lines(result: IonResult) -> Iterator[Labelled]:
    said: str | None = None
    for step, outcome in result.outcomes:
        phrase = phrases.step_words(step)
        match outcome:
            case Done():
                yield ("done", "green"), line(phrase)
            case Failed():
                yield ("failed", "bold red"), line(phrase)
            case NotAttempted(why):
                yield ("not attempted", "yellow"), line(phrase if why == said else f"{phrase}: {escape(why)}")
                said = why
        yield from _notes(outcome)


def _notes(outcome: Outcome) -> Iterator[Labelled]:
    match outcome:
        case Done(note) if note is not None:
            yield ("note", "yellow"), line(escape(note))
        case Failed(code, message, request_id, hint):
            yield ("", ""), line(f"{escape(code)}: {escape(message)}", "red")
            if request_id is not None:
                yield ("", ""), line(f"request id {escape(request_id)}", "dim")
            if hint is not None:
                yield ("what to do", "bold"), line(escape(hint))
        case _:
            return
