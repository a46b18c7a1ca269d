"""A Connection of warm.yaml -> an open door to one AWS account and region: who calls, and a Reader and a Writer.

The one call made here is sts:GetCallerIdentity, so that the caller can compare the account before any other read.
Profiles, SSO, proxies, endpoints and certificates are botocore's own business, with two additions: AWS_REGION, which
botocore ignores, and `role_arn`. Whatever stands in the way raises ConnectionFailed with a hint; nothing is retried
but GetCallerIdentity. Speed: one botocore session per profile and one loader for all, so that service models are read
once; the clients are made while GetCallerIdentity is under way. boto3 adds nothing to that but its import time.
"""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore import exceptions as boto
from botocore.config import Config

from reconciler import __version__
from reconciler.aws.answers import text
from reconciler.aws.hints import hint_for
from reconciler.aws.reader import LambdaReader
from reconciler.aws.roles import assume_role
from reconciler.aws.translate import FAILURES, Call, asked, aws_error
from reconciler.aws.watch import CallLog, insist_on_whole_answers, watch_calls
from reconciler.aws.writer import LambdaWriter
from reconciler.errors import AwsError, ConnectionFailed, Fault
from reconciler.model import Connection, Place

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_sts import STSClient

_LAMBDA, _SCALING = "lambda", "application-autoscaling"
_WHO = Call("sts", "GetCallerIdentity")


class Sessions:
    """The botocore sessions of one run, one per profile, and the lock under which clients are made.

    `given`: use this session for everything; profiles, roles and the environment's region are then ignored.
    """

    def __init__(self, given: "Session | None" = None) -> None:
        self.given = given
        self.lock = threading.RLock()  # create_client is not thread-safe
        self._by_profile: dict[str | None, Session] = {}
        self._loaders: dict[str | None, object] = {}

    def of_profile(self, profile: str | None) -> "Session":
        with self.lock:
            if self.given is not None:
                return self.given
            if profile not in self._by_profile:
                self._by_profile[profile] = self.fresh(profile)
            return self._by_profile[profile]

    def fresh(self, profile: str | None) -> "Session":
        """A session of its own that shares the service models with all others.

        Its region is AWS_REGION where that is set: before AWS_DEFAULT_REGION and the profile's, which botocore knows.
        """
        session = botocore.session.Session(profile=profile)
        if region := os.environ.get("AWS_REGION"):
            session.set_config_variable("region", region)
        with self.lock:
            path = session.get_config_variable("data_path")
            loader = self._loaders.setdefault(path, session.get_component("data_loader"))
        session.register_component("data_loader", loader)
        return session


class Clients:
    """The clients of one account and region, each made once, at its first use."""

    def __init__(
        self, session: "Session", region: str, *, lock: threading.RLock, parallelism: int, watch: CallLog | None
    ) -> None:
        self._session = session
        self._region = region
        self._lock = lock
        self._parallelism = parallelism
        self._watch = watch
        self._made: dict[str, Any] = {}

    def get(self, service: str) -> Any:  # noqa: ANN401 - botocore makes its clients' types at run time
        with self._lock:
            if service not in self._made:
                self._made[service] = self._make(service)
            return self._made[service]

    def _make(self, service: str) -> Any:  # noqa: ANN401 - as above
        attempts = 3 if service == "sts" else 1
        client = self._session.create_client(
            service, region_name=self._region, config=client_config(parallelism=self._parallelism, attempts=attempts)
        )
        insist_on_whole_answers(client)
        if self._watch is not None:
            watch_calls(client, self._watch)
        return client


def client_config(*, parallelism: int, attempts: int) -> Config:
    """`attempts` 1 for all but GetCallerIdentity: botocore repeats writes whose answer was lost, and must not.

    The mode is fixed as well: "adaptive", which the environment may ask for, would pace below us.
    """
    return Config(
        connect_timeout=6,
        read_timeout=30,
        max_pool_connections=parallelism,
        retries={"mode": "standard", "total_max_attempts": attempts},
        tcp_keepalive=True,
        user_agent_extra=f"reconcile/{__version__}",
    )


