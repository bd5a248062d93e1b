# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Entra, as msal sees it."""

from __future__ import annotations

import datetime
from urllib.parse import parse_qsl, urlsplit

import jwt
import msal
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .conftest import ADDRESS, READ, REDIRECT, consent


def begun(client, **options):
    return client.initiate_auth_code_flow(READ, redirect_uri=REDIRECT, login_hint=ADDRESS, **options)


def test_a_user_signs_in_and_stays_signed_in(far, account, client):
    flow = begun(client())
    answer = consent(flow["auth_uri"], account=ADDRESS, accept="1")
    got = client().acquire_token_by_auth_code_flow(flow, answer)
    assert set(got["scope"].split()) >= {f"{far.endpoints['graph']}/{name}" for name in READ}
    claims = got["id_token_claims"]
    assert (claims["preferred_username"], claims["oid"], claims["tid"]) == (ADDRESS, account.oid, far.tenant)
    again = client().acquire_token_by_refresh_token(got["refresh_token"], READ)
    assert again["access_token"] != got["access_token"]
    # The real Entra lets old refresh tokens live.
    assert "access_token" in client().acquire_token_by_refresh_token(got["refresh_token"], READ)


def test_the_id_token_is_signed_with_a_key_that_is_published(far, account, client):
    flow = begun(client())
    got = client().acquire_token_by_auth_code_flow(flow, consent(flow["auth_uri"], account=ADDRESS, accept="1"))
    where = f"{far.endpoints['login']}/{far.tenant}/discovery/v2.0/keys"
    with requests.Session() as session:
        session.trust_env = False
        [key] = session.get(where, verify=str(far.ca_file), timeout=20).json()["keys"]
    issuer = f"{far.endpoints['login']}/{far.tenant}/v2.0"
    options = {"algorithms": ["RS256"], "audience": far.client_id, "issuer": issuer}
    assert jwt.decode(got["id_token"], jwt.PyJWK(key).key, **options)["nonce"]


def test_who_declines_comes_back_with_that(account, client):
    answer = consent(begun(client())["auth_uri"], cancel="1")
    assert answer["error"] == "access_denied"
    assert "AADSTS65004" in answer["error_description"]


def test_a_code_is_good_once_and_for_ten_minutes(far, account, client):
    flow = begun(client())
    answer = consent(flow["auth_uri"], account=ADDRESS, accept="1")
    assert "access_token" in client().acquire_token_by_auth_code_flow(dict(flow), answer)
    assert client().acquire_token_by_auth_code_flow(dict(flow), answer)["error_codes"] == [54005]
    flow = begun(client())
    answer = consent(flow["auth_uri"], account=ADDRESS, accept="1")
    far.clock.advance(601)
    assert client().acquire_token_by_auth_code_flow(flow, answer)["error_codes"] == [70008]


def test_a_code_wants_its_verifier(account, client):
    flow = begun(client())
    answer = consent(flow["auth_uri"], account=ADDRESS, accept="1")
    flow["code_verifier"] = "x" * 43
    assert client().acquire_token_by_auth_code_flow(flow, answer)["error_codes"] == [501481]


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (lambda far: far.revoke(ADDRESS), 50173),
        (lambda far: far.clock.advance(91 * 86_400), 700082),
    ],
)
def test_refresh_tokens_die(far, account, client, end, code):
    far.register_app(far.client_id, far.client_secret, [REDIRECT], secret_seconds=1e9)
    refresh = far.grant(ADDRESS, ["openid", "offline_access", *READ])["refresh_token"]
    end(far)
    assert client().acquire_token_by_refresh_token(refresh, READ)["error_codes"] == [code]


def test_strict_rotation_ends_a_token_that_has_given_a_new_one(far, account, client):
    far.strict_rotation = True
    refresh = far.grant(ADDRESS, ["openid", "offline_access", *READ])["refresh_token"]
    newer = client().acquire_token_by_refresh_token(refresh, READ)["refresh_token"]
    assert client().acquire_token_by_refresh_token(refresh, READ)["error_codes"] == [50173]
    assert "access_token" in client().acquire_token_by_refresh_token(newer, READ)


def test_more_than_was_granted_is_not_given(far, account, client):
    refresh = far.grant(ADDRESS, ["openid", "offline_access", *READ])["refresh_token"]
    assert client().acquire_token_by_refresh_token(refresh, ["Mail.Send"])["error_codes"] == [65001]


