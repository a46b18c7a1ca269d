"""What is live, and what an `ion-config.edn` names -> the text of a first `warm.yaml`. Pure.

Live wins: the EDN adds what it alone knows. A function without an alias is a comment, ready to be uncommented, as long
as anything else is there to be kept; with nothing to keep the functions themselves are the suggestion, and the heading
says that `plan` will show changes. Names that AWS would not take are comments too.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from reconciler.advise.init.entries import Adopted, Entry, Said, adopted
from reconciler.advise.init.live import Live, LiveFunction
from reconciler.advise.init.yaml_text import Aside, Draft, common, yaml_text
from reconciler.config.ion_config import IonConfig, IonLambda
from reconciler.config.patterns import ALIAS as ALIAS_NAME
from reconciler.config.patterns import FUNCTION, MAX_ALIAS
from reconciler.decide.price import monthly_usd
from reconciler.model.errors import ReconcileError
from reconciler.model.scaling import Scaled, Schedule

ALIAS = "live"  # what is suggested where there is no alias to go by
CONCURRENCY = 1
DESCRIBED = 60  # characters of an ion's description

_SUGGESTIONS = (
    "Alias and concurrency are suggestions: `reconcile plan` shows what they would change, and what they would cost."
)
_BARE = "Without an alias, so nothing of them can be warm. Uncomment, and `plan` shows what it would create:"


def draft(
    live: Live | None,
    ion_config: IonConfig | None,
    *,
    group: str | None,
    profile: str | None = None,
    endpoint: str | None = None,
) -> str:
    """The file's text. `group`: the compute group, required with an `ion_config`, else told by the prefix.
    `profile`: the one by which the live functions were read, for the file to name. `endpoint`: where, if not from AWS.

    Raises ReconcileError when there is nothing that a file could name.
    """
    if live is not None:
        found = _from_live(live, ion_config, group or _group_of(live.prefix))
        where = (f"Endpoint: {endpoint}, which is not AWS",) if endpoint else ()
        return yaml_text(replace(found, profile=profile, heading=(*where, *found.heading)))
    if ion_config is not None and group is not None:
        return yaml_text(_from_ion_config(ion_config, group))
    hint = "reconcile init --prefix GROUP- reads what is live; --ion-config FILE --group GROUP, an application's file"
    raise ReconcileError("there is nothing to draft a file from", hint=hint)


def _group_of(prefix: str) -> str | None:
    """`inventory-prod-` is how the Lambdas of the group inventory-prod begin."""
    return prefix[:-1] or None if prefix.endswith("-") else None


# ---------------------------------------------------------------- from what is live


def _from_live(live: Live, ion_config: IonConfig | None, group: str | None) -> Draft:
    live = replace(live, functions=tuple(_possible(function) for function in live.functions))
    readable = [function for function in live.functions if function.trouble is None]
    found = {function.name: adopted(function, live.place, name=_short(function.name, group)) for function in readable}
    bare = tuple(_suggested(function, group) for function in readable if not function.aliases)
    kept = _one_meaning(
        _distinct((entry for each in found.values() for entry in each.entries), {entry.name for entry in bare})
    )
    if not kept and not bare:
        raise _nothing(live)
    marked = _marked(kept or bare, ion_config)
    default = common(marked).alias or ALIAS
    suggestions = tuple(replace(entry, alias=default) for entry in bare) if kept else ()
    asides = (
        *([Aside(_BARE, suggestions)] if suggestions else []),
        *_unknown(ion_config, live, group, default),
        *_sentences(live, found),
    )
    heading = (*_live_heading(live, kept, group), *live.warnings)
    place = live.place
    return Draft(heading, place.account, place.region, group, marked, asides)


def _one_meaning(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """A file has one schedule of a name: where live ones differ, the later entry's number is left to what scales it."""
    known: dict[str, Schedule] = {}
    said = []
    for entry in entries:
        asked = entry.concurrency
        schedules = [window.schedule for window in asked.windows] if isinstance(asked, Scaled) else []
        if any(known.setdefault(schedule.name, schedule) != schedule for schedule in schedules):
            note = "its schedule differs from another's of the same name: `concurrency` is left out"
            said.append(replace(entry, concurrency=None, notes=(*entry.notes, note)))
        else:
            said.append(entry)
    return tuple(said)


def _possible(function: LiveFunction) -> LiveFunction:
    """As read, but for names that AWS would not have given: no file could ask for them."""
    wrong = [alias.name for alias in function.aliases if not _is_alias(alias.name)]
    if re.fullmatch(FUNCTION, function.name) and not wrong:
        return function
    alias = f"its alias {wrong[0]} is " if wrong else ""
    return replace(function, trouble=f"{alias}not a name that AWS gives: letters, digits, - and _")


def _is_alias(name: str) -> bool:
    return len(name) <= MAX_ALIAS and bool(re.fullmatch(ALIAS_NAME, name))


def _short(function: str, group: str | None) -> str | None:
    """What the function is called in its section; None where only its full name says which it is."""
    if group is None:
        return function
    return function.removeprefix(f"{group}-") or None if function.startswith(f"{group}-") else None


def _suggested(function: LiveFunction, group: str | None) -> Entry:
    """A function without an alias, as a file might ask for it."""
    name = _short(function.name, group)
    fits = function.reserved is None or function.reserved > CONCURRENCY
    notes = () if fits else (_too_little(function.reserved or 0),)
    return Entry(
        name or function.name,
        ALIAS,
        CONCURRENCY if fits else 0,
        function=None if name else function.name,
        notes=notes,
    )


def _too_little(reserved: int) -> str:
    return f"reserved concurrency {reserved}: {CONCURRENCY} kept warm would leave nothing for $LATEST"


