"""Every JSON document that a test prints, read back by its model and held against the published schema."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # comes with the sandbox's extra
from pydantic import TypeAdapter

from reconciler.report.document import to_text
from reconciler.report.documents import PRINTED, Document, ErrorDocument, json_schema


def printed(document: Document) -> dict[str, Any]:
    """What it says once it is printed and read back."""
    return read_back(to_text(document))


def read_back(text: str) -> dict[str, Any]:
    """What it says. The model that reads it must write the same text again."""
    content: dict[str, Any] = json.loads(text)
    adapter, validator = _of(content["command"])
    assert to_text(adapter.validate_python(content)) == text
    validator.validate(content)
    return content


@cache
def _of(command: str) -> tuple[TypeAdapter[Any], Draft202012Validator]:
    if command not in PRINTED:  # all that it may print as JSON is an error
        return TypeAdapter(ErrorDocument), Draft202012Validator(ErrorDocument.model_json_schema())
    schema = json_schema(command)
    Draft202012Validator.check_schema(schema)
    return TypeAdapter(PRINTED[command]), Draft202012Validator(schema)
