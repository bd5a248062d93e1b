# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whether a message is one that was looked for: servers differ in what they take for a match."""

from __future__ import annotations

import re
import unicodedata

from .provider import Listing, Query

_WORD = re.compile(r"\w+")
# A longer question finds no more.
_MOST_WORDS = 10


def words_of(text: str) -> tuple[str, ...]:
    """The words of what somebody typed, to be looked for in subjects.

    >>> words_of("Re: Your offer, 2026")
    ('Re', 'Your', 'offer', '2026')
    """
    return tuple(dict.fromkeys(_WORD.findall(text)))[:_MOST_WORDS]


def matches(listing: Listing, query: Query) -> bool:
    """Whether the listing has all that is asked for; words count whatever their case and accents."""
    head = listing.head
    if query.message_id and head.message_id != query.message_id:
        return False
    if query.address and query.address not in {address.normalized for address in head.addresses}:
        return False
    if query.between and not query.between[0] <= (listing.received or head.date or 0.0) <= query.between[1]:
        return False
    subject = _plain(head.subject)
    return all(_plain(word) in subject for word in query.words)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in decomposed if not unicodedata.combining(c))
