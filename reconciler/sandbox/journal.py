"""The journal of calls: what any client asked of the sandbox, and how it was answered.

An entry holds names and statuses only; parameters, payloads and environment values never get into it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One answered call. `subject` is what it was about (`function:alias`), "" when it names nothing."""

    at: float
    account: str
    region: str
    service: str
    operation: str
    subject: str
    status: int
    error: str | None = None

    def __str__(self) -> str:
        when = datetime.fromtimestamp(self.at, UTC).strftime("%H:%M:%S.%f")[:-3]
        error = f" {self.error}" if self.error else ""
        line = f"{when} {self.account} {self.region} {self.service} {self.operation} {self.subject or '-'}"
        return "".join(character if character.isprintable() else "?" for character in f"{line} {self.status}{error}")
