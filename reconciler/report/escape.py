r"""Foreign text made safe to show: what AWS or a file says is printed as it is, and does nothing.

In: any text. Out: the same text with every character that could move a cursor, change a colour, break a line or
turn the reading direction replaced by its visible escape (`\x1b`, `\n`, `\u202e`), and with a backslash inside what a
CI's log would obey: `\::error` and `#\#[command]`. GitHub takes `::command` at a line's start, which may be wherever a
line is wrapped; Azure, TeamCity and GitHub take `##[command]` and `##vso[command]` anywhere. Made safe twice is the
same as once, so whatever writes a line may do it. Markup is not its business: rich's markup is never switched on, and
markdown has its own escaping.

Sources: https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs,
https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands.
"""

import re
from typing import Final

_COMMAND: Final = re.compile(r"(?<!\S)(?=::)|(?<=#)(?=#[\w.-]*\[)")  # where a backslash makes it text


def escape(text: str) -> str:
    """The text on one line, with nothing in it that a terminal or a CI would act on."""
    if not text.isprintable():
        text = "".join(character if character.isprintable() else _escape(character) for character in text)
    return _COMMAND.sub(r"\\", text) if "::" in text or "##" in text else text


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
