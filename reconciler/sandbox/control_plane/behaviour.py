"""What no recording settles: one switch for each open question, and how long things take.

Each default is the likeliest reading; the product must be right under every other one too. "Transition" is what Lambda
does after an alias with provisioned concurrency (PC) was moved: weight 1.0 on the version it left, until the new one is
allocated. "Stuck" is a transition whose new version failed to initialise.
"""

from dataclasses import dataclass
from enum import Enum


class Clearing(Enum):
    """UpdateAlias with empty weights on an alias in transition, or stuck."""

    REFUSED = "refused"
    CLEARED = "cleared"  # the weights end; a version named besides is moved to at once
    RESTARTED = "restarted"  # a version named besides starts a new transition, away from the version the alias names


class Removal(Enum):
    """DeleteProvisionedConcurrencyConfig on an alias with weights."""

    REFUSED = "refused"
    ENDS_WEIGHTS = "ends-weights"  # no PC, no transition: Lambda's weight goes with it
    KEEPS_WEIGHTS = "keeps-weights"  # Lambda's weight stays until somebody clears it


class Publishing(Enum):
    """PublishVersion while an update of `$LATEST` is in progress (refused: aws-cli#6718)."""

    REFUSED = "refused"
    ALLOWED = "allowed"


class VersionRevision(Enum):
    """When PC changes the RevisionId of the version that it warms (recorded: somewhere between Put and READY)."""

    AT_PUT = "at-put"
    AT_READY = "at-ready"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The answers to AWS's open questions that one sandbox gives."""

    clearing_weights: Clearing = Clearing.RESTARTED
    removing_provisioned_under_weights: Removal = Removal.ENDS_WEIGHTS
    # Does the alias's RevisionId change when Lambda sets and clears its weight?
    transition_changes_revision: bool = False
    # Seconds until a GetAlias shows the weight of a transition.
    weights_delay: float = 0.0
    # Seconds for which it still shows once the new version is READY.
    weights_linger: float = 0.0
    # Does the weight pass through values below 1.0 while the new version is allocated?
    gradual_weights: bool = False
    publishing_during_update: Publishing = Publishing.REFUSED
    # Does an update with identical values make the next publish create a version?
    identical_update_publishes: bool = False
    # Does a version take over the LastModified of `$LATEST`?
    version_keeps_modified: bool = False
    version_revision: VersionRevision = VersionRevision.AT_PUT
    # Does UnreservedConcurrentExecutions leave out the PC of functions without a reservation?
    unreserved_subtracts_provisioned: bool = True
    # Are the old and the new environments both counted while an alias moves?
    move_counts_twice: bool = False
    # Does moving an alias whose PC is FAILED (without weights) allocate again?
    moving_failed_restarts: bool = True
    # Does a Put of the number that is already there allocate again?
    same_number_restarts: bool = False
    # Can a version be deleted that an alias gives weight to (which goes with it), that has PC of its own (likewise), or
    # that an event source mapping names?
    weighted_version_deletable: bool = False
    provisioned_version_deletable: bool = True
    mapped_version_deletable: bool = True
    # Do two event source mappings of one queue clash when they name two qualifiers of one function?
    mappings_clash_across_qualifiers: bool = False


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. AWS's own, as recorded: READY 63 to 127 after a Put, FAILED 150 to 310.

    `update`: `$LATEST` is InProgress after an update, and Pending after its creation. `pending`: a new version is
    Pending; `snap_start`: the same with SnapStart. `mapping`: an event source mapping is Creating, Updating, Deleting.
    """

    allocation: float = 90.0
    init_failure: float = 200.0
    update: float = 0.0
    pending: float = 0.0
    snap_start: float = 120.0
    mapping: float = 10.0
