"""The policy that `iam-policy` prints allows exactly the calls that are made."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from sandboxed import ACCOUNT, REGION, Sandboxed, sandboxed

from reconciler.apply import Manner, Stop, apply
from reconciler.aws.inventory import inventory_of
from reconciler.aws.session import Opened, open_place
from reconciler.config import parse
from reconciler.decide.plan import decide
from reconciler.desired import Config, Connection
from reconciler.doctor import scope_of, survey
from reconciler.model import Done, Place, Unreadable
from reconciler.observe import observe
from reconciler.policy import MANAGED, policy, policy_notes
from reconciler.sites import resolve

FILE = """
version: 1
account: "123456789012"
region: us-east-1
groups:
  prod:
    ions:
      add: {alias: live, concurrency: 2}
      get: {alias: live, concurrency: 2}
"""
SERVICES = {"monitoring": "cloudwatch"}  # as requests are signed -> as policies say it


@pytest.fixture
def aws() -> Iterator[Sandboxed]:
    with sandboxed("prod-add", "prod-get") as aws:
        yield aws


def actions(document: dict[str, object]) -> set[str]:
    statements: Any = document["Statement"]
    return {action for statement in statements for action in statement["Action"]}


def calls_of(aws: Sandboxed, work: Callable[[], object]) -> set[str]:
    """The actions of all calls that are made by `work`."""
    before = len(aws.sandbox.calls)
    work()
    return {f"{SERVICES.get(one.service, one.service)}:{one.operation}" for one in aws.sandbox.calls[before:]}


def applied(aws: Sandboxed, text: str) -> None:
    results = aws.apply(text).results
    assert all(isinstance(outcome, Done) for result in results for _, outcome in result.outcomes)


def deployed(aws: Sandboxed, **settings: Any) -> None:  # noqa: ANN401 - of UpdateFunctionConfiguration
    aws.client().update_function_configuration(FunctionName="prod-add", **settings)


def repaired(aws: Sandboxed) -> set[str]:
    """An alias that got stuck at a version whose init fails is moved to the next one."""
    deployed(aws, Environment={"Variables": {"SANDBOX_INIT_FAILS": "1"}})
    calls = calls_of(aws, lambda: aws.apply(FILE))
    aws.pass_time(1000)
    deployed(aws, Environment={"Variables": {}}, Timeout=20)
    return calls | calls_of(aws, lambda: applied(aws, FILE))


def denied_session(aws: Sandboxed, connection: Connection) -> Opened:
    """The way in of a caller to whom lambda:GetFunction is denied."""
    session = aws.sandbox.session(connection.account, connection.region)
    body = b'{"Message": "not authorized to perform: lambda:GetFunction"}'

    class Raw:
        def stream(self, **_options: object) -> Iterator[bytes]:
            yield body

    def deny(request: Any, **_event: object) -> Any:  # noqa: ANN401 - AWSPreparedRequest in, AWSResponse out
        headers: Any = {"x-amzn-ErrorType": "AccessDeniedException", "content-length": str(len(body))}
        return AWSResponse(request.url, 403, headers, Raw())

    session.events.register_first("before-send.lambda.GetFunction", deny)
    return open_place(connection, parallelism=4, session=session)


def planned_without_get_function(aws: Sandboxed) -> None:
    config = parse(FILE.encode(), source="warm.yaml")
    resolved = resolve(config.desired, opener=lambda connection: denied_session(aws, connection), lane_for=aws.lane)
    plan = decide(observe(resolved, watch=Silent()), config)
    assert not any(isinstance(ion.verdict, Unreadable) for ion in plan.ions)


class Silent:
    def reads(self, done: int, total: int, _left: float) -> None:
        assert done <= total


def doctored(aws: Sandboxed) -> None:
    config, resolved, world = aws.world(FILE)
    survey(resolved, scope_of(config, world, days=7, now=aws.clock()), inventory_of=inventory_of)


def config_of(text: str) -> Config:
    return parse(text.encode(), source="warm.yaml")


def test_all_calls_ever_made_are_exactly_those_that_the_policy_allows(aws: Sandboxed) -> None:
    missing = f"{FILE}      addd: {{alias: live, concurrency: 1}}\n"
    made = calls_of(aws, lambda: aws.plan(missing))  # near names
    made |= calls_of(aws, lambda: applied(aws, FILE))  # create
    deployed(aws, Timeout=30)
    made |= calls_of(aws, lambda: applied(aws, FILE))  # move
    made |= calls_of(aws, lambda: applied(aws, FILE.replace("concurrency: 2", "concurrency: 0")))  # remove
    made |= calls_of(aws, lambda: applied(aws, FILE))
    made |= repaired(aws)
    made |= calls_of(aws, lambda: planned_without_get_function(aws))
    made |= calls_of(aws, lambda: doctored(aws))
    assert made == actions(policy(config_of(FILE), read_only=False))


def test_without_writing_the_calls_are_exactly_those_of_the_read_only_policy(aws: Sandboxed) -> None:
    missing = f"{FILE}      addd: {{alias: live, concurrency: 1}}\n"
    made = calls_of(aws, lambda: aws.plan(missing))
    applied(aws, FILE)
    made |= calls_of(aws, lambda: aws.plan(FILE))
    made |= calls_of(aws, lambda: planned_without_get_function(aws))
    made |= calls_of(aws, lambda: doctored(aws))
    assert made == actions(policy(config_of(FILE), read_only=True))


def test_only_the_files_functions_and_their_qualifiers_are_named() -> None:
    document: Any = policy(config_of(FILE), read_only=False)
    resources = {statement["Sid"]: statement["Resource"] for statement in document["Statement"]}
    assert resources == {
        "Functions": [
            "arn:aws:lambda:us-east-1:123456789012:function:prod-add",
            "arn:aws:lambda:us-east-1:123456789012:function:prod-add:*",
            "arn:aws:lambda:us-east-1:123456789012:function:prod-get",
            "arn:aws:lambda:us-east-1:123456789012:function:prod-get:*",
        ],
        "Account": "*",
        "Doctor": "*",
    }
    assert document["Version"] == "2012-10-17"
    assert {statement["Effect"] for statement in document["Statement"]} == {"Allow"}


def test_what_writes_is_allowed_on_the_files_functions_alone() -> None:
    everything: Any = policy(config_of(FILE), read_only=False)["Statement"]
    reading: Any = policy(config_of(FILE), read_only=True)["Statement"]
    assert everything[1:] == reading[1:]
    assert set(everything[0]["Action"]) - set(reading[0]["Action"]) == {
        "lambda:CreateAlias",
        "lambda:DeleteProvisionedConcurrencyConfig",
        "lambda:PublishVersion",
        "lambda:PutProvisionedConcurrencyConfig",
        "lambda:UpdateAlias",
    }


@pytest.mark.parametrize(
    ("head", "arn"),
    [
        ("", "arn:aws:lambda:*:*:function:f"),
        ("region: eu-west-1\n", "arn:aws:lambda:eu-west-1:*:function:f"),
        ('account: "123456789012"\n', "arn:aws:lambda:*:123456789012:function:f"),
        ("region: cn-north-1\n", "arn:aws-cn:lambda:cn-north-1:*:function:f"),
        ("role_arn: arn:aws:iam::999999999999:role/r\n", "arn:aws:lambda:*:999999999999:function:f"),
    ],
)
def test_what_the_file_does_not_declare_is_a_star_and_is_said(head: str, arn: str) -> None:
    config = config_of(f"version: 1\n{head}ions: {{f: {{alias: live, concurrency: 1}}}}\n")
    document: Any = policy(config, read_only=True)
    assert document["Statement"][0]["Resource"] == [arn, f"{arn}:*"]
    assert any("`*` stands there" in note for note in policy_notes(config, read_only=True))


def test_places_that_are_known_beyond_the_file_are_used() -> None:
    config = config_of("version: 1\nions: {f: {alias: live, concurrency: 1}}\n")
    places = {Connection(): Place(ACCOUNT, REGION)}
    document: Any = policy(config, read_only=True, places=places)
    assert document["Statement"][0]["Resource"][0] == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
    assert policy_notes(config, read_only=True, places=places) == ()


def test_two_aliases_of_a_function_are_one_function() -> None:
    both = f"{FILE}      more: {{function: prod-add, alias: blue, concurrency: 0}}\n"
    assert policy(config_of(both), read_only=True) == policy(config_of(FILE), read_only=True)


def test_more_functions_than_fit_become_one_pattern_a_group() -> None:
    many = "".join(f"      ion-{number:03}: {{alias: live}}\n" for number in range(100))
    alone = "      legacy: {function: legacy-name, alias: live}\n"
    config = config_of(f"{FILE}{many}{alone}")
    document: Any = policy(config, read_only=False)
    assert document["Statement"][0]["Resource"] == [
        "arn:aws:lambda:us-east-1:123456789012:function:legacy-name",
        "arn:aws:lambda:us-east-1:123456789012:function:legacy-name:*",
        "arn:aws:lambda:us-east-1:123456789012:function:prod-*",
    ]
    assert len(json.dumps(document, separators=(",", ":"))) <= MANAGED
    assert any("named by its prefix instead" in note for note in policy_notes(config, read_only=False))


def test_even_patterns_may_be_too_many_and_that_is_said() -> None:
    ions = "".join(f"  function-{number:03}: {{alias: live}}\n" for number in range(100))
    config = config_of(f"version: 1\nregion: us-east-1\nions:\n{ions}")
    assert any("characters all the same" in note for note in policy_notes(config, read_only=False))


def test_a_small_file_needs_no_word() -> None:
    assert policy_notes(config_of(FILE), read_only=False) == ()


def test_the_flow_here_is_the_products_own(aws: Sandboxed) -> None:
    """What the tests above call is all there is: an apply in sync reads, and writes nothing."""
    applied(aws, FILE)
    config, resolved, world = aws.world(FILE)
    done = apply(decide(world, config), resolved.sites, manner=Manner(), stop=Stop(), watch=lambda *_: None)
    assert all(not result.outcomes for result in done.results)
