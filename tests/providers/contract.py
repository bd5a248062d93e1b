# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What every provider must do, whatever its protocol.

A provider's test file subclasses :class:`ProviderContract` and gives it a ``server`` fixture: the far end of
the provider, on which mail is delivered, moved and deleted behind the provider's back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import pytest

from mailsync.errors import FolderGone, MessageGone
from mailsync.provider import Page, Provider, Query


class Server(Protocol):
    """A mailbox with at least an empty inbox, and its server's side."""

    def session(self) -> Provider: ...
    def add_folder(self, *path: str) -> str: ...
    def remove_folder(self, folder: str) -> None: ...
    def deliver(self, content: bytes, folder: str = "INBOX", *, flags: Iterable[str] = ()) -> str: ...
    def set_flags(self, remote_id: str, flags: Iterable[str]) -> None: ...
    def delete(self, remote_id: str) -> None: ...
    def move(self, remote_id: str, folder: str) -> str: ...
    def reset(self, folder: str) -> None: ...


def letter(number: int, subject: str = "Offer", body: str = "Dear customer,") -> bytes:
    """A small message; its number is in its Message-ID, "<number@example.com>"."""
    return (
        f"Message-ID: <{number}@example.com>\r\n"
        f"From: Anna Example <anna@example.com>\r\n"
        f"To: Bert <bert@example.org>\r\n"
        f"Subject: {subject} {number}\r\n"
        f"Date: Mon, 23 Nov 2026 10:{number % 60:02} +0000\r\n"
        f"X-Noise: {'x' * 300}\r\n"
        f"\r\n{body} {number}\r\n"
    ).encode()


def numbers(page: Page) -> list[int]:
    return [int(listing.head.message_id.partition("@")[0]) for listing in page.listings]


def read_on(provider: Provider, folder: str, cursor: str = "", limit: int = 500) -> tuple[list[Page], str]:
    """All pages behind a cursor, and the cursor behind them."""
    pages = [provider.changes(folder, cursor, limit)]
    while pages[-1].more:
        assert len(pages) < 1000, "a listing that never ends"
        pages.append(provider.changes(folder, pages[-1].cursor, limit))
    return pages, pages[-1].cursor


def inventory_of(provider: Provider, folder: str) -> list[str]:
    """All ids that the folder holds, as its inventory tells them part by part."""
    parts = [provider.inventory(folder)]
    while parts[-1].following:
        assert len(parts) < 1000, "an inventory that never ends"
        parts.append(provider.inventory(folder, parts[-1].following))
    return [remote_id for part in parts for remote_id in part.remote_ids]


def gone_of(pages: Iterable[Page], known: Iterable[str]) -> set[str]:
    """Which of the known ids the pages declare gone, in either of the two ways."""
    gone: set[str] = set()
    for page in pages:
        gone |= page.gone
        if page.present is not None:
            gone |= set(known) - page.present
    return gone & set(known)


