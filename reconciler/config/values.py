"""One scalar of the file -> one value, or Wrong with the sentence that tells how to write it.

The text is taken as it was written. Where YAML 1.1 and 1.2, or a careless eye, read it differently (an unquoted
account id, `on`, `010`, `0x10`, `1_000`, `1.0`) it is refused, so that every reader of the file sees the same.
Nothing here knows where in the file it is.
"""

import math
import re
from collections.abc import Callable
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from reconciler.config.document import has_tag
from reconciler.config.problems import did_you_mean, shown
from reconciler.model.desired import FollowLatest, Pinned, Unmanaged, VersionWish

Reader = Callable[[Node], Any]

# AWS's patterns, from Lambda's, STS's and IAM's service models.
FUNCTION = r"^[a-zA-Z0-9_-]{1,64}$"
ALIAS = r"^(?![0-9]+$)[a-zA-Z0-9_-]{1,128}$"
ACCOUNT = r"^[0-9]{12}$"
REGION = r"^[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}$"
ROLE_ARN = r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[a-zA-Z0-9_+=,.@/-]+$"
EXTERNAL_ID = r"^[a-zA-Z0-9_+=,.@:/-]{2,1224}$"
PROFILE = r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$"
NUMBER = r"^[1-9][0-9]{0,17}$"
MAX_INTEGER = 2**31 - 1

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_NAME = re.compile(FUNCTION)
_ALIAS = re.compile(ALIAS)
_VERSION_NUMBER = re.compile(NUMBER)
_INTEGER = re.compile(r"0|[1-9][0-9]*")
_DECIMAL = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_PLAIN_NOT_TEXT = re.compile(
    r"~|null|true|false|yes|no|on|off"
    r"|[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-f_]+|[0-9][0-9_]*(:[0-5]?[0-9])*(\.[0-9_]*)?(e[-+]?[0-9]+)?|\.[0-9][0-9_]*)"
    r"|[-+]?\.inf|\.nan"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([tT \t].*)?",
    re.IGNORECASE,
)


class Wrong(Exception):  # noqa: N818 - the sentence is the point
    """Why a value can't be taken, and how to write it."""


def scalar(node: Node) -> ScalarNode:
    if has_tag(node):
        raise Wrong(no_tags(node))
    if not isinstance(node, ScalarNode):
        raise Wrong(f"a {'mapping' if isinstance(node, MappingNode) else 'list'} where one value belongs")
    return node


def no_tags(node: Node) -> str:
    tag = str(node.tag).replace("tag:yaml.org,2002:", "!!")
    return f"YAML tags are not read; take {shown(tag)} away"


def is_empty(node: Node) -> bool:
    """Nothing, `~` or `null`, without quotes."""
    return isinstance(node, ScalarNode) and not node.style and node.value in _NULLS and not has_tag(node)


def text(node: Node) -> str:
    """Text in quotes, or plain where no YAML reader can take it for anything else."""
    one = scalar(node)
    value: str = one.value
    if is_empty(one):
        raise Wrong("is empty; give it a value or take the key out")
    return _unmistakable(one, value)


def name(node: Node) -> str:
    """A key of the file's own choosing: an ion's or a group's name."""
    one = scalar(node)
    value: str = one.value
    if not value:
        raise Wrong("a name is missing before the `:`")
    return _unmistakable(one, value)


def _unmistakable(node: ScalarNode, value: str) -> str:
    if not node.style and _PLAIN_NOT_TEXT.fullmatch(value):
        raise Wrong(f'quote it: to YAML, {shown(value)} without quotes is not text; write "{shown(value)}"')
    return value


def account(node: Node) -> str:
    one = scalar(node)
    value: str = one.value
    if not re.fullmatch(ACCOUNT, value):
        raise Wrong('an AWS account id is 12 digits in quotes, like "123456789012"')
    if not one.style:
        raise Wrong(f'quote it: without quotes YAML reads an account id as a number; write "{value}"')
    return value


def _matching(pattern: str, rule: str) -> Callable[[Node], str]:
    compiled = re.compile(pattern)

    def read(node: Node) -> str:
        value = text(node)
        if not compiled.fullmatch(value):
            raise Wrong(f"{shown(value)!r} is not {rule}")
        return value

    return read


region = _matching(REGION, "an AWS region, like us-east-1")
role_arn = _matching(ROLE_ARN, "a role's ARN, like arn:aws:iam::123456789012:role/NAME")
external_id = _matching(EXTERNAL_ID, "an external id: 2 to 1224 letters, digits and + = , . @ : / _ -")
profile = _matching(PROFILE, "a profile's name")


