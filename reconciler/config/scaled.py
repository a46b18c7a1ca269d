"""A `concurrency` that is a mapping -> Scaled, or every problem with its position.

Its keys are names of schedules and `otherwise`, or `min` and `max`, and `target` beside either. What one value may be
stands in `declaration`; here is what they say together: whether one window would end another, and whether a number
that follows load could come back from 0 (load is measured by calls that are served warm).
"""

from dataclasses import dataclass, field
from typing import Final

from pydantic import TypeAdapter
from ruamel.yaml.nodes import MappingNode, Node

from reconciler.config.declaration import BOUNDS_KEYS, CONCURRENCY_KEYS, Range, Target, Whole
from reconciler.config.document import position
from reconciler.config.mappings import BROKEN, Broken, Mappings, Pairs
from reconciler.config.problems import did_you_mean, joined
from reconciler.config.schedules import Schedules
from reconciler.model.scaling import Bounds, Scaled, Schedule, Window
from reconciler.model.windows import first_meeting

DEFAULT_TARGET: Final = 0.7
MOST_WINDOWS: Final = 100  # of one ion: AWS takes 200 scheduled actions a target, and a window is two of them
_WHOLE: Final = TypeAdapter(Whole)
_TARGET: Final = TypeAdapter(Target)


@dataclass(frozen=True, slots=True)
class ScaledReader:
    """Reads the `concurrency` mappings of one file, given its schedules."""

    mappings: Mappings
    schedules: Schedules | None
    _known: dict[int, Scaled | Broken] = field(default_factory=dict)

    @property
    def named(self) -> dict[str, Schedule | Broken]:
        return self.schedules.named if self.schedules else {}

    def read(self, key: Node, node: Node, path: str) -> Scaled | Broken:
        """One mapping; `key` is that of `concurrency`. What ions share through an anchor is read once."""
        if id(node) not in self._known:
            self._known[id(node)] = self._read(key, node, path)
        return self._known[id(node)]

    def _read(self, key: Node, node: Node, path: str) -> Scaled | Broken:
        pairs = self.mappings.pairs(node, path)
        names = tuple(name for name in pairs if name not in CONCURRENCY_KEYS)
        shaped = self._shape(key, pairs, names, path)
        bounds = {
            name: self._bounds(pairs[name][1], joined(path, name)) for name in (*names, "otherwise") if name in pairs
        }
        if not names and "otherwise" not in pairs:
            bounds["otherwise"] = self._range(pairs, path) if shaped else BROKEN
        target: float | Broken | None = None
        if "target" in pairs:
            target = self.mappings.value(_TARGET, pairs["target"][1], joined(path, "target"))
        windows: list[Window] = []
        for name in names:
            schedule, held = self.named.get(name), bounds[name]
            if isinstance(schedule, Schedule) and isinstance(held, Bounds):
                windows.append(Window(schedule, held))
        otherwise = bounds.get("otherwise", BROKEN)
        if not shaped or len(windows) < len(names) or isinstance(otherwise, Broken) or isinstance(target, Broken):
            return BROKEN
        return self._together(Scaled(tuple(windows), otherwise, target), key, pairs, path)

    def _add(self, node: Node, path: str, message: str) -> Broken:
        self.mappings.problems.add(position(node), path, message)
        return BROKEN

    def _shape(self, key: Node, pairs: Pairs, names: tuple[str, ...], path: str) -> bool:
        """Tell what keys are missing, unknown or beside others that they don't go with; whether there were none."""
        known = self.named
        wrong = [(pairs[name][0], joined(path, name), _no_schedule(name, known)) for name in names if name not in known]
        own = [name for name in BOUNDS_KEYS if name in pairs]
        if names and own:
            sentence = "belongs into a window or into `otherwise`, as {min: …, max: …}"
            wrong += [(pairs[name][0], joined(path, name), sentence) for name in own]
        if names and "otherwise" not in pairs:
            wrong.append((key, path, "otherwise is missing; say what holds while no window is open, like 0"))
        if not names and "otherwise" in pairs:
            sentence = "goes with a schedule, and there is none; write the number alone, or min and max"
            wrong.append((pairs["otherwise"][0], joined(path, "otherwise"), sentence))
        elif not names and len(own) < len(BOUNDS_KEYS):
            missing = " and ".join(name for name in BOUNDS_KEYS if name not in own)
            wrong.append((key, path, f"{missing} is missing" if own else "names no schedule, and neither min nor max"))
        if len(names) > MOST_WINDOWS:
            wrong.append((key, path, f"{len(names)} windows; AWS takes {MOST_WINDOWS} for one alias"))
        for node, where, message in wrong:
            self._add(node, where, message)
        return not wrong

    def _bounds(self, node: Node, path: str) -> Bounds | Broken:
        """A number, or {min, max}."""
        if not isinstance(node, MappingNode):
            number = self.mappings.value(_WHOLE, node, path)
            return BROKEN if isinstance(number, Broken) else Bounds(number, number)
        pairs = self.mappings.pairs(node, path)
        if "target" in pairs:
            return self._add(pairs["target"][0], joined(path, "target"), "stands once, beside the windows")
        return self._range(pairs, path)

    def _range(self, pairs: Pairs, path: str) -> Bounds | Broken:
        own = {name: pair for name, pair in pairs.items() if name not in {"target", "otherwise"}}
        values = self.mappings.fields(Range, own, path)
        least, most = (values.get(name, BROKEN) for name in BOUNDS_KEYS)
        if isinstance(least, Broken) or isinstance(most, Broken):
            return BROKEN
        if least > most:
            return self._add(pairs["min"][1], joined(path, "min"), f"{least} is above max, {most}")
        return Bounds(least, most)

    def _together(self, scaled: Scaled, key: Node, pairs: Pairs, path: str) -> Scaled | Broken:
        by_load = [each for each in scaled.bounds if each.minimum < each.maximum]
        if not by_load and scaled.target is not None:
            return self._add(
                pairs["target"][0], joined(path, "target"), "goes with a min below its max: only load has a target"
            )
        if by_load and not any(each.minimum for each in scaled.bounds):
            return self._add(
                key,
                path,
                "a min of 0 that no window raises would never come back: load is measured by warm calls alone. "
                "Write min: 1, or a window with more",
            )
        met = first_meeting(tuple(window.schedule for window in scaled.windows))
        if met:
            one, other = met
            return self._add(
                pairs[other.name][0],
                joined(path, other.name),
                f"{other.name} and {one.name} overlap or touch: the end of one would end the other. Leave a minute "
                "between them, or make one schedule of both",
            )
        target = (scaled.target or DEFAULT_TARGET) if by_load else None
        return Scaled(scaled.windows, scaled.otherwise, target)


def _no_schedule(name: str, known: dict[str, Schedule | Broken]) -> str:
    near = did_you_mean(name, (*known, *CONCURRENCY_KEYS))
    others = f"there are {', '.join(known)}" if known else "the file has no `schedules`"
    return f"no such schedule{near or f'; {others}'}"
