"""The boto3 sessions of one run: one per profile and role, shared by threads, its credentials' account watched.

Profiles, SSO, proxies, endpoints and certificates are boto3's own business, with two additions: AWS_REGION, which boto3
ignores, and `role_arn`. A role's credentials are fetched by botocore at the first request that needs them and again
before they expire, with the ambient credentials or the profile's; nothing is written to a cache on disk.
"""

import os
import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore import exceptions as boto
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials

from reconciler.aws.account import OneAccount
from reconciler.aws.answers import Incomplete, text
from reconciler.aws.clients import Clients
from reconciler.aws.events import CallLog
from reconciler.aws.translate import Operation, asked
from reconciler.model.desired import ConnectionSettings
from reconciler.model.errors import AwsError, ErrorKind

if TYPE_CHECKING:
    from botocore.credentials import Credentials, ReadOnlyCredentials
    from mypy_boto3_sts import STSClient

ROLE_SESSION_NAME = "reconcile"  # what CloudTrail shows
WHO_CALLS = Operation("sts", "GetCallerIdentity")


class SharedSession:
    """A boto3 session that threads share: boto3's own is not thread-safe, so clients are made one at a time.

    `region`: the one taken where none is named. `owner` None: a session given, whose credentials are not checked.
    """

    def __init__(self, session: boto3.Session, owner: OneAccount | None = None) -> None:
        self.region = session.region_name
        self.owner = owner
        self._session = session
        self._lock = threading.Lock()

    def client(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - boto3 makes its clients' types at run time
        """As boto3's `Session.client`; may run a credential process. New access keys are checked before they sign."""
        with self._lock:
            self._guarded_credentials()
            return self._session.client(*args, **options)

    def credentials(self) -> "Credentials":
        """Raises NoCredentialsError."""
        with self._lock:
            credentials = self._guarded_credentials()
        if credentials is None:
            raise boto.NoCredentialsError
        return credentials

    def _guarded_credentials(self) -> "Credentials | None":
        if self.owner is None:
            return None
        credentials = self._session.get_credentials()
        self.owner.guard(credentials)
        return credentials


class Sessions:
    """The sessions of one run, one per profile and role, whatever the number of regions. Thread-safe.

    `given`: use this one for everything; profiles, roles and AWS_REGION are then ignored.
    """

    def __init__(self, given: boto3.Session | None = None) -> None:
        self._given = SharedSession(given) if given is not None else None
        self._lock = threading.RLock()
        self._made: dict[ConnectionSettings, SharedSession] = {}

    def get(self, connection: ConnectionSettings, log: CallLog | None = None) -> SharedSession:
        """Raises botocore's errors, such as ProfileNotFound."""
        if self._given is not None:
            return self._given
        credentials = replace(connection, account=None, region=None)
        with self._lock:
            if credentials not in self._made:
                self._made[credentials] = self._make(connection, log)
            return self._made[credentials]

    def _make(self, connection: ConnectionSettings, log: CallLog | None) -> SharedSession:
        session = botocore.session.Session(profile=connection.profile)
        if connection.role_arn is not None:
            ambient = self.get(replace(connection, role_arn=None, external_id=None), log)
            session._credentials = _of_role(connection.role_arn, connection, ambient, log)  # type: ignore[attr-defined]  # noqa: SLF001 - botocore has no public way
        made = boto3.Session(botocore_session=session, region_name=os.environ.get("AWS_REGION") or None)

        def account_of(frozen: "ReadOnlyCredentials") -> str:
            keys = (frozen.access_key, frozen.secret_key, frozen.token)
            names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
            return _account_of(_sts(connection, shared, log, **dict(zip(names, keys, strict=True))))

        shared = SharedSession(made, OneAccount(account_of))
        return shared


def region_of(connection: ConnectionSettings, session: SharedSession) -> str:
    """The file's, AWS_REGION, AWS_DEFAULT_REGION, the profile's. Raises NoRegionError."""
    region = connection.region or session.region
    if not region:
        raise boto.NoRegionError
    return region


def who_calls(sts: "STSClient") -> tuple[str, str]:
    """GetCallerIdentity: the account and ARN of the caller. Raises AwsError."""

    def read() -> tuple[str, str]:
        answer = {**sts.get_caller_identity()}
        return text(answer, "Account"), text(answer, "Arn")

    return asked(WHO_CALLS, read)


def _sts(
    connection: ConnectionSettings, session: SharedSession, log: CallLog | None, **keys: str | None
) -> "STSClient":
    """An STS client that signs with these keys, and not with the session's."""
    clients = Clients(partial(session.client, **keys), region_of(connection, session), parallelism=1, log=log)
    sts: STSClient = clients.get("sts")
    return sts


def _account_of(sts: "STSClient") -> str:
    try:
        return who_calls(sts)[0]
    except AwsError as error:
        if error.kind not in (ErrorKind.THROTTLED, ErrorKind.UNAVAILABLE):
            error.kind = ErrorKind.CREDENTIALS  # what it was refused says nothing about the call that waits
        raise


def _of_role(
    role_arn: str, connection: ConnectionSettings, ambient: SharedSession, log: CallLog | None
) -> DeferredRefreshableCredentials:
    """The role's credentials. Fetching them raises botocore's errors, or Incomplete."""
    external_id = {} if connection.external_id is None else {"ExternalId": connection.external_id}

    def fetch() -> dict[str, Any]:
        fetcher = AssumeRoleCredentialFetcher(
            lambda _service, **keys: _sts(connection, ambient, log, **keys),
            ambient.credentials(),
            role_arn,
            extra_args={"RoleSessionName": ROLE_SESSION_NAME, **external_id},
        )
        try:
            return fetcher.fetch_credentials()
        except KeyError as error:  # of the answer's members
            raise Incomplete(*error.args) from error

    return DeferredRefreshableCredentials(fetch, "assume-role")
