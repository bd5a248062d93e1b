# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The way through Google's consent page and back, and everything that may come back instead of a grant."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from mailsync.errors import (
    AdminConsentNeeded,
    AppInvalid,
    ConsentMissing,
    ConsentRefused,
    MailboxDisabled,
    ProtocolError,
    RateLimited,
    ServerUnavailable,
    TokenRevoked,
    WrongAccount,
)
from mailsync.providers.gmail.grants import READ, SEND
from mailsync.providers.gmail.signin import GoogleSignIn

from .browser import REDIRECT, pressed, query_of
from .conftest import ALIAS, ANN


def consented(sign_in: GoogleSignIn, scopes=(READ, SEND), account=ANN):
    """A consent that the user has given: the answer, and what the browser's session has kept."""
    consent = sign_in.consent(REDIRECT, "the-state", account)
    answer = pressed(consent.url, "allow", [("account", account), *(("scope", scope) for scope in scopes)])
    return answer, json.loads(json.dumps(dict(consent.secrets)))


def redeemed(sign_in: GoogleSignIn, **kwargs):
    answer, kept = consented(sign_in, **kwargs)
    return sign_in.redeem(REDIRECT, answer, kept)


def test_the_whole_way(google, at_google) -> None:
    answer, kept = consented(at_google)
    assert answer["state"] == "the-state"
    grant = at_google.redeem(REDIRECT, answer, kept)
    assert grant.account.address == ANN
    assert grant.account.subject == google.account(ANN).subject
    assert grant.account.has("Info@Example.com") and grant.account.has(ANN)
    assert not grant.account.has("bob@example.com")
    assert grant.missing == frozenset()
    assert grant.tokens.is_fresh()
    assert {READ, SEND} <= grant.tokens.scopes
    headers = {"Authorization": f"Bearer {grant.tokens.access_token}"}
    profile = requests.get(
        google.endpoints["api_root"] + "gmail/v1/users/me/profile", headers=headers, verify=google.ca_file, timeout=10
    )
    assert profile.json()["emailAddress"] == ANN


def test_the_page_is_asked_for_all_that_a_server_needs(at_google) -> None:
    consent = at_google.consent(REDIRECT, "the-state", ANN)
    query = query_of(consent.url)
    assert query["access_type"] == "offline" and query["prompt"] == "consent"
    assert query["login_hint"] == ANN and query["redirect_uri"] == REDIRECT
    assert query["code_challenge_method"] == "S256" and len(query["code_challenge"]) == 43
    assert str(consent.secrets["verifier"]) not in consent.url
    assert "hd" not in query and "include_granted_scopes" not in query


def test_no_two_consents_are_alike(at_google) -> None:
    first, second = (at_google.consent(REDIRECT, "the-state", ANN).secrets for _ in range(2))
    assert not set(first.values()) & set(second.values())


def test_a_user_who_says_no(google, at_google) -> None:
    consent = at_google.consent(REDIRECT, "the-state", ANN)
    answer = pressed(consent.url, "deny")
    with pytest.raises(ConsentRefused):
        at_google.redeem(REDIRECT, answer, consent.secrets)
    assert google.requests.count("token") == 0


def test_without_reading_there_is_no_grant(at_google) -> None:
    with pytest.raises(ConsentMissing) as caught:
        redeemed(at_google, scopes=[SEND])
    assert caught.value.server_text == READ


def test_without_sending_the_grant_says_so(at_google) -> None:
    assert redeemed(at_google, scopes=[READ]).missing == {SEND}


def test_signing_in_again_gives_a_refresh_token_again(at_google) -> None:
    first, second = redeemed(at_google), redeemed(at_google)
    assert first.tokens.refresh_token != second.tokens.refresh_token
    assert first.account == second.account
    assert at_google.renewed(first.tokens).is_fresh()


