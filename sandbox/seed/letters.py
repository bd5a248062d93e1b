# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The letters of the plan: what a person typed, what a mail program made of it, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .files import File
from .world import Person


@dataclass(frozen=True, slots=True)
class Copy:
    """Where a letter lies: whose mailbox, which folder (its names from the root), with which flags."""

    login: str
    folder: tuple[str, ...]
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Letter:
    """A message of the plan with all that decides where it belongs; ``content`` is what was sent.

    ``participants`` are the addresses in From, Sender, Reply-To, To, Cc and Bcc. ``ancestors`` are the Message-IDs in
    In-Reply-To and References, nearest first.
    """

    kind: str
    message_id: str
    date: datetime
    sender: Person
    recipients: tuple[Person, ...]
    participants: tuple[str, ...]
    ancestors: tuple[str, ...]
    content: bytes = field(repr=False)
    copies: tuple[Copy, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person typed and to whom, before a mail program makes a message of it."""

    sender: Person
    to: tuple[Person, ...]
    subject: str
    text: str
    date: datetime
    message_id: str
    cc: tuple[Person, ...] = ()
    bcc: tuple[Person, ...] = ()
    reply_to: tuple[Person, ...] = ()
    files: tuple[File, ...] = ()
    calendar: bytes = field(default=b"", repr=False)
    method: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def is_automatic(self) -> bool:
        return any(name == "Auto-Submitted" for name, _value in self.headers)


@dataclass(frozen=True, slots=True)
class Written:
    """A letter as its mail program wrote it, to be quoted in the next one."""

    draft: Draft
    text: str = field(repr=False)
    html: str = field(repr=False)
    ancestors: tuple[str, ...]
    content: bytes = field(repr=False)
