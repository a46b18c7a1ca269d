"""An ion application's `ion-config.edn` -> its lambdas: names, limits, what they are for.

In: a path, or text. Out: IonConfig, or ReconcileError that says where and what to do. The only I/O is reading the file.
Source of keys and defaults: https://docs.datomic.com/ions/ions-reference.html (`:lambdas`, `:concurrency-limit`).
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reconciler.model.errors import ReconcileError

DEFAULT_LIMIT: Final = 20  # reserved concurrency of an ion that says nothing
MAX_BYTES: Final = 256 * 1024  # some 8,000 lambdas; the parser takes half a second for them
MAX_DEPTH: Final = 64  # a file needs 4; the parser's results are walked recursively
_TAG: Final = re.compile(r"#([A-Za-z][\w.*+!?$%&=<>/-]*)")
_KNOWN_TAGS: Final = frozenset({"inst", "uuid"})
_NESTING: Final = re.compile(  # text, comments and characters are passed over whole
    r""""(?:\\.|[^"\\])*"?|;[^\n]*|\\.|(?P<opened>[(\[{])|(?P<closed>[)\]}])""", re.DOTALL
)
_POSITION: Final = re.compile(r"lexpos (\d+)")


@dataclass(frozen=True, slots=True)
class IonLambda:
    """One entry of `:lambdas`. `limit`: the reserved concurrency that deploying sets; None: `:none`."""

    name: str
    description: str = ""
    limit: int | None = DEFAULT_LIMIT


@dataclass(frozen=True, slots=True)
class IonConfig:
    """The lambdas of one application, sorted by name."""

    source: str
    lambdas: tuple[IonLambda, ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(ion.name for ion in self.lambdas)


def read_ion_config(path: str) -> IonConfig:
    """The file at `path`."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        hint = "name it with --ion-config PATH; in an ion application it is resources/datomic/ion-config.edn"
        raise ReconcileError(f"can't be read: {reason or error}", where=path, hint=hint) from None
    _check_size(content, path)
    try:
        return parse_ion_config(content.decode(), source=path)
    except UnicodeDecodeError:
        raise ReconcileError("is not UTF-8", where=path, hint="save the file as UTF-8") from None


def _check_size(content: bytes, source: str) -> None:
    if len(content) > MAX_BYTES:
        hint = "name an ion application's resources/datomic/ion-config.edn, or a copy with fewer of its :lambdas"
        raise ReconcileError(f"larger than {MAX_BYTES // 1024} KiB", where=source, hint=hint)


def _check_depth(text: str, source: str) -> None:
    depth = 0
    for found in _NESTING.finditer(text):
        depth += (found["opened"] is not None) - (found["closed"] is not None)
        if depth > MAX_DEPTH:
            where = _place(text, found.start(), source)
            hint = "an ion-config.edn needs 4 levels; is a closing bracket missing?"
            raise ReconcileError(f"nested deeper than {MAX_DEPTH} levels", where=where, hint=hint)


def parse_ion_config(text: str, *, source: str) -> IonConfig:
    """The lambdas in the file's text; keys that say nothing of Lambda are passed over."""
    _check_depth(text, source)
    content = _plain(_loaded(text, source))
    lambdas = content.get("lambdas", {}) if isinstance(content, dict) else None
    if not isinstance(lambdas, dict):
        hint = 'it should be a map like {:allow […] :lambdas {:my-ion {:fn my.ns/my-fn}} :app-name "my-app"}'
        raise ReconcileError("has no map of :lambdas", where=source, hint=hint)
    return IonConfig(source, tuple(_lambda(str(name), lambdas[name], source) for name in sorted(lambdas, key=str)))


def _lambda(name: str, entry: object, source: str) -> IonLambda:
    if not isinstance(entry, dict):
        hint = "each lambda is a map with at least :fn"
        raise ReconcileError(f":lambdas :{name} is not a map", where=source, hint=hint)
    return IonLambda(name, str(entry.get("description") or ""), _limit(name, entry, source))


def _limit(name: str, entry: Mapping[object, object], source: str) -> int | None:
    limit = entry.get("concurrency-limit", DEFAULT_LIMIT)
    if limit == "none":
        return None
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        hint = "a positive whole number, or :none; left out it is 20"
        raise ReconcileError(f":lambdas :{name} :concurrency-limit can't be understood", where=source, hint=hint)
    return limit


# ---------------------------------------------------------------- EDN


def _loaded(text: str, source: str) -> object:
    import edn_format  # type: ignore[import-untyped]  # noqa: PLC0415 - slow, and only two commands may need it

    try:
        with _any_tag(text):
            return edn_format.loads(text, write_ply_tables=False)
    except Exception as error:  # noqa: BLE001 - another's parser on anybody's text
        hint = 'a Clojure REPL tells more: (clojure.edn/read-string (slurp "ion-config.edn"))'
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
