# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A session with an IMAP mailbox that changes what lies in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import final

from ... import smtp
from ...acting import Actor, Placed
from ...errors import SendingNotSetUp
from .changing import Changer
from .keeping import Keeper
from .mailboxes import Mailboxes
from .session import ImapSession
from .settings import ImapSettings
from .signin import signed_in
from .snippets import snippets
from .special import SpecialFolders
from .transport import Client


def connect_to_act(settings: ImapSettings) -> ImapActor:
    """Sign in; raises ConnectionFailed, SignInFailed, ServerUnavailable or ProtocolError."""
    return ImapActor(signed_in(settings), settings)


@final
class ImapActor(ImapSession, Actor):
    """Changes a mailbox by SELECT, STORE, MOVE and APPEND; a moved message has another id afterwards."""

    def __init__(self, client: Client, settings: ImapSettings) -> None:
        super().__init__(client, settings)
        self._smtp = settings.smtp
        self._mailboxes = Mailboxes(self._wire, self._capabilities, to_change=True)
        self._to_read = Mailboxes(self._wire, self._capabilities)
        self._special = SpecialFolders(self._wire, self._capabilities)
        self._changer = Changer(self._wire, self._mailboxes, self._capabilities)
        self._keeper = Keeper(self._wire, self._mailboxes)

    def set_flags(
        self, folder: str, remote_ids: Sequence[str], add: Collection[str] = (), remove: Collection[str] = ()
    ) -> None:
        self._changer.set_flags(folder, remote_ids, add, remove)

    def move(self, folder: str, remote_ids: Sequence[str], target: str) -> Placed:
        return self._changer.move(folder, remote_ids, target)

    def archive(self, folder: str, remote_ids: Sequence[str]) -> Placed:
        return self._changer.move(folder, remote_ids, self._special.of("archive"))

    def delete(self, folder: str, remote_ids: Sequence[str]) -> Placed:
        trash = self._special.of("trash")
        if folder != trash:
            return self._changer.move(folder, remote_ids, trash)
        self._changer.remove(folder, remote_ids)
        return Placed()

    def save_draft(self, message: bytes, replacing: str = "", thread_id: str = "") -> str:
        saved = self._keeper.append(self._special.of("drafts"), message, [b"\\Draft", b"\\Seen"])
        # The new one is safe by now.
        self.discard_draft(replacing)
        return saved

    def discard_draft(self, remote_id: str) -> None:
        drafts = self._special.of("drafts")
        if remote_id.partition("@")[2] == drafts:
            self._changer.remove(drafts, [remote_id])

    def send(self, message: bytes, thread_id: str = "") -> str:
        """By another server, for which this session may wait for longer than it lives. "": no copy is kept."""
        if self._smtp is None:
            raise SendingNotSetUp()
        smtp.send(self._smtp, message, self.traffic)
        return ""

    def keep_sent(self, message: bytes) -> str:
        sent = self._special.of("sent")
        found = self._keeper.find(sent, message)
        if found or "X-GM-EXT-1" in self._capabilities:
            # Gmail does it, if not at once.
            return found
        return self._keeper.append(sent, message, [b"\\Seen"])

    def snippets(self, folder: str, remote_ids: Sequence[str]) -> Mapping[str, str]:
        return snippets(self._wire, self._to_read, folder, remote_ids)