def _distinct(entries: Iterable[Entry], taken: set[str]) -> tuple[Entry, ...]:
    """Each under a name of its own: a second alias's made-up name may be another function's."""
    named = []
    for entry in sorted(entries, key=lambda entry: (entry.function is not None, entry.name)):
        name = entry.name
        while name in taken:
            name = f"{name}-2"
        taken.add(name)
        named.append(replace(entry, name=name))
    return tuple(sorted(named, key=lambda entry: entry.name))


def _marked(entries: tuple[Entry, ...], ion_config: IonConfig | None) -> tuple[Entry, ...]:
    """With a note on what the application does not know of."""
    if ion_config is None:
        return entries
    note = f"not in {ion_config.source}"
    return tuple(
        entry if entry.function or entry.name in ion_config.names else replace(entry, remark=_and(entry.remark, note))
        for entry in entries
    )


def _and(*phrases: str) -> str:
    return "; ".join(phrase for phrase in phrases if phrase)


def _unknown(ion_config: IonConfig | None, live: Live, group: str | None, alias: str) -> Iterator[Aside]:
    if ion_config is None or group is None:
        return
    deployed = {function.name for function in live.functions}
    missing = [ion for ion in ion_config.lambdas if f"{group}-{ion.name}" not in deployed]
    if missing:
        entries = tuple(replace(_of_ion(ion), alias=alias) for ion in missing)
        yield Aside(f"In {ion_config.source}, and not deployed to {group} so far:", entries)


def _sentences(live: Live, found: dict[str, Adopted]) -> Iterator[Aside]:
    said = tuple(each_said for each in found.values() for each_said in each.said)
    if said:
        yield Aside("What this file can't keep as it is:", said=said)
    unread = tuple(Said(f"{one.name}: {one.trouble}") for one in live.functions if one.trouble is not None)
    if unread:
        yield Aside("Could not be read:", said=unread)


def _nothing(live: Live) -> ReconcileError:
    where = f"{live.place.account}, {live.place.region}"
    beginning = f" whose name begins with {live.prefix}" if live.prefix else ""
    troubles = [function.trouble for function in live.functions if function.trouble]
    if troubles:
        return ReconcileError(f"no function{beginning} could be read in {where}: {troubles[0]}")
    said = [alias.name for function in live.functions for alias in function.aliases]
    if said:
        return ReconcileError(f"no alias{beginning} in {where} can be kept as it is; see `aws lambda list-aliases`")
    hint = "check --prefix, --region and the credentials' account; `aws lambda list-functions` shows what there is"
    return ReconcileError(f"there is no function{beginning} in {where}", hint=hint)


def _live_heading(live: Live, kept: tuple[Entry, ...], group: str | None) -> Iterator[str]:
    what = f"group {group}" if group else f"functions {live.prefix}*" if live.prefix else "every function"
    where = f"{live.place.account}, {live.place.region}"
    yield f"warm.yaml, drafted by `reconcile init` from what is live: {what} in {where}."
    if not kept:
        yield f"None of these functions has an alias, so there is nothing to keep as it is. {_SUGGESTIONS}"
        return
    units, price = _totals(live)
    warm = f"{units} warm for about ${price:,.2f} a month at list price" if units else "nothing is kept warm"
    yield f"{_count(len(kept), 'alias', 'aliases')}, {warm}."
    yield "`reconcile plan` says no changes, until something is deployed or this file is edited."


def _totals(live: Live) -> tuple[int, float]:
    """Units of provisioned concurrency on aliases, and their price a month."""
    units, price = 0, 0.0
    for function in live.functions:
        for alias in function.aliases:
            state, provisioned = alias.observed.alias, alias.observed.provisioned
            if state and provisioned:
                units += provisioned.requested
                price += monthly_usd(
                    provisioned.requested, settings=state.behind.settings, region=live.place.region, prices={}
                )
    return units, price


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


# ---------------------------------------------------------------- from an application's file alone


def _from_ion_config(ion_config: IonConfig, group: str) -> Draft:
    if not re.fullmatch(FUNCTION, group):
        raise ReconcileError(f"{group!r} can't be a group: AWS allows letters, digits, - and _", hint="see --group")
    possible = [ion for ion in ion_config.lambdas if re.fullmatch(FUNCTION, f"{group}-{ion.name}")]
    if not possible:
        hint = "an application without Lambdas has nothing to keep warm" if not ion_config.lambdas else None
        raise ReconcileError(f"no Lambda can be named after {group} and :lambdas", where=ion_config.source, hint=hint)
    impossible = tuple(
        Said(f"{group}-{ion.name}: AWS takes at most 64 letters, digits, - and _ for a name")
        for ion in ion_config.lambdas
        if ion not in possible
    )
    heading = (
        f"warm.yaml, drafted by `reconcile init` from {ion_config.source}, for the group {group}; AWS was not asked.",
        _SUGGESTIONS,
    )
    asides = (Aside("Can't be the names of Lambdas:", said=impossible),) if impossible else ()
    return Draft(heading, None, None, group, tuple(_of_ion(ion) for ion in possible), asides)


def _of_ion(ion: IonLambda) -> Entry:
    """An ion that no alias is known of."""
    described = f"{ion.description[:DESCRIBED]}…" if len(ion.description) > DESCRIBED else ion.description
    if ion.limit is not None and ion.limit <= CONCURRENCY:
        note = f":concurrency-limit {ion.limit}: {CONCURRENCY} kept warm would leave nothing for $LATEST"
        return Entry(ion.name, ALIAS, 0, remark=described, notes=(note,))
    return Entry(ion.name, ALIAS, CONCURRENCY, remark=described)
