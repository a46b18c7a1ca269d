"""Numbers for some ions of `warm.yaml` -> the same text with those numbers, and nothing else changed.

A YAML round trip would reindent, rewrap and drop what it does not know; here only the characters of a value are
replaced, at the position that the parser's nodes have, so that every comment, quote, anchor and line end stays. A
number that several ions share (in a `defaults`, under an anchor, through a merge) is nobody's own: it is told, and not
written. What was written is read back and compared: the file must say just what was meant.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from reconciler.config.document import compose, position
from reconciler.config.parser import parse
from reconciler.config.problems import Problems
from reconciler.config.scaled import DEFAULT_TARGET
from reconciler.model.desired import Config, Desired
from reconciler.model.errors import ConfigError, ReconcileError
from reconciler.model.scaling import Bounds, Days, Scaled, Schedule, Weekday, Window

Concurrency = int | Scaled


@dataclass(frozen=True, slots=True)
class Edited:
    """The new text, and the ions whose number was not written: (position, why)."""

    text: bytes
    told: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Replacement:
    """Characters `start` to `end` of the text become `words`."""

    start: int
    end: int
    words: str


def edited(text: bytes, config: Config, numbers: Mapping[str, Concurrency]) -> Edited:
    """`text` with these numbers. `config` is what it was parsed to; `numbers` are by Desired.where.

    Raises ReconcileError should the result say anything but what was meant.
    """
    root = compose(text, Problems(config.source))
    nodes = {f"{config.source}:{line}:{column}": pair for (line, column), pair in _ions(root)}
    shared = Counter(one.where for one in config.desired)
    aliased = _aliased(root)
    place = _schedules_place(root, text.decode("utf-8-sig"))
    replacements: list[_Replacement] = []
    told: list[tuple[str, str]] = []
    for where, number in numbers.items():
        found = _replacement(nodes[where], number, aliased) if shared[where] == 1 else "ions of several groups share it"
        found = _missing_schedule(config, number, place) or found
        if isinstance(found, str):
            told.append((where, found))
        else:
            replacements.append(found)
    written = {where: number for where, number in numbers.items() if where not in dict(told)}
    schedules = _new_schedules(config, written)
    if schedules and place:
        replacements.append(_Replacement(place.at, place.at, place.lines(schedules)))
    new = _replaced(text, replacements)
    _check(new, config, written)
    return Edited(new, tuple(told))


# ---------------------------------------------------------------- words


def proposal_lines(number: Concurrency) -> tuple[str, ...]:
    """The lines of YAML that ask for it, ready to be pasted: `concurrency`, after the schedules that it needs."""
    schedules = tuple(f"schedules: {{{schedule_words(window.schedule)}}}" for window in _windows(number))
    return (*schedules, f"concurrency: {concurrency_words(number)}")


def concurrency_words(number: Concurrency) -> str:
    """The value as the file has it: `3`, `{office: 3, otherwise: 0}` or `{min: 2, max: 9}`."""
    if not isinstance(number, Scaled):
        return str(number)
    target = [] if number.target in {None, DEFAULT_TARGET} else [f"target: {number.target}"]
    if number.windows:
        parts = [f"{window.schedule.name}: {_bounds(window.bounds)}" for window in number.windows]
        parts.append(f"otherwise: {_bounds(number.otherwise)}")
    else:
        parts = [f"min: {number.otherwise.minimum}", f"max: {number.otherwise.maximum}"]
    return f"{{{', '.join([*parts, *target])}}}"


def schedule_words(schedule: Schedule) -> str:
    """`office: {days: mon-fri, from: "08:00", to: "18:00"}`; the zone is always said."""
    times = f'from: "{_clock(schedule.start)}", to: "{_clock(schedule.end)}"'
    return f"{schedule.name}: {{days: {days_words(schedule.days)}, {times}, timezone: {schedule.timezone}}}"


def days_words(days: Days) -> str:
    """As the file has them: `daily`, `mon-fri`, `[sat, sun]`, `[1, 15]`."""
    order = tuple(Weekday)
    if days == order:
        return "daily"
    first = order.index(days[0]) if isinstance(days[0], Weekday) else 0
    if len(days) > 2 and days == order[first : first + len(days)]:
        return f"{days[0]}-{days[-1]}"
    return str(days[0]) if len(days) == 1 and days[0] in order else f"[{', '.join(map(str, days))}]"


def _bounds(bounds: Bounds) -> str:
    if bounds.minimum == bounds.maximum:
        return str(bounds.minimum)
    return f"{{min: {bounds.minimum}, max: {bounds.maximum}}}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


# ---------------------------------------------------------------- where the numbers stand


def _ions(root: Node) -> Iterator[tuple[tuple[int, int], tuple[Node, Node]]]:
    """Each ion's key and value by the position of its key."""
    for section in _sections(root):
        for key, value in section.value:
            yield position(key), (key, value)


def _sections(root: Node) -> Iterator[MappingNode]:
    groups = _pairs(_pairs(root).get("groups"))
    for parent in (root, *groups.values()):
        ions = _pairs(parent).get("ions")
        if isinstance(ions, MappingNode):
            yield ions


def _pairs(node: Node | None) -> dict[str, Node]:
    if not isinstance(node, MappingNode):
        return {}
    return {key.value: value for key, value in node.value if isinstance(key, ScalarNode)}


