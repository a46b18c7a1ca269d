"""The JSON Schema (draft 2020-12) of `warm.yaml`, for editors, out of the same tables that the parser reads by.

It says what one key may hold. What needs more than one place of the file (a missing alias, joined names, two ions on
one alias) only `reconcile validate` can tell.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from reconciler.config import keys, values
from reconciler.config.keys import Field


def json_schema() -> dict[str, object]:
    """A new document each time: the caller may change it."""
    return deepcopy(_schema())


def _schema() -> dict[str, object]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "warm.yaml",
        "description": "Aliases and provisioned concurrency of Lambdas, as `reconcile` keeps them.",
        **_mapping(keys.TOP, {**_inner("top"), "version": keys.TOP["version"].schema}),
        "required": ["version"],
        "$defs": {
            "defaults": _optional(_mapping(keys.DEFAULTS, {})),
            "ion": {
                "description": "A mapping, the provisioned concurrency alone, or nothing: all by the defaults.",
                "anyOf": [_mapping(keys.ION, {}), dict(keys.ION["concurrency"].schema), {"type": "null"}],
            },
            "ions": _optional({"type": "object", "additionalProperties": {"$ref": "#/$defs/ion"}}),
            "group": _optional(_mapping(keys.GROUP, _inner("group"))),
            "price": {**_mapping(keys.PRICE, {}), "required": list(keys.PRICE)},
        },
    }


def _inner(where: str) -> dict[str, Mapping[str, Any]]:
    """The sub-mappings of the top or of a group."""
    both: dict[str, Mapping[str, Any]] = {
        "defaults": {"$ref": "#/$defs/defaults"},
        "ions": {"$ref": "#/$defs/ions"},
    }
    if where == "group":
        return both
    return {
        **both,
        "groups": _optional(_by_name({"$ref": "#/$defs/group"}, values.FUNCTION)),
        "limits": _optional(_mapping(keys.LIMITS, {})),
        "prices": _optional(_by_name({"$ref": "#/$defs/price"}, values.REGION)),
    }


def _mapping(table: Mapping[str, Field], inner: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """One closed mapping by its table; `inner` are the schemas of its sub-mappings."""
    properties = {
        name: {"description": field.about, **(field.schema if field.read else inner[name])}
        for name, field in table.items()
    }
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _by_name(each: dict[str, Any], names: str) -> dict[str, Any]:
    return {"type": "object", "propertyNames": {"pattern": names}, "additionalProperties": each}


def _optional(mapping: dict[str, Any]) -> dict[str, Any]:
    """A section that is left empty asks for nothing."""
    return {**mapping, "type": [mapping["type"], "null"]}
