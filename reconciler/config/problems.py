"""The problems of one file, gathered so that all of them are printed at once, and the words that they share.

A node that several groups share through an anchor is read once per group; a problem of it that does not name the
group is the same each time and kept once.
"""

from collections.abc import Iterable

from reconciler.model.errors import ConfigError, Problem

_LONGEST = 80
_MOST = 10_000


class Problems:
    """What is wrong with the file called `source`; `raise_any` at the end of reading."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._found: dict[tuple[int, int, str], Problem] = {}

    def add(self, position: tuple[int, int], path: str, message: str) -> None:
        line, column = position
        if (line, column, message) in self._found:
            return
        self._found[line, column, message] = self._problem(line, column, path, message)
        if len(self._found) >= _MOST:
            end = self._problem(line, column, "", f"{_MOST:,} problems; reading ends here")
            raise ConfigError((*sorted(self._found.values()), end))

    def fatal(self, line: int, column: int, message: str, path: str = "") -> ConfigError:
        """The only problem: nothing after it can be told."""
        return ConfigError((self._problem(line, column, path, message),))

    def raise_any(self) -> None:
        if self._found:
            raise ConfigError(tuple(sorted(self._found.values())))

    def _problem(self, line: int, column: int, path: str, message: str) -> Problem:
        return Problem(line, column, f"{self.source}:{line}:{column}", path, message)


def shown(text: str) -> str:
    """Text of the file as it may be printed: no control characters, and not endless."""
    printable = text if text.isprintable() else text.encode("unicode_escape").decode()
    return printable if len(printable) <= _LONGEST else f"{printable[: _LONGEST - 1]}…"


def joined(path: str, key: str) -> str:
    name = shown(key) or '""'
    return f"{path}.{name}" if path else name


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`, did you mean X?`, or nothing when no known word is near. `role` is taken for `role_arn`."""
    names = tuple(known)
    near = [name for name in names if word and name.startswith(f"{word}_")] or nearest(word, names, count=1)
    return f", did you mean {near[0]}?" if near else ""


def nearest(word: str, known: Iterable[str], *, count: int) -> tuple[str, ...]:
    import difflib  # noqa: PLC0415 - only a mistake needs it

    return tuple(difflib.get_close_matches(word[:_LONGEST], sorted(set(known)), n=count, cutoff=0.6))
