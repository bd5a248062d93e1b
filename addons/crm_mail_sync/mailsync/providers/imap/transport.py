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
    CertificateInvalid,
    ConnectionFailed,
    ConnectionLost,
    ConnectionTimedOut,
    EncryptionRequired,
    ProtocolError,
    TooSlow,
)
from ...provider import Traffic
from .settings import ImapSettings

# A line holds a whole SEARCH or LIST answer; beyond this it is no answer but an attack (bytes).
MAX_LINE = 16 * 2**20
# All lines of an answer together. What imaplib asks has short answers, and it would keep an endless one for ever.
_MAX_ANSWER = 2**30
_MAX_SHORT_ANSWER = 2**20
_BUFFER = 2**16
# A server that is slower than this while we wait is as good as silent (bytes a second).
_LEAST_RATE = 10

# IMAPClient logs the name that signs in, what it cannot decode, and at debug level all that is said.
logging.getLogger("imapclient").setLevel(logging.ERROR)


class _Incoming(io.RawIOBase):
    """What the server sends, counted, with every failure as one of ours."""

    def __init__(self, sock: socket.socket, traffic: Traffic, timeout: float, ends: float) -> None:
        super().__init__()
        self._sock = sock
        self._traffic = traffic
        self._timeout = timeout
        self._ends = ends
        self._asked = False
        self._waited = 0.0
        self._got = 0

    def readable(self) -> bool:
        return True

    def asked(self) -> None:
        """Something was sent: the next bytes come from a further round trip."""
        self._asked = True

    def readinto(self, buffer: Any) -> int:
        if self._asked:
            self._traffic.requests += 1
            self._asked = False
        start = time.monotonic()
        try:
            count = self._receive(buffer, self._ends - start)
        except OSError as error:
            if time.monotonic() >= self._ends:
                raise TooSlow() from error
            raise net.translate(error) from error
        self._traffic.bytes_received += count
        self._watch_rate(time.monotonic() - start, count)
        return count

    def _receive(self, buffer: Any, left: float) -> int:
        if left <= 0:
            raise TooSlow()
        if left < self._timeout:
            self._sock.settimeout(left)
        return self._sock.recv_into(buffer)

    def _watch_rate(self, waited: float, count: int) -> None:
        """A server that drips a byte now and then would never be silent, and never done."""
        self._waited += waited
        self._got += count
        if self._waited > self._timeout:
            if self._got < self._waited * _LEAST_RATE:
                raise ConnectionTimedOut("the server answers too slowly")
            self._waited, self._got = 0.0, 0


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
        self._incoming = _Incoming(sock, self.traffic, self._settings.timeout, self._ends)
        self._buffer = io.BufferedReader(self._incoming, _BUFFER)

    def _secured(self, sock: socket.socket) -> ssl.SSLSocket:
        settings = self._settings
        try:
            return net.secure(sock, settings.host, net.tls_context(settings.extra_ca))
        except CertificateInvalid as error:
            described = self._described_certificate()
            raise CertificateInvalid(f"{error}; {described}", server_text=described) from error

    def _described_certificate(self) -> str:
        """The refused certificate's names and dates, from a second connection over which nothing is told."""
        try:
            sock = net.reconnect(self._place, self._settings.timeout)
            if self._settings.security == "starttls":
                with sock.makefile("rwb") as stream:
                    stream.readline(1000)
                    stream.write(b"a STARTTLS\r\n")
                    stream.flush()
                    stream.readline(1000)
            return net.describe_certificate(sock, self._settings.host)
        except (ConnectionFailed, OSError):
            return "it could not be looked at"

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
