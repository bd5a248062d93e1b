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
        leads={ACME: (Lead(1, 2, "lead_contact"), Lead(9, 0, "lead_main"))},
        threads={"root": (Target("lead", 1),)},
    )
    assert match(head(ACME, ancestors=["root"]), candidates, BOTH) == (Match("lead", 1, "lead_contact"),)


def test_a_reply_from_an_unknown_address_follows_its_nearest_linked_ancestor():
    candidates = Candidates(threads={"old": (Target("partner", 1),), "near": (Target("partner", 2), Target("lead", 3))})
    reply = head("new@home.test", ancestors=["old", "near", "unknown"])
    assert found(match(reply, candidates, BOTH)) == {
        ("partner", 2): "thread",
        ("lead", 3): "thread",
    }


def test_a_thread_only_adds_kinds_that_the_addresses_are_silent_on():
    candidates = Candidates(
        partners={ACME: (Partner(1, 1),)},
        threads={"root": (Target("partner", 2), Target("lead", 3))},
    )
    assert found(match(head(ACME, ancestors=["root"]), candidates, BOTH)) == {
        ("partner", 1): "customer_main",
        ("lead", 3): "thread",
    }


@pytest.mark.parametrize(
    ("domains", "expected"),
    [
        ({"acme.test": (1,)}, 1),
        ({"eu.acme.test": (2,), "acme.test": (1,)}, 2),
        ({"mail.eu.acme.test": (3,), "eu.acme.test": (2,), "acme.test": (1,)}, 3),
        ({"cme.test": (1,)}, None),
        ({"test": (1,)}, None),
    ],
)
def test_what_lies_below_a_domain_is_its_customers_and_the_most_specific_wins(domains, expected):
    matches = match(head("eva@mail.eu.acme.test"), Candidates(domains=domains), BOTH)
    assert matches == ((Match("partner", expected, "customer_domain"),) if expected else ())


def test_a_shared_domain_is_nobodys_and_neither_is_what_lies_above_it():
    many = tuple(range(10, 10 + MOST_COMPANIES_A_DOMAIN + 1))
    assert not match(head("eva@eu.acme.test"), Candidates(domains={"eu.acme.test": many, "acme.test": (1,)}), BOTH)


def test_below_a_public_or_own_domain_only_what_is_entered_counts():
    candidates = Candidates(domains={"shop.gmail.com": (1,), "gmail.com": (2,)})
    assert found(match(head("eva@shop.gmail.com"), candidates, BOTH)) == {("partner", 1): "customer_domain"}
    assert not match(head("eva@other.gmail.com"), candidates, BOTH)


def test_an_international_domain_is_found_as_it_is_written_in_dns():
    candidates = Candidates(domains={"xn--bro-hoa.test": (1,)})
    for address in ("eva@büro.test", "eva@XN--BRO-HOA.test"):
        assert asked_domains([address], BOTH) == ("xn--bro-hoa.test",)
        assert found(match(head(address), candidates, BOTH)) == {("partner", 1): "customer_domain"}
