# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A mailbox in memory: the provider contract without a network.

:class:`MemoryMailbox` is the server's side, on which mail is delivered, moved, lost and broken;
:class:`MemoryProvider` is a session with it. It is a full provider, with ids, cursors and resets that behave
like those of IMAP (uid, UIDVALIDITY, modification sequence), so that what holds with it holds elsewhere.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal, final

from ..errors import CursorExpired, FolderGone, FolderUnreadable, MailSyncError, MessageError, MessageGone
from ..looking import matches
from ..mime import read_head
from ..provider import (
    Fetched,
    Folder,
    FolderRole,
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

Call = Literal["sign_in", "folders", "changed", "changes", "fetch", "inventory", "listings", "search"]

# Ids of a part of an inventory.
_PART = 1_000


@dataclass(slots=True)
class _Message:
    content: bytes
    received: float | None
    flags: frozenset[str]
    changed_at: int
    thread_id: str = ""


@dataclass(slots=True)
class _Contents:
    folder: Folder
    validity: int
    next_uid: int = 1
    messages: dict[int, _Message] = field(default_factory=dict)
    # uid → when it left, for sessions whose cursor is older
    expunged: dict[int, int] = field(default_factory=dict)
    changed_at: int = 0

    def remote_id(self, uid: int) -> str:
        return f"{uid}.{self.validity}@{self.folder.remote_id}"


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Listed so far are the uids in [low, next); ``seen`` is the last change that was told."""

    validity: int
    low: int
    next: int
    seen: int

    def text(self) -> str:
        return json.dumps([self.validity, self.low, self.next, self.seen])


@dataclass(slots=True)
class _Fault:
    call: Call
    error: MailSyncError
    after: int


class MemoryMailbox:
    """A mailbox and its server. Ids that it hands out are the remote ids of the contract."""

    def __init__(self, *folders: str) -> None:
        """:param folders: names of folders to begin with besides the inbox."""
        self._clock = 0
        self._faults: deque[_Fault] = deque()
        self._broken: dict[str, MessageError] = {}
        self._contents: dict[str, _Contents] = {}
        self.traffic = Traffic()
        self.add_folder("INBOX", role="inbox")
        for name in folders:
            self.add_folder(name)

    def session(self) -> MemoryProvider:
        """Sign in."""
        return MemoryProvider(self)

    # What happens on the server

    def add_folder(self, *path: str, role: FolderRole = "", selectable: bool = True) -> str:
        """Make a folder (again, after it was removed); answers its remote id."""
        remote_id = "/".join(path)
        folder = Folder(remote_id, path, role, selectable)
        self._contents[remote_id] = _Contents(folder, validity=self._tick())
        return remote_id

    def remove_folder(self, folder: str) -> None:
        del self._contents[folder]

    def deliver(
        self,
        content: bytes,
        folder: str = "INBOX",
        *,
        received: float | None = None,
        flags: Iterable[str] = (),
        thread_id: str = "",
    ) -> str:
        """Put a message into a folder.

        :param received: seconds since the epoch.
        :param thread_id: the conversation that it belongs to, for a server that knows such.
        """
        contents = self._contents[folder]
        uid = contents.next_uid
        contents.next_uid += 1
        contents.changed_at = self._tick()
        contents.messages[uid] = _Message(content, received, frozenset(flags), contents.changed_at, thread_id)
        return contents.remote_id(uid)

    def set_flags(self, remote_id: str, flags: Iterable[str]) -> None:
        contents, uid = self._find(remote_id)
        message = contents.messages[uid]
        message.flags = frozenset(flags)
        message.changed_at = contents.changed_at = self._tick()

    def delete(self, remote_id: str) -> None:
        contents, uid = self._find(remote_id)
        del contents.messages[uid]
        contents.expunged[uid] = contents.changed_at = self._tick()

    def move(self, remote_id: str, folder: str) -> str:
        """Move a message; like in IMAP it has another id afterwards."""
        contents, uid = self._find(remote_id)
        message = contents.messages[uid]
        self.delete(remote_id)
        return self.deliver(message.content, folder, received=message.received, flags=message.flags)

    def reset(self, folder: str) -> None:
        """Number a folder's messages anew (a new UIDVALIDITY, RFC 3501 §2.3.1.1)."""
        contents = self._contents[folder]
        moment = self._tick()
        messages = {uid: message for uid, (_, message) in enumerate(sorted(contents.messages.items()), 1)}
        self._contents[folder] = _Contents(contents.folder, moment, len(messages) + 1, messages, changed_at=moment)

    def fail_next(self, error: MailSyncError, call: Call = "changes", after: int = 0) -> None:
        """Let the next ``call`` raise ``error`` once; ``fetch`` only after so many messages."""
        self._faults.append(_Fault(call, error, after))

    def break_message(self, remote_id: str, error: MessageError | None) -> None:
        """Let ``fetch`` answer ``error`` for a message from now on; None mends it."""
        if error is None:
            self._broken.pop(remote_id, None)
        else:
            self._broken[remote_id] = error

    def remote_ids(self, folder: str = "INBOX") -> list[str]:
        contents = self._contents[folder]
        return [contents.remote_id(uid) for uid in contents.messages]

    def content(self, remote_id: str) -> bytes:
        contents, uid = self._find(remote_id)
        return contents.messages[uid].content

    # What a session sees of it

    def take_fault(self, call: Call) -> _Fault | None:
        for fault in self._faults:
            if fault.call == call:
                self._faults.remove(fault)
                return fault
        return None

    def listed_folders(self) -> list[Folder]:
        return [contents.folder for contents in self._contents.values()]

    def opened(self, folder: str) -> _Contents:
        contents = self._contents.get(folder)
        if contents is None:
            raise FolderGone()
        if not contents.folder.selectable:
            raise FolderUnreadable()
        return contents

    def answer(self, folder: str, remote_id: str) -> Fetched:
        if remote_id in self._broken:
            return Fetched(remote_id, error=self._broken[remote_id])
        try:
            contents, uid = self._find(remote_id)
        except KeyError:
            return Fetched(remote_id, error=MessageGone())
        if contents.folder.remote_id != folder:
            return Fetched(remote_id, error=MessageGone())
        return Fetched(remote_id, contents.messages[uid].content)

    def _find(self, remote_id: str) -> tuple[_Contents, int]:
        """Raises KeyError for an id that is not, or no longer, that of a message."""
        number, _, folder = remote_id.partition("@")
        uid, _, validity = number.partition(".")
        contents = self._contents[folder]
        if validity != str(contents.validity) or not uid.isdecimal():
            raise KeyError(remote_id)
        if int(uid) not in contents.messages:
            raise KeyError(remote_id)
        return contents, int(uid)

    def _tick(self) -> int:
        self._clock += 1
        return self._clock


@final
class MemoryProvider(Provider):
    """A session with a :class:`MemoryMailbox`."""

    stable_ids = False

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
    def _next_listed(contents: _Contents, known: _Cursor, limit: int) -> tuple[list[int], _Cursor]:
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
    def _changed_since(contents: _Contents, known: _Cursor) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
        flags = {
            contents.remote_id(uid): message.flags
            for uid, message in contents.messages.items()
            if message.changed_at > known.seen and uid < known.next
        }
        gone = frozenset(contents.remote_id(uid) for uid, moment in contents.expunged.items() if moment > known.seen)
        return flags, gone

    @staticmethod
    def _listing(contents: _Contents, uid: int) -> Listing:
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
