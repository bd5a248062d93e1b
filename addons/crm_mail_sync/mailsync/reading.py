# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Bytes to what is stored of a message: all of archiving that needs neither network nor database."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from . import html, identity, mime
from .letter import Head, Letter

SEARCH_CHARACTERS = 200_000
# PostgreSQL refuses a tsvector of more than 1 MB, and puts what has hyphens or slashes into it whole and in parts.
_SEARCH_BYTES = 400_000
_PUNCTUATION = re.compile(r"[\W_]+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
# A letter's date is the sender's word. Before this it is taken for nonsense, after tomorrow too.
_OLDEST = datetime(1985, 1, 1)


@dataclass(frozen=True, slots=True)
class Reading:
    """A letter ready to be stored; nothing of its bytes is kept but the files.

    ``date``: naive, UTC. ``files``: each a ``letter.File``, or what the archive has put in its place.
    """

    head: Head
    header_key: str
    fingerprint: str
    message_id: str
    date: datetime
    kind: str
    html: str = field(repr=False)
    text: str = field(repr=False)
    snippet: str = field(repr=False)
    # Words of subject and people, and those of the whole letter, these included.
    head_search: str = field(repr=False)
    search: str = field(repr=False)
    files: tuple[Any, ...]
    size: int


def read(content: bytes, received: datetime | None) -> Reading:
    """Read a message; never raises.

    :param received: when the provider took it in, naive, UTC
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
        date=date_of(head, received),
        kind=_kind(letter),
        html=body,
        text=text,
        snippet=html.snippet(text),
        head_search=_search_text(head, ""),
        search=_search_text(head, text),
        files=letter.files,
        size=len(content),
    )


def without_accents(text: str) -> str:
    """Letters without what is put on them, as searched words lose it too; the same as Odoo's ``remove_accents``."""
    # Every character is looked at: only what can have an accent.
    return text if text.isascii() else _NOT_ASCII.sub(_without_accents, text)


def _without_accents(run: re.Match[str]) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", run[0]) if not unicodedata.combining(c))


def date_of(head: Head, received: datetime | None) -> datetime:
    """A letter's date, naive, UTC: the sender's if it can be true, else when it was received, else now."""
    seconds = head.date
    now = datetime.now(tz=timezone.utc).replace(tzinfo=None, microsecond=0)
    if seconds is not None and 0 < seconds < 2**32:
        date = datetime.fromtimestamp(int(seconds), tz=timezone.utc).replace(tzinfo=None)
        if _OLDEST <= date <= now + timedelta(days=1):
            return date
    return received or now


def _kind(letter: Letter) -> str:
    if letter.head.auto_submitted:
        return "automatic"
    if letter.calendar_method:
        return "invitation"
    return "bulk" if letter.head.bulk else "personal"


def _search_text(head: Head, text: str) -> str:
    people = " ".join(f"{a.name} {a.address} {_parts(a.address)}" for a in head.addresses[:100])
    searched = f"{head.subject} {people} {text}"[:SEARCH_CHARACTERS]
    # A letter is found by its words, not by their places: each word once makes half the work for the database.
    words = " ".join(dict.fromkeys(without_accents(searched).lower().split()))
    return words.encode()[:_SEARCH_BYTES].decode(errors="ignore")


def _parts(address: str) -> str:
    """PostgreSQL takes an address or a domain for one word, which is found by its beginning only."""
    return f"{address.replace('@', ' ')} {_PUNCTUATION.sub(' ', address)}"
