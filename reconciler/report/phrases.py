"""How the reports word things: the same change, step, price or state reads the same in text and in markdown.

In: values of the model. Out: short plain phrases, one line each, foreign text made literal. No layout, no colour,
no escaping of a format.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from reconciler.decide.summary import AppliedSummary, Kind, ResultKind, Summary, kind_of, result_kind, summarize
from reconciler.model.observed import (
    Key,
    Observation,
    Observed,
    Provisioned,
    Scaling,
    ScalingTarget,
    ScalingUnknown,
    Unreadable,
)
from reconciler.model.outcome import IonResult
from reconciler.model.plan import (
    Change,
    Cost,
    InSync,
    IonPlan,
    Pending,
    Plan,
    Precedence,
    Refusal,
    ScalingSummary,
    Verdict,
)
from reconciler.model.refusals import WRONG_ACCOUNT
from reconciler.model.steps import (
    NewVersion,
    Step,
)
from reconciler.report.escape import escape
from reconciler.report.step_words import step_words

SYMBOLS: Final[Mapping[Kind, str]] = {
    "create": "+",
    "change": "~",
    "remove": "-",
    "settling": "…",
    "blocked": "!",
    "unreadable": "?",
    "in_sync": "=",
}

RESULT_SYMBOLS: Final[Mapping[ResultKind, str]] = {
    "created": "+",
    "changed": "~",
    "removed": "-",
    "failed": "✗",
    "unfinished": "·",
    "not_attempted": "·",
    "settled": "=",
    "settling": "…",
    "blocked": "!",
    "unreadable": "?",
    "in_sync": "=",
}

WRITTEN: Final = frozenset({"created", "changed", "removed"})

Placed = tuple[str, str, str | None]  # account, region, group


def spoken(kind: str) -> str:
    return kind.replace("_", " ")


def ion_name(key: Key) -> str:
    """`function:alias`, the form that `--only` and `--exclude` match."""
    return escape(f"{key.function}:{key.alias}")


def alias_arn(key: Key) -> str | None:
    """The target that callers must use; None while the account or the region is not known."""
    return key.alias_arn if key.account and key.region else None


def placed(ion: IonPlan) -> Placed:
    return (ion.key.account, ion.key.region, ion.ion.desired.group)


def place_order(place: Placed) -> Placed:
    """Sorts places; ions of no group come first."""
    account, region, group = place
    return (account, region, group or "")


def place_words(place: Placed) -> str:
    account, region, group = place
    parts = [account or "account unknown", region or "region unknown"]
    return escape(" · ".join([*parts, f"group {group}"] if group is not None else parts))


def change_words(change: Change, *, creates: bool) -> str:
    """`version 7 → new`; what a new alias starts with has no before."""
    after = value_words(change.after)
    if creates and change.before is None:
        return f"{change.field} {after}"
    if change.before == change.after:
        return f"{change.field} {after} put again"
    return f"{change.field} {value_words(change.before)} → {after}"


def _scaled_words(value: ScalingSummary) -> str:
    """`0-3 by office`, `2-20 at 70 %`: the bounds of the moment, and what moves them."""
    bounds = str(value.minimum) if value.minimum == value.maximum else f"{value.minimum}-{value.maximum}"
    clock = f" by {', '.join(value.schedules)}" if value.schedules else ""
    load = f" at {value.target:.0%}" if value.target is not None else ""
    return f"{bounds}{clock}{load}"


def value_words(value: str | int | NewVersion | ScalingSummary | None) -> str:
    if value is None:
        return "none"
    if isinstance(value, ScalingSummary):
        return escape(_scaled_words(value))
    return "new" if isinstance(value, NewVersion) else escape(str(value))


def reasons_words(changes: Iterable[Change]) -> str:
    """Why, in one line, each reason once. What a new alias gets needs no reason but the file."""
    said = dict.fromkeys(escape(change.reason) for change in changes if change.before is not None)
    return "; ".join(said)


def usd(amount: float) -> str:
    return f"${amount:,.2f}"


def price_now(cost: Cost) -> str:
    """`$54.75`; `$5.48 to $54.75` where load decides, as the file asks already."""
    return cost_words(cost).removesuffix(" a month") if _unmoved(cost) else usd(cost.monthly_before)


def _unmoved(cost: Cost) -> bool:
    return usd(cost.monthly_before) == usd(cost.monthly_after)


def cost_words(cost: Cost) -> str:
    """`$21.90 → $54.75 a month`; `$5.48 to $54.75` where load decides; one number where nothing moves by a cent."""
    least, after = cost.monthly_least, usd(cost.monthly_after)
    span = after if least is None or usd(least) == after else f"{usd(least)} to {after}"
    if usd(cost.monthly_before) == after:
        return f"{span} a month"
    return f"{usd(cost.monthly_before)} → {span} a month"


def pending_phrases(verdict: Pending, cost: Cost | None) -> list[str]:
    """`version 7 → new`, `concurrency 2 → 5`, `$21.90 → $54.75 a month`."""
    creates = kind_of(verdict) == "create"
    phrases = [change_words(change, creates=creates) for change in verdict.changes if change.field != "alias"]
    if cost is not None and not _unmoved(cost):
        phrases.append(cost_words(cost))
    return phrases or ["the alias alone"]


def numbered(verdict: Pending, result: IonResult) -> Pending:
    """The plan's changes with the number that AWS gave the new version, once the alias was seen there."""
    alias = None if result.after is None else result.after.alias
    if alias is None or result_kind(result) not in WRITTEN:
        return verdict
    changes = (
        replace(change, after=alias.pointer.version) if isinstance(change.after, NewVersion) else change
        for change in verdict.changes
    )
    return replace(verdict, changes=tuple(changes))


