# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A session that reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, final

from ...errors import CursorExpired, FolderGone, FolderUnreadable
from ...looking import matches
from ...mime import read_head
from ...provider import Fetched, Folder, Found, Inventory, Known, Listing, Page, Provider, Query, Traffic, nothing_known

if TYPE_CHECKING:
    from .mailbox import Call, Contents, MemoryMailbox

# Ids of a part of an inventory.
_PART = 1_000


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Listed so far are the uids in [low, next); ``seen`` is the last change that was told."""

    validity: int
    low: int
    next: int
    seen: int

    def text(self) -> str:
        return json.dumps([self.validity, self.low, self.next, self.seen])


@final
class MemoryProvider(Provider):
    """A session with a :class:`MemoryMailbox`."""

    stable_ids = False
    asks_known = False

    def __init__(self, mailbox: MemoryMailbox) -> None:
        self.traffic = Traffic()
        self._mailbox = mailbox
        self._begin("sign_in")

    def folders(self) -> list[Folder]:
        self._begin("folders")
        return self._mailbox.listed_folders()

    def changed(self, cursors: Mapping[str, str]) -> list[str]:
        self._begin("changed")
        return [folder for folder, cursor in cursors.items() if self._is_changed(folder, cursor)]

    def changes(self, folder: str, cursor: str, limit: int = 500, known: Known = nothing_known) -> Page:
        self._begin("changes")
        contents = self._mailbox.opened(folder)
        seen = self._read_cursor(cursor)
        reset = seen is not None and seen.validity != contents.validity
        if seen is None or reset:
            seen = _Cursor(contents.validity, contents.next_uid, contents.next_uid, contents.changed_at)
        listed, behind = self._next_listed(contents, seen, limit)
        more = behind.low > 1 or behind.next < contents.next_uid
        flags: dict[str, frozenset[str]] = {}
        gone: frozenset[str] = frozenset()
        if not more:
            flags, gone = self._changed_since(contents, seen)
            behind = _Cursor(behind.validity, behind.low, behind.next, contents.changed_at)
        return Page(
            cursor=behind.text(),
            listings=tuple(self._listing(contents, uid) for uid in listed),
            flags=flags,
            gone=gone,
            more=more,
            reset=reset,
            remaining=sum(not behind.low <= uid < behind.next for uid in contents.messages),
        )

    def fetch(self, folder: str, remote_ids: Sequence[str]) -> Iterator[Fetched]:
        self.traffic.requests += 1
        fault = self._mailbox.take_fault("fetch")
        self._mailbox.opened(folder)
        for number, remote_id in enumerate(dict.fromkeys(remote_ids)):
            if fault is not None and number >= fault.after:
                break
            fetched = self._mailbox.answer(folder, remote_id)
            self.traffic.bytes_received += len(fetched.content or b"")
            yield fetched
        if fault is not None:
            raise fault.error

    def inventory(self, folder: str, place: str = "") -> Inventory:
        self._begin("inventory")
        contents = self._mailbox.opened(folder)
        validity, start = json.loads(place) if place else (contents.validity, 0)
        if validity != contents.validity:
            raise CursorExpired()
        uids = sorted(uid for uid in contents.messages if uid > start)
        part = uids[:_PART]
        return Inventory(
            tuple(contents.remote_id(uid) for uid in part),
            json.dumps([validity, part[-1]]) if len(uids) > _PART else "",
        )

    def listings(self, folder: str, remote_ids: Sequence[str]) -> Iterator[Listing]:
        self._begin("listings")
        contents = self._mailbox.opened(folder)
        uids = {contents.remote_id(uid): uid for uid in contents.messages}
        for remote_id in dict.fromkeys(remote_ids):
            if remote_id in uids:
                yield self._listing(contents, uids[remote_id])

    def search(self, query: Query, limit: int = 20) -> Iterator[Found]:
        self._begin("search")
        found = (
            Found(folder.remote_id, listing)
            for folder in self._mailbox.listed_folders()
            if folder.selectable and not query.is_empty
            for listing in self._all_listings(folder.remote_id)
            if matches(listing, query)
        )
        yield from islice(found, limit)

    def _all_listings(self, folder: str) -> Iterator[Listing]:
        contents = self._mailbox.opened(folder)
        for uid in sorted(contents.messages, reverse=True):
            yield self._listing(contents, uid)

    def close(self) -> None:
        self._mailbox.traffic.requests += self.traffic.requests
        self._mailbox.traffic.bytes_received += self.traffic.bytes_received
        self.traffic = Traffic()

    def _begin(self, call: Call) -> None:
        self.traffic.requests += 1
        fault = self._mailbox.take_fault(call)
        if fault is not None:
            raise fault.error

    @staticmethod
    def _read_cursor(cursor: str) -> _Cursor | None:
        return _Cursor(*json.loads(cursor)) if cursor else None

    def _is_changed(self, folder: str, cursor: str) -> bool:
        known = self._read_cursor(cursor)
        try:
            contents = self._mailbox.opened(folder)
        except (FolderGone, FolderUnreadable):
            # Named, so that ``changes`` says why.
            return True
        return (
            known is None or known.low > 1 or known.validity != contents.validity or (known.seen != contents.changed_at)
        )

    @staticmethod
    def _next_listed(contents: Contents, known: _Cursor, limit: int) -> tuple[list[int], _Cursor]:
        """The uids of the next page, newest first, and the cursor behind them; new mail before the backlog."""
        new = [uid for uid in contents.messages if uid >= known.next]
        if new:
            page = new[:limit]
            end = page[-1] + 1 if len(new) > limit else contents.next_uid
            return page[::-1], _Cursor(known.validity, known.low, end, known.seen)
        backlog = [uid for uid in contents.messages if uid < known.low]
        page = backlog[-limit:]
        low = page[0] if len(backlog) > limit else 1
        return page[::-1], _Cursor(known.validity, low, contents.next_uid, known.seen)

    @staticmethod
    def _changed_since(contents: Contents, known: _Cursor) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
        flags = {
            contents.remote_id(uid): message.flags
            for uid, message in contents.messages.items()
            if message.changed_at > known.seen and uid < known.next
        }
        gone = frozenset(contents.remote_id(uid) for uid, moment in contents.expunged.items() if moment > known.seen)
        return flags, gone

    @staticmethod
    def _listing(contents: Contents, uid: int) -> Listing:
        message = contents.messages[uid]
        header = message.content.partition(b"\r\n\r\n")[0].partition(b"\n\n")[0]
        return Listing(
            remote_id=contents.remote_id(uid),
            head=read_head(header + b"\r\n\r\n"),
            size=len(message.content),
            received=message.received,
            flags=message.flags,
            thread_id=message.thread_id,
        )
