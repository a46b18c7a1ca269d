"""An HTTP endpoint on 127.0.0.1 whose answers a test writes: what botocore does on the wire can be seen and spoiled."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: str

    @property
    def operation(self) -> str:
        """STS names it in the form, Application Auto Scaling in a header; Lambda's is its method and path."""
        form = parse_qs(self.body).get("Action") if "form-urlencoded" in self.headers.get("content-type", "") else None
        target = self.headers.get("x-amz-target", "")
        return form[0] if form else target.rpartition(".")[2] or f"{self.method} {self.path}"

    @property
    def signed_by(self) -> str:
        """KEY/REGION/SERVICE of the signature."""
        scope = self.headers["authorization"].partition("Credential=")[2].partition(",")[0].split("/")
        return f"{scope[0]}/{scope[2]}/{scope[3]}"


@dataclass(frozen=True)
class Response:
    """`cut`: send only so many bytes of the body that is announced. `hang_up`: close without any answer."""

    body: str | bytes = "{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    hang_up: bool = False


@dataclass
class Endpoint:
    url: str
    answer: Callable[[Request], Response]
    seen: list[Request] = field(default_factory=list)

    @property
    def operations(self) -> list[str]:
        return [request.operation for request in self.seen]


def identity(account: str = ACCOUNT) -> Response:
    arn = f"arn:aws:sts::{account}:assumed-role/deployer/somebody"
    result = f"<GetCallerIdentityResult><Arn>{arn}</Arn><UserId>U</UserId><Account>{account}</Account>"
    return Response(f"<GetCallerIdentityResponse>{result}</GetCallerIdentityResult></GetCallerIdentityResponse>")


def assumed(key: str = "AKIDROLE", *, expires: str = "2099-01-01T00:00:00Z") -> Response:
    credentials = (
        f"<AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
        f"<Expiration>{expires}</Expiration>"
    )
    result = f"<AssumeRoleResult><Credentials>{credentials}</Credentials></AssumeRoleResult>"
    return Response(f"<AssumeRoleResponse>{result}</AssumeRoleResponse>")


def sts_error(code: str, message: str, status: int = 403) -> Response:
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error><RequestId>request-1</RequestId>"
    return Response(f"<ErrorResponse>{error}</ErrorResponse>", status)


def lambda_error(code: str, message: str, status: int) -> Response:
    return Response(json.dumps({"Type": "User", "message": message}), status, {"x-amzn-ErrorType": code})


def ordinary(request: Request) -> Response:
    """What an account with nothing in it answers."""
    match request.operation:
        case "GetCallerIdentity":
            return identity()
        case "AssumeRole":
            return assumed()
        case _:
            return lambda_error("ResourceNotFoundException", "not found", 404)


@contextmanager
def serving(answer: Callable[[Request], Response] = ordinary) -> Iterator[Endpoint]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    endpoint = Endpoint(f"http://127.0.0.1:{server.server_port}", answer)
    server.endpoint = endpoint  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def _serve(self) -> None:
        endpoint: Endpoint = self.server.endpoint  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        request = Request(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        endpoint.seen.append(request)
        response = endpoint.answer(request)
        self.close_connection = True
        if response.hang_up:
            return
        self.send_response(response.status)
        sent = response.body.encode() if isinstance(response.body, str) else response.body
        for name, value in {
            "Content-Length": str(len(sent)),
            "Connection": "close",
            **response.headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(sent[: response.cut])

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - the server looks for these names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the server's signature
        """Say nothing."""
