"""One node of the file -> what pydantic may validate.

A scalar becomes a str, int, float or None only where every YAML reader, and a careless eye, reads the same. Whatever
YAML 1.1 and 1.2 read differently (`on`, `010`, `0x10`, `1_000`) stays a node, which no type of the declaration takes.
"""

import re
from typing import Final

from ruamel.yaml.nodes import Node, ScalarNode

from reconciler.config.document import has_tag

INTEGER: Final = re.compile(r"0|[1-9][0-9]*")
DECIMAL: Final = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_NOT_TEXT: Final = re.compile(
    r"~|null|true|false|yes|no|on|off"
    r"|[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-f_]+|[0-9][0-9_]*(:[0-5]?[0-9])*(\.[0-9_]*)?(e[-+]?[0-9]+)?|\.[0-9][0-9_]*)"
    r"|[-+]?\.inf|\.nan"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([tT \t].*)?",
    re.IGNORECASE,
)


def unambiguous(node: Node) -> str | int | float | Node | None:
    """The scalar's value, or the node itself where it is ambiguous, tagged or no scalar."""
    if not isinstance(node, ScalarNode) or has_tag(node):
        return node
    value: str = node.value
    if node.style:
        return value
    if value in _NULLS:
        return None
    if not _NOT_TEXT.fullmatch(value):
        return value
    if len(value) <= 18 and INTEGER.fullmatch(value):
        return int(value)
    return float(value) if len(value) <= 40 and DECIMAL.fullmatch(value) else node


def is_empty(node: Node) -> bool:
    """Nothing, `~` or `null`, without quotes."""
    return isinstance(node, ScalarNode) and not node.style and node.value in _NULLS and not has_tag(node)


def needs_quotes(node: ScalarNode) -> bool:
    """Whether YAML takes the scalar for something else than text."""
    return not node.style and bool(_NOT_TEXT.fullmatch(node.value))
