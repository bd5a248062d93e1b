# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Handing mail in at a real server: encrypted, signed in, to all or nobody."""

from __future__ import annotations

import datetime
import email
from collections.abc import Callable

import pytest

from mailsync import smtp
from mailsync.errors import (
    CertificateInvalid,
    ConnectionLost,
    EncryptionRequired,
    HostNotAllowed,
    MailSyncError,
    MessageRefused,
    MessageTooLarge,
    ProtocolError,
    RateLimited,
    RecipientsRefused,
    ServerUnavailable,
    SignInFailed,
    TlsUnavailable,
    TokenRevoked,
    WrongCredentials,
)
from mailsync.provider import Traffic
from mailsync.smtp import SmtpSettings
from sandbox.services.certificates import Authority
from sandbox.services.smtp import LARGEST, SmtpServer
from sandbox.services.smtp import running as serving

from .conftest import PASSWORD, USER
from .scripted import scripted

Settings = Callable[..., SmtpSettings]
DAY = datetime.timedelta(days=1)

MESSAGE = (
    b"From: Anna <anna@example.com>\r\n"
    b"To: Bert <bert@example.org>, carl@example.net\r\n"
    b"Cc: bert@example.org\r\n"
    b"BCC: dora@example.net,\r\n\terik@example.net\r\n"
    b"Subject: Offer\r\n"
    b"\r\n"
    b"Dear all,\r\n.\r\n..the offer\r\nbcc: is no field here"
)


def send(settings: SmtpSettings, message: bytes = MESSAGE) -> None:
    smtp.send(settings, message, Traffic())


@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_a_message_reaches_everybody_and_tells_nobody_of_the_secret_ones(
    server: SmtpServer, settings: Settings, security: str
) -> None:
    port = server.smtps_port if security == "ssl" else server.smtp_port
    send(settings(security=security, port=port))
    [posted] = server.posted
    assert posted.sender == "anna@example.com"
    everybody = ("bert@example.org", "carl@example.net", "dora@example.net", "erik@example.net")
    assert posted.recipients == everybody
    assert b"dora" not in posted.content
    assert b"erik" not in posted.content
    assert posted.content.endswith(b"Dear all,\r\n.\r\n..the offer\r\nbcc: is no field here\r\n")
    assert b"Subject: Offer\r\n" in posted.content


def test_a_token_signs_in_and_a_dead_one_is_told_apart(server: SmtpServer, settings: Settings) -> None:
    server.tokens[USER] = "token"
    smtp.check(settings(password="", access_token="token"))
    with pytest.raises(TokenRevoked):
        smtp.check(settings(password="", access_token="dead"))


def test_a_wrong_password_is_told_and_not_repeated(settings: Settings) -> None:
    with pytest.raises(WrongCredentials) as raised:
        send(settings(password="wrong-canary"))
    assert "wrong-canary" not in raised.value.server_text
    assert raised.value.is_about_sending


def test_a_right_password_passes_the_check_and_sends_nothing(server: SmtpServer, settings: Settings) -> None:
    smtp.check(settings())
    assert server.posted == []


@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_nothing_is_told_to_who_is_not_to_be_trusted(server: SmtpServer, settings: Settings, security: str) -> None:
    port = server.smtps_port if security == "ssl" else server.smtp_port
    with pytest.raises(CertificateInvalid) as raised:
        send(settings(security=security, port=port, extra_ca=""))
    assert "localhost" in raised.value.server_text
    assert server.posted == []


def test_an_unencrypted_connection_goes_to_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailsync.net.is_loopback", lambda _sock: False)
    with scripted({}) as server, pytest.raises(EncryptionRequired):
        send(server.settings)
    assert server.heard == []


def test_a_server_without_encryption_is_not_spoken_to_unencrypted() -> None:
    with scripted({}) as server:
        settings = SmtpSettings(
            "127.0.0.1", server.settings.port, "starttls", USER, PASSWORD, timeout=5, allowed=server.settings.allowed
        )
        with pytest.raises(TlsUnavailable):
            send(settings)
    assert [line.split()[0].upper() for line in server.heard] == [b"EHLO"]


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 587), ("10.1.2.3", 465), ("192.0.2.1", 25)])
def test_what_is_inside_the_network_is_not_reached(host: str, port: int) -> None:
    with pytest.raises(HostNotAllowed):
        send(SmtpSettings(host, port, timeout=1))


def test_one_refused_recipient_is_named_and_nobody_gets_anything(server: SmtpServer, settings: Settings) -> None:
    server.replies["carl@example.net"] = "550 5.1.1 no such user here"
    with pytest.raises(RecipientsRefused) as raised:
        send(settings())
    assert raised.value.addresses == ("carl@example.net",)
    assert "no such user" in raised.value.server_text
    assert server.posted == []


