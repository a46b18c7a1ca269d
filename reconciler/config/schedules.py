"""`timezone` and `schedules` of the file -> Schedule values, or every problem with its position.

What one value may be stands in `declaration`; here is what a schedule's values say together. Zones are those of
`zoneinfo`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from pydantic import TypeAdapter
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from reconciler.config.declaration import CONCURRENCY_KEYS, ScheduleName, ScheduleSection, Time
from reconciler.config.document import has_tag, position
from reconciler.config.mappings import BROKEN, Broken, Mappings, Pairs
from reconciler.config.problems import Problems, did_you_mean, joined, nearest, shown
from reconciler.config.scalars import is_empty, unambiguous
from reconciler.config.sentences import unknown_key
from reconciler.model.scaling import Days, Schedule, Weekday

_NAME: Final = TypeAdapter(ScheduleName)
_TIME: Final = TypeAdapter(Time)
_WEEK: Final = tuple(Weekday)
_LAST_DAY: Final = 31
_EXAMPLES: Final = {"days": "mon-fri, [sat, sun], daily or [1, 15]", "from": '"07:40"', "to": '"18:15"'}
_NIGHT: Final = (60, 180)  # minutes after midnight: when clocks are changed


@dataclass(frozen=True, slots=True)
class Schedules:
    """The file's schedules by name, BROKEN where one is wrong, and the zone of those that name none."""

    named: dict[str, Schedule | Broken]
    timezone: str | None
    warnings: tuple[str, ...] = ()


def read_schedules(mappings: Mappings, top: Pairs) -> Schedules:
    """The sections `timezone` and `schedules` at the top of the file."""
    zone = _zone(mappings.problems, top["timezone"][1], "timezone") if "timezone" in top else None
    named: dict[str, Schedule | Broken] = {}
    warnings: list[str] = []
    for name, (key, value) in (mappings.pairs(top["schedules"][1], "schedules") if "schedules" in top else {}).items():
        path = joined("schedules", name)
        schedule = named[name] = _Section(mappings, name, key, value, path).read(zone)
        if isinstance(schedule, Schedule):
            line, column = position(key)
            risk = _at_night(schedule)
            warnings += [f"{mappings.problems.source}:{line}:{column}: {path}: {risk}"] if risk else []
    return Schedules(named, zone if isinstance(zone, str) else None, tuple(warnings))


@dataclass(frozen=True, slots=True)
class _Section:
    """One schedule of the file, and where it stands."""

    mappings: Mappings
    name: str
    key: Node
    node: Node
    path: str

    def read(self, inherited: str | Broken | None) -> Schedule | Broken:
        pairs = self.mappings.pairs(self.node, self.path)
        if not isinstance(self.node, MappingNode) and not is_empty(self.node):
            return BROKEN
        unknown = [name for name in pairs if name not in ScheduleSection.__annotations__]
        for name in unknown:
            self._add(pairs[name][0], unknown_key(name, ScheduleSection), name)
        own_name = self._scheduled_name()
        days = self._days(pairs)
        start, end = (self._time(pairs, each) for each in ("from", "to"))
        zone: str | Broken | None = inherited
        if "timezone" in pairs:
            zone = _zone(self.mappings.problems, pairs["timezone"][1], joined(self.path, "timezone"))
        elif zone is None:
            self._add(self.key, "timezone is missing; set it here or at the top of the file, like Europe/Berlin")
        if unknown or zone is None or isinstance(zone, Broken) or isinstance(own_name, Broken):
            return BROKEN
        if isinstance(days, Broken) or isinstance(start, Broken) or isinstance(end, Broken):
            return BROKEN
        wrong = _contradiction(days, start, end)
        if wrong:
            self._add(pairs["to"][1], wrong, "to")
            return BROKEN
        return Schedule(own_name, days, start, end, zone)

    def _add(self, node: Node, message: str, *keys: str) -> Broken:
        path = self.path
        for key in keys:
            path = joined(path, key)
        self.mappings.problems.add(position(node), path, message)
        return BROKEN

    def _scheduled_name(self) -> str | Broken:
        if self.name in CONCURRENCY_KEYS:
            return self._add(self.key, "can't be a schedule's name: it is a key of `concurrency`; name it otherwise")
        return self.mappings.value(_NAME, self.key, self.path)

    def _given(self, pairs: Pairs, name: str) -> Node | None:
        if name in pairs:
            return pairs[name][1]
        self._add(self.key, f"{name} is missing, like {_EXAMPLES[name]}")
        return None

    def _time(self, pairs: Pairs, name: str) -> int | Broken:
        """Minutes after midnight."""
        node = self._given(pairs, name)
        if node is None:
            return BROKEN
        text = self.mappings.value(_TIME, node, joined(self.path, name))
        if isinstance(text, Broken):
            return BROKEN
        hours, _, minutes = text.partition(":")
        return int(hours) * 60 + int(minutes)

    def _days(self, pairs: Pairs) -> Days | Broken:
        node = self._given(pairs, "days")
        if node is None:
            return BROKEN
        parts = node.value if isinstance(node, SequenceNode) and not has_tag(node) else [node]
        if not parts:
            return self._add(node, f"no days; write {_EXAMPLES['days']}", "days")
        found: set[Weekday | int] = set()
        for part in parts:
            days = _some_days(part, in_list=part is not node)
            if isinstance(days, str):
                return self._add(part, days, "days")
            found |= days
        weekdays = tuple(day for day in _WEEK if day in found)
        numbers = tuple(sorted(day for day in found if isinstance(day, int)))
        if weekdays and numbers:
            return self._add(node, "days of the week and of the month don't go together; write two schedules", "days")
        return weekdays or numbers


