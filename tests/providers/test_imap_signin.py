# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Signing in: what is sent, and what a refusal means, in the words of the servers that people use."""

from __future__ import annotations

import base64
import contextlib
import json
import logging

import pytest

from mailsync import net
from mailsync.errors import (
    AppPasswordNeeded,
    BasicAuthDisabled,
    ConsentMissing,
    EncryptionRequired,
    HostNotAllowed,
    ImapDisabled,
    MailSyncError,
    ProtocolError,
    RateLimited,
    ServerUnavailable,
    SignInFailed,
    TlsUnavailable,
    TokenRevoked,
    WrongAccount,
    WrongCredentials,
    readable,
)
from mailsync.providers.imap import ImapSettings, connect
from mailsync.providers.imap.translate import sign_in_error

from .scripted import CAPABILITY, OK, ScriptedServer

GMAIL, YAHOO, ICLOUD, EXCHANGE = "imap.gmail.com", "imap.mail.yahoo.com", "imap.mail.me.com", "outlook.office365.com"

REFUSALS = [
    (GMAIL, "[AUTHENTICATIONFAILED] Invalid credentials (Failure)", WrongCredentials),
    (GMAIL, "[ALERT] Application-specific password required: https://g.co/x (Failure)", AppPasswordNeeded),
    (GMAIL, "[ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings page.", ImapDisabled),
    (GMAIL, "[ALERT] IMAP access is disabled for your domain. Please contact your administrator.", ImapDisabled),
    (GMAIL, "[WEBALERT https://accounts.google.com/x] Web login required. (Failure)", SignInFailed),
    (GMAIL, "[ALERT] Please log in via your web browser: https://support.google.com/x (Failure)", SignInFailed),
    (GMAIL, "[ALERT] Too many simultaneous connections. (Failure)", RateLimited),
    (GMAIL, "[OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)", RateLimited),
    (YAHOO, "[AUTHENTICATIONFAILED] LOGIN Invalid credentials", WrongCredentials),
    (YAHOO, "[AUTHENTICATIONFAILED] Please generate an app password for this app", AppPasswordNeeded),
    (YAHOO, "[LIMIT] LOGIN Rate limit hit.", RateLimited),
    (YAHOO, "[UNAVAILABLE] LOGIN Server error - Please try again later", ServerUnavailable),
    (ICLOUD, "[AUTHENTICATIONFAILED] Authentication Failed", AppPasswordNeeded),
    (EXCHANGE, "LOGIN failed.", BasicAuthDisabled),
    (EXCHANGE, "AUTHENTICATE failed.", BasicAuthDisabled),
    (EXCHANGE, "LOGIN failed. LogonDenied-BasicAuthBlocked", BasicAuthDisabled),
    ("mail.example", "Authentication unsuccessful, basic authentication is disabled.", BasicAuthDisabled),
    ("exchange.example", "User is authenticated but not connected.", ImapDisabled),
    ("mail.example", "[AUTHENTICATIONFAILED] Authentication failed.", WrongCredentials),
    ("mail.example", "[UNAVAILABLE] Temporary authentication failure. [host:2026]", ServerUnavailable),
    ("mail.example", "[LIMIT] Maximum number of connections from user+IP exceeded", RateLimited),
    ("mail.example", "[INUSE] Mailbox is locked", ServerUnavailable),
    ("mail.example", "[AUTHORIZATIONFAILED] not yours", WrongAccount),
    ("mail.example", "[EXPIRED] That password isn't valid any more", WrongCredentials),
    ("mail.example", "[PRIVACYREQUIRED] Plaintext authentication disallowed", TlsUnavailable),
    ("mail.example", "Login failed: wrong user or password", WrongCredentials),
    ("imap.yandex.com", "[AUTHENTICATIONFAILED] LOGIN invalid credentials or IMAP is disabled", WrongCredentials),
    ("imap.web.de", "[AUTHENTICATIONFAILED] authentication failed", WrongCredentials),
    ("imap.mail.ru", "[AUTHENTICATIONFAILED] Application password is REQUIRED", AppPasswordNeeded),
    ("mail.example", "Nein", SignInFailed),
]  # fmt: skip


