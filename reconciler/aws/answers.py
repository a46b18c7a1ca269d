"""Members of AWS's answers, checked: a response dict in, one typed value out.

A missing member that AWS always sends means that the endpoint is not AWS, nor a complete copy of it:
Incomplete. One of another type or out of any sensible range can't be believed: InvalidResponse. Neither is ever a
KeyError or a default, and neither quotes the answer.
"""

from collections.abc import Mapping

Answer = Mapping[str, object]

MOST = 2**63  # AWS's largest number is a count of bytes


class InvalidResponse(ValueError):  # noqa: N818 - says what the answer is
    """An answer that is cut off, or in another form than AWS's."""


class Incomplete(InvalidResponse):
    """An answer without a member that AWS always sends; its only argument is the member's name."""


def text(answer: Answer, member: str) -> str:
    value = optional_text(answer, member)
    if value is None:
        raise Incomplete(member)
    return value


def optional_text(answer: Answer, member: str) -> str | None:
    """None when it is absent or empty, which AWS does not tell apart."""
    value = answer.get(member)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not is_text(value):
        raise _another_form(member, "text")
    return value


def is_text(value: str) -> bool:
    """Whether it can be written anywhere: JSON's escapes can hold half a character."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def whole(answer: Answer, member: str) -> int:
    value = optional_whole(answer, member)
    if value is None:
        raise Incomplete(member)
    return value


def optional_whole(answer: Answer, member: str) -> int | None:
    value = answer.get(member)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < MOST:
        raise _another_form(member, "a whole number")
    return value


def part(answer: Answer, member: str) -> Answer:
    """A structure that is always there."""
    value = answer.get(member)
    if value is None:
        raise Incomplete(member)
    if not isinstance(value, dict):
        raise _another_form(member, "a structure")
    return value


def optional_part(answer: Answer, member: str) -> Answer:
    """A structure that may be absent; then an empty one."""
    return part(answer, member) if answer.get(member) is not None else {}


def parts(answer: Answer, member: str) -> tuple[Answer, ...]:
    """A list of structures that is always there, be it empty."""
    value = answer.get(member)
    if value is None:
        raise Incomplete(member)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _another_form(member, "a list of structures")
    return tuple(value)


def _another_form(member: str, form: str) -> InvalidResponse:
    return InvalidResponse(f"the answer can't be understood: {member} is not {form}")
