"""The same reports for a pull request's comment: Plan and Applied -> GitHub-flavoured markdown.

Returns, never prints. Whatever AWS or a file says can neither break the table nor format, link, mention or embed
anything: `prose` and `code` escape it, after `literal` made it one line. No timestamps, so that a comment is edited
only when the plan changed, and no more than fits: GitHub refuses a comment over 65,536 characters.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from reconciler.decide.summary import kind_of, result_kind, summarize, summarize_applied
from reconciler.model.errors import coded
from reconciler.model.observed import Key
from reconciler.model.outcome import Applied, Failed, IonResult
from reconciler.model.plan import IonPlan, Pending, Plan, Refusal
from reconciler.report import phrases
from reconciler.report.causes import Texts, gathered
from reconciler.report.escape import escape
from reconciler.report.status_rows import HEADINGS, row_of
from reconciler.report.step_words import step_words

ROWS_BUDGET: Final = 30_000  # characters
DETAILS_BUDGET: Final = 15_000  # characters of each details block

TROUBLE: Final = {"blocked": "blocked", "unreadable": "unreadable", "settling": "settling", "in_sync": "left as said"}
UNTOUCHED: Final = frozenset({"blocked", "unreadable", "in_sync"})  # ions that no apply works on
NAMES_SHOWN: Final = 50

# What could start code, emphasis, a link, a table cell, HTML, mathematics, or a link that nobody wrote.
ACTIVE: Final = re.compile(r"[&<>\\`*_\[\]|~$]|(?<=\w):(?=//)|(?<=www)\.")
# GitHub looks for mentions and issues after entities are decoded; only a character between stops it.
REFERENCE: Final = re.compile(r"([@#])(?=\w)")
PLAIN_CODE: Final = re.compile(r"[\w .:/@$=→…,()+-]+")


def plan_markdown(plan: Plan, *, command: str = "plan") -> str:
    """A heading with the counts, the changes as tables, what needs a person, the price and the digest."""
    changing = [ion for ion in plan.ions if isinstance(ion.verdict, Pending)]
    return _joined(
        [
            f"### reconcile {command}: {_heading(plan)}",
            *(_refusal(refusal) for refusal in plan.refusals),
            *_nothing(plan),
            *_change_tables(changing),
            *_trouble(plan.ions),
            *_price(plan),
            f"**Plan:** {', '.join(phrases.summary_phrases(summarize(plan)))}",
            f"Digest: {code(plan.digest)}",
        ]
    )


def apply_markdown(plan: Plan, applied: Applied, *, command: str = "apply") -> str:
    """How each ion ended, the failed ones with AWS's code and words, and the ARNs that callers must use."""
    summary = summarize_applied(applied)
    interrupted = (
        [f"**Interrupted:** no further step was begun; run {command} again to go on."] if applied.interrupted else []
    )
    acted = [result for result in applied.results if result_kind(result) not in UNTOUCHED]
    untouched = [result.plan for result in applied.results if result_kind(result) in UNTOUCHED]
    return _joined(
        [
            f"### reconcile {command}: {_result_heading(applied)}",
            *interrupted,
            *_result_table(acted),
            *_failures(acted),
            *_trouble(untouched),
            *_price(plan),
            f"**{command.capitalize()}:** {', '.join(phrases.applied_phrases(summary))}",
        ]
    )


def status_markdown(plan: Plan, *, now: float) -> str:
    """What is warm now, one row per ion, and what is wrong where anything is."""
    rows = [row_of(ion, now=now) for ion in plan.ions]
    table = [[*(prose(text) for text in row.columns[:-1]), code(row.columns[-1])] for row in rows]
    titles = [heading.capitalize().replace("arn", "ARN") for heading in HEADINGS]
    told = [(row.key, (row.trouble,)) for row in rows if row.trouble]
    trouble = [f"{_ions(keys)}: {prose(what)}" for keys, (what,) in gathered(told)]
    price = f"**Price:** {phrases.price_now(plan.cost)} a month at list price.{_price_notes(plan)}"
    details = [_details(f"{len(told)} to look at", trouble)] if trouble else []
    return _joined(["### reconcile status", *_table(titles, table), *details, price])


