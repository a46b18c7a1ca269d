"""The least-privilege IAM policy for the functions that a file names: `iam-policy`. Pure; AWS is not asked.

Two kinds of statement: what is allowed on the file's functions and their qualifiers, and the reads that IAM knows no
resource for. GetFunctionConfiguration and GetFunctionConcurrency are only used where lambda:GetFunction is denied.
An account or region that the file does not declare is `*`. A managed policy holds 6,144 characters: where the
functions' names would not fit, those of a group become one pattern, `<group>-*`, and a note says so.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.desired import Config, Connection, Desired
from reconciler.model import Place, partition

READS: Final = (
    "lambda:GetAlias",
    "lambda:GetFunction",
    "lambda:GetFunctionConcurrency",
    "lambda:GetFunctionConfiguration",
    "lambda:GetProvisionedConcurrencyConfig",
    "lambda:ListProvisionedConcurrencyConfigs",
)
WRITES: Final = (
    "lambda:CreateAlias",
    "lambda:DeleteProvisionedConcurrencyConfig",
    "lambda:PublishVersion",
    "lambda:PutProvisionedConcurrencyConfig",
    "lambda:UpdateAlias",
)
ACCOUNT_READS: Final = (
    "application-autoscaling:DescribeScalableTargets",
    "lambda:GetAccountSettings",
    "lambda:ListFunctions",
    "sts:GetCallerIdentity",
)
DOCTOR_READS: Final = ("lambda:GetPolicy",)
DOCTOR_ACCOUNT_READS: Final = ("cloudwatch:GetMetricData", "lambda:ListEventSourceMappings")

MANAGED: Final = 6144  # characters of a managed policy, blanks aside
INLINE: Final = 10240  # of all inline policies of a role

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Named:
    """One function or pattern of names, in a place whose parts may be `*`."""

    place: Place
    name: str

    @property
    def arns(self) -> tuple[str, ...]:
        """The function, and all of its qualifiers; a pattern's own `*` covers those too."""
        region, account = self.place.region or "*", self.place.account or "*"
        arn = f"arn:{partition(region)}:lambda:{region}:{account}:function:{self.name}"
        return (arn,) if self.name.endswith("*") else (arn, f"{arn}:*")


def policy(config: Config, *, read_only: bool, places: Mapping[Connection, Place] | None = None) -> Json:
    """The policy as IAM takes it. `places`: where connections lead, as far as that is known beyond the file."""
    whole = _document(_functions(config.desired, places or {}), read_only=read_only)
    if _length(whole) <= MANAGED:
        return whole
    return _document(_patterns(config.desired, places or {}), read_only=read_only)


def policy_notes(
    config: Config, *, read_only: bool, places: Mapping[Connection, Place] | None = None
) -> tuple[str, ...]:
    """What a person has to know about the policy: for stderr."""
    notes = []
    whole = _document(_functions(config.desired, places or {}), read_only=read_only)
    if _length(whole) > MANAGED:
        notes.append(
            f"naming each function would take {_length(whole):,} characters, and AWS takes {MANAGED:,} in a managed "
            "policy: the functions of a group are named by its prefix instead"
        )
    given = policy(config, read_only=read_only, places=places)
    if _length(given) > MANAGED:
        notes.append(
            f"it has {_length(given):,} characters all the same: use it inline (a role holds {INLINE:,}), or divide "
            "the functions among several policies"
        )
    if any("" in (place.account, place.region) for place in _places(config.desired, places or {})):
        notes.append("the file declares no account or region for some functions: `*` stands there")
    return tuple(notes)


def _document(functions: Iterable[_Named], *, read_only: bool) -> Json:
    actions = (*READS, *DOCTOR_READS, *(() if read_only else WRITES))
    arns = [arn for function in functions for arn in function.arns]
    return {
        "Version": "2012-10-17",
        "Statement": [
            _statement("Functions", actions, arns),
            _statement("Account", ACCOUNT_READS, "*"),
            _statement("Doctor", DOCTOR_ACCOUNT_READS, "*"),
        ],
    }


def _statement(sid: str, actions: Iterable[str], resource: object) -> Json:
    return {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": resource}


def _functions(desired: Iterable[Desired], places: Mapping[Connection, Place]) -> list[_Named]:
    return _sorted(_Named(_place(one.connection, places), one.function) for one in desired)


def _patterns(desired: Iterable[Desired], places: Mapping[Connection, Place]) -> list[_Named]:
    return _sorted(_Named(_place(one.connection, places), _pattern(one)) for one in desired)


def _pattern(desired: Desired) -> str:
    prefix = f"{desired.group}-"
    return f"{prefix}*" if desired.group is not None and desired.function.startswith(prefix) else desired.function


def _sorted(functions: Iterable[_Named]) -> list[_Named]:
    return sorted(set(functions), key=lambda one: (one.place, one.name))


def _place(connection: Connection, places: Mapping[Connection, Place]) -> Place:
    known = places.get(connection, Place("", ""))
    role = (connection.role_arn or "").split(":")
    account = connection.account or known.account or (role[4] if len(role) > 4 else "")
    return Place(account, connection.region or known.region)


def _places(desired: Iterable[Desired], places: Mapping[Connection, Place]) -> set[Place]:
    return {_place(one.connection, places) for one in desired}


def _length(document: Json) -> int:
    """As AWS counts: without blanks."""
    return len(json.dumps(document, separators=(",", ":")))
