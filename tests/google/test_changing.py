# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Changing mail through google-api-python-client: labels, trash, sending, uploads, conversations."""

from __future__ import annotations

import base64
import io
import json

import pytest
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseUpload

from .conftest import ADDRESS, FULL, MODIFY, READONLY, letter


def encoded(content: bytes) -> dict[str, str]:
    return {"raw": base64.urlsafe_b64encode(content).decode()}


def labels_of(answer) -> set[str]:
    return set(answer.get("labelIds", ()))


def test_labels_are_given_and_taken(ann, gmail):
    messages, message_id = gmail(MODIFY).messages(), ann.deliver(letter())
    body = {"addLabelIds": ["STARRED"], "removeLabelIds": ["UNREAD"]}
    assert labels_of(messages.modify(userId="me", id=message_id, body=body).execute()) == {"INBOX", "STARRED"}
    assert ann.labels(message_id) == {"INBOX", "STARRED"}


@pytest.mark.parametrize("label", ["Label_7", "SENT", "DRAFT"])
def test_labels_that_are_not_there_or_not_the_users_are_refused(ann, gmail, label):
    messages, message_id = gmail(MODIFY).messages(), ann.deliver(letter())
    with pytest.raises(HttpError) as caught:
        messages.modify(userId="me", id=message_id, body={"addLabelIds": [label]}).execute()
    assert (caught.value.status_code, caught.value.reason) == (400, f"Invalid label: {label}")
    assert ann.labels(message_id) == {"INBOX", "UNREAD"}


def test_trash_hides_and_delete_removes(ann, gmail):
    messages, message_id = gmail(FULL).messages(), ann.deliver(letter())
    assert labels_of(messages.trash(userId="me", id=message_id).execute()) == {"TRASH", "UNREAD"}
    assert labels_of(messages.untrash(userId="me", id=message_id).execute()) == {"UNREAD"}
    messages.delete(userId="me", id=message_id).execute()
    assert ann.ids() == []
    with pytest.raises(HttpError) as caught:
        messages.delete(userId="me", id=message_id).execute()
    assert caught.value.status_code == 404


def test_many_messages_are_changed_in_one_stroke(ann, gmail):
    users = gmail(FULL)
    ids = [ann.deliver(letter(number)) for number in range(3)]
    start = users.getProfile(userId="me").execute()["historyId"]
    users.messages().batchModify(userId="me", body={"ids": [*ids, "18f"], "addLabelIds": ["STARRED"]}).execute()
    (record,) = users.history().list(userId="me", startHistoryId=start).execute()["history"]
    assert {event["message"]["id"] for event in record["labelsAdded"]} == set(ids)
    users.messages().batchDelete(userId="me", body={"ids": ids[:2]}).execute()
    assert ann.ids() == ids[2:]
    with pytest.raises(HttpError) as caught:
        users.messages().batchModify(userId="me", body={"ids": ["18f"] * 1001}).execute()
    assert caught.value.status_code == 400


def test_the_life_of_a_label(ann, gmail):
    labels = gmail(MODIFY).labels()
    made = labels.create(userId="me", body={"name": "Customers"}).execute()
    message_id = ann.deliver(letter(), ["INBOX", made["id"]])
    labels.patch(userId="me", id=made["id"], body={"name": "CUSTOMERS"}).execute()
    renamed = labels.patch(userId="me", id=made["id"], body={"name": "Clients"}).execute()
    assert (renamed["id"], renamed["name"], renamed["type"]) == (made["id"], "Clients", "user")
    counted = labels.get(userId="me", id=made["id"]).execute()
    assert (counted["messagesTotal"], counted["threadsUnread"]) == (1, 1)
    assert {"INBOX", "SENT", "TRASH", made["id"]} <= {one["id"] for one in labels.list(userId="me").execute()["labels"]}
    labels.delete(userId="me", id=made["id"]).execute()
    assert ann.labels(message_id) == {"INBOX", "UNREAD"}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda labels: labels.create(userId="me", body={"name": "customers"}), 409),
        (lambda labels: labels.create(userId="me", body={"name": "Inbox"}), 400),
        (lambda labels: labels.create(userId="me", body={}), 400),
        (lambda labels: labels.delete(userId="me", id="INBOX"), 400),
        (lambda labels: labels.delete(userId="me", id="Label_99"), 404),
        (lambda labels: labels.patch(userId="me", id="Label_99", body={"name": "x"}), 404),
    ],
)
def test_what_cannot_be_done_with_labels(ann, gmail, change, status):
    ann.add_label("Customers")
    with pytest.raises(HttpError) as caught:
        change(gmail(MODIFY).labels()).execute()
    assert caught.value.status_code == status


