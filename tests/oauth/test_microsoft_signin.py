# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The way through Microsoft's consent page and back, and everything that may come back instead of a grant."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from mailsync.endpoints import CLOUDS
from mailsync.errors import (
    AdminConsentNeeded,
    AppInvalid,
    ConsentMissing,
    ConsentRefused,
    MailSyncError,
    ProtocolError,
    RateLimited,
    ServerUnavailable,
    TokenRevoked,
    WrongAccount,
)
from mailsync.providers.graph.signin import MicrosoftApp, MicrosoftSignIn

from .browser import REDIRECT, pressed, query_of
from .conftest import BETH


@pytest.fixture
def consented(microsoft):
    """A consent that the user has given: the answer, and what the browser's session has kept."""

    def consent(sign_in: MicrosoftSignIn, account=BETH):
        consent = sign_in.consent(REDIRECT, "the-state", account)
        answer = pressed(consent.url, "allow", [("account", account)], str(microsoft.ca_file))
        return answer, json.loads(json.dumps(dict(consent.secrets)))

    return consent


@pytest.fixture
def redeemed(consented):
    def redeem(sign_in: MicrosoftSignIn, **kwargs):
        answer, kept = consented(sign_in, **kwargs)
        return sign_in.redeem(REDIRECT, answer, kept)

    return redeem


def test_the_whole_way(microsoft, at_microsoft, consented) -> None:
    answer, kept = consented(at_microsoft)
    assert answer["state"] == "the-state"
    grant = at_microsoft.redeem(REDIRECT, answer, kept)
    account = microsoft.account(BETH)
    assert grant.account.subject == f"{account.oid}.{account.tenant}"
    assert grant.account.address == BETH
    assert grant.account.has("Beth.Jones@Contoso.example")
    assert not grant.account.has("ann@example.com")
    assert grant.missing == frozenset()
    assert grant.tokens.is_fresh() and grant.tokens.refresh_token
    assert {"Mail.Read", "Mail.Send", "User.Read"} <= grant.tokens.scopes
    folders = requests.get(
        microsoft.endpoints["graph"] + "/v1.0/me/mailFolders",
        headers={"Authorization": f"Bearer {grant.tokens.access_token}"},
        verify=str(microsoft.ca_file),
        timeout=10,
    )
    assert folders.status_code == 200


def test_the_page_is_asked_for_all_that_a_server_needs(microsoft, at_microsoft) -> None:
    consent = at_microsoft.consent(REDIRECT, "the-state", BETH)
    query = query_of(consent.url)
    assert query["response_mode"] == "query" and query["code_challenge_method"] == "S256"
    assert query["login_hint"] == BETH and query["state"] == "the-state"
    graph = microsoft.endpoints["graph"]
    wanted = {f"{graph}/Mail.Read", f"{graph}/Mail.Send", f"{graph}/User.Read"}
    assert set(query["scope"].split()) == {*wanted, "openid", "profile", "offline_access"}
    assert str(consent.secrets["code_verifier"]) not in consent.url


def test_a_shared_mailbox_is_asked_for_by_its_own_permissions(microsoft_app, redeemed) -> None:
    grant = redeemed(MicrosoftSignIn(microsoft_app, shared=True))
    assert {"Mail.Read.Shared", "Mail.Send.Shared"} <= grant.tokens.scopes
    assert grant.account.address == BETH


def test_a_user_who_says_no(microsoft, at_microsoft) -> None:
    consent = at_microsoft.consent(REDIRECT, "the-state", BETH)
    answer = pressed(consent.url, "cancel", ca_file=str(microsoft.ca_file))
    microsoft.requests.clear()
    with pytest.raises(ConsentRefused):
        at_microsoft.redeem(REDIRECT, answer, consent.secrets)
    assert len(microsoft.requests) == 0


@pytest.mark.parametrize(
    ("scope", "error"),
    [
        ("User.Read Mail.Send openid", ConsentMissing),
        ("", ConsentMissing),
        ("User.Read Mail.ReadBasic", ConsentMissing),
    ],
)
def test_without_reading_there_is_no_grant(microsoft, at_microsoft, consented, scope, error) -> None:
    answer, kept = consented(at_microsoft)
    body = {"access_token": "x", "refresh_token": "y", "expires_in": 3599, "scope": scope}
    microsoft.faults.add("token", status=200, body=body)
    with pytest.raises(ConsentMissing, match="Mail.Read"):
        at_microsoft.redeem(REDIRECT, answer, kept)