class ProviderContract:
    """Tests that every provider passes."""

    @pytest.fixture
    def server(self) -> Server:
        raise NotImplementedError

    def as_kept(self, content: bytes) -> bytes:
        """What the server keeps of a message that is delivered to it."""
        return content

    def listed(self, server: Server, folder: str = "INBOX") -> str:
        """A cursor behind everything that the folder holds now."""
        with server.session() as provider:
            return read_on(provider, folder)[1]

    def test_folders_have_names_in_any_script_and_parents_first(self, server: Server) -> None:
        server.add_folder("Клиенты")
        server.add_folder("Клиенты", "Täst & 東京")
        server.add_folder('Odd "name" \\ (2)')
        with server.session() as provider:
            folders = provider.folders()
        paths = [folder.path for folder in folders]
        inbox = [folder for folder in folders if folder.role == "inbox"]
        assert [(f.remote_id, f.selectable) for f in inbox] == [("INBOX", True)]
        assert any(path[-1:] == ('Odd "name" \\ (2)',) for path in paths)
        parent = next(i for i, path in enumerate(paths) if path[-1] == "Клиенты")
        child = next(i for i, path in enumerate(paths) if path[-2:] == ("Клиенты", "Täst & 東京"))
        assert parent < child

    def test_a_folder_of_any_name_is_listed_and_read(self, server: Server) -> None:
        folder = server.add_folder('Täst & "東京" \\ 1')
        server.deliver(letter(1), folder)
        with server.session() as provider:
            assert folder in {f.remote_id for f in provider.folders()}
            page = provider.changes(folder, "")
            [fetched] = provider.fetch(folder, [page.listings[0].remote_id])
        assert fetched.content == self.as_kept(letter(1))

    def test_an_empty_folder_has_an_empty_page_and_then_nothing_new(self, server: Server) -> None:
        with server.session() as provider:
            page = provider.changes("INBOX", "")
            assert (page.listings, page.more, page.reset) == ((), False, False)
            assert page.cursor
            assert provider.changed({"INBOX": page.cursor}) == []

    def test_a_listing_says_what_the_header_says(self, server: Server) -> None:
        server.deliver(letter(7), flags=["\\Flagged"])
        with server.session() as provider:
            [listing] = provider.changes("INBOX", "").listings
        assert listing.head.message_id == "7@example.com"
        assert listing.head.subject == "Offer 7"
        assert [a.normalized for a in listing.head.by_role("from")] == ["anna@example.com"]
        assert [a.normalized for a in listing.head.by_role("to")] == ["bert@example.org"]
        assert listing.head.date == 1795428420.0
        assert listing.size == len(self.as_kept(letter(7)))
        assert listing.flags == {"\\Flagged"}
        assert listing.error is None

    def test_the_first_listing_is_newest_first_and_resumed_by_its_cursor(self, server: Server) -> None:
        for number in range(1, 26):
            server.deliver(letter(number))
        listed: list[int] = []
        known: set[str] = set()
        cursor, more, remaining = "", True, []
        while more:
            with server.session() as provider:
                page = provider.changes("INBOX", cursor, 10, known.intersection)
            assert len(page.listings) <= 10
            listed += numbers(page)
            known |= {item.remote_id for item in page.listings}
            remaining.append(page.remaining)
            cursor, more = page.cursor, page.more
        assert listed == list(range(25, 0, -1))
        assert remaining in ([15, 5, 0], [None, None, None])
        with server.session() as provider:
            assert provider.changed({"INBOX": cursor}) == []

    def test_the_same_page_again_holds_the_same(self, server: Server) -> None:
        for number in range(1, 8):
            server.deliver(letter(number))
        with server.session() as provider:
            first = provider.changes("INBOX", "", limit=3)
            again = [provider.changes("INBOX", first.cursor, limit=3) for _ in range(2)]
        assert again[0] == again[1]

    def test_new_mail_is_named_and_listed_once(self, server: Server) -> None:
        server.deliver(letter(1))
        cursor = self.listed(server)
        server.deliver(letter(2))
        server.deliver(letter(3))
        with server.session() as provider:
            assert provider.changed({"INBOX": cursor}) == ["INBOX"]
            pages, cursor = read_on(provider, "INBOX", cursor)
            assert sorted(n for page in pages for n in numbers(page)) == [2, 3]
            assert not any(page.reset for page in pages)
            assert provider.changed({"INBOX": cursor}) == []
            assert provider.changes("INBOX", cursor).listings == ()

    def test_much_new_mail_comes_in_pages(self, server: Server) -> None:
        server.deliver(letter(1))
        cursor = self.listed(server)
        for number in range(2, 13):
            server.deliver(letter(number))
        with server.session() as provider:
            pages, _ = read_on(provider, "INBOX", cursor, limit=4)
        assert all(len(page.listings) <= 4 for page in pages)
        assert sorted(n for page in pages for n in numbers(page)) == list(range(2, 13))

    def test_mail_that_arrives_during_the_first_listing_comes_before_the_rest(self, server: Server) -> None:
        for number in range(1, 11):
            server.deliver(letter(number))
        with server.session() as provider:
            page = provider.changes("INBOX", "", limit=4)
            assert numbers(page) == [10, 9, 8, 7]
            server.deliver(letter(11))
            page = provider.changes("INBOX", page.cursor, limit=4)
            assert 11 in numbers(page)
            pages, cursor = read_on(provider, "INBOX", page.cursor, limit=4)
            rest = [n for p in [page, *pages] for n in numbers(p) if n != 11]
            assert rest == [6, 5, 4, 3, 2, 1]
            assert provider.changed({"INBOX": cursor}) == []

    def test_deletions_during_the_first_listing_lose_nothing_else(self, server: Server) -> None:
        ids = {number: server.deliver(letter(number)) for number in range(1, 13)}
        with server.session() as provider:
            first = provider.changes("INBOX", "", limit=4)
            for number in (12, 7, 3, 1):
                server.delete(ids[number])
            pages, cursor = read_on(provider, "INBOX", first.cursor, limit=4)
            assert [n for page in pages for n in numbers(page)] == [8, 6, 5, 4, 2]
            assert gone_of(pages, [item.remote_id for item in first.listings]) == {ids[12]}
            assert provider.changed({"INBOX": cursor}) == []

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

    def test_closing_twice_is_harmless(self, server: Server) -> None:
        provider = server.session()
        provider.close()
        provider.close()
