# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whatever happens in a mailbox at Graph, in whatever order: who follows the contract knows in the end where all is."""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from mailsync.errors import MailSyncError
from mailsync.provider import Page
from sandbox.microsoft import Microsoft, running

from .far_end import letter
from .graph_server import GraphServer

pytestmark = pytest.mark.slow

FOLDERS = [0, 1, 2]
_accounts = itertools.count(1)
_started: list[Microsoft] = []
_stack = ExitStack()


def setup_module() -> None:
    folder = _stack.enter_context(tempfile.TemporaryDirectory())
    _started.append(_stack.enter_context(running(Path(folder))))


def teardown_module() -> None:
    _started.clear()
    _stack.close()


class Archive:
    """The least that follows the contract with stable ids; a page and its cursor are kept together."""

    def __init__(self) -> None:
        self.cursors: dict[str, str] = {}
        # message → the folder that told of it last; those told gone by it are nowhere
        self.places: dict[str, str] = {}
        self.flags: dict[str, frozenset[str]] = {}
        self.stale: dict[str, set[str]] = {}

    def scan(self, server: GraphServer, folders: list[str], limit: int) -> None:
        with server.connect() as provider:
            asked = {folder: self.cursors[folder] for folder in folders if folder in self.cursors}
            due = {*provider.changed(asked), *(folder for folder in folders if folder not in asked)}
            for folder in folders:
                more = folder in due
                while more:
                    cursor = self.cursors.get(folder, "")
                    page = provider.changes(folder, cursor, limit, lambda some: set(some) & set(self.places))
                    self.keep(folder, page)
                    more = page.more

    def keep(self, folder: str, page: Page) -> None:
        self.cursors[folder] = page.cursor
        if page.reset:
            self.stale[folder] = {i for i, place in self.places.items() if place == folder}
        told = {**{item.remote_id: item.flags for item in page.listings}, **page.flags}
        for remote_id, flags in told.items():
            self.flags[remote_id] = flags
            for stale in self.stale.values():
                stale.discard(remote_id)
            self.places[remote_id] = folder
        gone = set(page.gone) | (set() if page.more else self.stale.pop(folder, set()))
        for remote_id in gone:
            if self.places.get(remote_id) == folder:
                self.places[remote_id] = ""


class GraphMachine(RuleBasedStateMachine):
    """Deliveries, moves, deletions, flags, lost bookmarks and failures in any order, then quiet."""

    def __init__(self) -> None:
        super().__init__()
        [self.microsoft] = _started
        address = f"machine{next(_accounts)}@example.com"
        self.server = GraphServer(self.microsoft, self.microsoft.add_account(address), address)
        self.folders = [self.server.folder("INBOX"), self.server.add_folder("A"), self.server.add_folder("B")]
        self.archive = Archive()
        self.count = 0

    def ids(self) -> list[str]:
        return self.server.account.ids()

    @rule(folder=st.sampled_from(FOLDERS), many=st.integers(1, 5))
    def deliver(self, folder: int, many: int) -> None:
        for _ in range(many):
            self.count += 1
            self.server.deliver(letter(self.count), self.folders[folder])

    @precondition(lambda self: self.ids())
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        self.server.delete(data.draw(st.sampled_from(self.ids())))

    @precondition(lambda self: self.ids())
    @rule(data=st.data(), folder=st.sampled_from(FOLDERS))
    def move(self, data: st.DataObject, folder: int) -> None:
        self.server.move(data.draw(st.sampled_from(self.ids())), self.folders[folder])

    @precondition(lambda self: self.ids())
    @rule(data=st.data(), flags=st.sets(st.sampled_from(["\\Seen", "\\Flagged"])))
    def flag(self, data: st.DataObject, flags: set[str]) -> None:
        self.server.set_flags(data.draw(st.sampled_from(self.ids())), flags)

    @rule(folder=st.sampled_from(FOLDERS), code=st.sampled_from(["SyncStateNotFound", "resyncRequired"]))
    def expire(self, folder: int, code: str) -> None:
        self.server.account.expire_delta(self.folders[folder], code=code)

    @rule(
        order=st.permutations(FOLDERS),
        limit=st.integers(1, 4),
        kind=st.sampled_from(["answer", "part", "cut", "reset", "duplicate"]),
        after=st.integers(0, 4),
    )
    def scan_in_trouble(self, order: list[int], limit: int, kind: str, after: int) -> None:
        route = None if kind != "duplicate" else "messages.delta"
        # A wait that no worker would stand.
        self.microsoft.faults.add(route, status=429, kind=kind, after=after, headers={"Retry-After": "60"})
        with contextlib.suppress(MailSyncError):
            self.scan(order, limit)
        self.microsoft.faults.clear()

    @rule(order=st.permutations(FOLDERS), limit=st.integers(1, 4))
    def scan_to_quiet(self, order: list[int], limit: int) -> None:
        self.scan(order, limit)
        account = self.server.account
        expected = {i: name for name in self.folders for i in account.ids(name)}
        assert {i: place for i, place in self.archive.places.items() if place} == expected
        messages = account.mailbox.messages
        for remote_id in expected:
            flags = self.archive.flags[remote_id]
            assert ("\\Seen" in flags, "\\Flagged" in flags) == (
                messages[remote_id].is_read,
                messages[remote_id].flagged,
            )

    def scan(self, order: list[int], limit: int) -> None:
        self.archive.scan(self.server, [self.folders[number] for number in order], limit)


GraphMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestGraphMachine = GraphMachine.TestCase
