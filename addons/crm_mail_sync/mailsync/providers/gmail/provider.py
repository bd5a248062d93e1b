# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A session with a Gmail mailbox, as the contract wants it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    Traffic,
    nothing_known,
)
from .api import Api
from .fetching import Bodies, Fetcher
from .listing import Lister
from .looking import Looker
from .mailbox import Mailbox
from .messages import Messages
from .sending import send
from .settings import GmailSettings


def connect(settings: GmailSettings, clock: Callable[[], float] = time.time) -> GmailProvider:
    """Sign in; raises ConnectionFailed, SignInFailed or ServerUnavailable.

    :param clock: seconds since the epoch.
    """
    return GmailProvider(Api(settings, clock), clock)


@final
class GmailProvider(Provider):
    """Reads a mailbox, and sends from it if the grant allows that. It changes nothing else.

    Used by one thread at a time.
    """

    stable_ids = True
    asks_known = True

    def __init__(self, api: Api, clock: Callable[[], float]) -> None:
        self.traffic: Traffic = api.traffic
        self._api = api
        self._mailbox = Mailbox(api)
        self._bodies = Bodies()
        messages = Messages(api)
        self._lister = Lister(self._mailbox, messages, self._bodies, clock)
        self._looker = Looker(self._mailbox, messages)
        self._fetcher = Fetcher(messages, self._bodies, self._mailbox.labels)

    def folders(self) -> list[Folder]:
        return self._mailbox.folders()

    def changed(self, cursors: Mapping[str, str]) -> list[str]:
        return self._lister.changed(cursors)

    def changes(self, folder: str, cursor: str, limit: int = 500, known: Known = nothing_known) -> Page:
        return self._lister.page(folder, cursor, limit, known)

    def fetch(self, folder: str, remote_ids: Sequence[str]) -> Iterator[Fetched]:
        return self._fetcher.fetch(folder, remote_ids)

    def inventory(self, folder: str, place: str = "") -> Inventory:
        return self._looker.inventory(folder, place)

    def listings(self, folder: str, remote_ids: Sequence[str]) -> Iterator[Listing]:
        return self._looker.listings(folder, remote_ids)

    def search(self, query: Query, limit: int = 20) -> Iterator[Found]:
        return self._looker.search(query, limit)

    def send(self, message: bytes, thread_id: str = "") -> str:
        return send(self._api, message, thread_id)

    def close(self) -> None:
        self._bodies.clear()
        self._api.close()
