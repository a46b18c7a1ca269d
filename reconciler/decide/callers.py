"""What has to change so that callers reach the alias: Ion and Observed -> CallersIntent, and its changes. Pure.

Permissions are only ever added to the alias: a statement of the bare function that is about calls, and that the alias
has under no Sid. Statements are compared by meaning. What AddPermission can't express is told, never approximated. An
asynchronous caller that is moved would lose `$LATEST`'s retries and destinations, so they go along with the first
statement where the alias has none. A mapping of the bare function, or of `$LATEST`, is pointed at the alias; one on
another alias or on a number is somebody's decision.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.model.callers import (
    NO_POLICY,
    SELF_MANAGED,
    AsyncSettings,
    Callers,
    EventSource,
    Grant,
    ResourcePolicy,
    Statement,
)
from reconciler.model.observed import Ion, Observed
from reconciler.model.plan import Change
from reconciler.model.steps import AddPermission, CopyAsyncConfig, MoveEventSource, Step

BARE = frozenset({None, "$LATEST"})


@dataclass(frozen=True, slots=True)
class CallersIntent:
    """`blocked`: why nothing can be done. `notes`: what is left as it is, and why. `mirrored`, `moved`: what the alias
    allows, and is called by, already.
    """

    grants: tuple[Statement, ...] = ()
    mirrored: int = 0
    copies: AsyncSettings | None = None
    moves: tuple[EventSource, ...] = ()
    moved: int = 0
    notes: tuple[str, ...] = ()
    blocked: str | None = None

    def __bool__(self) -> bool:
        return bool(self.grants or self.moves)


def callers_intent(ion: Ion, observed: Observed, *, cold: bool) -> CallersIntent:
    """`cold`: the alias's provisioned concurrency has failed and stays so: nothing is moved there."""
    seen, wish = observed.callers, ion.desired.callers
    bare, alias = (wish.permissions and seen.bare) or NO_POLICY, seen.alias or NO_POLICY
    allowed = {each.meaning for each in alias.statements}
    missing = _missing(bare, allowed)
    grants = tuple(each for each in missing if each.grant)
    sources = (wish.event_sources and seen.sources) or ()
    bound = tuple(each for each in sources if each.qualifier in BARE and each.state != "Deleting")
    doubled = {each.source for each in sources if each.qualifier == ion.key.alias} - {SELF_MANAGED}
    moves = tuple(each for each in bound if each.source not in doubled)
    return CallersIntent(
        grants=grants,
        mirrored=len({each.meaning for each in bare.statements if each.invokes and each.meaning in allowed}),
        copies=_copied(seen) if grants else None,
        moves=() if cold else moves,
        moved=sum(each.qualifier == ion.key.alias for each in sources),
        notes=(
            *_unmirrored(missing),
            *_elsewhere(ion, sources),
            *_doubled(bound, doubled),
            *(_held(moves) if cold else ()),
        ),
        blocked=_sid_taken(ion, alias, grants),
    )


def _copied(seen: Callers) -> AsyncSettings | None:
    """`$LATEST`'s settings where the alias has none of its own."""
    return seen.bare_async if seen.alias_async is None and seen.bare_async != AsyncSettings() else None


def _missing(bare: ResourcePolicy, allowed: set[str]) -> tuple[Statement, ...]:
    """Each meaning once."""
    missing = {each.meaning: each for each in reversed(bare.statements) if each.invokes and each.meaning not in allowed}
    return tuple(each for each in bare.statements if missing.get(each.meaning) is each)


def _sid_taken(ion: Ion, alias: ResourcePolicy, grants: tuple[Statement, ...]) -> str | None:
    taken = {each.sid for each in alias.statements}
    for statement in grants:
        if statement.sid in taken:
            return (
                f"the bare function's statement {statement.sid} is to be allowed on alias {ion.key.alias} too, which "
                "has that Sid for something else. Rename or remove one of the two, or let the file say "
                "`permissions: unmanaged`"
            )
        taken.add(statement.sid)
    return None


def _unmirrored(missing: tuple[Statement, ...]) -> Iterator[str]:
    for statement in missing:
        if statement.grant is None:
            named = f"statement {statement.sid}" if statement.sid else "a statement"
            yield f"{named} of the bare function can't be mirrored on the alias: {statement.obstacle}"


def _elsewhere(ion: Ion, sources: tuple[EventSource, ...]) -> Iterator[str]:
    for each in sources:
        if each.qualifier not in {*BARE, ion.key.alias}:
            yield f"the event source mapping of {each.source} calls {each.function}:{each.qualifier}, and stays there"


def _doubled(bound: tuple[EventSource, ...], doubled: set[str]) -> Iterator[str]:
    for each in bound:
        if each.source in doubled:
            yield (
                f"{each.source} is mapped both to the alias and to the bare function, and AWS would refuse a second "
                f"mapping to the alias: delete mapping {each.uuid}"
            )


def _held(moves: tuple[EventSource, ...]) -> Iterator[str]:
    if moves:
        named = ", ".join(each.source for each in moves)
        yield f"the bare function keeps the event source mapping of {named} until the alias is READY"


# ---------------------------------------------------------------- changes and steps


def caller_changes(intent: CallersIntent) -> Iterator[Change]:
    """How many statements the alias mirrors, and how many mappings call it, before and after."""
    if intent.grants:
        named = ", ".join(f"{each.sid} ({who(each.grant)})" for each in intent.grants if each.grant)
        copied = f"; $LATEST's asynchronous settings go along ({_async_words(intent.copies)})" if intent.copies else ""
        reason = f"allowed on the bare function only: {named}{copied}"
        yield Change("permissions", intent.mirrored, intent.mirrored + len(intent.grants), reason)
    if intent.moves:
        named = ", ".join(f"{each.source}{'' if each.enabled else ' (disabled)'}" for each in intent.moves)
        yield Change(
            "event_sources", intent.moved, intent.moved + len(intent.moves), f"mapped to the bare function: {named}"
        )


def who(grant: Grant) -> str:
    """`s3.amazonaws.com from arn:aws:s3:::uploads`, or without a source."""
    source = grant.source_arn or grant.source_account or grant.principal_org_id
    name = "anybody" if grant.principal == "*" else grant.principal
    return f"{name} from {source}" if source else name


def _async_words(settings: AsyncSettings) -> str:
    said = (
        settings.retries is not None and f"{settings.retries} retries",
        settings.max_age is not None and f"at most {settings.max_age} s old",
        settings.on_success and f"successes to {settings.on_success}",
        settings.on_failure and f"failures to {settings.on_failure}",
    )
    return ", ".join(each for each in said if each) or "defaults"


def permission_steps(intent: CallersIntent) -> Iterator[Step]:
    """Once the alias exists: first the settings that callers would lose, then the statements that let them come."""
    if intent.copies is not None:
        yield CopyAsyncConfig(intent.copies)
    for statement in intent.grants:
        if statement.grant:
            yield AddPermission(statement.grant, statement.meaning)


def event_source_steps(intent: CallersIntent) -> Iterator[Step]:
    """Last of all, once what is kept warm is READY."""
    for each in intent.moves:
        yield MoveEventSource(each.uuid, each.source, each.qualifier)
