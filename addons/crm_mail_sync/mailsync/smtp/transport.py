# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The connection under smtplib: guarded, bounded, encrypted before anything is told."""

from __future__ import annotations

import io
import smtplib
import socket
import ssl
import time
from typing import Any

from .. import net
from ..errors import EncryptionRequired, ProtocolError, TlsUnavailable
from ..incoming import Incoming
from ..provider import Traffic
from ..secured import secured
from .settings import SmtpSettings

# All that a server says in one session (bytes).
_MOST = 2**20
# Our own name, of which nobody learns anything (RFC 5321 §4.1.3).
_OURSELVES = "[127.0.0.1]"
# What greets us and is not "220".
_GREETING = 220


class _Answers(Incoming):
    """What the server says, which is little."""

    _total = 0

    def readinto(self, buffer: Any) -> int:
        count = super().readinto(buffer)
        self._total += count
        if self._total > _MOST:
            raise ProtocolError("an answer out of all proportion")
        return count


class Connection(smtplib.SMTP):
    """smtplib's side of a session, on a socket that ``net`` has opened.

    ``is_given``: a message is on its way to the server, or was taken; a refusal takes that back.
    """

    is_given = False

    def __init__(self, settings: SmtpSettings, traffic: Traffic) -> None:
        self._settings = settings
        self._traffic = traffic
        self._ends = time.monotonic() + settings.session_limit
        super().__init__(local_hostname=_OURSELVES, timeout=settings.timeout)

    def open(self) -> tuple[int, bytes]:
        """Connect, and encrypt as the settings say; the server's greeting."""
        settings = self._settings
        allowed = net.Allowed.of(settings.allowed)
        sock = net.connect(settings.host, settings.port, settings.timeout, allowed, net.SUBMISSION_PORTS)
        if settings.security == "none" and not net.is_loopback(sock):
            sock.close()
            raise EncryptionRequired()
        self._place = net.reopened(sock)
        self.attach(self._secured(sock) if settings.security == "ssl" else sock)
        code, words = self.getreply()
        if code == _GREETING:
            self.ehlo_or_helo_if_needed()
            if settings.security == "starttls":
                self._begin_tls()
        return code, words

    def attach(self, sock: socket.socket, timeout: float | None = None) -> None:
        """Read from this socket from now on.

        :param timeout: seconds that the server may stay silent, if not those of the settings.
        """
        seconds = self._settings.timeout if timeout is None else timeout
        sock.settimeout(seconds)
        self.sock = sock
        answers = _Answers(sock, self._traffic, seconds, self._ends)
        answers.asked()
        self._answers = answers
        self.file = io.BufferedReader(answers)

    def send(self, s: Any) -> None:
        self._answers.asked()
        super().send(s)

    def _begin_tls(self) -> None:
        """STARTTLS (RFC 3207 §4.2); whatever was said before it, in the clear, is forgotten."""
        if not self.has_extn("starttls") or self.docmd("STARTTLS")[0] != _GREETING:
            raise TlsUnavailable("the server does not offer STARTTLS")
        assert self.sock is not None
        self.attach(self._secured(self.sock))
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False
        self.ehlo_or_helo_if_needed()

    def _secured(self, sock: socket.socket) -> ssl.SSLSocket:
        settings = self._settings
        until_tls = _until_tls if settings.security == "starttls" else None
        return secured(sock, settings.host, settings.extra_ca, settings.timeout, self._place, until_tls)


def _until_tls(stream: Any) -> None:
    """As far as a conversation goes before TLS begins."""
    for command in (b"", b"EHLO " + _OURSELVES.encode() + b"\r\n", b"STARTTLS\r\n"):
        stream.write(command)
        stream.flush()
        while stream.readline(1000)[3:4] == b"-":
            pass
