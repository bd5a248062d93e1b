# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A proxy on loopback that hands answers on in any of HTTP's forms, and ends one of them after so many bytes."""

from __future__ import annotations

import gzip
import ssl
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.error import HTTPError

Form = Literal["length", "chunked", "gzip", "until the end"]


class CuttingProxy(ThreadingHTTPServer):
    """Stands before ``target``, an https address ending in "/"."""

    daemon_threads = True

    def __init__(self, target: str, ca_file: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target
        self.context = ssl.create_default_context(cafile=ca_file)
        self.form: Form = "length"
        # Bytes of the answers to this path after which the connection ends; None for all of them.
        self.path = ""
        self.cut_after: int | None = None
        self.longest = 0

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def written(self, path: str, answer: bytes) -> bytes:
        if not path.partition("?")[0].endswith(self.path):
            return answer
        self.longest = max(self.longest, len(answer))
        return answer if self.cut_after is None else answer[: self.cut_after]


@contextmanager
def cutting(target: str, ca_file: str) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(target, ca_file)
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: CuttingProxy

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: self.headers[name] for name in ("Authorization", "Content-Type") if name in self.headers}
        url = self.server.target + self.path[1:]
        request = urllib.request.Request(url, body or None, headers, method=self.command)
        try:
            with urllib.request.urlopen(request, context=self.server.context) as answer:
                told = (answer.status, answer.headers["Content-Type"], answer.read())
        except HTTPError as error:
            told = (error.code, error.headers["Content-Type"], error.read())
        self.wfile.write(self.server.written(self.path, _in_form(self.server.form, *told)))
        self.close_connection = True

    do_GET = do_POST = _serve

    def log_message(self, *_args: object) -> None:
        """The target has the log."""


def _in_form(form: Form, status: int, kind: str, body: bytes) -> bytes:
    head = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}"]
    if form == "gzip":
        head.append("Content-Encoding: gzip")
        body = gzip.compress(body)
    if form == "chunked":
        head.append("Transfer-Encoding: chunked")
        body = b"".join(
            b"%x\r\n%s\r\n" % (len(body[at : at + 700]), body[at : at + 700]) for at in range(0, len(body), 700)
        )
        body += b"0\r\n\r\n"
    if form == "length":
        head.append(f"Content-Length: {len(body)}")
    head.append("Connection: close")
    return "\r\n".join([*head, "", ""]).encode() + body
