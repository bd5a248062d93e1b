# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Gmail's search language."""

from __future__ import annotations

import datetime

import pytest
from googleapiclient.errors import HttpError

from .conftest import METADATA, READONLY, letter

DAY = 86_400
NOON = datetime.datetime(2026, 11, 2, 12, tzinfo=datetime.timezone.utc).timestamp()


@pytest.fixture
def mail(ann) -> dict[str, str]:
    """Six messages, one a day, by the names that the tests give them."""
    label = ann.add_label("Big Customers/North")
    attached = letter(5, Content_Type="application/pdf; name=offer.pdf", Content_Disposition="attachment")
    return {
        "plain": ann.deliver(letter(1), received=NOON),
        "copy": ann.deliver(letter(2, Cc="carl@customer.example", Subject="Blue roof"), received=NOON + DAY),
        "starred": ann.deliver(letter(3, From="Eve <eve@other.example>"), received=NOON + 2 * DAY, starred=True),
        "labelled": ann.deliver(letter(4), ["INBOX", label], received=NOON + 3 * DAY, unread=False),
        "file": ann.deliver(attached + b"x" * 5000, received=NOON + 4 * DAY),
        "spam": ann.deliver(letter(6, Subject="Blue pills"), ["SPAM"], received=NOON + 5 * DAY),
    }


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", "plain copy starred labelled file"),
        ("from:bob", "plain copy labelled file"),
        ("from:bo", ""),
        ("from:eve@other.example", "starred"),
        ("to:ann@example.com from:eve", "starred"),
        ("to:carl cc:carl", "copy"),
        ("subject:offer", "plain starred labelled file"),
        ('subject:"blue roof"', "copy"),
        ("subject:(roof blue)", "copy"),
        ('"hello number 3"', "starred"),
        ("from:eve OR cc:carl", "starred copy"),
        ("subject:offer from:eve OR from:carl", "starred"),
        ("{from:eve cc:carl}", "starred copy"),
        ("(from:eve OR cc:carl) -is:starred", "copy"),
        ("-from:bob", "starred"),
        ("-(from:bob OR from:eve)", ""),
        (f"after:{int(NOON + 3 * DAY)}", "labelled file"),
        (f"before:{int(NOON + DAY)}", "plain"),
        ("after:2026/11/04 before:2026/11/05", "starred"),
        ("newer:2026/11/05", "labelled file"),
        ("older:2026/11/03", "plain"),
        ("larger:4K", "file"),
        ("smaller:4K", "plain copy starred labelled"),
        ("label:big-customers-north", "labelled"),
        ('label:"Big Customers/North"', "labelled"),
        ("label:unknown", ""),
        ("in:inbox is:unread", "plain copy starred file"),
        ("is:read", "labelled"),
        ("is:starred", "starred"),
        ("has:attachment", "file"),
        ("filename:offer.pdf", "file"),
        ("rfc822msgid:4@customer.example", "labelled"),
        ("rfc822msgid:<4@customer.example>", "labelled"),
        ("blue", "copy"),
        ("in:anywhere blue", "copy spam"),
        ("in:spam", "spam"),
        ('unclosed "quote', ""),
    ],
)
def test_a_search_finds(gmail, mail, search, found):
    answer = gmail(READONLY).messages().list(userId="me", q=search).execute()
    names = {message_id: name for name, message_id in mail.items()}
    assert {names[message["id"]] for message in answer.get("messages", ())} == set(found.split())


def test_age_is_told_by_the_clock(server, ann, gmail):
    ann.deliver(letter(1))
    server.clock.advance(2 * DAY)
    new = ann.deliver(letter(2))
    (found,) = gmail(READONLY).messages().list(userId="me", q="newer_than:1d").execute()["messages"]
    assert found["id"] == new


@pytest.mark.parametrize(
    "ask",
    [
        lambda messages, _id: messages.list(userId="me", q="from:bob"),
        lambda messages, message_id: messages.get(userId="me", id=message_id),
        lambda messages, message_id: messages.get(userId="me", id=message_id, format="raw"),
    ],
)
def test_the_metadata_scope_neither_searches_nor_reads_bodies(gmail, mail, ask):
    messages = gmail(METADATA).messages()
    with pytest.raises(HttpError) as caught:
        ask(messages, mail["plain"]).execute()
    assert caught.value.status_code == 403
    messages.get(userId="me", id=mail["plain"], format="metadata").execute()
