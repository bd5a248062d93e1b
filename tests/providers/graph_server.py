# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A mailbox at the stand-in for Microsoft, as the contract's tests handle it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mailsync.endpoints import MicrosoftEndpoints
from mailsync.errors import TokenRevoked
from mailsync.oauth import Tokens
from mailsync.provider import (
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
from mailsync.providers.graph import GraphProvider, GraphSettings, connect
from sandbox.microsoft import Microsoft, OutlookAccount

SCOPES = ["Mail.Read", "Mail.Read.Shared", "Mail.Send", "offline_access"]
FIRST_DAY = 1_795_000_000.0


class Granted:
    """Tokens as if the user had just said yes; there are always more of them until ``is_revoked``."""

    def __init__(self, microsoft: Microsoft, address: str) -> None:
        self.scopes = SCOPES
        self._microsoft = microsoft
        self._address = address
        self.is_revoked = False
        self.renewals = 0

    def renewed(self, tokens: Tokens | None) -> Tokens:
        if self.is_revoked:
            raise TokenRevoked()
        self.renewals += 1
        got = self._microsoft.grant(self._address, self.scopes)
        expires_at = self._microsoft.clock.now() + got["expires_in"]
        return Tokens(got["access_token"], expires_at, got["refresh_token"])


class GraphServer:
    """An account and its sessions. What was listed is remembered from one to the next, as the scan does."""

    def __init__(self, microsoft: Microsoft, account: OutlookAccount, address: str) -> None:
        self.microsoft = microsoft
        self.account = account
        self.address = address
        self.source = Granted(microsoft, address)
        self.listed: set[str] = set()
        self.tokens: Tokens | None = None
        self._delivered = 0

    def connect(self, **settings: Any) -> GraphProvider:
        """A session as it is."""
        return connect(self.settings(**settings))

    def settings(self, **settings: Any) -> GraphSettings:
        place = self.microsoft.endpoints
        values: dict[str, Any] = {
            "address": self.address,
            "source": self.source,
            "tokens": self.tokens,
            "keep_tokens": self._keep,
            "endpoints": MicrosoftEndpoints(place["login"], place["graph"], str(self.microsoft.ca_file)),
            "timeout": 10.0,
        }
        return GraphSettings(**{**values, **settings})

    def session(self) -> ContractSession:
        return ContractSession(self, self.connect())

    def _keep(self, tokens: Tokens) -> None:
        self.tokens = tokens

    # The contract's names

    def folder(self, remote_id: str) -> str:
        return self.account.folder("inbox") if remote_id == "INBOX" else remote_id

    def add_folder(self, *path: str) -> str:
        return self.account.add_folder(*path)

    def remove_folder(self, folder: str) -> None:
        self.account.remove_folder(folder)

    def deliver(self, content: bytes, folder: str = "INBOX", *, flags: Iterable[str] = ()) -> str:
        # The service orders by whole seconds.
        self._delivered += 1
        marks = set(flags)
        return self.account.deliver(
            content,
            self.folder(folder),
            received=FIRST_DAY + self._delivered,
            is_read="\\Seen" in marks,
            flagged="\\Flagged" in marks,
            is_draft="\\Draft" in marks,
        )

    def set_flags(self, remote_id: str, flags: Iterable[str]) -> None:
        marks = set(flags)
        self.account.update(remote_id, is_read="\\Seen" in marks, flagged="\\Flagged" in marks)

    def delete(self, remote_id: str) -> None:
        self.account.delete(remote_id)

    def move(self, remote_id: str, folder: str) -> str:
        return self.account.move(remote_id, self.folder(folder))

    def reset(self, folder: str) -> None:
        self.account.expire_delta(self.folder(folder))


class ContractSession(Provider):
    """A session in which the inbox has the id that the contract's tests give it."""

    stable_ids = True

    def __init__(self, server: GraphServer, provider: GraphProvider) -> None:
        self._server = server
        self._provider = provider
        self.traffic = provider.traffic

    def folders(self) -> list[Folder]:
        inbox = self._server.folder("INBOX")
        return [replace(f, remote_id="INBOX") if f.remote_id == inbox else f for f in self._provider.folders()]

    def changed(self, cursors: Mapping[str, str]) -> list[str]:
        named = set(self._provider.changed({self._server.folder(f): cursor for f, cursor in cursors.items()}))
        return [folder for folder in cursors if self._server.folder(folder) in named]

    def changes(self, folder: str, cursor: str, limit: int = 500, known: Known = nothing_known) -> Page:
        def remembered(remote_ids: Sequence[str]) -> Collection[str]:
            return {*known(remote_ids), *self._server.listed.intersection(remote_ids)}

        page = self._provider.changes(self._server.folder(folder), cursor, limit, remembered)
        self._server.listed |= {listing.remote_id for listing in page.listings}
        return page

    def fetch(self, folder: str, remote_ids: Sequence[str]) -> Iterator[Fetched]:
        return self._provider.fetch(self._server.folder(folder), remote_ids)

    def inventory(self, folder: str, place: str = "") -> Inventory:
        return self._provider.inventory(self._server.folder(folder), place)

    def listings(self, folder: str, remote_ids: Sequence[str]) -> Iterator[Listing]:
        return self._provider.listings(self._server.folder(folder), remote_ids)

    def search(self, query: Query, limit: int = 20) -> Iterator[Found]:
        inbox = self._server.folder("INBOX")
        for found in self._provider.search(query, limit):
            yield replace(found, folder="INBOX") if found.folder == inbox else found

    def close(self) -> None:
        self._provider.close()
