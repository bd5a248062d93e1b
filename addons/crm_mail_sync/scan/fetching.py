# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Fetching and reading: runs beside the database's work and touches nothing of it."""

import threading
import time
from collections import defaultdict
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime

from ..mailsync import plan
from ..mailsync.errors import ConnectionLost, ConnectionTimedOut, FolderError, MailSyncError, ProtocolError
from ..mailsync.reader_process import ReaderProcess, read_here

# From so many messages on another process is worth its start.
MANY = 50
_MAY_BE_THE_MESSAGE = (ConnectionLost, ConnectionTimedOut, ProtocolError)


@dataclass(frozen=True)
class Pending:
    """A copy that waits to be archived."""

    id: int
    remote_id: str
    folder_remote_id: str
    size: int
    received: datetime | None
    flags: frozenset[str]
    attempts: int
    # The provider's conversation (``Head.conversation``).
    conversation: int | None = None
    # Whether it was archived before, and is only decided again.
    has_letter: bool = False
    # Whether its folder is listed too, or asked for this message only.
    is_scanned: bool = True


@dataclass(frozen=True)
class Claimed:
    """A batch and the Future of what its fetching brings."""

    batch: list[Pending]
    fetched: Future


@dataclass
class Brought:
    """What a batch's fetching brought: readings or errors a copy, and the error that ended it early.

    ``closed``: folders that could not be opened, and why. ``is_cut``: the time was over before all was fetched.
    """

    batch: list[Pending]
    results: list = field(default_factory=list)
    error: MailSyncError | None = None
    closed: dict[str, FolderError] = field(default_factory=dict)
    is_cut: bool = False


class Cut(threading.Event):
    """Tells the thread that fetches to stop: when the time is over, or when nobody waits for it any more."""

    def __init__(self, latest):
        super().__init__()
        self._latest = latest

    def is_due(self):
        return self.is_set() or time.monotonic() > self._latest


class Fetcher:
    """Fetches and reads batches; one thread at a time uses it.

    Many messages are read by a process of their own while this one talks to server and database. So is one that failed
    before: what brings its reader down does not take the worker with it.
    """

    def __init__(self, keep_file):
        self._keep_file = keep_file
        self._process = ReaderProcess()

    def expect(self, count):
        """Have the process that reads ready for so many messages: its start takes the time of some dozens of them."""
        if count >= MANY:
            self._process.start()

    def fetch(self, provider, batch, cut):
        """Bring a batch."""
        brought = Brought(batch, is_cut=cut.is_set())
        if brought.is_cut:
            return brought
        try:
            for folder, copies in _by_folder(batch).items():
                try:
                    self._fetch_folder(provider, folder, copies, brought, cut)
                except FolderError as error:
                    brought.closed[folder] = error
                if brought.is_cut:
                    break
        except MailSyncError as error:
            brought.error = error
        return brought

    def close(self):
        self._process.close()

    def _fetch_folder(self, provider, folder, copies, brought, cut):
        by_remote_id = {copy.remote_id: copy for copy in copies}
        received = {copy.remote_id: copy.received for copy in copies}
        is_apart = len(brought.batch) >= MANY or any(copy.attempts for copy in copies)
        read_all = self._process.read_all if is_apart else read_here
        with closing(read_all(provider.fetch(folder, list(by_remote_id)), received)) as results:
            for remote_id, result in results:
                brought.results.append((by_remote_id[remote_id], self._kept(result)))
                del result
                if cut.is_due():
                    brought.is_cut = True
                    return

    def _kept(self, result):
        """A reading whose files are where Odoo keeps them."""
        if isinstance(result, MailSyncError) or not result.files:
            return result
        return replace(result, files=tuple(self._keep_file(file) for file in result.files))


def _by_folder(batch):
    folders = defaultdict(list)
    for copy in batch:
        folders[copy.folder_remote_id].append(copy)
    return folders


def suspect_of(error, unsettled):
    """The message that may have broken the connection, None if it was none."""
    if not isinstance(error, _MAY_BE_THE_MESSAGE):
        return None
    named = [copy for copy in unsettled if copy.remote_id == error.remote_id]
    return next(iter(named or unsettled), None)


def first_batch(copies, most, most_bytes):
    """The first of these that fit into a batch; one that failed before is a batch of its own."""
    by_remote_id = {copy.remote_id: copy for copy in copies}
    portions = plan.batches(
        {copy.remote_id: copy.size for copy in copies},
        most_bytes,
        most,
        suspects={copy.remote_id for copy in copies if copy.attempts},
    )
    return [by_remote_id[remote_id] for remote_id in next(portions, [])]
