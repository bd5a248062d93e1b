# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The five rules and the thread, each deciding alone, then against each other."""

import pytest

from mailsync.letter import ROLES, Address, Head
from mailsync.matching import (
    MOST_COMPANIES_A_DOMAIN,
    Candidates,
    Lead,
    Match,
    Partner,
    Scope,
    Target,
    asked_addresses,
    asked_domains,
    match,
    ranked,
)

OWN = "me@ours.test"
BOTH = Scope(frozenset({"partner", "lead"}), frozenset({OWN}), frozenset({"ours.test", "gmail.com"}))
ACME, ANNA, BOB = "info@acme.test", "anna@acme.test", "bob@acme.test"


def head(*addresses, ancestors=(), role="from"):
    return Head(addresses=tuple(Address("", a, role) for a in addresses), references=tuple(ancestors))


def found(matches):
    return {(m.kind, m.id): m.reason for m in matches}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        (
            Candidates(partners={ACME: (Partner(1, 1),)}),
            {("partner", 1): "customer_main"},
        ),
        (
            Candidates(partners={ACME: (Partner(2, 1),)}),
            {("partner", 2): "customer_contact", ("partner", 1): "customer_contact"},
        ),
        (Candidates(leads={ACME: (Lead(7, 0, "lead_main"),)}), {("lead", 7): "lead_main"}),
        (Candidates(leads={ACME: (Lead(7, 0, "lead_contact"),)}), {("lead", 7): "lead_contact"}),
        (Candidates(domains={"acme.test": (1,)}), {("partner", 1): "customer_domain"}),
    ],
)
def test_each_rule_decides_alone_in_every_header_field(role, candidates, expected):
    assert found(match(head(OWN, ACME, role=role), candidates, BOTH)) == expected


def test_an_address_is_compared_without_regard_to_case():
    candidates = Candidates(partners={ACME: (Partner(1, 1),)})
    assert found(match(head("Info@ACME.test"), candidates, BOTH)) == {("partner", 1): "customer_main"}


def test_the_first_rule_that_names_a_record_is_its_reason():
    candidates = Candidates(partners={ACME: (Partner(1, 1),), ANNA: (Partner(2, 1),)}, domains={"acme.test": (1,)})
    assert found(match(head(ANNA, ACME, BOB), candidates, BOTH)) == {
        ("partner", 1): "customer_main",
        ("partner", 2): "customer_contact",
    }


def test_a_domain_only_speaks_for_addresses_that_nobody_has():
    candidates = Candidates(partners={ANNA: (Partner(5, 5),)}, domains={"acme.test": (1,)})
    assert found(match(head(ANNA), candidates, BOTH)) == {("partner", 5): "customer_main"}
    assert ("partner", 1) in found(match(head(ANNA, BOB), candidates, BOTH))


def test_a_domain_of_many_companies_is_nobodys():
    many = tuple(range(1, MOST_COMPANIES_A_DOMAIN + 2))
    assert not match(head(BOB), Candidates(domains={"acme.test": many}), BOTH)
    assert match(head(BOB), Candidates(domains={"acme.test": many[:-1]}), BOTH)


def test_own_addresses_and_own_or_public_domains_are_not_even_asked_for():
    letter = head(OWN, "someone@gmail.com", "boss@ours.test", BOB)
    addresses = asked_addresses(letter, BOTH)
    assert OWN not in addresses
    assert asked_domains(addresses, BOTH) == ("acme.test",)


@pytest.mark.parametrize(
    ("targets", "kinds"),
    [
        ({"partner"}, {"partner"}),
        ({"lead"}, {"lead"}),
        ({"partner", "lead"}, {"partner", "lead"}),
        (set(), set()),
    ],
)
def test_sync_clients_and_sync_leads_decide_which_targets_count(targets, kinds):
    candidates = Candidates(
        partners={ACME: (Partner(1, 1),)},
        leads={ACME: (Lead(7, 0, "lead_main"),)},
        domains={"acme.test": (9,)},
        threads={"root": (Target("partner", 3), Target("lead", 4))},
    )
    matches = match(head(ACME, BOB, ancestors=["root"]), candidates, Scope(frozenset(targets)))
    assert {m.kind for m in matches} == kinds


@pytest.mark.parametrize(
    ("leads", "best"),
    [
        ((Lead(1, 0, "lead_main"), Lead(9, 1, "lead_main")), 1),
        ((Lead(1, 1, "lead_main"), Lead(9, 2, "lead_main")), 1),
        ((Lead(1, 0, "lead_main"), Lead(2, 0, "lead_main")), 2),
        ((Lead(1, 2, "lead_main"),), 1),
    ],
)
def test_of_several_leads_the_liveliest_then_the_newest_and_never_none(leads, best):
    assert match(head(ACME), Candidates(leads={ACME: leads}), BOTH) == (Match("lead", best, "lead_main"),)


def test_the_lead_of_the_thread_comes_before_livelier_ones():
    candidates = Candidates(
        leads={
            ACME: (
                Lead(1, 2, "lead_main"),
                Lead(2, 0, "lead_contact"),
                Lead(2, 0, "lead_main"),
                Lead(3, 1, "lead_main"),
            )
        },
        domains={"acme.test": (9,)},
        threads={"root": (Target("lead", 7), Target("partner", 8))},
    )
    letter = head(ANNA, ACME, BOB, ancestors=["root"])
    assert [(m.kind, m.id, m.reason) for m in ranked(letter, candidates, BOTH)] == [
        ("partner", 1, "customer_main"),
        ("partner", 2, "customer_contact"),
        ("lead", 2, "lead_main"),
        ("partner", 9, "customer_domain"),
        ("lead", 3, "lead_main"),
        ("lead", 1, "lead_main"),
        ("lead", 7, "thread"),
        ("partner", 8, "thread"),
    ]