def test_the_app_has_to_be_right(far, account, client):
    refresh = far.grant(ADDRESS, ["openid", "offline_access", *READ])["refresh_token"]

    def code(**options):
        return client(**options).acquire_token_by_refresh_token(refresh, READ)["error_codes"]

    assert code(client_credential="wrong") == [7000215]
    assert code(client_id="00000000-0000-4000-8000-000000000000") == [700016]
    assert code(tenant="common") == [50194]
    far.clock.advance(366 * 86_400)
    assert code() == [7000222]


def test_an_app_for_many_tenants_signs_in_users_of_each(far, client):
    other = far.add_tenant("elsewhere.example")
    far.add_account("ed@elsewhere.example", tenant=other)
    far.register_app("many", "secret", [REDIRECT], multi_tenant=True)
    options = {"tenant": "organizations", "client_id": "many", "client_credential": "secret"}
    flow = begun(client(**options))
    answer = consent(flow["auth_uri"], account="ed@elsewhere.example", accept="1")
    got = client(**options).acquire_token_by_auth_code_flow(flow, answer)
    assert got["id_token_claims"]["tid"] == other


def test_a_redirect_address_that_is_not_registered_is_refused_on_the_page(far, client):
    flow = client().initiate_auth_code_flow(READ, redirect_uri="http://localhost/elsewhere")
    page = requests.get(flow["auth_uri"], timeout=20)
    assert page.status_code == 400
    assert "AADSTS50011" in page.text


def test_consent_may_be_the_administrators_alone(far, account, client):
    far.register_app(far.client_id, far.client_secret, [REDIRECT]).admin_only = True
    answer = consent(begun(client())["auth_uri"], account=ADDRESS, accept="1")
    assert answer["error"] == "consent_required"


@pytest.mark.parametrize("authority", ["organizations", "home"])
def test_an_administrator_consents_for_the_tenant(far, account, authority):
    name = far.tenant if authority == "home" else authority
    base = urlsplit(
        requests_json(far, f"/{far.tenant}/v2.0/.well-known/openid-configuration")["authorization_endpoint"]
    )
    where = f"{base.scheme}://{base.netloc}/{name}/adminconsent"
    query = {"client_id": far.client_id, "redirect_uri": REDIRECT, "state": "s"}
    assert requests.get(where, params=query, timeout=20).status_code == 200
    answer = requests.post(where, params=query, data={"accept": "1"}, allow_redirects=False, timeout=20)
    told = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    assert told == {"admin_consent": "True", "tenant": far.tenant, "state": "s"}
    elsewhere = where.replace(name, "nobody.example")
    assert requests.get(elsewhere, params=query, timeout=20).status_code == 400


def requests_json(far, path):
    with requests.Session() as session:
        session.trust_env = False
        return session.get(f"{far.endpoints['login']}{path}", verify=str(far.ca_file), timeout=20).json()


def test_an_application_signs_in_with_a_secret_and_with_a_certificate(far, client):
    scope = [f"{far.endpoints['graph']}/.default"]
    assert "access_token" in client().acquire_token_for_client(scope)
    key, certificate = made_certificate()
    far.register_app("signed", certificates=[certificate])
    credential = {"private_key": key, "public_certificate": certificate}
    options = {"client_id": "signed", "client_credential": credential}
    assert "access_token" in client(**options).acquire_token_for_client(scope)
    other_key, other = made_certificate()
    options["client_credential"] = {"private_key": other_key, "public_certificate": other}
    assert client(**options).acquire_token_for_client(scope)["error_codes"] == [700027]


def test_a_busy_entra_is_told_apart_from_a_refusing_one(far, account, client):
    refresh = far.grant(ADDRESS, ["openid", "offline_access", *READ])["refresh_token"]
    far.faults.add("token", status=503)
    with pytest.raises(msal.exceptions.MsalServiceError):
        client().acquire_token_by_refresh_token(refresh, READ)


@pytest.mark.parametrize(
    ("number", "error", "suberror"),
    [
        ("50076", "interaction_required", "basic_action"),
        ("65001", "invalid_grant", "consent_required"),
        ("50105", "invalid_grant", None),
        ("90055", "temporarily_unavailable", None),
    ],
)
def test_entra_refuses_on_order_in_its_own_words(far, account, client, number, error, suberror):
    refresh = far.grant(ADDRESS, ["openid", "offline_access", *READ])["refresh_token"]
    far.faults.add("token", reason=number)
    got = client().acquire_token_by_refresh_token(refresh, READ)
    assert (got["error"], got["error_codes"], got.get("suberror")) == (error, [int(number)], suberror)
    assert got["error_description"].startswith(f"AADSTS{number}: ")
    assert "access_token" in client().acquire_token_by_refresh_token(refresh, READ)


def made_certificate() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "app")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()
