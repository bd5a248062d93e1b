# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Sending through Gmail."""

from __future__ import annotations

import pytest

from mailsync.errors import (
    ConnectionFailed,
    ConnectionLost,
    ConsentMissing,
    MailSyncError,
    MessageTooLarge,
    RateLimited,
)

from .far_end import letter
from .gmail_server import SCOPES, GmailServer


def answer_to(number: int, address: str, body: str = "Dear Anna, 8-bit äöü 東京") -> bytes:
    return (
        f"Message-ID: <answer-{number}@example.com>\r\nFrom: {address}\r\nTo: anna@example.net\r\n"
        f"Subject: Re: Offer {number}\r\nIn-Reply-To: <{number}@example.com>\r\n"
        f"References: <{number}@example.com>\r\nDate: Mon, 23 Nov 2026 11:00:00 +0000\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
        f"\r\n{body}\r\n"
    ).encode()


@pytest.mark.parametrize("megabytes", [0, 5])
def test_a_letter_goes_out_byte_for_byte_and_into_its_conversation(gmail: GmailServer, megabytes: int) -> None:
    first = gmail.deliver(letter(1))
    content = answer_to(1, gmail.account.address, ("Grüße" * 10 + "\r\n") * (megabytes * 1024 * 1024 // 64))
    with gmail.session() as provider:
        thread_id = provider.changes("INBOX", "").listings[0].thread_id
        sent = provider.send(content, thread_id)
        alone = provider.send(answer_to(99, gmail.account.address))
        assert provider.traffic.units == gmail.units()
    assert gmail.account.raw(sent) == content
    assert gmail.account.labels(sent) == {"SENT"}
    assert gmail.account.thread_id(sent) == gmail.account.thread_id(first) == thread_id
    assert gmail.account.thread_id(alone) != thread_id


def test_a_letter_into_a_conversation_that_is_gone_begins_one_of_its_own(gmail: GmailServer) -> None:
    first = gmail.deliver(letter(1))
    gmail.google.faults.add("messages.send", status=404)
    with gmail.session() as provider:
        sent = provider.send(answer_to(99, gmail.account.address), gmail.account.thread_id(first))
    assert gmail.account.ids("SENT") == [sent]
    assert gmail.google.requests.count("messages.send") == 2


def test_what_is_sent_is_listed_among_the_sent(gmail: GmailServer) -> None:
    with gmail.session() as provider:
        cursor = provider.changes("SENT", "").cursor
        sent = provider.send(answer_to(1, gmail.account.address))
        assert [listing.remote_id for listing in provider.changes("SENT", cursor).listings] == [sent]


def test_a_letter_that_gmail_does_not_take_is_not_begun_to_be_sent(gmail: GmailServer) -> None:
    content = answer_to(1, gmail.account.address, "x" * 36 * 1024 * 1024)
    with gmail.session() as provider, pytest.raises(MessageTooLarge):
        provider.send(content)
    assert gmail.google.requests.count("messages.send") == 0


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "reset"}, ConnectionFailed),
        ({"kind": "cut"}, ConnectionLost),
        ({"status": 503}, MailSyncError),
        ({"status": 429, "headers": {"Retry-After": "60"}}, RateLimited),
        ({"status": 413}, MessageTooLarge),
    ],
)
def test_a_letter_is_never_sent_twice(
    gmail: GmailServer, fault: dict[str, object], expected: type[MailSyncError]
) -> None:
    if fault.get("status") == 413:
        fault = {**fault, "body": {"error": {"code": 413, "message": "Too large", "errors": [{"reason": "x"}]}}}
    gmail.google.faults.add("messages.send", 1, **fault)  # type: ignore[arg-type]
    with gmail.session() as provider:
        provider.folders()
        with pytest.raises(expected):
            provider.send(answer_to(1, gmail.account.address))
    assert gmail.google.requests.count("messages.send") == 1
    assert len(gmail.account.ids("SENT")) <= 1


def test_a_grant_without_the_right_to_send_says_so(gmail: GmailServer) -> None:
    gmail.source.scopes = [SCOPES[0]]
    with gmail.session() as provider, pytest.raises(ConsentMissing):
        provider.send(answer_to(1, gmail.account.address))
