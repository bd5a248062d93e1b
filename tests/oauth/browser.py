# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a browser does on the consent page: fill in the form, press a button, follow the redirect."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

import requests

REDIRECT = "http://localhost/callback"


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def pressed(
    url: str, button: str, fields: Iterable[tuple[str, str]] = (), ca_file: str | bool = True
) -> dict[str, str]:
    """The query with which the provider sends the browser back, as the controller gets it."""
    session = requests.Session()
    session.trust_env, session.verify = False, ca_file or True
    response = session.post(url, data=[*fields, (button, "1")], allow_redirects=False, timeout=10)
    location = response.headers.get("Location", "")
    assert location.startswith(REDIRECT), f"status {response.status_code}: {response.text[-1500:]}"
    return query_of(location)
