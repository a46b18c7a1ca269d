import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from report_worlds import everything

from reconciler.report.console import wants_colour, width_of, write
from reconciler.report.escape import escape
from reconciler.report.text import plan_text


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environ", "colored"),
    [
        (Screen(), {"TERM": "xterm"}, True),
        (Screen(), {"TERM": "dumb"}, False),
        (Screen(), {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (Screen(), {"TERM": "xterm", "NO_COLOR": ""}, True),
        (io.StringIO(), {"TERM": "xterm"}, False),
        (io.StringIO(), {"FORCE_COLOR": "1"}, True),
        (io.StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_follows_the_stream_and_the_environment(
    stream: io.StringIO,
    environ: dict[str, str],
    colored: bool,  # noqa: FBT001 - a parametrized expectation
) -> None:
    assert wants_colour(stream, environ) is colored
    write(plan_text(everything()), stream, environ=environ)
    assert ("\x1b" in stream.getvalue()) is colored


def test_no_color_on_the_command_line_beats_everything() -> None:
    stream = Screen()
    write(plan_text(everything()), stream, colour="never", environ={"FORCE_COLOR": "1"})
    assert "\x1b" not in stream.getvalue()


def test_an_encoding_without_arrows_is_no_reason_to_crash() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    write(plan_text(everything()), stream, environ={})
    stream.flush()
    assert b"version 7 ? new" in raw.getvalue()


def test_the_width_is_the_terminals_or_what_columns_says() -> None:
    assert width_of(io.StringIO(), environ={}) is None
    assert width_of(io.StringIO(), environ={"COLUMNS": "72"}) == 72
    assert width_of(io.StringIO(), environ={"COLUMNS": "3"}) == 40
    assert width_of(io.StringIO(), environ={"COLUMNS": "wide"}) is None
    assert width_of(Screen(), environ={}) is None


@pytest.mark.parametrize("term", ["dumb", "unknown", "xterm"])
def test_a_terminal_without_capabilities_is_as_wide_as_any_other(term: str) -> None:
    stream = Screen()
    write(plan_text(everything()), stream, environ={"COLUMNS": "150", "TERM": term, "NO_COLOR": "1"})
    assert max(map(len, stream.getvalue().splitlines())) > 140


def test_validate_needs_no_rich(tmp_path: Path) -> None:
    file = tmp_path / "warm.yaml"
    file.write_text("version: 1\nions: {f: {alias: live}}\n", encoding="utf-8")
    program = (
        "import sys; from reconciler.cli.main import main; "
        f"code = main(['validate', '-c', {str(file)!r}]); sys.exit(code or 2 * ('rich' in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, capture_output=True).returncode == 0


def test_colours_change_nothing_but_the_colours() -> None:
    plain, coloured = io.StringIO(), io.StringIO()
    write(plan_text(everything()), plain, environ={})
    write(plan_text(everything()), coloured, environ={"FORCE_COLOR": "1"})
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured.getvalue()) == plain.getvalue()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain [red] text", "plain [red] text"),
        ("a\x1b[2Jb\r\nc\td", "a\\x1b[2Jb\\r\\nc\\td"),
        ("\u202egnp.exe\u2066\u200b", "\\u202egnp.exe\\u2066\\u200b"),
        ("\x9b31m \u2028 \ud800 \xa0", "\\x9b31m \\u2028 \\ud800 \\xa0"),
        ("Größe 日本 →", "Größe 日本 →"),
    ],
)
def test_what_a_terminal_would_act_on_is_made_visible(text: str, shown: str) -> None:
    assert escape(text) == shown
