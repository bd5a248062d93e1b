# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The Graph provider over the stand-in for Microsoft: the contract, and what sets Exchange apart."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import pytest

from mailsync.errors import (
    ConnectionLost,
    ConsentMissing,
    FolderGone,
    MailboxDisabled,
    MailSyncError,
    MessageGone,
    RateLimited,
    ServerUnavailable,
    TokenRevoked,
)
from mailsync.identity import fingerprint, header_key
from mailsync.mime import read_letter
from mailsync.providers.graph import looking
from sandbox.microsoft import Microsoft, running

from .contract import ProviderContract
from .far_end import gone_of, inventory_of, letter, numbers, read_on
from .graph_server import FIRST_DAY, GraphServer
from .inventories import parts_while_it_changes

_accounts = itertools.count(1)


@pytest.fixture(scope="module")
def microsoft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Microsoft]:
    with running(tmp_path_factory.mktemp("microsoft")) as microsoft:
        yield microsoft


@pytest.fixture
def server(microsoft: Microsoft) -> Iterator[GraphServer]:
    """An account of its own at a stand-in that fails in no way and has not been asked anything."""
    address = f"user{next(_accounts)}@example.com"
    server = GraphServer(microsoft, microsoft.add_account(address), address)
    microsoft.requests.clear()
    yield server
    microsoft.faults.clear()


def identity_of(content: bytes | None) -> tuple[str, str]:
    """What makes a message the same letter, however Exchange rebuilds it."""
    assert content is not None
    read = read_letter(content)
    return header_key(read.head), fingerprint(read)


def test_an_inventory_of_many_parts_names_all_that_stays(server: GraphServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "_PART", 3)
    stayed, told = parts_while_it_changes(server)
    assert stayed <= told


def test_more_messages_of_one_second_than_fit_into_a_part(server: GraphServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "_PART", 2)
    moments = [10.0, 20.0, 20.1, 20.2, 20.3, 20.4, 30.0]
    ids = {server.account.deliver(letter(n), "inbox", received=FIRST_DAY + t) for n, t in enumerate(moments)}
    with server.session() as provider:
        assert set(inventory_of(provider, "INBOX")) == ids


