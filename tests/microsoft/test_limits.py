# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Four requests at once for an app and a mailbox, those within batches too."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from .conftest import ADDRESS, Caller

PARTS = [{"id": str(number), "method": "GET", "url": "/me/mailFolders/inbox"} for number in range(8)]


def statuses(answer):
    return Counter(part["status"] for part in answer.json()["responses"])


def test_a_batch_alone_is_not_throttled_and_leaves_no_place_taken(account, ask):
    for _again in range(3):
        assert statuses(ask("POST", "/$batch", json={"requests": PARTS})) == {200: 8}
    assert ask("GET", "/me/mailFolders/inbox").status_code == 200


def test_a_batch_shares_the_places_with_what_runs_beside_it(far, account, ask):
    token = far.grant(ADDRESS, ["Mail.Read"])["access_token"]
    with ThreadPoolExecutor(4) as pool:
        with account.mailbox.lock:
            alone = [pool.submit(Caller(far, token), "GET", "/me/mailFolders/inbox") for _n in range(3)]
            until_running(far, 3)
            batch = pool.submit(Caller(far, token), "POST", "/$batch", json={"requests": PARTS})
            until_running(far, 4)
        assert [one.result().status_code for one in alone] == [200, 200, 200]
        # One place of four was free: every fourth part got it.
        assert statuses(batch.result()) == {200: 2, 429: 6}
    assert ask("GET", "/me/mailFolders/inbox").status_code == 200


def test_another_app_has_places_of_its_own(far, account):
    far.register_app("another", "secret")
    far.limits.concurrent = 1
    tokens = [far.grant(ADDRESS, ["Mail.Read"], app)["access_token"] for app in (far.client_id, "another")]
    with ThreadPoolExecutor(2) as pool:
        with account.mailbox.lock:
            asked = [pool.submit(Caller(far, token), "GET", "/me/mailFolders/inbox") for token in tokens]
            until_running(far, 2)
            third = Caller(far, tokens[0])("GET", "/me/mailFolders/inbox")
        assert (third.status_code, third.headers["Retry-After"]) == (429, "1")
        assert [one.result().status_code for one in asked] == [200, 200]


def until_running(far, count):
    """Wait until so many requests have got a place."""
    end = time.monotonic() + 20
    while far.requests.units(ADDRESS) < count:
        assert time.monotonic() < end
