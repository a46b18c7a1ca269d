"""What was observed: the key of each ion, and its live state as AWS answered. Everything is joined and sorted by Key.

Frozen values only. Durations are seconds, memory is MB. Only the fields of AWS's answers that a decision needs exist
here; environment values never do (Settings.environment holds keyed hashes).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model.callers import NOTHING_READ, Callers
from reconciler.model.desired import Desired
from reconciler.model.scaling import ScalingPolicy, ScheduledAction


@dataclass(frozen=True, slots=True, order=True)
class AccountRegion:
    """One AWS account and region: the unit of quotas, of pacing and of GetAccountSettings.

    `account` is "" and `region` may be "" where they could not be resolved (no credentials, say).
    """

    account: str
    region: str


@dataclass(frozen=True, slots=True, order=True)
class FunctionKey:
    """One function in one account and region. `unresolved` as in Key."""

    account: str
    region: str
    function: str
    unresolved: int = 0

    @property
    def place(self) -> AccountRegion:
        return AccountRegion(self.account, self.region)

    def qualified(self, qualifier: str) -> "Key":
        """One of its aliases, or of its versions."""
        return Key(self.account, self.region, self.function, qualifier, self.unresolved)


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """One alias of one function in one account and region.

    `unresolved`: 0, or the number of a connection that could not be opened, whose account can't be compared.
    """

    account: str
    region: str
    function: str
    alias: str
    unresolved: int = 0

    @property
    def place(self) -> AccountRegion:
        return AccountRegion(self.account, self.region)

    @property
    def function_key(self) -> FunctionKey:
        return FunctionKey(self.account, self.region, self.function, self.unresolved)

    @property
    def function_arn(self) -> str:
        """The function's ARN without a qualifier, in the partition that the region belongs to."""
        return f"arn:{partition(self.region)}:lambda:{self.region}:{self.account}:function:{self.function}"

    @property
    def alias_arn(self) -> str:
        """The target that callers must use."""
        return f"{self.function_arn}:{self.alias}"


def partition(region: str) -> str:
    """The ARN partition of a region (https://docs.aws.amazon.com/general/latest/gr/rande.html)."""
    prefixes = (
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-iso-", "aws-iso"),
        ("eusc-", "aws-eusc"),
    )
    return next((name for prefix, name in prefixes if region.startswith(prefix)), "aws")


@dataclass(frozen=True, slots=True)
class RollBack:
    """What a rollback asks of an ion, in place of the version that the file asks for.

    `number` None: there is nothing to go back to, and `reason` says why; else `reason` says why this version. `latest`:
    the version that `$LATEST` equals, for the mark that holds the alias. `note`: what a person should know.
    """

    number: str | None
    reason: str
    latest: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ion:
    """One entry of the file, joined with the account and region that it resolved to. `back` None: no rollback."""

    key: Key
    desired: Desired
    back: RollBack | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person can set on a function and a version keeps, normalised for comparing.

    `fields`: sorted (name, canonical text) of every compared field but the code and Environment; names are those of
    UpdateFunctionConfiguration. `environment`: sorted (variable, keyed hash of its value), the key random per run.
    """

    code_sha256: str
    fields: tuple[tuple[str, str], ...]
    environment: tuple[tuple[str, str], ...]
    architecture: str
    memory_mb: int
    log_group: str
    snap_start: bool = False
    durable: bool = False
    managed_instances: bool = False
    tenant_isolated: bool = field(default=False, compare=False)  # fixed when the function is created


@dataclass(frozen=True, slots=True)
class VersionState:
    """A published version (or `$LATEST`, when an alias points there). `modified`: seconds since 1970, for people."""

    number: str
    settings: Settings
    state: str
    state_reason: str | None = None
    modified: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Latest:
    """`$LATEST`: GetFunction without a qualifier. `reserved` None: no reserved concurrency; 0 is a value."""

    settings: Settings
    revision_id: str
    state: str
    update_status: str | None
    state_reason: str | None = None
    update_reason: str | None = None
    reserved: int | None = None


@dataclass(frozen=True, slots=True)
class AliasPointer:
    """GetAlias: where the alias points and its additional weights, (version, weight). `description`: "" for none."""

    version: str
    weights: tuple[tuple[str, float], ...]
    revision_id: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class AliasState:
    """An alias and the version behind it."""

    pointer: AliasPointer
    behind: VersionState


@dataclass(frozen=True, slots=True)
class Provisioned:
    """GetProvisionedConcurrencyConfig. `status` is IN_PROGRESS, READY or FAILED; `reason` only with FAILED.

    `modified`: when the number was last put, in seconds since 1970; None where AWS does not say.
    """

    requested: int
    allocated: int
    available: int
    status: str
    reason: str | None = None
    modified: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ScalingTarget:
    """Application Auto Scaling owns the number of this alias, between these two.

    `suspended`: nothing is left that could change the number; `hindered`: something is suspended. `actions` and
    `policies` are sorted by name; None: not read, since the file asks for no number there, or because of `unread`.
    `created`: seconds since 1970; None where AWS does not say.
    """

    minimum: int
    maximum: int
    suspended: bool = False
    hindered: bool = False
    actions: tuple[ScheduledAction, ...] | None = None
    policies: tuple[ScalingPolicy, ...] | None = None
    unread: str | None = None
    created: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ScalingUnknown:
    """The read of Application Auto Scaling's targets failed.

    `harmless`: the endpoint does not offer that service at all, so nothing there can own a number.
    """

    why: str
    harmless: bool = False


Scaling = ScalingTarget | ScalingUnknown | None


@dataclass(frozen=True, slots=True)
class Qualified:
    """One row of ListProvisionedConcurrencyConfigs: the alias or version, and its config."""

    qualifier: str
    provisioned: Provisioned


@dataclass(frozen=True, slots=True)
class Observed:
    """One ion's live state. `latest` None: no such function. `alias` None: no such alias.

    The last three are read in a second round, where the decision needs them: `pinned` is the version that the file pins
    when the alias is elsewhere, that a rollback goes to, or that its mark names (None: missing, or not read),
    `siblings` the provisioned concurrency of each of the function's qualifiers (None: not read), `near_names` functions
    of similar names when this one is missing. `now`: when it was read, in seconds since 1970, for what follows the
    clock. `callers`: what the file asks about them.
    """

    latest: Latest | None
    alias: AliasState | None
    provisioned: Provisioned | None
    scaling: Scaling = None
    pinned: VersionState | None = None
    siblings: tuple[Qualified, ...] | None = None
    near_names: tuple[str, ...] = ()
    now: float = field(default=0.0, compare=False)
    callers: Callers = NOTHING_READ

    @property
    def requested(self) -> int:
        """Units of provisioned concurrency requested; 0 without any."""
        return self.provisioned.requested if self.provisioned else 0


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The observation failed: never taken for "absent". Also the verdict that follows."""

    why: str


Observation = Observed | Unreadable


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """GetAccountSettings: concurrency of the account and region, and code storage in bytes."""

    concurrency: int
    unreserved: int
    code_storage_limit: int
    code_storage_used: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything observed for the ions of one run.

    `accounts`: account settings where they were needed (Unreadable: the read failed).
    `wrong_accounts`: (declared account, the caller's account, the ions concerned).
    """

    ions: tuple[Ion, ...]
    observations: Mapping[Key, Observation]
    accounts: Mapping[AccountRegion, AccountSettings | Unreadable] = field(default_factory=dict)
    wrong_accounts: tuple[tuple[str, str, tuple[Key, ...]], ...] = ()
    warnings: tuple[str, ...] = ()
