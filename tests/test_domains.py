# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How domains are written down, and the list of public mail providers."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailsync import domains
from mailsync.domains import (
    ascii_domain,
    domain_of_address,
    domain_of_website,
    domains_above,
    is_registry,
    is_within,
    parse_list,
    public_providers,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Acme.TEST", "acme.test"),
        (" acme.test. ", "acme.test"),
        ("büro.test", "xn--bro-hoa.test"),
        ("straße.test", "xn--strae-oqa.test"),
        ("ｇｏｏｄ.test", "good.test"),
        ("acme", ""),
        ("acme..test", ""),
        ("-acme.test", ""),
        ("a b.test", ""),
        ("10.0.0.1", ""),
        ("a" * 64 + ".test", ""),
        ("a." * 130 + "test", ""),
        ("", ""),
    ],
)
def test_a_domain_is_compared_in_the_letters_of_dns(text, expected):
    assert ascii_domain(text) == expected


@pytest.mark.parametrize(
    ("website", "expected"),
    [
        ("https://www.acme.test/shop", "acme.test"),
        ("http://acme.test:8069?x=@y.test", "acme.test"),
        ("//acme.test", "acme.test"),
        ("www.Acme.test", "acme.test"),
        ("shop.acme.test/a", "shop.acme.test"),
        ("https://me:secret@acme.test", "acme.test"),
        ("www.test", "www.test"),
        ("acme", ""),
        ("https://", ""),
        ("mailto:anna@acme.test", "acme.test"),
    ],
)
def test_a_website_tells_its_domain(website, expected):
    assert domain_of_website(website) == expected


def test_an_address_tells_its_domain_and_what_is_none_tells_nothing():
    assert domain_of_address('"a@b"@Büro.test') == "xn--bro-hoa.test"
    assert domain_of_address("acme.test") == ""
    assert domain_of_address("anna@") == ""


@given(st.text(max_size=80))
def test_whatever_is_entered_is_a_domain_or_none_and_stays_what_it_is(text):
    for read in (ascii_domain, domain_of_website, domain_of_address):
        domain = read(text)
        assert domain == "" or ascii_domain(domain) == domain


@pytest.mark.parametrize("text", ["a.test, b.test", "a.test\nb.test", "@a.test;b.test", " A.test  b.test,, nonsense "])
def test_a_list_is_read_however_it_is_parted(text):
    assert parse_list(text) == {"a.test", "b.test"}


def test_what_lies_below_a_domain_is_within_it_and_what_only_ends_alike_is_not():
    assert is_within("eu.acme.test", {"acme.test"})
    assert not is_within("myacme.test", {"acme.test"})
    assert list(domains_above("")) == [""]


def test_below_registries_everybody_registers():
    assert is_registry("co.uk")
    assert is_registry("com.br")
    assert not is_registry("acme.uk")
    assert not is_registry("co.test")


def test_the_list_of_public_providers_is_in_order():
    lines = Path(domains.__file__).with_name("public_providers.txt").read_text("utf-8").splitlines()
    words = [word for line in lines for word in line.partition("#")[0].split()]
    assert [word for word, count in Counter(words).items() if count > 1] == []
    assert [word for word in words if ascii_domain(word) != word] == []
    assert public_providers() == set(words)
    assert len(words) > 1000


# One or two of many countries.
KNOWN = """
inbox.lt one.lt web.de t-online.de laposte.net orange.fr telefonica.net wp.pl interia.pl docomo.ne.jp nifty.com
uol.com.br bol.com.br libero.it ziggo.nl seznam.cz freemail.hu abv.bg ukr.net qq.com naver.com proton.me
"""


@pytest.mark.parametrize("domain", KNOWN.split())
def test_providers_of_many_countries_are_known(domain):
    assert domain in public_providers()


@pytest.mark.parametrize("domain", ["siemens.com", "ibm.com", "ne.jp", "co.uk", "microsoft.com", "google.com", "lt"])
def test_companies_and_registries_are_no_providers(domain):
    assert domain not in public_providers()
