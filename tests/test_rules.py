# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Exclude rules: what each one says, and the compiled rules against a plain reading of the same sentences."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsync.letter import ROLES, Address, Head
from mailsync.ourselves import Ourselves, outsiders
from mailsync.rules import HEADER_FIELDS, Rule, Rules, folder_key, text_key

OURS = Ourselves(domains=frozenset({"ours.test"}))
ME, ANNA, EU, BEA = "me@ours.test", "anna@acme.test", "eva@eu.acme.test", "bea@beta.test"


def head(sender, *to, **values):
    people = (Address("", sender, "from"), *(Address("", address, "to") for address in to))
    return Head(addresses=people, **values)


def excluded(rule, letter, folder="INBOX"):
    return Rules([rule]).excluding(letter, folder, outsiders(letter, OURS)) is rule


PEOPLE = [
    Rule(1, "address", ANNA),
    Rule(1, "domain", "acme.test"),
    Rule(1, "pattern", "anna@*"),
    Rule(1, "pattern", "*@acme.?est"),
]


@pytest.mark.parametrize("rule", PEOPLE, ids=lambda r: r.value)
@pytest.mark.parametrize(
    ("letter", "expected"),
    [
        (head(ANNA, ME), True),
        (head(ANNA, ME, BEA), True),
        (head("Anna@ACME.test", ME), True),
        (head(ME, ANNA), True),
        (head(ME, ANNA, BEA), False),
        (head(BEA, ME, ANNA), False),
        (head(BEA, ME), False),
        (head(ME, "you@ours.test"), False),
        (head(ME), False),
    ],
)
def test_a_rule_on_people_means_what_they_send_and_what_has_nobody_else_in_it(rule, letter, expected):
    assert excluded(rule, letter) == expected


@pytest.mark.parametrize("rule", PEOPLE, ids=lambda r: r.value)
@pytest.mark.parametrize("role", ROLES)
def test_of_the_reach_anybody_it_means_all_they_take_part_in(rule, role):
    rule = Rule(1, rule.kind, rule.value, reach="anybody")
    letter = Head(addresses=(Address("", BEA, "from"), Address("", ME, "to"), Address("", ANNA, role)))
    assert excluded(rule, letter)
    assert not excluded(rule, head(BEA, ME))


def test_a_domain_is_meant_with_those_below_it_and_no_other():
    rule = Rule(1, "domain", "acme.test")
    assert excluded(rule, head(EU, ME))
    assert not excluded(rule, head("x@notacme.test", ME))
    assert not excluded(Rule(1, "domain", "eu.acme.test"), head(ANNA, ME))


def test_two_rules_together_mean_no_more_than_each():
    rules = Rules([Rule(1, "address", ANNA), Rule(2, "address", BEA)])
    letter = head(ME, ANNA, BEA)
    assert rules.excluding(letter, "", outsiders(letter, OURS)) is None


def test_without_a_from_the_sender_counts():
    assert excluded(Rule(1, "address", ANNA), Head(addresses=(Address("", ANNA, "sender"), Address("", BEA, "to"))))


@pytest.mark.parametrize(
    ("value", "folder", "expected"),
    [
        ("Private", "INBOX / Private", True),
        ("private", "PRIVATE", True),
        ("INBOX / Private", "INBOX / Private / Holidays", True),
        ("INBOX/Private", "INBOX / Private", True),
        ("Private", "Private mail", False),
        ("Private / Holidays", "Private", False),
        ("INBOX", "INBOX / Private", True),
    ],
)
def test_a_directory_is_meant_by_its_name_or_its_path_with_those_below(value, folder, expected):
    assert excluded(Rule(1, "folder", folder_key(value)), head(BEA, ME), folder) == expected


LETTER = Head(
    subject="Your  Weekly REPORT",
    addresses=tuple(Address(f"The {role}", f"{role}@acme.test", role) for role in ROLES),
    list_id="Fans of desks <desks.acme.test>",
    auto_submitted="auto-replied",
)
WORDS = {
    "subject": "weekly report",
    "list_id": "<desks.acme.test>",
    "auto_submitted": "replied",
    **{role: f"the {role} <{role}@" for role in ROLES},
}


