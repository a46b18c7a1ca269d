"""The text of `warm.yaml` -> Config, or ConfigError with all of its problems at once.

Sections are read top down, with defaults and connections merged on the way (the nearest wins, key by key); the ions
are then held against each other, as far as they could be read. No I/O, no AWS: what the file says is all that is known.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, TypeAdapter
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from reconciler.config.checks import DeclaredIon, check_together
from reconciler.config.declaration import (
    BareConcurrency,
    Connection,
    Defaults,
    File,
    Format,
    Group,
    GroupName,
    Ion,
    IonName,
)
from reconciler.config.document import compose, has_tag, position
from reconciler.config.mappings import BROKEN, Broken, Mappings, Pairs
from reconciler.config.patterns import FUNCTION
from reconciler.config.problems import Problems, joined
from reconciler.config.scalars import is_empty
from reconciler.config.sentences import function_name
from reconciler.model.desired import (
    CallersWish,
    Config,
    ConnectionSettings,
    Desired,
    FollowLatest,
    Limits,
    Pinned,
    Price,
    Unmanaged,
    VersionWish,
)

if TYPE_CHECKING:
    from reconciler.config.scaled import ScaledReader
    from reconciler.config.schedules import Schedules

_FORMAT = TypeAdapter(Format)
_GROUP_NAME = TypeAdapter(GroupName)
_ION_NAME = TypeAdapter(IonName)
_BARE_CONCURRENCY = TypeAdapter(BareConcurrency, config=ConfigDict(defer_build=True))
_FOLLOW_LATEST = FollowLatest()
_CALLERS = {
    (mirrors, moves): CallersWish(permissions=mirrors, event_sources=moves)
    for mirrors in (False, True)
    for moves in (False, True)
}


def parse(text: bytes, *, source: str) -> Config:
    """The file's content as one Config; `source` is what positions are printed with (`warm.yaml`)."""
    problems = Problems(source)
    root = compose(text, problems)
    mappings = Mappings(problems)
    top = mappings.pairs(root, "")
    _check_format_version(top, root, problems)
    own = mappings.fields(File, top, "")
    schedules = _schedules(mappings, top)
    declared = tuple(_Ions(mappings, schedules).read(top, own, root))
    check_together(declared, problems)
    problems.raise_any()
    if not declared:
        raise problems.fatal(*position(root), "no ions; name at least one under `ions` or under a group's `ions`")
    limits = Limits(**own.get("limits") or {})
    prices = {region: Price(**price) for region, price in (own.get("prices") or {}).items()}
    desired = tuple(one.desired for one in declared)
    if schedules is None:
        return Config(source, desired, limits, prices)
    named = {name: each for name, each in schedules.named.items() if not isinstance(each, Broken)}
    return Config(source, desired, limits, prices, schedules.timezone, schedules.warnings, named)


def _schedules(mappings: Mappings, top: Pairs) -> "Schedules | None":
    if not {"schedules", "timezone"} & top.keys():
        return None
    from reconciler.config.schedules import read_schedules  # noqa: PLC0415 - time zones, which few files need

    return read_schedules(mappings, top)


def _check_format_version(top: Pairs, root: Node, problems: Problems) -> None:
    """A file of another format is told so alone: its other problems would only follow from that."""
    if "version" in top:
        first = Problems(problems.source)
        Mappings(first).value(_FORMAT, top["version"][1], "version")
        first.raise_any()
    elif top:
        problems.add(position(root), "version", "is missing; begin the file with `version: 1`, its format")


def _section(mappings: Mappings, parent: Pairs, name: str, path: str = "") -> Pairs:
    """The pairs of one sub-mapping; none when it is left out or empty."""
    return mappings.pairs(parent[name][1], joined(path, name)) if name in parent else {}


@dataclass(frozen=True, slots=True)
class _Scope:
    """What the ions of one group, or those of the top (`group` None), have in common."""

    path: str
    group: str | None
    prefix: str | None  # of the Lambda's name; None when the group's own name is wrong
    connection: ConnectionSettings
    defaults: dict[str, Any]


