# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The in-memory provider keeps the contract; with it, an archive that only follows cursors loses nothing."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mailsync.errors import ConnectionLost, CursorExpired, MailSyncError, MessageUnreadable
from mailsync.providers import memory
from mailsync.providers.memory import MemoryMailbox

from .acting_contract import ActingContract
from .contract import ProviderContract
from .far_end import letter
from .inventories import parts_while_it_changes


class TestMemory(ProviderContract):
    @pytest.fixture
    def server(self) -> MemoryMailbox:
        return MemoryMailbox()


class _Acting(MemoryMailbox):
    def forbid(self) -> None:
        self.may_change = False

    def sent(self) -> list[bytes]:
        return self.delivered


class TestActingInMemory(ActingContract):
    @pytest.fixture
    def server(self) -> _Acting:
        mailbox = _Acting()
        mailbox.add_folder("Entwürfe", role="drafts")
        return mailbox


def test_a_scripted_failure_comes_once_and_where_it_was_asked_for() -> None:
    mailbox = MemoryMailbox()
    ids = [mailbox.deliver(letter(number)) for number in range(3)]
    mailbox.fail_next(ConnectionLost(), "fetch", after=2)
    provider = mailbox.session()
    received = []
    with pytest.raises(ConnectionLost):
        received.extend(provider.fetch("INBOX", ids))
    for fetched in provider.fetch("INBOX", ids):
        assert fetched.content is not None


def test_a_broken_message_fails_until_it_is_mended() -> None:
    mailbox = MemoryMailbox()
    broken, sound = mailbox.deliver(letter(1)), mailbox.deliver(letter(2))
    mailbox.break_message(broken, MessageUnreadable())
    with mailbox.session() as provider:
        answers = {f.remote_id: f for f in provider.fetch("INBOX", [broken, sound])}
        assert isinstance(answers[broken].error, MessageUnreadable)
        assert answers[sound].content == letter(2)
        mailbox.break_message(broken, None)
        assert next(provider.fetch("INBOX", [broken])).content == letter(1)


def test_an_inventory_of_many_parts_names_all_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory.session, "_PART", 3)
    stayed, told = parts_while_it_changes(MemoryMailbox())
    assert stayed <= told


def test_a_place_in_an_inventory_dies_with_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory.session, "_PART", 1)
    mailbox = MemoryMailbox()
    for number in range(2):
        mailbox.deliver(letter(number))
    place = mailbox.session().inventory("INBOX").following
    mailbox.reset("INBOX")
    with pytest.raises(CursorExpired):
        mailbox.session().inventory("INBOX", place)


class Archive:
    """The least that follows the contract: cursors and ids are stored together, page by page."""

    def __init__(self) -> None:
        self.cursors: dict[str, str] = {}
        self.known: dict[str, set[str]] = {}
        self.archived: dict[bytes, int] = {}

    def scan(self, mailbox: MemoryMailbox, limit: int) -> None:
        with mailbox.session() as provider:
            for folder in provider.folders():
                more = bool(
                    folder.remote_id not in self.cursors
                    or provider.changed({folder.remote_id: self.cursors[folder.remote_id]})
                )
                while more:
                    page = provider.changes(folder.remote_id, self.cursors.get(folder.remote_id, ""), limit)
                    known = set() if page.reset else self.known.get(folder.remote_id, set())
                    new = [item.remote_id for item in page.listings]
                    assert not known & set(new), "listed twice"
                    bodies = [fetched.content for fetched in provider.fetch(folder.remote_id, new)]
                    known = (known | set(new)) - page.gone
                    self.known[folder.remote_id] = known
                    self.cursors[folder.remote_id] = page.cursor
                    for body in bodies:
                        if body is not None:
                            self.archived[body] = self.archived.get(body, 0) + 1
                    more = page.more


class ScanMachine(RuleBasedStateMachine):
    """Deliveries, moves, deletions, resets and failures in any order; after quiet, everything is archived."""

    def __init__(self) -> None:
        super().__init__()
        self.mailbox = MemoryMailbox("Sent")
        self.archive = Archive()
        self.count = 0

    def ids(self) -> list[str]:
        return [i for folder in ("INBOX", "Sent") for i in self.mailbox.remote_ids(folder)]

    @rule(folder=st.sampled_from(["INBOX", "Sent"]), many=st.integers(1, 6))
    def deliver(self, folder: str, many: int) -> None:
        for _ in range(many):
            self.count += 1
            self.mailbox.deliver(letter(self.count), folder)

    @precondition(lambda self: self.ids())
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        self.mailbox.delete(data.draw(st.sampled_from(self.ids())))

    @precondition(lambda self: self.ids())
    @rule(data=st.data(), folder=st.sampled_from(["INBOX", "Sent"]))
    def move(self, data: st.DataObject, folder: str) -> None:
        self.mailbox.move(data.draw(st.sampled_from(self.ids())), folder)

    @precondition(lambda self: self.ids())
    @rule(data=st.data(), flags=st.sets(st.sampled_from(["\\Seen", "\\Flagged"])))
    def flag(self, data: st.DataObject, flags: set[str]) -> None:
        self.mailbox.set_flags(data.draw(st.sampled_from(self.ids())), flags)

    @rule(folder=st.sampled_from(["INBOX", "Sent"]))
    def reset(self, folder: str) -> None:
        self.mailbox.reset(folder)

    @rule(
        limit=st.integers(1, 5),
        call=st.sampled_from(["sign_in", "folders", "changed", "changes", "fetch"]),
        after=st.integers(0, 3),
    )
    def scan_that_breaks_off(self, limit: int, call: str, after: int) -> None:
        self.mailbox.fail_next(ConnectionLost(), call, after)  # type: ignore[arg-type]
        with contextlib.suppress(MailSyncError):
            self.archive.scan(self.mailbox, limit)

    @rule(limit=st.integers(1, 5))
    def scan_to_quiet(self, limit: int) -> None:
        for _ in range(50):
            try:
                self.archive.scan(self.mailbox, limit)
                break
            except MailSyncError:
                continue
        for folder in ("INBOX", "Sent"):
            present = set(self.mailbox.remote_ids(folder))
            assert self.archive.known.get(folder, set()) == present
            for remote_id in present:
                assert self.mailbox.content(remote_id) in self.archive.archived

    @invariant()
    def cursor_never_ahead_of_what_is_stored(self) -> None:
        assert set(self.archive.cursors) == set(self.archive.known)


ScanMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestScanMachine = ScanMachine.TestCase