def test_a_grant_that_ends_within_the_hour_is_none(google, at_google) -> None:
    answer, kept = consented(at_google)
    google.faults.add("token", status=200, body={"access_token": "x", "expires_in": 3599, "scope": f"{READ} {SEND}"})
    with pytest.raises(ConsentMissing, match="refresh token"):
        at_google.redeem(REDIRECT, answer, kept)


def test_a_code_is_good_once(at_google) -> None:
    answer, kept = consented(at_google)
    at_google.redeem(REDIRECT, answer, kept)
    with pytest.raises(TokenRevoked):
        at_google.redeem(REDIRECT, answer, kept)


def test_a_code_dies_after_ten_minutes(google, at_google) -> None:
    answer, kept = consented(at_google)
    google.clock.advance(601)
    with pytest.raises(TokenRevoked):
        at_google.redeem(REDIRECT, answer, kept)


@pytest.mark.parametrize("verifier", ["", "v" * 64], ids=["missing", "wrong"])
def test_a_stolen_code_is_worth_nothing_without_its_verifier(at_google, verifier) -> None:
    answer, kept = consented(at_google)
    with pytest.raises(TokenRevoked):
        at_google.redeem(REDIRECT, answer, {**kept, "verifier": verifier})


def test_an_answer_of_another_sign_in_is_not_taken(at_google) -> None:
    answer, kept = consented(at_google)
    with pytest.raises(ProtocolError, match="another sign-in"):
        at_google.redeem(REDIRECT, answer, {**kept, "nonce": "of another"})


def test_another_redirect_address_than_was_consented_to(at_google) -> None:
    answer, kept = consented(at_google)
    with pytest.raises(AppInvalid) as caught:
        at_google.redeem("http://localhost/elsewhere", answer, kept)
    assert "redirect_uri_mismatch" in caught.value.server_text


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({}, ProtocolError),
        ({"code": ""}, ProtocolError),
        ({"error": "access_denied"}, ConsentRefused),
        ({"error": "admin_policy_enforced"}, AdminConsentNeeded),
        ({"error": "server_error"}, ServerUnavailable),
        ({"error": "temporarily_unavailable", "code": "4/0x"}, ServerUnavailable),
        ({"error": "<script>alert(1)</script>"}, ProtocolError),
    ],
)
def test_answers_without_a_code(google, at_google, answer, error) -> None:
    with pytest.raises(error):
        at_google.redeem(REDIRECT, answer, {"verifier": "v", "nonce": "n"})
    assert len(google.requests) == 0


@pytest.fixture
def forged(google, google_app, at_google):
    """Redeems a code for an ID token with changed claims, signed with ``key``."""
    answer, kept = consented(at_google)
    now = int(time.time())
    usual = {
        "iss": "https://accounts.google.com",
        "aud": google_app.client_id,
        "sub": "1",
        "email": ANN,
        "email_verified": True,
        "nonce": kept["nonce"],
        "iat": now,
        "exp": now + 3600,
    }

    def redeem(key=None, algorithm="RS256", kid=None, **changed):
        own = google._world.key
        key = own._private if key is None else key
        claims = {name: value for name, value in {**usual, **changed}.items() if value is not None}
        token = jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid or own.name})
        body = google.grant(ANN, [READ, SEND]) | {"id_token": token}
        google.faults.add("token", status=200, body=body)
        return at_google.redeem(REDIRECT, answer, kept)

    return redeem


def test_what_is_forged_below_would_be_taken_if_it_were_not(forged) -> None:
    assert forged().account.subject == "1"


