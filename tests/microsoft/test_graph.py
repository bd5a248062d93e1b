# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Graph's mail, as plain requests see it."""

from __future__ import annotations

import email
from base64 import b64decode, b64encode
from urllib.parse import quote

import pytest

from .conftest import ADDRESS, Caller, mail

SIZES = "singleValueExtendedProperties($filter=id eq 'Integer 0x0E08' or id eq 'String 0x1039')"


def path_of(message_id: str) -> str:
    return f"/me/messages/{quote(message_id, safe='')}"


def test_a_round_lists_everything_newest_first_and_the_next_one_only_what_changed(account, ask):
    ids = [account.deliver(mail(n), received=1_000.0 + n) for n in range(25)]
    items, link = ask.round("inbox", size=10)
    assert [item["id"] for item in items] == ids[::-1]
    assert ask.round("inbox", link)[0] == []
    new = account.deliver(mail(99))
    account.update(ids[3], is_read=True)
    account.delete(ids[4])
    items, _link = ask.round("inbox", link)
    told = {item["id"]: item for item in items}
    assert set(told) == {new, ids[3], ids[4]}
    assert told[new]["subject"] == "Offer 99"
    # An update says nothing but what it updates.
    assert told[ids[3]]["isRead"] is True
    assert "subject" not in told[ids[3]]
    assert told[ids[4]]["@removed"] == {"reason": "deleted"}


def test_what_changes_during_a_round_is_told_at_its_end(account, ask):
    ids = [account.deliver(mail(n), received=1_000.0 + n) for n in range(6)]
    first = ask("GET", "/me/mailFolders/inbox/messages/delta", prefer="odata.maxpagesize=2").json()
    account.delete(ids[5])
    account.delete(ids[0])
    new = account.deliver(mail(9))
    items, _link = ask.round("inbox", first["@odata.nextLink"])
    assert [item["id"] for item in items if "@removed" in item] == [ids[5], ids[0]]
    assert new in {item["id"] for item in items}


@pytest.mark.parametrize("spelling", ["delta", "delta()", "microsoft.graph.delta()"])
def test_delta_has_three_spellings(account, ask, spelling):
    account.deliver(mail(1))
    answer = ask("GET", f"/me/mailFolders/inbox/messages/{spelling}", prefer="odata.maxpagesize=7")
    assert len(answer.json()["value"]) == 1
    assert "odata.maxpagesize=7" in answer.headers["Preference-Applied"]


def test_a_move_is_a_removal_here_and_an_arrival_there(account, ask):
    other = account.add_folder("Customers", "Acme")
    message = account.deliver(mail(1))
    links = {folder: ask.round(folder)[1] for folder in ("inbox", other)}
    assert account.move(message, other) == message
    assert ask.round("inbox", links["inbox"])[0] == [{"id": message, "@removed": {"reason": "changed"}}]
    [arrived] = ask.round(other, links[other])[0]
    assert (arrived["id"], arrived["subject"]) == (message, "Offer 1")


def test_ordinary_ids_change_with_a_move_and_immutable_ones_do_not(account, ask):
    message = account.deliver(mail(1))
    shown = ask("GET", "/me/messages", headers={"Prefer": ""}).json()["value"][0]["id"]
    assert shown != message
    account.move(message, "archive")
    assert ask("GET", path_of(shown)).status_code == 404
    assert ask("GET", path_of(message)).json()["id"] == message
    moved = ask("GET", "/me/messages", headers={"Prefer": ""}).json()["value"][0]["id"]
    body = {"inputIds": [moved], "sourceIdType": "restId", "targetIdType": "restImmutableEntryId"}
    assert ask("POST", "/me/translateExchangeIds", json=body).json()["value"][0]["targetId"] == message


