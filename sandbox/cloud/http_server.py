# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""HTTP on loopback: connections stay open, one thread each, and break where a fault wants it.

The standard library's server and not werkzeug's, which closes every connection: clients would never meet one that they
used before.
"""

from __future__ import annotations

import ssl
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, SO_LINGER, SOL_SOCKET, socket
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from werkzeug.datastructures import Headers, MultiDict

from .call import Answer, Call

_RESET = struct.pack("ii", 1, 0)


class Server(ThreadingHTTPServer):
    """Hands calls to a function, see :func:`serving`; with a context it speaks TLS."""

    daemon_threads = True
    request_queue_size = 128

    answer: Callable[[Call], Answer]

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._open: set[socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)
        self.base = f"{'https' if context else 'http'}://localhost:{self.server_port}"

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        # The handshake is made here and not where connections are accepted: a silent client blocks itself alone.
        if self._context is not None:
            try:
                request = self._context.wrap_socket(request, server_side=True)
            except OSError:
                request.close()
                return
        with self._lock:
            self._open.add(request)
        super().process_request_thread(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        if request.getsockopt(SOL_SOCKET, SO_LINGER, len(_RESET)) == _RESET:
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet about clients that hang up; anything else is a defect of ours and shown."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def drop_connections(self) -> None:
        """Cut all connections, whatever they are doing."""
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(SHUT_RDWR)
                except OSError:
                    continue  # the client was faster


@contextmanager
def serving(server: Server, answer: Callable[[Call], Answer]) -> Iterator[None]:
    """Run a server in a thread of its own; at the end all its connections are cut."""
    server.answer = answer
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        server.drop_connections()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        if "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self.send_error(411)
            return
        self._write(self.server.answer(self._call()))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def _call(self) -> Call:
        url = urlsplit(self.path)
        return Call(
            method=self.command,
            path=unquote(url.path),
            args=MultiDict(parse_qsl(url.query, keep_blank_values=True)),
            headers=Headers(self.headers.items()),
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            base=self.server.base,
            raw_path=url.path,
        )

    def _write(self, answer: Answer) -> None:
        kind = answer.fault.kind if answer.fault else None
        if kind == "reset":
            self.connection.setsockopt(SOL_SOCKET, SO_LINGER, _RESET)
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        body = answer.body
        if kind == "cut":
            body, self.close_connection = body[: len(body) // 2], True
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_args: Any) -> None:
        """The log of requests is elsewhere."""
