"""Deleting one published version. Deleting what is gone is no error, so a lost answer is followed by another try.

https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html
"""

from functools import partial

from reconciler.apply.asking import write, write_once
from reconciler.apply.late import Replaced
from reconciler.apply.state import State
from reconciler.model.errors import AwsError, ErrorKind

NO_READ: Replaced = ("version", lambda _: False)  # nothing that is read afterwards shows whether it was there
HELD = frozenset({ErrorKind.CONFLICT, ErrorKind.REFUSED})


async def delete_version(state: State, version: int) -> None:
    """Raises AwsError; where AWS refuses, the version stays."""

    async def writing(_: AwsError | None) -> bool:
        await write(state, partial(state.writer.delete_version, state.key.function, version=version), NO_READ)
        return True

    async def already_applied() -> bool | None:
        return None

    try:
        await write_once(state, writing, already_applied)
    except AwsError as error:
        if error.kind in HELD:
            error.hint = "something holds this version, which stays; free it, or leave it, and prune again"
        raise
