"""What one account and region holds: functions with all that hangs on them, and event source mappings.

Frozen values throughout, also the mappings (never changed, only replaced): a copy of the whole world is a copy of one
dict, and a rule is a function from one Function to the next. What only time changes is in settling.py; here a moment
is a number of seconds, as the world's clock counts them.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import TypeVar

from reconciler.sandbox.control_plane.names import LATEST

Kept = TypeVar("Kept")

# The states that are told apart (recorded; "being created" is what AWS says of an update as well).
ACTIVE = {"State": "Active", "LastUpdateStatus": "Successful"}
CREATING = {"State": "Pending", "StateReason": "The function is being created.", "StateReasonCode": "Creating"}
UPDATING = {
    "State": "Active",
    "LastUpdateStatus": "InProgress",
    "LastUpdateStatusReason": "The function is being created.",
    "LastUpdateStatusReasonCode": "Creating",
}


@dataclass(frozen=True, slots=True)
class Version:
    """`$LATEST` or a published version. `settings`: what a person set, `code`: where from, in the answers' shape.

    `status`: State, LastUpdateStatus and their reasons; at `settles_at` (None: settled) it becomes ACTIVE.
    """

    number: str
    settings: Mapping[str, object]
    code: Mapping[str, object]
    revision: str
    modified: float
    status: Mapping[str, str]
    settles_at: float | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """An alias with PC was moved: Lambda keeps weight 1.0 on `source` until the new version is allocated.

    `ends_at` is not known (None) before that.
    """

    source: str
    shows_at: float
    shown: bool = False
    ends_at: float | None = None


@dataclass(frozen=True, slots=True)
class Alias:
    """`weights`: those that a caller set; Lambda's own is the transition's."""

    name: str
    version: str
    description: str
    revision: str
    weights: Mapping[str, float]
    transition: Transition | None = None

    @property
    def moving(self) -> Transition | None:
        """The transition, once it can be seen."""
        return self.transition if self.transition is not None and self.transition.shown else None


@dataclass(frozen=True, slots=True)
class Provisioned:
    """PC of one alias or version. From `started` to `ends_at` it is allocated; `held` environments serve meanwhile.

    `warming` is the version, `fails` whether its init will; `ended` is set once `ends_at` has passed.
    """

    requested: int
    warming: str
    held: int
    started: float
    ends_at: float
    fails: bool
    modified: float
    ended: bool = False

    @property
    def status(self) -> str:
        return ("FAILED" if self.fails else "READY") if self.ended else "IN_PROGRESS"

    @property
    def allocated(self) -> int:
        if not self.ended:
            return self.held
        return 0 if self.fails else self.requested


@dataclass(frozen=True, slots=True)
class Policy:
    """The resource policy of one qualifier ("": the bare function)."""

    statements: tuple[Mapping[str, object], ...]
    revision: str


@dataclass(frozen=True, slots=True)
class AsyncSettings:
    """What holds for asynchronous invocations of one qualifier, as the caller set it."""

    settings: Mapping[str, object]
    modified: float


@dataclass(frozen=True, slots=True)
class FunctionUrl:
    """The address of one qualifier ("": `$LATEST`), and what the caller set: AuthType, Cors, InvokeMode."""

    address: str
    settings: Mapping[str, object]
    created: float
    modified: float


@dataclass(frozen=True, slots=True)
class EventSourceMapping:
    """What Lambda polls for a function. `settings`: as the answers show them, without what is said here.

    In `state` until `settles_at` (None: for good), then in `settles_to` (None: it is gone).
    """

    uuid: str
    function_arn: str
    settings: Mapping[str, object]
    state: str
    modified: float
    settles_at: float | None = None
    settles_to: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Function:
    """One function. `versions` holds `$LATEST` first, then the published ones in order.

    `published` is what `$LATEST` was at the last publish; `wakes_at` the next moment at which time changes something.
    """

    name: str
    seed: str
    versions: Mapping[str, Version]
    aliases: Mapping[str, Alias] = field(default_factory=dict)
    provisioned: Mapping[str, Provisioned] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    async_settings: Mapping[str, AsyncSettings] = field(default_factory=dict)
    urls: Mapping[str, FunctionUrl] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    reserved: int | None = None
    last_number: int = 0
    published: Mapping[str, object] | None = None
    touched_since_publish: bool = False
    revisions: int = 0
    wakes_at: float = inf

    @property
    def latest(self) -> Version:
        return self.versions[LATEST]

    def target(self, qualifier: str) -> Version | None:
        """The version that a version number or an alias name leads to."""
        alias = self.aliases.get(qualifier)
        return self.versions.get(qualifier if alias is None else alias.version)


def next_revision(function: Function) -> tuple[Function, str]:
    """A fresh RevisionId: shaped as AWS's, and the same in every repetition of the same calls."""
    count = function.revisions + 1
    revision = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{function.seed}/{count}"))
    return replace(function, revisions=count), revision


def with_version(function: Function, version: Version) -> Function:
    return replace(function, versions={**function.versions, version.number: version})


def with_alias(function: Function, alias: Alias) -> Function:
    return replace(function, aliases={**function.aliases, alias.name: alias})


def with_provisioned(function: Function, qualifier: str, provisioned: Provisioned | None) -> Function:
    others = without(function.provisioned, qualifier)
    return replace(function, provisioned=others if provisioned is None else {**others, qualifier: provisioned})


def with_policy(function: Function, qualifier: str, policy: Policy | None) -> Function:
    others = without(function.policies, qualifier)
    return replace(function, policies=others if policy is None else {**others, qualifier: policy})


def without_qualifier(function: Function, qualifier: str) -> Function:
    """The function without what hangs on a version or an alias that is deleted."""
    return replace(
        function,
        provisioned=without(function.provisioned, qualifier),
        policies=without(function.policies, qualifier),
        async_settings=without(function.async_settings, qualifier),
        urls=without(function.urls, qualifier),
    )


def without(named: Mapping[str, Kept], name: str) -> Mapping[str, Kept]:
    """The same without this name."""
    return {kept: value for kept, value in named.items() if kept != name}


def revise_version(function: Function, number: str) -> Function:
    """Give a version (or `$LATEST`) a new RevisionId."""
    version = function.versions.get(number)
    if version is None:
        return function
    function, revision = next_revision(function)
    return with_version(function, replace(version, revision=revision))


def revise_alias(function: Function, name: str) -> Function:
    function, revision = next_revision(function)
    return with_alias(function, replace(function.aliases[name], revision=revision))