def test_a_grant_that_ends_within_the_hour_is_none(microsoft, at_microsoft, consented) -> None:
    answer, kept = consented(at_microsoft)
    microsoft.faults.add("token", status=200, body={"access_token": "x", "expires_in": 3599, "scope": "Mail.Read"})
    with pytest.raises(ConsentMissing, match="refresh token"):
        at_microsoft.redeem(REDIRECT, answer, kept)


def test_a_code_is_good_once(at_microsoft, consented) -> None:
    answer, kept = consented(at_microsoft)
    at_microsoft.redeem(REDIRECT, answer, kept)
    with pytest.raises(TokenRevoked):
        at_microsoft.redeem(REDIRECT, answer, kept)


def test_a_code_dies_after_ten_minutes(microsoft, at_microsoft, consented) -> None:
    answer, kept = consented(at_microsoft)
    microsoft.clock.advance(601)
    with pytest.raises(TokenRevoked):
        at_microsoft.redeem(REDIRECT, answer, kept)


@pytest.mark.parametrize("verifier", ["", "v" * 43], ids=["missing", "wrong"])
def test_a_stolen_code_is_worth_nothing_without_its_verifier(at_microsoft, consented, verifier) -> None:
    answer, kept = consented(at_microsoft)
    with pytest.raises(MailSyncError) as caught:
        at_microsoft.redeem(REDIRECT, answer, {**kept, "code_verifier": verifier})
    assert isinstance(caught.value, (TokenRevoked, ProtocolError))


@pytest.mark.parametrize("changed", [{"nonce": "of another"}, {"state": "of another"}, {"nonce": None, "state": None}])
def test_an_answer_of_another_sign_in_is_not_taken(at_microsoft, consented, changed) -> None:
    answer, kept = consented(at_microsoft)
    kept = {name: value for name, value in {**kept, **changed}.items() if value is not None}
    with pytest.raises(ProtocolError):
        at_microsoft.redeem(REDIRECT, answer, kept)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({}, ProtocolError),
        ({"code": "", "state": "s"}, ProtocolError),
        ({"error": "access_denied", "error_subcode": "cancel"}, ConsentRefused),
        ({"error": "access_denied", "error_description": "AADSTS65004: The user declined."}, ConsentRefused),
        ({"error": "consent_required", "error_description": "AADSTS65001: Nobody has consented."}, ConsentMissing),
        ({"error": "access_denied", "error_description": "AADSTS90094: Admin consent."}, AdminConsentNeeded),
        ({"error": "interaction_required", "error_description": "AADSTS50105: Not assigned."}, AdminConsentNeeded),
        ({"error": "server_error", "code": "x"}, ServerUnavailable),
        ({"error": "<script>alert(1)</script>"}, ProtocolError),
    ],
    ids=str,
)
def test_answers_without_a_code(microsoft, at_microsoft, answer, error) -> None:
    kept = dict(at_microsoft.consent(REDIRECT, "s", BETH).secrets)
    with pytest.raises(error):
        at_microsoft.redeem(REDIRECT, answer, kept)
    assert microsoft.requests.count("token") == 0


@pytest.mark.parametrize(
    ("status", "error"), [(401, TokenRevoked), (403, ConsentMissing), (404, ProtocolError), (503, ServerUnavailable)]
)
def test_graph_does_not_say_which_addresses_there_are(microsoft, at_microsoft, consented, status, error) -> None:
    answer, kept = consented(at_microsoft)
    microsoft.faults.add("user", status=status)
    with pytest.raises(error):
        at_microsoft.redeem(REDIRECT, answer, kept)


