# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What reading costs: quota units, round trips and memory."""

from __future__ import annotations

import json
import multiprocessing
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from mailsync.errors import MailSyncError, Paced, RateLimited
from mailsync.plan import batches
from mailsync.provider import Page, Provider
from sandbox.google import errors

from .far_end import letter
from .gmail_server import GmailServer, Scan

MEGABYTE = 1024 * 1024


def archived(provider: Provider, page: Page, folder: str = "INBOX") -> int:
    """Fetch all that a page lists, as the archiver does; the number of messages."""
    sizes = {listing.remote_id: listing.size for listing in page.listings}
    count = 0
    for portion in batches(sizes, 16 * MEGABYTE, 200):
        for fetched in provider.fetch(folder, portion):
            assert fetched.error is None
            count += 1
            del fetched
    return count


@pytest.fixture
def no_time_passes(gmail: GmailServer) -> Iterator[None]:
    """On a slow computer a minute's worth of units may take longer than the minute."""
    with gmail.google.clock.stopped():
        yield


class Import:
    """A first import, one session after another, each when the one before said that it has room."""

    def __init__(self, gmail: GmailServer, *folders: str) -> None:
        self.gmail = gmail
        self.scan = Scan(*folders or ("INBOX",))
        self.archived = 0
        self.waits: list[float] = []

    def session(self) -> bool:
        """One session; whether all is listed."""
        with self.gmail.session() as provider:
            try:
                for folder in self.scan.cursors:
                    more = True
                    while more:
                        page = self.scan.step(provider, folder)
                        self.archived += archived(provider, page, folder)
                        more = page.more
            except Paced as pause:
                assert pause.retry_after is not None
                self.waits.append(pause.retry_after)
                return False
            finally:
                self.gmail.pace = provider.traffic.pace
        return True

    def run(self) -> None:
        while not self.session():
            self.gmail.google.clock.advance(self.waits[-1])


@pytest.mark.usefixtures("no_time_passes")
def test_a_first_import_costs_little_more_than_a_look_at_each_message(gmail: GmailServer) -> None:
    count = 300
    for number in range(count):
        gmail.deliver(letter(number))
    first = Import(gmail)
    first.run()
    assert first.archived == count
    assert gmail.units() / count <= 21
    # About twenty messages in a round trip.
    assert gmail.google.requests.round_trips() < count / 8


@pytest.mark.slow
def test_the_allowed_rate_is_used_and_nothing_is_ever_refused(gmail: GmailServer) -> None:
    count = 1_700
    for number in range(count):
        gmail.deliver(letter(number))
    clock = gmail.google.clock
    first = Import(gmail)
    sessions: list[tuple[float, int]] = []
    while first.archived < count:
        sessions.append((clock.now(), gmail.units()))
        if not first.session():
            clock.advance(first.waits[-1])
    first.run()
    assert not [record for record in gmail.google.requests if record.status in (403, 429)]
    # The first minute's worth is there from the beginning, and the last session does not need all of its own.
    (started, before), (ended, after) = next(one for one in sessions if one[0] > sessions[0][0] + 60), sessions[-1]
    assert (after - before) / ((ended - started) / 60) >= 0.9 * 6_000


def test_a_scan_with_nothing_new_asks_one_question(gmail: GmailServer) -> None:
    folders = ["INBOX", *(gmail.add_folder(f"Folder {number}") for number in range(10))]
    for number, folder in enumerate(folders):
        gmail.deliver(letter(number), folder)
    first = Import(gmail, *folders)
    first.run()
    gmail.deliver(letter(100), "SPAM")
    gmail.google.requests.clear()
    with gmail.session() as provider:
        assert provider.changed(first.scan.cursors) == []
        assert provider.traffic.requests == 1
        assert provider.traffic.units == gmail.units() == 2


def test_a_new_message_in_one_of_many_folders_costs_a_few_units_more(gmail: GmailServer) -> None:
    folders = ["INBOX", *(gmail.add_folder(f"Folder {number}") for number in range(10))]
    first = Import(gmail, *folders)
    first.run()
    gmail.deliver(letter(1), folders[4])
    gmail.google.requests.clear()
    with gmail.session() as provider:
        [page] = first.scan.run(provider)
        assert archived(provider, page, folders[4]) == 1
        assert provider.traffic.units == gmail.units() <= 28


