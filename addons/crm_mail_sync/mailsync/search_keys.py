# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Numbers by which a message is found again that was not archived.

Of a message that is nobody's the archive keeps neither subject nor body. Yet when a customer is entered later, his
older messages have to be found, and so has the message that its owner asks for by a word of its subject. So what it can
be asked by is kept as hashes: good to look for what one knows already, and for nothing else.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from .domains import domains_above
from .letter import Head

_WORD = re.compile(r"\w+")
# Longer subjects are found by their first words.
_MOST_WORDS = 30
# More would be a mailing's, and nobody looks for it by its hundredth recipient.
_MOST_ADDRESSES = 200


def address_key(address: str) -> int:
    """The key of a normalised address."""
    return _key("a", address)


def domain_key(domain: str) -> int:
    """The key of a domain; a message has one for each domain of its addresses and for each domain above it."""
    return _key("d", domain)


def word_keys(text: str) -> list[int]:
    """The keys of the words of a subject, each once, whatever their case and accents."""
    plain = text.casefold()
    if not text.isascii():
        folded = unicodedata.normalize("NFKD", text).casefold()
        plain = "".join(c for c in folded if not unicodedata.combining(c))
    words = _WORD.findall(plain)
    return [_key("w", word) for word in dict.fromkeys(words[:_MOST_WORDS])]


def message_keys(head: Head) -> list[int]:
    """All keys of a message, each once."""
    addresses = list(dict.fromkeys(a.normalized for a in head.addresses if a.normalized))[:_MOST_ADDRESSES]
    domains = {above for address in addresses for above in domains_above(address.rpartition("@")[2])}
    keys = [*map(address_key, addresses), *map(domain_key, sorted(domains)), *word_keys(head.subject)]
    return list(dict.fromkeys(keys))


def _key(kind: str, text: str) -> int:
    """64 bits, signed, as PostgreSQL's bigint is: two that share one cost a look in vain."""
    digest = hashlib.sha256(f"{kind}:{text}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
