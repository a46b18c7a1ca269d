import io
import subprocess
import sys
import threading
from dataclasses import dataclass, field

import pytest
from rich.live import Live

from reconciler.report import progress
from reconciler.report.progress import Plain, Terminal, bar, progress_for, waiting_rows

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
        return Terminal(self.stream, self.clock)

    def plain(self) -> Plain:
        return Plain(self.stream, self.clock)


@pytest.mark.parametrize(
    "environ", [{"TERM": "dumb"}, {}, WATCHED | {"CI": "true"}, WATCHED | {"TTY_INTERACTIVE": "0"}]
)
def test_a_terminal_that_nobody_watches_gets_plain_lines(environ: dict[str, str]) -> None:
    assert isinstance(progress_for(Screen(), environ=environ), Plain)


def test_a_pipe_gets_plain_lines() -> None:
    assert isinstance(progress_for(io.StringIO(), environ=WATCHED), Plain)


def test_a_watched_terminal_gets_the_live_display() -> None:
    assert isinstance(progress_for(Screen(), environ=WATCHED), Terminal)


def test_a_log_gets_a_line_now_and_then_and_no_escape() -> None:
    told = Told(stream=io.StringIO())
    display = told.plain()
    for second in range(40):
        told.clock.now = float(second)
        display.waiting([("f:live", "1 of 2 allocated\x1b[2J"), ("g:live", "moving")])
    display.close()
    line = "Waiting for 2 ions: f:live, 1 of 2 allocated\\x1b[2J\n"
    assert told.stream.getvalue() == 2 * line


def test_quick_work_leaves_no_trace() -> None:
    told = Told()
    for display in (told.terminal(), told.plain()):
        display.reads(1, 2)
        display.waiting([("f:live", "moving")])
        display.close()
    assert told.stream.getvalue() == ""


def test_the_live_display_gives_the_cursor_back_and_clears_its_lines() -> None:
    told = Told()
    display = told.terminal()
    told.clock.now = 1.0
    for done in range(1000):
        display.reads(done, 1000)
    display.close()
    display.close()
    written = told.stream.getvalue()
    assert written.count("\x1b[?25l") == written.count("\x1b[?25h") == 1
    assert written.endswith("\x1b[1A\x1b[2K")


def test_sites_that_tell_at_the_same_moment_share_one_display(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    shown, made = told.terminal(), []
    told.clock.now = 1.0
    other = threading.Thread(target=lambda: shown.reads(2, 3))

    def slow_live(terminal: Terminal) -> Live:
        made.append(terminal)
        if len(made) == 1:
            other.start()
            other.join(0.1)  # it waits for us, unless it makes a display of its own
        return real_live(terminal)

    real_live = progress._live  # noqa: SLF001 - to stand in front of it
    monkeypatch.setattr(progress, "_live", slow_live)
    shown.reads(1, 3)
    other.join()
    shown.close()
    assert len(made) == 1


def test_a_closed_display_stays_closed() -> None:
    told = Told()
    display = told.terminal()
    told.clock.now = 1.0
    display.close()
    display.reads(1, 2)
    assert told.stream.getvalue() == ""


def test_a_display_shows_the_bar_until_ions_wait() -> None:
    display = Told().terminal()
    display.reads(1, 2)
    assert display.rows(60, 24) == [bar(1, 2, 60)]
    display.waiting([("f:live", "moving")])
    assert display.rows(60, 24) == ["… f:live  moving"]


def test_the_bar_is_full_at_the_end_and_never_longer() -> None:
    assert "░" not in bar(2, 2, 80)
    assert bar(5, 2, 80).count("█") == bar(2, 2, 80).count("█") == 30
    assert "░" * 30 in bar(0, 300, 80)


@pytest.mark.parametrize("width", [30, 40, 60])
def test_the_bar_leaves_room_for_its_numbers(width: int) -> None:
    assert len(bar(120, 300, width)) < width
    assert bar(120, 300, width).endswith("  120 of 300")


def test_more_ions_than_lines_are_counted() -> None:
    rows = waiting_rows([(f"f{number}:live", "moving") for number in range(50)], 80, 10)
    assert len(rows) == 10
    assert rows[-1] == "… and 41 more waiting"


def test_names_of_waiting_ions_are_aligned_where_there_is_room() -> None:
    lines = [("a:live", "moving"), ("longer:live", "moving")]
    assert waiting_rows(lines, 80, 10) == ["… a:live       moving", "… longer:live  moving"]
    assert waiting_rows(lines, 20, 10) == ["… a:live  moving", "… longer:live  moving"]


def test_progress_imports_rich_only_when_it_shows_something() -> None:
    program = "import sys, reconciler.report.progress as p; p.progress_for(sys.stderr); sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
