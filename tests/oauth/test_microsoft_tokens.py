# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How Microsoft's tokens are renewed, how they die, what is told from what, and what the app itself is given."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from mailsync.errors import (
    AppInvalid,
    ConnectionFailed,
    ConnectionLost,
    ConsentMissing,
    ProtocolError,
    RateLimited,
    ServerUnavailable,
    TokenRevoked,
)
from mailsync.oauth import Tokens, fresh_tokens
from mailsync.providers.graph.signin import MicrosoftSignIn

from .browser import REDIRECT
from .conftest import BETH

DAY = 86_400
SCOPES = ("Mail.Read", "Mail.Send", "User.Read")


@pytest.fixture
def tokens(microsoft) -> Tokens:
    """What a grant gave an hour ago."""
    return granted(microsoft, *SCOPES)


def granted(microsoft, *scopes: str) -> Tokens:
    answer = microsoft.grant(BETH, [*scopes, "openid", "profile", "offline_access"])
    return Tokens(answer["access_token"], time.time() - 1, answer["refresh_token"], frozenset(scopes))


def test_renewed(microsoft, at_microsoft, tokens) -> None:
    renewed = at_microsoft.renewed(tokens)
    assert renewed.access_token != tokens.access_token
    assert renewed.refresh_token != tokens.refresh_token
    assert renewed.expires_at == pytest.approx(time.time() + 3600, abs=60)
    assert {*SCOPES} <= renewed.scopes
    assert microsoft.requests.count("token") == 1


def test_renewed_without_what_was_not_granted(microsoft, at_microsoft) -> None:
    first = granted(microsoft, "Mail.Read", "User.Read")
    assert "Mail.Send" not in at_microsoft.renewed(first).scopes


def test_what_an_answer_leaves_out_stays(microsoft, at_microsoft, tokens) -> None:
    microsoft.faults.add("token", status=200, body={"access_token": "x", "expires_in": "3600"})
    renewed = at_microsoft.renewed(tokens)
    assert (renewed.refresh_token, renewed.scopes) == (tokens.refresh_token, tokens.scopes)


def test_kept_before_it_is_used(microsoft, at_microsoft, tokens) -> None:
    kept: list[Tokens] = []
    first = fresh_tokens(at_microsoft, tokens, kept.append)
    assert fresh_tokens(at_microsoft, first, kept.append) is first
    assert kept == [first] and microsoft.requests.count("token") == 1


def test_an_answer_that_was_lost_costs_nothing(microsoft, at_microsoft, tokens) -> None:
    at_microsoft.renewed(tokens)
    assert at_microsoft.renewed(tokens).is_fresh()


def test_where_old_refresh_tokens_die_a_lost_answer_ends_the_grant(microsoft, at_microsoft, tokens) -> None:
    microsoft.strict_rotation = True
    lost = at_microsoft.renewed(tokens)
    with pytest.raises(TokenRevoked):
        at_microsoft.renewed(tokens)
    assert at_microsoft.renewed(lost).is_fresh()


@pytest.mark.parametrize("nothing", [None, Tokens("x", 0.0)])
def test_nothing_to_renew_with(microsoft, at_microsoft, nothing) -> None:
    with pytest.raises(TokenRevoked):
        at_microsoft.renewed(nothing)
    assert len(microsoft.requests) == 0


def test_all_sessions_were_ended(microsoft, at_microsoft, tokens) -> None:
    microsoft.revoke(BETH)
    with pytest.raises(TokenRevoked) as caught:
        at_microsoft.renewed(tokens)
    assert "AADSTS50173" in caught.value.server_text


def test_not_used_for_three_months(microsoft, at_microsoft, tokens) -> None:
    microsoft.clock.advance(91 * DAY)
    with pytest.raises(TokenRevoked) as caught:
        at_microsoft.renewed(tokens)
    assert "AADSTS700082" in caught.value.server_text


def test_more_than_was_granted(microsoft, at_microsoft) -> None:
    first = replace(granted(microsoft, "User.Read"), scopes=frozenset(SCOPES))
    with pytest.raises(ConsentMissing):
        at_microsoft.renewed(first)


