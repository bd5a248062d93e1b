# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A message resource says the same as the header of its message."""

from __future__ import annotations

from typing import Any

import pytest

from mailsync.identity import header_key
from mailsync.mime import read_head
from mailsync.providers.graph.listing import flags_of, is_whole, listing_of

RESOURCE: dict[str, Any] = {
    "@odata.etag": 'W/"1"',
    "id": "AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A=",
    "subject": "Angebot für Halle 3",
    "internetMessageId": "<1@example.com>",
    "sentDateTime": "2026-11-23T10:01:00Z",
    "receivedDateTime": "2026-11-23T10:01:07Z",
    "isRead": True,
    "isDraft": False,
    "conversationId": "AAQkA=",
    "flag": {"flagStatus": "flagged"},
    "from": {"emailAddress": {"name": "Anna Example", "address": "Anna@Example.com"}},
    "sender": {"emailAddress": {"name": "Office", "address": "office@example.com"}},
    "replyTo": [],
    "toRecipients": [
        {"emailAddress": {"name": "bert@example.org", "address": "bert@example.org"}},
        {"emailAddress": {"name": "Undisclosed"}},
    ],
    "ccRecipients": [{"emailAddress": {"name": "C", "address": "c@example.org"}}],
    "bccRecipients": [],
    "singleValueExtendedProperties": [
        {"id": "Integer 0xe08", "value": "4711"},
        {"id": "String 0x1042", "value": "<0@example.org>"},
        {"id": "String 0x1039", "value": "<a@example.org>\r\n <0@example.org>"},
    ],
}

HEADER = """\
Message-ID: <1@example.com>
In-Reply-To: <0@example.org>
References: <a@example.org>
 <0@example.org>
From: Anna Example <Anna@Example.com>
Sender: Office <office@example.com>
To: bert@example.org, Undisclosed:;
Cc: C <c@example.org>
Subject: =?utf-8?q?Angebot_f=C3=BCr?= Halle 3
Date: Mon, 23 Nov 2026 11:01:00 +0100

"""


def test_a_resource_and_a_header_are_the_same_head() -> None:
    listing = listing_of(RESOURCE)
    head = read_head(HEADER.encode())
    assert listing.head == head
    assert header_key(listing.head) == header_key(head)
    assert (listing.remote_id, listing.size, listing.thread_id) == (RESOURCE["id"], 4711, "AAQkA=")
    assert listing.received == 1795428067.0
    assert listing.flags == {"\\Seen", "\\Flagged"}


def test_what_looks_encoded_in_a_resource_is_meant_so() -> None:
    listing = listing_of({**RESOURCE, "subject": "=?utf-8?q?no?=\r\n Bcc: x\0"})
    assert listing.head.subject == "=?utf-8?q?no?= Bcc: x"


@pytest.mark.parametrize(
    "changes",
    [
        dict.fromkeys(
            [key for key in RESOURCE if key != "id"],
        ),
        {"from": {}, "sender": {"emailAddress": None}, "toRecipients": [None, {"emailAddress": "x"}, 5]},
        {"singleValueExtendedProperties": [None, {"id": "nonsense"}, {"id": "Integer 0x0E08", "value": "-5"}]},
        {"singleValueExtendedProperties": {"a": 1}, "flag": "flagged", "sentDateTime": "0001-01-01T00:00:00Z"},
        {"sentDateTime": "yesterday, about noon it was", "receivedDateTime": 17, "subject": 5},
        {"subject": "\ud800\0", "internetMessageId": "<\ud800@\0x>"},
    ],
)
def test_a_resource_that_is_odd_is_listed_as_far_as_it_goes(changes: dict[str, Any]) -> None:
    listing = listing_of({**RESOURCE, **changes})
    assert listing.remote_id == RESOURCE["id"]
    texts = [listing.head.subject, listing.head.message_id, *(a.address for a in listing.head.addresses)]
    assert not any("\0" in text for text in texts)
    for text in texts:
        text.encode()


def test_an_update_is_not_taken_for_a_whole_message() -> None:
    assert is_whole(RESOURCE)
    assert not is_whole({"id": "A", "isRead": True})
    assert not is_whole({key: value for key, value in RESOURCE.items() if key != "flag"})


def test_flags_are_those_of_imap() -> None:
    assert flags_of({"isRead": False, "isDraft": True, "flag": {"flagStatus": "complete"}}) == {"\\Draft"}
    replied = {"singleValueExtendedProperties": [{"id": "Integer 0x1081", "value": "103"}]}
    assert flags_of(replied) == {"\\Answered"}
    forwarded = {"singleValueExtendedProperties": [{"id": "Integer 0x1081", "value": "104"}]}
    assert flags_of(forwarded) == flags_of({}) == frozenset()
