# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Answers of Gmail's that take longer than a session may last."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mailsync.errors import TooSlow

from .dripping import dripping
from .far_end import letter
from .gmail_server import GmailServer

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "head",
    [
        HEAD + b"Content-Length: 100000\r\n\r\n",
        # What has no length ends with its connection.
        HEAD + b"Connection: close\r\n\r\n",
        HEAD + b"X-Drip: ",
    ],
    ids=["body", "body without length", "header"],
)
def test_an_answer_that_drips_ends_with_the_session(gmail: GmailServer, head: bytes) -> None:
    """It is never silent, and would hold its worker for hours."""
    with dripping(head) as root:
        gmail.endpoints = replace(gmail.endpoints, api_root=f"{root}/")
        with gmail.session(session_limit=0.7) as provider, pytest.raises(TooSlow) as caught:
            list(provider.fetch("ALL_MAIL", ["18f0"]))
    assert caught.value.remote_id == "18f0"


def test_a_session_that_is_over_asks_nothing(gmail: GmailServer) -> None:
    with gmail.session() as provider:
        provider.folders()
    gmail.google.requests.clear()
    with gmail.session(session_limit=0.0) as provider, pytest.raises(TooSlow):
        provider.folders()
    assert len(gmail.google.requests) == 0


def test_who_is_quick_is_not_cut(gmail: GmailServer) -> None:
    message = gmail.deliver(letter(1, body="x" * 200_000))
    with gmail.session(session_limit=30.0) as provider:
        [fetched] = provider.fetch("INBOX", [message])
    assert fetched.content == letter(1, body="x" * 200_000)
