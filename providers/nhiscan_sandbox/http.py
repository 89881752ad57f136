"""A small threaded HTTP server on loopback that closes every connection when it stops."""

import socket
import ssl
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from msgspec import Struct


class Request(Struct, frozen=True):
    """What arrived: method, path with query, headers (case-insensitive), body."""

    method: str
    target: str
    headers: Any
    body: bytes


class Reply(Struct, frozen=True):
    """An HTTP reply, ready to send."""

    status: int
    headers: dict[str, str]
    body: bytes


class Cut(Struct, frozen=True):
    """An answer that ends badly: a reset, or a reply of which only a share is sent."""

    reply: Reply | None = None
    keep: float = 0.0


Answer = Callable[[Request], Reply | Cut]


class Server:
    """Serves `answer` on 127.0.0.1, on a port that the system chooses; with `tls`, over TLS."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        self._server = _Loopback(answer, tls)
        self._scheme = "https" if tls else "http"
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Return the base URL, without a trailing slash."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    @property
    def crashes(self) -> list[str]:
        """Return what went wrong inside the sandbox itself; a test bed should show none."""
        return self._server.crashes

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, cut what is still open, and wait for the threads."""
        self._server.shutdown()
        self._server.cut_connections()
        self._server.server_close()
        self._thread.join()


class _Loopback(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self._tls = tls
        self.crashes: list[str] = []
        self._open: set[socket.socket] = set()
        self._lock = Lock()

    def get_request(self) -> tuple[Any, Any]:
        """Accept a connection; the handshake is left to the thread that will serve it."""
        connection, address = super().get_request()
        if self._tls is not None:
            connection = self._tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def cut_connections(self) -> None:
        """Wake the threads that wait for a next request on connections kept alive."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):  # its client closed it first
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep what crashed; a client that went away is not a crash."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            self.crashes.append(repr(error))
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body leave in one packet, so that no delayed ACK is waited for
    disable_nagle_algorithm = True
    server: _Loopback

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: stderr belongs to the program that started the sandbox."""

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        answer = self.server.answer(Request(self.command, self.path, self.headers, body))
        if isinstance(answer, Cut):
            self._cut(answer)
        else:
            self._send(answer, len(answer.body))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _answer  # noqa: N815

    def _send(self, reply: Reply, sent: int) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            if name.lower() not in ("content-length", "date", "server", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body[:sent])
        self.wfile.flush()

    def _cut(self, cut: Cut) -> None:
        self.close_connection = True
        if cut.reply is not None:
            self._send(cut.reply, int(len(cut.reply.body) * cut.keep))
            return
        # Zero linger turns the close into a RST, as a dying load balancer sends. The socket closes
        # only when nothing refers to it; the error then ends this handler.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.wfile.close()
        self.connection.close()
        raise ConnectionResetError("cut, as a fault asked")