@pytest.mark.parametrize(
    ("fault", "error", "seconds"),
    [
        ({"status": 500}, ServerUnavailable, None),
        ({"status": 503, "headers": {"Retry-After": "120"}}, ServerUnavailable, 120),
        ({"status": 504, "body": b"<html>gateway</html>"}, ServerUnavailable, None),
        (
            {"status": 429, "body": {"error": "x"}, "headers": {"Retry-After": "7"}},
            RateLimited,
            7,
        ),
        (
            {"status": 400, "body": {"error": "x", "error_codes": [90033]}},
            ServerUnavailable,
            None,
        ),
        ({"status": 403, "body": b"<html>a proxy says no</html>"}, ProtocolError, None),
        ({"status": 302, "body": b"", "headers": {"Location": "https://localhost/elsewhere"}}, ProtocolError, None),
        ({"status": 200, "body": b"<html>sign in to this network</html>"}, ProtocolError, None),
        ({"status": 200, "body": b'{"access_token": "half'}, ProtocolError, None),
        ({"status": 200, "body": {"expires_in": 3600}}, ProtocolError, None),
        ({"status": 200, "body": {"access_token": "x", "expires_in": "soon"}}, ProtocolError, None),
        ({"kind": "reset"}, ConnectionFailed, None),
        ({"kind": "cut"}, ConnectionLost, None),
    ],
    ids=str,
)
@pytest.mark.parametrize("route", ["token", "configuration"])
def test_trouble_on_the_way_ends_no_grant(microsoft, at_microsoft, tokens, route, fault, error, seconds) -> None:
    microsoft.faults.add(route, times=None, **fault)
    with pytest.raises(error) as caught:
        at_microsoft.renewed(tokens)
    assert not isinstance(caught.value, TokenRevoked)
    assert caught.value.retry_after == seconds
    microsoft.faults.clear()
    # At once: nothing is answered from memory.
    assert at_microsoft.renewed(tokens).is_fresh()


def test_withdrawing_asks_nothing(microsoft, at_microsoft, tokens) -> None:
    at_microsoft.withdraw(tokens)
    assert len(microsoft.requests) == 0


WRONG = [
    ({"client_secret": "another-secret"}, "AADSTS7000215"),
    ({"client_id": "00000000-0000-0000-0000-000000000000"}, "AADSTS700016"),
    ({"tenant": "nobody.example"}, "AADSTS90002"),
    ({"client_secret": "", "certificate": ""}, ""),
    ({"certificate": "junk"}, ""),
    ({"tenant": ""}, ""),
]


@pytest.mark.parametrize(("changed", "text"), WRONG, ids=str)
def test_a_wrong_app_is_no_revoked_grant(microsoft_app, tokens, changed, text) -> None:
    with pytest.raises(AppInvalid) as caught:
        MicrosoftSignIn(replace(microsoft_app, **changed)).renewed(tokens)
    assert text in caught.value.server_text


@pytest.mark.parametrize(("changed", "text"), WRONG, ids=str)
def test_the_check_finds_what_is_wrong(microsoft_app, changed, text) -> None:
    with pytest.raises(AppInvalid) as caught:
        MicrosoftSignIn(replace(microsoft_app, **changed)).check(REDIRECT)
    assert text in caught.value.server_text


def test_a_secret_that_was_mended_works_at_once(microsoft_app, tokens) -> None:
    wrong = MicrosoftSignIn(replace(microsoft_app, client_secret="another-secret"))
    for _ in range(2):
        with pytest.raises(AppInvalid):
            wrong.renewed(tokens)
    assert MicrosoftSignIn(microsoft_app).renewed(tokens).is_fresh()


def test_the_app_is_right(at_microsoft) -> None:
    at_microsoft.check(REDIRECT)


def test_the_redirect_address_is_wrong(at_microsoft) -> None:
    with pytest.raises(AppInvalid) as caught:
        at_microsoft.check("https://odoo.example.com/elsewhere")
    assert "AADSTS50011" in caught.value.server_text


def test_a_secret_that_has_expired(microsoft, microsoft_app) -> None:
    microsoft.register_app("short", "its-secret", [REDIRECT], secret_seconds=DAY)
    app = replace(microsoft_app, client_id="short", client_secret="its-secret")
    given = microsoft.grant(BETH, [*SCOPES, "offline_access"], "short")
    tokens = Tokens("x", 0.0, given["refresh_token"])
    assert MicrosoftSignIn(app).renewed(tokens).is_fresh()
    microsoft.clock.advance(2 * DAY)
    for attempt in (lambda: MicrosoftSignIn(app).renewed(tokens), lambda: MicrosoftSignIn(app).check(REDIRECT)):
        with pytest.raises(AppInvalid) as caught:
            attempt()
        assert "AADSTS7000222" in caught.value.server_text
