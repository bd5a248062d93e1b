# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who is one of ourselves, and which letters are among us only."""

import pytest

from mailsync.letter import ROLES, Address, Head
from mailsync.ourselves import Ourselves, is_internal, outsiders

OURS = Ourselves(
    addresses=frozenset({"freelance@gmail.com", "catchall@elsewhere.test"}),
    domains=frozenset({"ours.test"}),
    user_domains=frozenset({"partner.test"}),
)


def head(*people):
    return Head(addresses=tuple(Address("", address, role) for role, address in people))


@pytest.mark.parametrize(
    "address",
    ["anna@ours.test", "ANNA@eu.Ours.test", "freelance@gmail.com", "catchall@elsewhere.test", "bob@partner.test"],
)
@pytest.mark.parametrize("role", ROLES)
def test_a_letter_among_ourselves_is_internal_whatever_field_we_stand_in(address, role):
    assert is_internal(head(("from", "me@ours.test"), (role, address)), OURS)


@pytest.mark.parametrize("address", ["anna@acme.test", "someone@gmail.com", "me@notours.test", "x@elsewhere.test"])
@pytest.mark.parametrize("role", ROLES)
def test_one_from_outside_in_whatever_field_makes_it_none(address, role):
    letter = head(("from", "me@ours.test"), ("to", "you@ours.test"), (role, address))
    assert not is_internal(letter, OURS)
    assert outsiders(letter, OURS) == (address,)


def test_a_customer_at_a_domain_that_only_users_have_is_from_outside():
    letter = head(("from", "anna@partner.test"), ("to", "me@ours.test"))
    assert is_internal(letter, OURS)
    assert not is_internal(letter, OURS, {"anna@partner.test"})
    # Where the company itself is, nobody is a customer.
    assert is_internal(head(("from", "info@ours.test"), ("to", "me@ours.test")), OURS, {"info@ours.test"})


def test_a_letter_without_addresses_is_not_internal():
    assert not is_internal(Head(), OURS)
    assert not is_internal(head(("from", "")), OURS)
