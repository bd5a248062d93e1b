# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Is Odoo's web client whole? Signs in and asks for everything its first page refers to."""

from __future__ import annotations

import http.cookiejar
import json
import re
import urllib.error
import urllib.request

from .console import SetupError

REFERENCE = re.compile(r'(?:src|href)="(/(?:web|odoo)/[^"#]+)"')


def check(address: str, database: str, login: str, password: str) -> int:
    """Load the web client as a user.

    :return: how many scripts, style sheets and pictures its page asked for and got
    :raises SetupError: something did not answer with status 200
    """
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    browser = urllib.request.build_opener(cookies)
    who = {"params": {"db": database, "login": login, "password": password}}
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}/web/session/authenticate", json.dumps(who).encode(), headers)
    answer = json.loads(_get(browser, request))
    if not answer.get("result", {}).get("uid"):
        raise SetupError(f"Odoo does not let {login} in.")
    page = _get(browser, urllib.request.Request(f"{address}/odoo")).decode()
    references = sorted(set(REFERENCE.findall(page)))
    for reference in references:
        _get(browser, urllib.request.Request(address + reference))
    return len(references)


def _get(browser: urllib.request.OpenerDirector, request: urllib.request.Request) -> bytes:
    try:
        with browser.open(request, timeout=120) as response:
            return bytes(response.read())
    except urllib.error.HTTPError as exc:
        raise SetupError(f"Odoo answers {request.full_url} with status {exc.code}.") from exc
