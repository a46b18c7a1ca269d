"""`warm.yaml`: text in, Config out, or ConfigError with everything that is wrong and where.

Nothing here talks to AWS, and only `read` does I/O. What each key may hold stands in `keys`; parser and JSON Schema
both go by it.
"""

from reconciler.config.identity import fingerprint
from reconciler.config.parser import parse
from reconciler.config.reading import read
from reconciler.config.schema import json_schema
from reconciler.config.selection import select

__all__ = ["fingerprint", "json_schema", "parse", "read", "select"]
