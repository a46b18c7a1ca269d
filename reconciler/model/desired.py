"""What the file asks for: the vocabulary of warm.yaml, defaults merged. Frozen values, and nothing else.

A module of its own, since checking a file needs nothing of what `model` holds besides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.model.scaling import Scaled, Schedule


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """How the file says to reach an account and region; None means: what the environment gives."""

    account: str | None = None
    region: str | None = None
    profile: str | None = None
    role_arn: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class FollowLatest:
    """The alias follows `$LATEST`."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """Exactly this published version."""

    number: str


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """The alias stays where it points; it must exist."""


@dataclass(frozen=True, slots=True)
class CallersWish:
    """What is to be done for those who call the bare function; False: unmanaged.

    `permissions`: the alias allows what the bare function allows. `event_sources`: its mappings are moved to the alias.
    """

    permissions: bool = False
    event_sources: bool = False


VersionWish = FollowLatest | Pinned | Unmanaged


@dataclass(frozen=True, slots=True)
class Desired:
    """One ion of the file, defaults merged.

    `concurrency` None: not managed; 0: no provisioned concurrency; Scaled: kept by Application Auto Scaling.

    `keep_versions`: for `prune` alone, how many versions stay beside those in use; None: not said.
    `where` is the position in the file (`warm.yaml:12:7`), for messages only.
    """

    connection: ConnectionSettings
    group: str | None
    function: str
    alias: str
    version: VersionWish
    concurrency: "int | Scaled | None"
    where: str = field(default="", compare=False)
    keep_versions: int | None = field(default=None, kw_only=True)
    callers: CallersWish = CallersWish()


@dataclass(frozen=True, slots=True)
class Limits:
    """`limits` of the file: per account and region."""

    concurrency: int | None = None
    monthly_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """USD per GB-second of provisioned concurrency."""

    x86_64: float
    arm64: float


@dataclass(frozen=True, slots=True)
class Config:
    """A whole file. `prices` by region; `timezone` (an IANA name) is that of the `schedules` which name none.

    `warnings`: what is no error of the file, and may still surprise.
    """

    source: str
    desired: tuple[Desired, ...]
    limits: Limits
    prices: Mapping[str, Price]
    timezone: str | None = None
    warnings: tuple[str, ...] = ()
    schedules: "Mapping[str, Schedule]" = field(default_factory=dict)  # by name
