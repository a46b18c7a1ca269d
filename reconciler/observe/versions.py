"""What a rollback reads besides: for each ion, its alias, the versions there are, and which of them `$LATEST` equals.

In: what was resolved. Out: a Published for each ion that can be read, else Unreadable. Nothing is decided here.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from reconciler.decide.marks import mark_of
from reconciler.decide.rollback import Published
from reconciler.model.errors import AwsError, sentence
from reconciler.model.observed import Ion, Key, RollBack, Unreadable, VersionState
from reconciler.observe.environments import Environment, Resolved, side_by_side
from reconciler.observe.reads import ALIAS, LATEST, VERSION, VERSIONS, Read, Reads


def published(resolved: Resolved) -> dict[Key, Published | Unreadable]:
    """Of every ion; accounts and regions side by side."""
    found: dict[Key, Published | Unreadable] = dict(resolved.unreadable)
    for each in side_by_side([_reading(environment) for environment in resolved.environments]):
        found |= each
    return found


def going_back(resolved: Resolved, back: Mapping[Key, RollBack]) -> Resolved:
    """The same, with what a rollback asks of each ion."""
    asked = {ion.key: replace(ion, back=back.get(ion.key)) for ion in resolved.ions}
    environments = tuple(
        replace(each, ions=tuple(asked[ion.key] for ion in each.ions)) for each in resolved.environments
    )
    return replace(resolved, ions=tuple(asked.values()), environments=environments)


def _reading(environment: Environment) -> Callable[[], dict[Key, Published | Unreadable]]:
    def reading() -> dict[Key, Published | Unreadable]:
        reads = Reads(environment.dispatcher)
        reads.gather(_first(environment, ion) for ion in environment.ions)
        marked = {ion.key: _of_mark(reads, environment, ion) for ion in environment.ions}
        reads.gather([read] for read in marked.values() if read)
        return {ion.key: _published(reads, environment, ion, marked[ion.key]) for ion in environment.ions}

    return reading


def _first(environment: Environment, ion: Ion) -> tuple[Read[object], Read[object], Read[object], Read[object]]:
    connection, function, alias = environment.connections[ion.key], ion.key.function, ion.key.alias
    return (
        Read(LATEST, connection, (function,)),
        Read(ALIAS, connection, (function, alias)),
        Read(VERSION, connection, (function, alias)),
        Read(VERSIONS, connection, (function,)),
    )


def _of_mark(reads: Reads, environment: Environment, ion: Ion) -> Read[VersionState | None] | None:
    """The read of the version that a rollback's mark names."""
    connection, function = environment.connections[ion.key], ion.key.function
    pointer = reads.answer(Read(ALIAS, connection, (function, ion.key.alias)))
    mark = None if isinstance(pointer, AwsError) or pointer is None else mark_of(pointer)
    return Read(VERSION, connection, (function, mark.latest)) if mark and mark.latest else None


def _published(
    reads: Reads, environment: Environment, ion: Ion, marked: Read[VersionState | None] | None
) -> Published | Unreadable:
    connection, function, alias = environment.connections[ion.key], ion.key.function, ion.key.alias
    try:
        return Published(
            latest=reads.value(Read(LATEST, connection, (function,))),
            pointer=reads.value(Read(ALIAS, connection, (function, alias))),
            behind=reads.value(Read(VERSION, connection, (function, alias))),
            marked=reads.value(marked) if marked else None,
            numbers=tuple(each.number for each in reads.value(Read(VERSIONS, connection, (function,)))),
        )
    except AwsError as error:
        return Unreadable(sentence(error))
