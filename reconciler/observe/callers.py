"""Who calls the functions of an environment: read only where the file asks for it.

The policies of the bare function and of the alias come from GetPolicy, whose quota is its own, so that they cost no
time beside the other reads. Event source mappings are listed once for the whole account and region.
"""

from reconciler.model.callers import NOTHING_READ, AsyncSettings, Callers, EventSource, ResourcePolicy
from reconciler.model.observed import Ion
from reconciler.observe.environments import Environment
from reconciler.observe.reads import ASYNC_SETTINGS, EVENT_SOURCES, POLICY, Read, Reads


def policy_reads(environment: Environment, ion: Ion) -> tuple[Read[ResourcePolicy], ...]:
    """Of the bare function and of the alias."""
    if not ion.desired.callers.permissions:
        return ()
    connection, key = environment.connections[ion.key], ion.key
    return Read(POLICY, connection, (key.function, None)), Read(POLICY, connection, (key.function, key.alias))


def async_reads(environment: Environment, ion: Ion, *, aliased: bool) -> tuple[Read[AsyncSettings | None], ...]:
    """Of the bare function, which are `$LATEST`'s, and of the alias where it is there."""
    connection, key = environment.connections[ion.key], ion.key
    qualifiers = (None, key.alias) if aliased else (None,)
    return tuple(Read(ASYNC_SETTINGS, connection, (key.function, qualifier)) for qualifier in qualifiers)


def event_sources_read(environment: Environment) -> Read[tuple[EventSource, ...]] | None:
    """Of all functions in one list, through the first connection that has an ion asking for it."""
    asking = (ion.key for ion in environment.ions if ion.desired.callers.event_sources)
    key = next(asking, None)
    return None if key is None else Read(EVENT_SOURCES, environment.connections[key])


def callers(reads: Reads, environment: Environment, ion: Ion) -> Callers:
    """What the gathered reads came to for one ion. Raises AwsError."""
    seen, wish = NOTHING_READ, ion.desired.callers
    if wish.permissions:
        bare, alias = (reads.value(read) for read in policy_reads(environment, ion))
        seen = Callers(bare, alias)
    sources = event_sources_read(environment)
    if wish.event_sources and sources is not None:
        mine = [each for each in reads.value(sources) if each.function == ion.key.function]
        seen = Callers(seen.bare, seen.alias, tuple(sorted(mine, key=lambda each: each.uuid)))
    return seen
