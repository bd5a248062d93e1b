# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Bytes to what is stored: the part of archiving that needs no database."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from odoo.tools import remove_accents

from ..mailsync import html, identity, mime
from ..mailsync.letter import Head
from .files import KeptFile

SEARCH_CHARACTERS = 200_000
# PostgreSQL refuses a tsvector of more than 1 MB, and puts what has hyphens or slashes into it whole and in parts.
_SEARCH_BYTES = 400_000
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
# A letter's date is the sender's word. Before this it is taken for nonsense, after tomorrow too.
_OLDEST = datetime(1985, 1, 1)


@dataclass(frozen=True)
class Reading:
    """A letter ready to be stored; nothing of its bytes is kept but the files."""

    head: Head
    header_key: str
    fingerprint: str
    message_id: str
    date: datetime
    kind: str
    html: str
    text: str
    snippet: str
    search: str
    files: tuple[KeptFile, ...]
    size: int


def read(content, received, keep_file):
    """Read a message.

    :param received: when the provider took it in, as a naive UTC datetime or None
    :param keep_file: takes a File, puts its bytes where they are kept, and gives the KeptFile
    """
    letter = mime.read_letter(content)
    head = letter.head
    body = html.sanitise(letter.html) if letter.html else html.text_to_html(letter.text)
    text = html.to_text(body) if letter.html else letter.text
    fingerprint = identity.fingerprint(letter)
    return Reading(
        head=head,
        header_key=identity.header_key(head),
        fingerprint=fingerprint,
        message_id=head.message_id or identity.replacement_message_id(head, fingerprint),
        date=_date(head.date, received),
        kind=_kind(letter),
        html=body,
        text=text,
        snippet=html.snippet(text),
        search=_search_text(head, text),
        files=tuple(keep_file(file) for file in letter.files),
        size=len(content),
    )


def _date(seconds, received):
    now = datetime.now(tz=timezone.utc).replace(tzinfo=None, microsecond=0)
    if seconds is not None and 0 < seconds < 2**32:
        date = datetime.fromtimestamp(int(seconds), tz=timezone.utc).replace(tzinfo=None)
        if _OLDEST <= date <= now + timedelta(days=1):
            return date
    return received or now


def _kind(letter):
    if letter.head.auto_submitted:
        return "automatic"
    if letter.calendar_method:
        return "invitation"
    return "bulk" if letter.head.bulk else "personal"


def _search_text(head, text):
    people = " ".join(f"{a.name} {a.address}" for a in head.addresses[:100])
    searched = f"{head.subject} {people} {text}"[:SEARCH_CHARACTERS]
    # Odoo's function looks at every character: only what can have an accent is given to it.
    plain = searched
    if not searched.isascii():
        plain = _NOT_ASCII.sub(lambda run: remove_accents(run[0]), searched)
    # A letter is found by its words, not by their places: each word once makes half the work for the database.
    words = " ".join(dict.fromkeys(plain.lower().split()))
    return words.encode()[:_SEARCH_BYTES].decode(errors="ignore")