@pytest.mark.parametrize(("host", "text", "kind"), REFUSALS)
def test_a_refusal_is_understood(host: str, text: str, kind: type[MailSyncError]) -> None:
    error = sign_in_error(text, host=host, with_token=False)
    assert type(error) is kind
    assert error.server_text == text


def test_a_refused_token_is_a_matter_of_the_grant() -> None:
    text = "[AUTHENTICATIONFAILED] Invalid credentials (Failure)"
    assert type(sign_in_error(text, host=GMAIL, with_token=True)) is TokenRevoked
    assert type(sign_in_error("[UNAVAILABLE] later", host=GMAIL, with_token=True)) is ServerUnavailable


@pytest.mark.parametrize(("host", "text", "kind"), REFUSALS[:6])
def test_a_refusal_arrives_over_the_wire(host: str, text: str, kind: type[MailSyncError]) -> None:
    server = ScriptedServer({b"LOGIN": f"* CAPABILITY IMAP4rev1\r\n%T NO {text}\r\n".encode()})
    with server.running(), pytest.raises(kind) as raised:
        connect(server.settings())
    assert raised.value.server_text == text


@pytest.mark.parametrize(("status", "kind"), [("NO", WrongCredentials), ("BAD", WrongCredentials)])
def test_the_servers_words_hold_no_secret_and_are_short(status: str, kind: type[MailSyncError]) -> None:
    words = "wrong password secret-canary of anna@example.com \x07\x1b[31m" + "x" * 1000
    server = ScriptedServer({b"LOGIN": f"%T {status} {words}\r\n".encode()})
    with server.running(), pytest.raises(kind) as raised:
        connect(server.settings())
    text = raised.value.server_text
    assert "secret-canary" not in text + str(raised.value)
    assert "anna@" not in text
    assert text.isprintable()
    assert len(text) <= 300


def test_readable_leaves_printable_text() -> None:
    assert readable(b"\xff\x00 Gr\xc3\xbc\xc3\x9fe\r\n") == "\N{REPLACEMENT CHARACTER}  Grüße"


@pytest.mark.parametrize("name", ['a"b', "a\\b", "with space", "user{5}", "a)b(c", "*", "DOMAIN\\user"])
def test_a_user_name_is_one_argument(name: str) -> None:
    with ScriptedServer().running() as server, connect(server.settings(username=name, password='p"w\\d')):
        pass
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    assert server.commands[0] == f'LOGIN "{escaped}" "p\\"w\\\\d"'.encode()


@pytest.mark.parametrize("changes", [{"username": "a\r\nb"}, {"password": "a\nX"}, {"username": "a\0"}])
def test_control_characters_are_never_sent(changes: dict[str, str]) -> None:
    with ScriptedServer().running() as server, pytest.raises(WrongCredentials):
        connect(server.settings(**changes))
    assert server.commands == []


def test_letters_beyond_ascii_go_by_sasl_plain() -> None:
    sent: list[bytes] = []

    def respond(line: bytes) -> bytes:
        sent.append(base64.b64decode(line))
        return OK

    with ScriptedServer({b"AUTHENTICATE PLAIN": b"+ \r\n", b"": respond}).running() as server:
        connect(server.settings(username="üser", password="päss")).close()
    assert [response.decode() for response in sent] == ["\0üser\0päss"]


def test_a_server_that_takes_no_log_in_is_not_sent_the_password() -> None:
    greeting = b"* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hello\r\n"
    with ScriptedServer(greeting=greeting).running() as server, pytest.raises(SignInFailed):
        connect(server.settings())
    assert server.commands == []


