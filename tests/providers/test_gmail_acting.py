# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Acting in a Gmail mailbox, on the stand-in."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from mailsync.acting import SEEN
from mailsync.errors import ConsentMissing, MessageTooLarge, NotPermitted, RateLimited
from mailsync.providers.gmail import GmailActor, GmailSettings, connect_to_act
from sandbox.google import Google

from .acting_contract import ActingContract
from .acting_drafts import written
from .far_end import letter, listed
from .gmail_server import GmailServer

CHANGE = ("https://www.googleapis.com/auth/gmail.modify",)
READ = ("https://www.googleapis.com/auth/gmail.readonly",)
_names = itertools.count()


class ActingGmailServer(GmailServer):
    """An account whose owner acts in it, and those whom the contract writes to."""

    def actor(self) -> GmailActor:
        return connect_to_act(
            GmailSettings(
                address=self.source._address,
                source=self.source,
                tokens=self.kept[-1] if self.kept else None,
                keep_tokens=self.kept.append,
                endpoints=self.endpoints,
                timeout=10.0,
            ),
            clock=self.google.clock.now,
        )

    def forbid(self) -> None:
        self.source.scopes = list(READ)
        self.kept.clear()

    def sent(self) -> list[bytes]:
        [others] = [account for account in self.google._world.accounts() if account.address == "bert@example.org"]
        return [others.raw(message) for message in others.ids("INBOX")]


@pytest.fixture
def server(google: Google) -> Iterator[ActingGmailServer]:
    address = f"actor{next(_names)}@example.com"
    if not [account for account in google._world.accounts() if account.address == "bert@example.org"]:
        google.add_account("bert@example.org")
    bert = google.account("bert@example.org")
    for message in bert.ids():
        bert.delete(message)
    server = ActingGmailServer(google, google.add_account(address), address)
    server.source.scopes = list(CHANGE)
    google.requests.clear()
    google.limits.on()
    google.limits.per_user = 6_000
    yield server
    google.faults.clear()


class TestGmailActing(ActingContract):
    # It takes a permission for which nobody is asked.
    removes = False
    keeps_answered = False

    @pytest.fixture
    def server(self, server: ActingGmailServer) -> ActingGmailServer:
        return server


def test_an_archived_letter_keeps_its_other_labels(server: ActingGmailServer) -> None:
    label = server.add_folder("Customers")
    message = server.deliver(letter(1))
    server.account.set_labels(message, add=[label])
    with server.actor() as actor:
        actor.archive("INBOX", [message])
    assert server.account.labels(message) == {label, "UNREAD"}


def test_what_was_sent_is_put_under_a_label_and_stays_sent(server: ActingGmailServer) -> None:
    label = server.add_folder("Customers")
    message = server.deliver(letter(1), "SENT", flags=[SEEN])
    with server.actor() as actor:
        actor.move("SENT", [message], label)
        assert server.account.labels(message) == {"SENT", label}
        with pytest.raises(NotPermitted):
            actor.move("INBOX", [message], "SENT")


@pytest.mark.parametrize("place", ["SPAM", "TRASH"])
def test_what_was_put_away_comes_back(server: ActingGmailServer, place: str) -> None:
    message = server.deliver(letter(1))
    with server.actor() as actor:
        actor.move("INBOX", [message], place)
        assert server.account.labels(message) == {place, "UNREAD"}
        actor.move(place, [message], "INBOX")
    assert server.account.labels(message) == {"INBOX", "UNREAD"}


def test_moving_out_of_all_mail_takes_it_out_of_the_inbox(server: ActingGmailServer) -> None:
    label = server.add_folder("Customers")
    message = server.deliver(letter(1))
    with server.actor() as actor:
        actor.move("ALL_MAIL", [message], label)
        assert server.account.labels(message) == {label, "UNREAD"}
        actor.move(label, [message], "ALL_MAIL")
    assert server.account.labels(message) == {"UNREAD"}


def test_a_draft_lies_in_its_conversation_and_outlives_it(server: ActingGmailServer) -> None:
    first = server.deliver(letter(1))
    thread_id = server.account.thread_id(first)
    answer = b"In-Reply-To: <1@example.com>\r\nReferences: <1@example.com>\r\n" + written(2)
    with server.actor() as actor:
        draft = actor.save_draft(answer, thread_id=thread_id)
        assert server.account.thread_id(draft) == thread_id
        assert server.account.thread_id(actor.save_draft(answer, draft, thread_id)) == thread_id
    with server.actor() as actor:
        actor.save_draft(written(3), thread_id="0123456789abcdef")
    assert sorted(listed(server, "DRAFT")) == [2, 3]


def test_a_draft_of_several_megabytes_is_kept_byte_for_byte(server: ActingGmailServer) -> None:
    message = written(1, body="Grüße\r\n" * 600_000)
    with server.actor() as actor:
        draft = actor.save_draft(message)
        assert server.account.raw(draft) == message
        with pytest.raises(MessageTooLarge):
            actor.save_draft(message * 7, draft)
    assert server.account.raw(draft) == message


def test_each_change_is_paid_for(server: ActingGmailServer) -> None:
    ids = [server.deliver(letter(number)) for number in (1, 2, 3)]
    server.google.requests.clear()
    with server.actor() as actor:
        actor.set_flags("INBOX", ids[:1], add=[SEEN])
        assert actor.traffic.units == server.units() == 5
        actor.set_flags("INBOX", ids, add=[SEEN])
        actor.save_draft(written(4), actor.save_draft(written(4)))
        actor.snippets("INBOX", ids)
        # A draft that is made costs less than one that is written anew: that much we count for both.
        assert server.units() <= actor.traffic.units <= server.units() + 10


def test_the_quota_ends_an_action_and_says_when_there_is_more(server: ActingGmailServer) -> None:
    ids = [server.deliver(letter(number)) for number in (1, 2)]
    server.google.limits.per_user = 40
    with server.actor() as actor, pytest.raises(RateLimited):
        actor.archive("INBOX", ids)
    assert sorted(listed_again(server)) == [1, 2]


def listed_again(server: ActingGmailServer) -> list[int]:
    server.google.limits.per_user = 6_000
    return list(listed(server))


def test_who_may_send_only_is_told_that_the_permission_is_missing(server: ActingGmailServer) -> None:
    message = server.deliver(letter(1))
    server.source.scopes = ["https://www.googleapis.com/auth/gmail.send"]
    with server.actor() as actor:
        assert actor.send(written(1))
        with pytest.raises(ConsentMissing):
            actor.archive("INBOX", [message])
