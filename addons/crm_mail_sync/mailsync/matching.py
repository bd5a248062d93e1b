# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where a letter belongs: five rules in their order of trust, and the reply's thread. Pure: no I/O.

The candidates of a whole batch are looked up at once by the caller; here it is only decided among them.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from .domains import domain_of_address, domains_above
from .letter import Head
from .ourselves import Ourselves

# Of target: "partner", "lead"; glue adds others.
Kind = str
Reason = Literal[
    "customer_main",
    "customer_contact",
    "lead_main",
    "lead_contact",
    "customer_domain",
    "thread",
    "odoo",
    "learned",
]

# A domain that more companies share than this is nobody's own (a landlord's, a school's, a web shop's).
MOST_COMPANIES_A_DOMAIN = 5


@dataclass(frozen=True, slots=True)
class Partner:
    """A customer or a contact who has the address; ``commercial_id`` is the customer he belongs to."""

    id: int
    commercial_id: int

    @property
    def is_contact(self) -> bool:
        return self.id != self.commercial_id


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead with how alive it is: ``rank`` 0 open, 1 won, 2 lost."""

    id: int
    rank: int
    reason: Literal["lead_main", "lead_contact"]


@dataclass(frozen=True, slots=True)
class Target:
    """What a letter of the thread is already linked to."""

    kind: Kind
    id: int


@dataclass(frozen=True, slots=True)
class Candidates:
    """Everything that the addresses, domains and ancestors of a batch of letters lead to."""

    partners: Mapping[str, tuple[Partner, ...]] = field(default_factory=dict)
    leads: Mapping[str, tuple[Lead, ...]] = field(default_factory=dict)
    domains: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    threads: Mapping[str, tuple[Target, ...]] = field(default_factory=dict)
    conversations: Mapping[int, tuple[Target, ...]] = field(default_factory=dict)

    @property
    def known_addresses(self) -> Container[str]:
        """The addresses of customers and leads among them."""
        return ChainMap(self.partners, self.leads)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Scope:
    """What counts for a mailbox: its targets, and the addresses and domains that are never a customer's."""

    targets: frozenset[Kind]
    own_addresses: frozenset[str] = frozenset()
    ignored_domains: frozenset[str] = frozenset()
    ours: Ourselves = Ourselves()


@dataclass(frozen=True, slots=True)
class Match:
    """One record that the letter belongs to, and the first rule that said so.

    ``changes`` are the learned assignments that put it here (True) or took it away (False), in their order.
    """

    kind: Kind
    id: int
    reason: Reason
    changes: tuple[tuple[int, bool], ...] = ()

    @property
    def is_active(self) -> bool:
        return not self.changes or self.changes[-1][1]


def asked_addresses(head: Head, scope: Scope) -> tuple[str, ...]:
    """The normalised addresses of a letter that are worth a look-up: everybody's but our own."""
    found = dict.fromkeys(a.normalized for a in head.addresses)
    return tuple(a for a in found if a and a not in scope.own_addresses)


def asked_domains(addresses: Iterable[str], scope: Scope) -> tuple[str, ...]:
    """The domains of these addresses, and those above them, that can be a customer's."""
    return tuple(dict.fromkeys(domain for address in addresses for domain in _domains_of(address, scope)))


def _domains_of(address: str, scope: Scope) -> Iterator[str]:
    """Whose an address may be, the most specific domain first; what lies above a public or own one is nobody's."""
    for domain in domains_above(domain_of_address(address)):
        if not domain or domain in scope.ignored_domains:
            return
        yield domain


def match(head: Head, candidates: Candidates, scope: Scope) -> tuple[Match, ...]:
    """The records that a letter belongs to, each once, by the first rule that names it."""
    found: dict[tuple[Kind, int], Match] = {}
    for matched in _by_rules(head, candidates, scope):
        found.setdefault((matched.kind, matched.id), matched)
    kinds = {kind for kind, _id in found}
    for target in _thread_targets(head, candidates):
        # Addresses say more than a thread: it only speaks for kinds that they were silent on.
        if target.kind in scope.targets and target.kind not in kinds:
            found.setdefault((target.kind, target.id), Match(target.kind, target.id, "thread"))
    return tuple(found.values())


def _by_rules(head: Head, candidates: Candidates, scope: Scope) -> Iterator[Match]:
    addresses = asked_addresses(head, scope)
    if "partner" in scope.targets:
        yield from _customers_main(addresses, candidates)
        yield from _customers_contacts(addresses, candidates)
    if "lead" in scope.targets:
        yield from _leads(head, addresses, candidates)
    if "partner" in scope.targets:
        yield from _customers_domains(addresses, candidates, scope)


def _customers_main(addresses: Iterable[str], candidates: Candidates) -> Iterator[Match]:
    for address in addresses:
        for partner in candidates.partners.get(address, ()):
            if not partner.is_contact:
                yield Match("partner", partner.id, "customer_main")


def _customers_contacts(addresses: Iterable[str], candidates: Candidates) -> Iterator[Match]:
    for address in addresses:
        for partner in candidates.partners.get(address, ()):
            if partner.is_contact:
                yield Match("partner", partner.id, "customer_contact")
                yield Match("partner", partner.commercial_id, "customer_contact")


def _leads(head: Head, addresses: Iterable[str], candidates: Candidates) -> Iterator[Match]:
    """Of several leads for one address the best: the thread's own, then open, won, lost, then the newest."""
    threaded = {t.id for t in _thread_targets(head, candidates) if t.kind == "lead"}
    for address in addresses:
        leads = candidates.leads.get(address, ())
        if leads:
            best = min(leads, key=lambda lead: (lead.id not in threaded, lead.rank, -lead.id))
            main = any(lead.id == best.id and lead.reason == "lead_main" for lead in leads)
            yield Match("lead", best.id, "lead_main" if main else "lead_contact")


def _customers_domains(addresses: Iterable[str], candidates: Candidates, scope: Scope) -> Iterator[Match]:
    for address in addresses:
        if not candidates.partners.get(address):
            for company in _companies_of(address, candidates, scope):
                yield Match("partner", company, "customer_domain")


def _companies_of(address: str, candidates: Candidates, scope: Scope) -> tuple[int, ...]:
    """Whose domain an address belongs to: the most specific one that is anybody's decides."""
    for domain in _domains_of(address, scope):
        if companies := candidates.domains.get(domain):
            return companies if len(companies) <= MOST_COMPANIES_A_DOMAIN else ()
    return ()


def _thread_targets(head: Head, candidates: Candidates) -> tuple[Target, ...]:
    """What the nearest ancestor that is linked to anything is linked to, else the provider's conversation."""
    for message_id in head.thread_ids:
        if targets := candidates.threads.get(message_id):
            return targets
    return candidates.conversations.get(head.conversation, ()) if head.conversation is not None else ()