def test_old_cursors_of_quiet_folders_are_moved_on(gmail: GmailServer) -> None:
    """Gmail forgets its history, at worst after hours, and a cursor that never moved would be forgotten with it."""
    quiet = gmail.add_folder("Quiet")
    first = Import(gmail, "INBOX", quiet)
    first.run()
    gmail.deliver(letter(1))
    gmail.google.clock.advance(3 * 3600)
    with gmail.session() as provider:
        assert provider.changed(first.scan.cursors) == ["INBOX", quiet]
        gmail.google.requests.clear()
        before = first.scan.cursors[quiet]
        page = first.scan.step(provider, quiet)
        assert page.cursor != before
        assert (page.listings, page.flags, page.met, page.gone) == ((), {}, frozenset(), frozenset())
        assert gmail.units() <= 1
    with gmail.session() as provider:
        assert provider.changed({quiet: page.cursor}) == []


def test_new_mail_is_listed_while_an_import_has_used_up_its_share(gmail: GmailServer) -> None:
    for number in range(350):
        gmail.deliver(letter(number))
    first = Import(gmail)
    assert not first.session()
    assert first.archived < 350
    new = gmail.deliver(letter(1000))
    with gmail.session() as provider:
        page = first.scan.step(provider)
        assert [listing.remote_id for listing in page.listings] == [new]
        assert page.more
        assert archived(provider, page) == 1
        with pytest.raises(Paced):
            first.scan.step(provider)
    assert gmail.google.requests.count(status=403) == 0


@pytest.mark.usefixtures("no_time_passes")
def test_when_others_use_the_same_quota_a_refusal_closes_it_for_a_minute(gmail: GmailServer) -> None:
    for number in range(300):
        gmail.deliver(letter(number))
    gmail.google.limits.per_user = 3_000
    first = Import(gmail)
    with pytest.raises(RateLimited):
        first.session()
    assert 0 < first.archived < 300
    refused = gmail.google.requests.count(status=403)
    # Parts of one batch.
    assert 0 < refused <= 20
    with gmail.session() as provider, pytest.raises(Paced) as pause:
        first.scan.step(provider)
    assert pause.value.retry_after is not None
    gmail.google.clock.advance(pause.value.retry_after)
    gmail.google.limits.per_user = 6_000
    first.run()
    assert set(first.scan.listed.values()) == {1}
    assert gmail.google.requests.count(status=403) == refused


@pytest.mark.usefixtures("no_time_passes")
def test_a_clock_that_is_set_back_costs_a_minute(gmail: GmailServer) -> None:
    gmail.pace = json.dumps([[gmail.google.clock.now() + 86_400, 6_000]])
    with gmail.session() as provider, pytest.raises(Paced) as pause:
        provider.folders()
    gmail.pace = provider.traffic.pace
    assert pause.value.retry_after is not None
    # Moments are kept by tenths of a second.
    gmail.google.clock.advance(pause.value.retry_after + 0.1)
    with gmail.session() as provider:
        assert provider.folders()


def test_a_history_that_gmail_has_forgotten_brings_no_message_again(gmail: GmailServer) -> None:
    ids = [gmail.deliver(letter(number)) for number in range(120)]
    first = Import(gmail)
    first.run()
    gmail.account.expire_history()
    gmail.delete(ids[3])
    gmail.account.set_labels(ids[4], remove=["INBOX"])
    new = gmail.deliver(letter(1000))
    gmail.google.requests.clear()
    with gmail.session() as provider:
        first.scan.run(provider)
    assert first.scan.resets == 1
    assert first.scan.here == {*ids, new} - {ids[3], ids[4]}
    assert set(first.scan.listed.values()) == {1}
    assert gmail.google.requests.count("messages.get") == 1
    assert gmail.units() <= 50


