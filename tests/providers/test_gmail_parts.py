# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Parts of batches that Gmail refuses, and answers that are none."""

from __future__ import annotations

import pytest

from mailsync.errors import (
    ConnectionLost,
    MessageUnreadable,
    ProtocolError,
)

from .far_end import letter
from .gmail_calls import CALLS, cursor_of, scanned
from .gmail_server import GmailServer


def test_parts_that_are_refused_are_asked_for_again_in_smaller_batches(gmail: GmailServer) -> None:
    ids = {gmail.deliver(letter(number)) for number in range(60)}
    gmail.google.limits.off()
    gmail.google.faults.add("messages.get", 30, status=429, kind="part", share=0.3, seed=4)
    scan = scanned(gmail)
    assert scan.listed == dict.fromkeys(ids, 1)


def test_a_message_on_which_gmail_fails_is_listed_as_such_and_its_neighbours_are_listed(gmail: GmailServer) -> None:
    ids = [gmail.deliver(letter(number)) for number in range(30)]
    broken = gmail.google.faults.add("messages.get", 3, after=7, status=500, kind="part")
    with gmail.session() as provider:
        page = provider.changes("INBOX", "")
        failed = [listing for listing in page.listings if listing.error]
        assert {listing.remote_id for listing in page.listings} == set(ids)
        assert broken.hits == 3
        assert len(failed) <= 1
        gmail.google.faults.add("messages.get", None, status=500)
        # The server answers other questions, so it is not the server that is in trouble.
        [fetched] = provider.fetch("INBOX", ["18f0"])
    assert isinstance(fetched.error, MessageUnreadable)


def test_a_message_that_is_gone_by_the_time_it_is_asked_for_is_passed_over(gmail: GmailServer) -> None:
    ids = [gmail.deliver(letter(number)) for number in range(12)]
    cursor = cursor_of(gmail)
    gmail.deliver(letter(100))
    for message in ids[:3]:
        gmail.account.set_labels(message, remove=["INBOX"])
    late = [gmail.deliver(letter(number)) for number in (101, 102)]
    gmail.google.faults.add("messages.get", 1, status=404)
    with gmail.session() as provider:
        page = provider.changes("INBOX", cursor)
        assert len(page.listings) == 2
        assert not page.more
        assert page.gone == set(ids[:3])
        assert {listing.remote_id for listing in page.listings} & set(late)


def test_an_answer_that_is_not_that_of_a_message_concerns_this_message_alone(gmail: GmailServer) -> None:
    ids = [gmail.deliver(letter(number)) for number in range(4)]
    for body in ('{"id": "1"}', '{"id": "1", "raw": 7}', '{"raw": "", "internalDate": "soon"}'):
        gmail.google.faults.add("messages.get", status=200, body=body)
    with gmail.session() as provider:
        page = provider.changes("INBOX", "")
    assert {listing.remote_id for listing in page.listings} == set(ids)
    assert sum(isinstance(listing.error, MessageUnreadable) for listing in page.listings) == 3
    assert not page.more


@pytest.mark.parametrize("body", ['{"labels": [7]}', '{"history": [7], "historyId": "9"}', '{"messages": [7]}'])
def test_lists_that_are_none_are_a_failure_of_the_server(gmail: GmailServer, body: str) -> None:
    cursor = cursor_of(gmail)
    routes = {"labels": "labels.list", "history": "history.list", "messages": "messages.list"}
    route = next(route for name, route in routes.items() if name in body)
    gmail.google.faults.add(route, None, status=200, body=body)
    with gmail.session() as provider, pytest.raises(ProtocolError):
        CALLS[route](provider, cursor)


def test_a_batch_that_leaves_a_part_out_is_no_answer(gmail: GmailServer) -> None:
    body = b"--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{}\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/mixed; boundary=b"}
    for content in (body, b"--b\r\n\r\n\r\n--b--\r\n", b"--b--\r\n", body[:-6]):
        gmail.google.faults.add("batch", 1, status=200, body=content, headers=headers)
        with gmail.session() as provider, pytest.raises((ProtocolError, ConnectionLost)):
            list(provider.fetch("INBOX", ["18f1", "18f2"]))