def test_neighbours_differ_by_the_case_of_letters_alone(account, ask):
    ids = [account.deliver(mail(n)) for n in range(4)]
    pairs = [(a, b) for a in ids for b in ids if a < b and a.lower() == b.lower()]
    assert pairs
    for one, other in pairs:
        assert (
            ask("GET", path_of(one)).json()["internetMessageId"]
            != ask("GET", path_of(other)).json()["internetMessageId"]
        )


@pytest.mark.parametrize(("code", "with_location"), [("SyncStateNotFound", False), ("resyncRequired", True)])
def test_links_expire_both_of_them(account, ask, code, with_location):
    for number in range(5):
        account.deliver(mail(number))
    following = ask("GET", "/me/mailFolders/inbox/messages/delta", prefer="odata.maxpagesize=2").json()[
        "@odata.nextLink"
    ]
    behind = ask.round("inbox")[1]
    account.expire_delta("inbox", code, with_location)
    for link in (following, behind):
        answer = ask("GET", link)
        assert (answer.status_code, answer.json()["error"]["code"]) == (410, code)
        assert ("Location" in answer.headers) is with_location
    assert len(ask.round("inbox")[0]) == 5


def test_a_folder_that_is_gone_is_not_found(account, ask):
    folder = account.add_folder("Customers")
    link = ask.round(folder)[1]
    account.remove_folder(folder)
    answer = ask("GET", link)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ErrorItemNotFound")
    assert set(answer.json()["error"]["innerError"]) == {"date", "request-id", "client-request-id"}


def test_folders_have_children_well_known_names_and_pages(account, ask):
    for number in range(12):
        account.add_folder("Customers", f"Customer {number}")
    top = ask("GET", "/me/mailFolders").json()["value"]
    customers = next(folder for folder in top if folder["displayName"] == "Customers")
    assert customers["childFolderCount"] == 12
    assert "Conversation History" not in {folder["displayName"] for folder in top}
    first = ask("GET", f"/me/mailFolders/{quote(customers['id'], safe='')}/childFolders").json()
    assert len(first["value"]) == 10
    assert len(ask("GET", first["@odata.nextLink"]).json()["value"]) == 2
    assert ask("GET", "/me/mailFolders/SentItems").json()["id"] == account.folder("sentitems")
    assert ask("GET", "/me/mailFolders/nonsense").status_code == 404


def test_folders_that_changed_are_told_and_those_that_are_gone(account, ask):
    kept, gone = account.add_folder("Kept"), account.add_folder("Gone")
    first = ask("GET", "/me/mailFolders/delta?$select=displayName").json()
    assert {kept, gone, account.folder("inbox")} <= {folder["id"] for folder in first["value"]}
    second = ask("GET", first["@odata.deltaLink"]).json()
    assert second["value"] == []
    account.rename_folder(kept, "Renamed")
    account.remove_folder(gone)
    third = ask("GET", second["@odata.deltaLink"]).json()
    assert sorted(third["value"], key=lambda item: "@removed" in item) == [
        {"id": kept, "displayName": "Renamed"},
        {"id": gone, "@removed": {"reason": "deleted"}},
    ]


@pytest.mark.parametrize("query", ["?$top=many", "/delta?$deltatoken=nonsense"])
def test_a_question_that_makes_no_sense_is_refused(account, ask, query):
    assert ask("GET", f"/me/mailFolders{query}").status_code == 400
    assert ask("POST", "/me/mailFolders", json={}).status_code == 400


def test_extended_properties_come_when_asked_for(account, ask):
    content = mail(1, References="<a@x.example> <b@x.example>")
    message = account.deliver(content)
    shown = ask("GET", path_of(message), params={"$expand": SIZES, "$select": "id"}).json()
    values = {one["id"]: one["value"] for one in shown["singleValueExtendedProperties"]}
    assert values == {"Integer 0xe08": str(len(content)), "String 0x1039": "<a@x.example> <b@x.example>"}


