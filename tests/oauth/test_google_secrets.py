# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""No way through the sign-in at Google, good or bad, writes a secret down."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from mailsync.errors import MailSyncError
from mailsync.oauth import Tokens
from mailsync.providers.gmail.grants import READ, SEND
from mailsync.providers.gmail.service_account import ServiceAccount
from mailsync.providers.gmail.signin import GoogleSignIn

from .browser import REDIRECT, pressed
from .canaries import Canaries
from .conftest import ANN, google_endpoints

FAULTS = [
    None,
    {"status": 503},
    {"status": 429},
    {"kind": "reset"},
    {"kind": "cut"},
    {"status": 400, "body": {"error": "invalid_grant"}},
    {"status": 401, "body": {"error": "invalid_client"}},
    {"status": 200, "body": b"no json"},
]


@pytest.fixture
def canaries(google, caplog, monkeypatch) -> Canaries:
    caplog.set_level(logging.DEBUG)
    # google-auth logs requests once somebody has turned its log on.
    for name in ("google", "google.auth", "google.auth.transport.requests", "urllib3"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)
        monkeypatch.setattr(logging.getLogger(name), "propagate", True)
    found = Canaries()
    found.add(google.client_secret)
    return found


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("route", ["token", "jwks", "settings.sendAs.list", "revoke"])
def test_signing_in(google, at_google, google_app, canaries, caplog, route, fault) -> None:
    consent = at_google.consent(REDIRECT, "the-state", ANN)
    answer = pressed(consent.url, "allow", [("account", ANN), ("scope", READ), ("scope", SEND)])
    canaries.add(answer["code"], consent.secrets["verifier"])
    canaries.shown += [repr(consent), repr(google_app), repr(at_google)]
    if fault:
        google.faults.add(route, times=None, **fault)
    for secrets in ({**consent.secrets, "verifier": "v" * 50}, consent.secrets):
        _try(canaries, lambda kept=secrets: canaries.add_tokens(at_google.redeem(REDIRECT, answer, kept).tokens))
    assert canaries.leaks(caplog.records) == []


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_renewing(google, google_app, canaries, caplog, fault) -> None:
    granted = google.grant(ANN, [READ])
    tokens = _tokens(granted)
    canaries.add_tokens(tokens)
    if fault:
        google.faults.add("token", times=None, **fault)
        google.faults.add("revoke", times=None, **fault)
    wrong = replace(google_app, client_secret="another-secret-that-is-wrong")
    canaries.add(wrong.client_secret)
    for sign_in in (GoogleSignIn(google_app), GoogleSignIn(wrong)):
        _try(canaries, lambda at=sign_in: canaries.add_tokens(at.renewed(tokens)))
        _try(canaries, lambda at=sign_in: at.check(REDIRECT))
    _try(canaries, lambda: GoogleSignIn(google_app).withdraw(tokens))
    assert canaries.leaks(caplog.records) == []


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_the_service_account(google, canaries, caplog, fault) -> None:
    key = google.service_account(domain="example.com", scopes=[READ, SEND])
    # Any line of the key gives part of it away.
    canaries.add(*key["private_key"].splitlines()[1:-1])
    if fault:
        google.faults.add("token", times=None, **fault)
    source = ServiceAccount(key, ANN, google_endpoints(google))
    canaries.shown.append(repr(source))
    _try(canaries, lambda: canaries.add_tokens(source.renewed(None)))
    broken = {**key, "private_key": key["private_key"].replace("-----END", "---END")}
    _try(canaries, lambda: ServiceAccount(broken, ANN, google_endpoints(google)))
    assert canaries.leaks(caplog.records) == []


def test_a_server_that_echoes_what_it_was_sent(google, at_google, canaries, caplog) -> None:
    granted = google.grant(ANN, [READ])
    tokens = _tokens(granted)
    canaries.add_tokens(tokens)
    text = f"{tokens.refresh_token} of {google.client_secret}"
    for error in ("invalid_grant", "odd"):
        google.faults.add("token", status=400, body={"error": error, "error_description": text})
        google.faults.add("token", status=400, body={"error": f"{error} {text}"})
        for _ in range(2):
            _try(canaries, lambda: at_google.renewed(tokens))
    assert len(canaries.errors) == 4
    assert canaries.leaks(caplog.records) == []


def test_the_canaries_would_be_heard(google, canaries, caplog) -> None:
    logging.getLogger("elsewhere").debug("got %s", google.client_secret)
    canaries.errors.append(ValueError(google.client_secret))
    assert {text.split()[0] for _secret, text in canaries.leaks(caplog.records)} >= {"got", "ValueError:"}


def _tokens(granted):
    return Tokens(granted["access_token"], 0.0, granted["refresh_token"])


def _try(canaries: Canaries, step) -> None:
    try:
        step()
    except MailSyncError as error:
        canaries.errors.append(error)
