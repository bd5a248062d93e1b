# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A server that takes users' mail and lays it into the mailboxes of those it knows."""

from __future__ import annotations

import base64
import binascii
import logging
import ssl
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from .certificates import Authority
from .process import free_ports

# RFC 1870; small enough for a test to go beyond.
LARGEST = 5_000_000


@dataclass(frozen=True)
class Posted:
    """A message that was taken."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes = field(repr=False)
    options: tuple[str, ...] = ()


class SmtpServer:
    """A running server; ``smtps_port`` speaks TLS, ``smtp_port`` STARTTLS.

    ``posted``: what was taken, the oldest first. ``replies``: answers to be given instead of the usual ones, by what
    they answer: a recipient's address, "MAIL", "DATA", or "." for a message that is taken all the same. ``deliver`` is
    called with each recipient and message.
    """

    host = "127.0.0.1"

    def __init__(self, users: Mapping[str, str], authority: Authority, deliver: Callable[[str, bytes], None]) -> None:
        self.users = dict(users)
        self.ca_file = authority.ca_file
        self.posted: list[Posted] = []
        self.replies: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self._deliver = deliver
        self.smtp_port, self.smtps_port = free_ports(2)

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, method: str, data: Any) -> AuthResult:
        """Passwords of PLAIN and LOGIN."""
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        known = self.users.get(data.login.decode("utf-8", "replace"))
        success = known is not None and known.encode() == data.password
        return AuthResult(success=success, handled=False, auth_data=data.login)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        """Tokens (https://developers.google.com/workspace/gmail/imap/xoauth2-protocol)."""
        try:
            told = base64.b64decode(args[1]).decode().split("\1")
        except (binascii.Error, UnicodeDecodeError, IndexError):
            return AuthResult(success=False, handled=False)
        user, token = told[0].removeprefix("user="), told[1].removeprefix("auth=Bearer ")
        if self.tokens.get(user) == token:
            return AuthResult(success=True, auth_data=user.encode())
        await server.challenge_auth(b'{"status":"401"}')
        return AuthResult(success=False, handled=False)

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "MAIL" in self.replies:
            return self.replies["MAIL"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.replies:
            return self.replies[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if "DATA" in self.replies:
            return self.replies["DATA"]
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        recipients = tuple(envelope.rcpt_tos)
        self.posted.append(Posted(envelope.mail_from or "", recipients, content, tuple(envelope.mail_options)))
        for recipient in recipients:
            self._deliver(recipient, content)
        return self.replies.get(".", "250 2.0.0 taken")


class _Controller(Controller):
    def __init__(self, server: SmtpServer, port: int, tls: ssl.SSLContext, *, at_once: bool) -> None:
        """:param at_once: TLS from the first byte, else by STARTTLS."""
        options: dict[str, Any] = {
            "authenticator": server.authenticate,
            "auth_required": True,
            "data_size_limit": LARGEST,
        }
        # Of what lies under it the server knows nothing.
        extra: dict[str, Any] = (
            {"auth_require_tls": False} if at_once else {"tls_context": tls, "auth_require_tls": True}
        )
        self._options = {**options, **extra, "enable_SMTPUTF8": True}
        super().__init__(server, hostname=server.host, port=port, ssl_context=tls if at_once else None)

    def factory(self) -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return SMTP(self.handler, **self._options)


@contextmanager
def running(
    users: Mapping[str, str],
    authority: Authority,
    deliver: Callable[[str, bytes], None] = lambda _recipient, _content: None,
) -> Iterator[SmtpServer]:
    """The server in threads of this process.

    :param users: passwords by user name.
    """
    server = SmtpServer(users, authority, deliver)
    issued = authority.issue()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(issued.certificate, issued.key)
    plain = _Controller(server, server.smtp_port, tls, at_once=False)
    secure = _Controller(server, server.smtps_port, tls, at_once=True)
    # It writes down who signs in, and that TLS may be missing.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    for controller in (plain, secure):
        controller.start()
    try:
        yield server
    finally:
        for controller in (plain, secure):
            controller.stop()
