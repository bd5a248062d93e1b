# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tokens that end, and grants that were taken back or given in part."""

from __future__ import annotations

import pytest

from mailsync.errors import (
    ConnectionFailed,
    ConsentMissing,
    TokenRevoked,
)

from .far_end import letter
from .gmail_calls import CALLS, cursor_of, scanned
from .gmail_server import SCOPES, GmailServer, Scan


def test_a_token_that_expires_in_the_middle_is_renewed_once_and_kept_before_it_is_used(gmail: GmailServer) -> None:
    for number in range(30):
        gmail.deliver(letter(number))
    with gmail.session() as provider:
        scan = Scan("INBOX")
        scan.step(provider, limit=10)
        assert gmail.source.renewals == 1
        gmail.google.clock.advance(4000)
        seen: list[int] = []
        keep = gmail.kept.append

        def noted(tokens: object) -> None:
            seen.append(gmail.google.requests.count(status=200))
            keep(tokens)  # type: ignore[arg-type]

        object.__setattr__(provider._api._settings, "keep_tokens", noted)
        before = gmail.google.requests.count(status=200)
        while scan.step(provider, limit=10).more:
            pass
    assert gmail.source.renewals == 2
    assert seen == [before]
    assert len(scan.listed) == 30


def test_a_part_of_a_batch_that_meets_an_expired_token_is_asked_for_again(gmail: GmailServer) -> None:
    ids = {gmail.deliver(letter(number)) for number in range(10)}
    gmail.google.faults.add("messages.get", 4, after=3, status=401, kind="part")
    scan = scanned(gmail)
    assert scan.listed == dict.fromkeys(ids, 1)
    assert gmail.source.renewals == 2


@pytest.mark.parametrize("call", CALLS)
def test_a_grant_that_was_taken_back_ends_everything(gmail: GmailServer, call: str) -> None:
    gmail.deliver(letter(1))
    cursor = cursor_of(gmail)
    with gmail.session() as provider:
        provider.folders()
        gmail.google.revoke(gmail.account.address)
        gmail.source.error = TokenRevoked()
        with pytest.raises(TokenRevoked):
            CALLS[call](provider, cursor)
    asked = len(gmail.google.requests)
    gmail.kept.clear()
    with pytest.raises(TokenRevoked):
        gmail.session()
    assert len(gmail.google.requests) == asked


def test_a_new_token_that_is_refused_too_is_not_renewed_for_ever(gmail: GmailServer) -> None:
    gmail.google.faults.add("labels.list", None, status=401)
    with gmail.session() as provider, pytest.raises(TokenRevoked):
        provider.folders()
    assert gmail.source.renewals == 2


def test_tokens_that_are_over_when_they_come_are_a_failure_on_the_way(gmail: GmailServer) -> None:
    gmail.source.lifetime = -1000.0
    with gmail.session() as provider, pytest.raises(ConnectionFailed):
        provider.folders()


@pytest.mark.parametrize("scopes", [SCOPES[1:], ["https://www.googleapis.com/auth/gmail.metadata"]])
def test_a_grant_that_was_given_in_part_says_so(gmail: GmailServer, scopes: list[str]) -> None:
    gmail.deliver(letter(1))
    gmail.source.scopes = list(scopes)
    with gmail.session() as provider, pytest.raises(ConsentMissing):
        provider.changes("INBOX", "")