class _Ions:
    """Reads the ions of one file; what an anchor shares between groups is read once."""

    def __init__(self, mappings: Mappings, schedules: "Schedules | None") -> None:
        self._mappings = mappings
        self._schedules = schedules
        self._problems = mappings.problems
        self._bodies: dict[int, dict[str, Any]] = {}

    @cached_property
    def _scaled(self) -> "ScaledReader":
        from reconciler.config.scaled import ScaledReader  # noqa: PLC0415 - as above

        return ScaledReader(self._mappings, self._schedules)

    def read(self, top: Pairs, own: dict[str, Any], root: Node) -> Iterator[DeclaredIon]:
        inherited = {name: value for name, value in own.items() if name in Connection.__annotations__}
        defaults = self._defaults(top, "", {})
        ions = _section(self._mappings, top, "ions")
        if ions:
            connection = self._connection(inherited, top, top, "")
            yield from self._section(ions, _Scope("ions", None, "", connection, defaults), root)
        for name, (key, value) in _section(self._mappings, top, "groups").items():
            yield from self._group(name, key, value, top, inherited, defaults)

    def _group(  # noqa: PLR0913, PLR0917 - a group's own parts and what it inherits
        self, name: str, key: Node, node: Node, top: Pairs, inherited: dict[str, Any], defaults: dict[str, Any]
    ) -> Iterator[DeclaredIon]:
        path = joined("groups", name)
        pairs = self._mappings.pairs(node, path)
        own = self._mappings.fields(Group, pairs, path)
        connection = self._connection({**inherited, **own}, pairs, top, path)
        prefix = None if self._mappings.value(_GROUP_NAME, key, path) is BROKEN else f"{name}-"
        scope = _Scope(joined(path, "ions"), name, prefix, connection, self._defaults(pairs, path, defaults))
        yield from self._section(_section(self._mappings, pairs, "ions", path), scope, node)

    def _defaults(self, parent: Pairs, path: str, inherited: dict[str, Any]) -> dict[str, Any]:
        pairs = _section(self._mappings, parent, "defaults", path)
        return {**inherited, **self._settings(Defaults, pairs, joined(path, "defaults"))}

    def _settings(self, shape: type, pairs: Pairs, path: str) -> dict[str, Any]:
        """The values of one ion or `defaults`; a `concurrency` that is a mapping is read apart."""
        concurrency = pairs.get("concurrency")
        if concurrency is None or not isinstance(concurrency[1], MappingNode):
            return self._mappings.fields(shape, pairs, path)
        others = {name: pair for name, pair in pairs.items() if name != "concurrency"}
        scaled = self._scaled.read(*concurrency, joined(path, "concurrency"))
        return {**self._mappings.fields(shape, others, path), "concurrency": scaled}

    def _connection(self, parts: dict[str, Any], own: Pairs, top: Pairs, path: str) -> ConnectionSettings:
        """Where a part is wrong, the path of that part stands for it: ions of one wrong place are in the same one."""
        whole = {
            name: joined(path if name in own else "", name) if value is BROKEN else value
            for name, value in parts.items()
        }
        if "external_id" in parts and "role_arn" not in parts:
            key, _ = own.get("external_id") or top["external_id"]
            whose = f" for {path}" if path and "external_id" not in own else ""
            path = joined(path if "external_id" in own else "", "external_id")
            self._problems.add(position(key), path, f"goes with a role_arn, and there is none{whose}")
        return ConnectionSettings(**whole)

    def _section(self, pairs: Pairs, scope: _Scope, node: Node) -> Iterator[DeclaredIon]:
        self._mappings.spend(len(pairs), node)
        for name, (key, value) in pairs.items():
            declared = self._ion(name, key, value, scope)
            if declared:
                yield declared

    def _ion(self, name: str, key: Node, value: Node, scope: _Scope) -> DeclaredIon | None:
        path = joined(scope.path, name)
        read_before = id(value) in self._bodies
        settings = {**scope.defaults, **self._body(value, path)}
        function = settings["function"] if "function" in settings else self._function(key, path, scope)
        where = position(key)
        if "alias" not in settings:
            self._problems.add(where, path, "alias is missing; set it here or in a `defaults`")
            return None
        wrong = BROKEN in settings.values()
        if function is BROKEN or settings["alias"] is BROKEN or (wrong and read_before):  # by an anchor: told already
            return None
        version, concurrency = settings.get("version", "latest"), settings.get("concurrency")
        keep = settings.get("keep_versions")
        desired = Desired(
            connection=scope.connection,
            group=scope.group,
            function=function,
            alias=settings["alias"],
            version=Unmanaged() if version is BROKEN else _wish(version),  # so that nothing is said about a wrong one
            concurrency=None if concurrency is BROKEN else concurrency,
            keep_versions=None if keep is BROKEN else keep,
            callers=_CALLERS[settings.get("permissions") == "mirror", settings.get("event_sources") == "alias"],
            where=f"{self._problems.source}:{where[0]}:{where[1]}",
        )
        return DeclaredIon(desired, where, path)

    def _function(self, key: Node, path: str, scope: _Scope) -> Any:  # noqa: ANN401 - str or BROKEN
        """The Lambda's name by the ion's own and its group's."""
        name = self._mappings.value(_ION_NAME, key, path)
        if name is BROKEN:
            return BROKEN
        function = f"{scope.prefix or ''}{name}"
        if not re.fullmatch(FUNCTION, function):
            self._problems.add(position(key), path, function_name(function))
            return BROKEN
        return BROKEN if scope.prefix is None else function

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
            return self._settings(Ion, self._mappings.pairs(node, path), path)
        concurrency = self._mappings.value(_BARE_CONCURRENCY, node, path)
        unknown = {} if isinstance(node, ScalarNode) and not has_tag(node) else {"alias": BROKEN}
        return {"concurrency": concurrency, **unknown}


def _wish(version: int | str) -> VersionWish:
    match version:
        case "latest":
            return _FOLLOW_LATEST
        case "unmanaged":
            return Unmanaged()
        case _:
            return Pinned(str(version))
