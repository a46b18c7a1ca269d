import io

import pytest
from report_worlds import everything

from reconciler.report.console import console_for, wants_color, width_of
from reconciler.report.literal import literal
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
    assert wants_color(stream, environ) is colored
    console_for(stream, environ=environ).print(plan_text(everything(), width=80))
    assert ("\x1b" in stream.getvalue()) is colored


def test_no_color_on_the_command_line_beats_everything() -> None:
    stream = Screen()
    console_for(stream, color="never", environ={"FORCE_COLOR": "1"}).print(plan_text(everything(), width=80))
    assert "\x1b" not in stream.getvalue()


def test_an_encoding_without_arrows_is_no_reason_to_crash() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    console_for(stream, environ={}).print(plan_text(everything(), width=80))
    stream.flush()
    assert b"version 7 ? new" in raw.getvalue()


def test_the_width_is_the_terminals_or_what_columns_says() -> None:
    assert width_of(io.StringIO(), environ={}) is None
    assert width_of(io.StringIO(), environ={"COLUMNS": "72"}) == 72
    assert width_of(io.StringIO(), environ={"COLUMNS": "3"}) == 40
    assert width_of(io.StringIO(), environ={"COLUMNS": "wide"}) is None
    assert width_of(Screen(), environ={}) is None


def test_a_stream_that_rich_prints_to_wraps_nothing() -> None:
    stream = io.StringIO()
    console_for(stream, environ={"COLUMNS": "20"}).print("x" * 300)
    assert stream.getvalue() == "x" * 300 + "\n"


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
    assert literal(text) == shown