def _aliased(root: Node) -> set[int]:
    """The nodes that stand in several places of the file."""
    seen: Counter[int] = Counter()
    stack = [root]
    while stack:
        node = stack.pop()
        seen[id(node)] += 1
        if seen[id(node)] == 1 and not isinstance(node, ScalarNode):
            stack.extend(part for part in _parts(node))
    return {number for number, count in seen.items() if count > 1}


def _parts(node: Node) -> Iterator[Node]:
    for part in node.value:
        yield from part if isinstance(part, tuple) else (part,)


def _replacement(pair: tuple[Node, Node], number: Concurrency, aliased: set[int]) -> _Replacement | str:
    """What to replace for one ion, or why nothing can be."""
    key, body = pair
    words = concurrency_words(number)
    value = body if isinstance(body, ScalarNode) else _pairs(body).get("concurrency")
    if value is None or (value is body and not body.value):
        own = f"{key.value}: {{concurrency: {words}}}"
        return f"it stands in a `defaults`, or comes by a merge; give the ion its own, like `{own}`"
    if aliased & {id(body), id(value)} or value.anchor:
        return "several ions share it by an anchor"
    if not isinstance(value, ScalarNode):
        return "it stands in a mapping"
    bare = value is body and isinstance(number, Scaled)
    return _Replacement(value.start_mark.index, value.end_mark.index, f"{{concurrency: {words}}}" if bare else words)


# ---------------------------------------------------------------- new schedules


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a schedule's line is put in: before the character `at`, with this text in front of each line."""

    at: int
    indent: str
    heading: str
    newline: str

    def lines(self, schedules: tuple[Schedule, ...]) -> str:
        lines = [f"{self.indent}{schedule_words(schedule)}{self.newline}" for schedule in schedules]
        return "".join([self.heading, *lines, self.newline if self.heading else ""])


def _missing_schedule(config: Config, number: Concurrency, place: _Place | None) -> str | None:
    """Why a schedule of this number's can't be had from the file; None when all are there, or can be added."""
    for window in _windows(number):
        there = config.schedules.get(window.schedule.name)
        if there and there != window.schedule:
            return f"the file's schedule {there.name} says something else: write it by hand"
        if not there and not place:
            return "the file has no place for a schedule: write it by hand"
    return None


def _new_schedules(config: Config, numbers: Mapping[str, Concurrency]) -> tuple[Schedule, ...]:
    """The schedules that the file doesn't have yet, each once."""
    wanted = [window.schedule for number in numbers.values() for window in _windows(number)]
    return tuple(schedule for schedule in dict.fromkeys(wanted) if schedule.name not in config.schedules)


def _windows(number: Concurrency | None) -> tuple[Window, ...]:
    return number.windows if isinstance(number, Scaled) else ()


def _schedules_place(root: Node, text: str) -> _Place | None:
    """Among the file's schedules, else before its ions; None where the file is not in block style there."""
    newline = "\r\n" if "\r\n" in text else "\n"
    if not isinstance(root, MappingNode) or root.flow_style:
        return None
    sections = {key.value: (key, value) for key, value in root.value}
    if "schedules" in sections:
        value = sections["schedules"][1]
        if not isinstance(value, MappingNode) or value.flow_style or not value.value:
            return None
        first, heading = value.value[0][0], ""
    else:
        first = next(key for name, (key, _) in sections.items() if name in {"ions", "groups", "defaults"})
        heading = "schedules:"
    at = first.start_mark.index - first.start_mark.column
    margin = text[at : first.start_mark.index]
    if margin.strip():
        return None
    if not heading:
        return _Place(at, margin, "", newline)
    return _Place(_above_comments(text, at), f"{margin}  ", f"{margin}{heading}{newline}", newline)


def _above_comments(text: str, at: int) -> int:
    """The start of the comment lines that end right before the line at `at`; of that line where there are none."""
    while at and (start := text.rfind("\n", 0, at - 1) + 1) < at and text[start:at].lstrip().startswith("#"):
        at = start
    return at


# ---------------------------------------------------------------- the new text


def _replaced(text: bytes, replacements: list[_Replacement]) -> bytes:
    """The parser counts characters, from after a byte order mark."""
    bom = b"\xef\xbb\xbf" if text.startswith(b"\xef\xbb\xbf") else b""
    characters = text.removeprefix(bom).decode()
    for one in sorted(replacements, key=lambda each: -each.start):
        characters = characters[: one.start] + one.words + characters[one.end :]
    return bom + characters.encode()


def _check(new: bytes, config: Config, numbers: Mapping[str, Concurrency]) -> None:
    """Raise unless the new text differs from the old in these numbers alone; positions may have moved."""

    def asked(one: Desired) -> Desired:
        return replace(one, concurrency=numbers[one.where]) if one.where in numbers else one

    schedules = {**config.schedules, **{each.name: each for each in _new_schedules(config, numbers)}}
    meant = replace(config, desired=tuple(map(asked, config.desired)), schedules=schedules, warnings=())
    try:
        says = replace(parse(new, source=config.source), warnings=())  # they tell lines, which may have moved
    except ConfigError:
        says = None
    if says != meant:
        raise ReconcileError("the numbers can't be written there without changing more", where=config.source)
