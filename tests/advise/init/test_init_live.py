"""`init` from what is live: what comes out loads back, and changes nothing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sandboxed import HERE, Sandboxed, alias, sandboxed

from reconciler.advise.init import Live, draft, live_names, read_live
from reconciler.advise.init.live import LiveFunction
from reconciler.config import parse
from reconciler.model.desired import Config, FollowLatest, Pinned, Unmanaged
from reconciler.model.errors import AwsError, ErrorKind, ReconcileError
from reconciler.model.plan import InSync, Settling
from reconciler.model.scaling import Scaled

GROUP = "prod-"


@pytest.fixture
def aws() -> Iterator[Sandboxed]:
    with sandboxed("prod-add", "prod-get", "prod-report", "elsewhere") as aws:
        yield aws


def live(aws: Sandboxed, prefix: str = GROUP, *, denied: tuple[str, ...] = ()) -> Live:
    opened = aws.opened()
    connection = replace(opened, reader=Denying(opened.reader, *denied))
    names = live_names(connection, aws.dispatcher(), prefix=prefix)
    return read_live(connection, aws.dispatcher(), names, now=aws.clock(), prefix=prefix)


def drafted(aws: Sandboxed, prefix: str = GROUP) -> tuple[str, Config]:
    """The file, which is the test of every case here: it loads as it is, and nothing is to be changed."""
    text = draft(live(aws, prefix), None, group=None)
    plan = aws.plan(text)
    assert all(isinstance(ion.verdict, InSync | Settling) for ion in plan.ions), [ion.verdict for ion in plan.ions]
    assert not plan.refusals
    return text, parse(text.encode(), source="warm.yaml")


def asked(config: Config) -> dict[str, tuple[object, object]]:
    return {f"{one.function}:{one.alias}": (one.version, one.concurrency) for one in config.desired}


def test_warm_aliases_of_a_group_become_its_ions_by_their_short_names(aws: Sandboxed) -> None:
    alias(aws.client(), "prod-add", warm=2)
    alias(aws.client(), "prod-get", warm=2)
    alias(aws.client(), "prod-report")
    alias(aws.client(), "elsewhere", warm=1)
    aws.pass_time(100)
    text, _ = drafted(aws)
    assert text == (
        "# warm.yaml, drafted by `reconcile init` from what is live: group prod in 123456789012, us-east-1.\n"
        "# 3 aliases, 4 warm for about $10.95 a month at list price.\n"
        "# `reconcile plan` says no changes, until something is deployed or this file is edited.\n"
        "\n"
        "version: 1\n"
        "\n"
        'account: "123456789012"   # any other account is refused\n'
        "region: us-east-1\n"
        "\n"
        "defaults:\n"
        "  alias: live\n"
        "  concurrency: 2\n"
        "\n"
        "groups:\n"
        "  prod:\n"
        "    ions:\n"
        "      add:       # 2 requested, READY on version 1\n"
        "      get:       # 2 requested, READY on version 1\n"
        "      report: 0  # version 1, nothing kept warm\n"
    )


def test_without_a_group_the_ions_stand_at_the_top_by_their_full_names(aws: Sandboxed) -> None:
    for function in ("prod-add", "prod-get", "prod-report", "elsewhere"):
        alias(aws.client(), function, warm=1)
    _, config = drafted(aws, prefix="")
    assert {(one.group, one.function) for one in config.desired} == {
        (None, name) for name in ("prod-add", "prod-get", "prod-report", "elsewhere")
    }


def test_account_and_region_are_those_of_the_caller(aws: Sandboxed) -> None:
    alias(aws.client(), "prod-add", warm=1)
    _, config = drafted(aws)
    assert [(one.connection.account, one.connection.region) for one in config.desired] == [(HERE.account, HERE.region)]


def test_the_profile_that_it_was_read_by_is_in_the_file(aws: Sandboxed) -> None:
    alias(aws.client(), "prod-add", warm=1)
    text = draft(live(aws), None, group=None, profile="on: call")
    (desired,) = parse(text.encode(), source="warm.yaml").desired
    assert desired.connection.profile == "on: call"


def test_a_function_without_an_alias_is_a_line_to_uncomment(aws: Sandboxed) -> None:
    alias(aws.client(), "prod-add", warm=1)
    alias(aws.client(), "prod-get", warm=1)
    text, config = drafted(aws)
    assert "      # report:\n" in text
    assert "prod-report:live" not in asked(config)
    uncommented = parse(text.replace("# report:", "report:").encode(), source="warm.yaml")
    assert asked(uncommented)["prod-report:live"] == (FollowLatest(), 1)


def test_with_no_alias_at_all_the_functions_are_suggested_and_the_heading_says_so(aws: Sandboxed) -> None:
    text = draft(live(aws), None, group=None)
    config = parse(text.encode(), source="warm.yaml")
    assert asked(config) == {f"prod-{name}:live": (FollowLatest(), 1) for name in ("add", "get", "report")}
    assert "None of these functions has an alias" in text


def test_an_alias_behind_latest_stays_where_it_is(aws: Sandboxed) -> None:
    alias(aws.client(), "prod-add", warm=1)
    aws.client().update_function_configuration(FunctionName="prod-add", Timeout=30)
    text, config = drafted(aws)
    assert asked(config)["prod-add:live"] == (Unmanaged(), 1)
    assert "# $LATEST differs from 1: Timeout 60 -> 30. `version: unmanaged` leaves the alias there" in text


def test_a_new_description_alone_is_no_reason_not_to_follow_latest(aws: Sandboxed) -> None:
    alias(aws.client(), "prod-add", warm=1)
    aws.client().update_function_configuration(FunctionName="prod-add", Description="another")
    assert asked(drafted(aws)[1])["prod-add:live"] == (FollowLatest(), 1)


def test_a_number_that_application_auto_scaling_owns_is_left_out_and_inherited_from_nowhere(aws: Sandboxed) -> None:
    for function in ("prod-add", "prod-get", "prod-report"):
        alias(aws.client(), function, warm=3)
    aws.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="lambda",
        ResourceId="function:prod-get:live",
        ScalableDimension="lambda:function:ProvisionedConcurrency",
        MinCapacity=1,
        MaxCapacity=5,
    )
    text, config = drafted(aws)
    assert asked(config)["prod-get:live"] == (FollowLatest(), None)
    assert asked(config)["prod-add:live"] == (FollowLatest(), 3)
    assert "# Application Auto Scaling owns the number, between 1 and 5: `concurrency` is left out\n" in text


def test_weights_of_a_canary_leave_the_alias_unmanaged(aws: Sandboxed) -> None:
    client = aws.client()
    alias(client, "prod-add")
    client.update_function_configuration(FunctionName="prod-add", Timeout=30)
    client.publish_version(FunctionName="prod-add")
    client.update_alias(FunctionName="prod-add", Name="live", RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}})
    text, config = drafted(aws)
    assert asked(config)["prod-add:live"] == (Unmanaged(), 0)
    assert "10% to 2" in text


def test_an_alias_in_transition_is_kept_as_what_it_becomes(aws: Sandboxed) -> None:
    client = aws.client()
    alias(client, "prod-add", warm=1)
    aws.pass_time(100)
    client.update_function_configuration(FunctionName="prod-add", Timeout=30)
    client.publish_version(FunctionName="prod-add")
    client.update_alias(FunctionName="prod-add", Name="live", FunctionVersion="2")
    assert asked(drafted(aws)[1])["prod-add:live"] == (FollowLatest(), 1)


def test_of_two_warm_aliases_that_equal_latest_the_older_is_pinned(aws: Sandboxed) -> None:
    client = aws.client()
    alias(client, "prod-add", "blue", warm=1)
    client.update_function_configuration(FunctionName="prod-add", Description="makes a version, and no difference")
    alias(client, "prod-add", "live", warm=2)
    text, config = drafted(aws)
    assert asked(config) == {"prod-add:live": (FollowLatest(), 2), "prod-add:blue": (Pinned("1"), 1)}
    assert "      add-blue: {function: prod-add, alias: blue, version: 1, concurrency: 1}" in text


def test_a_second_aliass_name_never_takes_another_functions(aws: Sandboxed) -> None:
    aws.sandbox.world.seed(HERE.account, HERE.region, ("prod-add-blue",))
    for function, name in (("prod-add", "blue"), ("prod-add", "live"), ("prod-add-blue", "live")):
        alias(aws.client(), function, name)
    assert set(asked(drafted(aws)[1])) == {"prod-add:blue", "prod-add:live", "prod-add-blue:live"}


def test_nor_one_that_is_only_suggested(aws: Sandboxed) -> None:
    aws.sandbox.world.seed(HERE.account, HERE.region, ("prod-add-blue",))
    for name in ("blue", "live"):
        alias(aws.client(), "prod-add", name)
    text, _ = drafted(aws)
    uncommented = parse(text.replace("# add-blue:", "add-blue:").encode(), source="warm.yaml")
    assert sorted(one.function for one in uncommented.desired) == ["prod-add", "prod-add", "prod-add-blue"]


def test_a_stuck_alias_is_left_out_and_said_why(aws: Sandboxed) -> None:
    client = aws.client()
    alias(client, "prod-get")
    alias(client, "prod-add", warm=1)
    aws.pass_time(100)
    client.update_function_configuration(
        FunctionName="prod-add", Environment={"Variables": {"SANDBOX_INIT_FAILS": "1", "SECRET": "hush"}}
    )
    client.publish_version(FunctionName="prod-add")
    client.update_alias(FunctionName="prod-add", Name="live", FunctionVersion="2")
    aws.pass_time(1000)
    text, config = drafted(aws)
    assert set(asked(config)) == {"prod-get:live"}
    assert "prod-add:live is left out: the init of version 2 fails" in text
    assert "hush" not in text


def test_failed_provisioned_concurrency_is_left_out_with_awss_reason(aws: Sandboxed) -> None:
    client = aws.client()
    variables = {"Variables": {"SANDBOX_INIT_FAILS": "1"}}
    client.update_function_configuration(FunctionName="prod-add", Environment=variables)
    alias(client, "prod-add", warm=3)
    aws.pass_time(1000)
    text, config = drafted(aws)
    assert asked(config)["prod-add:live"] == (FollowLatest(), None)
    assert "the provisioned concurrency is FAILED (FUNCTION_ERROR_INIT_FAILURE" in text
    assert "`concurrency: 3`" in text


def test_provisioned_concurrency_on_a_version_is_said_with_the_command_that_removes_it(aws: Sandboxed) -> None:
    client = aws.client()
    alias(client, "prod-add", warm=1)
    client.publish_version(FunctionName="prod-report")
    client.put_provisioned_concurrency_config(
        FunctionName="prod-report", Qualifier="1", ProvisionedConcurrentExecutions=4
    )
    text, _ = drafted(aws)
    assert "version 1 of prod-report has provisioned concurrency of its own" in text
    assert (
        "#     aws lambda delete-provisioned-concurrency-config --region us-east-1 --function-name prod-report "
        "--qualifier 1\n"
    ) in text


def test_warm_capacity_that_starves_latest_is_said(aws: Sandboxed) -> None:
    alias(aws.client(), "prod-add", warm=20)
    text, _ = drafted(aws)
    assert "# all of the reserved concurrency (20; an ion's :concurrency-limit) is kept warm" in text


@pytest.mark.parametrize("name", ["null", "On", "123", "1e5", "0x10", "-dash", "_low", "true", "2024-01-01"])
def test_names_that_yaml_could_misread_come_back_as_they_are(name: str) -> None:
    with sandboxed(f"prod-{name}", name) as aws:
        alias(aws.client(), f"prod-{name}", warm=1)
        alias(aws.client(), name, warm=1)
        assert set(asked(drafted(aws)[1])) == {f"prod-{name}:live"}
        assert set(asked(drafted(aws, prefix="")[1])) == {f"prod-{name}:live", f"{name}:live"}


def test_a_function_that_is_called_like_the_prefix_itself_keeps_its_full_name() -> None:
    with sandboxed("prod-", "prod-add") as aws:
        alias(aws.client(), "prod-")
        alias(aws.client(), "prod-add")
        assert set(asked(drafted(aws)[1])) == {"prod-:live", "prod-add:live"}


class Denying:
    """The reader of a caller who may not do everything."""

    def __init__(self, reader: Any, *denied: str) -> None:  # noqa: ANN401 - a Reader
        self._reader, self._denied = reader, denied

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - its methods
        if name not in self._denied:
            return getattr(self._reader, name)

        def deny(*_arguments: object) -> None:
            raise AwsError("not allowed", kind=ErrorKind.DENIED, code="AccessDeniedException", operation=name)

        return deny


def test_where_get_function_is_denied_the_slow_way_round_is_taken(aws: Sandboxed) -> None:
    alias(aws.client(), "prod-add", warm=1)
    read = live(aws, denied=("latest", "version"))
    assert draft(read, None, group=None) == draft(live(aws), None, group=None)


def test_what_could_not_be_read_is_said_and_never_taken_for_absent(aws: Sandboxed) -> None:
    alias(aws.client(), "prod-add", warm=1)
    read = live(aws, denied=("provisioned_list",))
    with pytest.raises(ReconcileError, match=r"could be read in 123456789012, us-east-1: .*AccessDenied"):
        draft(read, None, group=None)


def test_an_unknown_owner_of_the_numbers_is_said(aws: Sandboxed) -> None:
    alias(aws.client(), "prod-add", warm=1)
    read = live(aws, denied=("scaling_targets",))
    assert "whether Application Auto Scaling owns a number could not be read" in draft(read, None, group=None)


def test_functions_that_cannot_be_listed_end_it(aws: Sandboxed) -> None:
    with pytest.raises(AwsError, match="not allowed"):
        live(aws, denied=("function_names",))


class Endless(Denying):
    """The reader of an endpoint whose list of functions comes round again."""

    def function_names(self, _marker: str | None) -> tuple[tuple[str, ...], str | None]:
        return ("prod-add",), "again"


def test_functions_whose_list_never_ends_are_an_error_that_names_the_list(aws: Sandboxed) -> None:
    opened = aws.opened()
    with pytest.raises(AwsError, match="same page marker twice") as raised:
        live_names(replace(opened, reader=Endless(opened.reader)), aws.dispatcher())
    assert raised.value.operation == "ListFunctions"


def test_a_prefix_that_matches_nothing_is_an_error(aws: Sandboxed) -> None:
    with pytest.raises(ReconcileError, match="no function whose name begins with staging-") as raised:
        draft(live(aws, "staging-"), None, group=None)
    assert "--prefix" in str(raised.value.hint)


def test_two_hundred_functions_keep_to_the_quota(aws: Sandboxed) -> None:
    names = tuple(f"many-{number:03}" for number in range(200))
    aws.sandbox.world.seed(HERE.account, HERE.region, names)
    for name in names:
        alias(aws.client(), name)
    began = aws.clock.now
    _, config = drafted(aws, "many-")
    assert len(config.desired) == 200
    assert aws.clock.now - began > (4 * 200 - 15) / 15  # two slow calls a function here, and two in the plan


@pytest.mark.parametrize("name", ["prod-x: {}\nprofile: attacker", 'prod-"x', "prod-x #", "prod-" + "x" * 70, "prod-é"])
def test_a_function_with_a_name_that_aws_never_gives_is_told_and_not_kept(name: str) -> None:
    found = Live(HERE, GROUP, (LiveFunction("prod-add"), LiveFunction(name)))
    text = draft(found, None, group=None)
    (one,) = parse(text.encode(), source="warm.yaml").desired
    assert (one.function, one.connection.profile) == ("prod-add", None)
    assert "not a name that AWS gives" in " ".join(text.replace("#", " ").split())


CLOCKED = """
version: 1
timezone: Europe/Berlin
schedules:
  office: {days: mon-fri, from: "07:40", to: "18:15"}
  night: {days: [sat, sun], from: "22:00", to: "02:30", timezone: Asia/Tokyo}
