# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A user's account as tests and the demo handle it: mail comes, is read, moved and deleted behind the client's back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from sandbox.cloud.clock import Clock

from .mailbox import Mailbox


class GmailAccount:
    """One Google account with its mailbox.

    :param aliases: further addresses from which it may send and under which it receives
    """

    def __init__(self, address: str, name: str, aliases: Sequence[str], clock: Clock) -> None:
        self.address = address
        self.name = name
        self.aliases = tuple(alias.lower() for alias in aliases)
        self.mailbox = Mailbox(address, clock)
        self._clock = clock

    @property
    def subject(self) -> str:
        """The account's number, the claim ``sub`` of its identity tokens; it never changes."""
        return str(10**20 + int(hashlib.sha256(self.address.encode()).hexdigest()[:16], 16))

    @property
    def domain(self) -> str | None:
        """The Workspace domain, the claim ``hd``; consumer accounts have none."""
        domain = self.address.rpartition("@")[2]
        return None if domain in ("gmail.com", "googlemail.com") else domain

    def add_label(self, name: str) -> str:
        """Make a label; ``/`` in its name nests it.

        :return: its id
        """
        with self.mailbox.lock:
            return self.mailbox.labels.create(name).id

    def rename_label(self, label_id: str, name: str) -> None:
        """Give a label another name; its id stays."""
        with self.mailbox.lock:
            self.mailbox.labels.change(label_id, {"name": name})

    def remove_label(self, label_id: str) -> None:
        """Take a label away, from all messages too."""
        with self.mailbox.lock:
            self.mailbox.remove_label(label_id)

    def deliver(
        self,
        content: bytes,
        labels: Iterable[str] = ("INBOX",),
        *,
        received: float | None = None,
        unread: bool = True,
        starred: bool = False,
    ) -> str:
        """A message arrives.

        :param labels: ids
        :param received: seconds since 1970; now when left out
        :return: its id
        """
        flags = ["UNREAD"] * unread + ["STARRED"] * starred
        with self.mailbox.lock:
            when = self._clock.now() if received is None else received
            return self.mailbox.add(content, [*labels, *flags], when).id

    def set_labels(self, message_id: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """The user gives and takes labels, by id; ``UNREAD`` and ``STARRED`` are labels too."""
        with self.mailbox.lock:
            self.mailbox.change_labels([self.mailbox.get(message_id)], add, remove)

    def trash(self, message_id: str) -> None:
        """The user throws a message away."""
        with self.mailbox.lock:
            self.mailbox.trash([self.mailbox.get(message_id)])

    def delete(self, message_id: str) -> None:
        """The user removes a message for ever."""
        with self.mailbox.lock:
            self.mailbox.delete([self.mailbox.get(message_id)])

    def raw(self, message_id: str) -> bytes:
        """The message as it came."""
        with self.mailbox.lock:
            return self.mailbox.get(message_id).content.raw

    def labels(self, message_id: str) -> set[str]:
        """The ids of a message's labels."""
        with self.mailbox.lock:
            return set(self.mailbox.get(message_id).labels)

    def ids(self, label: str | None = None) -> list[str]:
        """The ids of all messages, or of those with a label, newest first; spam and trash are among them."""
        with self.mailbox.lock:
            return [m.id for m in self.mailbox.newest_first() if label is None or label in m.labels]

    def thread_id(self, message_id: str) -> str:
        """The conversation a message is in."""
        with self.mailbox.lock:
            return self.mailbox.get(message_id).thread_id

    def expire_history(self) -> None:
        """Gmail forgets the history: cursors and page tokens given out so far are too old."""
        with self.mailbox.lock:
            self.mailbox.history.expire()
            self.mailbox.pages.expire()
