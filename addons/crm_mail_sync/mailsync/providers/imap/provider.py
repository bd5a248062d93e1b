# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A session with an IMAP mailbox, as the contract wants it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import final

from ...provider import (
    Fetched,
    Folder,
    Found,
    Inventory,
    Known,
    Listing,
    Page,
    Provider,
    Query,
    nothing_known,
)
from .cursor import Cursor
from .fetching import Fetcher
from .folders import list_folders
from .listing import Lister
from .looking import Looker
from .mailboxes import Mailboxes
from .session import ImapSession
from .settings import ImapSettings
from .signin import signed_in
from .transport import Client


def connect(settings: ImapSettings) -> ImapProvider:
    """Sign in; raises ConnectionFailed, SignInFailed, ServerUnavailable or ProtocolError."""
    return ImapProvider(signed_in(settings), settings)


@final
class ImapProvider(ImapSession, Provider):
    """Reads a mailbox: EXAMINE and BODY.PEEK, never SELECT, STORE or anything else that changes it."""

    stable_ids = False
    asks_known = False

    def __init__(self, client: Client, settings: ImapSettings) -> None:
        super().__init__(client, settings)
        self._mailboxes = Mailboxes(self._wire, self._capabilities)
        self._lister = Lister(self._wire, self._mailboxes)
        self._fetcher = Fetcher(self._wire, self._mailboxes)
        self._looker = Looker(self._mailboxes, self._lister, self._capabilities)

    def folders(self) -> list[Folder]:
        return list_folders(self._wire, self._capabilities)

    def changed(self, cursors: Mapping[str, str]) -> list[str]:
        if not cursors:
            return []
        statuses = self._mailboxes.statuses(list(cursors))
        return [
            folder
            for folder, text in cursors.items()
            if (known := Cursor.read(text)) is None or folder not in statuses or known.differs(statuses[folder])
        ]

    def changes(self, folder: str, cursor: str, limit: int = 500, known: Known = nothing_known) -> Page:
        return self._lister.page(folder, cursor, limit)

    def fetch(self, folder: str, remote_ids: Sequence[str]) -> Iterator[Fetched]:
        return self._fetcher.fetch(folder, remote_ids)

    def inventory(self, folder: str, place: str = "") -> Inventory:
        return self._looker.inventory(folder, place)

    def listings(self, folder: str, remote_ids: Sequence[str]) -> Iterator[Listing]:
        return self._looker.listings(folder, remote_ids)

    def search(self, query: Query, limit: int = 20) -> Iterator[Found]:
        return self._looker.search(self.folders(), query, limit)