@pytest.mark.parametrize(
    ("asked", "reply", "error"),
    [
        ("carl@example.net", "451 4.7.1 try again later", ServerUnavailable),
        ("MAIL", "550 5.7.1 this is not your address", MessageRefused),
        ("MAIL", "452 4.3.1 no room now", ServerUnavailable),
        ("MAIL", "552 5.3.4 message size exceeds fixed limit", MessageTooLarge),
        ("MAIL", "530 5.7.0 Authentication required", SignInFailed),
        ("DATA", "554 5.7.1 looks like spam", MessageRefused),
        ("DATA", "421 4.3.0 going down", ServerUnavailable),
        ("DATA", "550 5.4.5 Daily user sending quota exceeded", RateLimited),
    ],
)
def test_refusals_are_told_by_what_they_mean(
    server: SmtpServer, settings: Settings, asked: str, reply: str, error: type[MailSyncError]
) -> None:
    server.replies[asked] = reply
    with pytest.raises(MailSyncError) as raised:
        send(settings())
    assert type(raised.value) is error
    assert raised.value.is_unsent
    assert reply.split(maxsplit=2)[2] in raised.value.server_text
    assert server.posted == []


def test_what_is_too_large_is_not_even_begun(server: SmtpServer, settings: Settings) -> None:
    traffic = Traffic()
    with pytest.raises(MessageTooLarge):
        smtp.send(settings(), MESSAGE + b"x" * LARGEST, traffic)
    assert server.posted == []


def test_a_message_without_anybody_to_send_it_to_is_refused(settings: Settings) -> None:
    with pytest.raises(MessageRefused):
        send(settings(), b"From: anna@example.com\r\nSubject: x\r\n\r\nx")


def test_letters_beyond_ascii_travel_as_they_are_where_the_server_takes_them(
    server: SmtpServer, settings: Settings
) -> None:
    header = "From: anna@example.com\r\nTo: björn@bücher.example\r\nSubject: Jūsų\r\n"
    message = f"{header}\r\n東京".encode()
    send(settings(), message)
    [posted] = server.posted
    assert posted.recipients == ("björn@xn--bcher-kva.example",)
    assert {"SMTPUTF8", "BODY=8BITMIME"} <= set(posted.options)
    assert posted.content == message + b"\r\n"


def test_a_server_of_seven_bits_gets_the_same_text_encoded() -> None:
    message = (
        b"From: anna@example.com\r\nTo: bert@example.org\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nK\xc3\xb6ln\r\n"
    )
    with scripted({}) as server:
        send(server.settings, message)
    assert server.message.isascii()
    payload = email.message_from_bytes(server.message).get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().strip() == "Köln"


def test_an_address_that_the_server_cannot_write_is_named() -> None:
    message = "From: anna@example.com\r\nTo: björn@example.org, bert@example.org\r\n\r\nx".encode()
    with scripted({}) as server, pytest.raises(RecipientsRefused) as raised:
        send(server.settings, message)
    assert raised.value.addresses == ("björn@example.org",)
    assert not [line for line in server.heard if line.startswith(b"MAIL")]


def test_a_line_end_in_an_address_begins_no_command() -> None:
    message = b'From: anna@example.com\r\nTo: "x>\\\nRCPT TO:<victim@example.org" <b@example.org>\r\n\r\nx'
    with scripted({}) as server:
        send(server.settings, message)
    assert b"victim" not in b"".join(line for line in server.heard)


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({b"": b"554 no service"}, ServerUnavailable),
        ({b"": b"* OK IMAP4rev1 ready"}, ProtocolError),
        ({b"": b"hang up"}, ConnectionLost),
        ({b"EHLO": b"hang up"}, ConnectionLost),
        ({b".": b"hang up"}, ConnectionLost),
        ({b".": b"welcome"}, ProtocolError),
        ({b".": b"354 go on"}, ProtocolError),
        ({b"EHLO": b"250-x\r\n" * 200_000 + b"250 y"}, ProtocolError),
    ],
)
def test_trouble_on_the_line_is_told(answers: dict[bytes, bytes], error: type[MailSyncError]) -> None:
    with scripted(answers) as server, pytest.raises(error) as raised:
        send(server.settings)
    assert raised.value.is_about_sending
    # Once the message was given, only a refusal says that it is not on its way.
    assert raised.value.is_unsent == (b"." not in answers)


def test_a_lost_good_bye_leaves_the_message_sent() -> None:
    with scripted({b"QUIT": b"hang up"}) as server:
        send(server.settings)
    assert server.message


def test_an_expired_certificate_is_told(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> None:
    class Late(Authority):
        def issue(self, *_args: object, **_options: object):  # type: ignore[no-untyped-def]
            return super().issue(begins=-9 * DAY, ends=-8 * DAY)

    late = Late(tmp_path_factory.mktemp("late"))
    with serving({USER: PASSWORD}, late) as server:
        settings = SmtpSettings(
            "localhost",
            server.smtps_port,
            "ssl",
            USER,
            PASSWORD,
            timeout=10,
            allowed=(f"localhost:{server.smtps_port}",),
            extra_ca=str(late.ca_file),
        )
        with pytest.raises(CertificateInvalid) as raised:
            smtp.check(settings)
    assert "expired" in str(raised.value)
