"""The world on a socket: HTTP/1.1 on 127.0.0.1, one thread a connection, one write an answer.

A request is read whole, answered by the world, and written in one piece; one that stops short (its client was killed)
is dropped unanswered and undone. `latency` is spent half before and half after the world answers, in the connection's
own thread and outside every lock, so that it limits no concurrency.
"""

import errno
import logging
import socketserver
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from reconciler.errors import ReconcileError
from reconciler.sandbox.wire import Request, Response

HOST = "127.0.0.1"
_log = logging.getLogger(__name__)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, port: int, answer: Callable[[Request], Response], *, latency: float, sleep: Callable[[float], None]
    ) -> None:
        self.answer = answer
        self.latency = latency
        self.sleep = sleep
        try:
            super().__init__((HOST, port), _Connection)
        except (OSError, OverflowError) as error:
            raise _unusable(port, error) from None

    def server_bind(self) -> None:
        """Bind without the name look-up that http.server makes for a name nobody asks for."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]

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

    def _serve(self) -> None:
        try:
            body = self._body()
        except ValueError:  # a length that is no number
            body = None
        if body is None:
            self.close_connection = True
            return
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._pause()
        response = self._answer(Request(self.command, path, query, headers, body))
        self._pause()
        self.wfile.write(self._rendered(response))

    do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = _serve  # noqa: N815 - http.server's names

    def _pause(self) -> None:
        if self.server.latency:
            self.server.sleep(self.server.latency / 2)

    def _answer(self, request: Request) -> Response:
        try:
            return self.server.answer(request)
        except Exception:  # noqa: BLE001 - a fault of ours, logged and answered as AWS answers its own
            _log.exception("%s %s failed", request.method, request.path)
            headers = {"Content-Type": "application/json", "x-amzn-ErrorType": "ServiceException"}
            return Response(500, headers, b'{"Type": "Service", "Message": "The sandbox failed"}')

    def _body(self) -> bytes | None:
        """The whole body; None when the client stopped halfway."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._chunks()
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        return body if len(body) == length else None

    def _chunks(self) -> bytes | None:
        chunks = []
        while True:
            size = self.rfile.readline(1024).partition(b";")[0].strip()
            if not size:
                return None
            chunk = self.rfile.read(int(size, 16))
            if not chunk:
                break
            chunks.append(chunk)
            self.rfile.readline(2)
        while self.rfile.readline(65536).strip():
            pass  # trailers
        return b"".join(chunks)

    def _rendered(self, response: Response) -> bytes:
        lines = [f"HTTP/1.1 {response.status} {responses.get(response.status, '')}"]
        lines += [f"{name}: {value}" for name, value in {"Date": self.date_time_string(), **response.headers}.items()]
        bodiless = self.command == "HEAD" or response.status in {204, 304}
        if not bodiless or (self.command == "HEAD" and "Content-Length" not in response.headers):
            lines.append(f"Content-Length: {len(response.body)}")
        lines.append("Connection: close" if self.close_connection else "Connection: keep-alive")
        head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
        return head if bodiless else head + response.body


def _unusable(port: int, error: Exception) -> ReconcileError:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return ReconcileError(f"port {port} is taken", hint="choose another with --port, or any free one with --port 0")
    return ReconcileError(f"port {port} can't be used: {error}", hint="choose another with --port")
