"""The JSON Schema (draft 2020-12) of `warm.yaml`, for editors, as pydantic makes it from the declaration.

It says what one key may hold. What needs more than one place of the file (a missing alias, joined names, two ions on
one alias) only `reconcile validate` can tell.
"""

from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import DictSchema

from reconciler.config.declaration import File


def json_schema() -> dict[str, Any]:
    """A new document each time: the caller may change it."""
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        **TypeAdapter(File).json_schema(schema_generator=_ClosedSchema),
    }


class _ClosedSchema(GenerateJsonSchema):
    """No titles that only repeat a key, and no names beside those that a pattern allows."""

    def field_title_should_be_set(self, _: object) -> bool:
        return False

    def dict_schema(self, schema: DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        return {**made, "additionalProperties": False} if "patternProperties" in made else made
