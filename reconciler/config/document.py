"""The bytes of a file -> one tree of YAML nodes with positions, or the one problem that makes it unreadable.

libyaml's composer does the work: it keeps every scalar as it was written, expands no alias and decides no type, so
neither YAML 1.1's nor 1.2's idea of a number can get between the file and `scalars`. Refused here: what is not UTF-8,
control characters, more than 5 MiB, nesting that would overrun libyaml's stack, tags, a second document, anchors that
contain themselves. Knows nothing of ions.
"""

import re
from collections.abc import Iterator

from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined]  # the C extension has no types
from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.tag import Tag

from reconciler.config.problems import Problems, shown
from reconciler.model.errors import ConfigError

MINIMAL = """\
  version: 1
  ions:
    my-function: {alias: live, concurrency: 1}"""
MAX_BYTES = 5 * 1024 * 1024
MAX_DEPTH = 64  # the format needs 7; libyaml's recursive composer overruns the C stack at about 200,000
_NO_TAG = Tag(suffix="")
_BOM = b"\xef\xbb\xbf"
# U+0000 to U+001F but for tab and line ends, U+007F to U+009F but for U+0085, U+FFFE, U+FFFF, and a BOM in the text.
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x84\x86-\x9f]|\xef(?:\xbf[\xbe\xbf]|\xbb\xbf)")
_WORDS = {
    "found character that cannot start any token": "this character can't start a value; quote the text",
    "mapping values are not allowed in this context": "a second `: ` on this line, or a wrong indentation",
    "could not find expected ':'": "a key without its `:`, or a wrong indentation",
    "did not find expected key": "a wrong indentation, or a bracket that is closed too early",
    "found undefined alias": "this alias (`*name`) has no anchor (`&name`) before it",
    "found unexpected ':'": "a colon in text inside brackets; quote the text",
    "found incompatible YAML document": "write no %YAML line, or %YAML 1.2",
}
_BRACKETS = ("did not find expected ',' or '}'", "did not find expected ',' or ']'")


def compose(text: bytes, problems: Problems) -> Node:
    """The root node of the file's only document; raises ConfigError when there is none to be had."""
    _check_bytes(text, problems)
    root = _composed(text.removeprefix(_BOM), problems)
    if root is None or _is_blank(root):
        raise problems.fatal(1, 1, f"an empty file; a minimal one looks like:\n{MINIMAL}")
    if b"*" in text:
        _refuse_recursion(root, problems)
    return root


def _check_bytes(text: bytes, problems: Problems) -> None:
    if len(text) > MAX_BYTES:
        raise problems.fatal(1, 1, "larger than 5 MiB; split the file, or share ions by an anchor")
    try:
        text.decode()
    except UnicodeDecodeError as error:
        line, column = _position(text[: error.start].decode())
        raise problems.fatal(line, column, "not UTF-8 from here on; save the file as UTF-8") from None
    found = _CONTROL.search(text, len(_BOM) if text.startswith(_BOM) else 0)
    if found:
        line, column = _position(text[: found.start()].decode())
        control = ord(found[0].decode())
        raise problems.fatal(line, column, f"a control character (U+{control:04X}), which YAML forbids")


def _position(before: str) -> tuple[int, int]:
    """Line and column, from 1, of what comes after `before`."""
    before = before.removeprefix("\ufeff")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


class _TooDeepError(Exception):
    """Carries the node that nests too deep."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.node = node


class _Composer(CParser):  # type: ignore[misc]  # a C extension without types
    """libyaml's composer, told to decide no type and to stop before its stack overruns."""

    depth = 0

    def resolve(self, _kind: type[Node], _value: str | None, _implicit: object) -> Tag:
        return _NO_TAG

    def descend_resolver(self, parent: Node, _index: object) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _TooDeepError(parent)

    def ascend_resolver(self) -> None:
        self.depth -= 1


def _composed(text: bytes, problems: Problems) -> Node | None:
    parser = _Composer(text)
    try:
        root: Node | None = parser.get_single_node()
    except _TooDeepError as error:
        raise problems.fatal(*position(error.node), f"nested deeper than {MAX_DEPTH} levels") from None
    except MarkedYAMLError as error:
        raise _syntax(error, text, problems) from None
    except YAMLError as error:
        raise problems.fatal(1, 1, f"not YAML: {shown(str(error))}") from None
    finally:
        parser.dispose()
    return root


def _syntax(error: MarkedYAMLError, text: bytes, problems: Problems) -> ConfigError:
    """What libyaml complains of, in the words of somebody who edits a file."""
    line, column = _marked(error.problem_mark or error.context_mark)
    context, said = error.context or "", error.problem or str(error.context)
    opened = "{}:{}".format(*_marked(error.context_mark))
    if context == "expected a single document in the stream":
        words = "a second document (`---`); put everything into one"
    elif "duplicate anchor" in context:
        words = f"an anchor of this name exists already, at {opened}; name it differently"
    elif _is_tab(text, line, column):
        words = "a tab; indent with spaces"
    elif said in _BRACKETS:
        words = f"a comma is missing, or the end of the bracket opened at {opened}"
    elif context == "while scanning a quoted scalar" and "end of stream" in said:
        words = f"the quote opened at {opened} is never closed"
    else:
        words = _WORDS.get(said, f"not YAML: {f'{context} {said}'.strip()}")
    return problems.fatal(line, column, words)


def _marked(mark: StreamMark | None) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _is_tab(text: bytes, line: int, column: int) -> bool:
    lines = text.splitlines()
    return line <= len(lines) and b"\t" in lines[line - 1][: column + 1]


def _is_blank(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.value == "" and not node.style


def _refuse_recursion(root: Node, problems: Problems) -> None:
    """An anchor that contains an alias of itself has no end. Every node is looked at once, whatever the aliases."""
    open_nodes: set[int] = set()
    closed: set[int] = set()
    stack = [(root, _children(root))]
    open_nodes.add(id(root))
    while stack:
        node, rest = stack[-1]
        child = next(rest, None)
        if child is None:
            stack.pop()
            open_nodes.discard(id(node))
            closed.add(id(node))
        elif id(child) in open_nodes:
            raise problems.fatal(*position(child), "this anchor contains an alias of itself")
        elif id(child) not in closed:
            open_nodes.add(id(child))
            stack.append((child, _children(child)))


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node, MappingNode):
        return (part for pair in node.value for part in pair if not isinstance(part, ScalarNode))
    if isinstance(node, SequenceNode):
        return (part for part in node.value if not isinstance(part, ScalarNode))
    return iter(())


def position(node: Node) -> tuple[int, int]:
    """Line and column of a node, from 1."""
    return node.start_mark.line + 1, node.start_mark.column + 1


def has_tag(node: Node) -> bool:
    """Whether the file gives the node a YAML tag (`!!str`, `!Ref`)."""
    return node.ctag is not _NO_TAG
