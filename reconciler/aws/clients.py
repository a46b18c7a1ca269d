"""The boto3 clients of one account and region, each made once; in: a session's `client`, made safe for threads.

None of them retries, but sts, whose calls are reads that nothing else retries: botocore would repeat a write whose
answer was lost, in every retry mode, and must not.
"""

import threading
from collections.abc import Callable
from typing import Any

from botocore.config import Config

from reconciler import __version__
from reconciler.aws.account import insist_on_own_arns
from reconciler.aws.bounded import bound_answers
from reconciler.aws.events import CallLog, insist_on_whole_answers, log_calls


class Clients:
    """The clients of one account and region, each made once, at its first use.

    `account` None: not known yet; once it is, an answer about another account or region raises AwsError.
    `make` is boto3's `Session.client`, made safe for threads. `heed` is told of each client that is made.
    """

    def __init__(
        self,
        make: Callable[..., Any],
        region: str,
        *,
        parallelism: int,
        log: CallLog | None,
        heed: Callable[[Any], None] = lambda _client: None,
    ) -> None:
        self._create = make
        self.region = region
        self.account: str | None = None
        self._lock = threading.Lock()
        self._parallelism = parallelism
        self._log = log
        self._heed = heed
        self._made: dict[str, Any] = {}

    def get(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients' types at run time
        with self._lock:
            if service not in self._made:
                self._made[service] = self._make(service)
            return self._made[service]

    def made(self) -> tuple[Any, ...]:
        """Those in use so far."""
        with self._lock:
            return tuple(self._made.values())

    def _make(self, service: str) -> Any:  # noqa: ANN401 - as above
        attempts = 3 if service == "sts" else 1
        client = self._create(
            service, region_name=self.region, config=client_config(parallelism=self._parallelism, attempts=attempts)
        )
        if self._log is not None:
            log_calls(client, self._log)
        insist_on_whole_answers(client)  # after the log, which is to see every call: this may raise
        bound_answers(client)
        insist_on_own_arns(client, lambda: self.account, self.region)
        self._heed(client)
        return client


def client_config(*, parallelism: int, attempts: int) -> Config:
    """The mode is fixed as well as `attempts`: "adaptive", which the environment may ask for, would pace below us."""
    return Config(
        connect_timeout=6,
        read_timeout=30,
        max_pool_connections=parallelism,
        retries={"mode": "standard", "total_max_attempts": attempts},
        tcp_keepalive=True,
        user_agent_extra=f"reconcile/{__version__}",
    )