def prose(text: str) -> str:
    """Foreign text that shows as it is, wherever it stands."""
    escaped = ACTIVE.sub(lambda found: f"&#{ord(found.group())};", escape(text))
    return REFERENCE.sub("\\1&#8203;", escaped.replace("&#", "\0")).replace("\0", "&#")


def code(text: str) -> str:
    """Foreign text in code type; what a code span cannot hold is escaped one by one."""
    shown = escape(text)
    if PLAIN_CODE.fullmatch(shown):
        return f"`{shown}`"
    return f"<code>{prose(shown)}</code>"


def _heading(plan: Plan) -> str:
    counts = {phrases.spoken(kind): number for kind, number in summarize(plan).counts().items() if kind != "in_sync"}
    said = [f"{number} {_to(kind)}" for kind, number in counts.items() if number]
    return ", ".join(said) or "no changes"


def _to(kind: str) -> str:
    return f"to {kind}" if kind in {"create", "change", "remove"} else kind


def _result_heading(applied: Applied) -> str:
    counts = summarize_applied(applied).counts()
    said = [f"{number} {phrases.spoken(kind)}" for kind, number in counts.items() if number and kind != "in_sync"]
    return ", ".join(said) or "nothing to do"


def _nothing(plan: Plan) -> Iterator[str]:
    nothing = phrases.nothing_words(plan)
    if nothing is not None:
        yield nothing


def _refusal(refusal: Refusal) -> str:
    more = ", …" if len(refusal.keys) > 5 else ""
    ions = f" ({', '.join(code(phrases.ion_name(key)) for key in refusal.keys[:5])}{more})"
    named = ions if refusal.keys else ""
    lift = prose(phrases.lift_words(refusal))
    return f"> **Apply refuses this plan: {prose(refusal.code)}**\\\n> {prose(refusal.message)}{named}\\\n> {lift}"


def _change_tables(ions: Sequence[IonPlan]) -> Iterator[str]:
    places: dict[phrases.Placed, list[list[str]]] = {}
    kept, left = _within([(phrases.placed(ion), _change_row(ion)) for ion in ions], ROWS_BUDGET)
    for place, row in kept:
        places.setdefault(place, []).append(row)
    for place in sorted(places, key=phrases.place_order):
        yield f"**{prose(phrases.place_words(place))}**"
        yield from _table(["", "Ion", "Change", "Why", "Price a month"], places[place])
    if left:
        yield f"… and {left} more; the text and JSON reports have them all."


def _within(
    rows: list[tuple[phrases.Placed, list[str]]], budget: int
) -> tuple[list[tuple[phrases.Placed, list[str]]], int]:
    used = 0
    for number, (_, row) in enumerate(rows):
        used += sum(len(cell) for cell in row)
        if used > budget:
            return rows[:number], len(rows) - number
    return rows, 0


def _change_row(ion: IonPlan) -> list[str]:
    kind = kind_of(ion.verdict)
    verdict = ion.verdict
    if not isinstance(verdict, Pending):
        return []
    price = phrases.cost_words(ion.cost).removesuffix(" a month")
    why = "; ".join(filter(None, (phrases.reasons_words(verdict.changes), verdict.why)))
    label = f"`{phrases.SYMBOLS[kind]}` {phrases.spoken(kind)}"
    return [
        label,
        code(phrases.ion_name(ion.key)),
        prose(", ".join(phrases.pending_phrases(verdict, None))),
        prose(why),
        price,
    ]