def _some_days(node: Node, *, in_list: bool) -> set[Weekday | int] | str:
    """What one name, range or number stands for, or what is wrong with it."""
    value = unambiguous(node)
    if isinstance(value, int) and not isinstance(value, bool) and in_list:
        return {value} if 1 <= value <= _LAST_DAY else f"{value} is no day of the month: 1 to {_LAST_DAY}"
    if not isinstance(value, str):
        written = shown(node.value) if isinstance(node, ScalarNode) else "this"
        return f"{written} is not days; write {_EXAMPLES['days']} (numbers are days of the month, in a list)"
    words = value.strip().lower()
    if words == "daily":
        return set(_WEEK)
    first, dash, last = words.partition("-")
    known = [day.value for day in _WEEK]
    for word in (first, last) if dash else (first,):
        if word not in known:
            near = did_you_mean(word[:3], known)
            return f"{shown(value)!r} is not days; write {_EXAMPLES['days']}{near}"
    begin, end = known.index(first), known.index(last if dash else first)
    return {_WEEK[(begin + number) % 7] for number in range((end - begin) % 7 + 1)}


def _contradiction(days: Days, start: int, end: int) -> str | None:
    """What is wrong with the values together."""
    if start == end:
        return "is the same as `from`; a window that never closes is a number without a schedule"
    if end < start and isinstance(days[0], int):
        return "days of the month can't cross midnight, since a month may end there; end it at 23:59"
    return None


def _zone(problems: Problems, node: Node, path: str) -> str | Broken:
    """An IANA name that `zoneinfo` knows."""
    value = unambiguous(node)
    known = available_timezones()
    if isinstance(value, str) and value in known:
        return value
    name = shown(node.value) if isinstance(node, ScalarNode) else "this"
    by_city = {each.rpartition("/")[2].lower(): each for each in known}
    near = nearest(name, known, count=1) or tuple(by_city[each] for each in nearest(name.lower(), by_city, count=1))
    hint = f", did you mean {near[0]}?" if near else ", like Europe/Berlin"
    problems.add(position(node), path, f"{name!r} is not an IANA time zone{hint}")
    return BROKEN


def _at_night(schedule: Schedule) -> str | None:
    """A warning where an edge falls on a change of the clock: AWS does not say what it does then."""
    edges = [each for each in (schedule.start, schedule.end) if _NIGHT[0] <= each <= _NIGHT[1]]
    if not edges or not _changes_its_clock(schedule.timezone):
        return None
    times = " and ".join(f"{each // 60:02}:{each % 60:02}" for each in edges)
    return (
        f"{times} is skipped or comes twice when {schedule.timezone} changes its clock, and AWS does not say what "
        "happens then; choose a time before 01:00 or after 03:00"
    )


def _changes_its_clock(zone: str) -> bool:
    known = ZoneInfo(zone)
    return len({datetime(2026, month, 1, tzinfo=known).utcoffset() for month in range(1, 13)}) > 1
