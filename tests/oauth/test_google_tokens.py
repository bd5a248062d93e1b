# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How Google's tokens are renewed, how they die, and what is told from what."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from mailsync.errors import (
    AppInvalid,
    ConnectionFailed,
    ConnectionLost,
    ProtocolError,
    RateLimited,
    ServerUnavailable,
    TokenRevoked,
)
from mailsync.oauth import Tokens, fresh_tokens
from mailsync.providers.gmail.grants import READ, SEND
from mailsync.providers.gmail.signin import GoogleSignIn

from .browser import REDIRECT
from .conftest import ANN

DAY = 86_400


@pytest.fixture
def tokens(google) -> Tokens:
    """What a grant gave an hour ago."""
    answer = google.grant(ANN, ["openid", "email", READ, SEND])
    return Tokens(answer["access_token"], time.time() - 1, answer["refresh_token"], frozenset({READ, SEND}))


def test_renewed(google, at_google, tokens) -> None:
    renewed = at_google.renewed(tokens)
    assert renewed.access_token != tokens.access_token
    assert renewed.expires_at == pytest.approx(time.time() + 3599, abs=60)
    assert renewed.refresh_token == tokens.refresh_token
    assert renewed.scopes == tokens.scopes
    assert google.requests.count("token") == 1


def test_renewed_only_when_needed(google, at_google, tokens) -> None:
    kept: list[Tokens] = []
    first = fresh_tokens(at_google, tokens, kept.append)
    assert fresh_tokens(at_google, first, kept.append) is first
    assert kept == [first] and google.requests.count("token") == 1


def test_a_new_refresh_token_takes_the_place_of_the_old_one(google, at_google, tokens) -> None:
    google.faults.add(
        "token", status=200, body={"access_token": "ya29.x", "expires_in": "3599", "refresh_token": "1//new"}
    )
    assert at_google.renewed(tokens).refresh_token == "1//new"


@pytest.mark.parametrize("nothing", [None, Tokens("ya29.x", 0.0)])
def test_nothing_to_renew_with(google, at_google, nothing) -> None:
    with pytest.raises(TokenRevoked):
        at_google.renewed(nothing)
    assert len(google.requests) == 0


def test_revoked_by_the_user(google, at_google, tokens) -> None:
    google.revoke(ANN)
    with pytest.raises(TokenRevoked):
        at_google.renewed(tokens)
    assert google.requests.count("token") == 1


def test_the_password_was_changed(google, at_google, tokens) -> None:
    google.change_password(ANN)
    with pytest.raises(TokenRevoked):
        at_google.renewed(tokens)


def test_not_used_for_half_a_year(google, at_google, tokens) -> None:
    google.clock.advance(181 * DAY)
    with pytest.raises(TokenRevoked):
        at_google.renewed(tokens)


def test_an_app_in_testing_forgets_after_a_week(google, google_app, tokens) -> None:
    google.register_client("testing", "its-secret", [REDIRECT], testing=True)
    sign_in = GoogleSignIn(replace(google_app, client_id="testing", client_secret="its-secret"))
    granted = google.grant(ANN, [READ], "testing")
    tokens = Tokens(granted["access_token"], 0.0, granted["refresh_token"])
    google.clock.advance(6 * DAY)
    assert sign_in.renewed(tokens).access_token
    google.clock.advance(2 * DAY)
    with pytest.raises(TokenRevoked):
        sign_in.renewed(tokens)


def test_the_administrator_wants_the_user_to_sign_in_again(google, at_google, tokens) -> None:
    body = {"error": "invalid_grant", "error_subtype": "invalid_rapt", "error_description": "reauth related error"}
    google.faults.add("token", status=400, body=body)
    with pytest.raises(TokenRevoked):
        at_google.renewed(tokens)


