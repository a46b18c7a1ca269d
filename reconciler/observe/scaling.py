"""Which aliases' numbers Application Auto Scaling owns: asked once a link, whatever the number of ions."""

from collections.abc import Iterable

from reconciler.model.errors import AwsError, ErrorKind
from reconciler.model.observed import Ion, Key, Scaling, ScalingTarget, ScalingUnknown
from reconciler.observe.environments import Environment
from reconciler.observe.reads import Read, Reads

FILTERED = 50  # targets that one call can be asked for by name; beyond, all of the namespace are listed


def scaling_asks(site: Environment, ions: Iterable[Ion]) -> tuple[Read, ...]:
    """The first page for each link of the site."""
    names: dict[object, list[str]] = {}
    links = {}
    for ion in ions:
        link = site.links[ion.key]
        links[id(link)] = link
        names.setdefault(id(link), []).append(_resource(ion))
    return tuple(
        Read("scaling", links[each], " ".join(names[each]) if len(names[each]) <= FILTERED else "") for each in links
    )


def scaling(reads: Reads, site: Environment, ions: tuple[Ion, ...]) -> dict[Key, Scaling]:
    """Each ion's scaling target; None: it has none; ScalingUnknown: that could not be read."""
    found: dict[Key, Scaling] = {}
    for ask in scaling_asks(site, ions):
        rows, error = reads.pages(ask)
        targets: dict[str, ScalingTarget] = dict(row for row in rows if isinstance(row, tuple))
        unknown = ScalingUnknown(sentence(error), harmless=error.kind is ErrorKind.UNSUPPORTED) if error else None
        mine = (ion for ion in ions if site.links[ion.key] is ask.link)
        found |= {ion.key: targets.get(_resource(ion), unknown) for ion in mine}
    return found


def sentence(error: AwsError) -> str:
    """An AWS error in words: the call, AWS's code and message; then, as a sentence of its own, what to do."""
    hint = f". {error.hint[0].upper()}{error.hint[1:]}" if error.hint else ""
    return f"{error.operation}: {error.code}: {error.message}{hint}"


def _resource(ion: Ion) -> str:
    return f"function:{ion.key.function}:{ion.key.alias}"
