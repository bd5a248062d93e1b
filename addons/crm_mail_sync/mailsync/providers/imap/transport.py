# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The connection under IMAPClient: guarded, bounded, counted, and readable by our own commands too.

IMAPClient and the imaplib under it do what is delicate and rare (greeting, STARTTLS, log-in, log-out). Bodies
and listings go past both, straight from this buffer (see ``wire``).
"""

from __future__ import annotations

import imaplib
import io
import logging
import socket
import ssl
import time
from typing import Any

from imapclient import IMAPClient

from ... import net
from ...errors import (
    ConnectionLost,
    EncryptionRequired,
    ProtocolError,
)
from ...incoming import Incoming
from ...provider import Traffic
from ...secured import secured
from .settings import ImapSettings

# A line holds a whole SEARCH or LIST answer; beyond this it is no answer but an attack (bytes).
MAX_LINE = 16 * 2**20
# All lines of an answer together. What imaplib asks has short answers, and it would keep an endless one for ever.
_MAX_ANSWER = 2**30
_MAX_SHORT_ANSWER = 2**20
_BUFFER = 2**16

# IMAPClient logs the name that signs in, what it cannot decode, and at debug level all that is said.
logging.getLogger("imapclient").setLevel(logging.ERROR)


class Connection(imaplib.IMAP4):
    """imaplib's side of a session, on a socket that ``net`` has opened."""

    def __init__(self, settings: ImapSettings) -> None:
        self.traffic = Traffic()
        self.last_line = b""
        self._lines_left = _MAX_SHORT_ANSWER
        self._settings = settings
        self._ends = time.monotonic() + settings.session_limit
        super().__init__(settings.host, settings.port, settings.timeout)

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        settings = self._settings
        self.host, self.port = host, port
        allowed = net.Allowed.of(settings.allowed)
        sock = net.connect(settings.host, settings.port, settings.timeout, allowed)
        if settings.security == "none" and not net.is_loopback(sock):
            sock.close()
            raise EncryptionRequired()
        self._place = net.reopened(sock)
        if settings.security == "ssl":
            sock = self._secured(sock)
        self._attach(sock)

    def _attach(self, sock: socket.socket) -> None:
        self.sock = sock
        self._incoming = Incoming(sock, self.traffic, self._settings.timeout, self._ends)
        self._buffer = io.BufferedReader(self._incoming, _BUFFER)

    def _secured(self, sock: socket.socket) -> ssl.SSLSocket:
        settings = self._settings
        until_tls = _until_tls if settings.security == "starttls" else None
        return secured(sock, settings.host, settings.extra_ca, settings.timeout, self._place, until_tls)

    def starttls(self, ssl_context: ssl.SSLContext | None = None) -> Any:
        """STARTTLS (RFC 3501 §6.2.1); whatever was said before it, in the clear, is forgotten."""
        answer = self._simple_command("STARTTLS")
        if answer[0] == "OK":
            assert self.sock is not None
            self._attach(self._secured(self.sock))
            self.untagged_responses: dict[str, list[Any]] = {}
            self._get_capabilities()
        return answer

    def _get_capabilities(self) -> None:
        """Capabilities that the greeting told need no asking (RFC 3501 §7.1)."""
        told = self.untagged_responses.pop("CAPABILITY", None)
        if told and told[-1]:
            self.capabilities = tuple(told[-1].decode("ascii", "replace").upper().split())
        else:
            super()._get_capabilities()  # type: ignore[misc]

    def read(self, size: int) -> bytes:
        """A literal, for imaplib."""
        if size > _MAX_SHORT_ANSWER:
            raise ProtocolError("a literal out of all proportion")
        return self.read_literal(size)

    def read_literal(self, size: int) -> bytes:
        """A literal of any size as one object, read into its place without a copy."""
        content = self._buffer.read(size)
        if content is None or len(content) < size:
            raise ConnectionLost("cut within a literal")
        return content

    def skip_literal(self, size: int) -> None:
        """Pass over a literal in bounded memory."""
        while size > 0:
            size -= len(self.read_literal(min(size, _BUFFER)))

    def readline(self) -> bytes:
        limit = min(MAX_LINE, self._lines_left)
        line = self._buffer.readline(limit)
        if not line.endswith(b"\n"):
            if len(line) >= limit:
                raise ProtocolError("an answer out of all proportion")
            raise ConnectionLost("cut within a line")
        self._lines_left -= len(line)
        if not line.endswith(b"\r\n"):
            line = line[:-1] + b"\r\n"
        self.last_line = line
        return line

    def send(self, data: Any) -> None:
        assert self.sock is not None
        self._incoming.asked()
        self._lines_left = _MAX_SHORT_ANSWER
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise net.translate(error) from error

    def expect_long_answer(self) -> None:
        """What was sent last may be answered at length."""
        self._lines_left = _MAX_ANSWER

    def socket(self) -> socket.socket:
        assert self.sock is not None
        return self.sock

    def shutdown(self) -> None:
        """Drop the connection."""
        if self.sock is not None:
            self.sock.close()


def _until_tls(stream: io.BufferedRWPair) -> None:
    """As far as a conversation goes before TLS begins."""
    stream.readline(1000)
    stream.write(b"a STARTTLS\r\n")
    stream.flush()
    stream.readline(1000)


class Client(IMAPClient):  # type: ignore[misc]
    """IMAPClient over our connection."""

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings
        super().__init__(
            settings.host,
            settings.port,
            ssl=settings.security == "ssl",
            timeout=settings.timeout,
        )
        # It switches imaplib's own log on, which writes down all that is said.
        self._imap.debug = 0

    def _create_IMAP4(self) -> Connection:
        return Connection(self._settings)

    @property
    def connection(self) -> Connection:
        connection: Connection = self._imap
        return connection
