# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsync.letter import Address, Head
from mailsync.search_keys import address_key, domain_key, domains_above, message_keys, word_keys

HEAD = Head(subject="Re: Angebot für Café", addresses=(Address("Anna", "Anna@Mail.Acme.test", "from"),))


@pytest.mark.parametrize(
    "asked",
    [
        address_key("anna@mail.acme.test"),
        domain_key("mail.acme.test"),
        domain_key("acme.test"),
        *word_keys("CAFE angebot"),
    ],
)
def test_a_message_is_found_by_what_one_knows_of_it(asked):
    assert asked in message_keys(HEAD)


@pytest.mark.parametrize("asked", [address_key("acme.test"), domain_key("anna@mail.acme.test"), *word_keys("acme")])
def test_an_address_is_no_domain_and_no_word(asked):
    assert asked not in message_keys(HEAD)


def test_a_domain_of_one_label_stays_whole():
    assert list(domains_above("localhost")) == ["localhost"]


@given(st.text(max_size=200), st.text(max_size=60))
def test_keys_fit_into_a_bigint_and_come_once(subject, address):
    keys = message_keys(Head(subject=subject, addresses=(Address("", address),)))
    assert len(keys) == len(set(keys))
    assert all(-(2**63) <= key < 2**63 for key in keys)
