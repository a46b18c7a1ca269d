"""Whether a plan is approved: by --yes, by its digest, by a saved plan, or by a person at the prompt.

Raises NotApproved or returns; nothing has been written by then. What is approved is a set of write identities
(`decide.identity`): those of the plan that was shown, of the saved plan, or of the plan with the expected digest.
"""

from collections.abc import Callable

from reconciler.cli.options import Options
from reconciler.cli.plan_file import SavedPlan
from reconciler.decide.applicability import Applicability, applicability
from reconciler.model.errors import NotApproved, UsageError
from reconciler.model.plan import Approved, Plan
from reconciler.model.refusals import LIFTABLE, WRONG_ACCOUNT
from reconciler.model.steps import DeleteVersion

OWN = "AWS's own endpoints"


def check_allowed_codes(codes: tuple[str, ...]) -> None:
    """Raises UsageError for a code that no refusal has; `wrong-account` is one, although nothing lifts it."""
    for code in codes:
        if code not in {*LIFTABLE, WRONG_ACCOUNT}:
            known = ", ".join(LIFTABLE)
            raise UsageError(f"--allow {code}: no refusal of that name can be lifted", hint=f"those are: {known}")


def approve(
    plan: Plan,
    options: Options,
    saved: SavedPlan | None,
    *,
    endpoint: str | None,
    ask: Callable[[str], bool | None],
) -> Approved:
    """Check the refusals, then the approval. Raises NotApproved.

    `endpoint`: where AWS's answers came from (None: AWS's own). `ask` puts the question; None: there is nobody to ask.
    """
    if options.expect:
        _check_digest(plan, options.expect)
    if saved:
        _check_same_place(plan, saved, endpoint)
        _check_covered(plan, saved)
    answer = check_refusals(plan, options.allow)
    named = bool(saved or options.expect)
    asked = answer.changes > 0 and not (named or options.yes)
    if asked:
        _ask(plan, answer.changes, endpoint, ask)
    writes = saved.writes if saved else plan.writes
    return Approved(frozenset(writes), anything=options.yes and not named, asked=asked)


def check_same_accounts(shown: Plan, now: Plan) -> None:
    """Raises NotApproved when the credentials are of another account than when the plan was shown."""
    before = {ion.ion.desired.connection: ion.key.account for ion in shown.ions}
    for ion in now.ions:
        old, new = before[ion.ion.desired.connection], ion.key.account
        if old and new and old != new:
            raise NotApproved(
                f"the plan was shown for account {old}, and these credentials are of {new} now. Nothing was written",
                hint="see which credentials are meant, and run again",
            )


def check_refusals(plan: Plan, allowed: tuple[str, ...]) -> Applicability:
    """Raises NotApproved when a refusal of the plan is not lifted."""
    answer = applicability(plan, allowed)
    if answer.refusals:
        codes = dict.fromkeys(refusal.code for refusal in answer.refusals)
        liftable = [code for code in codes if code in LIFTABLE]
        hint = "to go ahead all the same: " + " ".join(f"--allow {code}" for code in liftable) if liftable else None
        raise NotApproved(f"refused ({', '.join(codes)}): nothing was written", hint=hint)
    return answer


def _check_same_place(plan: Plan, saved: SavedPlan, endpoint: str | None) -> None:
    accounts = plan.accounts
    if saved.endpoint != endpoint or not set(accounts) <= set(saved.accounts):
        made = f"{saved.endpoint or OWN}, account {', '.join(saved.accounts) or 'unknown'}"
        here = f"{endpoint or OWN}, account {', '.join(accounts) or 'unknown'}"
        raise NotApproved(
            f"the saved plan was made at {made}, and this is {here}. Nothing was written",
            hint="apply it where it was made, or plan again, with --out",
        )


def _check_covered(plan: Plan, saved: SavedPlan) -> None:
    new = len(set(plan.writes) - set(saved.writes))
    if new:
        raise NotApproved(
            f"the saved plan lacks {new} of the {len(plan.writes)} writes that are needed now: the world has changed "
            "since it was made, or it was applied in part. Nothing was written",
            hint="plan again, with --out",
        )


def _check_digest(plan: Plan, expected: str) -> None:
    if plan.writes and expected not in {plan.digest, plan.digest.removeprefix("sha256:")}:
        raise NotApproved(
            f"the plan is not the one that was approved: its digest is {plan.digest}, expected {expected}. "
            "Nothing was written",
            hint="look at the plan again, and approve its digest",
        )


def _ask(plan: Plan, changes: int, endpoint: str | None, ask: Callable[[str], bool | None]) -> None:
    places = dict.fromkeys(f"{ion.key.account} {ion.key.region}" for ion in plan.ions if ion.changes)
    deletions = sum(isinstance(step, DeleteVersion) for ion in plan.ions for step in ion.steps)
    what = (
        f"Delete {_counted(deletions, 'version')} of {_counted(changes, 'function')}"
        if deletions
        else f"Change {_counted(changes, 'ion')}"
    )
    where = f" at {endpoint}, which is not AWS" if endpoint else ""
    answer = ask(f"{what} in {', '.join(places)}{where}? Only 'yes' is accepted: ")
    if answer is None:
        raise NotApproved(
            "cannot prompt for approval: stdin is not a terminal. Nothing was written",
            hint="approve with --yes, with --expect DIGEST, or by applying a saved plan",
        )
    if not answer:
        raise NotApproved("not approved: nothing was written")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
