"""The world on a socket: HTTP/1.1 on 127.0.0.1, one thread a connection, one write an answer.

A request is read whole, answered by the world, and written in one piece; one that stops short (its client was killed)
is dropped unanswered and undone. `latency` is spent half before and half after the world answers, in the connection's
own thread and outside every lock, so that it limits no concurrency.

No web page gets in: a request for another host's name, or one that a browser marks as a page's, is 403 before its body
is read. A body is bounded, and a client that sends or takes nothing for `patience` seconds is hung up on.
"""

import errno
import json
import logging
import socketserver
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from threading import Thread

from reconciler.model.errors import ReconcileError
from reconciler.sandbox.wire import Request, Response

HOST = "127.0.0.1"
LARGEST = 80 * 2**20  # bytes of a body: Lambda's largest request is 70,167,211
PATIENCE = 60.0  # seconds to send a whole request, to take an answer, or to be idle between the two
_PAGE = ("Origin", "Referer", "Sec-Fetch-Site")  # what a browser adds to a page's requests, and no AWS client does
_log = logging.getLogger(__name__)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        port: int,
        answer: Callable[[Request], Response],
        *,
        latency: float,
        sleep: Callable[[float], None],
        throttle_timeout: float = PATIENCE,
    ) -> None:
        self.answer = answer
        self.latency = latency
        self.sleep = sleep
        self.throttle_timeout = throttle_timeout
        self.deadlines: dict[socket, float] = {}  # of the connections that wait for their client
        self._next_look = 0.0
        try:
            super().__init__((HOST, port), _Connection)
        except (OSError, OverflowError) as error:
            raise _unusable(port, error) from None

    def server_bind(self) -> None:
        """Bind without the name look-up that http.server makes for a name nobody asks for."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]
        self.own_names = {f"{HOST}:{self.server_port}", f"localhost:{self.server_port}"}

    def service_actions(self) -> None:
        """Hang up on clients past their deadline. Called by serve_forever between connections."""
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + min(1.0, self.throttle_timeout / 4)
        for connection, deadline in list(self.deadlines.items()):
            if deadline < now and self.deadlines.pop(connection, None) is not None:
                with suppress(OSError):  # its client went away just now
                    connection.shutdown(SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no error; anything else is logged."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            _log.exception("connection from %s failed (%s)", client_address, request)


@contextmanager
def running(server: Server) -> Iterator[str]:
    """The server in a thread of its own; gives its URL."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, *_parts: object) -> None:
        """Silence: the journal tells of calls."""

    def handle_one_request(self) -> None:
        self._await_client()
        super().handle_one_request()

    def finish(self) -> None:
        self.server.deadlines.pop(self.connection, None)
        super().finish()

    def handle_expect_100(self) -> bool:
        return self._head_refusal() is not None or super().handle_expect_100()

    def _serve(self) -> None:
        body: bytes | Response | None = self._head_refusal() or self._body()
        if self.server.deadlines.pop(self.connection, None) is None:
            body = None  # hung up on: what came is not the whole
        if not isinstance(body, bytes):
            self.close_connection = True
        if body is None:
            return
        response = body if isinstance(body, Response) else self._answered(body)
        self._await_client()
        self.wfile.write(self._rendered(response))

    do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = _serve  # noqa: N815 - http.server's names

    def _await_client(self) -> None:
        self.server.deadlines[self.connection] = time.monotonic() + self.server.throttle_timeout

    def _head_refusal(self) -> Response | None:
        """Why the request is refused by its head alone: whom it is for, and who sent it; then its length."""
        hosts = self.headers.get_all("Host", [])
        if len(hosts) != 1 or hosts[0].lower() not in self.server.own_names:
            return _refused(403, "AccessDeniedException", "The sandbox answers only to its own address")
        if any(name in self.headers for name in _PAGE):
            return _refused(403, "AccessDeniedException", "The sandbox answers no web page")
        if not self.path.startswith("/"):
            return _refused(400, "BadRequest", "The request line must name a path")
        return self._length_refusal()

    def _length_refusal(self) -> Response | None:
        lengths, codings = self.headers.get_all("Content-Length", []), self.headers.get_all("Transfer-Encoding", [])
        if len(lengths) + len(codings) > 1 or any(coding.lower() != "chunked" for coding in codings):
            return _refused(400, "BadRequest", "A body has one Content-Length, or Transfer-Encoding: chunked")
        if any(not (length.isascii() and length.isdigit()) for length in lengths):
            return _refused(400, "BadRequest", "Content-Length must be a number of bytes")
        if any(len(length) > len(str(LARGEST)) or int(length) > LARGEST for length in lengths):
            return _too_large()
        return None

    def _answered(self, body: bytes) -> Response:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._pause()
        response = self._answer(Request(self.command, path, query, headers, body))
        self._pause()
        return response

    def _pause(self) -> None:
        if self.server.latency:
            self.server.sleep(self.server.latency / 2)

    def _answer(self, request: Request) -> Response:
        try:
            return self.server.answer(request)
        except Exception:  # noqa: BLE001 - a fault of ours, logged and answered as AWS answers its own
            _log.exception("%s %s failed", request.method, request.path)
            return _refused(500, "ServiceException", "The sandbox failed", "Service")

    def _body(self) -> bytes | Response | None:
        """The whole body, or why it is refused; None when the client stopped halfway."""
        if "Transfer-Encoding" in self.headers:
            return self._chunks()
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        return body if len(body) == length else None

    def _chunks(self) -> bytes | Response | None:
        body = bytearray()
        while True:
            line = self.rfile.readline(1024)
            size = line.partition(b";")[0].strip()
            if not line.endswith(b"\n"):
                return None
            if not size or len(size) > 16 or size.strip(b"0123456789abcdefABCDEF"):
                return _refused(400, "BadRequest", "A chunk must begin with its size")
            if len(body) + int(size, 16) > LARGEST:
                return _too_large()
            if not int(size, 16):
                break
            body += self.rfile.read(int(size, 16))
            if self.rfile.read(2) != b"\r\n":
                return None
        for _ in range(100):  # trailers
            line = self.rfile.readline(1024)
            if not line.strip():
                return bytes(body) if line else None
        return _refused(400, "BadRequest", "Too many trailers")

    def _rendered(self, response: Response) -> bytes:
        lines = [f"HTTP/1.1 {response.status} {responses.get(response.status, '')}"]
        lines += [f"{name}: {value}" for name, value in {"Date": self.date_time_string(), **response.headers}.items()]
        bodiless = self.command == "HEAD" or response.status in {204, 304}
        if not bodiless or (self.command == "HEAD" and "Content-Length" not in response.headers):
            lines.append(f"Content-Length: {len(response.body)}")
        lines.append("Connection: close" if self.close_connection else "Connection: keep-alive")
        head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
        return head if bodiless else head + response.body


def _refused(status: int, code: str, message: str, type_: str = "User") -> Response:
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code, "x-amzn-RequestId": str(uuid.uuid4())}
    return Response(status, headers, json.dumps({"Type": type_, "Message": message}).encode())


def _too_large() -> Response:
    return _refused(413, "RequestEntityTooLargeException", f"A request's body may have {LARGEST} bytes")


def _unusable(port: int, error: Exception) -> ReconcileError:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return ReconcileError(f"port {port} is taken", hint="choose another with --port, or any free one with --port 0")
    return ReconcileError(f"port {port} can't be used: {error}", hint="choose another with --port")
