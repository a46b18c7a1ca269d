"""The steps of a plan, each one write or one wait, as values: what is asked of AWS, not how.

A write changes AWS; a wait ends when AWS shows what it waits for. `decide.steps` puts them in order.
"""

from dataclasses import dataclass

from reconciler.model.callers import AsyncSettings, Grant
from reconciler.model.scaling import ScheduledAction


@dataclass(frozen=True, slots=True)
class NewVersion:
    """The version that the publish step will return; only AWS can number it."""


Version = str | NewVersion


# ---------------------------------------------------------------- the alias and its provisioned concurrency


@dataclass(frozen=True, slots=True)
class AwaitUpdated:
    """Wait until the update of `$LATEST` has ended."""


@dataclass(frozen=True, slots=True)
class PublishVersion:
    """Publish `$LATEST`, unless its code or RevisionId is no longer the planned one."""

    code_sha256: str
    revision_id: str


@dataclass(frozen=True, slots=True)
class AwaitActive:
    """Wait until the version is Active."""

    version: Version


@dataclass(frozen=True, slots=True)
class CreateAlias:
    version: Version


@dataclass(frozen=True, slots=True)
class MoveAlias:
    """Point the alias at another version, if it still points at `before`. `clear_weights` empties its routing too.

    `holds`: of a rollback, the version that `$LATEST` equals; the alias stays where it is put until that changes.
    """

    before: str
    version: Version
    clear_weights: bool = False
    holds: str | None = None


@dataclass(frozen=True, slots=True)
class AwaitSettled:
    """Wait until Lambda's own routing weights are gone."""


@dataclass(frozen=True, slots=True)
class SetProvisioned:
    concurrency: int


@dataclass(frozen=True, slots=True)
class RemoveProvisioned:
    pass


@dataclass(frozen=True, slots=True)
class AwaitReady:
    """Wait until the provisioned concurrency is READY."""


AliasWrite = PublishVersion | CreateAlias | MoveAlias | SetProvisioned | RemoveProvisioned
AliasWait = AwaitUpdated | AwaitActive | AwaitSettled | AwaitReady


# ---------------------------------------------------------------- a number that scales


@dataclass(frozen=True, slots=True)
class RegisterTarget:
    """Have Application Auto Scaling keep the number within the bounds that are due when it is applied.

    `minimum` and `maximum` are those due when it was planned.
    """

    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class PutScheduledAction:
    action: ScheduledAction


@dataclass(frozen=True, slots=True)
class DeleteScheduledAction:
    name: str


@dataclass(frozen=True, slots=True)
class PutScalingPolicy:
    """Track load: keep the utilisation of the provisioned concurrency at `target`."""

    name: str
    target: float


@dataclass(frozen=True, slots=True)
class DeleteScalingPolicy:
    name: str


@dataclass(frozen=True, slots=True)
class DeregisterTarget:
    """Take the number out of Application Auto Scaling's hands, with its actions and policies; the number stays."""


@dataclass(frozen=True, slots=True)
class AwaitNumber:
    """Wait until the number is within the bounds that are due; register once more, then put the minimum."""


ScalingWrite = (
    RegisterTarget
    | PutScheduledAction
    | DeleteScheduledAction
    | PutScalingPolicy
    | DeleteScalingPolicy
    | DeregisterTarget
)
ScalingStep = ScalingWrite | AwaitNumber


# ---------------------------------------------------------------- callers


@dataclass(frozen=True, slots=True)
class AddPermission:
    """Allow on the alias what the bare function allows. `meaning`: of the statement, as in `callers.Statement`."""

    grant: Grant
    meaning: str


@dataclass(frozen=True, slots=True)
class CopyAsyncConfig:
    """Give the alias, which has none, the asynchronous settings of `$LATEST`."""

    settings: AsyncSettings


@dataclass(frozen=True, slots=True)
class MoveEventSource:
    """Point an event source mapping at the alias, if it still is on `before` (None: the bare name), and await that."""

    uuid: str
    source: str
    before: str | None


CallersWrite = AddPermission | CopyAsyncConfig | MoveEventSource


# ---------------------------------------------------------------- versions


@dataclass(frozen=True, slots=True)
class DeleteVersion:
    """Delete a published version. Its number, since without a qualifier AWS would delete the whole function."""

    version: int


Write = AliasWrite | ScalingWrite | CallersWrite | DeleteVersion
Wait = AliasWait | AwaitNumber
Step = Write | Wait
