"""A draft -> the text of `warm.yaml`, as a person would have written it: short, aligned, the common settings once.

Written by hand rather than by a YAML library: comments are half of the file. Whatever AWS or an EDN file says goes into
comments only, made literal and kept on its line; names are quoted where any YAML reader could take them for
something else.
"""

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from reconciler.advise.init.entries import Entry, Said
from reconciler.config.edit import concurrency_words, schedule_words
from reconciler.model.desired import FollowLatest, Pinned, Unmanaged
from reconciler.model.scaling import Scaled
from reconciler.report.escape import escape

PAGE: Final = 100
FURTHEST: Final = 44  # the column, from the entry's own, beyond which no remark is moved to stand in line with others
Value = TypeVar("Value")
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_ESCAPED: Final = re.compile(r"[^A-Za-z0-9 _.:/@+=,-]")
_YAML_WORDS: Final = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})


@dataclass(frozen=True, slots=True)
class Aside:
    """A comment below the ions: a sentence, then entries that can be uncommented, or further sentences."""

    title: str
    entries: tuple[Entry, ...] = ()
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole file. `account`, `region`, `profile`, `group` None: not written."""

    heading: tuple[str, ...]
    account: str | None
    region: str | None
    group: str | None
    entries: tuple[Entry, ...]
    asides: tuple[Aside, ...] = ()
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class Defaults:
    """What is written once for all entries; None: nothing."""

    alias: str | None
    concurrency: int | Scaled | None


def yaml_text(draft: Draft) -> str:
    """The file, with a newline at its end."""
    defaults = common(draft.entries)
    return "\n".join(
        [
            *(part for sentence in draft.heading for part in _comment(sentence, 0)),
            "",
            "version: 1",
            *_place(draft),
            *_schedules(draft.entries),
            *_defaults(defaults),
            "",
            *_ions(draft, defaults),
            "",
        ]
    )


def common(entries: Sequence[Entry]) -> Defaults:
    """The most common alias and number; no number where an entry has none, since it would inherit it."""
    if len(entries) < 2:
        return Defaults(None, None)
    alias = _most_common(entry.alias for entry in entries)
    numbers = [entry.concurrency for entry in entries]
    if None in numbers or max(Counter(numbers).values()) < 2:
        return Defaults(alias, None)
    return Defaults(alias, _most_common(number for number in numbers if number is not None))


def _most_common(values: Iterable[Value]) -> Value:
    """The first of them, where several are as common."""
    return Counter(values).most_common(1)[0][0]


def _place(draft: Draft) -> Iterator[str]:
    yield ""
    if draft.account is None or draft.region is None:
        yield '# account: "123456789012"   # refuse to touch any other account'
        yield "# region: us-east-1         # else AWS_REGION, AWS_DEFAULT_REGION, the profile's"
        return
    yield f"account: {_quoted(draft.account)}   # any other account is refused"
    yield f"region: {_name(draft.region)}"
    if draft.profile is not None:
        yield f"profile: {_quoted(draft.profile)}"


def _schedules(entries: Iterable[Entry]) -> Iterator[str]:
    scaled = (entry.concurrency for entry in entries if isinstance(entry.concurrency, Scaled))
    schedules = dict.fromkeys(window.schedule for each in scaled for window in each.windows)
    if schedules:
        yield ""
        yield "schedules:"
        yield from (f"  {schedule_words(schedule)}" for schedule in schedules)


def _defaults(defaults: Defaults) -> Iterator[str]:
    if defaults.alias is None:
        return
    yield ""
    yield "defaults:"
    yield f"  alias: {_name(defaults.alias)}"
    if defaults.concurrency is not None:
        yield f"  concurrency: {concurrency_words(defaults.concurrency)}"


def _ions(draft: Draft, defaults: Defaults) -> Iterator[str]:
    if draft.group is None:
        yield "ions:"
    else:
        yield "groups:"
        yield f"  {_name(draft.group)}:"
        yield "    ions:"
    indent = 2 if draft.group is None else 6
    yield from _section(draft.entries, defaults, indent)
    for aside in draft.asides:
        yield ""
        yield from _aside(aside, defaults, indent)


def _section(entries: Sequence[Entry], defaults: Defaults, indent: int) -> Iterator[str]:
    lines = [_line(entry, defaults) for entry in entries]
    column = max((len(line) for line in lines if len(line) <= FURTHEST), default=0)
    for entry, line in zip(entries, lines, strict=True):
        remark = f"{line.ljust(column)}  # {escape(entry.remark)}" if entry.remark else line
        beside = indent + len(remark) <= PAGE
        for note in entry.notes if beside else (entry.remark, *entry.notes):
            yield from _comment(note, indent)
        yield f"{' ' * indent}{remark if beside else line}"


def _aside(aside: Aside, defaults: Defaults, indent: int) -> Iterator[str]:
    yield from _comment(aside.title, indent)
    yield from (
        f"{' ' * indent}# {line.strip()}" for line in _section([_bare(one) for one in aside.entries], defaults, 0)
    )
    for said in aside.said:
        yield from _comment(f"- {said.sentence}", indent)
        if said.command:
            yield f"{' ' * indent}#     {escape(said.command)}"


def _bare(entry: Entry) -> Entry:
    """What stands in a comment already has no notes above it: they follow the line."""
    return replace(entry, remark="; ".join([*([entry.remark] if entry.remark else []), *entry.notes]), notes=())


def _line(entry: Entry, defaults: Defaults) -> str:
    """`get-items: 5`, `get-items:`, or what else differs from the defaults, in braces."""
    differing = {
        "function": _name(entry.function) if entry.function else None,
        "alias": None if entry.alias == defaults.alias else _name(entry.alias),
        "version": _version(entry),
        "concurrency": None if entry.concurrency == defaults.concurrency else _number(entry.concurrency),
    }
    written = {key: value for key, value in differing.items() if value is not None}
    if not written:
        return f"{_name(entry.name)}:"
    if list(written) == ["concurrency"] and isinstance(entry.concurrency, int):
        return f"{_name(entry.name)}: {written['concurrency']}"
    return f"{_name(entry.name)}: {{{', '.join(f'{key}: {value}' for key, value in written.items())}}}"


def _number(concurrency: int | Scaled | None) -> str | None:
    return None if concurrency is None else concurrency_words(concurrency)


def _version(entry: Entry) -> str | None:
    match entry.version:
        case FollowLatest():
            return None
        case Pinned(number):
            return number if number.isdecimal() else _quoted(number)
        case Unmanaged():
            return "unmanaged"


def _name(name: str) -> str:
    """A name, in quotes where plain text would be another thing to some reader."""
    plain = _PLAIN.fullmatch(name) and name.lower() not in _YAML_WORDS
    return name if plain else _quoted(name)


def _quoted(text: str) -> str:
    """Any text as a YAML scalar: what could end it, hide in it or be taken for a CI's command is escaped."""
    escaped = _ESCAPED.sub(lambda found: f"\\U{ord(found[0]):08x}", text)
    return f'"{escaped}"'


def _comment(sentence: str, indent: int) -> Iterator[str]:
    margin = f"{' ' * indent}# "
    following = margin + ("  " if sentence.startswith("- ") else "")
    yield from textwrap.wrap(
        escape(sentence),
        PAGE,
        initial_indent=margin,
        subsequent_indent=following,
        break_long_words=False,
        break_on_hyphens=False,
    )