class TestContract(ProviderContract):
    @pytest.fixture
    def server(self, server: GraphServer) -> GraphServer:
        return server

    def test_a_folder_of_any_name_is_listed_and_read(self, server: GraphServer) -> None:
        """As in the contract, but that Exchange keeps no bytes: a message is rebuilt each time it is asked for."""
        folder = server.add_folder('Täst & "東京" \\ 1')
        server.deliver(letter(1), folder)
        with server.session() as provider:
            assert folder in {f.remote_id for f in provider.folders()}
            page = provider.changes(folder, "")
            [fetched] = provider.fetch(folder, [page.listings[0].remote_id])
        assert identity_of(fetched.content) == identity_of(letter(1))

    def test_fetched_bytes_are_the_delivered_ones(self, server: GraphServer) -> None:
        """As above: the letters are the delivered ones."""
        contents = [
            letter(1),
            letter(2, body="8-bit äöü, a line ) and a {12}\r\n* 3 FETCH (FLAGS (\\Seen))\r\n"),
            letter(3, body="x" * 70_000),
            letter(4, body="Jūsų užsakymas 東京\r\n.\r\n"),
        ]
        ids = [server.deliver(content) for content in contents]
        with server.session() as provider:
            answers = list(provider.fetch("INBOX", ids))
        assert {f.remote_id: identity_of(f.content) for f in answers} == dict(
            zip(ids, map(identity_of, contents), strict=True)
        )

    def test_mail_that_arrives_during_the_first_listing_comes_before_the_rest(self, server: GraphServer) -> None:
        """A round of a delta query goes on as it was begun; what comes meanwhile is told at its end."""
        for number in range(1, 11):
            server.deliver(letter(number))
        with server.session() as provider:
            page = provider.changes("INBOX", "", limit=4)
            assert numbers(page) == [10, 9, 8, 7]
            server.deliver(letter(11))
            pages, cursor = read_on(provider, "INBOX", page.cursor, limit=4)
            found = [n for p in pages for n in numbers(p)]
            if provider.changed({"INBOX": cursor}):
                pages, cursor = read_on(provider, "INBOX", cursor, limit=4)
                found += [n for p in pages for n in numbers(p)]
            assert [n for n in found if n != 11] == [6, 5, 4, 3, 2, 1]
            assert found.count(11) == 1
            assert provider.changed({"INBOX": cursor}) == []

    def test_a_vanished_folder_is_named_and_said_to_be_gone(self, server: GraphServer) -> None:
        """As in the contract, but that ids are not bound to a folder: a message is gone, or is to be had."""
        folder = server.add_folder("Customers")
        message, other = server.deliver(letter(1), folder), server.deliver(letter(2))
        cursors = {name: self.listed(server, name) for name in (folder, "INBOX")}
        server.remove_folder(folder)
        with server.session() as provider:
            assert provider.changed(cursors) == [folder]
            with pytest.raises(FolderGone):
                provider.changes(folder, cursors[folder])
            with pytest.raises(FolderGone):
                provider.changes(folder, "")
            answers = {f.remote_id: f.error for f in provider.fetch(folder, [message, other])}
            assert isinstance(answers[message], MessageGone)
            assert answers[other] is None
            assert len(provider.changes("INBOX", "").listings) == 1

    def test_deletions_during_the_first_listing_lose_nothing_else(self, server: GraphServer) -> None:
        """As in the contract, but that a deletion may be told in the round after the one it happened in."""
        ids = {number: server.deliver(letter(number)) for number in range(1, 13)}
        with server.session() as provider:
            first = provider.changes("INBOX", "", limit=4)
            for number in (12, 7, 3, 1):
                server.delete(ids[number])
            pages, cursor = read_on(provider, "INBOX", first.cursor, limit=4)
            later, cursor = read_on(provider, "INBOX", cursor, limit=4)
            pages = [first, *pages, *later]
            listed = {item.remote_id for page in pages for item in page.listings}
            assert listed - gone_of(pages, listed) == {ids[n] for n in (2, 4, 5, 6, 8, 9, 10, 11)}
            assert provider.changed({"INBOX": cursor}) == []

    def test_reading_leaves_the_flags_as_they_are(self, server: GraphServer) -> None:
        """As in the contract, with the flags that can be set from outside."""
        ids = [server.deliver(letter(1)), server.deliver(letter(2), flags=["\\Seen", "\\Flagged"])]
        with server.session() as provider:
            before = {item.remote_id: item.flags for item in provider.changes("INBOX", "").listings}
            assert all(f.error is None for f in provider.fetch("INBOX", ids))
        with server.session() as provider:
            after = {item.remote_id: item.flags for item in provider.changes("INBOX", "").listings}
        assert after == before == {ids[0]: frozenset(), ids[1]: frozenset({"\\Seen", "\\Flagged"})}


@pytest.mark.parametrize("is_source_first", [True, False])
def test_a_move_is_told_by_both_folders_under_one_id(server: GraphServer, is_source_first: bool) -> None:
    other = server.add_folder("Customers")
    message = server.deliver(letter(1))
    with server.session() as provider:
        cursors = {folder: read_on(provider, folder)[1] for folder in ("INBOX", other)}
        assert server.move(message, other) == message
        order = ["INBOX", other] if is_source_first else [other, "INBOX"]
        pages = {folder: read_on(provider, folder, cursors[folder])[0] for folder in order}
        assert gone_of(pages["INBOX"], [message]) == {message}
        assert [item.remote_id for page in pages[other] for item in page.listings] == [message]
        # Fetched by either folder: the id is the mailbox's.
        for folder in order:
            assert [f.error for f in provider.fetch(folder, [message])] == [None]


def test_well_known_folders_have_their_roles_whatever_they_are_called(server: GraphServer) -> None:
    sent = server.account.folder("sentitems")
    server.account.rename_folder(sent, "Trash")
    server.add_folder("Sent Items")
    with server.session() as provider:
        folders = provider.folders()
    roles = {f.role: f for f in folders if f.role}
    assert set(roles) == {"inbox", "sent", "drafts", "trash", "junk", "archive"}
    assert roles["sent"].path == ("Trash",)
    assert folders[0].role == "inbox"


