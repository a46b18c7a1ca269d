import io
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from report_worlds import key
from rich import live
from rich.console import Console

import reconciler.report.live
from reconciler.model.observed import Key
from reconciler.report.live import Terminal
from reconciler.report.progress import Plain, Progress, ReadCount, Waits, elapsed, progress_for

WATCHED = {"TERM": "xterm-256color"}


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@dataclass
class Told:
    clock: Clock = field(default_factory=Clock)
    stream: io.StringIO = field(default_factory=Screen)

    def terminal(self) -> Terminal:
        return Terminal(self.stream, self.clock, WATCHED)

    def plain(self) -> Plain:
        return Plain(self.stream, self.clock)


def waits(texts: Mapping[Key, str], *ended: Key) -> Waits:
    told = Waits([*texts, *ended])
    for ion, what in texts.items():
        told.tell(ion, what)
    for ion in ended:
        told.tell(ion, None)
    return told


def drawn(work: ReadCount | Waits, width: int = 80, height: int = 24, *, after: float = 34.0) -> list[str]:
    """What a terminal of this size shows."""
    told = Told()
    terminal = told.terminal()
    terminal.work = work
    told.clock.now = after
    screen = io.StringIO()
    Console(file=screen, width=width, height=height, color_system=None).print(terminal)
    return [row.rstrip() for row in screen.getvalue().splitlines()]


@pytest.mark.parametrize(
    "environ", [{"TERM": "dumb"}, {}, WATCHED | {"CI": "true"}, WATCHED | {"TTY_INTERACTIVE": "0"}]
)
def test_a_terminal_that_nobody_watches_gets_plain_lines(environ: dict[str, str]) -> None:
    assert isinstance(progress_for(Screen(), environ=environ), Plain)


def test_a_pipe_gets_plain_lines() -> None:
    assert isinstance(progress_for(io.StringIO(), environ=WATCHED), Plain)


def test_a_watched_terminal_gets_the_live_display() -> None:
    assert isinstance(progress_for(Screen(), environ=WATCHED), Terminal)


# ---------------------------------------------------------------- in a log


def test_a_log_gets_a_line_every_thirty_seconds_from_the_first_thirty_on_and_no_escape() -> None:
    told = Told(stream=io.StringIO())
    log = told.plain()
    waiting = waits({key("f"): "1 of 2 allocated\x1b[2J", key("g"): "moving"}, key("h"))
    for tenth in range(950):
        told.clock.now = tenth / 10
        log.show(waiting)
    log.close()
    assert told.stream.getvalue().splitlines() == [
        f"1 of 3 done · {moment}, waiting: f:live, 1 of 2 allocated\\x1b[2J, and 1 more"
        for moment in ("0:30", "1:00", "1:30")
    ]


def test_a_line_that_comes_late_does_not_put_off_the_next_one() -> None:
    told = Told(stream=io.StringIO())
    log = told.plain()
    for moment in (0, 44, 59, 61):
        told.clock.now = moment
        log.show(waits({key("f"): "moving"}))
    assert [row.split(",")[0] for row in told.stream.getvalue().splitlines()] == [
        "0 of 1 done · 0:44",
        "0 of 1 done · 1:01",
    ]


@pytest.mark.parametrize(("seconds", "said"), [(0.9, "0:00"), (34, "0:34"), (725, "12:05"), (3725, "1:02:05")])
def test_elapsed_time_reads_like_a_stopwatch(seconds: float, said: str) -> None:
    assert elapsed(seconds) == said


@pytest.mark.parametrize("make", [Told.terminal, Told.plain])
def test_quick_work_leaves_no_trace(make: object) -> None:
    told = Told()
    assert callable(make)
    display: Progress = make(told)
    display.show(ReadCount(1, 2))
    display.show(waits({key("f"): "moving"}))
    display.close()
    assert told.stream.getvalue() == ""


# ---------------------------------------------------------------- on a terminal


def test_the_waiting_ions_stand_below_how_many_are_done_and_the_time() -> None:
    waiting = waits({key("get-items"): "2 of 5 allocated", key("f"): "moving"}, *(key(f"d{n}") for n in range(8)))
    assert drawn(waiting) == ["8 of 10 done · 0:34", "… get-items:live  2 of 5 allocated", "… f:live          moving"]


