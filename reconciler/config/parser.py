"""The text of `warm.yaml` -> Config, or ConfigError with all of its problems at once.

Sections are read top down, with defaults and connections merged on the way (the nearest wins, key by key); the ions
that came out whole are then held against each other. No I/O, no AWS: what the file says is all that is known.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from reconciler.config import keys, values
from reconciler.config.checks import DeclaredIon, check_together
from reconciler.config.document import compose, has_tag, position
from reconciler.config.mappings import BROKEN, Mappings, Pairs
from reconciler.config.problems import Problems, joined, shown
from reconciler.config.values import (
    FUNCTION,
    Wrong,
    check_function,
    format_version,
    is_empty,
    region,
    scalar,
    whole,
)
from reconciler.model.desired import Config, ConnectionSettings, Desired, FollowLatest, Limits, Price

_FOLLOW_LATEST = FollowLatest()


def parse(text: bytes, *, source: str) -> Config:
    """The file's content as one Config; `source` is what positions are printed with (`warm.yaml`)."""
    return _parse(text, Problems(source))


def _parse(text: bytes, problems: Problems) -> Config:
    root = compose(text, problems)
    mappings = Mappings(problems)
    top = mappings.pairs(root, "")
    _check_format_version(top, root, problems)
    own = mappings.fields(top, "", keys.TOP)
    asked = tuple(_Ions(mappings).read(top, own, root))
    check_together(asked, problems)
    limits = mappings.fields(_section(mappings, top, "limits"), "limits", keys.LIMITS)
    prices = dict(_prices(mappings, _section(mappings, top, "prices")))
    problems.raise_any()
    if not asked:
        raise problems.fatal(*position(root), "no ions; name at least one under `ions` or under a group's `ions`")
    return Config(problems.source, tuple(one.desired for one in asked), Limits(**limits), prices)


def _check_format_version(top: Pairs, root: Node, problems: Problems) -> None:
    """A file of another format is told so alone: its other problems would only follow from that."""
    if "version" not in top:
        if top:
            problems.add(position(root), "version", "is missing; begin the file with `version: 1`, its format")
        return
    node = top["version"][1]
    try:
        format_version(node)
    except Wrong as wrong:
        raise problems.fatal(*position(node), str(wrong), "version") from None


def _section(mappings: Mappings, parent: Pairs, name: str, path: str = "") -> Pairs:
    """The pairs of one sub-mapping; none when it is left out or empty."""
    return mappings.pairs(parent[name][1], joined(path, name)) if name in parent else {}


def _prices(mappings: Mappings, pairs: Pairs) -> Iterator[tuple[str, Price]]:
    for name, (key, value) in pairs.items():
        path = joined("prices", name)
        mappings.value(region, key, path)
        price = mappings.fields(mappings.pairs(value, path), path, keys.PRICE)
        missing = [one for one in keys.PRICE if one not in price]
        if missing and (is_empty(value) or isinstance(value, MappingNode)):
            mappings.problems.add(position(key), path, f"{' and '.join(missing)} missing; give both prices")
        elif not missing and BROKEN not in price.values():
            yield name, Price(**price)


@dataclass(frozen=True, slots=True)
class _Place:
    """What the ions of one group, or those of the top (`group` None), have in common."""

    path: str
    group: str | None
    prefix: str | None  # of the Lambda's name; None when the group's own name is wrong
    connection: ConnectionSettings | None  # None when a part of it is wrong
    defaults: dict[str, Any]