@dataclass(frozen=True, slots=True)
class Opened:
    """An account and region that answered. `caller` is the ARN that AWS knows us by."""

    place: Place
    caller: str
    reader: LambdaReader
    writer: LambdaWriter
    clients: Clients


def open_place(
    connection: Connection,
    *,
    parallelism: int,
    sessions: Sessions | None = None,
    session: "Session | None" = None,
    watch: CallLog | None = None,
) -> Opened:
    """Find out who calls, and where. Raises ConnectionFailed.

    One `sessions` for all places of a run saves reading profiles and service models again; it may be used by several
    threads. A `session` given (the sandbox's) is used as it is.
    """
    sessions = sessions or Sessions(session)
    try:
        region = connection.region or sessions.of_profile(connection.profile).get_config_variable("region")
        if not region:
            raise boto.NoRegionError
        clients = _clients(connection, region, sessions, parallelism=parallelism, watch=watch)
        account, caller = _identity(clients)
        reader = LambdaReader(clients.get(_LAMBDA), clients.get(_SCALING))
        return Opened(Place(account, region), caller, reader, LambdaWriter(clients.get(_LAMBDA)), clients)
    except (*FAILURES, AwsError, ValueError) as error:
        raise _failed(connection, error) from error


def _clients(
    connection: Connection, region: str, sessions: Sessions, *, parallelism: int, watch: CallLog | None
) -> Clients:
    def clients(session: "Session") -> Clients:
        return Clients(session, region, lock=sessions.lock, parallelism=parallelism, watch=watch)

    session = sessions.of_profile(connection.profile)
    if connection.role_arn is None or sessions.given is not None:
        return clients(session)
    own = sessions.fresh(connection.profile)
    sts = clients(session).get("sts")
    return clients(assume_role(own, sts=sts, role_arn=connection.role_arn, external_id=connection.external_id))


def _identity(clients: Clients) -> tuple[str, str]:
    """The account and ARN of the caller; meanwhile another thread makes the clients that come next."""
    sts: STSClient = clients.get("sts")

    def read() -> tuple[str, str]:
        answer = {**sts.get_caller_identity()}
        return text(answer, "Account"), text(answer, "Arn")

    with ThreadPoolExecutor(max_workers=1) as beside:
        for service in (_LAMBDA, _SCALING):
            beside.submit(clients.get, service)  # a failure shows again, and is told, where the client is used
        return asked(_WHO, read)


def _failed(connection: Connection, error: Exception) -> ConnectionFailed:
    match error:
        case AwsError():
            cause = error
        case ValueError() if str(error).startswith("Invalid endpoint"):
            cause = AwsError(str(error), fault=Fault.CREDENTIALS, code="InvalidEndpoint", operation=_WHO.operation)
        case _:
            cause = aws_error(_WHO, error)
    request = f", request {cause.request_id}" if cause.request_id else ""
    return ConnectionFailed(
        f"{cause.message} ({cause.code}{request})",
        where=_where(connection),
        hint=_hint(connection, cause),
    )


def _where(connection: Connection) -> str:
    parts = (
        connection.region,
        connection.profile and f"profile {connection.profile}",
        connection.role_arn and f"role {connection.role_arn}",
    )
    return ", ".join(part for part in parts if part) or "the environment's credentials"


def _hint(connection: Connection, cause: AwsError) -> str | None:
    """AWS denies nobody GetCallerIdentity, and always offers it: an endpoint that does is another one."""
    if cause.fault in (Fault.DENIED, Fault.UNSUPPORTED):
        return "this endpoint does not say who calls: check AWS_ENDPOINT_URL, or give STS its own AWS_ENDPOINT_URL_STS"
    return hint_for(cause.code, cause.message, profile=connection.profile) or cause.hint
