# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Drafts that the owner keeps, replaces, discards and sends, whatever the protocol."""

from __future__ import annotations

import pytest

from mailsync.acting import SEEN
from mailsync.mime import read_letter

from .far_end import ActingServer, folder_of, inventory_of, letter, listed


def written(number: int, body: str = "Dear customer,") -> bytes:
    """A letter of the mailbox's owner, with somebody whom nobody else is to see."""
    return b"Cc: Carl <carl@example.net>\r\nBcc: dora@example.net\r\nMIME-Version: 1.0\r\n" + letter(number, body=body)


class DraftsContract:
    """A draft is one message among the drafts until it is sent or thrown away."""

    @pytest.fixture
    def server(self) -> ActingServer:
        raise NotImplementedError

    def drafts(self, server: ActingServer) -> list[str]:
        with server.session() as provider:
            return inventory_of(provider, folder_of(server, "drafts"))

    def body_of(self, server: ActingServer, role: str, remote_id: str) -> str:
        with server.session() as provider:
            [fetched] = provider.fetch(folder_of(server, role), [remote_id])  # type: ignore[arg-type]
        assert fetched.content is not None
        return read_letter(fetched.content).text

    def test_a_saved_draft_lies_among_the_drafts(self, server: ActingServer) -> None:
        with server.actor() as actor:
            saved = actor.save_draft(written(1))
        assert self.drafts(server) == [saved]
        assert "Dear customer, 1" in self.body_of(server, "drafts", saved)
        assert server.sent() == []

    def test_a_replaced_draft_is_one_draft_with_its_new_text(self, server: ActingServer) -> None:
        other = written(9)
        with server.actor() as actor:
            kept = actor.save_draft(other)
            first = actor.save_draft(written(1))
            second = actor.save_draft(written(1, body="Once more:"), replacing=first)
            third = actor.save_draft(written(1, body="And again:"), replacing=second)
        assert sorted(self.drafts(server)) == sorted([kept, third])
        assert "And again: 1" in self.body_of(server, "drafts", third)

    def test_a_draft_that_somebody_removed_is_saved_anew(self, server: ActingServer) -> None:
        with server.actor() as actor:
            first = actor.save_draft(written(1))
            actor.discard_draft(first)
            second = actor.save_draft(written(1), replacing=first)
        assert self.drafts(server) == [second]

    def test_a_discarded_draft_is_gone(self, server: ActingServer) -> None:
        with server.actor() as actor:
            first, second = actor.save_draft(written(1)), actor.save_draft(written(2))
            actor.discard_draft(first)
            actor.discard_draft(first)
            actor.discard_draft("nonsense")
        assert self.drafts(server) == [second]

    def test_what_is_no_draft_is_not_discarded(self, server: ActingServer) -> None:
        message = server.deliver(letter(1))
        with server.actor() as actor:
            actor.discard_draft(message)
            saved = actor.save_draft(written(2), replacing=message)
        assert listed(server)[1].remote_id == message
        assert self.drafts(server) == [saved]

    def test_a_sent_message_is_kept_and_nobody_sees_who_gets_it_in_secret(self, server: ActingServer) -> None:
        with server.actor() as actor:
            draft = actor.save_draft(written(1))
            sent = actor.send(written(1))
            actor.discard_draft(draft)
        for _time in range(2):
            with server.actor() as actor:
                sent = actor.keep_sent(written(1)) or sent
        assert self.drafts(server) == []
        with server.session() as provider:
            assert len(inventory_of(provider, folder_of(server, "sent"))) == 1
        kept = listed(server, folder_of(server, "sent"))[1]
        assert not sent or kept.remote_id == sent
        assert SEEN in kept.flags
        [delivered] = server.sent()
        assert b"dora@example.net" not in delivered
        assert "Dear customer, 1" in read_letter(delivered).text
