"""Whose routing weights an alias carries, and what that says about it.

Lambda itself puts a weight of 1.0 on the old version when an alias with provisioned concurrency moves, until the new
version is allocated; when the new version's init fails, that weight stays for good: the alias is *stuck*. People and
CodeDeploy put weights below 1.0, which nobody but they may touch.

Terms: *transition*: Lambda is at work on a move. *Stuck*: it gave up. *Leftover*: its weight is there, but the
provisioned concurrency is gone (a repair that was cut short, or somebody's removal), so nothing will end it.
Source: a caller cannot set 1.0 ("Additional version weight must be less than 100 %"), so exactly 1.0 is Lambda's;
CodeDeploy keeps the alias on the *old* version, Lambda's transition has it on the *new* one.
"""

from enum import Enum

from reconciler.model.observed import AliasPointer, Observed, Provisioned


class Owner(Enum):
    """Who put the weights there."""

    NOBODY = "nobody"
    LAMBDA = "Lambda"
    SOMEBODY = "somebody"


def owner(pointer: AliasPointer, provisioned: Provisioned | None, *, left: str | None = None) -> Owner:
    """Whose weights these are; `provisioned` is the alias's own, read about the same time.

    `left`: the version that our own move has just left. A weight on that one is Lambda's, whatever its size: whether it
    passes through values below 1.0 is not documented.
    """
    if not pointer.weights:
        return Owner.NOBODY
    if len(pointer.weights) > 1:
        return Owner.SOMEBODY
    ((version, weight),) = pointer.weights
    if weight == 1.0 or version == left:
        return Owner.LAMBDA
    working = provisioned is not None and provisioned.status == "IN_PROGRESS"
    return Owner.LAMBDA if working and _is_older(version, pointer.version) else Owner.SOMEBODY


def _is_older(version: str, than: str) -> bool:
    return version.isdigit() and than.isdigit() and int(version) < int(than)


def weights_owner(observed: Observed) -> Owner:
    """Whose weights the observed alias carries."""
    if observed.alias is None:
        return Owner.NOBODY
    return owner(observed.alias.pointer, observed.provisioned)


def is_stuck(observed: Observed) -> bool:
    """Lambda's weight, and an allocation that failed: traffic stays on the version in the weights."""
    provisioned = observed.provisioned
    return provisioned is not None and provisioned.status == "FAILED" and weights_owner(observed) is Owner.LAMBDA


def is_leftover(observed: Observed) -> bool:
    """Lambda's weight without any provisioned concurrency."""
    return observed.provisioned is None and weights_owner(observed) is Owner.LAMBDA


def in_transition(observed: Observed) -> bool:
    """Whether Lambda is moving the alias, or may be: right after a move the old environments still count in full.

    A first allocation counts up from 0, a raise from the old number: neither looks like a move.
    """
    provisioned = observed.provisioned
    if provisioned is None or provisioned.status == "FAILED":
        return False
    if weights_owner(observed) is Owner.LAMBDA:
        return True
    return provisioned.status == "IN_PROGRESS" and provisioned.allocated == provisioned.requested


def describe(weights: tuple[tuple[str, float], ...]) -> str:
    """Weights as a phrase: `100% to 7`."""
    return ", ".join(f"{weight:.0%} to {version}" for version, weight in weights)
