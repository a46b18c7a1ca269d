"""Whose account: credentials that change in mid-run, and answers about another account or region."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aws_endpoint import ACCOUNT, Endpoint, Request, Response, assumed, identity, ordinary, serving, sts_error
from aws_stubs import configuration

from reconciler.aws.connection import AwsConnection, connect
from reconciler.aws.sessions import Sessions
from reconciler.model.desired import ConnectionSettings
from reconciler.model.errors import AwsError, ConnectionFailed, ErrorKind

OTHER = "210987654321"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deployer"
CREATED = Response(json.dumps({"FunctionVersion": "1", "RevisionId": "r"}), 201)


def answering(request: Request) -> Response:
    """Keys that begin with AKIDOTHER are of the other account."""
    if request.operation == "GetCallerIdentity":
        return identity(OTHER if request.signed_by.startswith("AKIDOTHER") else ACCOUNT)
    return CREATED if request.method == "POST" and "/aliases" in request.path else ordinary(request)


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Endpoint]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "config"
    config.write_text(f"[profile helper]\ncredential_process = cat {tmp_path}/credentials\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with serving(answering) as served:
        monkeypatch.setenv("AWS_ENDPOINT_URL", served.url)
        yield served


@pytest.fixture
def sign_in(tmp_path: Path) -> Callable[[str], None]:
    """Have the helper give this key from now on; it expires so soon that the helper is run before each request."""

    def write(key: str) -> None:
        expires = (datetime.now(UTC) + timedelta(minutes=4)).isoformat()
        given = {"Version": 1, "AccessKeyId": key, "SecretAccessKey": "s", "SessionToken": "t", "Expiration": expires}
        (tmp_path / "credentials").write_text(json.dumps(given), encoding="utf-8")

    write("AKIDFIRST")
    return write


def opened(connection: ConnectionSettings | None = None, sessions: Sessions | None = None) -> AwsConnection:
    settings = connection or ConnectionSettings(region="us-east-1", profile="helper")
    return connect(settings, sessions=sessions or Sessions(), parallelism=8)


def create(place: AwsConnection) -> None:
    place.writer.create_alias("f", "live", version="1")


def test_nothing_is_sent_by_credentials_that_became_another_accounts(
    endpoint: Endpoint, sign_in: Callable[[str], None]
) -> None:
    place = opened()
    create(place)
    sign_in("AKIDOTHER")
    for _ in range(3):
        with pytest.raises(AwsError) as caught:
            create(place)
        assert caught.value.kind is ErrorKind.CREDENTIALS
        assert f"of account {OTHER} now, and were of account {ACCOUNT}" in caught.value.message
    assert [request.signed_by.split("/")[0] for request in endpoint.seen if request.method == "POST"] == [
        "AKIDFIRST",
        "AKIDFIRST",
        "AKIDOTHER",
    ]
    assert endpoint.operations[-1] == "GetCallerIdentity"


def test_credentials_that_come_back_sign_again(endpoint: Endpoint, sign_in: Callable[[str], None]) -> None:
    place = opened()
    sign_in("AKIDOTHER")
    with pytest.raises(AwsError):
        create(place)
    sign_in("AKIDFIRST")
    create(place)
    assert endpoint.operations.count("GetCallerIdentity") == 2


def test_a_new_key_of_the_same_account_costs_one_question_for_all_threads(
    endpoint: Endpoint, sign_in: Callable[[str], None]
) -> None:
    place = opened()
    sign_in("AKIDSECOND")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: create(place), range(16)))
    assert endpoint.operations.count("GetCallerIdentity") == 2


def test_a_question_about_a_new_key_that_gets_no_answer_sends_nothing(
    endpoint: Endpoint, sign_in: Callable[[str], None]
) -> None:
    place = opened()
    sign_in("AKIDSECOND")
    endpoint.answer = lambda _: sts_error("AccessDenied", "no")
    with pytest.raises(AwsError) as caught:
        create(place)
    assert caught.value.kind is ErrorKind.CREDENTIALS
    assert set(endpoint.operations) == {"GetCallerIdentity"}


def test_a_role_whose_fresh_credentials_are_another_accounts_signs_nothing_more(
    endpoint: Endpoint, sign_in: Callable[[str], None]
) -> None:
    sign_in("AKIDFIRST")
    soon = (datetime.now(UTC) + timedelta(minutes=4)).strftime("%Y-%m-%dT%H:%M:%SZ")
    role = ["AKIDROLE"]
    endpoint.answer = lambda request: (
        assumed(role[0], expires=soon) if request.operation == "AssumeRole" else answering(request)
    )
    place = opened(ConnectionSettings(region="us-east-1", profile="helper", role_arn=ROLE))
    create(place)
    role[0] = "AKIDOTHER"
    with pytest.raises(AwsError, match=OTHER):
        create(place)


def test_two_regions_of_one_session_are_of_one_account(endpoint: Endpoint, sign_in: Callable[[str], None]) -> None:
    sessions = Sessions()
    opened(sessions=sessions)
    sign_in("AKIDOTHER")
    with pytest.raises(ConnectionFailed, match=OTHER):
        opened(ConnectionSettings(region="eu-west-1", profile="helper"), sessions)
    assert set(endpoint.operations) == {"GetCallerIdentity"}


# ---------------------------------------------------------------- answers about another place

ELSEWHERE = [f"us-east-1:{OTHER}", f"eu-west-1:{ACCOUNT}"]
NUMBERS = {f"{each}ProvisionedConcurrentExecutions": 5 for each in ("Requested", "Allocated", "Available")}
POINTER = {"Name": "live", "FunctionVersion": "1", "RevisionId": "r"}
ANSWERS: dict[str, tuple[Callable[[AwsConnection], object], Callable[[str], object]]] = {
    "latest": (lambda p: p.reader.latest("f"), lambda arn: {"Configuration": configuration(FunctionArn=arn)}),
    "latest slowly": (lambda p: p.reader.latest_slowly("f"), lambda arn: configuration(FunctionArn=arn)),
    "version": (lambda p: p.reader.version("f", "7"), lambda arn: {"Configuration": configuration(FunctionArn=arn)}),
    "alias": (lambda p: p.reader.alias("f", "live"), lambda arn: POINTER | {"AliasArn": arn}),
    "provisioned list": (
        lambda p: p.reader.provisioned_list("f", None),
        lambda arn: {"ProvisionedConcurrencyConfigs": [NUMBERS | {"Status": "READY", "FunctionArn": arn}]},
    ),
    "scaling targets": (
        lambda p: p.reader.scaling_targets((), None),
        lambda arn: {
            "ScalableTargets": [
                {"ResourceId": "function:f:live", "MinCapacity": 1, "MaxCapacity": 2, "ScalableTargetARN": arn}
            ]
        },
    ),
    "event sources": (
        lambda p: p.inventory.event_sources(None),
        lambda arn: {"EventSourceMappings": [{"UUID": "u", "FunctionArn": arn}]},
    ),
    "aliases": (
        lambda p: p.inventory.aliases("f", None),
        lambda arn: {"Aliases": [POINTER | {"AliasArn": arn}]},
    ),
    "publish": (
        lambda p: p.writer.publish_version("f", code_sha256="x", revision_id="r"),
        lambda arn: configuration(FunctionArn=arn, Version="8"),
    ),
    "create": (create, lambda arn: POINTER | {"AliasArn": arn}),
    "move": (
        lambda p: p.writer.move_alias("f", "live", version="1", revision_id="r", clear_weights=True),
        lambda arn: POINTER | {"AliasArn": arn},
    ),
}


def replying(answer: object) -> Callable[[Request], Response]:
    body = Response(json.dumps(answer))
    return lambda request: answering(request) if request.operation == "GetCallerIdentity" else body


@pytest.mark.parametrize(("call", "answer"), [pytest.param(*each, id=name) for name, each in ANSWERS.items()])
@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_no_answer_is_believed_that_is_about_another_account_or_region(
    endpoint: Endpoint,
    sign_in: Callable[[str], None],
    *,
    call: Callable[[AwsConnection], object],
    answer: Callable[[str], object],
    elsewhere: str,
) -> None:
    sign_in("AKIDFIRST")
    place = opened()
    endpoint.answer = replying(answer(f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f:live"))
    call(place)
    endpoint.answer = replying(answer(f"arn:aws:lambda:{elsewhere}:function:f:live"))
    with pytest.raises(AwsError) as caught:
        call(place)
    region, _, account = elsewhere.partition(":")
    assert f"is of account {account}, {region}, and what was asked is in account {ACCOUNT}, us-east-1" in str(
        caught.value
    )


def test_arns_that_people_name_are_nobodys_business(endpoint: Endpoint, sign_in: Callable[[str], None]) -> None:
    sign_in("AKIDFIRST")
    variables = {"Variables": {"FunctionArn": f"arn:aws:lambda:us-east-1:{OTHER}:function:g"}}
    endpoint.answer = replying({"Configuration": configuration(Environment=variables), "Tags": {"AliasArn": "none"}})
    assert opened().reader.latest("f") is not None
