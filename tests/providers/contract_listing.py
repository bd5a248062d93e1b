# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Folders, their first listing, and new mail, whatever the protocol."""

from __future__ import annotations

from .contract_part import ContractPart
from .far_end import Server, gone_of, letter, numbers, read_on


class ListingContract(ContractPart):
    """What is there is named once, newest first, and nothing of what comes meanwhile is lost."""

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
