# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Builds the demo users' mailboxes."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime

from .conversations import appointments, play
from .expect import Expected, expect
from .letters import Copy, Letter
from .oddities import oddities
from .singles import newsletters, singles
from .world import USERS, Provider, User

SEED = 19
_OUTGOING = (("Sent",), ("Drafts",))


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it lies in a folder; ``received`` is its INTERNALDATE."""

    content: bytes = field(repr=False)
    received: datetime
    flags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder by its names from the root; ``role`` as in RFC 6154 in lower case, "" for none."""

    path: tuple[str, ...]
    role: str
    selected: bool
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class SeededMailbox:
    """A demo user's mailbox; ``selected`` folders are the ones to synchronise. ``owner``: his login in Odoo."""

    login: str
    owner: str
    provider: Provider
    name: str
    address: str
    folders: tuple[Folder, ...]


@dataclass(frozen=True, slots=True)
class SeededWorld:
    """All mailboxes, the plan they were made from, and what a scan of them must find."""

    mailboxes: tuple[SeededMailbox, ...]
    letters: tuple[Letter, ...]
    expected: Expected


def build(now: datetime, seed: int = SEED) -> SeededWorld:
    """The world as it is at ``now`` (aware): letters of the last 18 months, the same for the same arguments."""
    now = now.replace(microsecond=0)
    letters = sorted(_all_letters(now, seed), key=lambda letter: letter.date)
    mailboxes = tuple(_mailbox(user, letters, now) for user in USERS.values())
    return SeededWorld(mailboxes, tuple(letters), expect(letters))


def _all_letters(now: datetime, seed: int) -> Iterator[Letter]:
    for appointment in appointments():
        # Each conversation has dice of its own, so that a change in one leaves all others as they are.
        cast = "".join(person.key for person in appointment.roles.values())
        yield from play(appointment, now, random.Random(f"{seed} {appointment.script} {cast}"))
    yield from singles(now, random.Random(f"{seed} singles"))
    yield from newsletters(now, random.Random(f"{seed} newsletters"))
    yield from oddities(now, random.Random(f"{seed} oddities"))


def _mailbox(user: User, letters: Sequence[Letter], now: datetime) -> SeededMailbox:
    layout = (
        (("INBOX",), "inbox", True),
        (("Sent",), "sent", True),
        (("Drafts",), "drafts", False),
        (("Junk",), "junk", False),
        (("Trash",), "trash", False),
        (user.extra_folder, "", True),
        (user.other_folder, "", False),
    )
    folders = []
    for path, role, selected in layout:
        lying = ((lt, copy) for lt in letters for copy in lt.copies if (copy.login, copy.folder) == (user.login, path))
        messages = tuple(_message(lt, copy, user, number) for number, (lt, copy) in enumerate(lying))
        folders.append(Folder(path, role, selected, messages))
    return SeededMailbox(user.login, user.owner, user.provider, user.name, user.address, tuple(folders))


def _message(letter: Letter, copy: Copy, user: User, number: int) -> Message:
    if copy.folder in _OUTGOING or not letter.sender.address:
        return Message(letter.content, letter.date, copy.flags)
    received = letter.date + timedelta(seconds=2 + number % 37)
    domain = letter.sender.address.rpartition("@")[2].lower()
    trace = (
        f"Return-Path: <{letter.sender.address}>\r\n"
        f"Delivered-To: {user.address}\r\n"
        f"Received: from mx.{domain} (mx.{domain} [198.51.100.{1 + number % 250}])\r\n"
        f"\tby mail.yourcompany.com with ESMTPS id {number:06X}{user.login[0].upper()};\r\n"
        f"\t{format_datetime(received)}\r\n"
    )
    return Message(trace.encode() + letter.content, received, copy.flags)