@pytest.mark.parametrize(
    ("user", "address", "aliases"),
    [
        (
            {"mail": "B@x.example", "userPrincipalName": "b@t.example", "proxyAddresses": [None, 5, {"SMTP": "x"}]},
            "b@x.example",
            "b@t.example",
        ),
        (
            {"mail": ["B@x.example"], "userPrincipalName": "b@t.example", "proxyAddresses": "SMTP:b@x.example"},
            "b@t.example",
            "b@t.example",
        ),
        (
            {"mail": "B@x.example", "userPrincipalName": "b@t.example", "proxyAddresses": None},
            "b@x.example",
            "b@t.example",
        ),
        ({"mail": None, "userPrincipalName": "B@outlook.test"}, "b@outlook.test", "b@outlook.test"),
        (
            {
                "mail": "b@x.example",
                "proxyAddresses": ["smtp:Old@x.example", "SMTP:New@x.example", "SIP:b@sip.example"],
            },
            "new@x.example",
            "old@x.example b@x.example",
        ),
    ],
    ids=["odd proxies", "odd mail", "work", "private", "Exchange"],
)
def test_addresses(microsoft, at_microsoft, consented, user, address, aliases) -> None:
    answer, kept = consented(at_microsoft)
    microsoft.faults.add("user", status=200, body=user)
    account = at_microsoft.redeem(REDIRECT, answer, kept).account
    assert account.address == address
    assert all(account.has(alias) for alias in aliases.split())
    assert not account.has("b@sip.test")


def test_an_account_without_an_address(microsoft, at_microsoft, consented) -> None:
    answer, kept = consented(at_microsoft)
    microsoft.faults.add("user", status=200, body={"mail": None, "userPrincipalName": ""})
    with pytest.raises(ProtocolError):
        at_microsoft.redeem(REDIRECT, answer, kept)


@pytest.mark.parametrize("name", list(CLOUDS))
def test_each_cloud_has_its_own_places(name) -> None:
    cloud = CLOUDS[name]
    app = MicrosoftApp("id", "secret-secret", tenant="contoso.example", endpoints=cloud)
    assert app.authority == f"{cloud.login}/contoso.example"
    assert MicrosoftSignIn(app)._scopes(["Mail.Read"]) == [f"{cloud.graph}/Mail.Read"]
    assert cloud.login.startswith("https://login.") and "graph." in cloud.graph


def test_a_tenants_name_reaches_no_other_place(microsoft_app) -> None:
    app = replace(microsoft_app, tenant="../x?y=#z")
    assert app.authority == f"{app.endpoints.login}/..%2Fx%3Fy%3D%23z"
    with pytest.raises(MailSyncError):
        MicrosoftSignIn(app).consent(REDIRECT, "s", BETH)


@pytest.fixture
def forged(microsoft, microsoft_app, at_microsoft, consented):
    """Redeems a code for an ID token with changed claims, signed with ``key``."""
    consent = at_microsoft.consent(REDIRECT, "the-state", BETH)
    answer = pressed(consent.url, "allow", [("account", BETH)], str(microsoft.ca_file))
    now = int(time.time())
    account = microsoft.account(BETH)
    usual = {
        "iss": f"{microsoft.endpoints['login']}/{account.tenant}/v2.0",
        "aud": microsoft_app.client_id,
        "sub": "1",
        "oid": account.oid,
        "tid": account.tenant,
        "nonce": query_of(consent.url)["nonce"],
        "iat": now,
        "exp": now + 3600,
    }

    def redeem(key=None, algorithm="RS256", kid=None, **changed):
        own = microsoft._world.key
        key = own._private if key is None else key
        claims = {name: value for name, value in {**usual, **changed}.items() if value is not None}
        token = jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid or own.name})
        body = microsoft.grant(BETH, ["Mail.Read", "Mail.Send", "User.Read", "offline_access"]) | {"id_token": token}
        microsoft.faults.add("token", status=200, body=body)
        return at_microsoft.redeem(REDIRECT, answer, consent.secrets)

    return redeem


def test_what_is_forged_below_would_be_taken_if_it_were_not(microsoft, forged) -> None:
    assert forged().account.subject.startswith(microsoft.account(BETH).oid)