def test_mime_is_built_anew_and_says_the_same(account, ask):
    message = account.deliver(mail(1))
    readings = [ask("GET", f"{path_of(message)}/$value").content for _twice in range(2)]
    assert readings[0] != readings[1]
    for reading in readings:
        text, file = email.message_from_bytes(reading).get_payload()
        assert b"this is letter 1" in text.get_payload(decode=True)
        assert file.get_payload(decode=True) == b"%PDF-1.4"
    assert account.raw(message) == mail(1)


def test_a_batch_answers_each_part_for_itself(far, account, ask):
    message = account.deliver(mail(1))
    parts = [
        {"id": "1", "method": "GET", "url": f"{path_of(message)}/$value"},
        {"id": "2", "method": "GET", "url": "/me/messages/AAkAnobody="},
        {"id": "3", "method": "GET", "url": "/me/mailFolders/inbox", "dependsOn": ["2"]},
    ]
    for part in parts:
        part["headers"] = {"Prefer": 'IdType="ImmutableId"'}
    answer = ask("POST", "/$batch", json={"requests": parts})
    told = {part["id"]: part for part in answer.json()["responses"]}
    assert {name: part["status"] for name, part in told.items()} == {"1": 200, "2": 404, "3": 424}
    assert b"this is letter 1" in b64decode(told["1"]["body"])
    assert far.requests.count("messages.value") == 1
    many = [{"id": str(n), "method": "GET", "url": "/me"} for n in range(21)]
    assert ask("POST", "/$batch", json={"requests": many}).status_code == 400
    assert ask("POST", "/$batch", json={"requests": [parts[0], parts[0]]}).status_code == 400


def test_parts_are_throttled_one_by_one(far, account, ask):
    far.faults.add("messages.get", status=429, headers={"Retry-After": "3"}, kind="part")
    url = path_of(account.deliver(mail(1)))
    answer = ask("POST", "/$batch", json={"requests": [{"id": str(n), "method": "GET", "url": url} for n in range(3)]})
    told = answer.json()["responses"]
    assert sorted(part["status"] for part in told) == [200, 200, 429]
    assert [part["headers"]["Retry-After"] for part in told if part["status"] == 429] == ["3"]


def test_requests_are_counted_and_too_many_are_refused(far, account, ask):
    far.limits.requests = 3
    assert [ask("GET", "/me/mailFolders/inbox").status_code for _n in range(4)] == [200, 200, 200, 429]
    far.clock.advance(601)
    assert ask("GET", "/me/mailFolders/inbox").status_code == 200


def test_four_at_once_and_no_more(far, account, ask):
    far.limits.concurrent = 0
    answer = ask("GET", "/me/mailFolders/inbox")
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "ApplicationThrottled")
    assert answer.headers["Retry-After"]


def test_permissions_are_kept(far, account, ask):
    account.deliver(mail(1))
    basic = Caller(far, far.grant(ADDRESS, ["Mail.ReadBasic"])["access_token"])
    message = basic("GET", "/me/messages").json()["value"][0]["id"]
    assert basic("GET", f"{path_of(message)}/$value").status_code == 403
    reader = Caller(far, far.grant(ADDRESS, ["Mail.Read"])["access_token"])
    assert reader("PATCH", path_of(message), json={"isRead": True}).status_code == 403
    far.add_account("bob@sandbox.example").deliver(mail(2))
    assert reader("GET", "/users/bob@sandbox.example/messages").status_code == 403


def test_a_shared_mailbox_is_opened_by_whom_it_is_shared_with(far, account):
    far.add_account("desk@sandbox.example", shared=True).deliver(mail(1))
    shared = Caller(far, far.grant(ADDRESS, ["Mail.Read.Shared"])["access_token"])
    assert shared("GET", "/users/desk@sandbox.example/messages").status_code == 403
    far.share("desk@sandbox.example", ADDRESS)
    assert len(shared("GET", "/users/desk@sandbox.example/messages").json()["value"]) == 1


