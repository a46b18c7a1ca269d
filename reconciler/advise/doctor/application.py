"""Compares the file with an application's `ion-config.edn`: ions in only one of them, and limits too low. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from reconciler.config.ion_config import IonConfig, IonLambda
from reconciler.model.errors import ReconcileError
from reconciler.model.finding import Finding, Severity
from reconciler.model.observed import FunctionKey, Ion, Key
from reconciler.model.scaling import highest


def application(
    ions: tuple[Ion, ...], ion_config: IonConfig, warm: Mapping[Key, int], *, groups: tuple[str, ...]
) -> Iterator[Finding]:
    """Both ways, for each of these groups. `warm`: units that each ion has now, whatever the file asks.

    Raises ReconcileError when none of the ions is in such a group: then the application is of another file.
    """
    of_groups = {group: tuple(ion for ion in ions if ion.desired.group == group) for group in groups}
    if not any(of_groups.values()):
        hint = "an application's lambdas are called <group>-<ion>: name their group in the file, under `groups`"
        raise ReconcileError(
            "no ion of the file is in a group that this could be held against", where=ion_config.source, hint=hint
        )
    for group, members in of_groups.items():
        if members:
            yield from _group(group, members, ion_config, warm)


def _group(group: str, ions: tuple[Ion, ...], ion_config: IonConfig, warm: Mapping[Key, int]) -> Iterator[Finding]:
    by_function: dict[str, list[Ion]] = {}
    for ion in ions:
        by_function.setdefault(ion.key.function, []).append(ion)
    for entry in ion_config.lambdas:
        members = by_function.get(f"{group}-{entry.name}")
        if members is None:
            yield _not_in_file(
                replace(ions[0].key.function_key, function=f"{group}-{entry.name}"), group, entry, ion_config
            )
        else:
            yield from _limit(entry, tuple(members), warm, ion_config)
    for function, members in by_function.items():
        if function.startswith(f"{group}-") and function.removeprefix(f"{group}-") not in ion_config.names:
            yield from (_not_in_application(ion, warm.get(ion.key, 0), ion_config) for ion in members)


def _not_in_file(function: FunctionKey, group: str, entry: IonLambda, ion_config: IonConfig) -> Finding:
    return Finding(
        "not-in-file",
        function,
        Severity.HINT,
        f"{ion_config.source} has {entry.name}, and the file does not: nothing keeps it warm",
        f"add `{entry.name}:` under groups.{group}.ions, with `concurrency: 0` if it may start cold",
    )


def _not_in_application(ion: Ion, units: int, ion_config: IonConfig) -> Finding:
    warm = f", and {units} are kept warm" if units else ""
    return Finding(
        "not-in-ion-config",
        ion.key,
        Severity.PROBLEM if units else Severity.HINT,
        f"{ion_config.source} does not have it: the application deploys it no longer{warm}",
        "set `concurrency: 0`, apply, then take it out of the file; or mend its name there",
        arn=ion.key.alias_arn,
    )


def _limit(
    entry: IonLambda, ions: tuple[Ion, ...], warm: Mapping[Key, int], ion_config: IonConfig
) -> Iterator[Finding]:
    """The units of all of the function's ions, as the file asks or as they are, against what a deploy reserves."""
    wanted = sum(warm.get(ion.key, 0) if (asked := ion.desired.concurrency) is None else highest(asked) for ion in ions)
    total = max(wanted, sum(warm.get(ion.key, 0) for ion in ions))
    if entry.limit is None or total < entry.limit or not total:
        return
    effect = (
        "AWS refuses more than is reserved"
        if total > entry.limit
        else "that leaves nothing for $LATEST and for aliases without any, whose callers are throttled"
    )
    yield Finding(
        "limit-too-low",
        ions[0].key,
        Severity.PROBLEM,
        f":concurrency-limit is {entry.limit} in {ion_config.source}, provisioned concurrency {total}: {effect}",
        f"raise :concurrency-limit above {total} (or :none) and run ion deploy, or ask for less than {entry.limit}",
        arn=ions[0].key.alias_arn,
    )
