"""What `apply` did, ion by ion: Applied -> renderables. Returns, never prints.

Each ion that was not in sync already (or each at all) says how it ended, which steps were done, failed or not
attempted, and its alias ARN: the target that callers must use. AWS's code, words and request id are shown literally.
"""

from collections.abc import Iterator
from typing import Final

from rich.console import RenderableType
from rich.text import Text

from reconciler.decide.summary import AppliedSummary, ResultKind, result_kind, summarize_applied
from reconciler.model.errors import coded
from reconciler.model.outcome import Applied, Done, Failed, IonResult, NotAttempted, Outcome
from reconciler.report import phrases
from reconciler.report.escape import escape
from reconciler.report.layout import Entry, Labelled, Paragraph
from reconciler.report.step_words import step_words
from reconciler.report.text import Counts, Show, sections

STYLES: Final[dict[ResultKind, str]] = {
    "created": "green",
    "changed": "green",
    "removed": "green",
    "failed": "bold red",
    "unfinished": "yellow",
    "not_attempted": "yellow",
    "settled": "green",
    "settling": "cyan",
    "blocked": "bold red",
    "unreadable": "bold magenta",
    "in_sync": "dim",
}
# Callers are well served by these aliases.
WORKING: Final = frozenset({"created", "changed", "removed", "settled", "settling", "in_sync"})
PLANNED: Final = frozenset({"blocked", "unreadable", "in_sync"})  # the plan above says all there is to say
INTERRUPTED: Final = (
    "Interrupted: no further step was begun. What was done is above and stays; "
    "run {command} again and it goes on from there."
)
INCOMPLETE: Final = "Not everything is as {asked}. Once the cause is dealt with, run {command} again."
COMPLETE: Final = "Done. Every change was made, and all provisioned concurrency is READY."
UNWAITED: Final = "Every change was made; some are still being allocated (--no-wait)."
NOTHING: Final = "Nothing to do; nothing was written."


def apply_text(applied: Applied, *, show: Show = Show.CHANGES, command: str = "apply") -> Iterator[RenderableType]:
    """The whole report of a `command` that writes, below the plan. What that says is not repeated."""
    shown = [result for result in applied.results if show is Show.EVERYTHING or result_kind(result) not in PLANNED]
    yield from sections(shown, lambda result: result.plan, lambda result: _entry(result, show))
    summary = summarize_applied(applied)
    yield Paragraph(_judgement(summary, applied, command))
    yield Counts(command.capitalize(), phrases.applied_phrases(summary))


def _judgement(summary: AppliedSummary, applied: Applied, command: str) -> Text:
    if applied.interrupted:
        return Text(INTERRUPTED.format(command=command), "bold yellow")
    if summary.troubled:
        again, asked = ("plan and apply", "the file asks") if command == "apply" else (command, "asked")
        return Text(INCOMPLETE.format(command=again, asked=asked), "bold red")
    if summary.settling or _unwaited(applied):
        return Text(UNWAITED, "bold cyan")
    if summary.written or summary.settled:
        return Text(COMPLETE, "bold green")
    return Text(NOTHING, "bold green")


def _unwaited(applied: Applied) -> bool:
    outcomes = (outcome for result in applied.results for _, outcome in result.outcomes)
    return any(isinstance(outcome, NotAttempted) and not outcome.failed_before for outcome in outcomes)


def _entry(result: IonResult, show: Show) -> Entry:
    kind = result_kind(result)
    name = phrases.ion_name(result.plan.key)
    now = None if result.after is None else Text(phrases.observed_words(result.after))
    own = [] if now is None or kind in WORKING else [(Text("now"), now)]
    own += [(Text("request id"), Text(each, "dim")) for each in _request_ids(result)]
    arn = phrases.alias_arn(result.plan.key)
    if arn is not None:
        own.append((Text("call" if kind in WORKING else "alias"), Text(escape(arn))))
    why = result.plan.verdict.why if kind in PLANNED else None
    details = now if kind in WORKING else Text(escape(why)) if why else None
    return Entry(
        phrases.RESULT_SYMBOLS[kind],
        phrases.spoken(kind),
        STYLES[kind],
        name,
        (details,) if details else (),
        tuple(_below(result, kind, show)),
        tuple(own),
    )


def _below(result: IonResult, kind: ResultKind, show: Show) -> Iterator[Labelled]:
    if kind in {"failed", "unfinished", "not_attempted"} or show is Show.EVERYTHING:
        yield from _step_lines(result)
    else:
        yield from (note for _, outcome in result.outcomes for note in _notes(outcome))
    if result.problem is not None:
        yield Text("what to do", "bold"), Text(escape(result.problem))


def _step_lines(result: IonResult) -> Iterator[Labelled]:
    said: str | None = None
    for step, outcome in result.outcomes:
        phrase = step_words(step)
        match outcome:
            case Done():
                yield Text("done", "green"), Text(phrase)
            case Failed():
                yield Text("failed", "bold red"), Text(phrase)
            case NotAttempted(why):
                yield Text("not attempted", "yellow"), Text(phrase if why == said else f"{phrase}: {escape(why)}")
                said = why
        yield from _notes(outcome)


def _notes(outcome: Outcome) -> Iterator[Labelled]:
    match outcome:
        case Done(note) if note is not None:
            yield Text("note", "yellow"), Text(escape(note))
        case Failed(code, message, hint=hint):
            yield Text("", ""), Text(escape(coded(code, message)), "red")
            if hint is not None:
                yield Text("what to do", "bold"), Text(escape(hint))
        case _:
            return


def _request_ids(result: IonResult) -> list[str]:
    failed = [outcome for _, outcome in result.outcomes if isinstance(outcome, Failed)]
    return [escape(outcome.request_id) for outcome in failed if outcome.request_id is not None]
