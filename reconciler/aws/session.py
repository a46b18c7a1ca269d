"""A Connection of warm.yaml -> an open door to one AWS account and region: who calls, and a Reader and a Writer.

The one call made here is sts:GetCallerIdentity, so that the caller can compare the account before any other read.
Profiles, SSO, proxies, endpoints and certificates are botocore's own business, with two additions: AWS_REGION, which
botocore ignores, and `role_arn`. Whatever stands in the way raises ConnectionFailed with a hint; nothing is retried
but GetCallerIdentity.
"""

import os
import threading
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore import exceptions as boto

from reconciler.aws.account import OneAccount
from reconciler.aws.answers import text
from reconciler.aws.clients import Clients
from reconciler.aws.hints import hint_for
from reconciler.aws.translate import Operation, asked, aws_error
from reconciler.aws.watch import CallLog
from reconciler.model.desired import ConnectionSettings
from reconciler.model.errors import AwsError, ConnectionFailed, ErrorKind

if TYPE_CHECKING:
    from collections.abc import Callable

    import boto3
    from botocore.credentials import ReadOnlyCredentials
    from botocore.session import Session
    from mypy_boto3_sts import STSClient

    from reconciler.aws.reader import LambdaReader
    from reconciler.aws.writer import LambdaWriter
    from reconciler.model.observed import AccountRegion

_LAMBDA, _SCALING = "lambda", "application-autoscaling"
_WHO = Operation("sts", "GetCallerIdentity")


@dataclass(frozen=True, slots=True)
class Source:
    """One session: its way of making clients, one at a time, and the region that it takes when none is named.

    `owner`: watches whose credentials sign; None: a session given, whose credentials are not ours to watch.
    """

    make: "Callable[..., Any]"
    region: str | None
    owner: OneAccount | None = None


class Sessions:
    """The sessions of one run, one per profile and role, whatever the number of regions.

    `given`: use this one for everything; profiles, roles and AWS_REGION are then ignored.
    """

    def __init__(self, given: "boto3.Session | None" = None) -> None:
        self._given = Source(_one_at_a_time(given.client), given.region_name) if given is not None else None
        self._lock = threading.RLock()
        self._made: dict[ConnectionSettings, Source] = {}
        self._loaders: dict[str | None, object] = {}

    def source(self, connection: ConnectionSettings, watch: CallLog | None = None) -> Source:
        if self._given is not None:
            return self._given
        credentials = replace(connection, account=None, region=None)
        with self._lock:
            if credentials not in self._made:
                self._made[credentials] = self._make(connection, watch)
            return self._made[credentials]

    def _make(self, connection: ConnectionSettings, watch: CallLog | None) -> Source:
        session = self._session(connection.profile)
        region: str | None = session.get_config_variable("region")
        if connection.role_arn is not None:
            from reconciler.aws.roles import assume_role  # noqa: PLC0415 - only where there is a role

            ambient = self.source(replace(connection, role_arn=None, external_id=None))
            sts = Clients(ambient.make, _region(connection, ambient), parallelism=1, watch=watch)
            assume_role(session, sts, role_arn=connection.role_arn, external_id=connection.external_id)
        return _guarded(session, region, connection, watch)

    def _session(self, profile: str | None) -> "Session":
        """A session that shares the service models with all others.

        Its region is AWS_REGION where that is set: before AWS_DEFAULT_REGION and the profile's, which botocore knows.
        """
        session = botocore.session.Session(profile=profile)
        if region := os.environ.get("AWS_REGION"):
            session.set_config_variable("region", region)
        path = session.get_config_variable("data_path")
        if path not in self._loaders:
            self._loaders[path] = session.get_component("data_loader")
        session.register_component("data_loader", self._loaders[path])
        return session


