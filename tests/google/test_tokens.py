# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tokens by Google's own library: how they are given, refreshed and checked, and how they die."""

from __future__ import annotations

import google.auth.exceptions
import pytest
import requests
from google.oauth2 import id_token, service_account
from googleapiclient.errors import HttpError

from .conftest import ADDRESS, FULL, MODIFY, READONLY, SEND, client, credentials

DAY = 86_400


def refresh(granted, transport) -> None:
    """:raises RefreshError: with ``retryable`` unset, which is how the library says that it is final"""
    granted.refresh(transport)


def refuses(granted, transport) -> bool:
    with pytest.raises(google.auth.exceptions.RefreshError) as caught:
        refresh(granted, transport)
    assert not caught.value.retryable
    return caught.value.args[1]["error"] == "invalid_grant"


def test_an_access_token_lives_an_hour_and_is_renewed(server, ann, transport):
    granted = credentials(server, ADDRESS, READONLY)
    users = client(server, granted)
    users.getProfile(userId="me").execute()
    first = granted.token
    server.clock.advance(3_600)
    users.getProfile(userId="me").execute()
    assert granted.token != first, "the library has refreshed by itself after a 401"
    assert [record.status for record in server.requests if record.route == "getProfile"] == [200, 401, 200]
    assert server.requests.count("token") == 1


def test_an_identity_token_is_verified_against_the_certificates(server, ann, transport):
    token = server.grant(ADDRESS, ["openid", "email", READONLY])["id_token"]
    for certificates in ("certs_uri", "x509_certs_uri"):
        claims = id_token.verify_token(token, transport, server.client_id, server.endpoints[certificates])
        assert claims["iss"] == "https://accounts.google.com"
        assert (claims["email"], claims["email_verified"], claims["hd"]) == (ADDRESS, True, "example.com")
    with pytest.raises(google.auth.exceptions.GoogleAuthError):
        id_token.verify_token(token, transport, "another client", server.endpoints["x509_certs_uri"])


def test_what_removing_the_app_means(server, ann, transport):
    granted = credentials(server, ADDRESS, READONLY)
    server.revoke(ADDRESS)
    assert refuses(granted, transport)
    with pytest.raises(google.auth.exceptions.RefreshError):
        client(server, granted).getProfile(userId="me").execute()


def test_a_client_can_give_its_grant_back(server, ann, transport):
    granted = credentials(server, ADDRESS, READONLY)
    answer = transport.session.post(server.endpoints["revoke_uri"], data={"token": granted.token})
    assert answer.status_code == 200
    assert refuses(granted, transport)
    again = transport.session.post(server.endpoints["revoke_uri"], data={"token": granted.token})
    assert (again.status_code, again.json()["error"]) == (400, "invalid_token")


@pytest.mark.parametrize(("scope", "dies"), [(READONLY, True), (FULL, True), ("openid", False)])
def test_a_new_password_kills_grants_of_gmail_only(server, ann, transport, scope, dies):
    granted = credentials(server, ADDRESS, scope)
    server.change_password(ADDRESS)
    if dies:
        assert refuses(granted, transport)
    else:
        refresh(granted, transport)


def test_a_refresh_token_dies_when_it_is_not_used_for_half_a_year(server, ann, transport):
    granted = credentials(server, ADDRESS, READONLY)
    server.clock.advance(179 * DAY)
    refresh(granted, transport)
    server.clock.advance(179 * DAY)
    refresh(granted, transport)
    server.clock.advance(181 * DAY)
    assert refuses(granted, transport)


def test_a_refresh_token_of_a_project_in_testing_dies_after_a_week(server, ann, transport):
    server.register_client("testing", server.client_secret, ["http://localhost/callback"], testing=True)
    assert server.grant(ADDRESS, [READONLY], "testing")["refresh_token_expires_in"] < 7 * DAY
    granted = credentials(server, ADDRESS, READONLY, client_id="testing")
    server.clock.advance(6 * DAY)
    refresh(granted, transport)
    server.clock.advance(DAY)
    assert refuses(granted, transport)


def test_the_oldest_of_more_than_a_hundred_refresh_tokens_dies(server, ann, transport):
    oldest, second = credentials(server, ADDRESS, READONLY), credentials(server, ADDRESS, READONLY)
    for _grant in range(98):
        server.grant(ADDRESS, [READONLY])
    refresh(oldest, transport)
    server.grant(ADDRESS, [READONLY])
    assert refuses(oldest, transport)
    refresh(second, transport)


