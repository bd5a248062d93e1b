# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An administrator of Google Workspace lets Odoo read everybody's mailbox."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
import requests

from mailsync.errors import (
    AdminConsentNeeded,
    AppInvalid,
    MailboxDisabled,
    ProtocolError,
    RateLimited,
    ServerUnavailable,
)
from mailsync.providers.gmail.grants import READ, SEND
from mailsync.providers.gmail.service_account import ServiceAccount

from .conftest import ANN, google_endpoints


@pytest.fixture
def endpoints(google):
    return google_endpoints(google)


@pytest.fixture
def key(google) -> dict[str, str]:
    return google.service_account(domain="example.com", scopes=[READ, SEND])


def test_a_token_for_a_mailbox_of_the_domain(google, key, endpoints) -> None:
    tokens = ServiceAccount(key, ANN, endpoints).renewed(None)
    assert tokens.expires_at == pytest.approx(time.time() + 3599, abs=60)
    assert tokens.refresh_token == ""
    profile = requests.get(
        endpoints.api_root + "gmail/v1/users/me/profile",
        headers={"Authorization": f"Bearer {tokens.access_token}"},
        verify=endpoints.ca_file,
        timeout=10,
    )
    assert profile.json()["emailAddress"] == ANN


def test_renewing_needs_nothing_of_what_was(google, key, endpoints) -> None:
    source = ServiceAccount(key, ANN, endpoints)
    first = source.renewed(None)
    assert source.renewed(first).access_token != first.access_token


@pytest.mark.parametrize("scopes", [[], [READ]], ids=["nothing", "reading only"])
def test_not_delegated(google, endpoints, scopes) -> None:
    key = google.service_account(domain="example.com", scopes=scopes)
    with pytest.raises(AdminConsentNeeded) as caught:
        ServiceAccount(key, ANN, endpoints).renewed(None)
    assert key["client_id"] in caught.value.server_text
    assert f"{READ},{SEND}" in caught.value.server_text


def test_nobody_has_this_address(google, key, endpoints) -> None:
    with pytest.raises(MailboxDisabled) as caught:
        ServiceAccount(key, "nobody@example.com", endpoints).renewed(None)
    assert "Invalid email" in caught.value.server_text


def test_a_key_that_was_replaced(google, key, endpoints) -> None:
    google.service_account(domain="example.com", scopes=[READ, SEND])
    with pytest.raises(AppInvalid) as caught:
        ServiceAccount(key, ANN, endpoints).renewed(None)
    assert "Invalid JWT Signature" in caught.value.server_text


def test_an_account_that_was_removed(google, key, endpoints) -> None:
    with pytest.raises(AppInvalid):
        ServiceAccount({**key, "client_email": "gone@x.iam.gserviceaccount.com"}, ANN, endpoints).renewed(None)


def test_the_keys_own_token_address_is_not_obeyed(google, key, endpoints) -> None:
    elsewhere = {**key, "token_uri": "https://127.0.0.1:9/token"}
    assert ServiceAccount(elsewhere, ANN, endpoints).renewed(None).access_token


@pytest.mark.parametrize(
    "info",
    [
        {},
        {"type": "service_account"},
        {"client_email": "a@b", "private_key": "no key", "private_key_id": "1"},
        {"client_email": "a@b", "private_key": None},
        {"client_email": "a@b", "private_key": 7},
        {"installed": {"client_id": "x"}},
    ],
    ids=str,
)
def test_what_is_no_key(endpoints, info) -> None:
    with pytest.raises(AppInvalid):
        ServiceAccount(info, ANN, endpoints)


@pytest.mark.parametrize(("status", "error"), [(503, ServerUnavailable), (429, RateLimited)])
def test_trouble_at_the_token_endpoint(google, key, endpoints, status, error) -> None:
    google.faults.add("token", status=status, headers={"Retry-After": "9"})
    source = ServiceAccount(key, ANN, endpoints)
    with pytest.raises(error) as caught:
        source.renewed(None)
    assert caught.value.retry_after == 9
    assert source.renewed(None).access_token


def test_another_place_to_sign_in(google, key, endpoints) -> None:
    nowhere = replace(endpoints, token_uri=endpoints.api_root + "elsewhere")
    with pytest.raises(ProtocolError):
        ServiceAccount(key, ANN, nowhere).renewed(None)
