# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A session that changes what lies in the mailbox."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, final

from ...acting import SEEN, Actor, Placed, sending
from ...envelope import without_bcc
from ...errors import NotPermitted
from ...mime import read_head
from ...provider import Traffic
from ...snippets import snippet_of

if TYPE_CHECKING:
    from .mailbox import Call, MemoryMailbox

_DRAFT = "\\Draft"


@final
class MemoryActor(Actor):
    """Acts in a :class:`~.mailbox.MemoryMailbox`; like in IMAP a moved message has another id afterwards."""

    def __init__(self, mailbox: MemoryMailbox) -> None:
        self.traffic = Traffic()
        self._mailbox = mailbox
        self._ask("sign_in")

    def set_flags(
        self, folder: str, remote_ids: Sequence[str], add: Collection[str] = (), remove: Collection[str] = ()
    ) -> None:
        self._begin("set_flags", folder)
        for remote_id in self._lying(folder, remote_ids):
            contents, uid = self._mailbox.find(remote_id)
            flags = contents.messages[uid].flags.difference(remove).union(add)
            self._mailbox.set_flags(remote_id, flags)

    def move(self, folder: str, remote_ids: Sequence[str], target: str) -> Placed:
        self._begin("move", folder, target)
        return self._moved(folder, remote_ids, target)

    def archive(self, folder: str, remote_ids: Sequence[str]) -> Placed:
        self._begin("archive", folder)
        return self._moved(folder, remote_ids, self._mailbox.folder_of("archive", "Archive"))

    def delete(self, folder: str, remote_ids: Sequence[str]) -> Placed:
        self._begin("delete", folder)
        trash = self._mailbox.folder_of("trash", "Trash")
        if folder != trash:
            return self._moved(folder, remote_ids, trash)
        for remote_id in self._lying(folder, remote_ids):
            self._mailbox.delete(remote_id)
        return Placed()

    def save_draft(self, message: bytes, replacing: str = "", thread_id: str = "") -> str:
        self._begin("save_draft")
        drafts = self._mailbox.folder_of("drafts", "Drafts")
        remote_id = self._mailbox.deliver(message, drafts, flags=[SEEN, _DRAFT], thread_id=thread_id)
        self._discard(replacing)
        return remote_id

    def discard_draft(self, remote_id: str) -> None:
        self._begin("discard_draft")
        self._discard(remote_id)

    def send(self, message: bytes, thread_id: str = "") -> str:
        with sending():
            self._begin("send")
        self._mailbox.delivered.append(without_bcc(message))
        if not self._mailbox.keeps_sent:
            return ""
        return self._mailbox.deliver(
            message, self._mailbox.folder_of("sent", "Sent"), flags=[SEEN], thread_id=thread_id
        )

    def keep_sent(self, message: bytes) -> str:
        self._begin("keep_sent")
        sent, own_id = self._mailbox.folder_of("sent", "Sent"), read_head(message).message_id
        for remote_id in self._mailbox.remote_ids(sent):
            if read_head(self._mailbox.content(remote_id)).message_id == own_id:
                return remote_id
        return self._mailbox.deliver(message, sent, flags=[SEEN])

    def snippets(self, folder: str, remote_ids: Sequence[str]) -> Mapping[str, str]:
        self._ask("snippets")
        self._mailbox.opened(folder)
        lying = self._lying(folder, remote_ids)
        return {remote_id: snippet_of(self._mailbox.content(remote_id)) for remote_id in lying}

    def close(self) -> None:
        self._mailbox.traffic.requests += self.traffic.requests
        self.traffic = Traffic()

    def _begin(self, call: Call, *folders: str) -> None:
        self._ask(call)
        for folder in folders:
            self._mailbox.opened(folder)
        if not self._mailbox.may_change:
            raise NotPermitted()

    def _ask(self, call: Call) -> None:
        self.traffic.requests += 1
        fault = self._mailbox.take_fault(call)
        if fault is not None:
            raise fault.error

    def _lying(self, folder: str, remote_ids: Sequence[str]) -> Iterator[str]:
        """Those that are still in the folder, each once."""
        for remote_id in dict.fromkeys(remote_ids):
            if self._mailbox.lies_in(folder, remote_id):
                yield remote_id

    def _moved(self, folder: str, remote_ids: Sequence[str], target: str) -> Placed:
        if folder == target:
            return Placed(folder)
        return Placed(target, {old: self._mailbox.move(old, target) for old in self._lying(folder, remote_ids)})

    def _discard(self, remote_id: str) -> None:
        if self._mailbox.lies_in(self._mailbox.folder_of("drafts", "Drafts"), remote_id):
            self._mailbox.delete(remote_id)
