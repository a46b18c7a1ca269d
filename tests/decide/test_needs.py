"""What the second look reads, and for which ions: nothing for one that is in sync."""

from typing import Any

import pytest
from decide_cases import inputs

from reconciler.decide.diff import Needs, needs

NOTHING = Needs()
CASES: dict[str, tuple[object, Any, Needs]] = {
    "in sync": (2, {"pc": 2}, NOTHING),
    "a move": (2, {"latest": {"code": "b"}, "pc": 2}, NOTHING),
    "a lowering": (1, {"latest": {"reserved": 20}, "pc": 2}, NOTHING),
    "settling": (2, {"pc": {"working": 2, "allocated": 1}}, NOTHING),
    "FAILED, put again": (2, {"pc": {"failed": 2}}, NOTHING),
    "unreadable": (2, "denied", NOTHING),
    "blocked": (2, {"latest": {"snap_start": True}, "behind": {"snap_start": True}}, NOTHING),
    "a raise": (5, {"pc": 2}, Needs(account=True)),
    "a raise within a reservation": (5, {"latest": {"reserved": 20}, "pc": 2}, Needs(siblings=True, account=True)),
    "a new alias": (1, {"version": None}, Needs(account=True)),
    "a new alias that the scaler fills from 0 on": (1, {"version": None, "scaling": [0, 5]}, NOTHING),
    "a missing function": (2, "no function", Needs(near_names=True)),
    "a pin where the alias is": ({"version": 7, "concurrency": 2}, {"pc": 2}, NOTHING),
    "a pin elsewhere": ({"version": 5, "concurrency": 2}, {"pc": 2}, Needs(pinned="5")),
    "a pin elsewhere and a raise": ({"version": 5, "concurrency": 5}, {"pc": 2}, Needs(pinned="5", account=True)),
    "a pin that may carry what $LATEST can't": (
        {"version": 5, "concurrency": 2},
        {"latest": {"snap_start": True, "reserved": 9}},
        Needs(pinned="5", siblings=True, account=True),
    ),
}


@pytest.mark.parametrize(("asked", "seen", "needed"), CASES.values(), ids=CASES)
def test_only_what_a_decision_needs_is_read(asked: object, seen: object, needed: Needs) -> None:
    world, _ = inputs({"file": {"f": asked}, "observed": {"f": seen}})
    (ion,) = world.ions
    assert needs(ion, world.observations[ion.key]) == needed
