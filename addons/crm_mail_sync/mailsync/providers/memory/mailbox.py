# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The server's side: mail is delivered, moved, lost and broken here."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from ...errors import FolderGone, FolderUnreadable, MailSyncError, MessageError, MessageGone
from ...provider import Fetched, Folder, FolderRole, Traffic
from .actor import MemoryActor
from .session import MemoryProvider

Call = Literal[
    "sign_in", "folders", "changed", "changes", "fetch", "inventory", "listings", "search",
    "set_flags", "move", "archive", "delete", "save_draft", "discard_draft", "send", "keep_sent", "snippets",
]  # fmt: skip


@dataclass(slots=True)
class _Message:
    content: bytes
    received: float | None
    flags: frozenset[str]
    changed_at: int
    thread_id: str = ""


@dataclass(slots=True)
class Contents:
    folder: Folder
    validity: int
    next_uid: int = 1
    messages: dict[int, _Message] = field(default_factory=dict)
    # uid → when it left, for sessions whose cursor is older
    expunged: dict[int, int] = field(default_factory=dict)
    changed_at: int = 0

    def remote_id(self, uid: int) -> str:
        return f"{uid}.{self.validity}@{self.folder.remote_id}"


@dataclass(slots=True)
class Fault:
    call: Call
    error: MailSyncError
    after: int


class MemoryMailbox:
    """A mailbox and its server. Ids that it hands out are the remote ids of the contract."""

    def __init__(self, *folders: str) -> None:
        """:param folders: names of folders to begin with besides the inbox."""
        self._clock = 0
        self._faults: deque[Fault] = deque()
        self._broken: dict[str, MessageError] = {}
        self._contents: dict[str, Contents] = {}
        # What others got from here, the oldest first; and whether who signs in may change anything.
        self.delivered: list[bytes] = []
        self.may_change = True
        # Whether what is sent lies among the sent messages by itself.
        self.keeps_sent = True
        self.traffic = Traffic()
        self.add_folder("INBOX", role="inbox")
        for name in folders:
            self.add_folder(name)

    def session(self) -> MemoryProvider:
        """Sign in."""
        return MemoryProvider(self)

    def actor(self) -> MemoryActor:
        """Sign in, to change something."""
        return MemoryActor(self)

    # What happens on the server

    def add_folder(self, *path: str, role: FolderRole = "", selectable: bool = True) -> str:
        """Make a folder (again, after it was removed); answers its remote id."""
        remote_id = "/".join(path)
        folder = Folder(remote_id, path, role, selectable)
        self._contents[remote_id] = Contents(folder, validity=self._tick())
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
        contents, uid = self.find(remote_id)
        message = contents.messages[uid]
        message.flags = frozenset(flags)
        message.changed_at = contents.changed_at = self._tick()

    def delete(self, remote_id: str) -> None:
        contents, uid = self.find(remote_id)
        del contents.messages[uid]
        contents.expunged[uid] = contents.changed_at = self._tick()

    def move(self, remote_id: str, folder: str) -> str:
        """Move a message; like in IMAP it has another id afterwards."""
        contents, uid = self.find(remote_id)
        message = contents.messages[uid]
        self.delete(remote_id)
        return self.deliver(
            message.content, folder, received=message.received, flags=message.flags, thread_id=message.thread_id
        )

    def reset(self, folder: str) -> None:
        """Number a folder's messages anew (a new UIDVALIDITY, RFC 3501 §2.3.1.1)."""
        contents = self._contents[folder]
        moment = self._tick()
        messages = {uid: message for uid, (_, message) in enumerate(sorted(contents.messages.items()), 1)}
        self._contents[folder] = Contents(contents.folder, moment, len(messages) + 1, messages, changed_at=moment)

    def fail_next(self, error: MailSyncError, call: Call = "changes", after: int = 0) -> None:
        """Let the next ``call`` raise ``error`` once; ``fetch`` only after so many messages."""
        self._faults.append(Fault(call, error, after))

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
        contents, uid = self.find(remote_id)
        return contents.messages[uid].content

    # What a session sees of it

    def take_fault(self, call: Call) -> Fault | None:
        for fault in self._faults:
            if fault.call == call:
                self._faults.remove(fault)
                return fault
        return None

    def listed_folders(self) -> list[Folder]:
        return [contents.folder for contents in self._contents.values()]

    def opened(self, folder: str) -> Contents:
        contents = self._contents.get(folder)
        if contents is None:
            raise FolderGone()
        if not contents.folder.selectable:
            raise FolderUnreadable()
        return contents

    def lies_in(self, folder: str, remote_id: str) -> bool:
        """Whether this is the id of a message in there."""
        return self.answer(folder, remote_id).content is not None

    def folder_of(self, role: FolderRole, name: str) -> str:
        """The folder with this role, else the one with this name, which is made if there is none."""
        for folder in self.listed_folders():
            if folder.role == role:
                return folder.remote_id
        return name if name in self._contents else self.add_folder(name, role=role)

    def answer(self, folder: str, remote_id: str) -> Fetched:
        if remote_id in self._broken:
            return Fetched(remote_id, error=self._broken[remote_id])
        try:
            contents, uid = self.find(remote_id)
        except KeyError:
            return Fetched(remote_id, error=MessageGone())
        if contents.folder.remote_id != folder:
            return Fetched(remote_id, error=MessageGone())
        return Fetched(remote_id, contents.messages[uid].content)

    def find(self, remote_id: str) -> tuple[Contents, int]:
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