@pytest.mark.parametrize("field", HEADER_FIELDS)
def test_a_header_field_is_looked_into_in_capitals_or_not_and_no_other_field(field):
    for looked_into in HEADER_FIELDS:
        assert excluded(Rule(1, "header", text_key(WORDS[field]), looked_into), LETTER) == (looked_into == field)


@pytest.mark.parametrize("field", ["list_id", "auto_submitted"])
def test_a_field_can_be_asked_for_as_such(field):
    assert excluded(Rule(1, "header", "", field), LETTER)
    assert not excluded(Rule(1, "header", "", field), head(BEA, ME))


def test_a_rule_that_was_changed_has_another_reference():
    rules = [
        Rule(1, "address", ANNA),
        Rule(1, "address", BEA),
        Rule(1, "address", ANNA, reach="anybody"),
        Rule(1, "domain", ANNA),
    ]
    refs = {rule.ref for rule in rules}
    assert len(refs) == 4
    assert Rule(1, "address", ANNA).ref == Rule(1, "address", ANNA).ref != Rule(2, "address", ANNA).ref


@pytest.mark.parametrize("value", ["*a" * 60 + "@x", "[a-z]*@acme.test", "*" * 150 + "x"])
def test_a_pattern_is_no_regular_expression_and_never_takes_long(value):
    assert not excluded(Rule(1, "pattern", value), head("a" * 250 + "@acme.tes", ME))


ADDRESSES = st.sampled_from([ME, "you@ours.test", ANNA, EU, BEA, "noreply@beta.test", "anna@other.test"])
PEOPLE_RULES = st.builds(
    Rule,
    st.integers(1, 3),
    st.just("address") | st.just("domain") | st.just("pattern"),
    st.sampled_from([ANNA, BEA, "acme.test", "eu.acme.test", "anna@*", "*@noreply.*", "noreply@*"]),
    reach=st.sampled_from(["sender", "anybody"]),
)
LETTERS = st.lists(st.tuples(st.sampled_from(ROLES), ADDRESSES), max_size=5).map(
    lambda people: Head(addresses=tuple(Address("", address, role) for role, address in people))
)


def means(rule, address):
    """Whether a rule means an address, said plainly."""
    if rule.kind == "address":
        return address == rule.value
    if rule.kind == "domain":
        return f".{address.partition('@')[2]}".endswith(f".{rule.value}")
    return fnmatchcase(address, rule.value)


def says(rule, letter, outside):
    """Whether a rule keeps a letter out, said plainly."""
    senders = letter.by_role("from") or letter.by_role("sender")
    if any(means(rule, sender.normalized) for sender in senders):
        return True
    if rule.reach == "anybody":
        return any(means(rule, address) for address in outside)
    return bool(outside) and all(means(rule, address) for address in outside)


@given(st.lists(PEOPLE_RULES, max_size=4), LETTERS)
def test_rules_keep_out_exactly_what_they_say(rules, letter):
    outside = outsiders(letter, OURS)
    found = Rules(rules).excluding(letter, "INBOX", outside)
    saying = [rule for rule in rules if says(rule, letter, outside)]
    assert (found in saying) if saying else found is None


@given(st.lists(PEOPLE_RULES, max_size=4), LETTERS, ADDRESSES)
def test_taking_part_beside_others_is_nothing_against_a_letter(rules, letter, stranger):
    """One from outside whom no rule means, beside a sender whom none means, keeps a letter in."""
    rules = [rule for rule in rules if rule.reach == "sender" and not means(rule, stranger)]
    senders = letter.by_role("from") or letter.by_role("sender")
    kept = Head(addresses=(*letter.addresses, Address("", stranger, "cc")))
    if stranger.endswith("@ours.test") or any(means(rule, s.normalized) for rule in rules for s in senders):
        return
    assert Rules(rules).excluding(kept, "INBOX", outsiders(kept, OURS)) is None
