"""`warm.yaml`: text in, Config out, or ConfigError with everything that is wrong and where.

Stages: `document` composes the text into ruamel.yaml's nodes, `mappings` turns nodes into values and pydantic's errors
into problems with positions, `parser` merges defaults and connections, `checks` compares ions. `declaration` says what
each key may hold: validation and the JSON Schema come from it. `sentences` says what a person is told.
Only `read` does I/O, and nothing here talks to AWS.
"""

from reconciler.config.identity import fingerprint
from reconciler.config.parser import parse
from reconciler.config.reading import read
from reconciler.config.schema import json_schema
from reconciler.config.selection import select

__all__ = ["fingerprint", "json_schema", "parse", "read", "select"]
