# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msal
import pytest
import requests

from sandbox import microsoft
from sandbox.microsoft import Microsoft, OutlookAccount

ADDRESS = "anna@sandbox.example"
REDIRECT = "http://localhost/callback"
READ = ["Mail.Read", "User.Read"]


def mail(number: int, subject: str = "Offer", **fields: str) -> bytes:
    """A small message with a file; ``fields`` are further header fields."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return (
        f"From: Bert Builder <bert@customer.example>\r\nTo: Anna <{ADDRESS}>\r\nSubject: {subject} {number}\r\n"
        f"Message-ID: <{number}@customer.example>\r\nDate: Mon, 23 Nov 2026 10:{number % 60:02}:00 +0000\r\n{more}"
        'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\nDear Anna, this is letter {number}.\r\n"
        "--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
        'Content-Disposition: attachment; filename="offer.pdf"\r\n\r\nJVBERi0xLjQ=\r\n--b--\r\n'
    ).encode()


class Caller:
    """Asks Graph with a user's token and immutable ids."""

    def __init__(self, far: Microsoft, token: str) -> None:
        self.far = far
        self.token = token
        self.session = requests.Session()
        self.session.verify = str(far.ca_file)
        # A bundle that the environment names would beat what is said here.
        self.session.trust_env = False

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        url = path if path.startswith("https:") else f"{self.far.endpoints['graph']}/v1.0{path}"
        prefer = ", ".join(filter(None, ('IdType="ImmutableId"', options.pop("prefer", ""))))
        headers = {"Authorization": f"Bearer {self.token}", "Prefer": prefer, **options.pop("headers", {})}
        return self.session.request(method, url, headers=headers, timeout=20, **options)

    def round(self, folder: str, link: str = "", size: int = 50, query: str = "") -> tuple[list[dict[str, Any]], str]:
        """All items of a round of delta queries, and the link to the next round."""
        items: list[dict[str, Any]] = []
        url = link or f"/me/mailFolders/{requests.utils.quote(folder, safe='')}/messages/delta{query}"
        while True:
            answer = self("GET", url, prefer=f"odata.maxpagesize={size}")
            answer.raise_for_status()
            items += answer.json()["value"]
            if "@odata.deltaLink" in answer.json():
                return items, answer.json()["@odata.deltaLink"]
            url = answer.json()["@odata.nextLink"]


@pytest.fixture
def far(tmp_path: Any) -> Iterator[Microsoft]:
    with microsoft.running(tmp_path) as running:
        yield running


@pytest.fixture
def account(far: Microsoft) -> OutlookAccount:
    return far.add_account(ADDRESS, "Anna", aliases=["a.nna@sandbox.example"])


@pytest.fixture
def ask(far: Microsoft, account: OutlookAccount) -> Caller:
    scopes = ["openid", "offline_access", "Mail.ReadWrite", "Mail.Send", "User.Read"]
    return Caller(far, far.grant(account.address, scopes)["access_token"])


@pytest.fixture
def client(far: Microsoft) -> Callable[..., msal.ConfidentialClientApplication]:
    """Makes an msal client; a fresh one each time, for it answers the same question from memory."""

    def make(tenant: str = far.tenant, **options: Any) -> msal.ConfidentialClientApplication:
        session = requests.Session()
        session.verify = str(far.ca_file)
        session.trust_env = False
        settings = {"client_id": far.client_id, "client_credential": far.client_secret, **options}
        return msal.ConfidentialClientApplication(
            authority=f"{far.endpoints['login']}/{tenant}", instance_discovery=False, http_client=session, **settings
        )

    return make


def consent(url: str, **form: str) -> dict[str, str]:
    """What the page sends the browser back with, after its form was sent."""
    page = requests.get(url, timeout=20)
    assert page.status_code == 200, page.text
    answer = requests.post(url, data=form, allow_redirects=False, timeout=20)
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(REDIRECT)
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
