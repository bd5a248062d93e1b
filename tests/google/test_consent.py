# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The consent page and what comes back from it, as a browser and a web application see them."""

from __future__ import annotations

import base64
import hashlib
import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from .conftest import ADDRESS, MODIFY, READONLY, SEND

CALLBACK = "http://localhost/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


class Browser:
    """Opens the consent page, answers it, and gives the code to the token endpoint."""

    def __init__(self, server) -> None:
        self.server = server
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(server.ca_file)

    def url(self, **changed) -> str:
        query = {
            "client_id": self.server.client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": f"openid email {READONLY} {SEND}",
            "access_type": "offline",
            "state": "the state",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **changed,
        }
        known = {name: value for name, value in query.items() if value is not None}
        return requests.Request("GET", self.server.endpoints["auth_uri"], params=known).prepare().url

    def open(self, **changed) -> requests.Response:
        return self.session.get(self.url(**changed), allow_redirects=False)

    def click(self, button="allow", account=ADDRESS, scopes=(READONLY, SEND), **changed) -> dict[str, str]:
        form = {"account": account, "scope": list(scopes), button: "1"}
        answer = self.session.post(self.url(**changed), data=form, allow_redirects=False)
        assert answer.status_code == 302, answer.text
        assert answer.headers["Location"].startswith(CALLBACK)
        return {k: v for k, (v,) in parse_qs(urlsplit(answer.headers["Location"]).query).items()}

    def exchange(self, code, **changed) -> requests.Response:
        form = {
            "grant_type": "authorization_code",
            "client_id": self.server.client_id,
            "client_secret": self.server.client_secret,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            "code": code,
            **changed,
        }
        return self.session.post(self.server.endpoints["token_uri"], data=form)


@pytest.fixture
def browser(server, ann) -> Browser:
    return Browser(server)


def test_the_page_offers_accounts_and_scopes(server, browser):
    server.add_account("bob@example.com", "Bob <i>")
    page = browser.open(login_hint=ADDRESS)
    assert page.status_code == 200
    assert re.search(rf'name="account"[^>]*value="{ADDRESS}"[^>]*checked', page.text)
    assert not re.search(r'value="bob@example.com"[^>]*checked', page.text)
    assert re.findall(r'name="scope"[^>]*value="([^"]*)"', page.text) == [READONLY, SEND]
    assert "Bob &lt;i&gt;" in page.text
    assert 'id="allow"' in page.text and 'id="deny"' in page.text


def test_allowing_gives_a_code_and_that_gives_tokens(server, browser):
    back = browser.click(nonce="once")
    assert back["state"] == "the state"
    tokens = browser.exchange(back["code"]).json()
    assert tokens["token_type"] == "Bearer" and tokens["refresh_token"]
    assert set(tokens["scope"].split()) >= {"openid", READONLY, SEND}
    told = browser.session.get(
        server.endpoints["userinfo_uri"], headers={"Authorization": f"Bearer {tokens['access_token']}"}
    )
    assert told.json()["email"] == ADDRESS


def test_unticked_scopes_are_not_granted(browser):
    back = browser.click(scopes=[READONLY])
    scopes = browser.exchange(back["code"]).json()["scope"].split()
    assert READONLY in scopes and SEND not in scopes
    assert back["scope"].split() == scopes


def test_cancel_comes_back_without_a_code(browser):
    assert browser.click("deny") == {"state": "the state", "error": "access_denied"}


def test_a_code_is_good_once(browser):
    code = browser.click()["code"]
    assert browser.exchange(code).status_code == 200
    again = browser.exchange(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_code_dies_after_ten_minutes(server, browser):
    code = browser.click()["code"]
    server.clock.advance(600)
    assert browser.exchange(code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": CALLBACK + "/"}, "redirect_uri_mismatch"),
        ({"client_secret": "wrong"}, "invalid_client"),
    ],
)
def test_a_stolen_code_is_worth_nothing(browser, changed, error):
    assert browser.exchange(browser.click()["code"], **changed).json()["error"] == error


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"client_id": "unknown"}, 401, "invalid_client"),
        ({"redirect_uri": CALLBACK + "?x=1"}, 400, "redirect_uri_mismatch"),
    ],
)
def test_what_may_not_go_back_is_shown(browser, changed, status, error):
    page = browser.open(**changed)
    assert page.status_code == status and error in page.text


def test_what_the_application_did_wrong_goes_back_to_it(browser):
    answer = browser.open(response_type="token")
    assert "error=unsupported_response_type" in answer.headers["Location"]


def test_an_internal_application_refuses_other_domains(server, browser):
    server.register_client("internal", "secret", [CALLBACK], internal_domain="example.com")
    server.add_account("eve@gmail.com")
    assert browser.click(client_id="internal")["code"]
    form = {"account": "eve@gmail.com", "allow": "1"}
    page = browser.session.post(browser.url(client_id="internal"), data=form, allow_redirects=False)
    assert page.status_code == 403 and "org_internal" in page.text


@pytest.mark.parametrize(
    ("before", "asked", "has"),
    [
        (False, {"access_type": "offline"}, True),
        (True, {"access_type": "offline"}, False),
        (True, {"access_type": "offline", "prompt": "consent"}, True),
        (False, {"access_type": None, "prompt": "consent"}, False),
    ],
)
def test_a_refresh_token_needs_offline_access_and_a_consent(browser, before, asked, has):
    if before:
        browser.click()
    tokens = browser.exchange(browser.click(**asked)["code"]).json()
    assert ("refresh_token" in tokens) == has


def test_earlier_scopes_are_included_on_request(browser):
    browser.click(scope=MODIFY, scopes=[MODIFY])
    without = browser.exchange(browser.click()["code"]).json()["scope"]
    with_them = browser.exchange(browser.click(include_granted_scopes="true")["code"]).json()["scope"]
    assert MODIFY not in without and MODIFY in with_them


def test_silence_is_for_those_who_have_said_yes(browser):
    assert "error=login_required" in browser.open(prompt="none").headers["Location"]
    assert "error=interaction_required" in browser.open(prompt="none", login_hint=ADDRESS).headers["Location"]
    browser.click()
    assert "code=" in browser.open(prompt="none", login_hint=ADDRESS).headers["Location"]


def test_without_an_account_the_page_asks_again(browser):
    page = browser.session.post(browser.url(), data={"allow": "1"}, allow_redirects=False)
    assert page.status_code == 200 and 'role="alert"' in page.text
