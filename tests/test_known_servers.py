# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which server an address leads to."""

import pytest

from mailsync import known_servers


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("anna@gmail.com", "imap.gmail.com"),
        ("anna@GoogleMail.com", "imap.gmail.com"),
        ("anna@gmx.de", "imap.gmx.net"),
        ("anna@gmx.com", "imap.gmx.com"),
        ("anna@hotmail.fr", "outlook.office365.com"),
        ("anna@live.co.uk", "outlook.office365.com"),
        ("anna@yahoo.com.br", "imap.mail.yahoo.com"),
        ("anna@icloud.com", "imap.mail.me.com"),
        # A host below a company's own domain is the company's.
        ("anna@live.company.com", "imap.live.company.com"),
        ("anna@yahoo.example.org", "imap.yahoo.example.org"),
        ("anna@company.com", "imap.company.com"),
        ("Anna <anna@company.com", "imap.company.com"),
        ("anna", ""),
        ("anna@", ""),
        ("anna@company", ""),
        ("", ""),
    ],
)
def test_the_suggested_server(address, host):
    assert known_servers.suggest(address) == host


def test_only_a_known_provider_is_found():
    assert known_servers.find("anna@web.de") == known_servers.KnownServer("imap.web.de")
    assert known_servers.find("anna@company.com") is None


@pytest.mark.parametrize(
    ("host", "advice"),
    [
        ("imap.gmail.com", "app_password"),
        (" IMAP.Gmail.com", "app_password"),
        ("outlook.office365.com", "no_password"),
        ("imap.gmx.net", ""),
        ("imap.company.com", ""),
        ("", ""),
    ],
)
def test_what_users_of_a_server_should_know(host, advice):
    assert known_servers.advice_for(host) == advice


def test_a_typed_host_is_told_from_a_suggested_one():
    assert known_servers.is_suggested("imap.gmail.com")
    assert not known_servers.is_suggested("mail.company.com")