@pytest.mark.parametrize("changed", [{"client_secret": "GOCSPX-wrong"}, {"client_id": "nobody"}], ids=str)
def test_a_wrong_app_is_no_revoked_grant(google, google_app, tokens, changed) -> None:
    with pytest.raises(AppInvalid) as caught:
        GoogleSignIn(replace(google_app, **changed)).renewed(tokens)
    assert "invalid_client" in caught.value.server_text


@pytest.mark.parametrize("error", ["deleted_client", "unauthorized_client", "disabled_client"])
def test_other_ways_in_which_an_app_is_refused(google, at_google, tokens, error) -> None:
    google.faults.add("token", status=401, body={"error": error, "error_description": "The OAuth client was deleted."})
    with pytest.raises(AppInvalid):
        at_google.renewed(tokens)


@pytest.mark.parametrize(
    ("fault", "error", "seconds"),
    [
        ({"status": 500}, ServerUnavailable, None),
        ({"status": 503, "headers": {"Retry-After": "120"}}, ServerUnavailable, 120),
        ({"status": 503, "body": b"<html>busy</html>", "headers": {"Retry-After": "soon"}}, ServerUnavailable, None),
        ({"status": 429, "headers": {"Retry-After": "7"}}, RateLimited, 7),
        ({"status": 400, "body": {"error": "internal_failure"}}, ServerUnavailable, None),
        ({"status": 400, "body": {"error": "server_error"}}, ServerUnavailable, None),
        ({"status": 403, "body": b"<html>a proxy says no</html>"}, ProtocolError, None),
        ({"status": 302, "body": b"", "headers": {"Location": "https://localhost/elsewhere"}}, ProtocolError, None),
        ({"status": 200, "body": {"expires_in": 3599}}, ProtocolError, None),
        ({"status": 200, "body": b"<html>sign in to this network</html>"}, ProtocolError, None),
        ({"status": 200, "body": {"access_token": "ya29.x", "expires_in": "soon"}}, ProtocolError, None),
        ({"status": 200, "body": {"access_token": "ya29.x", "expires_in": [1]}}, ProtocolError, None),
        ({"kind": "reset"}, ConnectionFailed, None),
        ({"kind": "cut"}, ConnectionLost, None),
    ],
    ids=str,
)
def test_trouble_at_the_token_endpoint_ends_no_grant(google, at_google, tokens, fault, error, seconds) -> None:
    fault = google.faults.add("token", times=None, **fault)
    with pytest.raises(error) as caught:
        at_google.renewed(tokens)
    assert not isinstance(caught.value, TokenRevoked)
    assert caught.value.retry_after == seconds
    google.faults.clear()
    assert at_google.renewed(tokens).is_fresh()


def test_withdrawn(google, at_google, tokens) -> None:
    at_google.withdraw(tokens)
    with pytest.raises(TokenRevoked):
        at_google.renewed(tokens)


def test_withdrawing_what_is_gone(google, at_google, tokens) -> None:
    google.revoke(ANN)
    at_google.withdraw(tokens)
    assert google.requests.count("revoke") == 1


def test_withdrawing_when_google_cannot(google, at_google, tokens) -> None:
    google.faults.add("revoke", status=503)
    with pytest.raises(ServerUnavailable):
        at_google.withdraw(tokens)


def test_the_app_is_right(google, at_google) -> None:
    at_google.check(REDIRECT)
    assert google.requests.count("token") == 1


@pytest.mark.parametrize("changed", [{"client_secret": "GOCSPX-wrong"}, {"client_id": "nobody"}], ids=str)
def test_the_app_is_wrong(google, google_app, changed) -> None:
    with pytest.raises(AppInvalid):
        GoogleSignIn(replace(google_app, **changed)).check(REDIRECT)


def test_the_redirect_address_is_wrong(google, at_google) -> None:
    body = {"error": "redirect_uri_mismatch", "error_description": "Bad Request"}
    google.faults.add("token", status=400, body=body)
    with pytest.raises(AppInvalid) as caught:
        at_google.check(REDIRECT)
    assert "redirect_uri_mismatch" in caught.value.server_text
