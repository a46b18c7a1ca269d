"""A mapping node -> its pairs by name, merge keys (`<<`) followed, and its fields read by a table of keys.

Duplicate keys, keys that are not one name and unknown keys become problems here. Merges are followed once per mapping,
whatever the number of aliases, and what they and shared ions add up to is counted: a small file can ask for billions.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from reconciler.config.document import has_tag, position
from reconciler.config.keys import Field, elsewhere
from reconciler.config.problems import Problems, did_you_mean, joined
from reconciler.config.values import Wrong, is_empty, no_tags

Pairs = dict[str, tuple[Node, Node]]
MAX_EXPANDED = 200_000
_MAX_MERGES = 32


class _Broken:
    """Stands where a value was that could not be read: its problem is told, so nothing more is said about it."""


BROKEN: Final = _Broken()


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

    def fields(self, pairs: Pairs, path: str, table: Mapping[str, Field]) -> dict[str, Any]:
        """The values of the pairs that `table` knows; BROKEN where one is wrong. Unknown keys are problems."""
        values: dict[str, Any] = {}
        for name, (key, value) in pairs.items():
            field = table.get(name)
            if field is None:
                self.problems.add(position(key), joined(path, name), _unknown(name, table))
            elif field.read is not None:
                values[name] = self.value(field.read, value, path, name)
        return values

    def value(self, read: Callable[[Node], Any], node: Node, path: str, name: str = "") -> Any:  # noqa: ANN401 - as `read` gives
        """What `read` makes of the node, or BROKEN and a problem."""
        try:
            return read(node)
        except Wrong as wrong:
            self.problems.add(position(node), joined(path, name) if name else path, str(wrong))
            return BROKEN

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
        for key, value in node.value:
            if not isinstance(key, ScalarNode) or has_tag(key):
                self.problems.add(position(key), path, no_tags(key) if has_tag(key) else "a key must be one name")
            elif key.value == "<<" and not key.style:
                if merge:
                    self._duplicate(key, merge[0], path)
                merge = merge or (key, value)
            elif key.value in own:
                self._duplicate(key, own[key.value][0], path)
            else:
                own[key.value] = (key, value)
        return own if merge is None else self._merged(own, merge[1], path, merges + 1)

    def _refuse(self, node: Node, path: str) -> None:
        if is_empty(node):
            return
        message = no_tags(node) if has_tag(node) else "must be a mapping: lines of `name: value`, indented below"
        self.problems.add(position(node), path, message)

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


def _unknown(name: str, table: Mapping[str, Field]) -> str:
    place = elsewhere(name, table)
    if place:
        return place
    near = did_you_mean(name, table)
    return f"unknown key{near}" if near else f"unknown key; known here: {', '.join(table)}"
