"""What a person is told about a node that the declaration refuses: why, and how to write it.

Rules stand in `declaration`; a sentence is looked up by the error's name, and only picks the words. Nothing here knows
where in the file the node is.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from reconciler.config.declaration import Connection, Defaults, File, Group, Ion, Price
from reconciler.config.document import has_tag
from reconciler.config.patterns import ACCOUNT
from reconciler.config.problems import did_you_mean, shown
from reconciler.config.scalars import DECIMAL, INTEGER, is_empty, needs_quotes

NO_MAPPING: Final = "must be a mapping: lines of `name: value`, indented below"


def why(error: str, node: Node) -> str:
    """The sentence for the `error` of a type (`Refused`), or pydantic's own for a mapping (`dict_type`)."""
    if has_tag(node):
        return no_tags(node)
    if error == "dict_type":
        return NO_MAPPING
    if isinstance(node, ScalarNode):
        return _SENTENCES[error](node)
    if error == "ion" and isinstance(node, SequenceNode):
        return "a list is no ion; write {alias: …, concurrency: …}, or its concurrency alone, like 5"
    return f"a {'mapping' if isinstance(node, MappingNode) else 'list'} where one value belongs"


def no_tags(node: Node) -> str:
    tag = str(node.tag).replace("tag:yaml.org,2002:", "!!")
    return f"YAML tags are not read; take {shown(tag)} away"


@cache  # merges bring one mistake again and again; the number of different ones is bounded
def unknown_key(name: str, shape: type) -> str:
    """Where the key belongs, which it may be meant for, or which there are in a mapping of this shape."""
    if shape is Defaults and name == "function":
        return "belongs to one ion: as a default it would give every ion the same Lambda"
    if shape in {Defaults, Ion} and name in Connection.__annotations__:
        return "belongs to a group or to the top of the file, not to an ion"
    if shape in {File, Group} and name in Ion.__annotations__:
        return "belongs in a `defaults` or in one ion"
    near = did_you_mean(name, shape.__annotations__)
    return f"unknown key{near}" if near else f"unknown key; known here: {', '.join(shape.__annotations__)}"


def missing_key(name: str) -> str:
    return f"{name} is missing; give both prices" if name in Price.__annotations__ else f"{name} is missing"


def function_name(name: str) -> str:
    if len(name) > 64:
        return f"the Lambda name {shown(name)} has {len(name)} characters; AWS allows 64"
    if ":" in name:
        return f"{shown(name)!r} is more than a name: write neither ARN nor account nor qualifier"
    return f"{shown(name)!r} is not a Lambda name: AWS allows letters, digits, - and _"


def _text(rule: Callable[[str], str]) -> Callable[[ScalarNode], str]:
    """The sentence of a type that is text: first what YAML makes of it, then the type's own rule."""

    def sentence(node: ScalarNode) -> str:
        if is_empty(node):
            return "is empty; give it a value or take the key out"
        return _quote(node) if needs_quotes(node) else rule(node.value)

    return sentence


def _quote(node: ScalarNode) -> str:
    return f'quote it: to YAML, {shown(node.value)} without quotes is not text; write "{shown(node.value)}"'


def _is_not(rule: str) -> Callable[[ScalarNode], str]:
    return _text(lambda value: f"{shown(value)!r} is not {rule}")


def _account(node: ScalarNode) -> str:
    if re.fullmatch(ACCOUNT, node.value):
        return f'quote it: without quotes YAML reads an account id as a number; write "{node.value}"'
    return 'an AWS account id is 12 digits in quotes, like "123456789012"'


def _name(node: ScalarNode) -> str:
    return _quote(node) if node.value else "a name is missing before the `:`"


def _group_name(value: str) -> str:
    return (
        f"{shown(value)!r} can't be a group: Lambdas are called <group>-<ion>, "
        "and AWS allows 64 letters, digits, - and _"
    )


def _group(node: ScalarNode) -> str:
    return _name(node) if needs_quotes(node) or not node.value else _group_name(node.value)


def _alias(node: ScalarNode) -> str:
    if re.fullmatch("[0-9]+", node.value):
        return f"{shown(node.value)!r} can't be an alias: AWS takes digits alone for a version"
    return _text(_alias_name)(node)


