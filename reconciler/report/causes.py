"""Causes that ions share, so that each is told once, with the number and the names of its ions.

In: what is to be told of each ion, as texts. Out: the same, the ions of one account and region together whose texts are
alike: equal but for the ion's own names, for which AWS's words about several ions then have `<ion>` and `<function>`.
"""

from collections.abc import Iterable, Iterator

from reconciler.model.observed import Key

Texts = tuple[str, ...]


def gathered(told: Iterable[tuple[Key, Texts]]) -> Iterator[tuple[tuple[Key, ...], Texts]]:
    """Ions and what is to be told of them, in the order in which each cause came first."""
    causes: dict[tuple[str, str, Texts], dict[Key, Texts]] = {}
    for key, texts in told:
        alike = tuple(_unnamed(text, key) for text in texts)
        causes.setdefault((key.account, key.region, alike), {})[key] = texts
    for (_, _, alike), ions in causes.items():
        first, *others = ions.values()
        yield tuple(ions), first if all(texts == first for texts in others) else alike


def _unnamed(text: str, key: Key) -> str:
    """The text without the names of the ion; `get` in `get-items` is no name."""
    return _replaced(_replaced(text, f"{key.function}:{key.alias}", "<ion>"), key.function, "<function>")


def _replaced(text: str, name: str, instead: str) -> str:
    said, *pieces = text.split(name)
    for piece in pieces:
        inside = _of_a_name(said[-1:]) or _of_a_name(piece[:1])
        said += (name if inside else instead) + piece
    return said


def _of_a_name(character: str) -> bool:
    return character.isalnum() or character in {"-", "_"}
