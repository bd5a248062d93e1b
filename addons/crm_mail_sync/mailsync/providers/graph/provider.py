# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A session with a mailbox at Graph, as the contract wants it."""

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
    Traffic,
    nothing_known,
)
from . import sending
from .batch import Batcher
from .delta import Lister
from .fetching import Fetcher
from .folders import list_folders
from .http import Client
from .looking import Looker
from .settings import GraphSettings


def connect(settings: GraphSettings) -> GraphProvider:
    """Make sure of a valid token; raises what ``TokenSource.renewed`` does."""
    client = Client(settings)
    client.sign_in()
    return GraphProvider(client)


@final
class GraphProvider(Provider):
    """Reads a mailbox, and sends from it; it changes nothing there.

    A message keeps its id wherever it is moved within the mailbox; an id is not bound to a folder.
    """

    stable_ids = True
    asks_known = True

    def __init__(self, client: Client) -> None:
        self.traffic: Traffic = client.traffic
        self._client = client
        self._batcher = Batcher(client)
        self._fetcher = Fetcher(client, self._batcher)
        self._lister = Lister(client, self._batcher, self._fetcher.note)
        self._looker = Looker(client, self._batcher, self._lister)

    def folders(self) -> list[Folder]:
        return list_folders(self._client, self._batcher)

    def changed(self, cursors: Mapping[str, str]) -> list[str]:
        return self._lister.changed(cursors)

    def changes(self, folder: str, cursor: str, limit: int = 500, known: Known = nothing_known) -> Page:
        return self._lister.page(folder, cursor, limit, known)

    def fetch(self, folder: str, remote_ids: Sequence[str]) -> Iterator[Fetched]:
        return self._fetcher.fetch(remote_ids)

    def inventory(self, folder: str, place: str = "") -> Inventory:
        return self._looker.inventory(folder, place)

    def listings(self, folder: str, remote_ids: Sequence[str]) -> Iterator[Listing]:
        return self._looker.listings(folder, remote_ids)

    def search(self, query: Query, limit: int = 20) -> Iterator[Found]:
        return self._looker.search(query, limit)

    def send(self, message: bytes, thread_id: str = "") -> str:
        """Send a message; which conversation it belongs to Exchange sees by its header. "": no id is told."""
        sending.send(self._client, message)
        return ""

    def close(self) -> None:
        self._client.close()