@pytest.mark.parametrize(
    ("mechanism", "challenge", "kind", "closing"),
    [
        ("XOAUTH2", {"status": "400", "schemes": "Bearer"}, TokenRevoked, b""),
        ("XOAUTH2", {"status": "401"}, TokenRevoked, b""),
        ("OAUTHBEARER", {"status": "invalid_token"}, TokenRevoked, b"\1"),
        ("OAUTHBEARER", {"status": "insufficient_scope", "scope": "x"}, ConsentMissing, b"\1"),
    ],
)
def test_the_challenge_that_tells_an_error_is_answered(
    mechanism: str, challenge: dict[str, str], kind: type[MailSyncError], closing: bytes
) -> None:
    sent: list[bytes] = []

    def respond(line: bytes) -> bytes:
        sent.append(base64.b64decode(line))
        if len(sent) == 1:
            return b"+ " + base64.b64encode(json.dumps(challenge).encode()) + b"\r\n"
        return b"%T NO [AUTHENTICATIONFAILED] Invalid credentials\r\n"

    greeting = f"* OK [CAPABILITY IMAP4rev1 AUTH={mechanism}] hello\r\n".encode()
    server = ScriptedServer({b"AUTHENTICATE": b"+ \r\n", b"": respond}, greeting=greeting)
    with server.running(), pytest.raises(kind) as raised:
        connect(server.settings(password="", access_token="token-canary", timeout=1))
    assert b"auth=Bearer token-canary" in sent[0]
    assert sent[1:] == [closing]
    assert "token-canary" not in str(raised.value) + raised.value.server_text


@pytest.mark.parametrize(
    "challenge", [b"+ %%%\r\n", b"+ \xff\xfe\r\n", b"+ YQ\r\n", b"* CAPABILITY \xff\r\n%T OK \xff\r\n"]
)
def test_a_challenge_of_junk_is_a_typed_error(challenge: bytes) -> None:
    greeting = b"* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] hello\r\n"
    server = ScriptedServer({b"AUTHENTICATE": challenge, b"": b"%T NO no\r\n"}, greeting=greeting)
    with server.running(), contextlib.suppress(MailSyncError):
        connect(server.settings(password="", access_token="token-canary", timeout=1)).close()
    assert len(server.commands) >= 1


def test_a_token_needs_a_server_that_takes_tokens() -> None:
    with ScriptedServer().running() as server, pytest.raises(SignInFailed):
        connect(server.settings(access_token="t"))
    assert server.commands == []


# Encryption


def test_plain_text_goes_to_this_machine_only() -> None:
    """An allowed address that is not loopback is refused before anything is said."""
    with ScriptedServer().running() as server:
        connect(server.settings()).close()
        with pytest.raises(HostNotAllowed):
            connect(server.settings(allowed=()))


def test_plain_text_to_another_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net, "is_loopback", lambda sock: False)
    with ScriptedServer().running() as server, pytest.raises(EncryptionRequired):
        connect(server.settings())
    assert server.commands == []


def test_starttls_that_is_not_offered_is_not_done_without() -> None:
    with ScriptedServer().running() as server, pytest.raises(TlsUnavailable):
        connect(server.settings(security="starttls"))
    assert server.commands == []


def test_a_plain_server_on_the_tls_port_is_said_to_be_one() -> None:
    with ScriptedServer().running() as server, pytest.raises(TlsUnavailable):
        connect(server.settings(security="ssl"))


def test_answers_before_starttls_are_forgotten() -> None:
    """What somebody in between says in the clear must not count after it (CVE-2011-0411 and its kin)."""
    greeting = b"* OK [CAPABILITY " + CAPABILITY + b" STARTTLS] hi\r\n"
    injected = OK + b"* CAPABILITY IMAP4rev1 X-INJECTED\r\nC1 OK LOGIN done\r\n"
    server = ScriptedServer({b"STARTTLS": injected}, greeting=greeting)
    with server.running(), pytest.raises(MailSyncError) as raised:
        connect(server.settings(security="starttls", timeout=1))
    assert not isinstance(raised.value, ProtocolError)
    assert [c for c in server.commands if c.startswith(b"LOGIN")] == []


def test_settings_show_no_secret() -> None:
    settings = ImapSettings(host="h", password="secret-canary", access_token="token-canary")
    assert "canary" not in repr(settings)


def test_nothing_of_a_conversation_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with ScriptedServer().running() as server, connect(server.settings()) as provider:
        provider.folders()
        provider.changes("INBOX", "")
    refused = ScriptedServer({b"LOGIN": b"%T NO no\r\n"})
    with refused.running(), pytest.raises(SignInFailed):
        connect(refused.settings())
    for word in ("canary", "anna", "S15", "example.com"):
        assert word not in caplog.text
