"""The rest of the doctor: the application's file, what can't be read, the order."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from doctor_world import FILE, codes, diagnose, well_used
from sandboxed import HERE, Sandboxed, alias, sandboxed

from reconciler.advise.doctor import Severity, examine, scope_of, survey
from reconciler.aws.connection import AwsConnection
from reconciler.config.ion_config import parse_ion_config
from reconciler.model.errors import AwsError, ErrorKind, ReconcileError
from reconciler.model.finding import alias_name, function_name
from reconciler.model.inventory import DAY, InventoryReader
from reconciler.model.observed import Unreadable
from reconciler.model.ports import Reader
from reconciler.observe.environments import Resolved


@pytest.fixture
def aws() -> Iterator[Sandboxed]:
    with sandboxed("prod-add", "prod-get") as aws:
        alias(aws.client(), "prod-add", warm=2)
        aws.pass_time(30 * DAY)
        well_used(aws)
        yield aws


def edn(lambdas: str) -> Any:  # noqa: ANN401 - IonConfig
    return parse_ion_config(f"{{:lambdas {{{lambdas}}}}}", source="ion-config.edn")


def test_file_and_application_that_agree_are_no_finding(aws: Sandboxed) -> None:
    assert diagnose(aws, ion_config=edn(":add {:fn a/b}")) == []


def test_an_ion_that_only_the_application_knows_is_told_with_the_line_to_add(aws: Sandboxed) -> None:
    (finding,) = diagnose(aws, ion_config=edn(":add {:fn a/b} :get {:fn a/b}"))
    assert (finding.code, function_name(finding.subject), alias_name(finding.subject)) == (
        "not-in-file",
        "prod-get",
        None,
    )
    assert "add `get:` under groups.prod.ions" in finding.todo


def test_an_ion_that_only_the_file_knows_is_told_with_what_it_keeps_warm(aws: Sandboxed) -> None:
    (finding,) = diagnose(aws, ion_config=edn(""))
    assert (finding.code, finding.severity) == ("not-in-ion-config", Severity.PROBLEM)
    assert "and 2 are kept warm" in finding.message


def test_a_function_of_its_own_name_is_not_the_applications(aws: Sandboxed) -> None:
    text = f"{FILE}      legacy: {{function: legacy-name, alias: live, concurrency: 0}}\n"
    findings = diagnose(aws, text, ion_config=edn(":add {:fn a/b}"))
    assert "not-in-ion-config" not in codes(findings)


@pytest.mark.parametrize(
    ("limit", "said"),
    [("3", None), (":none", None), ("2", "leaves nothing for $LATEST"), ("1", "AWS refuses more than is reserved")],
)
def test_a_limit_that_the_warm_capacity_takes_whole_is_too_low(aws: Sandboxed, limit: str, said: str | None) -> None:
    findings = diagnose(aws, ion_config=edn(f":add {{:fn a/b :concurrency-limit {limit}}}"))
    assert codes(findings) == ([] if said is None else ["limit-too-low"])
    assert said is None or said in findings[0].message


def test_an_application_of_no_group_of_the_file_is_an_error(aws: Sandboxed) -> None:
    text = "version: 1\nions: {prod-add: {alias: live, concurrency: 2}}\n"
    with pytest.raises(ReconcileError, match="no ion of the file is in a group") as raised:
        diagnose(aws, text, ion_config=edn(":add {:fn a/b}"))
    assert raised.value.hint


class Denied:
    """A reader of which some reads are denied."""

    def __init__(self, reader: Reader | InventoryReader, *denied: str, fault: ErrorKind = ErrorKind.DENIED) -> None:
        self._reader, self._denied, self._fault = reader, denied, fault
        self.refused = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - its methods
        if name not in self._denied:
            return getattr(self._reader, name)

        def deny(*_arguments: object, **_more: object) -> None:
            self.refused += 1
            raise AwsError("no", kind=self._fault, code="AccessDeniedException", operation=name, hint="ask somebody")

        return deny


def denying(resolved: Resolved, denied: str) -> Resolved:
    """The same connection, to which some reads are denied."""
    connection = connection_of(resolved)
    inventory, reader = Denied(connection.inventory, denied), Denied(connection.reader, denied)
    return reached_by(resolved, replace(connection, inventory=inventory, reader=reader))


def connection_of(resolved: Resolved) -> AwsConnection:
    (connection,) = set(resolved.environments[0].connections.values())
    assert isinstance(connection, AwsConnection)
    return connection


def reached_by(resolved: Resolved, other: AwsConnection) -> Resolved:
    (environment,) = resolved.environments
    return replace(
        resolved, environments=(replace(environment, connections=dict.fromkeys(environment.connections, other)),)
    )


@pytest.mark.parametrize("denied", ["permissions", "event_sources", "measured"])
def test_what_cannot_be_read_is_a_finding_and_never_health(aws: Sandboxed, denied: str) -> None:
    config, resolved, world = aws.world(FILE)
    scope = scope_of(config, world, days=7, now=aws.clock())
    read = survey(denying(resolved, denied), scope)
    (finding,) = examine(config, world, read, scope=scope)
    assert (finding.code, finding.severity) == ("could-not-read", Severity.UNKNOWN)
    assert finding.message.endswith(f"{denied}: AccessDeniedException: no. Ask somebody")


def test_where_get_function_is_denied_an_orphan_has_its_price_all_the_same(aws: Sandboxed) -> None:
    client = aws.client()
    client.update_function_configuration(FunctionName="prod-add", MemorySize=1024)
    alias(client, "prod-add", "forgotten", warm=1)
    config, resolved, world = aws.world(FILE)
    scope = scope_of(config, world, days=7, now=aws.clock())
    findings = examine(config, world, survey(denying(resolved, "version"), scope), scope=scope)
    assert [one.monthly_usd is None for one in findings if one.code == "orphan"] == [False]
    assert "could-not-read" not in codes(list(findings))


def test_many_of_one_kind_are_one_finding(aws: Sandboxed) -> None:
    names = tuple(f"many-{number}" for number in range(9))
    aws.sandbox.world.seed(HERE.account, HERE.region, names)
    ions = "".join(f"  {name}: {{alias: live, concurrency: 0}}\n" for name in names)
    config, resolved, world = aws.world(f"version: 1\nions:\n{ions}")
    scope = scope_of(config, world, days=7, now=aws.clock())
    read = survey(denying(resolved, "permissions"), scope)
    (finding,) = examine(config, world, read, scope=scope)
    assert "and 13 more could not be examined in full" in finding.message


def test_credentials_that_are_refused_are_not_tried_for_each_question(aws: Sandboxed) -> None:
    names = tuple(f"many-{number:03}" for number in range(200))
    ions = "".join(f"  {name}: {{alias: live, concurrency: 0}}\n" for name in names)
    config, resolved, world = aws.world(f"version: 1\nions:\n{ions}")
    scope = scope_of(config, world, days=7, now=aws.clock())
    connection = connection_of(resolved)
    denied = Denied(connection.inventory, "permissions", fault=ErrorKind.CREDENTIALS)
    survey(reached_by(resolved, replace(connection, inventory=denied)), scope)
    assert 0 < denied.refused < 100


def test_an_ion_that_could_not_be_observed_is_a_finding(aws: Sandboxed) -> None:
    config, resolved, world = aws.world(FILE)
    scope = scope_of(config, world, days=7, now=aws.clock())
    blind = replace(world, observations=dict.fromkeys(world.observations, Unreadable("the network is gone")))
    findings = examine(config, blind, survey(resolved, scope), scope=scope)
    assert [one.message for one in findings if one.code == "could-not-read"] == [
        "prod-add:live could not be observed: the network is gone"
    ]


def test_a_function_that_is_missing_is_one_finding(aws: Sandboxed) -> None:
    findings = diagnose(aws, f"{FILE}      gone: {{alias: live, concurrency: 1}}\n")
    assert [(function_name(one.subject), one.code) for one in findings] == [("prod-gone", "could-not-read")]
    assert "there is no such function" in findings[0].message


def test_nothing_is_written(aws: Sandboxed) -> None:
    before = len(aws.operations())
    diagnose(aws)
    assert {operation for _, operation in aws.operations()[before:]} <= {
        "GetCallerIdentity",
        "DescribeScalableTargets",
        "DescribeScalingPolicies",
        "DescribeScheduledActions",
        "GetFunction",
        "GetAlias",
        "GetProvisionedConcurrencyConfig",
        "ListProvisionedConcurrencyConfigs",
        "GetPolicy",
        "ListEventSourceMappings",
        "GetMetricData",
        "ListExecutions",
    }


def test_findings_stand_by_function_and_alias_with_problems_first(aws: Sandboxed) -> None:
    alias(aws.client(), "prod-get", warm=1)
    text = f"{FILE}      get: {{alias: live, concurrency: 1}}\n"
    for function in ("prod-get", "prod-add"):
        aws.client().add_permission(
            FunctionName=function, StatementId="s", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
        )
    findings = diagnose(aws, text, ion_config=edn(":add {:fn a/b} :get {:fn a/b} :aaa {:fn a/b}"))
    assert [(function_name(one.subject), one.code) for one in findings] == [
        ("prod-aaa", "not-in-file"),
        ("prod-add", "not-allowed-on-alias"),
        ("prod-add", "bare-trigger"),
        ("prod-get", "not-allowed-on-alias"),
        ("prod-get", "bare-trigger"),
        ("prod-get", "too-young"),
    ]
