"""What `warm.yaml` may hold: one field a key, with its type, bounds and description.

Validation, the shape of a `defaults` and the JSON Schema come from here. What a person is told about a value that is
refused stands in `sentences`, under the name that the type gives its error (`Refused`). Keys that are left out stay
out: each mapping is a dict of the keys that the file gives.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, NotRequired

from pydantic import ConfigDict, Field, GetCoreSchemaHandler, with_config
from pydantic_core import CoreSchema
from pydantic_core.core_schema import custom_error_schema
from typing_extensions import TypedDict

from reconciler.config import patterns

MAX_INTEGER = 2**31 - 1
# The parser validates what is in these part by part: a mistake in one ion hides none in another, and what an anchor
# shares is read once.
READ_APART: Final = frozenset({"defaults", "ions", "groups", "schedules", "timezone"})
_CLOSED = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
_closed = with_config(_CLOSED)


@dataclass(frozen=True, slots=True)
class Refused:
    """The one error of a type, whichever of its rules was broken: a name in `sentences`."""

    error: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 - any type
        return custom_error_schema(handler(source), self.error, custom_error_message=self.error)


Account = Annotated[str, Field(pattern=patterns.ACCOUNT), Refused("account")]
Region = Annotated[str, Field(pattern=patterns.REGION), Refused("region")]
Profile = Annotated[str, Field(pattern=patterns.PROFILE), Refused("profile")]
RoleArn = Annotated[str, Field(pattern=patterns.ROLE_ARN), Refused("role_arn")]
ExternalId = Annotated[str, Field(pattern=patterns.EXTERNAL_ID), Refused("external_id")]
Alias = Annotated[str, Field(pattern=patterns.ALIAS, max_length=patterns.MAX_ALIAS), Refused("alias")]
Function = Annotated[str, Field(pattern=patterns.FUNCTION), Refused("function")]
GroupName = Annotated[str, Field(pattern=patterns.FUNCTION), Refused("group")]
IonName = Annotated[str, Field(min_length=1), Refused("name")]
Whole = Annotated[int, Field(ge=0, le=MAX_INTEGER, strict=True), Refused("whole")]
Amount = Annotated[float, Field(ge=0), Refused("amount")]
Version = Annotated[
    Literal["latest", "unmanaged"]
    | Annotated[int, Field(ge=1, le=10**18 - 1)]
    | Annotated[str, Field(pattern=patterns.VERSION_NUMBER)],
    Refused("version"),
]
Permissions = Annotated[Literal["mirror", "unmanaged"], Refused("permissions")]
EventSources = Annotated[Literal["alias", "unmanaged"], Refused("event_sources")]
Format = Annotated[int, Field(ge=1, le=1, strict=True), Refused("format")]


ScheduleName = Annotated[str, Field(pattern=patterns.SCHEDULE), Refused("schedule")]
Time = Annotated[str, Field(pattern=patterns.TIME), Refused("time")]
Timezone = Annotated[str, Field(description="An IANA time zone, like Europe/Berlin.")]
Target = Annotated[float, Field(ge=0.1, le=0.9), Refused("target")]
DayOfWeek = Annotated[str, Field(description="A name (mon), a range (mon-fri) or daily.")]
DayOfMonth = Annotated[int, Field(ge=1, le=31)]

ScheduleSection = TypedDict(
    "ScheduleSection",
    {
        "days": Annotated[
            DayOfWeek | list[DayOfWeek | DayOfMonth],
            Field(description="Days of the week by name, or days of the month as a list of numbers."),
        ],
        "from": Annotated[Time, Field(description='When the window opens, in quotes: "07:40".')],
        "to": Annotated[Time, Field(description="When it closes; before `from` means on the next day.")],
        "timezone": NotRequired[Timezone],
    },
)
_closed(ScheduleSection)


@_closed
class Range(TypedDict):
    """A number that follows load between two."""

    min: Annotated[Whole, Field(description="The least.")]
    max: Annotated[Whole, Field(description="The most.")]


Scaling = Annotated[
    dict[str, Whole | Range | Target],
    Field(
        description="By the clock: a number, or {min, max}, for each schedule and `otherwise`. By load: min and max. "
        "`target` is the utilisation that load is kept at, 0.7 unless said.",
        min_length=1,
    ),
]
BOUNDS_KEYS: Final = tuple(Range.__annotations__)
CONCURRENCY_KEYS: Final = (*BOUNDS_KEYS, "target", "otherwise")


@_closed
class Connection(TypedDict, total=False):
    """How an account and region are reached."""

    account: Annotated[Account, Field(description="The AWS account id, in quotes. Optional: any other is refused.")]
    region: Annotated[
        Region, Field(description="The AWS region. Optional: else AWS_REGION, AWS_DEFAULT_REGION, the profile's.")
    ]
    profile: Annotated[Profile, Field(description="The profile of AWS's shared configuration to use.")]
    role_arn: Annotated[RoleArn, Field(description="The role to assume, from the profile or the ambient credentials.")]
    external_id: Annotated[ExternalId, Field(description="The external id that the role asks for; goes with role_arn.")]


@_closed
class Defaults(TypedDict, total=False):
    """Settings that ions inherit."""

    alias: Annotated[Alias, Field(description="The alias that callers use. Required, here or in a `defaults`.")]
    concurrency: Annotated[
        Whole | Scaling,
        Field(
            description="Provisioned concurrency on the alias. 0: none, an existing one is removed. "
            "Left out everywhere: not managed."
        ),
        Refused("whole"),  # a mapping is read apart
    ]
    version: Annotated[
        Version,
        Field(
            description="`latest`: the alias follows $LATEST. A number: exactly that published version. "
            "`unmanaged`: the alias stays where it points.",
            json_schema_extra={"default": "latest"},
        ),
    ]
    permissions: Annotated[
        Permissions,
        Field(
            description="`mirror`: whoever may call the bare function may call the alias too; statements are added "
            "to the alias, never taken away. `unmanaged`: left as they are.",
            json_schema_extra={"default": "unmanaged"},
        ),
    ]
    event_sources: Annotated[
        EventSources,
        Field(
            description="`alias`: event source mappings (SQS, Kinesis, …) of the bare function are pointed at the "
            "alias. `unmanaged`: left as they are.",
            json_schema_extra={"default": "unmanaged"},
        ),
    ]


DefaultsSection = Annotated[
    Defaults | None, Field(description="Settings for every ion below that does not set them itself.")
]


@_closed
class Ion(Defaults, total=False):
    """One Lambda function and its alias."""

    function: Annotated[
        Function,
        Field(description="The Lambda's full name, when it is not <group>-<ion> (at the top: the ion's name)."),
    ]


BareConcurrency = Annotated[Whole, Refused("ion")]
IonSection = Annotated[
    Ion | BareConcurrency | None,
    Field(description="A mapping, the provisioned concurrency alone, or nothing: all by the defaults."),
]
Ions = dict[IonName, IonSection]


@_closed
class Group(Connection, total=False):
    """A Datomic compute group."""

    defaults: DefaultsSection
    ions: Annotated[Ions | None, Field(description="The ions of the group, by name; the Lambda is <group>-<ion>.")]


@_closed
class Limits(TypedDict, total=False):
    """The most that a plan may ask for."""

    concurrency: Annotated[Whole, Field(description="The most provisioned concurrency, per account and region.")]
    monthly_usd: Annotated[Amount, Field(description="The highest price a month in USD, per account and region.")]


@_closed
class Price(TypedDict):
    """The list prices of one region."""

    x86_64: Annotated[Amount, Field(description="USD per GB-second of provisioned concurrency on x86_64.")]
    arm64: Annotated[Amount, Field(description="USD per GB-second of provisioned concurrency on arm64.")]


class _Format(TypedDict, total=False):
    version: Annotated[Format, Field(description="The version of this file's format.")]


@with_config(_CLOSED | ConfigDict(title="warm.yaml", json_schema_extra={"required": ["version"]}))
class File(_Format, Connection, total=False):
    """Aliases and provisioned concurrency of Lambdas, as `reconcile` keeps them."""

    defaults: DefaultsSection
    ions: Annotated[
        Ions | None,
        Field(description="Lambdas by full function name, in the account and region above."),
    ]
    groups: Annotated[
        dict[GroupName, Group | None] | None,
        Field(description="Datomic compute groups, by name; the Lambda is <group>-<ion>."),
    ]
    timezone: Annotated[Timezone, Field(description="The time zone of every schedule that names none.")]
    schedules: Annotated[
        dict[ScheduleName, ScheduleSection] | None,
        Field(description="Windows of the clock, by name, for a `concurrency` that follows them."),
    ]
    limits: Annotated[Limits | None, Field(description="Plans that go beyond are refused.")]
    prices: Annotated[
        dict[Region, Price] | None,
        Field(description="By region: USD per GB-second, where it differs from the built-in list prices."),
    ]
