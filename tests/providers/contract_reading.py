# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whole messages, what a folder holds, and searches, whatever the protocol."""

from __future__ import annotations

import pytest

from mailsync.errors import FolderGone, MessageGone
from mailsync.provider import Query

from .contract_part import ContractPart
from .far_end import Server, inventory_of, letter, numbers, read_on


class ReadingContract(ContractPart):
    """What is fetched, counted and searched is what lies there, and nothing of it is changed."""

    def test_fetched_bytes_are_the_delivered_ones(self, server: Server) -> None:
        contents = [
            letter(1),
            letter(2, body="8-bit äöü, a line ) and a {12}\r\n* 3 FETCH (FLAGS (\\Seen))\r\n"),
            letter(3, body="x" * 70_000),
            b"\r\n",
            letter(4, body="Jūsų užsakymas 東京\r\n.\r\n"),
        ]
        ids = [server.deliver(content) for content in contents]
        contents = [self.as_kept(content) for content in contents]
        with server.session() as provider:
            answers = list(provider.fetch("INBOX", ids))
            assert provider.traffic.bytes_received >= sum(map(len, contents))
        assert {f.remote_id: f.content for f in answers} == dict(zip(ids, contents, strict=True))
        assert len(answers) == len(ids)

    def test_each_id_is_answered_once_and_what_is_gone_by_an_error(self, server: Server) -> None:
        ids = [server.deliver(letter(number)) for number in range(1, 6)]
        with server.session() as provider:
            provider.changes("INBOX", "")
            server.delete(ids[2])
            answers = list(provider.fetch("INBOX", [ids[4], ids[2], "nonsense", ids[0], ids[4]]))
        assert sorted(f.remote_id for f in answers) == sorted([ids[4], ids[2], "nonsense", ids[0]])
        for fetched in answers:
            if fetched.remote_id in (ids[2], "nonsense"):
                assert isinstance(fetched.error, MessageGone)
                assert fetched.content is None
            else:
                assert fetched.error is None
                assert fetched.content is not None

    def test_fetching_nothing_yields_nothing(self, server: Server) -> None:
        with server.session() as provider:
            assert list(provider.fetch("INBOX", [])) == []

    def test_reading_leaves_the_flags_as_they_are(self, server: Server) -> None:
        ids = [server.deliver(letter(1)), server.deliver(letter(2), flags=["\\Seen", "\\Answered"])]
        with server.session() as provider:
            before = {item.remote_id: item.flags for item in provider.changes("INBOX", "").listings}
            assert all(f.error is None for f in provider.fetch("INBOX", ids))
        with server.session() as provider:
            after = {item.remote_id: item.flags for item in provider.changes("INBOX", "").listings}
        assert after == before == {ids[0]: frozenset(), ids[1]: frozenset({"\\Seen", "\\Answered"})}

    def test_an_inventory_holds_every_id_of_the_folder_and_moves_no_cursor(self, server: Server) -> None:
        other = server.add_folder("Customers")
        ids = [server.deliver(letter(number)) for number in range(1, 8)]
        server.deliver(letter(8), other)
        cursor = self.listed(server)
        server.delete(ids[2])
        moved = server.move(ids[4], other)
        new = server.deliver(letter(9))
        with server.session() as provider:
            here, there = (sorted(set(inventory_of(provider, folder))) for folder in ("INBOX", other))
            assert here == sorted([*(i for i in ids if i not in (ids[2], ids[4])), new])
            assert moved in there
            assert len(there) == 2
            pages, _ = read_on(provider, "INBOX", cursor)
            assert [n for page in pages for n in numbers(page)] == [9]

    def test_an_inventory_of_nothing_is_empty(self, server: Server) -> None:
        with server.session() as provider:
            assert inventory_of(provider, "INBOX") == []

    def test_there_is_no_inventory_of_a_vanished_folder(self, server: Server) -> None:
        folder = server.add_folder("Customers")
        server.remove_folder(folder)
        with server.session() as provider, pytest.raises(FolderGone):
            inventory_of(provider, folder)

    def test_listings_of_some_are_those_of_the_page(self, server: Server) -> None:
        other = server.add_folder("Customers")
        ids = [server.deliver(letter(number), flags=["\\Flagged"]) for number in range(1, 6)]
        elsewhere = server.deliver(letter(6), other)
        with server.session() as provider:
            page = {item.remote_id: item for item in provider.changes("INBOX", "").listings}
            server.delete(ids[3])
            asked = [ids[4], ids[3], "nonsense", elsewhere, ids[0]]
            some = {item.remote_id: item for item in provider.listings("INBOX", asked)}
            assert list(provider.listings("INBOX", [])) == []
        assert set(some) == {ids[0], ids[4]}
        for remote_id, listing in some.items():
            assert (listing.head.message_id, listing.flags) == (page[remote_id].head.message_id, {"\\Flagged"})
            assert listing.head.addresses == page[remote_id].head.addresses
            assert listing.received == page[remote_id].received

    def test_a_message_is_found_by_its_id_its_people_and_words_of_its_subject(self, server: Server) -> None:
        other = server.add_folder("Customers")
        ids = {number: server.deliver(letter(number)) for number in (1, 2)}
        ids[3] = server.deliver(letter(3, subject="Invoice for the new hall"), other)
        with server.session() as provider:
            by_id = list(provider.search(Query(message_id="3@example.com")))
            by_person = list(provider.search(Query(address="bert@example.org")))
            by_words = list(provider.search(Query(words=("invoice", "HALL"))))
            by_both = list(provider.search(Query(address="anna@example.com", words=("Offer", "2"))))
            nothing = [
                *provider.search(Query(message_id="4@example.com")),
                *provider.search(Query(address="nobody@example.com")),
                *provider.search(Query(words=("Invoice", "Offer"))),
                *provider.search(Query()),
            ]
            few = list(provider.search(Query(address="bert@example.org"), limit=2))
        assert [(hit.folder, hit.listing.remote_id) for hit in by_id] == [(other, ids[3])]
        assert {hit.listing.remote_id for hit in by_person} == set(ids.values())
        assert [hit.listing.head.subject for hit in by_words] == ["Invoice for the new hall 3"]
        assert [hit.listing.remote_id for hit in by_both] == [ids[2]]
        assert nothing == []
        assert len(few) == 2

    def test_words_in_any_script_are_found(self, server: Server) -> None:
        server.deliver(letter(1, subject="=?utf-8?q?Angebot_f=C3=BCr_K=C3=B6ln?="))
        server.deliver(letter(2))
        with server.session() as provider:
            found = list(provider.search(Query(words=("Köln",))))
        assert [hit.listing.head.message_id for hit in found] == ["1@example.com"]

    def test_what_is_searched_for_can_break_nothing(self, server: Server) -> None:
        server.deliver(letter(1))
        with server.session() as provider:
            for text in ('"', "\\", "a) (b", "{3}", "'; x", "*", "%"):
                assert list(provider.search(Query(words=(text, "zzz")))) == []
                assert list(provider.search(Query(message_id=f"{text}@x"))) == []
                assert list(provider.search(Query(address=f"{text}@x"))) == []
            assert len(provider.changes("INBOX", "").listings) == 1
