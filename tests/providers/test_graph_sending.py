# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Sending through Graph."""

from __future__ import annotations

import base64

import pytest

from mailsync.errors import (
    ConnectionLost,
    ConsentMissing,
    MessageRefused,
    MessageTooLarge,
    RateLimited,
)

from .far_end import letter
from .scripted_graph import Reply, ScriptedGraph, refusal


def test_a_message_is_sent_as_it_is(graph: ScriptedGraph) -> None:
    graph.on("^/me/sendMail$", Reply(None, 202))
    with graph.session() as provider:
        assert provider.send(letter(1)) == ""
    [asked] = graph.asked
    assert base64.b64decode(asked.content) == letter(1)
    assert asked.headers["Content-Type"] == "text/plain"


def test_what_is_too_large_is_not_sent(graph: ScriptedGraph) -> None:
    with graph.session() as provider, pytest.raises(MessageTooLarge):
        provider.send(b"x" * (3 * 2**20 + 1))
    assert graph.asked == []


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (refusal(403, "ErrorAccessDenied"), ConsentMissing),
        (refusal(429, "ApplicationThrottled"), RateLimited),
        (refusal(400, "ErrorInvalidRecipients"), MessageRefused),
        (Reply(None, 202, cut=-1), ConnectionLost),
    ],
)
def test_a_message_that_was_not_taken_is_not_sent_again(graph: ScriptedGraph, reply: Reply, error: type) -> None:
    graph.on("sendMail", reply)
    with graph.session() as provider, pytest.raises(error):
        provider.send(letter(1))
    assert len(graph.asked) == 1