def test_an_expired_bookmark_lists_only_its_own_folder_anew(server: GraphServer) -> None:
    other = server.add_folder("Customers")
    for number in range(1, 4):
        server.deliver(letter(number))
        server.deliver(letter(number + 10), other)
    with server.session() as provider:
        cursors = {folder: read_on(provider, folder)[1] for folder in ("INBOX", other)}
        for code, with_location in (("SyncStateNotFound", False), ("resyncRequired", True)):
            server.account.expire_delta(other, code=code, with_location=with_location)
            assert provider.changed(cursors) == [other]
            pages, cursors[other] = read_on(provider, other, cursors[other], limit=2)
            assert [page.reset for page in pages] == [True, False]
            assert sorted(n for page in pages for n in numbers(page)) == [11, 12, 13]


def test_a_bookmark_within_a_listing_expires_as_well(server: GraphServer) -> None:
    for number in range(1, 6):
        server.deliver(letter(number))
    with server.session() as provider:
        first = provider.changes("INBOX", "", limit=2)
        server.reset("INBOX")
        pages, _ = read_on(provider, "INBOX", first.cursor, limit=2)
    assert [page.reset for page in pages] == [True, False, False]
    assert [n for page in pages for n in numbers(page)] == [5, 4, 3, 2, 1]


def test_a_first_import_takes_few_requests(server: GraphServer) -> None:
    ids = [server.deliver(letter(number)) for number in range(200)]
    with server.session() as provider:
        pages, cursor = read_on(provider, "INBOX")
        assert [f.error for f in provider.fetch("INBOX", ids)] == [None] * 200
        assert provider.traffic.requests <= 0.15 * len(ids)
        spent = provider.traffic.requests
        assert provider.changed({"INBOX": cursor}) == []
        assert provider.traffic.requests == spent + 1


def test_a_revoked_grant_is_told_and_others_go_on(server: GraphServer) -> None:
    server.deliver(letter(1))
    with server.session() as provider:
        cursor = read_on(provider, "INBOX")[1]
        server.source.is_revoked = True
        server.microsoft.revoke(server.address)
        with pytest.raises(TokenRevoked):
            provider.changed({"INBOX": cursor})
        with pytest.raises(TokenRevoked):
            provider.changes("INBOX", cursor)
        with pytest.raises(TokenRevoked):
            list(provider.fetch("INBOX", ["AAkA="]))


def test_scopes_that_are_missing_are_told(server: GraphServer) -> None:
    got = server.microsoft.grant(server.address, ["Mail.ReadBasic", "offline_access"])
    with server.connect() as provider:
        provider._client._tokens = type(server.tokens)(got["access_token"], 4e9)  # type: ignore[misc]
        # One message may be forbidden; so many are the grant's.
        with pytest.raises(ConsentMissing):
            list(provider.fetch("", [server.deliver(letter(number)) for number in range(3)]))
        with pytest.raises(ConsentMissing):
            provider.send(letter(1))


def test_a_mailbox_that_is_none_is_told(server: GraphServer) -> None:
    server.account.has_mailbox = False
    with server.session() as provider, pytest.raises(MailboxDisabled):
        provider.folders()


def test_what_is_sent_lies_among_the_sent(server: GraphServer) -> None:
    with server.connect() as provider:
        provider.send(letter(5, body="Grüße"))
    [sent] = server.account.ids("sentitems")
    assert read_letter(server.account.raw(sent)).text.startswith("Grüße 5")


def test_never_more_than_four_at_once(server: GraphServer) -> None:
    """A storm of refusals does not bring more at once either."""
    ids = [server.deliver(letter(number)) for number in range(60)]
    with server.session() as provider:
        read_on(provider, "INBOX")
        assert all(f.content for f in provider.fetch("INBOX", ids))
    assert server.microsoft.requests.most_in_flight(server.address) <= 4


def test_items_that_come_twice_and_again_are_listed_once(server: GraphServer) -> None:
    faults = server.microsoft.faults
    ids = [server.deliver(letter(number)) for number in range(1, 6)]
    with server.session() as provider:
        faults.add("messages.delta", kind="duplicate")
        page = provider.changes("INBOX", "")
        assert [item.remote_id for item in page.listings] == ids[::-1]
        server.deliver(letter(6))
        server.delete(ids[0])
        server.set_flags(ids[1], ["\\Seen"])
        first = provider.changes("INBOX", page.cursor)
        # A worker died before it could keep the cursor: the same again is told the same.
        assert provider.changes("INBOX", page.cursor) == first
        assert (numbers(first), first.flags, first.gone) == ([6], {ids[1]: {"\\Seen"}}, {ids[0]})