def _trouble(ions: Iterable[IonPlan]) -> Iterator[str]:
    """What needs a person or is left to somebody else, each cause once."""
    told: dict[str, list[tuple[Key, Texts]]] = {title: [] for title in TROUBLE.values()}
    for ion in ions:
        kind = kind_of(ion.verdict)
        if kind in TROUBLE and ion.verdict.why is not None:
            told[TROUBLE[kind]].append((ion.key, (ion.verdict.why,)))
    for title, of_kind in told.items():
        if of_kind:
            yield _details(
                f"{len(of_kind)} {title}", [f"{_ions(keys)}: {prose(why)}" for keys, (why,) in gathered(of_kind)]
            )


def _ions(keys: Sequence[Key]) -> str:
    """A list item's beginning: one ion by the name that its callers use, or several by number and name."""
    if len(keys) == 1:
        return f"- {code(_full_name(keys[0]))}"
    names = [code(phrases.ion_name(key)) for key in keys[:NAMES_SHOWN]]
    more = [f"{len(keys) - len(names)} more"] if len(keys) > len(names) else []
    return f"- **{len(keys)} ions** ({', '.join([*names, *more])})"


def _full_name(key: Key) -> str:
    return phrases.alias_arn(key) or phrases.ion_name(key)


def _details(title: str, items: Sequence[str]) -> str:
    kept: list[str] = []
    used = 0
    for item in items:
        used += len(item)
        if used > DETAILS_BUDGET:
            kept.append(f"- … and {len(items) - len(kept)} more")
            break
        kept.append(item)
    body = "\n".join(kept)
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _result_table(results: Sequence[IonResult]) -> Iterator[str]:
    rows = [(phrases.placed(result.plan), _result_row(result)) for result in results]
    kept, left = _within(rows, ROWS_BUDGET)
    yield from _table(["", "Call this", "Change", "Now"], [row for _, row in kept]) if kept else ()
    if left:
        yield f"… and {left} more; the text and JSON reports have them all."


def _result_row(result: IonResult) -> list[str]:
    kind = result_kind(result)
    verdict = result.plan.verdict
    change = verdict.why or ""
    if isinstance(verdict, Pending):
        cost = result.plan.cost if kind in phrases.WRITTEN else None
        change = ", ".join(phrases.pending_phrases(phrases.numbered(verdict, result), cost))
    after = "" if result.after is None else phrases.observed_words(result.after)
    label = f"{phrases.RESULT_SYMBOLS[kind]} {phrases.spoken(kind)}"
    return [label, code(_full_name(result.plan.key)), prose(change), prose(after)]


def _failures(results: Sequence[IonResult]) -> Iterator[str]:
    failed = {
        result.plan.key: (step, outcome)
        for result in results
        for step, outcome in result.outcomes
        if isinstance(outcome, Failed)
    }
    told = [
        (key, (step_words(step), coded(how.code, how.message), how.hint or "")) for key, (step, how) in failed.items()
    ]
    items = [f"{_ions(keys)}: {_failed(texts, failed[keys[0]][1])}" for keys, texts in gathered(told)]
    if items:
        yield _details(f"{len(failed)} failed", items)
    again = [(result.plan.key, (result.problem,)) for result in results if result.problem]
    if again:
        items = [f"{_ions(keys)}: {prose(problem)}" for keys, (problem,) in gathered(again)]
        yield _details(f"{len(again)} to be planned again", items)


def _failed(texts: Texts, first: Failed) -> str:
    step, message, hint = texts
    todo = f" **What to do:** {prose(hint)}" if hint else ""
    request = f" (request id {code(first.request_id)})" if first.request_id else ""
    return f"{prose(step)}: {prose(message)}{request}{todo}"


def _price(plan: Plan) -> Iterator[str]:
    yield f"**Price:** {phrases.total_words(plan.cost)}, at list price.{_price_notes(plan)}"


def _price_notes(plan: Plan) -> str:
    notes = phrases.price_notes(plan)
    return f" ({prose('; '.join(notes))})" if notes else ""


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    lines = [titles, ["---"] * len(titles), *rows]
    yield "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"
