"""Whatever is called, in any order and under every behaviour: a call is answered or refused, and the rules hold."""

import random
import uuid
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from lambda_world import ACCOUNT, ALLOCATION, FAILING, REGION, World

from reconciler.sandbox.control_plane import ApiError, Behaviour, Clearing, Removal

pytestmark = pytest.mark.exhaustive

HEALTHY: dict[str, Any] = {"Variables": {}}
BEHAVIOURS = [
    Behaviour(
        clearing_weights=clearing,
        removing_provisioned_under_weights=removal,
        weights_delay=delay,
        weights_linger=delay,
        moving_failed_restarts=restarts,
        transition_changes_revision=restarts,
        weighted_version_deletable=restarts,
        provisioned_version_deletable=delay > 0,
    )
    for clearing, removal, delay, restarts in product(Clearing, Removal, (0.0, 5.0), (True, False))
]


def anything(chance: random.Random) -> tuple[str, dict[str, Any]]:
    """One call that somebody might make."""
    alias = chance.choice("abc")
    version = chance.choice(["1", "2", "3", "4", "$LATEST"])
    weights: dict[str, float] = chance.choice([{}, {}, {version: 0.3}, {chance.choice("123"): 0.5}])
    routing: dict[str, Any] = chance.choice([{}, {"RoutingConfig": {"AdditionalVersionWeights": weights}}])
    environment = chance.choice([HEALTHY, HEALTHY, FAILING])
    qualifier = chance.choice([alias, alias, version])
    calls: list[tuple[str, dict[str, Any]]] = [
        ("UpdateFunctionConfiguration", {"Timeout": chance.randint(1, 900), "Environment": environment}),
        ("PublishVersion", {}),
        ("CreateAlias", {"Name": alias, "FunctionVersion": version, **routing}),
        ("UpdateAlias", {"Name": alias, "FunctionVersion": version, **routing}),
        ("UpdateAlias", {"Name": alias, "FunctionVersion": version, **routing}),
        ("UpdateAlias", {"Name": alias, **routing}),
        ("DeleteAlias", {"Name": alias}),
        (
            "PutProvisionedConcurrencyConfig",
            {"Qualifier": qualifier, "ProvisionedConcurrentExecutions": chance.randint(1, 9)},
        ),
        (
            "PutProvisionedConcurrencyConfig",
            {"Qualifier": alias, "ProvisionedConcurrentExecutions": chance.randint(1, 9)},
        ),
        ("DeleteProvisionedConcurrencyConfig", {"Qualifier": qualifier}),
        ("PutFunctionConcurrency", {"ReservedConcurrentExecutions": chance.randint(0, 20)}),
        ("DeleteFunctionConcurrency", {}),
        ("DeleteFunction", {"Qualifier": chance.choice("1234")}),
    ]
    return chance.choice([*calls, *beside(chance, qualifier)])


def beside(chance: random.Random, qualifier: str) -> list[tuple[str, dict[str, Any]]]:
    """Calls about what leads to a function: statements, settings, addresses, mappings."""
    named = chance.choice([{}, {"Qualifier": qualifier}])
    target = chance.choice(["f", f"f:{qualifier}"])
    identity = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{ACCOUNT}/{REGION}/mapping/{chance.randint(1, 4)}"))
    statement = {"StatementId": chance.choice("st"), "Action": "lambda:InvokeFunction", "Principal": "*"}
    source = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{chance.choice('pq')}"
    return [
        ("AddPermission", {**statement, **named}),
        ("RemovePermission", {"StatementId": chance.choice("st"), **named}),
        ("PutFunctionEventInvokeConfig", {"MaximumRetryAttempts": chance.randint(0, 2), **named}),
        ("DeleteFunctionEventInvokeConfig", named),
        ("CreateFunctionUrlConfig", {"AuthType": "NONE", **named}),
        ("DeleteFunctionUrlConfig", named),
        ("CreateEventSourceMapping", {"EventSourceArn": source, "FunctionName": target}),
        ("UpdateEventSourceMapping", {"UUID": identity, "FunctionName": target}),
        ("UpdateEventSourceMapping", {"UUID": identity, "Enabled": chance.choice([True, False])}),
        ("DeleteEventSourceMapping", {"UUID": identity}),
    ]


def broken_rules(world: World) -> list[str]:
    """What is wrong with the world."""
    mappings = world.plane.snapshot()
    function = mappings.pop("f")
    versions: Any = function["versions"]
    aliases: Any = function["aliases"]
    provisioned: Any = function["provisioned"]
    found = []
    for name, alias in aliases.items():
        seen = world("GetAlias", Name=name).get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        if alias["version"] not in versions or not set(seen) <= set(versions):
            found.append(f"{name} names a version that is gone")
        if alias["version"] in seen or len(seen) > 1:
            found.append(f"{name} has weights that no call could set: {seen}")
        if alias["transition"] is not None and name not in provisioned:
            found.append(f"{name} is in transition without provisioned concurrency")
    warmed = [aliases[name]["version"] if name in aliases else name for name in provisioned]
    if len(warmed) != len(set(warmed)) or "$LATEST" in warmed:
        found.append(f"a version is warmed twice, or $LATEST is: {warmed}")
    total = sum(config["requested"] for config in provisioned.values())
    if function["reserved"] is not None and total > function["reserved"]:
        found.append("more provisioned than reserved")
    found += broken_beside(function, mappings)
    revisions = [each["revision"] for each in (*versions.values(), *aliases.values())]
    if len(revisions) != len(set(revisions)):
        found.append("two things share a RevisionId")
    return found


def broken_beside(function: Any, mappings: Any) -> list[str]:  # noqa: ANN401 - plain data
    """What is wrong with what leads to the function."""
    qualifiers = {"", *function["versions"], *function["aliases"]}
    kinds = ("policies", "async_settings", "urls")
    found = [f"{kind} of a qualifier that is gone" for kind in kinds if not set(function[kind]) <= qualifiers]
    if not set(function["urls"]) <= {"", *function["aliases"]}:
        found.append("a version has an address")
    if any(not policy["statements"] for policy in function["policies"].values()):
        found.append("a policy without a statement")
    pairs = [(each["settings"]["EventSourceArn"], each["function_arn"]) for each in mappings.values()]
    if len(pairs) != len(set(pairs)):
        found.append("two mappings of one source and one target")
    if any((each["state"] in {"Enabled", "Disabled"}) != (each["settles_at"] is None) for each in mappings.values()):
        found.append("a mapping that changes for ever, or changes without saying so")
    return found


@pytest.mark.parametrize(("seed", "behaviour"), list(enumerate(BEHAVIOURS)))
def test_whatever_is_called_the_rules_hold(seed: int, behaviour: Behaviour) -> None:
    chance = random.Random(seed)
    world = World(replace(behaviour, gradual_weights=seed % 2 == 0))
    refused = 0
    for _ in range(200):
        operation, params = anything(chance)
        try:
            world(operation, **params)
        except ApiError:
            refused += 1
        world.wait(chance.choice([0, 0, 1, 5, ALLOCATION / 2, 3 * ALLOCATION]))
        assert broken_rules(world) == []
    assert 0 < refused < 200