def test_a_sent_message_arrives_without_its_blind_copies(server, ann, gmail):
    bob, carl = server.add_account("bob@example.com"), server.add_account("carl@example.com")
    content = (
        b"From: info@example.com\r\nTo: bob@example.com\r\nBcc: carl@example.com,\r\n x@y.example\r\n\r\nHello\r\n"
    )
    answer = gmail(MODIFY).messages().send(userId="me", body=encoded(content)).execute()
    assert labels_of(answer) == {"SENT"}
    for account in (bob, carl):
        (message_id,) = account.ids("INBOX")
        assert b"Bcc" not in account.raw(message_id) and b"x@y" not in account.raw(message_id)
        assert b"From: info@example.com" in account.raw(message_id)
        assert b"Message-ID: <" in account.raw(message_id) and b"Date: " in account.raw(message_id)
    assert b"Bcc" in ann.raw(answer["id"])


def test_a_foreign_sender_is_replaced(ann, gmail):
    content = b"From: boss@elsewhere.example\r\nTo: x@example.org\r\n\r\nHello\r\n"
    answer = gmail(MODIFY).messages().send(userId="me", body=encoded(content)).execute()
    assert b"boss@" not in ann.raw(answer["id"])
    assert f"From: {ADDRESS}".encode() in ann.raw(answer["id"])


@pytest.mark.parametrize("body", [{}, {"raw": "%"}, encoded(b"From: ann@example.com\r\n\r\nFor nobody")])
def test_what_cannot_be_sent(ann, gmail, body):
    with pytest.raises(HttpError) as caught:
        gmail(MODIFY).messages().send(userId="me", body=body).execute()
    assert caught.value.status_code == 400
    assert ann.ids() == []


def test_replies_join_their_thread(ann, gmail):
    first = ann.deliver(letter(1))
    reply = ann.deliver(letter(2, In_Reply_To="<1@customer.example>", References="<1@customer.example>"))
    other = ann.deliver(letter(3))
    assert ann.thread_id(reply) == ann.thread_id(first) != ann.thread_id(other)
    users = gmail(MODIFY)
    thread = users.threads().get(userId="me", id=ann.thread_id(first), format="minimal").execute()
    assert [message["id"] for message in thread["messages"]] == [first, reply]
    listed = users.threads().list(userId="me").execute()["threads"]
    assert {one["id"] for one in listed} == {ann.thread_id(first), ann.thread_id(other)}
    content = b"To: bob@customer.example\r\nSubject: Re: Offer 1\r\nReferences: <1@customer.example>\r\n\r\nYes\r\n"
    body = {**encoded(content), "threadId": ann.thread_id(first)}
    assert users.messages().send(userId="me", body=body).execute()["threadId"] == ann.thread_id(first)
    body = {**encoded(content.replace(b"References", b"X-References")), "threadId": ann.thread_id(first)}
    assert users.messages().send(userId="me", body=body).execute()["threadId"] != ann.thread_id(first)


def test_threads_are_paged_and_changed_as_a_whole(ann, gmail):
    users = gmail(FULL)
    for number in range(6):
        ann.deliver(letter(number))
        ann.deliver(letter(100 + number, In_Reply_To=f"<{number}@customer.example>"))
    request, seen = users.threads().list(userId="me", maxResults=2), []
    while request is not None:
        answer = request.execute()
        seen += [thread["id"] for thread in answer["threads"]]
        request = users.threads().list_next(request, answer)
    assert len(seen) == len(set(seen)) == 6
    users.threads().modify(userId="me", id=seen[0], body={"removeLabelIds": ["INBOX"]}).execute()
    users.threads().trash(userId="me", id=seen[1]).execute()
    users.threads().delete(userId="me", id=seen[2]).execute()
    assert len(ann.ids("INBOX")) == 6 and len(ann.ids("TRASH")) == 2 and len(ann.ids()) == 10
    users.threads().untrash(userId="me", id=seen[1]).execute()
    assert ann.ids("TRASH") == []


@pytest.mark.parametrize("resumable", [False, True])
def test_uploads_come_as_they_are(ann, gmail, resumable):
    content = letter() + bytes(range(256)) * 2000 + b"\r\n.\r\n--\r\n"
    media = MediaIoBaseUpload(io.BytesIO(content), "message/rfc822", chunksize=262_144, resumable=resumable)
    messages = gmail(MODIFY).messages()
    answer = messages.import_(userId="me", media_body=media, internalDateSource="dateHeader").execute()
    assert ann.raw(answer["id"]) == content
    read = messages.get(userId="me", id=answer["id"], format="minimal").execute()
    assert read["internalDate"] == "1793613600000", "2 November 2026, 10:00"


@pytest.mark.parametrize("resumable", [False, True])
def test_uploads_bring_labels_with_them(ann, gmail, resumable):
    label = ann.add_label("Old mail")
    media = MediaIoBaseUpload(io.BytesIO(letter()), "message/rfc822", resumable=resumable)
    body = {"labelIds": [label]}
    answer = gmail(MODIFY).messages().insert(userId="me", body=body, media_body=media).execute()
    assert labels_of(answer) == {label}
    assert ann.raw(answer["id"]).rstrip() == letter().rstrip()


