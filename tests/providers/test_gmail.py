# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The Gmail provider against the stand-in: the contract."""

from __future__ import annotations

import pytest

from mailsync.errors import FolderGone, MessageGone
from mailsync.providers.gmail import mailbox

from .contract import ProviderContract
from .far_end import letter, numbers
from .gmail_server import GmailServer
from .inventories import parts_while_it_changes


def test_an_inventory_of_many_parts_names_all_that_stays(gmail: GmailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "_IDS_AT_ONCE", 3)
    stayed, told = parts_while_it_changes(gmail)
    assert stayed <= told


class TestGmail(ProviderContract):
    @pytest.fixture
    def server(self, gmail: GmailServer) -> GmailServer:
        return gmail

    def test_a_vanished_folder_is_named_and_said_to_be_gone(self, server: GmailServer) -> None:
        """Gmail's history does not tell of labels: one is found to be gone when its folder is looked at."""
        folder = server.add_folder("Customers")
        server.deliver(letter(1), folder)
        server.deliver(letter(2))
        cursors = {name: self.listed(server, name) for name in (folder, "INBOX")}
        server.remove_folder(folder)
        with server.session() as provider:
            assert folder not in {item.remote_id for item in provider.folders()}
            for cursor in ("", cursors[folder]):
                with pytest.raises(FolderGone):
                    provider.changes(folder, cursor)
            with pytest.raises(FolderGone):
                list(provider.fetch(folder, ["1"]))
            assert numbers(provider.changes("INBOX", "")) == [2]

    def test_a_vanished_folder_is_named_before_its_cursor_grows_old(self, server: GmailServer) -> None:
        folder = server.add_folder("Customers")
        cursors = {name: self.listed(server, name) for name in (folder, "INBOX")}
        server.remove_folder(folder)
        server.google.clock.advance(3 * 3600)
        with server.session() as provider:
            assert folder in provider.changed(cursors)

    def test_each_id_is_answered_once_and_what_is_gone_by_an_error(self, server: GmailServer) -> None:
        """What was deleted since it was listed is still there in the session that listed it."""
        ids = [server.deliver(letter(number)) for number in range(1, 4)]
        with server.session() as provider:
            provider.changes("INBOX", "")
            server.delete(ids[1])
            answers = {item.remote_id: item for item in provider.fetch("INBOX", [ids[1], ids[1]])}
            assert answers[ids[1]].content == letter(2)
        with server.session() as provider:
            answers = [*provider.fetch("INBOX", [ids[2], ids[1], "nonsense!", "no such id", ids[0], ids[2]])]
        assert sorted(item.remote_id for item in answers) == sorted([*ids, "nonsense!", "no such id"])
        gone = {item.remote_id: type(item.error) for item in answers if item.content is None}
        assert gone == dict.fromkeys([ids[1], "nonsense!", "no such id"], MessageGone)

    def test_reading_leaves_the_flags_as_they_are(self, server: GmailServer) -> None:
        """Gmail knows no \\Answered."""
        ids = [server.deliver(letter(1)), server.deliver(letter(2), flags=["\\Seen", "\\Flagged"])]
        labels = [server.account.labels(message) for message in ids]
        with server.session() as provider:
            flags = {item.remote_id: item.flags for item in provider.changes("INBOX", "").listings}
            assert all(item.error is None for item in provider.fetch("INBOX", ids))
        assert flags == {ids[0]: frozenset(), ids[1]: {"\\Seen", "\\Flagged"}}
        assert [server.account.labels(message) for message in ids] == labels
