"""Connection settings of warm.yaml -> an open connection to one AWS account and region: the caller, Reader and Writer.

The one call made here is sts:GetCallerIdentity, so that the account is known before any other read. Whatever stands in
the way raises ConnectionFailed with a hint; nothing is retried but GetCallerIdentity.
"""

from dataclasses import dataclass

from reconciler.aws.clients import Clients
from reconciler.aws.deploys import AwsDeploys
from reconciler.aws.events import CallLog
from reconciler.aws.hints import hint_for
from reconciler.aws.inventory import AwsInventory
from reconciler.aws.reader import LambdaReader
from reconciler.aws.server_clock import ServerClock
from reconciler.aws.sessions import WHO_CALLS, Sessions, region_of, who_calls
from reconciler.aws.translate import aws_error
from reconciler.aws.writer import LambdaWriter
from reconciler.model.deploy import DeployReader
from reconciler.model.desired import ConnectionSettings
from reconciler.model.errors import OWN_CODES, AwsError, ConnectionFailed, ErrorKind
from reconciler.model.inventory import InventoryReader
from reconciler.model.observed import AccountRegion
from reconciler.model.ports import Reader


@dataclass(frozen=True, slots=True, eq=False)
class AwsConnection:
    """An account and region that answered: an environments.Connection. `caller`: the ARN that AWS knows us by."""

    place: AccountRegion
    caller: str
    reader: Reader
    writer: LambdaWriter
    inventory: InventoryReader
    deploys: DeployReader
    clients: Clients


def connect(
    connection: ConnectionSettings,
    *,
    sessions: Sessions,
    parallelism: int,
    log: CallLog | None = None,
    clock: ServerClock | None = None,
) -> AwsConnection:
    """Ask AWS who calls. `parallelism`: connections kept to each service; `clock` goes by the answers.

    Raises ConnectionFailed.

    One `sessions` for all connections of a run reads each profile and its service models once, and assumes each role
    once; several threads may use it.
    """
    try:
        session = sessions.get(connection, log)
        heed = (clock or ServerClock()).heed
        clients = Clients(session.client, region_of(connection, session), parallelism=parallelism, log=log, heed=heed)
        account, caller = who_calls(clients.get("sts"))
        if session.owner:
            session.owner.answered(account)
        clients.account = account
        functions, scaling = clients.get("lambda"), clients.get("application-autoscaling")
    except Exception as error:
        raise _failed(connection, error) from error
    return AwsConnection(
        place=AccountRegion(account, clients.region),
        caller=caller,
        reader=LambdaReader(functions, scaling),
        writer=LambdaWriter(functions, scaling),
        inventory=AwsInventory(clients),
        deploys=AwsDeploys(clients),
        clients=clients,
    )


def _failed(connection: ConnectionSettings, error: Exception) -> ConnectionFailed:
    cause = error if isinstance(error, AwsError) else aws_error(WHO_CALLS, error)
    code = () if cause.code in OWN_CODES else (cause.code,)
    noted = ", ".join((*code, *((f"request {cause.request_id}",) if cause.request_id else ())))
    return ConnectionFailed(
        f"{cause.message} ({noted})" if noted else cause.message,
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
