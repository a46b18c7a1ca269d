"""A role of warm.yaml, assumed: a session in, the same session with the role's credentials out.

The credentials are fetched at the first request that needs them and again before they expire, by botocore's own
refreshing; nothing is written to a cache on disk. The role is assumed with the credentials of the given STS client.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.credentials import DeferredRefreshableCredentials

from reconciler.aws.answers import part, text

if TYPE_CHECKING:
    from datetime import datetime

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


def assume_role(session: "Session", *, sts: "STSClient", role_arn: str, external_id: str | None) -> "Session":
    """Have `session` sign with the role's credentials."""
    request: AssumeRoleRequestTypeDef = {"RoleArn": role_arn, "RoleSessionName": ROLE_SESSION_NAME}
    if external_id is not None:
        request["ExternalId"] = external_id

    def fetch() -> dict[str, str]:
        answer = sts.assume_role(**request)
        credentials = part({**answer}, "Credentials")
        expires: datetime = answer["Credentials"]["Expiration"]
        return {
            "access_key": text(credentials, "AccessKeyId"),
            "secret_key": text(credentials, "SecretAccessKey"),
            "token": text(credentials, "SessionToken"),
            "expiry_time": expires.isoformat(),
        }

    credentials = DeferredRefreshableCredentials(refresh_using=fetch, method="assume-role")
    session.register_component("credential_provider", _OnlyTheRole(credentials))
    return session