def test_a_token_that_ends_on_the_way_is_renewed(server: GraphServer) -> None:
    ids = [server.deliver(letter(number)) for number in range(30)]
    with server.session() as provider:
        cursor = read_on(provider, "INBOX")[1]
        # Our clock does not see it coming.
        for step in range(3):
            server.microsoft.clock.advance(2 * 3600)
            if step == 0:
                assert provider.changed({"INBOX": cursor}) == []
            elif step == 1:
                assert provider.changes("INBOX", cursor).listings == ()
            else:
                assert all(f.content for f in provider.fetch("INBOX", ids))
    assert server.source.renewals == 4


def test_claims_that_a_renewed_token_lacks_end_the_session(server: GraphServer) -> None:
    """Continuous access evaluation: only a new sign-in can bring them."""
    server.deliver(letter(1))
    with server.session() as provider:
        cursor = read_on(provider, "INBOX")[1]
        server.microsoft.challenge(server.address, "eyJhY2Nlc3NfdG9rZW4iOnt9fQ==")
        with pytest.raises(TokenRevoked):
            provider.changed({"INBOX": cursor})
        server.microsoft.challenge(server.address)
        assert provider.changed({"INBOX": cursor}) == []


def test_a_quota_that_others_use_up_is_waited_for(server: GraphServer) -> None:
    ids = [server.deliver(letter(number)) for number in range(30)]
    with server.session() as provider:
        read_on(provider, "INBOX")
        server.microsoft.limits.requests = 15
        came = []
        try:
            with pytest.raises(RateLimited) as caught:
                came.extend(provider.fetch("INBOX", ids))
        finally:
            server.microsoft.limits.requests = 10_000
    assert caught.value.retry_after is not None
    assert 500 < caught.value.retry_after <= 601
    assert 0 < len(came) < 15
    assert all(f.content for f in came)


def test_a_shared_mailbox_is_read_by_who_may_open_it(server: GraphServer) -> None:
    address = f"office.{server.address}"
    office = server.microsoft.add_account(address, shared=True)
    office.deliver(letter(1))
    with server.connect(mailbox=address) as provider, pytest.raises(ConsentMissing):
        provider.folders()
    server.microsoft.share(address, server.address)
    server.tokens = None
    with server.connect(mailbox=address) as provider:
        inbox = provider.folders()[0]
        [listing] = provider.changes(inbox.remote_id, "").listings
        [fetched] = provider.fetch(inbox.remote_id, [listing.remote_id])
    assert identity_of(fetched.content) == identity_of(letter(1))


@pytest.mark.parametrize("seed", range(6))
def test_through_a_storm_everything_comes_once(server: GraphServer, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """A third of all answers is a refusal, a cut or a reset; whoever keeps to the cursors has everything in the end."""
    ids = {server.deliver(letter(number)) for number in range(40)}
    dice = random.Random(seed)
    faults = server.microsoft.faults
    faults.add(times=None, status=503, share=0.2, seed=seed)
    faults.add(times=None, kind="cut", share=0.05, seed=seed + 1)
    faults.add(times=None, kind="reset", share=0.05, seed=seed + 2)
    faults.add(times=None, kind="part", status=429, share=0.1, headers={"Retry-After": "1"}, seed=seed + 3)
    cursor, more, came = "", True, {}
    waiting: list[str] = []
    for _ in range(500):
        try:
            with server.session() as provider:
                monkeypatch.setattr(provider._provider._client, "sleep", lambda seconds: None)
                if more:
                    page = provider.changes("INBOX", cursor, limit=dice.randint(3, 20))
                    cursor, more = page.cursor, page.more
                    waiting += [item.remote_id for item in page.listings]
                for fetched in provider.fetch("INBOX", waiting[:25]):
                    if fetched.content is not None:
                        assert fetched.remote_id not in came
                        came[fetched.remote_id] = identity_of(fetched.content)
        except (ServerUnavailable, ConnectionLost):
            pass
        except MailSyncError as error:
            raise AssertionError(error.code) from error
        waiting = [remote_id for remote_id in waiting if remote_id not in came]
        if not more and not waiting:
            break
    assert set(came) == ids
    assert set(came.values()) == {identity_of(server.account.raw(remote_id)) for remote_id in ids}
