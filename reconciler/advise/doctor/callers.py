"""Who still calls the bare function, and who would be refused by the alias. Pure.

A policy statement allows a call, but is no proof that it is made: where the alias allows the same already, the trigger
may have been switched, and only the statement left behind. An event source mapping is proof, and so are measured calls.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from reconciler.advise.doctor.moving import schedules, switch
from reconciler.advise.doctor.next_steps import allow, shell
from reconciler.model.callers import EventSource
from reconciler.model.finding import Finding, Severity
from reconciler.model.inventory import Permission
from reconciler.model.observed import Key

_CALLS = frozenset({"lambda:InvokeFunction", "lambda:InvokeFunctionUrl", "lambda:Invoke*", "lambda:*", "*"})


@dataclass(frozen=True, slots=True)
class Called:
    """One function of the file: the alias that its callers should use, and whether that is warm.

    `on_aliases`: what the function's aliases allow; None: some of it could not be read.
    """

    target: Key
    warm: bool
    bare: tuple[Permission, ...]
    on_aliases: tuple[Permission, ...] | None
    sources: tuple[EventSource, ...]
    bare_calls: float | None
    days: int


def callers(called: Called) -> Iterator[Finding]:
    """Each caller of the bare function that is known of."""
    seen: set[tuple[str, str, str | None]] = set()
    for permission in called.bare:
        identity = (permission.principal, permission.action, permission.source)
        if permission.action in _CALLS and identity not in seen:
            seen.add(identity)
            yield from _permitted(permission, called)
    yield from (_mapped(source, called) for source in called.sources)
    if called.bare_calls and called.warm:
        yield _measured(called.bare_calls, called)


def _permitted(permission: Permission, called: Called) -> Iterator[Finding]:
    target, who = called.target, caller_words(permission)
    allowed = called.on_aliases is not None and is_covered(permission, called.on_aliases)
    advice = switch(permission, target)
    if allowed:
        remove = shell(
            *("aws", "lambda", "remove-permission", "--region", target.region),
            *("--function-name", target.function, "--statement-id", permission.sid),
        )
        yield Finding(
            "bare-trigger",
            target,
            Severity.HINT,
            f"{who} may call the bare function as well as the alias",
            f"if it still calls the bare function, {advice.todo}; once nothing does, remove the statement",
            (*advice.commands, remove),
            target.alias_arn,
        )
        return
    yield Finding(
        "bare-trigger",
        target,
        _severity(called),
        f"{who} calls the bare function: that is $LATEST, which provisioned concurrency never serves",
        f"once the alias allows it, {advice.todo}",
        advice.commands,
        target.alias_arn,
    )
    if called.on_aliases is not None:
        grant = allow(permission, target)
        yield Finding(
            "not-allowed-on-alias",
            target,
            _severity(called),
            f"{who} is allowed to call the bare function, and not the alias: it would be refused after a switch",
            grant.todo,
            grant.commands,
            target.alias_arn,
        )


def _mapped(source: EventSource, called: Called) -> Finding:
    target, paused = called.target, "" if source.enabled else " (disabled at present)"
    command = shell(
        *("aws", "lambda", "update-event-source-mapping", "--region", target.region),
        *("--uuid", source.uuid, "--function-name", target.alias_arn),
    )
    return Finding(
        "bare-event-source",
        target,
        _severity(called) if source.enabled else Severity.HINT,
        f"the event source mapping of {source.source}{paused} calls the bare function, and never what is kept warm",
        "point the mapping at the alias, or let the file say `event_sources: alias` and apply",
        (command,),
        target.alias_arn,
    )


def _measured(calls: float, called: Called) -> Finding:
    return Finding(
        "bare-calls",
        called.target,
        Severity.PROBLEM,
        f"the bare function was called {calls:,.0f} times in {called.days} days, past what is kept warm",
        "find the callers and have them use the alias ARN. Triggers are listed apart; in no policy are code that "
        "invokes by name, Step Functions (their definitions name it), and EventBridge Scheduler: the commands find its "
        "schedules, and move one whose role may invoke the alias",
        schedules(called.target),
        called.target.alias_arn,
    )


def _severity(called: Called) -> Severity:
    return Severity.PROBLEM if called.warm else Severity.HINT


def caller_words(permission: Permission) -> str:
    """`events.amazonaws.com from arn:…`, or without a source."""
    if permission.source:
        return f"{permission.principal} from {permission.source}"
    if permission.source_account:
        return f"{permission.principal} from account {permission.source_account}"
    return "anybody (*)" if permission.principal == "*" else permission.principal


def is_covered(permission: Permission, by: Sequence[Permission]) -> bool:
    """Whether one of these statements allows everything that the first does."""
    return any(
        one.principal in {permission.principal, "*"}
        and fnmatchcase(permission.action, one.action)
        and (one.source is None or (permission.source is not None and fnmatchcase(permission.source, one.source)))
        and one.source_account in {None, permission.source_account}
        and one.organization in {None, permission.organization}
        and one.url_auth in {None, permission.url_auth}
        and set(one.others) <= set(permission.others)
        for one in by
    )
