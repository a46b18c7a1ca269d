"""Every error that the program raises on purpose; `cli` turns each into one message and an exit code.

ReconcileError              exit 1
├── UsageError              the command line
├── ConfigError             warm.yaml: all of its problems at once
├── PlanFileError           a saved plan that is cut, edited or of another format
├── ConnectionFailed        an account and region that can't be reached: credentials, region, endpoint
├── AwsError                one AWS call that failed, translated by its code
├── OwnFault                a bug of ours, wherever it shows
└── NotApproved             exit 3: a safety rule refused, or nobody said yes; nothing was written
"""

from dataclasses import dataclass
from enum import Enum
from pathlib import PurePath


class ReconcileError(Exception):
    """What went wrong, where, and what to do about it."""

    exit_code = 1

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint
        self.shown = False  # whether the result on stdout tells it already


class UsageError(ReconcileError):
    """The command line asks for something that does not exist or does not go together."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with a file: `where` is `warm.yaml:12:7`, `path` is `groups.prod.ions.get.concurency`."""

    line: int
    column: int
    where: str
    path: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.where, self.path, self.message) if part)


class ConfigError(ReconcileError):
    """All problems of one file, in the order of their positions."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class PlanFileError(ReconcileError):
    """A saved plan that can't be read back whole."""


class ConnectionFailed(ReconcileError):  # noqa: N818 - the builtin has the plain name
    """An account and region that no call can be made to; its ions are unreadable."""


class NotApproved(ReconcileError):  # noqa: N818 - a decision, not a fault
    """A safety rule refused the plan, or nobody approved it. Nothing was written anywhere."""

    exit_code = 3


class OwnFault(ReconcileError):  # noqa: N818 - as above
    """An exception that nothing foresaw. Its own words may quote what AWS or a file said: it is named, not quoted.

    `traceback`: where it came from, files, lines and source only.
    """

    def __init__(self, error: Exception) -> None:
        from traceback import extract_tb  # noqa: PLC0415 - not before there is one

        stack = extract_tb(error.__traceback__)
        where = f" in {PurePath(stack[-1].filename).name}:{stack[-1].lineno}" if stack else ""
        name = type(error).__name__
        super().__init__(f"reconcile failed: {name}{where}; this is a bug: please report it with the output of `-v`")
        self.traceback = "".join(stack.format())


class ErrorKind(Enum):
    """What a failed AWS call means for us, told by its error code (never by HTTP status or message alone)."""

    THROTTLED = "throttled"  # 429: certainly not done, may be repeated
    UNAVAILABLE = "unavailable"  # 5xx, timeout, reset: a read may be repeated; a write may have happened
    STALE = "stale"  # 412: the RevisionId is no longer the newest
    MISSING = "missing"  # function, version or alias does not exist
    NO_PROVISIONED = "no-provisioned"  # the alias exists and has no provisioned concurrency
    UPDATING = "updating"  # 409: an update of $LATEST is in progress
    WEIGHTED = "weighted"  # 400: the alias carries routing weights
    EXISTS = "exists"  # 409: the alias, or a statement of that Sid, exists already
    IN_USE = "in-use"  # 400: an event source mapping is being created, updated or deleted
    CONFLICT = "conflict"  # 409: any other
    DENIED = "denied"  # AccessDenied: may hold for this action or function only
    CREDENTIALS = "credentials"  # nothing will work in this account
    UNSUPPORTED = "unsupported"  # the endpoint does not know the operation
    REFUSED = "refused"  # any other 4xx: AWS's rules


# Codes that no person knows: this program's own, whose messages say the same in words. JSON has them.
OWN_CODES = frozenset(
    {
        "AnotherAccount",
        "Deadlock",
        "EndlessList",
        "IncompleteAnswer",
        "InternalError",
        "PlanAgain",
        "RefreshedCredentialsExpired",
        "Timeout",
        "UnintelligibleAnswer",
        "UpdateFailed",
        "VersionFailed",
    }
)


def coded(code: str, message: str) -> str:
    """`AccessDeniedException: not authorized`; the message alone where the code says nothing to a person."""
    return message if code in OWN_CODES or code.isdecimal() else f"{code}: {message}"


class AwsError(ReconcileError):
    """One AWS call that failed: AWS's code, words and request id."""

    def __init__(  # noqa: PLR0913 - the parts of an AWS error
        self,
        message: str,
        *,
        kind: ErrorKind,
        code: str,
        operation: str,
        request_id: str | None = None,
        retry_after: float | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.kind = kind
        self.code = code
        self.operation = operation
        self.request_id = request_id
        self.retry_after = retry_after


def sentence(error: AwsError) -> str:
    """An AWS error in words: the call, AWS's code and message; then, as a sentence of its own, what to do."""
    hint = f". {error.hint[0].upper()}{error.hint[1:]}" if error.hint else ""
    return f"{error.operation}: {coded(error.code, error.message)}{hint}"