FOREIGN = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.mark.parametrize(
    "changed",
    [
        {"key": FOREIGN},
        {"kid": "unknown"},
        {"key": "a secret that both sides know, of thirty-two bytes", "algorithm": "HS256"},
        {"key": "", "algorithm": "none"},  # RFC 8725 §3.1
        {"aud": "another-client"},
        {"aud": None},
        {"iss": "https://accounts.example.com"},
        {"iss": None},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"sub": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"email": None},
        {"email_verified": False},
        {"email_verified": "true"},
    ],
    ids=lambda changed: " ".join(f"{name}={str(value)[:24]}" for name, value in changed.items()),
)
def test_forged_id_tokens_are_not_taken(forged, changed) -> None:
    with pytest.raises(ProtocolError):
        forged(**changed)


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "\u00e9.\u00e9.\u00e9", "eyJhbGciOiJSUzI1NiJ9..", None, 7])
def test_what_is_no_id_token_is_not_taken(google, at_google, text) -> None:
    answer, kept = consented(at_google)
    google.faults.add("token", status=200, body=google.grant(ANN, [READ, SEND]) | {"id_token": text})
    with pytest.raises(ProtocolError):
        at_google.redeem(REDIRECT, answer, kept)


@pytest.mark.parametrize("skew", [-290, 290])
def test_clocks_may_differ_by_five_minutes(google, at_google, skew) -> None:
    google.clock.skew = skew
    assert redeemed(at_google).account.address == ANN


def test_an_internal_app_takes_its_domain_only(google, google_app) -> None:
    assert redeemed(GoogleSignIn(replace(google_app, internal_domain="example.com"))).account.address == ANN
    others = GoogleSignIn(replace(google_app, internal_domain="example.org"))
    assert query_of(others.consent(REDIRECT, "s", ANN).url)["hd"] == "example.org"
    with pytest.raises(WrongAccount) as caught:
        redeemed(others)
    assert caught.value.server_text == ANN


def test_addresses_that_the_user_has_not_proved_are_not_his(google, at_google) -> None:
    answer, kept = consented(at_google)
    body = {
        "sendAs": [
            {"sendAsEmail": "Ann@Example.com", "isPrimary": True},
            {"sendAsEmail": ALIAS, "verificationStatus": "accepted"},
            {"sendAsEmail": "boss@example.com", "verificationStatus": "pending"},
        ]
    }
    google.faults.add("settings.sendAs.list", status=200, body=body)
    assert at_google.redeem(REDIRECT, answer, kept).account.aliases == {ANN, ALIAS}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 403, "reason": "accessNotConfigured"}, AppInvalid),
        ({"status": 403, "reason": "domainPolicy"}, MailboxDisabled),
        ({"status": 403, "reason": "userRateLimitExceeded"}, RateLimited),
        ({"status": 429}, RateLimited),
        ({"status": 503}, ServerUnavailable),
        ({"status": 403, "body": b"<html>no</html>"}, ProtocolError),
        ({"status": 403, "body": {"error": {"details": [{"reason": "SERVICE_DISABLED"}]}}}, AppInvalid),
        ({"status": 403, "body": {"error": {"status": "RESOURCE_EXHAUSTED"}}}, RateLimited),
        ({"status": 403, "body": {"error": "odd"}}, ProtocolError),
        ({"status": 403, "body": {"error": {"errors": None, "message": 7}}}, ProtocolError),
        ({"status": 403, "body": {"error": {"errors": ["x"], "details": 7}}}, ProtocolError),
        ({"status": 403, "body": {"error": {"details": [{"reason": ["x"]}]}}}, ProtocolError),
        ({"status": 200, "body": {"sendAs": 7}}, ProtocolError),
        ({"status": 200, "body": {"sendAs": ["x"]}}, ProtocolError),
        ({"status": 200, "body": {"sendAs": [{"isPrimary": True}]}}, ProtocolError),
        ({"status": 200, "body": {"sendAs": [{"isPrimary": True, "sendAsEmail": 7}]}}, ProtocolError),
    ],
    ids=str,
)
def test_gmail_does_not_say_which_addresses_there_are(google, at_google, fault, error) -> None:
    answer, kept = consented(at_google)
    google.faults.add("settings.sendAs.list", times=None, **fault)
    with pytest.raises(error):
        at_google.redeem(REDIRECT, answer, kept)
