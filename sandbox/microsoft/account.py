# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A mailbox as tests and the demo handle it: mail comes, is read, moved and deleted behind the client's back."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Literal

from sandbox.cloud.clock import Clock

from .mailbox import Mailbox, Message


class OutlookAccount:
    """An account with its mailbox; ``is_shared``: nobody signs in with it, others open it."""

    def __init__(
        self, address: str, name: str, tenant: str, clock: Clock, *, aliases: Iterable[str] = (), shared: bool = False
    ) -> None:
        self.address = address.lower()
        self.name = name or address.partition("@")[0]
        self.tenant = tenant
        self.aliases: Sequence[str] = tuple(alias.lower() for alias in aliases)
        self.is_shared = shared
        self.has_mailbox = True
        self.oid = str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{self.address}"))
        # who else may open it
        self.readers: set[str] = set()
        self.mailbox = Mailbox(self.address, clock)

    def add_folder(self, *path: str) -> str:
        """Make a folder below those that lead to it, which are made as well; answers its id."""
        with self.mailbox.lock:
            parent = ""
            for name in path:
                found = [f for f in self.mailbox.children(parent) if f.name == name]
                parent = found[0].id if found else self.mailbox.add_folder(name, parent).id
            return parent

    def rename_folder(self, folder_id: str, name: str) -> None:
        with self.mailbox.lock:
            self.mailbox.rename_folder(folder_id, name)

    def remove_folder(self, folder_id: str) -> None:
        """A folder goes for good, with all that is in it."""
        with self.mailbox.lock:
            self.mailbox.remove_folder(folder_id)

    def folder(self, well_known_name: str) -> str:
        """The id behind inbox, sentitems, drafts, deleteditems, junkemail, archive, outbox."""
        with self.mailbox.lock:
            return self.mailbox.folder(well_known_name).id

    def deliver(
        self,
        content: bytes,
        folder: str = "inbox",
        *,
        received: float | None = None,
        is_read: bool = False,
        flagged: bool = False,
        is_draft: bool = False,
    ) -> str:
        """A message arrives; answers its immutable id.

        :param received: seconds since 1970; now when left out
        """
        with self.mailbox.lock:
            message = self.mailbox.add(content, folder, received)
            message.is_read, message.flagged, message.is_draft = is_read, flagged, is_draft
            return message.id

    def update(self, message_id: str, is_read: bool | None = None, flagged: bool | None = None) -> None:
        with self.mailbox.lock:
            self.mailbox.update(self._message(message_id), is_read=is_read, flagged=flagged)

    def move(self, message_id: str, folder: str) -> str:
        """Answers the immutable id, which is the same as before."""
        with self.mailbox.lock:
            self.mailbox.move(self._message(message_id), folder)
            return message_id

    def delete(self, message_id: str) -> None:
        """A message goes for good."""
        with self.mailbox.lock:
            self.mailbox.delete(self._message(message_id))

    def ids(self, folder: str | None = None) -> list[str]:
        """Immutable ids, newest first."""
        with self.mailbox.lock:
            wanted = folder and self.mailbox.folder(folder).id
            return [m.id for m in self.mailbox.newest_first() if wanted in (None, m.folder)]

    def raw(self, message_id: str) -> bytes:
        """The message as it came."""
        with self.mailbox.lock:
            return self._message(message_id).content.raw

    def expire_delta(
        self,
        folder: str | None = None,
        code: Literal["SyncStateNotFound", "resyncRequired"] = "SyncStateNotFound",
        with_location: bool = False,
    ) -> None:
        """Links of delta queries given out so far are answered by 410."""
        with self.mailbox.lock:
            folders = [self.mailbox.folder(folder)] if folder else list(self.mailbox.folders.values())
            for one in folders:
                one.generation += 1
                one.expired = (code, with_location)

    def _message(self, message_id: str) -> Message:
        return self.mailbox.messages[message_id]
