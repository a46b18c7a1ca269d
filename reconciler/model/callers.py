"""Who calls a function, and by which name: resource policies, event source mappings, asynchronous settings.

Frozen values only. A policy's statements, and the asynchronous settings, belong to one qualifier: the bare function, a
version or an alias; none is inherited by another.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grant:
    """A statement as AddPermission takes it; the optional parts are its conditions."""

    sid: str
    action: str
    principal: str
    source_arn: str | None = None
    source_account: str | None = None
    event_source_token: str | None = None
    principal_org_id: str | None = None
    function_url_auth_type: str | None = None
    invoked_via_function_url: bool | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a resource policy.

    `meaning`: all of it but Sid and Resource, in one spelling: statements of equal meaning allow or deny the same.
    `invokes`: whether it is about calls at all. `grant` None: AddPermission can't make it, and `obstacle` says why.
    """

    sid: str
    meaning: str
    invokes: bool
    grant: Grant | None
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class ResourcePolicy:
    """GetPolicy of one qualifier. `revision_id` None: there is no policy."""

    statements: tuple[Statement, ...] = ()
    revision_id: str | None = None


@dataclass(frozen=True, slots=True)
class AsyncSettings:
    """GetFunctionEventInvokeConfig of one qualifier. `max_age`: seconds; destinations are ARNs; None: not set."""

    retries: int | None = None
    max_age: int | None = None
    on_success: str | None = None
    on_failure: str | None = None


@dataclass(frozen=True, slots=True)
class EventSource:
    """One event source mapping. `function` and `qualifier` (None: bare) are whom it calls; `state` is AWS's word."""

    uuid: str
    source: str
    function: str
    qualifier: str | None
    state: str = "Enabled"

    @property
    def enabled(self) -> bool:
        return self.state not in {"Disabled", "Disabling"}


@dataclass(frozen=True, slots=True)
class Callers:
    """What was read of a function's callers, as far as the file asks for it.

    `bare`, `alias`: the policies; None: not read. `sources`: every mapping of the function, by UUID; None: not read.
    `bare_async`, `alias_async`: the asynchronous settings; None: there are none, or they were not read.
    """

    bare: ResourcePolicy | None = None
    alias: ResourcePolicy | None = None
    sources: tuple[EventSource, ...] | None = None
    bare_async: AsyncSettings | None = None
    alias_async: AsyncSettings | None = None


NOTHING_READ = Callers()
NO_POLICY = ResourcePolicy()
SELF_MANAGED = "a self-managed event source"  # what a mapping without an ARN reads