def test_an_application_reads_every_mailbox_of_the_tenant_that_consented(far, account, client):
    account.deliver(mail(1))
    scope = [f"{far.endpoints['graph']}/.default"]
    without = Caller(far, client().acquire_token_for_client(scope)["access_token"])
    assert without("GET", f"/users/{ADDRESS}/messages").status_code == 403
    far.consent_application(permissions=["Mail.Read"])
    allowed = Caller(far, client().acquire_token_for_client(scope)["access_token"])
    assert len(allowed("GET", f"/users/{ADDRESS}/messages").json()["value"]) == 1
    assert allowed("GET", "/me/messages").status_code == 400


def test_tokens_end_and_may_be_challenged(far, account, ask):
    far.challenge(ADDRESS, "eyJhY2Nlc3NfdG9rZW4iOnt9fQ==")
    answer = ask("GET", "/me")
    assert answer.status_code == 401
    assert 'claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="' in answer.headers["WWW-Authenticate"]
    far.challenge(ADDRESS)
    assert ask("GET", "/me").status_code == 200
    far.clock.advance(3_601)
    assert ask("GET", "/me").json()["error"]["code"] == "InvalidAuthenticationToken"


def test_a_token_for_another_service_opens_nothing(far, account):
    scope = "https://outlook.office.com/IMAP.AccessAsUser.All"
    given = far.grant(ADDRESS, ["openid", scope])
    assert scope in given["scope"].split()
    answer = Caller(far, given["access_token"])("GET", "/me/messages")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert "audience" in answer.json()["error"]["message"]


def test_mail_is_sent_and_lies_in_the_sent_items(far, account, ask):
    bob = far.add_account("bob@sandbox.example")
    content = b"From: anna@sandbox.example\r\nTo: bob@sandbox.example\r\nSubject: Hello\r\n\r\nHi.\r\n"
    answer = ask("POST", "/me/sendMail", data=b64encode(content), headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.content) == (202, b"")
    assert [account.raw(i) for i in account.ids("sentitems")] == [bob.raw(i) for i in bob.ids("inbox")] == [content]
    message = {"subject": "Again", "toRecipients": [{"emailAddress": {"address": "bob@sandbox.example"}}]}
    assert ask("POST", "/me/sendMail", json={"message": message}).status_code == 202
    assert len(bob.ids("inbox")) == 2
    assert ask("POST", "/me/sendMail", data=b"!", headers={"Content-Type": "text/plain"}).status_code == 400


def test_a_draft_keeps_its_id_when_it_is_sent(account, ask):
    message = account.deliver(mail(1))
    draft = ask("POST", f"{path_of(message)}/createReply").json()
    assert (draft["isDraft"], draft["subject"]) == (True, "RE: Offer 1")
    assert ask("POST", f"{path_of(draft['id'])}/send").status_code == 202
    assert account.ids("sentitems") == [draft["id"]]


@pytest.mark.parametrize("kind", ["cut", "reset"])
def test_connections_break_on_order(far, account, ask, kind):
    far.faults.add("messages.list", kind=kind)
    with pytest.raises(OSError):
        ask("GET", "/me/messages")
    assert ask("GET", "/me/messages").status_code == 200


def test_items_come_twice_on_order(far, account, ask):
    account.deliver(mail(1))
    far.faults.add("messages.delta", kind="duplicate")
    items, _link = ask.round("inbox")
    assert [item["id"] for item in items] == account.ids("inbox") * 2


@pytest.mark.parametrize(("operator", "expected"), [("ge", {1, 2}), ("gt", {2}), ("le", {0, 1}), ("lt", {0})])
def test_messages_are_filtered_by_the_time_they_came(account, ask, operator, expected):
    ids = [account.deliver(mail(n), received=1_000_000.0 + n) for n in range(3)]
    query = {"$filter": f"receivedDateTime {operator} 1970-01-12T13:46:41Z"}
    found = {item["id"] for item in ask("GET", "/me/mailFolders/inbox/messages", params=query).json()["value"]}
    assert found == {ids[n] for n in expected}
