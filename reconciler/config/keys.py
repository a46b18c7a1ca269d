"""The keys of `warm.yaml`: one table per mapping, which the parser and the JSON Schema both follow.

A Field says how the value is read (None: a mapping, which the parser descends into) and what an editor is told of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.config import values
from reconciler.config.values import Reader


@dataclass(frozen=True, slots=True)
class Field:
    """One key: its reader, and its part of the JSON Schema."""

    read: Reader | None
    about: str
    schema: Mapping[str, Any] = field(default_factory=dict)


_TEXT = {"type": "string"}
_WHOLE = {"type": "integer", "minimum": 0, "maximum": values.MAX_INTEGER}
_AMOUNT = {"type": "number", "minimum": 0}


def _pattern(pattern: str) -> dict[str, str]:
    return {"type": "string", "pattern": pattern}


CONNECTION: dict[str, Field] = {
    "account": Field(
        values.account,
        "The AWS account id, in quotes. Optional: any other account is refused.",
        _pattern(values.ACCOUNT),
    ),
    "region": Field(
        values.region,
        "The AWS region. Optional: else AWS_REGION, AWS_DEFAULT_REGION, the profile's.",
        _pattern(values.REGION),
    ),
    "profile": Field(values.profile, "The profile of AWS's shared configuration to use.", _pattern(values.PROFILE)),
    "role_arn": Field(
        values.role_arn,
        "The role to assume, from the profile or the ambient credentials.",
        _pattern(values.ROLE_ARN),
    ),
    "external_id": Field(
        values.external_id,
        "The external id that the role asks for; goes with role_arn.",
        _pattern(values.EXTERNAL_ID),
    ),
}

DEFAULTS: dict[str, Field] = {
    "alias": Field(
        values.alias,
        "The alias that callers use. Required, here or in a `defaults`.",
        _pattern(values.ALIAS),
    ),
    "concurrency": Field(
        values.whole,
        "Provisioned concurrency on the alias. 0: none, an existing one is removed. Left out everywhere: not managed.",
        _WHOLE,
    ),
    "version": Field(
        values.version,
        "`latest`: the alias follows $LATEST. A number: exactly that published version. "
        "`unmanaged`: the alias stays where it points.",
        {
            "anyOf": [
                {"enum": ["latest", "unmanaged"]},
                {"type": "integer", "minimum": 1, "maximum": 10**18 - 1},
                _pattern(values.NUMBER),
            ],
            "default": "latest",
        },
    ),
}

ION: dict[str, Field] = {
    **DEFAULTS,
    "function": Field(
        values.function,
        "The Lambda's full name, when it is not <group>-<ion> (at the top: the ion's name).",
        _pattern(values.FUNCTION),
    ),
}

LIMITS: dict[str, Field] = {
    "concurrency": Field(values.whole, "The most provisioned concurrency, per account and region.", _WHOLE),
    "monthly_usd": Field(values.amount, "The highest price a month in USD, per account and region.", _AMOUNT),
}

PRICE: dict[str, Field] = {
    "x86_64": Field(values.amount, "USD per GB-second of provisioned concurrency on x86_64.", _AMOUNT),
    "arm64": Field(values.amount, "USD per GB-second of provisioned concurrency on arm64.", _AMOUNT),
}

_DEFAULTS_AND_IONS: dict[str, Field] = {
    "defaults": Field(None, "Settings for every ion below that does not set them itself."),
    "ions": Field(None, "The ions of the group, by name; the Lambda is <group>-<ion>."),
}

GROUP: dict[str, Field] = {**CONNECTION, **_DEFAULTS_AND_IONS}

TOP: dict[str, Field] = {
    "version": Field(values.format_version, "The version of this file's format.", {"const": 1}),
    **CONNECTION,
    "defaults": _DEFAULTS_AND_IONS["defaults"],
    "ions": Field(None, "Lambdas by full function name, in the account and region above."),
    "groups": Field(None, "Datomic compute groups, by name; the Lambda is <group>-<ion>."),
    "limits": Field(None, "Plans that go beyond are refused."),
    "prices": Field(None, "By region: USD per GB-second, where it differs from the built-in list prices."),
}


def elsewhere(name: str, table: Mapping[str, Field]) -> str | None:
    """Where a key belongs that exists, but not in this mapping."""
    if table is DEFAULTS and name == "function":
        return "belongs to one ion: as a default it would give every ion the same Lambda"
    if table in (DEFAULTS, ION) and name in CONNECTION:
        return "belongs to a group or to the top of the file, not to an ion"
    if table in (TOP, GROUP) and name in ION:
        return "belongs in a `defaults` or in one ion"
    return None