class _Ions:
    """Reads the ions of one file; what an anchor shares between groups is read once."""

    def __init__(self, mappings: Mappings) -> None:
        self._mappings = mappings
        self._problems = mappings.problems
        self._bodies: dict[int, dict[str, Any]] = {}

    def read(self, top: Pairs, own: dict[str, Any], root: Node) -> Iterator[DeclaredIon]:
        inherited = {name: value for name, value in own.items() if name in keys.CONNECTION}
        defaults = self._defaults(top, "", {})
        ions = _section(self._mappings, top, "ions")
        if ions:
            connection = self._connection(inherited, top, top, "")
            yield from self._section(ions, _Place("ions", None, "", connection, defaults), root)
        for name, (key, value) in _section(self._mappings, top, "groups").items():
            yield from self._group(name, key, value, top, inherited, defaults)

    def _group(  # noqa: PLR0913, PLR0917 - a group's own parts and what it inherits
        self, name: str, key: Node, node: Node, top: Pairs, inherited: dict[str, Any], defaults: dict[str, Any]
    ) -> Iterator[DeclaredIon]:
        path = joined("groups", name)
        pairs = self._mappings.pairs(node, path)
        own = self._mappings.fields(pairs, path, keys.GROUP)
        connection = self._connection({**inherited, **own}, pairs, top, path)
        prefix = None if self._mappings.value(_group_name, key, path) is BROKEN else f"{name}-"
        place = _Place(joined(path, "ions"), name, prefix, connection, self._defaults(pairs, path, defaults))
        yield from self._section(_section(self._mappings, pairs, "ions", path), place, node)

    def _defaults(self, parent: Pairs, path: str, inherited: dict[str, Any]) -> dict[str, Any]:
        pairs = _section(self._mappings, parent, "defaults", path)
        return {**inherited, **self._mappings.fields(pairs, joined(path, "defaults"), keys.DEFAULTS)}

    def _connection(self, parts: dict[str, Any], own: Pairs, top: Pairs, path: str) -> ConnectionSettings | None:
        if BROKEN in parts.values():
            return None
        if "external_id" in parts and "role_arn" not in parts:
            key, _ = own.get("external_id") or top["external_id"]
            whose = f" for {path}" if path and "external_id" not in own else ""
            path = joined(path if "external_id" in own else "", "external_id")
            self._problems.add(position(key), path, f"goes with a role_arn, and there is none{whose}")
        return ConnectionSettings(**parts)

    def _section(self, pairs: Pairs, place: _Place, node: Node) -> Iterator[DeclaredIon]:
        self._mappings.spend(len(pairs), node)
        for name, (key, value) in pairs.items():
            asked = self._ion(name, key, value, place)
            if asked:
                yield asked

    def _ion(self, name: str, key: Node, value: Node, place: _Place) -> DeclaredIon | None:
        path = joined(place.path, name)
        asks = {**place.defaults, **self._body(value, path)}
        function = asks["function"] if "function" in asks else self._function(key, path, place)
        where = position(key)
        if "alias" not in asks:
            self._problems.add(where, path, "alias is missing; set it here or in a `defaults`")
            return None
        if function is BROKEN or place.connection is None or BROKEN in asks.values():
            return None
        desired = Desired(
            connection=place.connection,
            group=place.group,
            function=function,
            alias=asks["alias"],
            version=asks.get("version", _FOLLOW_LATEST),
            concurrency=asks.get("concurrency"),
            where=f"{self._problems.source}:{where[0]}:{where[1]}",
        )
        return DeclaredIon(desired, where, path)

    def _function(self, key: Node, path: str, place: _Place) -> Any:  # noqa: ANN401 - str or BROKEN
        """The Lambda's name by the ion's own and its group's."""
        prefix = place.prefix

        def read(node: Node) -> str:
            function = f"{prefix or ''}{values.name(node)}"
            check_function(function)
            return function

        function = self._mappings.value(read, key, path)
        return BROKEN if prefix is None else function

    def _body(self, node: Node, path: str) -> dict[str, Any]:
        """What one ion says itself: a mapping, its concurrency alone, or nothing."""
        known = self._bodies.get(id(node))
        if known is None:
            known = self._bodies[id(node)] = self._read_body(node, path)
        return known

    def _read_body(self, node: Node, path: str) -> dict[str, Any]:
        if is_empty(node):
            return {}
        if isinstance(node, MappingNode) and not has_tag(node):
            return self._mappings.fields(self._mappings.pairs(node, path), path, keys.ION)
        concurrency = self._mappings.value(_bare_number, node, path)
        return {"concurrency": concurrency} if concurrency is not BROKEN else {"alias": BROKEN}


def _bare_number(node: Node) -> int:
    if isinstance(node, SequenceNode) and not has_tag(node):
        raise Wrong("a list is no ion; write {alias: …, concurrency: …}, or its concurrency alone, like 5")
    value = str(scalar(node).value)
    if value[:1].isdigit() or value[:1] in {"-", "+", "."}:
        return whole(node)
    raise Wrong(f"{shown(value)!r} is no ion: write {{alias: …, concurrency: …}}, or its concurrency alone, like 5")


def _group_name(node: Node) -> str:
    name = values.name(node)
    if not re.fullmatch(FUNCTION, name):
        raise Wrong(
            f"{shown(name)!r} can't be a group: Lambdas are called <group>-<ion>, "
            "and AWS allows 64 letters, digits, - and _"
        )
    return name