def test_lists_of_ids_are_gone_over_again_once_they_took_more_than_one_look(
    gmail: GmailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a server makes of its tokens while the list shifts: what one look missed the next one finds."""
    monkeypatch.setattr("mailsync.providers.gmail.mailbox._IDS_AT_ONCE", 10)
    ids = [gmail.deliver(letter(number)) for number in range(35)]
    real = type(gmail.session()._mailbox).ids
    hidden = set(ids[12:15])

    def shifting(mailbox: object, folder: str, token: str) -> object:
        page = real(mailbox, folder, token)  # type: ignore[arg-type]
        kept = tuple(remote_id for remote_id in page.ids if remote_id not in hidden)
        if hidden & set(page.ids):
            hidden.clear()
        return type(page)(kept, page.following)

    monkeypatch.setattr("mailsync.providers.gmail.mailbox.Mailbox.ids", shifting)
    scan = Scan("INBOX")
    with gmail.session() as provider:
        scan.run(provider)
    assert scan.listed == dict.fromkeys(ids, 1)


def test_a_page_of_ids_that_gmail_has_forgotten_begins_the_list_anew(
    gmail: GmailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailsync.providers.gmail.mailbox._IDS_AT_ONCE", 10)
    ids = [gmail.deliver(letter(number)) for number in range(35)]
    scan = Scan("INBOX")
    for _ in range(2):
        with gmail.session() as provider:
            scan.step(provider, limit=12)
    gmail.account.mailbox.pages.expire()
    with gmail.session() as provider:
        scan.run(provider)
    assert scan.listed == dict.fromkeys(ids, 1)
    assert scan.resets == 0
    assert gmail.google.requests.count("messages.get") == 35


def test_tokens_that_never_hold_end_in_an_error(gmail: GmailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailsync.providers.gmail.mailbox._IDS_AT_ONCE", 2)
    for number in range(6):
        gmail.deliver(letter(number))
    gmail.google.limits.off()
    pages = gmail.account.mailbox.pages
    monkeypatch.setattr(type(pages), "place", lambda *_: _no())
    with gmail.session() as provider, pytest.raises(MailSyncError):
        Scan("INBOX").run(provider)
    assert len(gmail.google.requests) < 1_000


def _no() -> object:
    raise errors.invalid("Invalid pageToken")


def test_a_list_that_is_given_twice_is_read_once(gmail: GmailServer) -> None:
    ids = [gmail.deliver(letter(number)) for number in range(5)]
    gmail.google.faults.add("messages.list", None, kind="duplicate")
    gmail.google.faults.add("history.list", None, kind="duplicate")
    scan = Scan("INBOX")
    with gmail.session() as provider:
        scan.run(provider)
    ids += [gmail.deliver(letter(number)) for number in range(5, 8)]
    with gmail.session() as provider:
        scan.run(provider)
    assert scan.listed == dict.fromkeys(ids, 1)


# Memory


def large(megabytes: int) -> bytes:
    return letter(1, body="x" * 70 + "\r\n" + ("y" * 70 + "\r\n") * (megabytes * MEGABYTE // 72))


def peak_of(work: Callable[[], object]) -> int:
    """Bytes that Python held at most while it worked, in a process without the stand-in's own."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def measured() -> None:
        tracemalloc.start()
        work()
        sender.send(tracemalloc.get_traced_memory()[1])

    process = context.Process(target=measured)
    process.start()
    sender.close()
    try:
        return int(receiver.recv())
    finally:
        process.join()


def test_a_large_message_is_listed_by_its_header_and_fetched_alone(gmail: GmailServer) -> None:
    content = large(5)
    gmail.deliver(letter(2))
    big = gmail.deliver(content)
    gmail.deliver(letter(3))
    with gmail.session() as provider:
        page = provider.changes("INBOX", "")
        assert provider.traffic.bytes_received < MEGABYTE
        listing = next(item for item in page.listings if item.remote_id == big)
        assert (listing.head.message_id, listing.head.subject) == ("1@example.com", "Offer 1")
        assert [address.normalized for address in listing.head.by_role("to")] == ["bert@example.org"]
        assert listing.size == len(content)
        [fetched] = provider.fetch("INBOX", [big])
        assert fetched.content == content
        late = gmail.deliver(content)
        before = provider.traffic.bytes_received
        [new] = provider.changes("INBOX", page.cursor).listings
        assert new.remote_id == late
        assert provider.traffic.bytes_received - before < MEGABYTE


@pytest.mark.slow
@pytest.mark.parametrize("is_foreseen", [True, False])
def test_of_a_huge_message_only_its_answer_and_itself_are_held(
    gmail: GmailServer, monkeypatch: pytest.MonkeyPatch, is_foreseen: bool
) -> None:
    """The answer is base64 and a third longer than the message: together 2.4 times the message."""
    size = 30 * MEGABYTE
    gmail.deliver(large(30))
    if not is_foreseen:
        monkeypatch.setattr("mailsync.providers.gmail.mailbox.Mailbox.large", lambda *_: frozenset())
    # Granted here: the other process asks the stand-in of this one.
    gmail.kept.append(gmail.source.renewed(None))

    def work() -> None:
        with gmail.session() as provider:
            assert archived(provider, provider.changes("INBOX", "")) == 1

    assert size < peak_of(work) < 2.6 * size


@pytest.mark.slow
def test_a_session_keeps_no_more_messages_than_it_may(gmail: GmailServer) -> None:
    content = letter(1, body=("y" * 70 + "\r\n") * (MEGABYTE // 72))
    for _ in range(40):
        gmail.deliver(content)
    scan = Scan("INBOX")
    most = 0
    with gmail.session() as provider:
        more = True
        while more:
            page = scan.step(provider)
            # A page ends when enough came, and its last batch at the latest.
            assert sum(listing.size for listing in page.listings) < 24 * MEGABYTE
            most = max(most, provider._bodies._size)
            more = page.more
    assert len(scan.listed) == 40
    assert most <= 24 * MEGABYTE
