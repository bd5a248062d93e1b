# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A Graph whose every answer is written by the test: for what the service does rarely, or never should."""

from __future__ import annotations

import base64
import gzip
import json
import re
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from mailsync.endpoints import MicrosoftEndpoints
from mailsync.oauth import Tokens
from mailsync.providers.graph import GraphProvider, GraphSettings, connect

FAR_FUTURE = 4e9


@dataclass
class Reply:
    """``body``: JSON, bytes as they are, or what makes either anew each time.

    ``cut``: bytes after which the connection ends; -1 resets it before any.
    ``packing``: words out of "gzip" and "chunked".
    """

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    packing: str = ""

    def content(self) -> bytes:
        """The body as it goes over the wire."""
        body = self.body() if callable(self.body) else self.body
        content: bytes = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        if "gzip" in self.packing:
            content = gzip.compress(content)
        if "chunked" not in self.packing:
            return content
        pieces = [content[start : start + 100] for start in range(0, len(content), 100)]
        return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))

    def all_headers(self, length: int) -> dict[str, str]:
        is_chunked = "chunked" in self.packing
        framing = {"Transfer-Encoding": "chunked"} if is_chunked else {"Content-Length": str(length)}
        coding = {"Content-Encoding": "gzip"} if "gzip" in self.packing else {}
        return {**framing, **coding, **self.headers}


def refusal(status: int, code: str = "", message: str = "No.", **headers: str) -> Reply:
    """An error as Graph words it; header names with underscores for hyphens."""
    body = {"error": {"code": code, "message": message, "innerError": {"request-id": "1"}}} if code else None
    return Reply(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


@dataclass
class Asked:
    """A request, or a part of a batch."""

    path: str
    headers: dict[str, str]
    token: str
    content: bytes = b""


class Source:
    """Gives tokens in a row, "token 2", "token 3" …; keeps a list of what it was given to renew."""

    def __init__(self) -> None:
        self.renewals: list[Tokens | None] = []
        self.kept: list[Tokens] = []
        self.error: Exception | None = None

    def renewed(self, tokens: Tokens | None) -> Tokens:
        self.renewals.append(tokens)
        if self.error:
            raise self.error
        return Tokens(f"token {len(self.renewals) + 1}", FAR_FUTURE, "refresh")

    def keep(self, tokens: Tokens) -> None:
        self.kept.append(tokens)


class ScriptedGraph:
    """Answers by rules: a pattern for the path below the version, and replies in a row, of which the last stays."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.source = Source()
        self.asked: list[Asked] = []
        self.round_trips: list[str] = []
        self._rules: list[tuple[re.Pattern[str], list[Reply]]] = []

    def on(self, pattern: str, *replies: Reply) -> None:
        """The newest rule that fits is taken."""
        self._rules.insert(0, (re.compile(pattern), list(replies)))

    def link(self, path: str) -> str:
        return f"{self.root}/v1.0{path}"

    def session(self, **settings: Any) -> GraphProvider:
        values = {
            "address": "bert@example.org",
            "source": self.source,
            "keep_tokens": self.source.keep,
            "tokens": Tokens("token 1", FAR_FUTURE, "refresh"),
            "endpoints": MicrosoftEndpoints(graph=self.root),
            "timeout": 5.0,
        }
        return connect(GraphSettings(**{**values, **settings}))

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def answer(self, asked: Asked) -> Reply:
        self.round_trips.append(asked.path)
        rule = self._rule(asked.path)
        if asked.path != "/$batch" or rule is not None:
            self.asked.append(asked)
            return rule or refusal(404, "ErrorItemNotFound")
        responses = []
        # In another order than asked.
        for part in reversed(json.loads(asked.content)["requests"]):
            self.asked.append(Asked(part["url"], part["headers"], asked.token))
            reply = self._rule(part["url"]) or refusal(404, "ErrorItemNotFound")
            body = base64.b64encode(reply.body).decode() if isinstance(reply.body, bytes) else reply.body
            responses.append({"id": part["id"], "status": reply.status, "headers": reply.headers, "body": body})
        return Reply({"responses": responses})

    def _rule(self, path: str) -> Reply | None:
        for pattern, replies in self._rules:
            if pattern.search(path):
                return replies.pop(0) if len(replies) > 1 else replies[0]
        return None


@contextmanager
def scripted_graph() -> Iterator[ScriptedGraph]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.graph = ScriptedGraph(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.graph  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests are about; anything else is a defect of ours and shown."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Header and body in one piece, or the client waits for the acknowledgement of the first.
    wbufsize = -1

    def _serve(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        path = self.path.removeprefix("/v1.0")
        reply = self.server.graph.answer(Asked(path, dict(self.headers), token, content))  # type: ignore[attr-defined]
        body = reply.content()
        if reply.cut == -1:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.all_headers(len(body)).items():
            self.send_header(name, value)
        self.end_headers()
        if reply.cut is not None:
            body, self.close_connection = body[: reply.cut], True
        self.wfile.write(body)
        self.wfile.flush()

    do_GET = do_POST = _serve

    def log_message(self, *_args: Any) -> None:
        """The test's own list says what was asked."""
