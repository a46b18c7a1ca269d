"""Members of AWS's answers, checked: a response dict in, one typed value out.

botocore turns a body that is cut or not JSON into an answer without members, so a member that AWS always sends and that
is not there means that the answer can't be trusted: Unintelligible, never a KeyError and never a default.
"""

from collections.abc import Mapping

Answer = Mapping[str, object]


class Unintelligible(ValueError):  # noqa: N818 - says what the answer is
    """An answer that is cut off, in another form than AWS's, or lacks what AWS always sends."""


def text(answer: Answer, member: str) -> str:
    value = answer.get(member)
    if not isinstance(value, str) or not value:
        raise Unintelligible(f"AWS's answer can't be understood: {member} is missing")
    return value


def optional_text(answer: Answer, member: str) -> str | None:
    """None when it is absent or empty, which AWS does not tell apart."""
    value = answer.get(member)
    return value if isinstance(value, str) and value else None


def whole(answer: Answer, member: str) -> int:
    value = optional_whole(answer, member)
    if value is None:
        raise Unintelligible(f"AWS's answer can't be understood: {member} is missing")
    return value


def optional_whole(answer: Answer, member: str) -> int | None:
    value = answer.get(member)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unintelligible(f"AWS's answer can't be understood: {member} is not a whole number")
    return value


def part(answer: Answer, member: str) -> Answer:
    """A structure that is always there."""
    value = answer.get(member)
    if not isinstance(value, dict):
        raise Unintelligible(f"AWS's answer can't be understood: {member} is missing")
    return value


def optional_part(answer: Answer, member: str) -> Answer:
    """A structure that may be absent; then an empty one."""
    return part(answer, member) if answer.get(member) is not None else {}


def parts(answer: Answer, member: str) -> tuple[Answer, ...]:
    """A list of structures that is always there, be it empty."""
    value = answer.get(member)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Unintelligible(f"AWS's answer can't be understood: {member} is missing")
    return tuple(value)
