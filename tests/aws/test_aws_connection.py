"""reconciler/aws/connection.py over HTTP: who is asked, where, with which credentials, how often, and what is said."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import boto3
import botocore.loaders
import pytest
from aws_endpoint import (
    ACCOUNT,
    Endpoint,
    Request,
    Response,
    assumed,
    identity,
    ordinary,
    serving,
    sts_error,
)

from reconciler import __version__
from reconciler.aws.connection import AwsConnection, connect
from reconciler.aws.sessions import Sessions
from reconciler.model.desired import ConnectionSettings
from reconciler.model.errors import ConnectionFailed
from reconciler.model.observed import AccountRegion

ROLE = f"arn:aws:iam::{ACCOUNT}:role/deployer"
CONFIG = """
[default]
region = eu-west-1

[profile prod]
region = eu-central-1
aws_access_key_id = AKIDPROD
aws_secret_access_key = secret

[profile nowhere]
aws_access_key_id = AKIDNOWHERE
aws_secret_access_key = secret

[profile broken-helper]
region = eu-west-1
credential_process = /does/not/exist
"""


_LOADER = cache(botocore.loaders.create_loader)


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment with credentials, a config file, and nothing of this machine's; service models are read once."""
    monkeypatch.setattr("botocore.session.create_loader", _LOADER)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "config"
    config.write_text(CONFIG, encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDAMBIENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    with serving() as served:
        monkeypatch.setenv("AWS_ENDPOINT_URL", served.url)
        yield served


def opened(connection: ConnectionSettings | None = None, sessions: Sessions | None = None) -> AwsConnection:
    settings = connection or ConnectionSettings(region="us-east-1")
    return connect(settings, sessions=sessions or Sessions(), parallelism=4)


def failure(connection: ConnectionSettings | None = None) -> ConnectionFailed:
    with pytest.raises(ConnectionFailed) as caught:
        opened(connection)
    return caught.value


def answering(operation: str, response: Response) -> Callable[[Request], Response]:
    return lambda request: response if request.operation == operation else ordinary(request)


# ---------------------------------------------------------------- who and where


def test_opening_asks_who_calls_and_nothing_else(endpoint: Endpoint) -> None:
    place = opened()

    assert place.place == AccountRegion(ACCOUNT, "us-east-1")
    assert place.caller == f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/somebody"
    assert endpoint.operations == ["GetCallerIdentity"]


@pytest.mark.parametrize(
    ("connection", "environment", "region"),
    [
        (ConnectionSettings(region="us-west-2"), {"AWS_REGION": "us-east-2"}, "us-west-2"),
        (ConnectionSettings(), {"AWS_REGION": "us-east-2", "AWS_DEFAULT_REGION": "sa-east-1"}, "us-east-2"),
        (ConnectionSettings(), {"AWS_DEFAULT_REGION": "sa-east-1"}, "sa-east-1"),
        (ConnectionSettings(), {}, "eu-west-1"),
        (ConnectionSettings(profile="prod"), {}, "eu-central-1"),
        (ConnectionSettings(profile="prod"), {"AWS_REGION": "us-east-2"}, "us-east-2"),
        (ConnectionSettings(), {"AWS_PROFILE": "prod"}, "eu-central-1"),
    ],
)
def test_the_region_is_the_files_then_aws_region_then_the_default_then_the_profiles(
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    *,
    connection: ConnectionSettings,
    environment: dict[str, str],
    region: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    place = opened(connection)
    place.reader.alias("f", "live")

    assert place.place.region == region
    assert [request.signed_by.split("/")[1] for request in endpoint.seen] == [region, region]


def test_a_profile_signs_with_its_own_credentials(endpoint: Endpoint) -> None:
    opened(ConnectionSettings(profile="prod"))

    assert endpoint.seen[0].signed_by == "AKIDPROD/eu-central-1/sts"


def test_no_region_anywhere_says_how_to_name_one(endpoint: Endpoint) -> None:
    failed = failure(ConnectionSettings(profile="nowhere"))

    assert failed.hint == "name a region in the file (`region: us-east-1`), or set AWS_REGION"
    assert endpoint.seen == []


def test_requests_say_which_tool_made_them(endpoint: Endpoint) -> None:
    opened()

    assert f"reconcile/{__version__}" in endpoint.seen[0].headers["user-agent"]


# ---------------------------------------------------------------- roles


def test_a_role_is_assumed_with_the_ambient_credentials_and_then_signs(endpoint: Endpoint) -> None:
    place = opened(ConnectionSettings(region="us-east-1", role_arn=ROLE, external_id="ticket-7"))
    place.reader.alias("f", "live")

    assert endpoint.operations[:2] == ["AssumeRole", "GetCallerIdentity"]
    assert [request.signed_by for request in endpoint.seen] == [
        "AKIDAMBIENT/us-east-1/sts",
        "AKIDROLE/us-east-1/sts",
        "AKIDROLE/us-east-1/lambda",
    ]
    assert "ExternalId=ticket-7" in endpoint.seen[0].body
    assert "RoleSessionName=reconcile" in endpoint.seen[0].body


def test_a_role_is_assumed_from_the_profile_where_one_is_named(endpoint: Endpoint) -> None:
    opened(ConnectionSettings(profile="prod", role_arn=ROLE))

    assert [request.signed_by.split("/")[0] for request in endpoint.seen] == ["AKIDPROD", "AKIDROLE"]
    assert "ExternalId" not in endpoint.seen[0].body


def test_a_role_is_assumed_once_for_all_regions(endpoint: Endpoint) -> None:
    sessions = Sessions()
    for region in ("us-east-1", "us-west-2"):
        opened(ConnectionSettings(region=region, role_arn=ROLE), sessions=sessions)

    assert endpoint.operations == ["AssumeRole", "GetCallerIdentity", "GetCallerIdentity"]


def test_a_role_whose_credentials_never_expire_is_not_believed(endpoint: Endpoint) -> None:
    whole = assumed().body
    assert isinstance(whole, str)
    body = whole.replace("<Expiration>2099-01-01T00:00:00Z</Expiration>", "")
    endpoint.answer = answering("AssumeRole", Response(body))

    assert "has no Expiration" in failure(ConnectionSettings(region="us-east-1", role_arn=ROLE)).message


def test_credentials_of_a_role_are_fetched_again_before_they_expire(endpoint: Endpoint) -> None:
    soon = (datetime.now(UTC) + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    keys = iter(["AKIDFIRST", "AKIDSECOND"])
    endpoint.answer = lambda request: (
        assumed(next(keys), expires=soon if len(endpoint.seen) == 1 else "2099-01-01T00:00:00Z")
        if request.operation == "AssumeRole"
        else ordinary(request)
    )
    place = opened(ConnectionSettings(region="us-east-1", role_arn=ROLE))
    place.reader.alias("f", "live")

    assert [request.signed_by.split("/")[0] for request in endpoint.seen if request.operation == "AssumeRole"] == [
        "AKIDAMBIENT",
        "AKIDAMBIENT",
    ]
    assert endpoint.seen[-1].signed_by == "AKIDSECOND/us-east-1/lambda"


def test_a_role_that_may_not_be_assumed_says_what_to_check(endpoint: Endpoint) -> None:
    endpoint.answer = answering("AssumeRole", sts_error("AccessDenied", "not authorized to perform: sts:AssumeRole"))

    failed = failure(ConnectionSettings(region="us-east-1", role_arn=ROLE))

    assert failed.message == "not authorized to perform: sts:AssumeRole (AccessDenied, request request-1)"
    assert failed.where == f"us-east-1, role {ROLE}"
    assert "trust policy" in (failed.hint or "")


def test_a_role_with_no_credentials_to_assume_it_with_names_the_ways_to_have_some(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)

    failed = failure(ConnectionSettings(region="us-east-1", role_arn=ROLE))

    assert failed.message == "Unable to locate credentials (NoCredentialsError)"
    assert endpoint.seen == []


def test_roles_that_share_a_profile_are_assumed_side_by_side(endpoint: Endpoint) -> None:
    sessions, roles = Sessions(), [f"{ROLE}-{number}" for number in range(8)]
    settings = [ConnectionSettings(region="us-east-1", profile="prod", role_arn=role) for role in roles]
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(lambda each: opened(each, sessions), settings))

    assert Counter(endpoint.operations) == {"AssumeRole": 8, "GetCallerIdentity": 8}
    assert {request.signed_by.split("/")[0] for request in endpoint.seen} == {"AKIDPROD", "AKIDROLE"}


# ---------------------------------------------------------------- several accounts and regions at once


def test_places_opened_side_by_side_share_a_session_and_keep_their_regions(endpoint: Endpoint) -> None:
    sessions, regions = Sessions(), ["us-east-1", "us-east-2", "us-west-1", "us-west-2"]
    with ThreadPoolExecutor(max_workers=4) as pool:
        places = list(pool.map(lambda region: opened(ConnectionSettings(region=region), sessions=sessions), regions))

    assert [place.place.region for place in places] == regions
    assert sorted(request.signed_by.split("/")[1] for request in endpoint.seen) == regions


def test_one_session_serves_all_regions_of_a_profile() -> None:
    sessions = Sessions()

    session = sessions.get(ConnectionSettings(region="us-east-1", account="1"))
    assert session is sessions.get(ConnectionSettings(region="us-west-2", account="2"))
    assert session is not sessions.get(ConnectionSettings(profile="prod"))


# ---------------------------------------------------------------- a session given


def test_a_session_given_is_used_as_it_is(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "sa-east-1")
    given = boto3.Session(aws_access_key_id="AKIDGIVEN", aws_secret_access_key="s", region_name="us-east-1")

    place = opened(ConnectionSettings(profile="does-not-exist", role_arn=ROLE), Sessions(given))

    assert place.place == AccountRegion(ACCOUNT, "us-east-1")
    assert [request.signed_by for request in endpoint.seen] == ["AKIDGIVEN/us-east-1/sts"]


# ---------------------------------------------------------------- what stands in the way


def test_a_profile_that_does_not_exist_is_named() -> None:
    failed = failure(ConnectionSettings(region="us-east-1", profile="pord"))

    assert "pord" in failed.message
    assert failed.where == "us-east-1, profile pord"
    assert "list-profiles" in (failed.hint or "")


def test_no_credentials_name_the_ways_to_have_some(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)

    failed = failure()

    assert failed.message == "Unable to locate credentials (NoCredentialsError)"
    assert "AWS_PROFILE" in (failed.hint or "")


def test_a_credential_helper_that_does_not_exist_is_no_crash() -> None:
    assert "credentials" in (failure(ConnectionSettings(profile="broken-helper")).hint or "")


@pytest.mark.parametrize(
    ("response", "said", "hint"),
    [
        (sts_error("ExpiredToken", "The security token is expired"), "The security token is expired", "--profile prod"),
        (sts_error("InvalidClientTokenId", "The token is invalid"), "The token is invalid", "does not know"),
        (
            sts_error("SignatureDoesNotMatch", "Signature expired: 1 is now earlier than 2"),
            "Signature expired",
            "clock",
        ),
        (sts_error("AccessDenied", "no"), "no", "AWS_ENDPOINT_URL"),
        (Response("not found", 404), "", "AWS_ENDPOINT_URL"),
        (Response("<html>proxy</html>", 403), "", "proxy"),
        (Response("<GetCallerIdentityResponse/>"), "not in AWS's form", "AWS_ENDPOINT_URL"),
        (
            Response("s3cr3t"),
            "the answer is not in AWS's form: ResponseParserError",
            "AWS_ENDPOINT_URL",
        ),
        (Response("<html>", cut=3), "cut off after 3 of 6 bytes", "connection"),
    ],
)
def test_a_caller_that_is_not_told_says_why_and_what_to_do(
    endpoint: Endpoint, *, response: Response, said: str, hint: str
) -> None:
    endpoint.answer = answering("GetCallerIdentity", response)

    failed = failure(ConnectionSettings(profile="prod"))

    assert said in failed.message
    assert hint in (failed.hint or "")


@pytest.mark.parametrize(
    ("url", "hint"),
    [("http://127.0.0.1:1", "check the network"), ("localhost", "an endpoint looks like")],
)
def test_an_endpoint_that_does_not_answer_names_the_settings(
    monkeypatch: pytest.MonkeyPatch, url: str, hint: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)

    assert hint in (failure().hint or "")


def test_a_region_that_is_no_region_is_said_to_be_one() -> None:
    assert "region" in (failure(ConnectionSettings(region="us east 1")).hint or "")


# ---------------------------------------------------------------- what else is done, and not


def test_the_account_may_be_asked_again_when_the_first_answer_is_lost(endpoint: Endpoint) -> None:
    answers = iter([sts_error("Throttling", "Rate exceeded", 400), identity()])
    endpoint.answer = lambda _: next(answers)

    assert opened().place.account == ACCOUNT


def test_other_clients_of_the_place_are_made_once(endpoint: Endpoint) -> None:
    place = opened()

    assert place.clients.get("cloudwatch") is place.clients.get("cloudwatch")
    assert endpoint.operations == ["GetCallerIdentity"]
