# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What becomes of messages and folders behind the provider's back, whatever the protocol."""

from __future__ import annotations

import pytest

from mailsync.errors import FolderGone, MessageGone

from .contract_part import ContractPart
from .far_end import Server, gone_of, letter, numbers, read_on


class ChangesContract(ContractPart):
    """Flags, deletions and moves are told, and folders that are numbered anew or go."""

    def test_a_read_message_is_told_by_its_flag(self, server: Server) -> None:
        read, other = server.deliver(letter(1)), server.deliver(letter(2))
        cursor = self.listed(server)
        server.set_flags(read, ["\\Seen"])
        with server.session() as provider:
            assert provider.changed({"INBOX": cursor}) == ["INBOX"]
            pages, cursor = read_on(provider, "INBOX", cursor)
            flags = {key: value for page in pages for key, value in page.flags.items()}
            assert flags[read] == {"\\Seen"}
            assert flags.get(other, frozenset()) == frozenset()
            assert not any(page.listings for page in pages)
            assert provider.changed({"INBOX": cursor}) == []

    def test_a_deleted_message_is_told_and_the_others_are_not(self, server: Server) -> None:
        ids = [server.deliver(letter(number)) for number in range(1, 6)]
        cursor = self.listed(server)
        server.delete(ids[1])
        server.delete(ids[4])
        with server.session() as provider:
            assert provider.changed({"INBOX": cursor}) == ["INBOX"]
            pages, cursor = read_on(provider, "INBOX", cursor)
            assert gone_of(pages, ids) == {ids[1], ids[4]}
            assert provider.changed({"INBOX": cursor}) == []

    def test_a_deletion_is_seen_behind_an_arrival(self, server: Server) -> None:
        ids = [server.deliver(letter(number)) for number in range(1, 4)]
        cursor = self.listed(server)
        server.delete(ids[0])
        server.deliver(letter(4))
        with server.session() as provider:
            pages, _ = read_on(provider, "INBOX", cursor)
        assert gone_of(pages, ids) == {ids[0]}
        assert [n for page in pages for n in numbers(page)] == [4]

    def test_a_moved_message_is_listed_where_it_went(self, server: Server) -> None:
        other = server.add_folder("Customers")
        message = server.deliver(letter(1))
        cursors = {folder: self.listed(server, folder) for folder in ("INBOX", other)}
        server.move(message, other)
        with server.session() as provider:
            assert set(provider.changed(cursors)) == set(cursors)
            there, _ = read_on(provider, other, cursors[other])
            here, _ = read_on(provider, "INBOX", cursors["INBOX"])
        assert [n for page in there for n in numbers(page)] == [1]
        assert gone_of(here, [message]) == {message}

    def test_a_reset_folder_is_listed_anew(self, server: Server) -> None:
        folder = server.add_folder("Customers")
        old = {server.deliver(letter(number), folder) for number in range(1, 6)}
        cursor = self.listed(server, folder)
        server.reset(folder)
        with server.session() as provider:
            assert provider.changed({folder: cursor}) == [folder]
            pages, cursor = read_on(provider, folder, cursor, limit=2)
            assert [page.reset for page in pages] == [True, False, False]
            assert sorted(n for page in pages for n in numbers(page)) == [1, 2, 3, 4, 5]
            new = {item.remote_id for page in pages for item in page.listings}
            if provider.stable_ids:
                assert old == new
            else:
                assert not old & new
                assert {type(f.error) for f in provider.fetch(folder, sorted(old))} == {MessageGone}
            assert provider.changed({folder: cursor}) == []

    def test_a_vanished_folder_is_named_and_said_to_be_gone(self, server: Server) -> None:
        folder = server.add_folder("Customers")
        server.deliver(letter(1), folder)
        server.deliver(letter(2))
        cursors = {name: self.listed(server, name) for name in (folder, "INBOX")}
        server.remove_folder(folder)
        with server.session() as provider:
            assert provider.changed(cursors) == [folder]
            with pytest.raises(FolderGone):
                provider.changes(folder, cursors[folder])
            with pytest.raises(FolderGone):
                list(provider.fetch(folder, ["1.1@" + folder]))
            # The session goes on with the others.
            assert len(provider.changes("INBOX", "").listings) == 1

    def test_many_folders_are_asked_in_one_question(self, server: Server) -> None:
        folders = [server.add_folder(f"Folder {number}") for number in range(12)]
        cursors = {folder: self.listed(server, folder) for folder in folders}
        server.deliver(letter(1), folders[5])
        server.deliver(letter(2), folders[11])
        with server.session() as provider:
            assert sorted(provider.changed(cursors)) == sorted([folders[5], folders[11]])
