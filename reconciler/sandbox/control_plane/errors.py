"""AWS's refusals: code, HTTP status and words, and how the body of an error is spelled.

Every body carries `Type` (`User`: the caller's side) but a few that were recorded without; most spell the text
`message`, those named below `Message`. Nothing here decides when to
refuse.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

_SPELLED_WITH_A_CAPITAL = frozenset(
    {"ResourceNotFoundException", "ResourceInUseException", "ServiceException", "AccessDeniedException"}
)
NOTHING: Mapping[str, object] = MappingProxyType({})


class ApiError(Exception):
    """One refused call, as AWS answers it."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str | None,
        *,
        type_: str | None = "User",
        extra: Mapping[str, object] = NOTHING,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.type_ = type_
        self.extra = dict(extra)

    def body(self) -> dict[str, object]:
        """The JSON body of the answer."""
        spelling = "Message" if self.code in _SPELLED_WITH_A_CAPITAL else "message"
        kind: dict[str, object] = {} if self.type_ is None else {"Type": self.type_}
        return {**self.extra, **kind, spelling: self.message}


class UnknownOperation(ApiError):  # noqa: N818 - AWS's own name for it ends in Exception, and is the code
    """An operation that the model does not have: whoever carries the request may answer it in another way."""

    def __init__(self, operation: str) -> None:
        super().__init__(404, "UnknownOperationException", f"{operation} is not part of this model", type_=None)


def not_found(message: str) -> ApiError:
    return ApiError(404, "ResourceNotFoundException", message)


def function_not_found(arn: str) -> ApiError:
    return not_found(f"Function not found: {arn}")


def alias_arn_not_found(arn: str) -> ApiError:
    return not_found(f"Cannot find alias arn: {arn}")


def invalid(message: str, *, type_: str | None = "User") -> ApiError:
    """A rule that the values break (400)."""
    return ApiError(400, "InvalidParameterValueException", message, type_=type_)


def too_large(message: str) -> ApiError:
    return ApiError(413, "RequestEntityTooLargeException", message, type_=None)


def conflict(message: str) -> ApiError:
    return ApiError(409, "ResourceConflictException", message)


def in_use(message: str) -> ApiError:
    """A change of an event source mapping that is still being changed."""
    return ApiError(400, "ResourceInUseException", message)


def stale(read_again: str) -> ApiError:
    """The RevisionId given is not the latest; `read_again` names the call that gives it."""
    return ApiError(
        412,
        "PreconditionFailedException",
        "The Revision Id provided does not match the latest Revision Id. "
        f"Call the {read_again} API to retrieve the latest Revision Id",
    )


def misshapen(violations: Iterable[str]) -> ApiError:
    """All shape errors of one request in one message (recorded: no Type)."""
    found = tuple(violations)
    plural = "" if len(found) == 1 else "s"
    text = f"{len(found)} validation error{plural} detected: {'; '.join(found)}"
    return ApiError(400, "ValidationException", text, type_=None)