def _guarded(session: "Session", region: str | None, connection: ConnectionSettings, watch: CallLog | None) -> Source:
    """A source whose every new access key is asked for its account before it signs."""

    def ask(frozen: "ReadOnlyCredentials") -> str:
        keys = {
            "aws_access_key_id": frozen.access_key,
            "aws_secret_access_key": frozen.secret_key,
            "aws_session_token": frozen.token,
        }
        clients = Clients(partial(make, **keys), _region(connection, source), parallelism=1, watch=watch)
        try:
            return _who(clients.get("sts"))[0]
        except AwsError as error:
            if error.kind not in (ErrorKind.THROTTLED, ErrorKind.UNAVAILABLE):
                error.kind = ErrorKind.CREDENTIALS  # what it was refused says nothing about the call that waits
            raise

    owner = OneAccount(ask)

    def guarded(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - botocore makes its clients' types at run time
        owner.guard(session.get_credentials())
        return session.create_client(*args, **options)

    make = _one_at_a_time(guarded)
    source = Source(make, region, owner)
    return source


def _one_at_a_time(make: "Callable[..., Any]") -> "Callable[..., Any]":
    """A session's making of clients, which is not thread-safe, made so. It may run a credential process."""
    lock = threading.Lock()

    def locked(*args: object, **options: object) -> Any:  # noqa: ANN401 - botocore makes its clients' types at run time
        with lock:
            return make(*args, **options)

    return locked


def _region(connection: ConnectionSettings, source: Source) -> str:
    """The file's, AWS_REGION, AWS_DEFAULT_REGION, the profile's."""
    region = connection.region or source.region
    if not region:
        raise boto.NoRegionError
    return region


@dataclass(frozen=True, slots=True)
class AwsConnection:
    """An account and region that answered. `caller` is the ARN that AWS knows us by."""

    place: "AccountRegion"
    caller: str
    reader: "LambdaReader"
    writer: "LambdaWriter"
    clients: Clients


def open_place(
    connection: ConnectionSettings,
    *,
    parallelism: int,
    sessions: Sessions | None = None,
    session: "boto3.Session | None" = None,
    watch: CallLog | None = None,
) -> AwsConnection:
    """Find out who calls, and where. Raises ConnectionFailed.

    One `sessions` for all places of a run saves reading profiles and service models again; it may be used by several
    threads. A `session` given (the sandbox's) is used as it is.
    """
    sessions = sessions or Sessions(session)
    try:
        source = sessions.source(connection, watch)
        clients = Clients(source.make, _region(connection, source), parallelism=parallelism, watch=watch)
        account, caller = _who(clients.get("sts"))
        if source.owner:
            source.owner.answered(account)
        clients.account = account
        functions, scaling = clients.get(_LAMBDA), clients.get(_SCALING)
    except Exception as error:
        raise _failed(connection, error) from error
    from reconciler.aws.reader import LambdaReader  # noqa: PLC0415 - not before it is asked who calls
    from reconciler.aws.writer import LambdaWriter  # noqa: PLC0415 - as above
    from reconciler.model.observed import AccountRegion  # noqa: PLC0415 - as above

    place = AccountRegion(account, clients.region)
    return AwsConnection(place, caller, LambdaReader(functions, scaling), LambdaWriter(functions), clients)


def _who(sts: "STSClient") -> tuple[str, str]:
    """The account and ARN of the caller."""

    def read() -> tuple[str, str]:
        answer = {**sts.get_caller_identity()}
        return text(answer, "Account"), text(answer, "Arn")

    return asked(_WHO, read)


def _failed(connection: ConnectionSettings, error: Exception) -> ConnectionFailed:
    cause = error if isinstance(error, AwsError) else aws_error(_WHO, error)
    request = f", request {cause.request_id}" if cause.request_id else ""
    return ConnectionFailed(
        f"{cause.message} ({cause.code}{request})",
        where=_where(connection),
        hint=_hint(connection, cause),
    )


def _where(connection: ConnectionSettings) -> str:
    parts = (
        connection.region,
        connection.profile and f"profile {connection.profile}",
        connection.role_arn and f"role {connection.role_arn}",
    )
    return ", ".join(part for part in parts if part) or "the environment's credentials"


def _hint(connection: ConnectionSettings, cause: AwsError) -> str | None:
    """AWS denies nobody GetCallerIdentity, and always offers it: an endpoint that does is another one."""
    if cause.kind in (ErrorKind.DENIED, ErrorKind.UNSUPPORTED):
        return "this endpoint does not say who calls: check AWS_ENDPOINT_URL, or give STS its own AWS_ENDPOINT_URL_STS"
    return hint_for(cause.code, cause.message, profile=connection.profile) or cause.hint
