# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Signing in (RFC 4954): PLAIN, LOGIN or XOAUTH2, and what a refusal means."""

from __future__ import annotations

import re
from base64 import b64encode

from ..errors import (
    AppPasswordNeeded,
    BasicAuthDisabled,
    ImapDisabled,
    MailSyncError,
    ServerUnavailable,
    SignInFailed,
    TokenRevoked,
    WrongCredentials,
    readable,
)
from .settings import SmtpSettings
from .transport import Connection

_CONTINUE, _DONE = 334, 235
# Gmail, Exchange, Yahoo, iCloud, Yandex.
_MEANINGS = tuple(
    (re.compile(pattern, re.IGNORECASE), error)
    for pattern, error in (
        (r"app(lication)?[- ]?(specific )?password|5\.7\.9", AppPasswordNeeded),
        (r"basic ?auth|SmtpClientAuthentication|5\.7\.139", BasicAuthDisabled),
        (r"(smtp|imap|pop)[^.]{0,40}\b(disabled|not (enabled|allowed|permitted))", ImapDisabled),
    )
)


def sign_in(connection: Connection, settings: SmtpSettings) -> None:
    """Raises SignInFailed or ServerUnavailable. A server that asks nobody to sign in decides by the recipients."""
    offered = connection.esmtp_features.get("auth", "").upper().split()
    if not offered or not (settings.password or settings.access_token):
        return
    name, secret = settings.username.encode(), (settings.access_token or settings.password).encode()
    if settings.access_token:
        _require("XOAUTH2" in offered)
        bearer = _base64(b"user=%s\1auth=Bearer %s\1\1" % (name, secret))
        code, words = connection.docmd("AUTH", f"XOAUTH2 {bearer}")
        if code == _CONTINUE:
            # The error's details, which have to be answered before the refusal comes.
            code, words = connection.docmd("")
    elif "PLAIN" in offered:
        plain = _base64(b"\0%s\0%s" % (name, secret))
        code, words = connection.docmd("AUTH", f"PLAIN {plain}")
    else:
        _require("LOGIN" in offered)
        code, words = connection.docmd("AUTH", "LOGIN")
        for part in (name, secret):
            if code == _CONTINUE:
                code, words = connection.docmd(_base64(part))
    if code != _DONE:
        raise _refusal(code, words, settings)


def _require(is_offered: bool) -> None:
    if not is_offered:
        raise SignInFailed("the server takes no such secret")


def _base64(content: bytes) -> str:
    return b64encode(content).decode("ascii")


def _refusal(code: int, words: bytes, settings: SmtpSettings) -> MailSyncError:
    text = readable(b"%d %s" % (code, words), (settings.password, settings.access_token, settings.username))
    if 400 <= code < 500:
        return ServerUnavailable(server_text=text)
    for pattern, error in _MEANINGS:
        if pattern.search(text):
            return error(server_text=text)
    if code != 535:
        return SignInFailed(server_text=text)
    return (TokenRevoked if settings.access_token else WrongCredentials)(server_text=text)
