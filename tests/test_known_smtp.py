# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where a mailbox's mail is handed in, without anybody typing it."""

from __future__ import annotations

import pytest

from mailsync import known_servers, known_smtp
from mailsync.known_smtp import Place, is_near, places


@pytest.mark.parametrize(
    ("imap_host", "place"),
    [
        ("imap.gmail.com", Place("smtp.gmail.com")),
        ("Imap.Mail.me.com ", Place("smtp.mail.me.com", 587, "starttls")),
        ("imaps.aruba.it", Place("smtps.aruba.it")),
        ("posteo.de", Place("posteo.de")),
        ("imap.gmx.net", Place("mail.gmx.net")),
    ],
)
def test_a_known_provider_has_one_server(imap_host: str, place: Place) -> None:
    assert places(imap_host) == [place]


def test_a_company_has_usual_ones_the_likeliest_first() -> None:
    assert places("imap.company.com") == [
        Place("smtp.company.com"),
        Place("smtp.company.com", 587, "starttls"),
        Place("imap.company.com"),
        Place("imap.company.com", 587, "starttls"),
    ]
    assert places("mail.company.com") == [Place("mail.company.com"), Place("mail.company.com", 587, "starttls")]
    assert places(" ") == []


def test_a_password_is_not_meant_for_servers_elsewhere() -> None:
    assert is_near("smtp.company.com", "imap.company.com")
    assert is_near("IMAP.company.com", "imap.company.com")
    for elsewhere in ("smtp.company.com.evil.example", "smtp.evil.example", "", "mail.gmx.net"):
        assert not is_near(elsewhere, "imap.company.com")


def test_what_is_kept_apart_is_a_known_server() -> None:
    assert all(known_servers.is_suggested(host) for host in known_smtp._BY_HOST)
