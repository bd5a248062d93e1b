# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Answers that are valid and awkward, on order."""

from __future__ import annotations

from .conftest import mail


def test_items_of_the_page_before_come_again_on_order(far, account, ask):
    ids = [account.deliver(mail(n), received=1_000.0 + n) for n in range(4)][::-1]
    far.faults.add("messages.delta", kind="replay", after=1)
    items, link = ask.round("inbox", size=2)
    assert [item["id"] for item in items] == [*ids[:2], *ids[:2], *ids[2:]]
    assert ask.round("inbox", link)[0] == []


def test_an_empty_page_leads_on_and_loses_nothing(far, account, ask):
    ids = [account.deliver(mail(n), received=1_000.0 + n) for n in range(4)][::-1]
    far.faults.add("messages.delta", kind="empty", times=2, after=1)
    items, link = ask.round("inbox", size=2, query="?$select=subject")
    assert [item["id"] for item in items] == ids
    assert far.requests.count("messages.delta") == 4
    far.faults.add("messages.delta", kind="empty")
    assert ask.round("inbox", link)[0] == []


def test_a_stale_answer_knows_nothing_new_and_the_next_one_does(far, account, ask):
    link = ask.round("inbox")[1]
    message = account.deliver(mail(1))
    far.faults.add("messages.delta", kind="stale")
    items, link = ask.round("inbox", link)
    assert items == []
    assert [item["id"] for item in ask.round("inbox", link)[0]] == [message]
    before = ask("GET", "/me/mailFolders/inbox").json()
    account.deliver(mail(2))
    far.faults.add("mailFolders.get", kind="stale")
    assert ask("GET", "/me/mailFolders/inbox").json() == before
    assert ask("GET", "/me/mailFolders/inbox").json()["totalItemCount"] == 2


def test_an_update_names_nothing_that_was_not_selected(account, ask):
    message = account.deliver(mail(1))
    link = ask.round("inbox", query="?$select=subject,isRead")[1]
    account.update(message, is_read=True, flagged=True)
    [item] = ask.round("inbox", link)[0]
    assert item["isRead"] is True
    assert "flag" not in item
    link = ask.round("inbox", query="?$select=subject")[1]
    account.update(message, flagged=False)
    [item] = ask.round("inbox", link)[0]
    assert set(item) == {"@odata.etag", "id"}


def test_a_refusal_names_the_request_as_its_sender_did(far, account, ask):
    far.faults.add("mailFolders.list", status=503)
    for path in ("/me/mailFolders/nowhere", "/me/mailFolders"):
        answer = ask("GET", path, headers={"client-request-id": "mine-1"})
        assert answer.status_code >= 400
        assert answer.headers["client-request-id"] == "mine-1"
        inner = answer.json()["error"]["innerError"]
        assert (inner["client-request-id"], inner["request-id"] == "mine-1") == ("mine-1", False)
