"""A mapping node -> its pairs by name, merge keys (`<<`) followed, and its values as pydantic validates them.

Duplicate keys, keys that are not one name and pydantic's errors become problems with positions here. Merges are
followed once per mapping, whatever the number of aliases, and what they and shared ions add up to is counted: a small
file can ask for billions.
"""

from collections.abc import Iterator
from functools import cache
from types import UnionType
from typing import Any, Final, TypeAlias, TypeVar, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from typing_extensions import get_type_hints, is_typeddict

from reconciler.config.declaration import READ_APART
from reconciler.config.document import has_tag, position
from reconciler.config.problems import Problems, joined
from reconciler.config.scalars import is_empty, unambiguous
from reconciler.config.sentences import NO_MAPPING, missing_key, no_tags, unknown_key, why

Pairs = dict[str, tuple[Node, Node]]
Shape: TypeAlias = Any  # a mapping of the declaration: a TypedDict, or a dict[name, shape]
T = TypeVar("T")
MAX_EXPANDED = 200_000
_MAX_MERGES = 32


class Broken:
    """Stands where a value was that could not be read: its problem is told, so nothing more is said about it."""


BROKEN: Final = Broken()


class Mappings:
    """Reads the mappings of one file into `problems`, within one bound for everything that aliases expand to."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self._pairs: dict[int, Pairs] = {}
        self._expanded = 0

    def pairs(self, node: Node, path: str, merges: int = 0) -> Pairs:
        """Name -> (key node, value node); nothing for an empty value. The same object each time for one node."""
        known = self._pairs.get(id(node))
        if known is None:
            known = self._pairs[id(node)] = self._read(node, path, merges)
        return known

    def fields(self, shape: type, pairs: Pairs, path: str) -> dict[str, Any]:
        """The values of one mapping of the declaration, its READ_APART aside: BROKEN where one is wrong.

        Every error is told; unknown keys are left out.
        """
        apart, sections = READ_APART & shape.__annotations__.keys(), _sections(shape)
        values = {
            name: self._plain(sections.get(name), value, path, name)
            for name, (_, value) in pairs.items()
            if name not in apart
        }
        validate = _adapter(shape).validate_python
        try:
            return dict(validate(values))
        except ValidationError as error:
            wrong = {self._report(one, shape, pairs, path) for one in _errors(error)}
        right = {name: value for name, value in values.items() if name not in wrong}
        return {**validate(right), **dict.fromkeys(wrong & shape.__annotations__.keys(), BROKEN)}

    def value(self, scalar: TypeAdapter[T], node: Node, path: str) -> T | Broken:
        """The value of one scalar, or BROKEN and a problem."""
        try:
            return scalar.validate_python(unambiguous(node))
        except ValidationError as error:
            self.problems.add(position(node), path, why(_errors(error)[0]["type"], node))
            return BROKEN

    def _plain(self, shape: Shape | None, node: Node, path: str, name: str) -> Any:  # noqa: ANN401 - whatever a key may hold
        """What pydantic may validate: a dict where a mapping is declared, else the scalar's value."""
        if shape is None or not isinstance(node, MappingNode) or has_tag(node):
            return unambiguous(node)
        path = joined(path, name)
        return {
            inner: self._plain(_section(shape, inner), value, path, inner)
            for inner, (_, value) in self.pairs(node, path).items()
        }

    def _report(self, error: ErrorDetails, shape: Shape, pairs: Pairs, path: str) -> str:
        """Tell one of pydantic's errors where it stands; gives the key of `pairs` that it is in.

        Parts of its location that no mapping of the file has are skipped: a missing key, the tag of a union.
        """
        kind, location = error["type"], [str(part) for part in error["loc"]]
        of_name = location[-1] == "[key]" and kind not in {"extra_forbidden", "dict_type"}  # of a dict: the name itself
        key, value = pairs[location[0]]
        path = joined(path, location[0])
        inner = _section(shape, location[0])
        for name in location[1 : -1 if of_name else None]:
            within = self.pairs(value, path) if inner and isinstance(value, MappingNode) else {}
            if name in within:
                key, value = within[name]
                path, shape, inner = joined(path, name), inner, _section(inner, name)
        match kind:
            case "missing":
                node, message = key, missing_key(location[-1])
            case "extra_forbidden":
                node, message = key, unknown_key(location[-1], shape)
            case _:
                node = key if of_name else value
                message = why(kind, node)
        self.problems.add(position(node), path, message)
        return location[0]

    def spend(self, count: int, node: Node) -> None:
        """Count what aliases may have multiplied; the file ends where it asks for too much."""
        self._expanded += count
        if self._expanded > MAX_EXPANDED:
            message = f"more than {MAX_EXPANDED:,} ions and merged keys, with all aliases expanded; reading ends here"
            raise self.problems.fatal(*position(node), message)

    def _read(self, node: Node, path: str, merges: int) -> Pairs:
        if not isinstance(node, MappingNode) or has_tag(node):
            self._refuse(node, path)
            return {}
        own: Pairs = {}
        merge: tuple[Node, Node] | None = None
        for pair in node.value:
            key = pair[0]
            if not isinstance(key, ScalarNode) or has_tag(key):
                self.problems.add(position(key), path, no_tags(key) if has_tag(key) else "a key must be one name")
            elif key.value == "<<" and not key.style:
                if merge:
                    self._duplicate(key, merge[0], path)
                merge = merge or pair
            elif key.value in own:
                self._duplicate(key, own[key.value][0], path)
            else:
                own[key.value] = pair  # as it is: a new tuple each takes megabytes
        return own if merge is None else self._merged(own, merge[1], path, merges + 1)

    def _refuse(self, node: Node, path: str) -> None:
        if is_empty(node):
            return
        self.problems.add(position(node), path, no_tags(node) if has_tag(node) else NO_MAPPING)

    def _duplicate(self, key: ScalarNode, first: Node, path: str) -> None:
        line, column = position(first)
        message = f"duplicate key, first at {self.problems.source}:{line}:{column}"
        self.problems.add(position(key), joined(path, key.value), message)

    def _merged(self, own: Pairs, value: Node, path: str, merges: int) -> Pairs:
        """The mapping's own pairs over those of `<<`; of several, the first one wins, as YAML's merge type has it."""
        if merges > _MAX_MERGES:
            self.problems.add(position(value), joined(path, "<<"), f"merges nested deeper than {_MAX_MERGES} levels")
            return own
        merged: Pairs = dict(own)
        for source in _merge_sources(value):
            if not isinstance(source, MappingNode):
                self.problems.add(position(source), joined(path, "<<"), "merges a mapping, or a list of mappings")
                continue
            pairs = self.pairs(source, path, merges)
            self.spend(len(pairs) + 1, value)
            for name, pair in pairs.items():
                merged.setdefault(name, pair)
        return merged


def _merge_sources(value: Node) -> Iterator[Node]:
    return iter(value.value if isinstance(value, SequenceNode) else (value,))


@cache
def _adapter(shape: type) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def _errors(error: ValidationError) -> list[ErrorDetails]:
    return error.errors(include_url=False, include_context=False, include_input=False)


def _section(shape: Shape, name: str) -> Shape | None:
    """The mapping that a key of a mapping of this shape holds; None: a scalar, or an unknown key."""
    return _mapping(get_args(shape)[1]) if _is_dict(shape) else _sections(shape).get(name)


@cache
def _sections(shape: Shape) -> dict[str, Shape | None]:
    return {name: _mapping(held) for name, held in get_type_hints(shape).items()}


@cache
def _mapping(held: Shape) -> Shape | None:
    choices = get_args(held) if get_origin(held) in {Union, UnionType} else (held,)
    return next((one for one in choices if is_typeddict(one) or _is_dict(one)), None)


@cache
def _is_dict(held: Shape) -> bool:
    origin: object = get_origin(held)
    return origin is dict