def _alias_name(value: str) -> str:
    if len(value) > 128:
        return f"an alias of {len(value)} characters; AWS allows 128"
    return f"{shown(value)!r} is not an alias: AWS allows letters, digits, - and _"


def _whole(node: ScalarNode) -> str:
    value: str = node.value
    if is_empty(node):
        return "is empty; write a whole number, or take the key out"
    if INTEGER.fullmatch(value):
        return f"write the number without quotes: {shown(value)}" if node.style else f"{shown(value)} is too large"
    if re.fullmatch(r"-[0-9]+", value):
        return f"{shown(value)} is negative; write 0 or more"
    if re.fullmatch(r"0[0-9]+", value):
        number = value.lstrip("0")[:10] or "0"
        return f"{shown(value)} has a leading zero, which YAML may read as octal; write {number}"
    return f"{shown(value)!r} is not a whole number; write it in plain digits, like 5"


def _ion(node: ScalarNode) -> str:
    if node.value[:1].isdigit() or node.value[:1] in {"-", "+", "."}:
        return _whole(node)
    return f"{shown(node.value)!r} is no ion: write {{alias: …, concurrency: …}}, or its concurrency alone, like 5"


def _amount(node: ScalarNode) -> str:
    value: str = node.value
    if is_empty(node):
        return "is empty; write a number, or take the key out"
    if node.style and DECIMAL.fullmatch(value):
        return f"write the number without quotes: {shown(value)}"
    return f"{shown(value)!r} is not a number of 0 or more; write it in plain digits, like 500 or 0.0000041667"


def _version(node: ScalarNode) -> str:
    value: str = node.value
    if is_empty(node):
        return "is empty; write latest, unmanaged or a version's number, or take the key out"
    if re.fullmatch("0+", value):
        return "published versions begin at 1; write latest to follow $LATEST"
    if re.fullmatch("0+[1-9][0-9]*", value):
        return f"{shown(value)} has a leading zero; write {shown(value.lstrip('0'))}"
    near = ", did you mean latest?" if "latest" in value.lower() else did_you_mean(value, ("latest", "unmanaged"))
    return f"{shown(value)!r} is not a version: latest, unmanaged or a published version's number{near}"


def _choice(*words: str) -> Callable[[ScalarNode], str]:
    """The sentence of a key that takes one of these words."""
    either = " or ".join(words)

    def sentence(node: ScalarNode) -> str:
        if is_empty(node):
            return f"is empty; write {either}, or take the key out"
        return f"{shown(node.value)!r} is no value here; write {either}{did_you_mean(node.value, words)}"

    return sentence


def _format(node: ScalarNode) -> str:
    if is_empty(node):
        return "is empty; write `version: 1`, the file's format"
    if node.style and node.value == "1":
        return "write the number without quotes: 1"
    return f"format version {shown(node.value)} is not supported; this release reads version 1"


def _time(node: ScalarNode) -> str:
    value: str = node.value
    if not node.style and re.fullmatch(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?", value):
        return f'quote it: YAML may read a time as a number; write "{value[:5]:0>5}"'
    return f'{shown(value)!r} is not a time of day: write "07:40", from "00:00" to "23:59"'


def _target(node: ScalarNode) -> str:
    return f"{shown(node.value)!r} is not a utilisation to aim at: write 0.1 to 0.9, like 0.7"


_SENTENCES: Final[Mapping[str, Callable[[ScalarNode], str]]] = {
    "account": _account,
    "region": _is_not("an AWS region, like us-east-1"),
    "profile": _is_not("a profile's name"),
    "role_arn": _is_not("a role's ARN, like arn:aws:iam::123456789012:role/NAME"),
    "external_id": _is_not("an external id: 2 to 1224 letters, digits and + = , . @ : / _ -"),
    "alias": _alias,
    "function": _text(function_name),
    "group": _group,
    "name": _name,
    "whole": _whole,
    "ion": _ion,
    "amount": _amount,
    "version": _version,
    "schedule": _is_not("a schedule's name: letters, digits, - . and _, 64 at most"),
    "time": _time,
    "target": _target,
    "permissions": _choice("mirror", "unmanaged"),
    "event_sources": _choice("alias", "unmanaged"),
    "format": _format,
}
