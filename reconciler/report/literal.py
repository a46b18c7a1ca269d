r"""Foreign text made safe to show: what AWS or a file says is printed as it is, and does nothing.

In: any text. Out: the same text with every character that could move a cursor, change a colour, break a line or
turn the reading direction replaced by its visible escape (`\x1b`, `\n`, `\u202e`). Markup is not its business:
rich's markup is never switched on, and markdown has its own escaping.
"""


def literal(text: str) -> str:
    """The text on one line, with nothing in it that a terminal would act on."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escape(character) for character in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
