# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Domains: how they are written down, which of them are above others, and which can be nobody's own."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path

import idna

# RFC 1035 §2.3.4
_LONGEST = 253
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_SEPARATORS = re.compile(r"[\s,;]+")
_AUTHORITY = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//([^/?#\\]*)", re.IGNORECASE)
# Below which registries of countries register: co.uk, com.br, or.jp.
_REGISTRIES = frozenset({"ac", "co", "com", "edu", "go", "gob", "gouv", "gov", "mil", "net", "or", "org"})


def ascii_domain(text: str) -> str:
    """A domain as it is compared: lower case, without dots at its ends, in the letters of DNS; "" if it is none.

    >>> ascii_domain("Büro.EXAMPLE.")
    'xn--bro-hoa.example'
    """
    # What is longer is hardly ever a domain, and strangers write it: it is not worth being remembered.
    return _remembered(text) if len(text) <= _LONGEST else _ascii_domain(text)


def _ascii_domain(text: str) -> str:
    name = text.strip().strip(".").lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return ""
    labels = name.split(".")
    if len(name) > _LONGEST or len(labels) < 2 or labels[-1].isdigit():
        return ""
    return name if all(_LABEL.fullmatch(label) for label in labels) else ""


# A mailbox's letters are from the same few domains, again and again.
_remembered = lru_cache(4096)(_ascii_domain)


def domain_of_address(address: str) -> str:
    """The domain of an address, "" if it has none."""
    return ascii_domain(address.rpartition("@")[2]) if "@" in address else ""


def domain_of_website(website: str) -> str:
    """The domain of a website without its "www.", which letters do not have.

    >>> domain_of_website("https://user@www.acme.test:8069/shop?a=b")
    'acme.test'
    """
    text = website.strip()
    found = _AUTHORITY.match(text)
    host = found[1] if found else re.split(r"[/?#\\]", text, maxsplit=1)[0]
    name = ascii_domain(host.rpartition("@")[2].partition(":")[0])
    return name.removeprefix("www.") if name.count(".") > 1 else name


def domains_above(domain: str) -> list[str]:
    """The domain itself and those above it, the most specific first, down to two labels.

    >>> domains_above("mail.acme.co.uk")
    ['mail.acme.co.uk', 'acme.co.uk', 'co.uk']
    """
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(max(len(labels) - 1, 1))]


def is_within(domain: str, domains: Collection[str]) -> bool:
    """Whether it is one of these domains, or lies below one of them."""
    return any(above in domains for above in domains_above(domain))


def is_registry(domain: str) -> bool:
    """Whether others register their domains below this one, as below co.uk."""
    first, _dot, country = domain.partition(".")
    return len(country) == 2 and first in _REGISTRIES


def parse_list(text: str) -> frozenset[str]:
    """The domains of a list as a person enters it: one a line, or parted by commas or blanks."""
    return frozenset(filter(None, (ascii_domain(part.lstrip("@")) for part in _SEPARATORS.split(text))))


@cache
def public_providers() -> frozenset[str]:
    """Domains below which everybody can have an address: our own list, ``public_providers.txt``."""
    lines = Path(__file__).with_name("public_providers.txt").read_text("utf-8").splitlines()
    return frozenset(_entries(lines))


def _entries(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield from line.partition("#")[0].split()
