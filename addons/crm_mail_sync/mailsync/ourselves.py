# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who in a letter is one of ourselves, and who is from outside."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from .domains import domain_of_address, is_within
from .letter import Head


@dataclass(frozen=True, slots=True)
class Ourselves:
    """Our own addresses and domains; no public provider's, for that would make everybody there a colleague.

    ``user_domains`` are known only by the addresses of our users. Some of these work with us from elsewhere, so that
    whoever is entered as a customer there is none of us.
    """

    addresses: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    user_domains: frozenset[str] = frozenset()

    @property
    def all_domains(self) -> frozenset[str]:
        return self.domains | self.user_domains


def outsiders(head: Head, ours: Ourselves, known: Container[str] = ()) -> tuple[str, ...]:
    """The normalised addresses of a letter that are nobody's of us, each once.

    :param known: addresses of customers and leads
    """
    found = dict.fromkeys(a.normalized for a in head.addresses)
    return tuple(a for a in found if a and not _is_ours(a, ours, known))


def is_internal(head: Head, ours: Ourselves, known: Container[str] = ()) -> bool:
    """Whether we are among ourselves in this letter; one without any address is nobody's."""
    return any(a.normalized for a in head.addresses) and not outsiders(head, ours, known)


def _is_ours(address: str, ours: Ourselves, known: Container[str]) -> bool:
    if address in ours.addresses:
        return True
    domain = domain_of_address(address)
    if is_within(domain, ours.domains):
        return True
    return address not in known and is_within(domain, ours.user_domains)
