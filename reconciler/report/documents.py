"""The JSON that scripts read, as pydantic models: what `--format json` prints, and the JSON Schema of it.

One object, in a stable order, without timestamps. A field without a default is always written; one with a default is
left out while it has it. The models forbid other keys, so that nothing undeclared is written; the published schemas
allow them, since a minor version may add keys and readers must ignore those they don't know.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from reconciler.decide.summary import AppliedSummary, Summary
from reconciler.model.finding import Severity

FORMAT_VERSION: Final = "1.0"

Op = Literal[
    "await_updated",
    "publish_version",
    "await_active",
    "create_alias",
    "move_alias",
    "await_settled",
    "set_provisioned",
    "remove_provisioned",
    "await_ready",
    "register_target",
    "put_scheduled_action",
    "delete_scheduled_action",
    "put_scaling_policy",
    "delete_scaling_policy",
    "deregister_target",
    "await_number",
    "delete_version",
    "add_permission",
    "copy_async_config",
    "move_event_source",
]
VerdictName = Literal["in-sync", "pending", "settling", "blocked", "unreadable"]


class Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# ---------------------------------------------------------------- an ion


class ScalingSummary(Written):
    min: int
    max: int
    target: float | None = Field(description="The utilisation that load is kept at; null: load decides nothing")
    schedules: tuple[str, ...] = Field(description="Names of the schedules that set the bounds")


class Change(Written):
    field: str = Field(
        description="alias, version, routing, concurrency, scaling, permissions, event_sources or versions"
    )
    before: str | int | ScalingSummary | None
    after: str | int | ScalingSummary | None = Field(description='"new": the version that the publish step will return')
    reason: str


class Step(Written):
    op: Op
    version: str | None = Field(
        default=None, description='Of await_active, create_alias, move_alias and delete_version; "new": as in changes'
    )
    clear_weights: bool = Field(default=False, description="Of move_alias: the alias's routing weights are removed too")
    concurrency: int | None = Field(default=None, description="Of set_provisioned")
    min: int | None = Field(default=None, description="Of register_target (at present) and put_scheduled_action")
    max: int | None = Field(default=None, description="As min")
    name: str | None = Field(default=None, description="Of a scheduled action or a policy")
    schedule: str | None = Field(default=None, description="Of put_scheduled_action: AWS's cron expression")
    timezone: str | None = Field(default=None, description="Of put_scheduled_action: an IANA name")
    target: float | None = Field(default=None, description="Of put_scaling_policy: a utilisation, 0.1 to 0.9")
    statement: Mapping[str, str | bool] = Field(default={}, description="Of add_permission: its parameters")
    settings: Mapping[str, str | int] = Field(default={}, description="Of copy_async_config: its parameters")
    uuid: str | None = Field(default=None, description="Of move_event_source: the mapping")
    source: str | None = Field(default=None, description="Of move_event_source: the queue or stream that it reads")


class StepError(Written):
    code: str = Field(description="AWS's error code, or one of our own")
    message: str
    request_id: str | None
    hint: str | None


class AttemptedStep(Step):
    outcome: Literal["done", "failed", "not_attempted"]
    error: StepError | None = Field(description="Only of a failed step")
    note: str | None = Field(description="What was done differently from the plan, or why it was not attempted")


class ScalingTarget(Written):
    minimum: int
    maximum: int
    suspended: bool


class ScalingUnknown(Written):
    unknown: str = Field(description="Why it could not be read")


class Observed(Written):
    version: str | None = Field(description="The number of the version that the alias points at; null: no alias")
    requested: int | None = Field(description="Provisioned concurrency; null: none, as in the next four")
    allocated: int | None
    available: int | None
    status: str | None = Field(description="IN_PROGRESS, READY or FAILED")
    status_reason: str | None
    reserved: int | None = Field(description="The function's reserved concurrency; null: none")
    scaling: ScalingTarget | ScalingUnknown | None = Field(description="Application Auto Scaling's bounds on the alias")
    weights: Mapping[str, float] = Field(default={}, description="Additional routing weights by version, 0 to 1")


class Amounts(Written):
    monthly_before: float = Field(description="USD a month at list price, now")
    monthly_after: float = Field(description="The same once the plan is applied")
    monthly_least: float | None = Field(
        description="Where load decides, the least of what monthly_after is the most; null: it is one number"
    )


class Ion(Written):
    account: str | None = Field(description="null: not known, as is the region")
    region: str | None
    group: str | None = Field(description="null: at the file's top level")
    function: str
    alias: str
    alias_arn: str | None = Field(description="What callers must call; null: account or region are not known")
    verdict: VerdictName
    why: str | None
    changes: tuple[Change, ...]
    steps: tuple[Step, ...]
    observed: Observed | None = Field(description="Before any step; null: unreadable")
    cost: Amounts | None


class StatusIon(Ion):
    version_modified: str | None = Field(description="When the version behind the alias was published; ISO 8601, UTC")


class AppliedIon(Ion):
    steps: tuple[AttemptedStep, ...]
    after: Observed | None = Field(description="After the last step; null: not observed since")
    problem: str | None = Field(description="Why it has to be planned again although no step failed")


# ---------------------------------------------------------------- plan, status, apply


class Cost(Written):
    currency: Literal["USD"]
    monthly_before: float = Field(description="USD a month at list price, of all ions now")
    monthly_after: float = Field(description="The same once the plan is applied")
    monthly_least: float | None = Field(description="As an ion's")
    notes: tuple[str, ...] = Field(description="Which regions were counted at another region's price")


class Refusal(Written):
    code: str = Field(description="What --allow takes")
    message: str
    ions: tuple[str, ...] = Field(description="Alias ARNs, or function:alias where the account is not known")


class Error(Written):
    message: str
    where: str | None = Field(description="The file, or file:line:column")
    hint: str | None


class Document(Written):
    format_version: str = Field(description="Of the document; a minor version only adds keys")
    command: str


class Answered(Document):
    endpoint: str | None = Field(description="Where AWS's answers came from; null: AWS's own endpoints")


class Decided(Answered):
    digest: str = Field(description="sha256: and 64 hex digits over the plan's writes; what apply --expect takes")
    summary: Summary
    cost: Cost
    refusals: tuple[Refusal, ...]
    warnings: tuple[str, ...]


class PlanDocument(Decided):
    command: Literal["plan"]
    ions: tuple[Ion, ...]


class StatusDocument(Decided):
    command: Literal["status"]
    ions: tuple[StatusIon, ...]


class AppliedDocument(Decided):
    interrupted: bool
    result: AppliedSummary
    ions: tuple[AppliedIon, ...]
    errors: tuple[Error, ...] = Field(default=(), description="What ended it early")


class ApplyDocument(AppliedDocument):
    command: Literal["apply"]


class RollbackDocument(AppliedDocument):
    command: Literal["rollback"]


class PruneDocument(AppliedDocument):
    command: Literal["prune"]


# ---------------------------------------------------------------- doctor, validate, errors


class Finding(Written):
    code: str
    severity: Severity
    account: str
    region: str
    function: str | None = Field(description="null: it is about the whole region")
    alias: str | None = Field(description="null: it is about the function")
    arn: str | None = Field(description="What callers must call")
    message: str
    todo: str
    commands: tuple[str, ...] = Field(description="Shell commands that do it")
    monthly_usd: float | None = Field(description="USD a month at list price; null: nothing, or not known")
    yaml: tuple[str, ...] = Field(description="Lines of warm.yaml that ask for what is advised")


class FindingCounts(Written):
    problem: int
    hint: int
    unknown: int


class Unreached(Written):
    currency: Literal["USD"]
    monthly_unreached: float = Field(description="USD a month for provisioned concurrency that nobody reaches")


class DoctorDocument(Answered):
    command: Literal["doctor"]
    days: int = Field(description="Of metrics that were read")
    summary: FindingCounts
    cost: Unreached
    warnings: tuple[str, ...]
    findings: tuple[Finding, ...]


class ValidateDocument(Document):
    command: Literal["validate"]
    ions: int
    errors: tuple[Error, ...]


class ErrorDocument(Document):
    """Any command's that ended before it had a result."""

    errors: tuple[Error, ...] = Field(min_length=1)


APPLYING: Final[Mapping[str, type[AppliedDocument]]] = {
    "apply": ApplyDocument,
    "rollback": RollbackDocument,
    "prune": PruneDocument,
}
PRINTED: Final[Mapping[str, Any]] = {
    "plan": PlanDocument | ErrorDocument,
    "apply": ApplyDocument | ErrorDocument,
    "rollback": RollbackDocument | ErrorDocument,
    "prune": PruneDocument | ErrorDocument,
    "status": StatusDocument | ErrorDocument,
    "doctor": DoctorDocument | ErrorDocument,
    "validate": ValidateDocument | ErrorDocument,
}


def json_schema(command: str) -> dict[str, object]:
    """The JSON Schema (draft 2020-12) of what the command prints with `--format json`."""
    schema = TypeAdapter(PRINTED[command]).json_schema(schema_generator=_Untitled)
    for model in schema["$defs"].values():
        model["additionalProperties"] = True
    return {"$schema": _Untitled.schema_dialect, "title": f"reconcile {command} --format json", **schema}


class _Untitled(GenerateJsonSchema):
    """No titles that only repeat a key."""

    def field_title_should_be_set(self, _: object) -> bool:
        return False
