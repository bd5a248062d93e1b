# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The app itself reads mailboxes: with a secret or a certificate, of one tenant."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
import requests

from mailsync.errors import AppInvalid, RateLimited, ServerUnavailable
from mailsync.providers.graph.application import MicrosoftApplication
from mailsync.providers.graph.signin import MicrosoftApp, MicrosoftSignIn
from sandbox.cloud.keys import SigningKey

from .browser import REDIRECT
from .conftest import BETH

KEY, OTHER_KEY = SigningKey("registered"), SigningKey("not registered")
CERTIFICATE = KEY.private_pem() + KEY.certificate_pem


@pytest.fixture
def with_certificate(microsoft, microsoft_app) -> MicrosoftApp:
    microsoft.register_app("with-certificate", redirect_uris=[REDIRECT], certificates=[KEY.certificate_pem])
    return replace(microsoft_app, client_id="with-certificate", client_secret="", certificate=CERTIFICATE)


def source_of(app: MicrosoftApp) -> MicrosoftApplication:
    return MicrosoftApplication(app)


def status_of(app: MicrosoftApp, token: str) -> int:
    """What Graph says when the token opens a mailbox."""
    url = f"{app.endpoints.graph}/v1.0/users/{BETH}/mailFolders"
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(url, headers=headers, verify=app.endpoints.ca_file, timeout=10).status_code


def test_with_a_secret(microsoft, microsoft_app) -> None:
    microsoft.consent_application(microsoft_app.client_id, ["Mail.Read"])
    tokens = source_of(microsoft_app).renewed(None)
    assert tokens.expires_at == pytest.approx(time.time() + 3600, abs=60)
    assert tokens.refresh_token == ""
    assert status_of(microsoft_app, tokens.access_token) == 200
    assert source_of(microsoft_app).renewed(tokens).access_token != tokens.access_token


@pytest.mark.parametrize("pem", [CERTIFICATE, KEY.certificate_pem + KEY.private_pem()], ids=["key first", "key last"])
def test_with_a_certificate(microsoft, with_certificate, pem) -> None:
    microsoft.consent_application(with_certificate.client_id, ["Mail.Read"])
    app = replace(with_certificate, certificate=pem)
    assert status_of(app, source_of(app).renewed(None).access_token) == 200
    MicrosoftSignIn(app).check(REDIRECT)


def test_without_the_administrators_consent_graph_says_no(microsoft, with_certificate) -> None:
    microsoft.consent_application(with_certificate.client_id, [])
    assert status_of(with_certificate, source_of(with_certificate).renewed(None).access_token) == 403


def test_a_certificate_that_is_not_registered(with_certificate) -> None:
    app = replace(with_certificate, certificate=OTHER_KEY.private_pem() + OTHER_KEY.certificate_pem)
    with pytest.raises(AppInvalid) as caught:
        source_of(app).renewed(None)
    assert "AADSTS700027" in caught.value.server_text


@pytest.mark.parametrize(
    "pem",
    [
        "junk",
        KEY.private_pem(),
        KEY.certificate_pem,
        OTHER_KEY.private_pem() + KEY.certificate_pem,
        KEY.private_pem().replace("A", "B") + KEY.certificate_pem,
    ],
    ids=["junk", "no certificate", "no key", "not of one pair", "damaged"],
)
def test_what_is_no_certificate(microsoft, with_certificate, pem) -> None:
    microsoft.requests.clear()
    with pytest.raises(AppInvalid):
        source_of(replace(with_certificate, certificate=pem)).renewed(None)
    assert microsoft.requests.count("token") == 0


@pytest.mark.parametrize("tenant", ["common", "organizations"])
def test_many_tenants_give_no_application_permission(microsoft, microsoft_app, tenant) -> None:
    with pytest.raises(AppInvalid, match="tenant"):
        source_of(replace(microsoft_app, tenant=tenant)).renewed(None)
    assert len(microsoft.requests) == 0


@pytest.mark.parametrize(("status", "error"), [(503, ServerUnavailable), (429, RateLimited)])
def test_trouble_at_the_token_endpoint(microsoft, microsoft_app, status, error) -> None:
    microsoft.faults.add("token", status=status, headers={"Retry-After": "9"})
    with pytest.raises(error) as caught:
        source_of(microsoft_app).renewed(None)
    assert caught.value.retry_after == 9
    assert source_of(microsoft_app).renewed(None).access_token