@pytest.mark.parametrize(
    "changed",
    [
        {"key": rsa.generate_private_key(public_exponent=65537, key_size=2048)},
        {"kid": "unknown"},
        {"key": "a secret that both sides know, of thirty-two bytes", "algorithm": "HS256"},
        {"key": "", "algorithm": "none"},  # RFC 8725 §3.1
        {"aud": "another-client"},
        {"iss": "https://login.example.com/x/v2.0"},
        {"iss": None},
        {"tid": "another-tenant"},
        {"tid": None},
        {"oid": None},
        {"sub": None},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"exp": 1_700_000_000},
        {"iat": 4_000_000_000},
    ],
    ids=lambda changed: " ".join(f"{name}={str(value)[:24]}" for name, value in changed.items()),
)
def test_forged_id_tokens_are_not_taken(forged, changed) -> None:
    with pytest.raises(ProtocolError):
        forged(**changed)


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "eyJhbGciOiJSUzI1NiJ9.e30.", None, 7])
def test_what_is_no_id_token_is_not_taken(microsoft, at_microsoft, consented, text) -> None:
    answer, kept = consented(at_microsoft)
    body = microsoft.grant(BETH, ["Mail.Read", "User.Read", "offline_access"]) | {"id_token": text}
    microsoft.faults.add("token", status=200, body=body)
    with pytest.raises(ProtocolError):
        at_microsoft.redeem(REDIRECT, answer, kept)


@pytest.mark.parametrize("route", ["configuration", "token", "keys", "user"])
@pytest.mark.parametrize(("status", "error"), [(503, ServerUnavailable), (429, RateLimited)])
def test_no_matter_which_place_cannot(microsoft, at_microsoft, consented, route, status, error) -> None:
    answer, kept = consented(at_microsoft)
    fault = microsoft.faults.add(route, status=status, headers={"Retry-After": "33"})
    with pytest.raises(error) as caught:
        at_microsoft.redeem(REDIRECT, answer, kept)
    assert caught.value.retry_after == 33 and fault.hits == 1


@pytest.fixture
def of_many(microsoft, microsoft_app) -> MicrosoftApp:
    """An app that is registered for many tenants, at the authority of all of them."""
    microsoft.register_app("of-many", "its-secret", [REDIRECT], multi_tenant=True)
    return replace(microsoft_app, client_id="of-many", client_secret="its-secret", tenant="organizations")


@pytest.mark.parametrize("authority", ["organizations", "common"])
def test_accounts_of_any_tenant(microsoft, of_many, redeemed, authority) -> None:
    tenant = microsoft.add_tenant("fabrikam.example")
    microsoft.add_account("carl@fabrikam.example", tenant=tenant)
    sign_in = MicrosoftSignIn(replace(of_many, tenant=authority))
    home, away = redeemed(sign_in), redeemed(sign_in, account="carl@fabrikam.example")
    assert home.account.subject.endswith(f".{microsoft.tenant}")
    assert away.account.subject.endswith(f".{tenant}")
    assert sign_in.renewed(away.tokens).is_fresh()
    sign_in.check(REDIRECT)


@pytest.mark.parametrize(
    ("changed", "text"),
    [({"client_secret": "another-secret"}, "AADSTS7000215"), ({"client_id": "nobody"}, "AADSTS700016")],
    ids=str,
)
def test_the_check_of_an_app_of_many_tenants_finds_what_is_wrong(of_many, changed, text) -> None:
    with pytest.raises(AppInvalid) as caught:
        MicrosoftSignIn(replace(of_many, **changed)).check(REDIRECT)
    assert text in caught.value.server_text


def test_an_app_of_one_tenant_at_the_authority_of_many(microsoft, microsoft_app) -> None:
    sign_in = MicrosoftSignIn(replace(microsoft_app, tenant="common"))
    with pytest.raises(AppInvalid) as caught:
        sign_in.check(REDIRECT)
    assert "AADSTS50194" in caught.value.server_text


def test_an_account_of_another_tenant(microsoft, at_microsoft, consented) -> None:
    microsoft.add_account("carl@fabrikam.example", tenant=microsoft.add_tenant("fabrikam.example"))
    answer, kept = consented(at_microsoft, account="carl@fabrikam.example")
    with pytest.raises(WrongAccount):
        at_microsoft.redeem(REDIRECT, answer, kept)


@pytest.mark.parametrize("hindrance", [{"unassigned": {BETH}}, {"admin_only": True}], ids=str)
def test_what_only_an_administrator_can_allow(microsoft, microsoft_app, consented, hindrance) -> None:
    app = microsoft.register_app("hindered", "its-secret", [REDIRECT])
    for name, value in hindrance.items():
        setattr(app, name, value)
    sign_in = MicrosoftSignIn(replace(microsoft_app, client_id="hindered", client_secret="its-secret"))
    answer, kept = consented(sign_in)
    with pytest.raises(AdminConsentNeeded):
        sign_in.redeem(REDIRECT, answer, kept)
