"""The sandbox in this process: boto3 sessions whose requests never leave it.

Each session hands its signed requests to one World by botocore's `before-send` event, the last moment before a socket
would be opened. It reads no credentials, no profile and no file of the AWS tools, ignores a configured endpoint, and
its access key carries the account, so that sessions of several accounts live side by side. moto's own services are
shared by the whole process: one embedded sandbox at a time.
"""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import BinaryIO, cast
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.loaders import Loader, create_loader

from reconciler.model.desired import Config, ConnectionSettings
from reconciler.sandbox import moto_backend
from reconciler.sandbox.control_plane import Behaviour, Timing
from reconciler.sandbox.journal import Entry
from reconciler.sandbox.scaling import ScalingBehaviour
from reconciler.sandbox.seeds import named_by, seed
from reconciler.sandbox.wire import DEFAULT_ACCOUNT, DEFAULT_REGION, Request, access_key
from reconciler.sandbox.world import World

# A demonstration takes seconds where AWS takes minutes; the shape of it (weights, IN_PROGRESS, FAILED) is AWS's.
QUICK = Timing(allocation=2.0, init_failure=3.0, update=0.0, pending=0.0, snap_start=2.0, mapping=1.0)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """An emulated AWS in this process. `calls` is the journal so far."""

    world: World
    calls: list[Entry] = field(default_factory=list)

    def session(self, account: str | None = None, region: str | None = None) -> boto3.Session:
        """A session of this account and region (123456789012 and us-east-1 unless said), for any AWS service."""
        return _session(self.world, account or DEFAULT_ACCOUNT, region or DEFAULT_REGION)

    def seed(self, config: Config) -> None:
        """Every function that the file names, in its declared account and region, as `ion deploy` leaves it."""
        seed(self.world, named_by(config, _account))


@contextmanager
def embedded(  # noqa: PLR0913 - what a world is made of
    config: Config | None = None,
    *,
    clock: Callable[[], float],
    timing: Timing = QUICK,
    behaviour: Behaviour = Behaviour(),  # noqa: B008 - frozen
    scaling: ScalingBehaviour = ScalingBehaviour(),  # noqa: B008 - as above
    limited: bool = False,
) -> Iterator[Sandbox]:
    """A sandbox without the network, seeded from the file; its worlds are gone at the end."""
    moto_backend.reset()
    calls: list[Entry] = []
    world = World(
        clock=clock, timing=timing, behaviour=behaviour, scaling=scaling, limited=limited, journal=calls.append
    )
    sandbox = Sandbox(world, calls)
    if config is not None:
        sandbox.seed(config)
    try:
        yield sandbox
    finally:
        moto_backend.reset()


def _account(connection: ConnectionSettings) -> str:
    return connection.account or DEFAULT_ACCOUNT  # profiles and roles are ignored here


_NO_FILES = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
    "ignore_configured_endpoint_urls": (None, None, True, None),
}
_creating = Lock()


@cache
def _loader() -> Loader:
    """What botocore knows of the services, read once for all sessions: it is most of what a client costs."""
    return create_loader()


def _session(world: World, account: str, region: str) -> boto3.Session:
    with _creating:
        core = botocore.session.Session(session_vars=_NO_FILES)
        core.register_component("data_loader", _loader())
        core.set_credentials(access_key(account), "sandbox")
        core.get_component("event_emitter").register_first("before-send", _carry_to(world))
        return boto3.Session(botocore_session=core, region_name=region)


def _carry_to(world: World) -> Callable[..., AWSResponse]:
    def carry(request: AWSPreparedRequest, **_event: object) -> AWSResponse:
        response = world.answer(_request(request))
        raw = _Raw(b"" if request.method == "HEAD" else response.body)
        return AWSResponse(request.url, response.status, HTTPHeaders.from_dict(dict(response.headers)), raw)

    return carry


class _Raw(io.BytesIO):
    """A body that botocore reads as it reads urllib3's."""

    def stream(self, **_options: object) -> Iterator[bytes]:
        while chunk := self.read(65536):
            yield chunk


def _request(prepared: AWSPreparedRequest) -> Request:
    url = urlsplit(prepared.url)
    headers = {name.lower(): _text(value) for name, value in prepared.headers.items()}
    return Request(prepared.method, url.path or "/", url.query, headers, _bytes(prepared.body), url.netloc)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _bytes(body: object) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    return cast("BinaryIO", body).read()  # a file, as botocore allows