@pytest.mark.parametrize(
    ("changed", "error", "status"),
    [
        ({"client_secret": "wrong"}, "invalid_client", 401),
        ({"client_id": "unknown"}, "invalid_client", 401),
        ({"refresh_token": "1//unknown"}, "invalid_grant", 400),
        ({"grant_type": "password"}, "unsupported_grant_type", 400),
        ({"scope": FULL}, "invalid_scope", 400),
    ],
)
def test_the_token_endpoint_says_what_is_wrong(server, ann, transport, changed, error, status):
    form = {
        "grant_type": "refresh_token",
        "client_id": server.client_id,
        "client_secret": server.client_secret,
        "refresh_token": server.grant(ADDRESS, [READONLY])["refresh_token"],
    }
    answer = transport.session.post(server.endpoints["token_uri"], data={**form, **changed})
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"]
    assert transport.session.post(server.endpoints["token_uri"], data=form).status_code == 200


@pytest.mark.parametrize(
    ("scope", "allowed", "refused"),
    [
        (READONLY, "messages.list", "messages.modify"),
        (MODIFY, "messages.modify", "messages.delete"),
        (SEND, "messages.send", "messages.list"),
        (FULL, "messages.delete", None),
    ],
)
def test_scopes_are_enforced_for_each_method(server, ann, gmail, scope, allowed, refused):
    message_id = ann.deliver(b"To: x@example.org\r\n\r\nHello")
    messages = gmail(scope).messages()
    calls = {
        "messages.list": messages.list(userId="me"),
        "messages.modify": messages.modify(userId="me", id=message_id, body={"addLabelIds": ["STARRED"]}),
        "messages.delete": messages.delete(userId="me", id=message_id),
        "messages.send": messages.send(userId="me", body={"raw": "VG86IHhAZXhhbXBsZS5vcmcNCg0KSGk="}),
    }
    if refused:
        with pytest.raises(HttpError) as caught:
            calls[refused].execute()
        assert (caught.value.status_code, caught.value.error_details[0]["reason"]) == (403, "insufficientPermissions")
    calls[allowed].execute()


def service_credentials(server, key, *scopes, subject=ADDRESS):
    return service_account.Credentials.from_service_account_info(key, scopes=scopes, subject=subject)


def test_a_service_account_acts_for_the_users_of_a_domain_that_allows_it(server, ann, transport):
    key = server.service_account(domain="example.com", scopes=[READONLY])
    granted = service_credentials(server, key, READONLY)
    refresh(granted, transport)
    assert client(server, granted).getProfile(userId="me").execute()["emailAddress"] == ADDRESS


@pytest.mark.parametrize(
    ("scopes", "subject", "error"),
    [
        ([READONLY, MODIFY], ADDRESS, "unauthorized_client"),
        ([READONLY], "eve@elsewhere.example", "unauthorized_client"),
        ([READONLY], "nobody@example.com", "invalid_grant"),
    ],
)
def test_a_service_account_gets_no_more_than_the_administrator_allows(server, ann, transport, scopes, subject, error):
    server.add_account("eve@elsewhere.example")
    key = server.service_account(domain="example.com", scopes=[READONLY])
    with pytest.raises(google.auth.exceptions.RefreshError) as caught:
        refresh(service_credentials(server, key, *scopes, subject=subject), transport)
    assert caught.value.args[1]["error"] == error


def test_an_assertion_signed_with_another_key_is_refused(server, ann, transport):
    key = server.service_account("one", domain="example.com", scopes=[READONLY])
    key["private_key"] = server.service_account("two")["private_key"]
    assert refuses(service_credentials(server, key, READONLY), transport)


def test_a_service_account_itself_has_no_mailbox(server, ann, transport):
    granted = service_credentials(server, server.service_account(), READONLY, subject=None)
    refresh(granted, transport)
    with pytest.raises(HttpError) as caught:
        client(server, granted).getProfile(userId="me").execute()
    assert caught.value.error_details[0]["reason"] == "failedPrecondition"


def test_clocks_that_differ_are_noticed(server, ann, transport):
    key = server.service_account(domain="example.com", scopes=[READONLY])
    server.clock.skew = -3_600
    try:
        assert refuses(service_credentials(server, key, READONLY), transport)
    finally:
        server.clock.skew = 0


def test_who_trusts_other_authorities_does_not_connect(server):
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(server.endpoints["certs_uri"], timeout=5)
