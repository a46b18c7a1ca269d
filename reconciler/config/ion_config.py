"""An ion application's `ion-config.edn` -> its lambdas: names, limits, what they are for.

In: a path, or text. Out: IonConfig, or ReconcileError that says where and what to do. The only I/O is reading the file.
Source of keys and defaults: https://docs.datomic.com/ions/ions-reference.html (`:lambdas`, `:concurrency-limit`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reconciler.config.edn import read_edn
from reconciler.model.errors import ReconcileError

DEFAULT_LIMIT: Final = 20  # reserved concurrency of an ion that says nothing
MAX_BYTES: Final = 256 * 1024  # some 8,000 lambdas; the parser takes half a second for them


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


def parse_ion_config(text: str, *, source: str) -> IonConfig:
    """The lambdas in the file's text; keys that say nothing of Lambda are passed over."""
    content = read_edn(text, source)
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
