"""Snapshot and Survey -> findings, each with what to do. Pure.

Function by function: callers that bypass the alias, warm capacity that is not used, provisioned concurrency that the
file does not name. Whatever could not be read is a finding too: silence would pass for health.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from math import inf
from typing import TypeVar
from zoneinfo import ZoneInfo

from reconciler.advise.doctor.advice import Warm
from reconciler.advise.doctor.application import application
from reconciler.advise.doctor.callers import Called, callers
from reconciler.advise.doctor.reading import Scope, Survey, Use
from reconciler.advise.doctor.scaling import scaling
from reconciler.advise.doctor.warmth import orphan, used
from reconciler.config.ion_config import IonConfig
from reconciler.decide.price import monthly_usd
from reconciler.model.callers import EventSource
from reconciler.model.desired import Config
from reconciler.model.errors import AwsError, sentence
from reconciler.model.finding import Finding, Severity, Subject, alias_name, function_name, in_order
from reconciler.model.inventory import DAY, Permission
from reconciler.model.observed import (
    AccountRegion,
    FunctionKey,
    Ion,
    Key,
    Observed,
    ScalingTarget,
    Snapshot,
    Unreadable,
    VersionState,
)
from reconciler.model.scaling import Scaled

Row = TypeVar("Row")
NAMED = 5  # functions that one finding about unreadable things names


def scope_of(config: Config, snapshot: Snapshot, *, days: int, now: float) -> Scope:
    """What the survey has to read. `now`: seconds since 1970, UTC."""
    places = {ion.desired.connection: ion.key.place for ion in snapshot.ions}
    named = {
        Key(place.account, place.region, one.function, one.alias)
        for one in config.desired
        if (place := places.get(one.connection))
    }
    warm = {key for key, units in _warm(snapshot).items() if units}
    return Scope(frozenset(warm), frozenset(named | {ion.key for ion in snapshot.ions}), days, now)


def examine(
    config: Config,
    snapshot: Snapshot,
    survey: Survey,
    *,
    scope: Scope,
    ion_config: IonConfig | None = None,
) -> tuple[Finding, ...]:
    """Every finding, by account, region, function and alias; the problems of each first."""
    findings: list[Finding] = []
    for function, ions in _by_function(snapshot.ions).items():
        findings.extend(_callers(function, ions, snapshot, survey))
        findings.extend(_warmth(ions, config, snapshot, survey, scope))
        findings.extend(_orphans(function, ions, config, survey, scope))
    findings.extend(scaling(snapshot, survey.targets))
    findings.extend(_unreadable(snapshot, survey))
    if ion_config is not None:
        groups = tuple(sorted({ion.desired.group for ion in snapshot.ions if ion.desired.group is not None}))
        findings.extend(application(snapshot.ions, ion_config, _warm(snapshot), groups=groups))
    return in_order(findings)


def _by_function(ions: Iterable[Ion]) -> dict[FunctionKey, tuple[Ion, ...]]:
    groups: dict[FunctionKey, tuple[Ion, ...]] = {}
    for ion in sorted(ions, key=lambda ion: ion.key):
        function = ion.key.function_key
        groups[function] = (*groups.get(function, ()), ion)
    return groups


def _warm(snapshot: Snapshot) -> dict[Key, int]:
    """Units requested now, by ion."""
    return {
        key: observed.provisioned.requested
        for key, observed in snapshot.observations.items()
        if isinstance(observed, Observed) and observed.provisioned
    }


def _callers(function: FunctionKey, ions: tuple[Ion, ...], snapshot: Snapshot, survey: Survey) -> Iterator[Finding]:
    warm = _warm(snapshot)
    target = next((ion for ion in ions if warm.get(ion.key)), _wanted_first(ions)[0])
    aliases = [survey.permissions.get(ion.key, ()) for ion in ions]
    use = survey.use.get(target.key)
    yield from callers(
        Called(
            target.key,
            warm=bool(warm.get(target.key) or target.desired.concurrency),
            bare=_rows(survey.bare_permissions.get(function, ())),
            on_aliases=_joined(aliases),
            sources=_bare_sources(function, survey),
            bare_calls=use.bare_calls if isinstance(use, Use) else None,
            days=survey.days,
        )
    )


def _warmth(
    ions: tuple[Ion, ...], config: Config, snapshot: Snapshot, survey: Survey, scope: Scope
) -> Iterator[Finding]:
    for ion in ions:
        observed, measured = snapshot.observations.get(ion.key), survey.use.get(ion.key)
        if not isinstance(observed, Observed) or not isinstance(measured, Use):
            continue
        if observed.alias and observed.provisioned and observed.provisioned.status != "FAILED":
            yield from used(_kept_warm(ion, observed, measured, config, survey, scope))


def _kept_warm(  # noqa: PLR0913, PLR0917 - one alias, and what is known of it
    ion: Ion, observed: Observed, use: Use, config: Config, survey: Survey, scope: Scope
) -> Warm:
    """One warm alias, and all that is known of its use."""
    reserved = observed.latest.reserved if observed.latest else None
    rows = survey.provisioned.get(ion.key.function_key, ())
    others = sum(row.provisioned.requested for row in _rows(rows) if row.qualifier != ion.key.alias)
    return Warm(
        ion,
        observed.requested,
        use,
        survey.days,
        price=_price(observed, ion.key.region, config),
        room=None if reserved is None else max(0, reserved - 1 - others),
        timezone=ZoneInfo(config.timezone or "UTC"),
        age=_age(ion, observed, scope),
    )


def _age(ion: Ion, observed: Observed, scope: Scope) -> float:
    """Days for which the number has been kept as the file asks.

    Where Application Auto Scaling puts it again and again, its own date is not its age: a mapping's is that of its
    target, and of somebody else's target nothing is known.
    """
    since = observed.provisioned.modified if observed.provisioned else None
    if isinstance(observed.scaling, ScalingTarget):
        since = observed.scaling.created if isinstance(ion.desired.concurrency, Scaled) else None
    return inf if since is None else (scope.now - since) / DAY


def _price(observed: Observed, region: str, config: Config) -> float:
    if observed.alias is None:
        return 0.0
    settings = observed.alias.behind.settings
    return monthly_usd(observed.requested, settings=settings, region=region, prices=config.prices)


def _wanted_first(ions: tuple[Ion, ...]) -> list[Ion]:
    return sorted(ions, key=lambda ion: (not ion.desired.concurrency, ion.key))


def _rows(answer: tuple[Row, ...] | AwsError) -> tuple[Row, ...]:
    return () if isinstance(answer, AwsError) else answer


def _joined(answers: Iterable[tuple[Permission, ...] | AwsError]) -> tuple[Permission, ...] | None:
    """All of them, or None when one is missing."""
    joined: tuple[Permission, ...] = ()
    for answer in answers:
        if isinstance(answer, AwsError):
            return None
        joined += answer
    return joined


def _bare_sources(function: FunctionKey, survey: Survey) -> tuple[EventSource, ...]:
    sources = survey.event_sources.get(function.place, ())
    if isinstance(sources, AwsError):
        return ()
    return tuple(one for one in sources if one.function == function.function and one.qualifier in {None, "$LATEST"})


def _orphans(
    function: FunctionKey, ions: tuple[Ion, ...], config: Config, survey: Survey, scope: Scope
) -> Iterator[Finding]:
    rows = survey.provisioned.get(function, ())
    for row in _rows(rows):
        key = function.qualified(row.qualifier)
        if key not in scope.named:
            carrier = survey.carriers.get(key)
            state = carrier if isinstance(carrier, VersionState) else None
            yield orphan(key, row, state, alias=ions[0].key, prices=config.prices)


# ---------------------------------------------------------------- what could not be read


def _unreadable(snapshot: Snapshot, survey: Survey) -> Iterator[Finding]:
    unobserved: dict[tuple[AccountRegion, str], list[Key]] = {}
    missing: set[FunctionKey] = set()
    for ion in snapshot.ions:
        observed = snapshot.observations.get(ion.key)
        if isinstance(observed, Unreadable):
            unobserved.setdefault((ion.key.place, observed.why), []).append(ion.key)
        elif isinstance(observed, Observed) and observed.latest is None:
            missing.add(ion.key.function_key)
    for (_, why), keys in unobserved.items():
        yield _could_not_read(keys[0], f"{_named(keys)} could not be observed: {why}")
    for function in missing:
        yield _could_not_read(function, "there is no such function: has ion deploy run, and is the name right?")
    failed: dict[tuple[AccountRegion, str, str], list[tuple[Subject, AwsError]]] = {}
    for about, error in _errors(survey):
        function_key = about.function_key if isinstance(about, Key) else about
        if function_key not in missing:
            place = AccountRegion(about.account, about.region)
            failed.setdefault((place, error.operation, error.code), []).append((about, error))
    for errors in failed.values():
        subject, error = errors[0]
        whose = _named([each for each, _ in errors])
        said = f"{whose} could not be examined in full" if whose else "not all of it could be listed"
        yield _could_not_read(subject, f"{said}: {sentence(error)}")


def _errors(survey: Survey) -> Iterator[tuple[Subject, AwsError]]:
    functions: tuple[Mapping[FunctionKey, object], ...] = (survey.bare_permissions, survey.provisioned)
    aliases: tuple[Mapping[Key, object], ...] = (survey.permissions, survey.carriers, survey.use)
    answers: Iterable[tuple[Subject, object]] = chain(
        *(sorted(each.items()) for each in functions),
        *(sorted(each.items()) for each in aliases),
        survey.event_sources.items(),
        survey.scaling.items(),
    )
    return ((subject, answer) for subject, answer in answers if isinstance(answer, AwsError))


def _named(subjects: Iterable[Subject]) -> str:
    """The first of them, and how many more; "" for an account and region as a whole."""
    parts = ((function_name(each), alias_name(each)) for each in subjects)
    names = list(dict.fromkeys(":".join(filter(None, each)) for each in parts))
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


def _could_not_read(subject: Subject, message: str) -> Finding:
    return Finding(
        "could-not-read",
        subject,
        Severity.UNKNOWN,
        message,
        "mend that and run the doctor again (`reconcile iam-policy --read-only` prints what it needs)",
    )
