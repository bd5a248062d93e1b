# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The state of a mailbox: folders, messages, and a log of changes for each folder."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from sandbox.cloud.clock import Clock
from sandbox.cloud.content import Content

from . import ids
from .errors import GraphError

WELL_KNOWN = {
    "inbox": "Posteingang",
    "sentitems": "Gesendete Elemente",
    "drafts": "Entwürfe",
    "deleteditems": "Gelöschte Elemente",
    "junkemail": "Junk-E-Mail",
    "archive": "Archiv",
    "outbox": "Postausgang",
}


@dataclass(frozen=True)
class Change:
    """``names``: properties of an update; a removal says whether the message lives on elsewhere."""

    number: int
    message_id: str
    kind: str
    names: frozenset[str] = frozenset()


@dataclass
class Folder:
    id: str
    name: str
    parent: str
    well_known: str = ""
    is_hidden: bool = False
    changes: list[Change] = field(default_factory=list)
    # Delta links of older generations have expired, see ``OutlookAccount.expire_delta``.
    generation: int = 1
    expired: tuple[str, bool] = ("SyncStateNotFound", False)


@dataclass
class Message:
    id: str
    content: Content
    folder: str
    received: float
    is_read: bool = False
    flagged: bool = False
    is_draft: bool = False
    last_verb: int = 0
    version: int = 1


class Mailbox:
    """Everything is done with :attr:`lock` held. Folders are named by id or by well-known name."""

    def __init__(self, address: str, clock: Clock) -> None:
        self.address = address
        self.lock = threading.RLock()
        self.folders: dict[str, Folder] = {}
        self.messages: dict[str, Message] = {}
        self.number = 0
        # folder → number of its last change; those that are gone as well
        self.folder_changes: dict[str, int] = {}
        self._clock = clock
        self._made = 0
        for known, name in WELL_KNOWN.items():
            self.add_folder(name, well_known=known)
        self.add_folder("Conversation History", is_hidden=True)

    def add_folder(self, name: str, parent: str = "", *, well_known: str = "", is_hidden: bool = False) -> Folder:
        if any(folder.name == name for folder in self.children(parent)):
            raise GraphError(409)
        self._made += 1
        folder = Folder(ids.folder(self.address, self._made), name, parent, well_known, is_hidden)
        self.folders[folder.id] = folder
        self._log_folder(folder.id)
        return folder

    def rename_folder(self, folder_id: str, name: str) -> None:
        self.folder(folder_id).name = name
        self._log_folder(folder_id)

    def children(self, parent: str) -> list[Folder]:
        return [folder for folder in self.folders.values() if folder.parent == parent]

    def folder(self, name: str) -> Folder:
        """By id or well-known name; raises GraphError 404."""
        if name in self.folders:
            return self.folders[name]
        for folder in self.folders.values():
            if folder.well_known and folder.well_known == name.lower():
                return folder
        raise GraphError(404)

    def remove_folder(self, folder_id: str) -> None:
        for child in self.children(folder_id):
            self.remove_folder(child.id)
        for message in [m for m in self.messages.values() if m.folder == folder_id]:
            del self.messages[message.id]
        del self.folders[folder_id]
        self._log_folder(folder_id)

    def add(self, raw: bytes, folder: str, received: float | None) -> Message:
        self._made += 1
        message_id = ids.immutable(self.address, self._made)
        when = self._clock.now() if received is None else received
        message = Message(message_id, Content(raw, message_id), self.folder(folder).id, when)
        self.messages[message_id] = message
        self._log(message.folder, message_id, "added")
        return message

    def update(
        self,
        message: Message,
        *,
        is_read: bool | None = None,
        flagged: bool | None = None,
        last_verb: int | None = None,
    ) -> None:
        names = set()
        if last_verb is not None:
            message.last_verb = last_verb
        if is_read is not None:
            message.is_read = is_read
            names.add("isRead")
        if flagged is not None:
            message.flagged = flagged
            names.add("flag")
        message.version += 1
        self._log(message.folder, message.id, "updated", names)

    def move(self, message: Message, folder: str) -> None:
        there = self.folder(folder).id
        if there == message.folder:
            return
        self._log(message.folder, message.id, "moved")
        message.folder = there
        message.version += 1
        self._log(there, message.id, "added")

    def delete(self, message: Message) -> None:
        del self.messages[message.id]
        self._log(message.folder, message.id, "deleted")

    def newest_first(self, folder_id: str | None = None) -> list[Message]:
        found = [m for m in self.messages.values() if folder_id in (None, m.folder)]
        return sorted(found, key=lambda m: (-m.received, m.id))

    def find(self, message_id: str) -> Message:
        """By either kind of id; raises GraphError."""
        if message_id in self.messages:
            return self.messages[message_id]
        for message in self.messages.values():
            if ids.mutable(message.id, message.folder) == message_id:
                return message
        is_well_formed = message_id.startswith(("AAkA", "AAMk")) and message_id.endswith("=")
        raise GraphError(404) if is_well_formed else GraphError(400, "ErrorInvalidIdMalformed")

    def _log_folder(self, folder_id: str) -> None:
        self.number += 1
        self.folder_changes[folder_id] = self.number

    def _log(self, folder_id: str, message_id: str, kind: str, names: Iterable[str] = ()) -> None:
        self.number += 1
        self.folder_changes[folder_id] = self.number
        self.folders[folder_id].changes.append(Change(self.number, message_id, kind, frozenset(names)))
