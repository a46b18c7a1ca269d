"""EDN text -> Python's own values, or ReconcileError with the position. Nothing is evaluated.

Source of the format: https://github.com/edn-format/edn
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from reconciler.model.errors import ReconcileError

MAX_DEPTH: Final = 64  # a file needs 4; the parser's results are walked recursively
_TAG: Final = re.compile(r"#([A-Za-z][\w.*+!?$%&=<>/-]*)")
_KNOWN_TAGS: Final = frozenset({"inst", "uuid"})
_NESTING: Final = re.compile(  # text, comments and characters are passed over whole
    r""""(?:\\.|[^"\\])*"?|;[^\n]*|\\.|(?P<opened>[(\[{])|(?P<closed>[)\]}])""", re.DOTALL
)
_POSITION: Final = re.compile(r"lexpos (\d+)")


def read_edn(text: str, source: str) -> object:
    """The first form as Python's own: maps with text as keys; keywords and symbols by their name; metadata dropped.

    Raises ReconcileError with the position, as far as the parser tells it.
    """
    _check_depth(text, source)
    return _plain(_loaded(text, source))


def _check_depth(text: str, source: str) -> None:
    depth = 0
    for found in _NESTING.finditer(text):
        depth += (found["opened"] is not None) - (found["closed"] is not None)
        if depth > MAX_DEPTH:
            where = _place(text, found.start(), source)
            hint = "is a closing bracket missing?"
            raise ReconcileError(f"nested deeper than {MAX_DEPTH} levels", where=where, hint=hint)


def _loaded(text: str, source: str) -> object:
    import edn_format  # type: ignore[import-untyped]  # noqa: PLC0415 - slow, and only two commands may need it

    try:
        with _any_tag(text):
            return edn_format.loads(text, write_ply_tables=False)
    except Exception as error:  # noqa: BLE001 - another's parser on anybody's text
        hint = 'a Clojure REPL tells more: (clojure.edn/read-string (slurp "FILE"))'
        raise ReconcileError(f"is not EDN: {_complaint(error)}", where=_where(error, text, source), hint=hint) from None


@contextmanager
def _any_tag(text: str) -> Iterator[None]:
    """Take the value of a tag that the parser does not know as it stands."""
    from edn_format import add_tag, remove_tag  # noqa: PLC0415 - as above

    tags = set(_TAG.findall(text)) - _KNOWN_TAGS
    for tag in tags:
        add_tag(tag, lambda value: value)
    try:
        yield
    finally:
        for tag in tags:
            remove_tag(tag)


def _complaint(error: Exception) -> str:
    token = error.args[0] if error.args else None
    if hasattr(token, "lexpos"):
        return f"{getattr(token, 'value', token)!s} is out of place"
    words = str(error)
    if "EOF" in words:
        return "it ends before everything that it opens is closed"
    return "Illegal character" if words.startswith("Illegal character") else words or type(error).__name__


def _where(error: Exception, text: str, source: str) -> str:
    """With line and column, where the parser says how far it came."""
    token = error.args[0] if error.args else None
    found = _POSITION.search(str(error))
    at = getattr(token, "lexpos", int(found[1]) if found else None)
    return _place(text, at, source) if isinstance(at, int) else source


def _place(text: str, at: int, source: str) -> str:
    before = text[:at]
    return f"{source}:{before.count(chr(10)) + 1}:{at - (before.rfind(chr(10)) + 1) + 1}"


def _plain(value: object) -> object:
    """EDN as Python's own: maps with text as keys; keywords and symbols by their name; metadata dropped."""
    from edn_format.edn_lex import Keyword, MetadataValue, Symbol  # type: ignore[import-untyped]  # noqa: PLC0415

    while isinstance(value, MetadataValue):
        value = value.value
    match value:
        case Keyword() | Symbol():
            return str(value.name)
        case Mapping():
            return {str(_plain(key)): _plain(member) for key, member in value.items()}
        case _:
            return value
