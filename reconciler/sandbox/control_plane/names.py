"""How functions, versions and aliases are named: FunctionName in its forms, and the ARNs in the answers.

A FunctionName is a name, a partial ARN (`ACCOUNT:function:NAME`) or an ARN, each with `:QUALIFIER` behind it or not.
The text has passed the shape's own pattern before it comes here; so `…:function` alone is a function called "function".
"""

import re
from dataclasses import dataclass

from reconciler.model.observed import partition

LATEST = "$LATEST"
NUMBER = re.compile(r"[0-9]+")
ALIAS = re.compile(r"(?![0-9]+$)[a-zA-Z0-9-_]+")

_FUNCTION = re.compile(
    r"(?:arn:[^:]+:lambda:)?(?:(?P<region>[a-z]+(?:-[a-z]+)+-\d):)?(?:(?P<account>\d{12}):)?(?:function:)?"
    r"(?P<name>[a-zA-Z0-9-_.]+)(?::(?P<qualifier>[^:]+))?"
)


@dataclass(frozen=True, slots=True)
class FunctionName:
    """The parts of a FunctionName; None: not said."""

    name: str
    qualifier: str | None
    account: str | None
    region: str | None


def parse(text: str) -> FunctionName:
    """Take a well-shaped FunctionName apart."""
    match = _FUNCTION.fullmatch(text)
    if match is None:  # a form that the shape allows and this grammar does not
        return FunctionName(text, None, None, None)
    return FunctionName(match["name"], match["qualifier"], match["account"], match["region"])


def function_arn(region: str, account: str, name: str, qualifier: str | None = None) -> str:
    suffix = "" if qualifier is None else f":{qualifier}"
    return f"arn:{partition(region)}:lambda:{region}:{account}:function:{name}{suffix}"


def is_number(qualifier: str) -> bool:
    return NUMBER.fullmatch(qualifier) is not None


def is_alias(qualifier: str) -> bool:
    return ALIAS.fullmatch(qualifier) is not None