defaults: {alias: live}
ions:
  prod-add: {concurrency: {office: 3, night: 2, otherwise: 0}}
  prod-get: {concurrency: {office: {min: 1, max: 4}, otherwise: 1, target: 0.5}}
  prod-report: {concurrency: {min: 2, max: 9}}
"""


def test_numbers_that_scale_by_our_own_actions_come_back_with_their_schedules(aws: Sandboxed) -> None:
    aws.apply(CLOCKED)
    text, config = drafted(aws)
    assert '  office: {days: mon-fri, from: "07:40", to: "18:15", timezone: Europe/Berlin}' in text
    before = {one.function: one.concurrency for one in parse(CLOCKED.encode(), source="w").desired}
    after = {one.function: one.concurrency for one in config.desired}
    assert {name: _by_name(asked) for name, asked in after.items()} == {
        name: _by_name(asked) for name, asked in before.items()
    }


def _by_name(asked: object) -> object:
    """The order of the windows is nothing."""
    assert isinstance(asked, Scaled)
    return set(asked.windows), asked.otherwise, asked.target


def test_a_target_of_somebody_elses_is_a_comment(aws: Sandboxed) -> None:
    alias(aws.client(), "prod-add", warm=2)
    scaling = aws.client("application-autoscaling")
    target = {
        "ServiceNamespace": "lambda",
        "ResourceId": "function:prod-add:live",
        "ScalableDimension": "lambda:function:ProvisionedConcurrency",
    }
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=9)
    action = {"ScheduledActionName": "morning", "Schedule": "cron(0 8 * * ? *)"}
    scaling.put_scheduled_action(**target, **action, ScalableTargetAction={"MinCapacity": 2})
    text, config = drafted(aws)
    assert "# Application Auto Scaling owns the number, between 1 and 9: `concurrency` is left out" in text
    assert config.desired[0].concurrency is None


def test_two_schedules_of_one_name_are_not_mixed_up(aws: Sandboxed) -> None:
    one = CLOCKED[: CLOCKED.index("  prod-get")]
    aws.apply(one)
    aws.apply(one.replace("18:15", "19:15").replace("prod-add", "prod-get"))
    text, config = drafted(aws)
    assert "its schedule differs from another's of the same name: `concurrency` is left out" in text
    assert sorted(type(each.concurrency).__name__ for each in config.desired) == ["NoneType", "Scaled"]
