# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Acting in a mailbox at Graph, on the stand-in."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import pytest

from mailsync.acting import ANSWERED, FLAGGED, SEEN, Actor, Placed
from mailsync.errors import ConsentMissing, MessageTooLarge, RateLimited
from mailsync.providers.graph import GraphActor, connect_to_act
from sandbox.microsoft import Microsoft, running

from .acting_contract import ActingContract
from .acting_drafts import written
from .far_end import letter, listed
from .graph_server import GraphServer

CHANGE = ["Mail.ReadWrite", "Mail.Send", "offline_access"]
READ = ["Mail.Read", "offline_access"]
OTHERS = "bert@example.org"
_accounts = itertools.count(1)


class ContractActor(Actor):
    """A session in which the inbox has the id that the contract's tests give it."""

    def __init__(self, server: ActingGraphServer, actor: GraphActor) -> None:
        self._server = server
        self._actor = actor
        self.traffic = actor.traffic

    def set_flags(
        self, folder: str, remote_ids: Sequence[str], add: Collection[str] = (), remove: Collection[str] = ()
    ) -> None:
        self._actor.set_flags(self._server.folder(folder), remote_ids, add, remove)

    def move(self, folder: str, remote_ids: Sequence[str], target: str) -> Placed:
        return self._told(self._actor.move(self._server.folder(folder), remote_ids, self._server.folder(target)))

    def archive(self, folder: str, remote_ids: Sequence[str]) -> Placed:
        return self._told(self._actor.archive(self._server.folder(folder), remote_ids))

    def delete(self, folder: str, remote_ids: Sequence[str]) -> Placed:
        return self._told(self._actor.delete(self._server.folder(folder), remote_ids))

    def save_draft(self, message: bytes, replacing: str = "", thread_id: str = "") -> str:
        return self._actor.save_draft(message, replacing, thread_id)

    def discard_draft(self, remote_id: str) -> None:
        self._actor.discard_draft(remote_id)

    def send(self, message: bytes, thread_id: str = "") -> str:
        return self._actor.send(message, thread_id)

    def keep_sent(self, message: bytes) -> str:
        return self._actor.keep_sent(message)

    def snippets(self, folder: str, remote_ids: Sequence[str]) -> Mapping[str, str]:
        return self._actor.snippets(self._server.folder(folder), remote_ids)

    def close(self) -> None:
        self._actor.close()

    def _told(self, placed: Placed) -> Placed:
        return replace(placed, folder="INBOX") if placed.folder == self._server.folder("INBOX") else placed


class ActingGraphServer(GraphServer):
    """An account whose owner acts in it, and one whom the contract writes to."""

    def actor(self) -> ContractActor:
        return ContractActor(self, connect_to_act(self.settings()))

    def forbid(self) -> None:
        self.source.scopes = READ
        self.tokens = None

    def sent(self) -> list[bytes]:
        others = self.microsoft.account(OTHERS)
        return [others.raw(message) for message in others.ids("inbox")]


@pytest.fixture(scope="module")
def microsoft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Microsoft]:
    with running(tmp_path_factory.mktemp("microsoft")) as microsoft:
        microsoft.add_account(OTHERS)
        yield microsoft


@pytest.fixture
def server(microsoft: Microsoft) -> Iterator[ActingGraphServer]:
    address = f"actor{next(_accounts)}@example.com"
    for message in microsoft.account(OTHERS).ids():
        microsoft.account(OTHERS).delete(message)
    server = ActingGraphServer(microsoft, microsoft.add_account(address), address)
    server.source.scopes = CHANGE
    microsoft.requests.clear()
    yield server
    microsoft.faults.clear()


class TestGraphActing(ActingContract):
    @pytest.fixture
    def server(self, server: ActingGraphServer) -> ActingGraphServer:
        return server


def test_a_draft_that_is_replaced_does_not_lie_in_the_trash(server: ActingGraphServer) -> None:
    with server.actor() as actor:
        actor.save_draft(written(1), actor.save_draft(written(1)))
    assert len(server.account.ids()) == 1
    assert server.account.ids("deleteditems") == []


def test_what_graph_does_not_take_as_mime_is_not_even_sent_there(server: ActingGraphServer) -> None:
    with server.actor() as actor:
        draft = actor.save_draft(written(1))
        for act in (
            lambda: actor.save_draft(written(1) + b"x" * 3 * 2**20, draft),
            lambda: actor.send(b"x" * 4 * 2**20),
        ):
            with pytest.raises(MessageTooLarge):
                act()
    assert server.account.ids("drafts") == [draft]


def test_a_shared_mailbox_is_changed_by_who_may_open_it(server: ActingGraphServer) -> None:
    shared = server.microsoft.add_account(f"shared{next(_accounts)}@example.com", shared=True)
    shared.readers.add(server.address)
    message = shared.deliver(letter(1))
    server.source.scopes = ["Mail.Read.Shared", "offline_access"]
    with connect_to_act(server.settings(mailbox=shared.address)) as actor, pytest.raises(ConsentMissing):
        actor.archive(shared.folder("inbox"), [message])
    server.source.scopes = ["Mail.ReadWrite.Shared", "offline_access"]
    server.tokens = None
    with connect_to_act(server.settings(mailbox=shared.address)) as actor:
        assert actor.archive(shared.folder("inbox"), [message]).folder == shared.folder("archive")
    assert shared.ids("archive") == [message]


def test_parts_that_the_service_was_too_busy_for_are_done_in_the_end(server: ActingGraphServer) -> None:
    ids = [server.deliver(letter(number)) for number in range(1, 30)]
    server.microsoft.faults.add("messages.move", times=3, status=429, headers={"Retry-After": "1"})
    with server.actor() as actor:
        actor._actor._client.sleep = lambda _seconds: None
        actor.archive("INBOX", ids)
    assert listed(server) == {}


def test_a_service_that_stays_busy_says_so(server: ActingGraphServer) -> None:
    message = server.deliver(letter(1))
    server.microsoft.faults.add("messages.update", times=50, status=429)
    with server.actor() as actor, pytest.raises(RateLimited):
        actor._actor._client.sleep = lambda _seconds: None
        actor.set_flags("INBOX", [message], add=[FLAGGED])


def test_an_answered_letter_is_seen_to_be_by_the_next_scan(server: ActingGraphServer) -> None:
    message = server.deliver(letter(1))
    with server.actor() as actor:
        actor.set_flags("INBOX", [message], add=[ANSWERED, SEEN])
    assert listed(server)[1].flags == {ANSWERED, SEEN}
