# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Signing in: password, OAUTHBEARER (RFC 7628) or XOAUTH2, and what a refusal means."""

from __future__ import annotations

import imaplib
from collections.abc import Iterator
from contextlib import contextmanager

from ...errors import MailSyncError, ProtocolError, SignInFailed, TlsUnavailable, WrongCredentials, readable
from .settings import ImapSettings
from .translate import farewell, sign_in_error
from .transport import Client


def signed_in(settings: ImapSettings) -> Client:
    """A connection to the mailbox, signed in; raises MailSyncError and then holds no connection."""
    with _translated(None, settings):
        client = Client(settings)
    try:
        with _translated(client, settings):
            _encrypt(client, settings)
            _authenticate(client, settings)
    except MailSyncError:
        client.shutdown()
        raise
    return client


def capabilities_after(client: Client, settings: ImapSettings) -> tuple[str, ...]:
    """What the server offers to who is signed in (RFC 3501 §6.2.3: it may differ), asked for only if untold."""
    with _translated(client, settings):
        return tuple(word.decode("ascii", "replace") for word in client.capabilities())


def _encrypt(client: Client, settings: ImapSettings) -> None:
    if client.connection.state != "NONAUTH":
        # PREAUTH (RFC 3501 §7.1.4) is somebody else's session, and would keep STARTTLS from happening.
        raise ProtocolError("the server says that somebody is signed in already")
    if settings.security == "starttls":
        if "STARTTLS" not in client.connection.capabilities:
            raise TlsUnavailable("the server does not offer STARTTLS")
        client.starttls()


def _authenticate(client: Client, settings: ImapSettings) -> None:
    if any(ord(char) < 32 for char in settings.username + settings.password + settings.access_token):
        raise WrongCredentials("control characters in name or password")
    offered = client.connection.capabilities
    if settings.access_token:
        _with_token(client, settings, offered)
    elif "LOGINDISABLED" in offered or not (settings.username + settings.password).isascii():
        # LOGIN takes ASCII (RFC 3501 §9), SASL PLAIN takes UTF-8 (RFC 4616 §2).
        if "AUTH=PLAIN" not in offered:
            raise SignInFailed("the server takes no such password")
        _sasl(client, "PLAIN", f"\0{settings.username}\0{settings.password}".encode(), b"")
    else:
        name = settings.username.replace("\\", "\\\\").replace('"', '\\"')
        client.login(f'"{name}"', settings.password)


def _with_token(client: Client, settings: ImapSettings, offered: tuple[str, ...]) -> None:
    bearer = f"auth=Bearer {settings.access_token}\1\1"
    if "AUTH=OAUTHBEARER" in offered:
        # RFC 5801 §4: these two characters part the fields of the header.
        name = settings.username.replace("=", "=3D").replace(",", "=2C")
        first = f"n,a={name},\1host={settings.host}\1port={settings.port}\1{bearer}"
        _sasl(client, "OAUTHBEARER", first.encode(), b"\1")
    elif "AUTH=XOAUTH2" in offered:
        _sasl(client, "XOAUTH2", f"user={settings.username}\1{bearer}".encode(), b"")
    else:
        raise SignInFailed("the server takes no tokens")


def _sasl(client: Client, mechanism: str, response: bytes, after_failure: bytes) -> None:
    """One response, then ``after_failure`` to a challenge that tells the error (RFC 7628 §3.2.3).

    Without an answer to that challenge the server's NO never comes.
    """
    told: list[bytes] = []

    def answer(challenge: bytes) -> bytes:
        if challenge or told:
            told.append(challenge)
            return after_failure
        told.append(b"")
        return response

    try:
        client.sasl_login(mechanism, answer)
    except imaplib.IMAP4.error as error:
        if b"insufficient_scope" in b"".join(told):
            raise sign_in_error("insufficient_scope", host="", with_token=True) from error
        raise


@contextmanager
def _translated(client: Client | None, settings: ImapSettings) -> Iterator[None]:
    """imaplib's and IMAPClient's failures as ours. What they say is not passed on: it may hold what we said."""
    try:
        yield
    except imaplib.IMAP4.error as error:
        raise _meaning(client, error, settings) from None
    except ValueError as error:
        # imaplib decodes as it reads: base64 that is none, letters beyond ASCII.
        raise ProtocolError(f"not an answer of IMAP ({type(error).__name__})") from None


def _meaning(client: Client | None, error: imaplib.IMAP4.error, settings: ImapSettings) -> MailSyncError:
    # Before there is a client, imaplib has only its own words for what the greeting was.
    raw = client.connection.last_line if client else str(error).encode()
    text = readable(raw, (settings.password, settings.access_token, settings.username))
    _, bye, farewell_text = text.partition("* BYE")
    if bye:
        return farewell(farewell_text.strip(" '"))
    tag, _, rest = text.partition(" ")
    status, _, words = rest.partition(" ")
    if client is None or tag == "*" or status not in ("NO", "BAD"):
        # Not shown: what answers on a wrong port is none of the user's business.
        return ProtocolError("the server does not speak IMAP")
    return sign_in_error(words, host=settings.host, with_token=bool(settings.access_token))
