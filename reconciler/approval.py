"""Whether a plan may be applied: refusals that nobody lifted, and somebody's yes. Raises NotApproved, or returns.

Nothing has been written when this raises. What is approved is a set of write identities (`decide.identity`): those of
the plan that was shown, of the saved plan, or of the plan that had the expected digest.
"""

from collections.abc import Callable
from dataclasses import dataclass

from reconciler.decide.checks import LIFTABLE, WRONG_ACCOUNT
from reconciler.decide.identity import digest, write_identities
from reconciler.decide.summary import summarize
from reconciler.errors import NotApproved, UsageError
from reconciler.model import Plan
from reconciler.options import Options
from reconciler.planfile import SavedPlan


@dataclass(frozen=True, slots=True)
class Approved:
    """The writes that were approved. `anything`: by --yes, so that new ones may follow, within bounds."""

    writes: frozenset[str]
    anything: bool = False


def check_allowed_codes(codes: tuple[str, ...]) -> None:
    """Raises UsageError for a code that no refusal has. That of the wrong account lifts nothing, and is known."""
    for code in codes:
        if code not in {*LIFTABLE, WRONG_ACCOUNT}:
            known = ", ".join(LIFTABLE)
            raise UsageError(f"--allow {code}: no refusal of that name can be lifted", hint=f"those are: {known}")


def approve(plan: Plan, options: Options, saved: SavedPlan | None, ask: Callable[[str], bool | None]) -> Approved:
    """Check the refusals, then the approval. `ask` puts the question; None: there is nobody to ask."""
    writes = frozenset(write_identities(plan.ions))
    approved = Approved(writes, anything=options.yes)
    if options.expect:
        _expected(plan, options.expect, writes)
        approved = Approved(writes)
    if saved:
        _covered(writes, saved)
        approved = Approved(frozenset(saved.writes))
    _refused(plan, options.allow)
    if writes and not (saved or options.expect or options.yes):
        _asked(plan, ask)
    return approved


def _refused(plan: Plan, allowed: tuple[str, ...]) -> None:
    lifted = set(allowed) & set(LIFTABLE)
    standing = [refusal for refusal in plan.refusals if refusal.code not in lifted]
    if standing:
        codes = dict.fromkeys(refusal.code for refusal in standing)
        liftable = [code for code in codes if code in LIFTABLE]
        hint = "to go ahead all the same: " + " ".join(f"--allow {code}" for code in liftable) if liftable else None
        raise NotApproved(f"refused ({', '.join(codes)}): nothing was written", hint=hint)


def _covered(writes: frozenset[str], saved: SavedPlan) -> None:
    new = len(writes - frozenset(saved.writes))
    if new:
        raise NotApproved(
            f"the saved plan lacks {new} of the {len(writes)} writes that are needed now: the world has changed since "
            "it was made, or it was applied in part. Nothing was written",
            hint="plan again, with --out",
        )


def _expected(plan: Plan, expected: str, writes: frozenset[str]) -> None:
    if writes and expected not in {plan.digest, plan.digest.removeprefix("sha256:")}:
        raise NotApproved(
            f"the plan is not the one that was approved: its digest is {digest(writes)}, expected {expected}. "
            "Nothing was written",
            hint="look at the plan again, and approve its digest",
        )


def _asked(plan: Plan, ask: Callable[[str], bool | None]) -> None:
    changes = summarize(plan).changes
    places = dict.fromkeys(f"{ion.key.account} {ion.key.region}" for ion in plan.ions)
    ions = "1 ion" if changes == 1 else f"{changes} ions"
    answer = ask(f"Change {ions} in {', '.join(places)}? Only yes is taken as a yes: ")
    if answer is None:
        raise NotApproved(
            "nobody to ask: standard input is not a terminal. Nothing was written",
            hint="approve with --yes, with --expect DIGEST, or by applying a saved plan",
        )
    if not answer:
        raise NotApproved("not approved: nothing was written")