def total_words(cost: Cost) -> str:
    words = cost_words(cost)
    if _unmoved(cost):
        return f"{words}, unchanged"
    difference = cost.monthly_after - cost.monthly_before
    return f"{words} ({'+' if difference > 0 else '-'}{usd(abs(difference))})"


def state_words(provisioned: Provisioned | None) -> str:
    """`READY`, `FAILED: reason` as AWS says it; `none` without provisioned concurrency."""
    if provisioned is None:
        return "none"
    reason = f": {escape(provisioned.reason)}" if provisioned.reason else ""
    return f"{escape(provisioned.status)}{reason}"


def observed_words(observed: Observation) -> str:
    """Where the alias is and how warm, in one phrase."""
    if isinstance(observed, Unreadable):
        return f"unreadable: {escape(observed.why)}"
    if observed.latest is None:
        return "no such function"
    if observed.alias is None:
        return "no such alias"
    return f"version {escape(observed.alias.pointer.version)}{_weights(observed)}, {_warmth(observed.provisioned)}"


def _weights(observed: Observed) -> str:
    weights = () if observed.alias is None else observed.alias.pointer.weights
    return "".join(f" ({weight:.0%} on {escape(version)})" for version, weight in weights)


def _warmth(provisioned: Provisioned | None) -> str:
    if provisioned is None:
        return "no provisioned concurrency"
    return f"{provisioned.available} of {provisioned.requested} warm, {state_words(provisioned)}"


def scaling_words(scaling: Scaling) -> str | None:
    """Who else moves the number; None when nobody does."""
    match scaling:
        case ScalingTarget(minimum, maximum, suspended):
            bounds = str(minimum) if minimum == maximum else f"{minimum}-{maximum}"
            return f"auto scaling {bounds}{', suspended' if suspended else ''}"
        case ScalingUnknown(why, harmless):
            return None if harmless else f"scaling unknown: {escape(why)}"
        case None:
            return None


def precedence_words(plan: Plan) -> dict[Key, list[str]]:
    """What each ion waits for in another one, by the ion that waits."""
    steps = {ion.key: ion.steps for ion in plan.ions}
    words: dict[Key, list[str]] = {}
    for precedence in plan.precedence:
        words.setdefault(precedence.later.key, []).append(_precedence(precedence, steps))
    return words


def _precedence(precedence: Precedence, steps: dict[Key, tuple[Step, ...]]) -> str:
    earlier, later = (step_words(steps[each.key][each.index]) for each in (precedence.earlier, precedence.later))
    return f"{later} waits for {ion_name(precedence.earlier.key)} ({earlier}): {escape(precedence.why)}"


def price_notes(plan: Plan) -> list[str]:
    """What the price leaves out or had to guess."""
    unreadable = sum(isinstance(ion.observed, Unreadable) for ion in plan.ions)
    left_out = [f"without {count(unreadable, 'ion')} that could not be read"] if unreadable else []
    return [*left_out, *(escape(note) for note in plan.cost.notes)]


def lift_words(refusal: Refusal) -> str:
    """How a person who knows better goes on."""
    if refusal.code == WRONG_ACCOUNT:
        return "No --allow lifts this."
    return f"To apply it all the same: --allow {escape(refusal.code)}"


def summary_phrases(summary: Summary) -> list[str]:
    """`1 to create`, `2 to change`, …: all of them, zeros too, so that the line always looks the same."""
    to_do = {"create", "change", "remove"}
    return [
        f"{number} {'to ' if kind in to_do else ''}{spoken(kind)}{'.' if kind == 'in_sync' else ''}"
        for kind, number in summary.counts().items()
    ]


def applied_phrases(summary: AppliedSummary) -> list[str]:
    """`1 created`, `2 changed`, `0 removed`, and what else there was; the last ends the sentence."""
    counts = summary.counts().items()
    *said, last = (f"{number} {spoken(kind)}" for kind, number in counts if number or kind in WRITTEN)
    return [*said, f"{last}."]


def clock_words(verdict: Verdict) -> str | None:
    """Which window is open and when the next one opens, where that is all there is to say."""
    return escape(verdict.note) if isinstance(verdict, InSync) and verdict.note else None


def why_words(verdict: Verdict) -> str | None:
    """Why it is so, and what else is worth knowing of an ion that is in sync."""
    if isinstance(verdict, InSync):
        return "; ".join(filter(None, (verdict.why, verdict.note))) or None
    return verdict.why


def nothing_words(plan: Plan, command: str = "plan") -> str | None:
    """The sentence for a plan that writes nothing; None for one that does. `command`: whose plan it is."""
    summary = summarize(plan)
    if summary.changes:
        return None
    if command == "prune" and not summary.troubled:
        return "Nothing to delete: every version is in use, among those that are kept, or younger than a day."
    if summary.troubled:
        return f"No changes can be made: {count(summary.troubled, 'ion')} cannot be reconciled, see above."
    if summary.settling:
        return f"No changes. AWS is still at work on {count(summary.settling, 'ion')}; what was asked is on its way."
    left = sum(isinstance(ion.verdict, InSync) and ion.verdict.why is not None for ion in plan.ions)
    if left:
        stays = "1 ion is" if left == 1 else f"{left} ions are"
        return f"No changes. {stays} left as said above; all else is as the file asks."
    return "No changes. Every alias and its provisioned concurrency are as the file asks."


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
