"""The account guard: no request is signed by another account's credentials, no answer about another is accepted.

Credentials may change during a run: a role, an SSO session or a `credential_process` is asked again when they expire.
So before anything is signed with a new access key, GetCallerIdentity says whose it is; while the key stays the same,
that costs nothing. Every answer that names its function, alias or scaling target by ARN is compared with the account
and region of the request. Keys are kept as hashes.
"""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING

from reconciler.aws.answers import InvalidResponse
from reconciler.model.errors import AwsError, ErrorKind

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.credentials import Credentials, ReadOnlyCredentials

_WHO = "GetCallerIdentity"


class OneAccount:
    """The account of one session's credentials. `account_of`: asks GetCallerIdentity, signed by these credentials.

    Thread-safe: a new key is asked about once, however many threads wait to sign with it.
    """

    def __init__(self, account_of: "Callable[[ReadOnlyCredentials], str]") -> None:
        self._account_of = account_of
        self._account: str | None = None
        self._accounts: dict[bytes, str] = {}
        self._lock = threading.Lock()
        self._signed = threading.local()

    def guard(self, credentials: "Credentials | None") -> None:
        """Check the account whenever something is signed with these; None: nothing is signed."""
        if credentials is None or "get_frozen_credentials" in vars(credentials):
            return
        freeze = credentials.get_frozen_credentials

        def checked() -> "ReadOnlyCredentials":
            frozen = freeze()
            self._check(frozen)
            return frozen

        vars(credentials)["get_frozen_credentials"] = checked

    def answered(self, account: str) -> None:
        """GetCallerIdentity answered this thread. Raises AwsError when an earlier answer was of another account."""
        with self._lock:
            self._account = self._account or account
            self._accounts[self._signed.key] = account
        self._insist(account)

    def _check(self, frozen: "ReadOnlyCredentials") -> None:
        key = self._signed.key = blake2b((frozen.access_key or "").encode(), digest_size=16).digest()
        if self._account is None:  # GetCallerIdentity itself, or credentials that only assume a role
            return
        account = self._accounts.get(key)
        if account is None:
            with self._lock:
                account = self._accounts.get(key) or self._account_of(frozen)
                self._accounts[key] = account
        self._insist(account)

    def _insist(self, account: str) -> None:
        if account != self._account:
            raise _another(
                f"the credentials changed: they are of account {account} now, and were of account {self._account}",
                operation=_WHO,
                hint=f"sign in to account {self._account} again, and keep to it until the run has ended",
            )


def insist_on_own_arns(client: "BaseClient", account: Callable[[], str | None], region: str) -> None:
    """Have this client raise AwsError for answers about another account or region; None: not known yet."""

    def answered(model: object, parsed: Mapping[str, object], **_: object) -> None:
        own = account()
        for member, arn in _arns(parsed) if own else ():
            parts = arn.split(":") if isinstance(arn, str) else []
            if len(parts) <= _ARN_ACCOUNT:
                raise InvalidResponse(f"the answer can't be understood: {member} is not an ARN")
            if (parts[_ARN_ACCOUNT], parts[_ARN_REGION]) != (own, region):
                raise _another(
                    f"{member} in the answer is of {_named(parts[_ARN_ACCOUNT], parts[_ARN_REGION])}, and what was "
                    f"asked is in account {own}, {region}",
                    operation=getattr(model, "name", "?"),
                    hint="check that AWS_ENDPOINT_URL, proxies and the credentials lead to one account and region",
                )

    client.meta.events.register("after-call", answered)


_ARN_REGION, _ARN_ACCOUNT = 3, 4  # arn:PARTITION:SERVICE:REGION:ACCOUNT:…
_OWN = ("FunctionArn", "AliasArn", "ScalableTargetARN")


def _arns(parsed: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Of the answer, its Configuration and its lists' rows; not of tags or variables, whose names people choose."""
    for holder in (parsed, parsed.get("Configuration"), *_rows(parsed)):
        if isinstance(holder, dict):
            yield from ((member, holder[member]) for member in _OWN if holder.get(member) is not None)


def _rows(parsed: Mapping[str, object]) -> Iterator[object]:
    for value in parsed.values():
        if isinstance(value, list):
            yield from value


def _named(account: str, region: str) -> str:
    if re.fullmatch(r"\d{12}", account, re.ASCII) and re.fullmatch(r"[a-z0-9-]{1,30}", region):
        return f"account {account}, {region}"
    return "no account and region"


def _another(message: str, *, operation: str, hint: str) -> AwsError:
    return AwsError(message, kind=ErrorKind.CREDENTIALS, code="AnotherAccount", operation=operation, hint=hint)
