# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""No way through the sign-in at Microsoft, good or bad, writes a secret down."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from mailsync.errors import MailSyncError
from mailsync.oauth import Tokens
from mailsync.providers.graph.application import MicrosoftApplication
from mailsync.providers.graph.signin import MicrosoftSignIn
from sandbox.cloud.keys import SigningKey

from .browser import REDIRECT, pressed
from .canaries import Canaries
from .conftest import BETH

KEY, OTHER_KEY = SigningKey("one"), SigningKey("another")
FAULTS = [
    None,
    {"status": 503},
    {"status": 429},
    {"kind": "reset"},
    {"kind": "cut"},
    {"status": 400, "body": {"error": "invalid_grant", "error_codes": [50173]}},
    {"status": 401, "body": {"error": "invalid_client", "error_codes": [7000215]}},
    {"status": 200, "body": b"no json"},
    {"status": 200, "body": {"a": 1}},
]


@pytest.fixture
def canaries(microsoft, caplog, monkeypatch) -> Canaries:
    caplog.set_level(logging.DEBUG)
    for name in ("msal", "msal.token_cache", "msal.oauth2cli.oauth2", "urllib3"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)
    found = Canaries()
    found.add(microsoft.client_secret)
    return found


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("route", ["configuration", "token", "keys", "user"])
def test_signing_in(microsoft, at_microsoft, microsoft_app, canaries, caplog, route, fault) -> None:
    consent = at_microsoft.consent(REDIRECT, "the-state", BETH)
    answer = pressed(consent.url, "allow", [("account", BETH)], str(microsoft.ca_file))
    canaries.add(answer["code"], consent.secrets["code_verifier"], consent.secrets["nonce"])
    canaries.shown += [repr(consent), repr(microsoft_app), repr(at_microsoft)]
    if fault:
        microsoft.faults.add(route, times=None, **fault)
    others = ({"code_verifier": "v" * 43}, {"nonce": "of-another"}, {"state": "of-another"}, {})
    for changed in others:
        kept = {**consent.secrets, **changed}
        _try(canaries, lambda kept=kept: canaries.add_tokens(at_microsoft.redeem(REDIRECT, answer, kept).tokens))
    assert canaries.leaks(caplog.records) == []


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("route", ["configuration", "token"])
def test_renewing(microsoft, microsoft_app, canaries, caplog, route, fault) -> None:
    tokens = granted(microsoft)
    canaries.add_tokens(tokens)
    if fault:
        microsoft.faults.add(route, times=None, **fault)
    pem = KEY.private_pem() + KEY.certificate_pem
    mixed = KEY.private_pem() + OTHER_KEY.certificate_pem
    canaries.add("another-secret-that-is-wrong", *KEY.private_pem().splitlines()[1:-1])
    wrongs = [{"client_secret": "another-secret-that-is-wrong"}, {"certificate": pem}, {"certificate": mixed}]
    for changed in ({}, *wrongs):
        app = replace(microsoft_app, **changed)
        canaries.shown.append(repr(app))
        sign_in, application = MicrosoftSignIn(app), MicrosoftApplication(app)
        _try(canaries, lambda at=sign_in: canaries.add_tokens(at.renewed(tokens)))
        _try(canaries, lambda at=sign_in: at.check(REDIRECT))
        _try(canaries, lambda at=application: canaries.add_tokens(at.renewed(None)))
    assert canaries.leaks(caplog.records) == []


def test_a_server_that_echoes_what_it_was_sent(microsoft, at_microsoft, canaries, caplog) -> None:
    tokens = granted(microsoft)
    canaries.add_tokens(tokens)
    text = f"{tokens.refresh_token} of {microsoft.client_secret}"
    bodies = (
        {"error": "invalid_grant", "error_description": text},
        {"error": f"odd {text}"},
        f"<html>{text}</html>",
        {"access_token": text, "id_token": text, "scope": "Mail.Read", "expires_in": text},
    )
    for body in bodies:
        microsoft.faults.add("token", status=200, body=body)
        _try(canaries, lambda: at_microsoft.renewed(tokens))
    assert len(canaries.errors) == len(bodies)
    assert canaries.leaks(caplog.records) == []


def granted(microsoft) -> Tokens:
    answer = microsoft.grant(BETH, ["Mail.Read", "Mail.Send", "User.Read", "openid", "profile", "offline_access"])
    return Tokens(answer["access_token"], 0.0, answer["refresh_token"])


def _try(canaries: Canaries, step) -> None:
    try:
        step()
    except MailSyncError as error:
        canaries.errors.append(error)
