"""The sandbox's contract with AWS: every recorded case, over real HTTP by boto3, and in this process."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest
from botocore.config import Config
from recorded import CASES, LATER, MORE, Target, run
from sandbox_clock import Clock
from serving import TIMING, Endpoint, serving

from reconciler.sandbox.embedded import Sandbox, embedded

TRIED = [case for case in (*CASES, *MORE, *LATER) if case["call"]["op"] != "Invoke"]
NUMBERED = [pytest.param(f"{100_000_000_000 + number}", case, id=case["id"]) for number, case in enumerate(TRIED)]


@pytest.fixture(scope="module")
def shared_endpoint() -> Iterator[Endpoint]:
    yield from serving()


@pytest.fixture(scope="module")
def shared_sandbox() -> Iterator[tuple[Sandbox, Clock]]:
    clock = Clock()
    with embedded(clock=clock, timing=TIMING) as sandbox:
        yield sandbox, clock


@pytest.mark.parametrize(("account", "case"), NUMBERED)
def test_the_endpoint_answers_as_aws_was_recorded(
    shared_endpoint: Endpoint, account: str, case: Mapping[str, Any]
) -> None:
    validate = not case.get("no_client_validation", False)
    client_of = partial(shared_endpoint.client, account=account, region="eu-west-1", validate=validate)
    _try(case, client_of, account, shared_endpoint.clock)


@pytest.mark.parametrize(("account", "case"), NUMBERED)
def test_the_embedded_sandbox_answers_as_aws_was_recorded(
    shared_sandbox: tuple[Sandbox, Clock], account: str, case: Mapping[str, Any]
) -> None:
    sandbox, clock = shared_sandbox
    config = Config(parameter_validation=not case.get("no_client_validation", False), retries={"total_max_attempts": 1})
    client_of = partial(sandbox.session(account, "eu-west-1").client, config=config)
    _try(case, client_of, account, clock)


def _try(case: Mapping[str, Any], client_of: Callable[[str], Any], account: str, clock: Clock) -> None:
    seconds = (TIMING.allocation, TIMING.init_failure, TIMING.update)
    target = Target(client_of, account, "eu-west-1", clock.advance, *seconds)
    run(case, target)
    for client in target.clients.values():
        client.close()


def test_all_but_the_invoking_case_are_tried() -> None:
    assert (len(CASES), len(LATER), len(TRIED)) == (71, 42, 70 + 42 + len(MORE))
    assert len({case["id"] for case in TRIED}) == len(TRIED)
