"""A role of warm.yaml, assumed: a session in, which signs with the role's credentials from then on.

The credentials are fetched at the first request that needs them and again before they expire, by botocore's own
refreshing; nothing is written to a cache on disk. The role is assumed with the ambient credentials or the profile's.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.credentials import DeferredRefreshableCredentials

from reconciler.aws.answers import Incomplete, part, text
from reconciler.aws.clients import Clients

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_sts import STSClient
    from mypy_boto3_sts.type_defs import AssumeRoleRequestTypeDef

ROLE_SESSION_NAME = "reconcile"  # what CloudTrail shows


@dataclass(frozen=True, slots=True)
class _OnlyTheRole:
    """Stands where a session keeps its chain of credential providers."""

    credentials: DeferredRefreshableCredentials

    def load_credentials(self) -> DeferredRefreshableCredentials:
        return self.credentials


def assume_role(session: "Session", ambient: Clients, *, role_arn: str, external_id: str | None) -> None:
    """Have `session` sign with the role's credentials, got through `ambient`, at the first request that needs them."""
    request: AssumeRoleRequestTypeDef = {"RoleArn": role_arn, "RoleSessionName": ROLE_SESSION_NAME}
    if external_id is not None:
        request["ExternalId"] = external_id

    def fetch() -> dict[str, str]:
        sts: STSClient = ambient.get("sts")
        answer = sts.assume_role(**request)
        credentials = part({**answer}, "Credentials")
        expires = credentials.get("Expiration")
        if not isinstance(expires, datetime):
            raise Incomplete("Expiration")
        return {
            "access_key": text(credentials, "AccessKeyId"),
            "secret_key": text(credentials, "SecretAccessKey"),
            "token": text(credentials, "SessionToken"),
            "expiry_time": expires.isoformat(),
        }

    credentials = DeferredRefreshableCredentials(refresh_using=fetch, method="assume-role")
    session.register_component("credential_provider", _OnlyTheRole(credentials))