def test_ions_of_one_name_in_two_regions_or_accounts_are_told_apart() -> None:
    east, west = key("f", region="us-east-1"), key("f", region="us-west-2")
    assert drawn(waits({east: "moving", west: "moving"}))[1:] == [
        "… f:live (us-east-1)  moving",
        "… f:live (us-west-2)  moving",
    ]
    other = key("f", account="210987654321")
    assert drawn(waits({east: "moving", other: "moving"}))[1:] == [
        "… f:live (123456789012)  moving",
        "… f:live (210987654321)  moving",
    ]


def test_an_ion_that_is_worked_on_again_is_no_longer_done() -> None:
    waiting = waits({key("f"): "moving"}, key("g"))
    waiting.tell(key("g"), "moving")
    assert drawn(waiting)[0] == "0 of 2 done · 0:34"


@pytest.mark.parametrize("height", [5, 10, 24])
def test_more_ions_than_the_terminal_has_lines_are_counted(height: int) -> None:
    rows = drawn(waits({key(f"f{number}"): "moving" for number in range(50)}), height=height)
    assert len(rows) <= height - 2
    assert rows[-1] == f"… and {50 - (len(rows) - 2)} more"


def test_a_line_too_long_for_the_terminal_is_cut_and_keeps_the_name() -> None:
    name = "inventory-prod-get-items"
    rows = drawn(waits({key(name): "2 of 5 allocated (Lambda to finish moving the alias)"}), width=60)
    assert len(rows) == 2
    assert rows[1].startswith(f"… {name}:live  2 of 5 allocated")
    assert rows[1].endswith("…")


@pytest.mark.parametrize("width", [40, 60, 200])
def test_the_bar_leaves_room_for_its_numbers(width: int) -> None:
    (row,) = drawn(ReadCount(120, 300, 24.0), width)
    assert row.startswith("Reading  ")
    assert row.endswith("  120 of 300, about 24 s left")
    assert len(row) <= min(width, 80)


def test_the_bar_is_as_long_as_what_is_done() -> None:
    assert [drawn(ReadCount(done, 300))[0].count("━") for done in (0, 120, 300)] == [0, 12, 30]
    assert drawn(ReadCount(299, 300, 0.2))[0].endswith("  299 of 300"), "what is nearly done is not estimated"


def test_reads_that_nobody_can_count_beforehand_show_no_bar() -> None:
    assert drawn(ReadCount(7)) == ["Reading  7 answers so far"]


def test_the_live_display_gives_the_cursor_back_and_clears_its_lines() -> None:
    told = Told()
    display = told.terminal()
    told.clock.now = 1.0
    for done in range(1000):
        display.show(ReadCount(done, 1000))
    display.close()
    display.close()
    written = told.stream.getvalue()
    assert written.count("\x1b[?25l") == written.count("\x1b[?25h") == 1
    assert written.endswith("\x1b[1A\x1b[2K")


def test_loops_that_tell_at_the_same_moment_share_one_display(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    shown, made = told.terminal(), []
    told.clock.now = 1.0
    other = threading.Thread(target=lambda: shown.show(ReadCount(2, 3)))

    def slow_display(terminal: Terminal) -> live.Live:
        made.append(terminal)
        if len(made) == 1:
            other.start()
            other.join(0.1)  # it waits for us, unless it makes a display of its own
        return real_display(terminal)

    real_display = reconciler.report.live._display  # noqa: SLF001 - to stand in front of it
    monkeypatch.setattr(reconciler.report.live, "_display", slow_display)
    shown.show(ReadCount(1, 3))
    other.join()
    shown.close()
    assert len(made) == 1


def test_a_closed_display_stays_closed() -> None:
    told = Told()
    display = told.terminal()
    told.clock.now = 1.0
    display.close()
    display.show(ReadCount(1, 2))
    assert told.stream.getvalue() == ""


def test_a_log_needs_no_rich() -> None:
    program = "import sys, reconciler.report.progress as p; p.progress_for(sys.stderr); sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
