"""Whose account: no request is signed by another account's credentials, and no answer is believed about another's.

Credentials may change in mid-run: a role, an SSO session or a `credential_process` is asked again when they expire. So
an access key that GetCallerIdentity was not answered for yet is asked about before anything is signed with it; while
the key stays the same, that costs nothing. Every answer that names its function, alias or scaling target by ARN is
compared with the account and region that were asked. Keys are kept as hashes.
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
    """The account of one session's credentials. `ask`: GetCallerIdentity with just these, its account.

    Thread-safe: one question is asked about a new key, however many threads wait to sign with it.
    """

    def __init__(self, ask: "Callable[[ReadOnlyCredentials], str]") -> None:
        self._ask = ask
        self._account: str | None = None
        self._accounts: dict[bytes, str] = {}
        self._lock = threading.Lock()
        self._signed = threading.local()

    def guard(self, credentials: "Credentials | None") -> None:
        """Check whose they are each time that something is signed with these; None: nothing is signed."""
        if credentials is None or "get_frozen_credentials" in vars(credentials):
            return
        freeze = credentials.get_frozen_credentials

        def checked() -> "ReadOnlyCredentials":
            frozen = freeze()
            self._check(frozen)
            return frozen

        vars(credentials)["get_frozen_credentials"] = checked

    def answered(self, account: str) -> None:
        """GetCallerIdentity, asked by this thread, was answered. Raises AwsError when another account was before."""
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
                account = self._accounts.get(key) or self._ask(frozen)
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
    """Have this client raise AwsError where an answer is about another account or region; None: not known yet."""

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
    """Of the answer, of its Configuration, of the rows of its lists: not of tags or variables, which people name."""
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
