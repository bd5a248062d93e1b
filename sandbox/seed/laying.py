# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Lays seeded mailboxes onto servers of each kind, as if their mail had arrived and been filed there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Protocol

from sandbox.services.maildir import Mail

from .mailboxes import Folder, SeededMailbox

# Gmail's system labels and Outlook's well-known folders by role
_LABELS = {"inbox": "INBOX", "sent": "SENT", "drafts": "DRAFT", "junk": "SPAM", "trash": "TRASH"}
_WELL_KNOWN = {"inbox": "inbox", "sent": "sentitems", "drafts": "drafts", "junk": "junkemail", "trash": "deleteditems"}


class ImapServer(Protocol):
    """What is needed of the sandbox's Dovecot and the like; its users are the mailboxes' addresses."""

    def make_folder(self, user: str, folder: str) -> None: ...

    def append(self, user: str, folder: str, mails: Iterable[Mail]) -> int: ...


class GmailAccount(Protocol):
    """What is needed of an account of the sandbox's Google."""

    def add_label(self, name: str) -> str: ...

    def deliver(
        self, content: bytes, labels: Collection[str], *, received: float | None, unread: bool, starred: bool
    ) -> str: ...


class OutlookAccount(Protocol):
    """What is needed of an account of the sandbox's Microsoft."""

    def add_folder(self, *path: str) -> str: ...

    def folder(self, well_known_name: str) -> str: ...

    def deliver(
        self, content: bytes, folder: str, *, received: float | None, is_read: bool, flagged: bool, is_draft: bool
    ) -> str: ...


def lay_imap(mailbox: SeededMailbox, server: ImapServer) -> None:
    for folder in mailbox.folders:
        for depth in range(1, len(folder.path)):
            server.make_folder(mailbox.address, "/".join(folder.path[:depth]))
        mails = (Mail(m.content, tuple(sorted(m.flags)), m.received.timestamp()) for m in folder.messages)
        server.append(mailbox.address, "/".join(folder.path), mails)


def lay_gmail(mailbox: SeededMailbox, account: GmailAccount) -> None:
    for folder in mailbox.folders:
        label = _LABELS.get(folder.role) or _label(folder, account)
        for message in folder.messages:
            account.deliver(
                message.content,
                (label,),
                received=message.received.timestamp(),
                unread="\\Seen" not in message.flags,
                starred="\\Flagged" in message.flags,
            )


def _label(folder: Folder, account: GmailAccount) -> str:
    """A label is one name; its parents are labels of their own (and need not be there)."""
    for depth in range(1, len(folder.path)):
        account.add_label("/".join(folder.path[:depth]))
    return account.add_label("/".join(folder.path))


def lay_outlook(mailbox: SeededMailbox, account: OutlookAccount) -> None:
    for folder in mailbox.folders:
        known = _WELL_KNOWN.get(folder.role)
        place = account.folder(known) if known else account.add_folder(*folder.path)
        for message in folder.messages:
            account.deliver(
                message.content,
                place,
                received=message.received.timestamp(),
                is_read="\\Seen" in message.flags,
                flagged="\\Flagged" in message.flags,
                is_draft="\\Draft" in message.flags,
            )
