# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A Gmail account at the stand-in, as the contract wants a server, and with what is Gmail's own."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from mailsync.endpoints import GoogleEndpoints
from mailsync.oauth import Tokens
from mailsync.provider import Page, Provider
from mailsync.providers.gmail import GmailProvider, GmailSettings, connect
from sandbox.google import GmailAccount, Google

SCOPES = ("https://www.googleapis.com/auth/gmail.readonly", "https://www.googleapis.com/auth/gmail.send")
# Seconds of the stand-in's clock when the first message comes in.
START = 1_795_000_000.0


def endpoints_of(google: Google) -> GoogleEndpoints:
    names = ("auth_uri", "token_uri", "revoke_uri", "certs_uri", "api_root")
    known = google.endpoints if isinstance(google.endpoints, dict) else vars(google.endpoints)
    return GoogleEndpoints(**{name: known[name] for name in names}, ca_file=str(google.ca_file))


class Granted:
    """A token source that is given new tokens whenever it asks, and says what it was asked."""

    def __init__(self, google: Google, address: str, scopes: Iterable[str] = SCOPES) -> None:
        self._google = google
        self._address = address
        self.scopes = list(scopes)
        self.error: Exception | None = None
        self.renewals = 0
        self.lifetime: float | None = None

    def renewed(self, tokens: Tokens | None) -> Tokens:
        self.renewals += 1
        if self.error:
            raise self.error
        answer = self._google.grant(self._address, self.scopes)
        lifetime = answer["expires_in"] if self.lifetime is None else self.lifetime
        return Tokens(answer["access_token"], time.time() + lifetime, answer["refresh_token"])


class GmailServer:
    """One account."""

    def __init__(self, google: Google, account: GmailAccount, address: str, **settings: Any) -> None:
        self.google = google
        self.account = account
        self.endpoints = endpoints_of(google)
        self.source = Granted(google, address)
        self.kept: list[Tokens] = []
        self.pace = ""
        self._address = address
        self._settings = settings
        self._received = START

    def session(self, **settings: Any) -> GmailProvider:
        return connect(
            GmailSettings(
                address=self._address,
                source=self.source,
                tokens=self.kept[-1] if self.kept else None,
                keep_tokens=self.kept.append,
                endpoints=self.endpoints,
                **{"pace": self.pace, "timeout": 10.0, **self._settings, **settings},
            ),
            clock=self.google.clock.now,
        )

    def add_folder(self, *path: str) -> str:
        return self.account.add_label("/".join(path))

    def remove_folder(self, folder: str) -> None:
        self.account.remove_label(folder)

    def deliver(self, content: bytes, folder: str = "INBOX", *, flags: Iterable[str] = ()) -> str:
        self._received += 60
        return self.account.deliver(
            content,
            [] if folder == "ALL_MAIL" else [folder],
            received=self._received,
            unread="\\Seen" not in flags,
            starred="\\Flagged" in flags,
        )

    def set_flags(self, remote_id: str, flags: Iterable[str]) -> None:
        marks = set(flags)
        wanted = ({"STARRED"} if "\\Flagged" in marks else set()) | (set() if "\\Seen" in marks else {"UNREAD"})
        self.account.set_labels(remote_id, add=wanted, remove={"STARRED", "UNREAD"} - wanted)

    def delete(self, remote_id: str) -> None:
        self.account.delete(remote_id)

    def move(self, remote_id: str, folder: str) -> str:
        places = {label for label in self.account.labels(remote_id) if label == "INBOX" or label.startswith("Label_")}
        self.account.set_labels(remote_id, add=[folder], remove=places - {folder})
        return remote_id

    def reset(self, folder: str) -> None:
        self.account.expire_history()

    def units(self) -> int:
        """Quota units that Gmail counted since the log was cleared."""
        return int(self.google.requests.units())


class Scan:
    """What the scan keeps of a mailbox: a row a message, with one folder that holds it, as ``scan/lister.py`` does."""

    def __init__(self, *folders: str) -> None:
        self.cursors = dict.fromkeys(folders, "")
        self.folder_of: dict[str, str] = {}
        self.removed: set[str] = set()
        self.stale: set[str] = set()
        self.flags: dict[str, frozenset[str]] = {}
        self.threads: dict[str, str] = {}
        self.listed: Counter[str] = Counter()
        self.resets = 0
        self.pages = 0

    @property
    def here(self) -> set[str]:
        return self.folder_of.keys() - self.removed

    def known(self, ids: Iterable[str]) -> set[str]:
        """Messages that are gone before they were archived are unknown to the scan: the hardest case."""
        return self.here & set(ids)

    def run(self, provider: Provider, limit: int = 500, between: Callable[[], object] = lambda: None) -> list[Page]:
        """One scan over all folders; ``between`` is called before each page."""
        told = {folder: cursor for folder, cursor in self.cursors.items() if cursor}
        changed = provider.changed(told) if told else []
        pages = []
        for folder, cursor in list(self.cursors.items()):
            more = not cursor or folder in changed
            while more:
                between()
                pages.append(self.step(provider, folder, limit))
                more = pages[-1].more
                assert len(pages) < 1000, "a listing that never ends"
        return pages

    def step(self, provider: Provider, folder: str = "INBOX", limit: int = 500) -> Page:
        page = provider.changes(folder, self.cursors[folder], limit, self.known)
        self.cursors[folder] = page.cursor
        self.pages += 1
        if page.reset:
            self.resets += 1
            self.stale |= {key for key, place in self.folder_of.items() if place == folder}
        for listing in page.listings:
            self.listed[listing.remote_id] += 1
            self.flags[listing.remote_id] = listing.flags
            self.threads[listing.remote_id] = listing.thread_id
            self._hold(listing.remote_id, folder)
        for remote_id in page.flags.keys() | page.met:
            if remote_id in self.folder_of:
                self.flags[remote_id] = page.flags.get(remote_id, self.flags[remote_id])
                self._hold(remote_id, folder)
        self._remove({key for key in page.gone if self.folder_of.get(key) == folder})
        if not page.more:
            self._remove({key for key in self.stale if self.folder_of[key] == folder})
        return page

    def _hold(self, remote_id: str, folder: str) -> None:
        self.folder_of[remote_id] = folder
        self.removed.discard(remote_id)
        self.stale.discard(remote_id)

    def _remove(self, remote_ids: set[str]) -> None:
        self.removed |= remote_ids
        self.stale -= remote_ids
