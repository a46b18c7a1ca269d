"""A write of provisioned concurrency takes no RevisionId: what it starts from is looked at right before it."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from scenes import BOTH, LATEST, Scene, both_warm, nothing
from simulation import WRITES, Aws, carried_out, config_of, ion, plan_of, throttled

from reconciler.apply import ApplyOptions, CancelToken, apply
from reconciler.model.desired import Config
from reconciler.model.outcome import Failed

LOWER = config_of(ion("f", 1, LATEST))
REMOVE = config_of(ion("f", 0, LATEST))
RAISE = config_of(ion("f", 4, LATEST))
ALIAS = {"FunctionName": "f", "Name": "live"}
PROVISIONED = {"FunctionName": "f", "Qualifier": "live"}


def raises(aws: Aws) -> None:
    aws.do("PutProvisionedConcurrencyConfig", **PROVISIONED, ProvisionedConcurrentExecutions=50)


def moves(aws: Aws) -> None:
    aws.deploy("f", Timeout=99)
    aws.do("PublishVersion", FunctionName="f")
    aws.do("UpdateAlias", **ALIAS, FunctionVersion="2")


def reserves_the_number(aws: Aws) -> None:
    aws.do("PutFunctionConcurrency", FunctionName="f", ReservedConcurrentExecutions=4)


def puts_weights(aws: Aws) -> None:
    aws.deploy("f", Timeout=99)
    aws.do("PublishVersion", FunctionName="f")
    aws.do("UpdateAlias", **ALIAS, RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}})


def deletes_the_alias(aws: Aws) -> None:
    aws.do("DeleteAlias", **ALIAS)


@pytest.mark.parametrize(
    ("config", "change", "words"),
    [
        (LOWER, raises, "somebody set the provisioned concurrency to 50, and the plan starts from 2"),
        (REMOVE, raises, "somebody set the provisioned concurrency to 50, and the plan starts from 2"),
        (LOWER, moves, "alias live points at 2 by now"),
        (RAISE, reserves_the_number, "the reserved concurrency is 4 by now, and was none"),
        (REMOVE, deletes_the_alias, "alias live is gone"),
        (REMOVE, puts_weights, "alias live points at 1 and sends 10% to 2 by now"),
    ],
)
def test_what_changed_since_the_plan_was_made_is_never_written_over(
    config: Config, change: Callable[[Aws], None], words: str
) -> None:
    aws = Scene("", both_warm, config).fresh()
    planned = plan_of(aws, config)
    change(aws)

    applied = apply(
        planned.plan,
        planned.resolved.environments,
        options=ApplyOptions(),
        cancel=CancelToken(),
        on_wait=lambda *_: None,
    )

    assert aws.writes() == []
    failed = next(each for _, each in applied.results[0].outcomes if isinstance(each, Failed))
    assert failed.code == "PlanAgain"
    assert words in failed.message


def test_an_alias_that_was_created_moments_ago_is_not_looked_at_again() -> None:
    aws = Scene("", nothing, BOTH).fresh()

    carried_out(aws, BOTH)

    operations = [operation for operation, _ in aws.calls]
    created, put = operations.index("CreateAlias"), operations.index("PutProvisionedConcurrencyConfig")
    assert not {"GetProvisionedConcurrencyConfig", "GetAlias"} & set(operations[created:put])


@pytest.mark.parametrize("config", [LOWER, REMOVE])
def test_a_write_that_is_throttled_for_longer_than_its_look_counts_is_looked_at_again(config: Config) -> None:
    aws = Scene("", both_warm, config).fresh()
    begun: list[float] = []

    def throttle(aws: Aws, called: str, params: Mapping[str, Any]) -> None:
        if called in WRITES:
            begun.append(aws.clock.now)
            if aws.clock.now - begun[0] < 4:
                throttled(aws, called, params)
            if not raised and aws.clock.now - begun[0] < 60:
                raised.append(called)
                raises(aws)
                throttled(aws, called, params)
            if aws.clock.now - begun[0] < 60:
                throttled(aws, called, params)

    raised: list[str] = []
    aws.always = throttle
    _, applied = carried_out(aws, config)

    assert raised
    assert "somebody set the provisioned concurrency to 50" in str(applied)
    assert (aws.provisioned("f", "live") or {})["RequestedProvisionedConcurrentExecutions"] == 50
