# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Flags, moves and deletions that the owner asks for, whatever the protocol."""

from __future__ import annotations

import pytest

from mailsync.acting import ANSWERED, FLAGGED, SEEN, Placed
from mailsync.errors import ConsentMissing, FolderGone, NotPermitted

from .far_end import ActingServer, folder_of, gone_of, inventory_of, letter, listed, read_on


def place_of(placed: Placed, remote_id: str) -> str:
    """The id that the message has after it was moved."""
    return placed.remote_ids.get(remote_id, remote_id)


class MovesContract:
    """What is done is done to these messages only, and the next scan is told of it."""

    # Whether what lies in the trash can be removed for good.
    removes = True
    keeps_answered = True

    @pytest.fixture
    def server(self) -> ActingServer:
        raise NotImplementedError

    def test_flags_are_set_and_cleared_and_the_next_scan_is_told(self, server: ActingServer) -> None:
        first, second, third, other = (server.deliver(letter(number)) for number in (1, 2, 3, 4))
        server.set_flags(second, [SEEN])
        with server.session() as provider:
            cursor = read_on(provider, "INBOX")[1]
        with server.actor() as actor:
            actor.set_flags("INBOX", [first, third], add=[SEEN, FLAGGED])
            actor.set_flags("INBOX", [second], add=[FLAGGED], remove=[SEEN])
        with server.session() as provider:
            pages, _ = read_on(provider, "INBOX", cursor)
        told = {remote_id: flags for page in pages for remote_id, flags in page.flags.items()}
        assert told[first] == told[third] == {SEEN, FLAGGED}
        assert told[second] == {FLAGGED}
        assert not told.get(other)
        with server.actor() as actor:
            actor.set_flags("INBOX", [first, second, third], remove=[FLAGGED, SEEN])
        assert {number: item.flags for number, item in listed(server).items()} == dict.fromkeys(
            (1, 2, 3, 4), frozenset()
        )

    def test_other_flags_stay(self, server: ActingServer) -> None:
        message = server.deliver(letter(1), flags=[FLAGGED])
        with server.actor() as actor:
            actor.set_flags("INBOX", [message], add=[SEEN, ANSWERED])
        expected = {SEEN, FLAGGED, ANSWERED} if self.keeps_answered else {SEEN, FLAGGED}
        assert listed(server)[1].flags == expected

    def test_a_moved_message_lies_where_it_is_said_to(self, server: ActingServer) -> None:
        target = server.add_folder("Customers")
        first, second, other = (server.deliver(letter(number)) for number in (1, 2, 3))
        server.set_flags(second, [SEEN])
        with server.session() as provider:
            cursor = read_on(provider, "INBOX")[1]
        with server.actor() as actor:
            placed = actor.move("INBOX", [first, second], target)
        assert placed.folder == target
        there = listed(server, target)
        assert {number: item.remote_id for number, item in there.items()} == {
            1: place_of(placed, first),
            2: place_of(placed, second),
        }
        assert there[2].flags == {SEEN}
        with server.session() as provider:
            pages, _ = read_on(provider, "INBOX", cursor)
            assert gone_of(pages, [first, second, other]) == {first, second}
        assert list(listed(server)) == [3]

    def test_a_moved_message_can_be_moved_back(self, server: ActingServer) -> None:
        target = server.add_folder("Customers")
        message = server.deliver(letter(1))
        with server.actor() as actor:
            placed = actor.move("INBOX", [message], target)
            back = actor.move(target, [place_of(placed, message)], "INBOX")
        assert listed(server)[1].remote_id == place_of(back, place_of(placed, message))
        assert listed(server, target) == {}

    def test_moving_to_where_it_lies_changes_nothing(self, server: ActingServer) -> None:
        message = server.deliver(letter(1))
        with server.actor() as actor:
            assert actor.move("INBOX", [message], "INBOX").folder == "INBOX"
        assert [item.remote_id for item in listed(server).values()] == [message]

    def test_many_are_changed_and_moved_in_a_few_questions(self, server: ActingServer) -> None:
        target = server.add_folder("Customers")
        ids = [server.deliver(letter(number)) for number in range(1, 46)]
        with server.actor() as actor:
            before = actor.traffic.requests
            actor.set_flags("INBOX", ids, add=[SEEN])
            actor.move("INBOX", ids[:44], target)
            assert actor.traffic.requests - before <= 12
        assert {item.flags for item in listed(server, target).values()} == {frozenset({SEEN})}
        assert len(listed(server, target)) == 44
        assert list(listed(server)) == [45]

    def test_an_archived_message_leaves_the_inbox_and_is_kept(self, server: ActingServer) -> None:
        message, other = server.deliver(letter(1)), server.deliver(letter(2))
        with server.actor() as actor:
            placed = actor.archive("INBOX", [message])
        assert [item.remote_id for item in listed(server).values()] == [other]
        # Where a provider has a folder of all that there is, the other one is in it too.
        assert listed(server, placed.folder)[1].remote_id == place_of(placed, message)
        with server.session() as provider:
            assert placed.folder in [folder.remote_id for folder in provider.folders()]

    def test_a_deleted_message_lies_in_the_trash(self, server: ActingServer) -> None:
        message, other = server.deliver(letter(1)), server.deliver(letter(2))
        with server.actor() as actor:
            placed = actor.delete("INBOX", [message])
        assert placed.folder == folder_of(server, "trash")
        assert [item.remote_id for item in listed(server).values()] == [other]
        assert listed(server, placed.folder)[1].remote_id == place_of(placed, message)

    def test_deleted_in_the_trash_it_is_gone_for_good_and_nothing_else_is(self, server: ActingServer) -> None:
        message, other, marked = (server.deliver(letter(number)) for number in (1, 2, 3))
        with server.actor() as actor:
            placed = actor.delete("INBOX", [message, other, marked])
        if not self.removes:
            with server.actor() as actor, pytest.raises(NotPermitted):
                actor.delete(placed.folder, [place_of(placed, message)])
            assert sorted(listed(server, placed.folder)) == [1, 2, 3]
            return
        with server.actor() as actor:
            assert actor.delete(placed.folder, [place_of(placed, message)]) == Placed()
        assert sorted(listed(server, placed.folder)) == [2, 3]

    def test_what_has_gone_meanwhile_is_passed_over(self, server: ActingServer) -> None:
        target = server.add_folder("Customers")
        gone, there = server.deliver(letter(1)), server.deliver(letter(2))
        server.delete(gone)
        with server.actor() as actor:
            actor.set_flags("INBOX", [gone, there, "nonsense"], add=[SEEN])
            placed = actor.move("INBOX", ["nonsense", gone, there, there], target)
            actor.move("INBOX", [gone], target)
            actor.archive("INBOX", [gone])
            actor.delete("INBOX", [gone, "nonsense"])
        assert gone not in placed.remote_ids
        assert [(number, item.flags) for number, item in listed(server, target).items()] == [(2, {SEEN})]

    def test_an_id_of_before_a_reset_harms_no_other_message(self, server: ActingServer) -> None:
        folder = server.add_folder("Customers")
        old = [server.deliver(letter(number), folder) for number in (1, 2, 3)]
        with server.session() as provider:
            stable = provider.stable_ids
        server.reset(folder)
        with server.actor() as actor:
            actor.set_flags(folder, old[:1], add=[FLAGGED])
            actor.delete(folder, old[1:2])
        after = listed(server, folder)
        assert sorted(after) == ([1, 3] if stable else [1, 2, 3])
        assert after[1].flags == ({FLAGGED} if stable else frozenset())

    def test_nothing_asked_for_is_nothing_done(self, server: ActingServer) -> None:
        target = server.add_folder("Customers")
        server.deliver(letter(1))
        with server.actor() as actor:
            actor.set_flags("INBOX", [], add=[SEEN])
            assert not actor.move("INBOX", [], target).remote_ids
            assert not actor.archive("INBOX", []).remote_ids
            assert not actor.delete("INBOX", []).remote_ids
        assert listed(server)[1].flags == frozenset()

    def test_a_vanished_folder_is_said_to_be_gone(self, server: ActingServer) -> None:
        folder = server.add_folder("Customers")
        message, other = server.deliver(letter(1)), server.deliver(letter(2), folder)
        server.remove_folder(folder)
        with server.actor() as actor:
            with pytest.raises(FolderGone):
                actor.move("INBOX", [message], folder)
            with pytest.raises(FolderGone):
                actor.move(folder, [other], "INBOX")
        assert listed(server)[1].remote_id == message

    def test_who_may_only_read_changes_nothing(self, server: ActingServer) -> None:
        target = server.add_folder("Customers")
        message = server.deliver(letter(1))
        server.forbid()
        with server.actor() as actor:
            for act in (
                lambda: actor.set_flags("INBOX", [message], add=[SEEN]),
                lambda: actor.move("INBOX", [message], target),
                lambda: actor.archive("INBOX", [message]),
                lambda: actor.delete("INBOX", [message]),
                lambda: actor.save_draft(letter(2)),
            ):
                with pytest.raises((ConsentMissing, NotPermitted)):
                    act()
        assert [(item.remote_id, item.flags) for item in listed(server).values()] == [(message, frozenset())]
        with server.session() as provider:
            assert inventory_of(provider, target) == []