def test_parts_are_shown_and_attachments_fetched(ann, gmail):
    content = (
        b'Subject: Files\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n"
        b'--b\r\nContent-Type: application/pdf; name="offer.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        b"JVBERi0xLjQ=\r\n--b--\r\n"
    )
    messages, message_id = gmail(READONLY).messages(), ann.deliver(content)
    payload = messages.get(userId="me", id=message_id).execute()["payload"]
    text, file = payload["parts"]
    assert (payload["mimeType"], text["partId"], file["partId"]) == ("multipart/mixed", "0", "1")
    assert base64.urlsafe_b64decode(text["body"]["data"]).decode().strip() == "Grüße"
    assert (file["filename"], "data" in file["body"]) == ("offer.pdf", False)
    attachments = messages.attachments()
    again = messages.get(userId="me", id=message_id).execute()["payload"]["parts"][1]
    assert again["body"]["attachmentId"] != file["body"]["attachmentId"], "the id is another one each time"
    for part in (file, again):
        got = attachments.get(userId="me", messageId=message_id, id=part["body"]["attachmentId"]).execute()
        assert base64.urlsafe_b64decode(got["data"]) == b"%PDF-1.4" and got["size"] == file["body"]["size"]
    other = ann.deliver(content)
    with pytest.raises(HttpError) as caught:
        attachments.get(userId="me", messageId=other, id=file["body"]["attachmentId"]).execute()
    assert caught.value.status_code == 400


def test_own_addresses_are_told(ann, gmail):
    addresses = gmail(READONLY).settings().sendAs().list(userId="me").execute()["sendAs"]
    assert [own["sendAsEmail"] for own in addresses] == [ADDRESS, "info@example.com"]
    assert [own.get("isPrimary", False) for own in addresses] == [True, False]


def test_watching_ends_after_seven_days(server, ann, gmail):
    users = gmail(READONLY)
    body = {"topicName": "projects/sandbox/topics/mail", "labelIds": ["INBOX"]}
    answer = users.watch(userId="me", body=body).execute()
    assert answer["historyId"] == users.getProfile(userId="me").execute()["historyId"]
    assert abs(int(answer["expiration"]) / 1000 - server.clock.now() - 7 * 86_400) < 60
    users.stop(userId="me").execute()
    with pytest.raises(HttpError) as caught:
        users.watch(userId="me", body={"topicName": "mail"}).execute()
    assert caught.value.status_code == 400


def test_a_partial_answer_has_what_was_asked_for(ann, gmail):
    ann.deliver(letter())
    messages = gmail(READONLY).messages()
    answer = messages.list(userId="me", fields="messages/id,resultSizeEstimate").execute()
    assert set(answer) == {"messages", "resultSizeEstimate"} and set(answer["messages"][0]) == {"id"}
    message_id = answer["messages"][0]["id"]
    answer = messages.get(userId="me", id=message_id, fields="id,payload(headers(name),mimeType)").execute()
    assert set(answer["payload"]) == {"headers", "mimeType"} and set(answer["payload"]["headers"][0]) == {"name"}
    with pytest.raises(HttpError) as caught:
        messages.list(userId="me", fields="messages(id").execute()
    assert caught.value.status_code == 400


@pytest.mark.parametrize("query", ["maxResults=many", "unknown=1", "includeSpamTrash=perhaps"])
def test_parameters_are_held_to_the_discovery_document(server, ann, transport, query):
    token = server.grant(ADDRESS, [READONLY])["access_token"]
    url = f"{server.endpoints['api_root']}gmail/v1/users/me/messages?{query}"
    answer = transport.session.get(url, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_a_long_query_comes_as_a_form(ann, gmail):
    message_id = ann.deliver(letter())
    answer = gmail(READONLY).messages().list(userId="me", q="from:bob " + "-subject:nothing " * 200).execute()
    assert [message["id"] for message in answer["messages"]] == [message_id]


def test_another_user_does_not_see_it(server, ann, gmail):
    message_id = ann.deliver(letter())
    server.add_account("bob@example.com")
    bob = gmail(FULL, address="bob@example.com")
    with pytest.raises(HttpError) as caught:
        bob.messages().get(userId="me", id=message_id).execute()
    assert caught.value.status_code == 404
    with pytest.raises(HttpError) as caught:
        bob.messages().get(userId=ADDRESS, id=message_id).execute()
    assert caught.value.status_code == 403


def test_nobody_without_a_token(server, ann, transport):
    url = f"{server.endpoints['api_root']}gmail/v1/users/me/messages"
    for headers in ({}, {"Authorization": "Bearer ya29.forged"}, {"Authorization": "Basic QTpC"}):
        answer = transport.session.get(url, headers=headers)
        assert answer.status_code == 401 and "Bearer" in answer.headers["WWW-Authenticate"]
        assert json.loads(answer.content)["error"]["errors"][0]["reason"] == "authError"
