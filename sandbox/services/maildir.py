# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Letters written straight into Maildir folders: thousands a second, with flags and dates of arrival."""

from __future__ import annotations

import itertools
import os
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .process import hand_over

# What a Maildir file name says of a message (https://cr.yp.to/proto/maildir.html), by IMAP's flag.
FLAG_LETTERS = {"\\Draft": "D", "\\Flagged": "F", "\\Answered": "R", "\\Seen": "S", "\\Deleted": "T"}

BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Mail:
    """A message to lay into a folder; `received` (INTERNALDATE) in seconds since the epoch, None for now."""

    content: bytes
    flags: tuple[str, ...] = ()
    received: float | None = None


def make_folder(folder: Path) -> None:
    """Make a Maildir folder and those above it, as the server's own."""
    for name in ("tmp", "new", "cur"):
        _make(folder / name)


def _make(folder: Path) -> None:
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir()
        hand_over(folder)


def write(folder: Path, mails: Iterable[Mail]) -> int:
    """Write messages into a Maildir folder, in order.

    :return: how many
    """
    make_folder(folder)
    return len([_write_one(folder, mail) for mail in mails])


def _write_one(folder: Path, mail: Mail) -> Path:
    """The file name sorts by when it was written, which is the order that servers give out UIDs in.

    Its date is when the message arrived; S= and W= are its sizes, so that the server need not read it to tell.
    Lines end with CRLF, as they travel: not every server mends that.
    """
    content = BARE_LINE_FEED.sub(b"\r\n", mail.content)
    unique = f"{time.time_ns() // 1000}.P{os.getpid()}Q{next(_numbers)}.sandbox"
    sizes = f",S={len(content)},W={len(content)}"
    flags = "".join(sorted(FLAG_LETTERS[flag] for flag in mail.flags))
    part = folder / "tmp" / unique
    part.write_bytes(content)
    if mail.received is not None:
        os.utime(part, (mail.received, mail.received))
    hand_over(part)
    return part.rename(folder / "cur" / f"{unique}{sizes}:2,{flags}")