def function(node: Node) -> str:
    value = text(node)
    check_function(value)
    return value


def check_function(name: str) -> None:
    """Raise Wrong unless AWS takes it for a function's name."""
    if _NAME.fullmatch(name):
        return
    if len(name) > 64:
        raise Wrong(f"the Lambda name {shown(name)} has {len(name)} characters; AWS allows 64")
    if ":" in name:
        raise Wrong(f"{shown(name)!r} is more than a name: write neither ARN nor account nor qualifier")
    raise Wrong(f"{shown(name)!r} is not a Lambda name: AWS allows letters, digits, - and _")


def alias(node: Node) -> str:
    digits = re.fullmatch("[0-9]+", scalar(node).value)
    if digits:
        raise Wrong(f"{shown(digits[0])!r} can't be an alias: AWS takes digits alone for a version")
    value = text(node)
    if _ALIAS.fullmatch(value):
        return value
    if len(value) > 128:
        raise Wrong(f"an alias of {len(value)} characters; AWS allows 128")
    raise Wrong(f"{shown(value)!r} is not an alias: AWS allows letters, digits, - and _")


def whole(node: Node) -> int:
    """A plain non-negative decimal integer; everything that only looks like one is refused."""
    one = scalar(node)
    value: str = one.value
    if not one.style and _INTEGER.fullmatch(value):
        if len(value) > 10 or int(value) > MAX_INTEGER:
            raise Wrong(f"{shown(value)} is too large")
        return int(value)
    raise Wrong(_why_not_whole(one, value))


def _why_not_whole(node: ScalarNode, value: str) -> str:
    if is_empty(node):
        return "is empty; write a whole number, or take the key out"
    if node.style and _INTEGER.fullmatch(value):
        return f"write the number without quotes: {shown(value)}"
    if re.fullmatch(r"-[0-9]+", value):
        return f"{shown(value)} is negative; write 0 or more"
    if re.fullmatch(r"0[0-9]+", value):
        return f"{shown(value)} has a leading zero, which YAML may read as octal; write {value.lstrip('0')[:10] or '0'}"
    return f"{shown(value)!r} is not a whole number; write it in plain digits, like 5"


def amount(node: Node) -> float:
    """A plain non-negative decimal number."""
    one = scalar(node)
    value: str = one.value
    if not one.style and len(value) <= 40 and _DECIMAL.fullmatch(value) and math.isfinite(float(value)):
        return float(value)
    if is_empty(one):
        raise Wrong("is empty; write a number, or take the key out")
    if one.style and _DECIMAL.fullmatch(value):
        raise Wrong(f"write the number without quotes: {shown(value)}")
    raise Wrong(f"{shown(value)!r} is not a number of 0 or more; write it in plain digits, like 500 or 0.0000041667")


def version(node: Node) -> VersionWish:
    """`latest`, `unmanaged` or a published version's number."""
    one = scalar(node)
    value: str = one.value
    wish = _VERSION_WORDS.get(value)
    if wish is not None:
        return wish
    if _VERSION_NUMBER.fullmatch(value):
        return Pinned(value)
    if is_empty(one):
        raise Wrong("is empty; write latest, unmanaged or a version's number, or take the key out")
    raise Wrong(_why_no_version(value))


def _why_no_version(value: str) -> str:
    if re.fullmatch("0+", value):
        return "published versions begin at 1; write latest to follow $LATEST"
    if re.fullmatch("0+[1-9][0-9]*", value):
        return f"{shown(value)} has a leading zero; write {shown(value.lstrip('0'))}"
    hint = ", did you mean latest?" if "latest" in value.lower() else did_you_mean(value, _VERSION_WORDS)
    return f"{shown(value)!r} is not a version: latest, unmanaged or a published version's number{hint}"


_VERSION_WORDS: dict[str, VersionWish] = {"latest": FollowLatest(), "unmanaged": Unmanaged()}


def format_version(node: Node) -> int:
    """The version of the file's own format."""
    one = scalar(node)
    value: str = one.value
    if value == "1" and not one.style:
        return 1
    if value == "1":
        raise Wrong("write the number without quotes: 1")
    if is_empty(one):
        raise Wrong("is empty; write `version: 1`, the file's format")
    raise Wrong(f"format version {shown(value)} is not supported; this release reads version 1")
