"""The main job over the command line's own entry: from a file to a converged world, and to "no changes"."""

import json

from commandline import Shell

FILE = """\
version: 1
account: "123456789012"
region: us-east-1
defaults: {alias: live, concurrency: 2}
groups:
  shop:
    ions:
      get-items: {concurrency: 3}
      add-item:
      report: 0
"""
NAMES = ("shop-get-items", "shop-add-item", "shop-report")


def _summary(out: str) -> dict[str, int]:
    summary = json.loads(out)["summary"]
    assert isinstance(summary, dict)
    return {name: count for name, count in summary.items() if count}


def test_a_file_becomes_a_converged_world_and_stays_so_deploy_after_deploy(shell: Shell) -> None:
    shell.seed(*NAMES)
    shell.file(FILE)

    planned = shell.reconcile("plan", "--format", "json")
    assert (planned.code, _summary(planned.out)) == (0, {"create": 3})
    assert not shell.writes()
    assert shell.reconcile("apply", "--yes").code == 0
    assert shell.refusals() == []

    assert shell.reconcile("plan", "--detailed-exitcode").code == 0
    shell.calls()
    again = shell.reconcile("apply", "--yes")
    assert again.code == 0
    assert not shell.writes(), "a second apply writes nothing"

    for round_number in (1, 2):
        shell.deploy("shop-get-items", Timeout=100 + round_number)
        shell.deploy("shop-report", Environment={"Variables": {"MODE": f"secret-{round_number}"}})
        planned = shell.reconcile("plan", "--format", "json", "--detailed-exitcode")
        assert (planned.code, _summary(planned.out)) == (2, {"change": 2, "in_sync": 1})
        reasons = {
            ion["function"]: ion["changes"][0]["reason"] for ion in json.loads(planned.out)["ions"] if ion["changes"]
        }
        assert "Timeout" in reasons["shop-get-items"]
        assert "Environment (1 key)" in reasons["shop-report"]
        shell.calls()

        applied = shell.reconcile("apply", "--yes")
        assert applied.code == 0, applied
        assert shell.refusals() == [], "no call is refused by AWS's rules on the way"
        alias = shell.client().get_alias(FunctionName="shop-get-items", Name="live")
        assert (alias["FunctionVersion"], "RoutingConfig" in alias) == (str(round_number + 1), False)
        assert shell.reconcile("plan", "--detailed-exitcode").code == 0

    assert not any("secret" in text for ran in shell.said for text in (ran.out, ran.err))


def test_a_deploy_that_changed_nothing_plans_nothing(shell: Shell) -> None:
    shell.seed(*NAMES)
    shell.file(FILE)
    shell.reconcile("apply", "--yes")

    shell.deploy("shop-get-items", Timeout=60, Description="redeployed")

    assert shell.reconcile("plan", "--detailed-exitcode").code == 0


def test_two_aliases_that_follow_latest_share_one_publish(shell: Shell) -> None:
    shell.seed("f")
    shell.file(
        "version: 1\nregion: us-east-1\nions:\n  f: {alias: live, concurrency: 1}\n"
        "  g: {function: f, alias: cold, concurrency: 0}\n"
    )
    assert shell.reconcile("apply", "--yes").code == 0
    shell.deploy("f", Timeout=99)
    shell.calls()

    assert shell.reconcile("apply", "--yes").code == 0

    assert shell.writes().count("PublishVersion") == 1
    for alias in ("live", "cold"):
        assert shell.client().get_alias(FunctionName="f", Name=alias)["FunctionVersion"] == "2"


def test_in_sync_ions_cost_the_calls_of_the_contract_and_no_more(shell: Shell) -> None:
    shell.seed("f")
    shell.file("version: 1\nregion: us-east-1\ndefaults: {alias: live}\nions: {f: 1}\n")
    shell.reconcile("apply", "--yes")
    shell.calls()

    shell.reconcile("plan")

    assert sorted(shell.calls()) == [
        "DescribeScalableTargets",
        "GetAlias",
        "GetCallerIdentity",
        "GetFunction",
        "GetFunction",
        "GetProvisionedConcurrencyConfig",
    ]


def test_the_report_names_the_arn_that_callers_must_use(shell: Shell) -> None:
    shell.seed("f")
    shell.file("version: 1\nregion: us-east-1\ndefaults: {alias: live}\nions: {f: 1}\n")

    applied = shell.reconcile("apply", "--yes")

    assert "arn:aws:lambda:us-east-1:123456789012:function:f:live" in applied.out


def test_another_account_than_declared_is_read_no_further(shell: Shell) -> None:
    shell.seed("f")
    shell.file('version: 1\naccount: "999999999999"\nregion: us-east-1\ndefaults: {alias: live}\nions: {f: 1}\n')

    planned = shell.reconcile("plan", "--format", "json")
    calls = shell.calls()
    applied = shell.reconcile("apply", "--yes")

    assert (planned.code, applied.code) == (1, 3)
    assert json.loads(planned.out)["refusals"][0]["code"] == "wrong-account"
    assert calls == ["GetCallerIdentity"]


def test_groups_of_two_regions_are_one_run(shell: Shell) -> None:
    shell.seed("a-f")
    shell.seed("b-f", region="eu-west-1")
    shell.file(
        "version: 1\ndefaults: {alias: live, concurrency: 1}\n"
        "groups:\n  a: {region: us-east-1, ions: {f: }}\n  b: {region: eu-west-1, ions: {f: }}\n"
    )

    assert shell.reconcile("apply", "--yes").code == 0

    assert shell.client("eu-west-1").get_alias(FunctionName="b-f", Name="live")["FunctionVersion"] == "1"


def test_without_a_terminal_nothing_is_applied_unasked(shell: Shell) -> None:
    shell.seed("f")
    shell.file("version: 1\nregion: us-east-1\ndefaults: {alias: live}\nions: {f: 1}\n")

    applied = shell.reconcile("apply")

    assert applied.code == 3
    assert "--yes" in applied.err
    assert not shell.writes()


def test_a_missing_function_blocks_its_ion_alone_and_names_near_ones(shell: Shell) -> None:
    shell.seed("shop-get-items")
    shell.file(
        "version: 1\nregion: us-east-1\ndefaults: {alias: live, concurrency: 1}\n"
        "ions: {shop-get-item: , shop-get-items: }\n"
    )

    applied = shell.reconcile("apply", "--yes", "--format", "json")

    assert applied.code == 1
    first, second = json.loads(applied.out)["ions"]
    assert (first["verdict"], second["verdict"]) == ("blocked", "pending")
    assert "there are shop-get-items" in first["why"]
    assert shell.client().get_alias(FunctionName="shop-get-items", Name="live")["FunctionVersion"] == "1"
