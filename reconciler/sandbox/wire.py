"""What goes over the wire: one HTTP request and one answer, as values, wherever they come from.

The embedded sandbox makes them from botocore's prepared requests, the endpoint from a socket. Here a request is
also told apart: which service it is for, in which region, and by whose access key (AWS's signature says all three;
the signature itself is never checked). Nothing here answers anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html: KEY/20260102/REGION/SERVICE/aws4_request
_SCOPE = re.compile(r"(?:Credential=|X-Amz-Credential=)([^/%,&]+)(?:/|%2F)\d{8}(?:/|%2F)([^/%]+)(?:/|%2F)([^/%]+)")
_LAMBDA_PATH = re.compile(r"/20\d\d-\d\d-\d\d/")
_KEY_OF_ACCOUNT = re.compile(r"(\d{12})$")


@dataclass(frozen=True, slots=True)
class Request:
    """`path` and `query` still percent-encoded, header names in lower case. `host`: only where it was AWS's own."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    host: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Scope:
    """Who asks for what: `access_key` is "" for a request without a signature."""

    access_key: str
    region: str
    service: str


def scope_of(request: Request) -> Scope:
    """The credential scope of a signature version 4, in the header or (a presigned URL) in the query.

    A request without one, as from curl, is taken for Lambda's when its path begins with an API version, else for STS.
    """
    found = _SCOPE.search(request.headers.get("authorization", "")) or _SCOPE.search(request.query)
    if found:
        return Scope(found[1], found[2], found[3])
    return Scope("", DEFAULT_REGION, "lambda" if _LAMBDA_PATH.match(request.path) else "sts")


def access_key(account: str) -> str:
    """The sandbox's access key of an account: it carries the account, and has the length of AWS's own keys."""
    return f"AKIA{account}"


def declared_account(key: str) -> str | None:
    """The account that an access key carries: its last twelve characters, when they are digits."""
    found = _KEY_OF_ACCOUNT.search(key)
    return found[1] if found else None
