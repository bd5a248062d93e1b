# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Reading mail through google-api-python-client: what the methods answer, page by page and in batches."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from googleapiclient.errors import HttpError

from tests.mime.hostile import all_messages

from .conftest import ADDRESS, METADATA, MODIFY, READONLY, in_batch, letter


def test_the_profile_names_the_account(ann, gmail):
    ann.deliver(letter())
    profile = gmail(READONLY).getProfile(userId="me").execute()
    assert profile["emailAddress"] == ADDRESS
    assert (profile["messagesTotal"], profile["threadsTotal"]) == (1, 1)


def test_pages_hold_every_message_once_whatever_comes_in_between(ann, gmail):
    before = [ann.deliver(letter(number)) for number in range(250)]
    messages = gmail(READONLY).messages()
    request, seen = messages.list(userId="me", maxResults=100), []
    while request is not None:
        answer = request.execute()
        seen += [message["id"] for message in answer["messages"]]
        ann.deliver(letter(1000 + len(seen)))
        request = messages.list_next(request, answer)
    assert sorted(seen) == sorted(before)


def test_an_empty_list_leaves_the_key_out(ann, gmail):
    assert gmail(READONLY).messages().list(userId="me").execute() == {"resultSizeEstimate": 0}


def test_the_estimate_cannot_be_relied_on(ann, gmail):
    for number in range(3):
        ann.deliver(letter(number))
    assert gmail(READONLY).messages().list(userId="me").execute()["resultSizeEstimate"] != 3


def test_spam_and_trash_are_hidden_until_they_are_asked_for(ann, gmail):
    kept, thrown, spam = ann.deliver(letter(1)), ann.deliver(letter(2)), ann.deliver(letter(3), ["SPAM"])
    ann.trash(thrown)
    messages = gmail(READONLY).messages()

    def ids(**args):
        return {message["id"] for message in messages.list(userId="me", **args).execute().get("messages", [])}

    assert ids() == {kept}
    assert ids(includeSpamTrash=True) == {kept, thrown, spam}
    assert ids(labelIds=["SPAM"]) == {spam}
    assert ids(q="in:trash") == {thrown}


def test_raw_is_the_message_byte_by_byte(ann, gmail):
    content = letter(1) + bytes(range(256))
    answer = gmail(READONLY).messages().get(userId="me", id=ann.deliver(content), format="raw").execute()
    assert base64.urlsafe_b64decode(answer["raw"]) == content


def test_metadata_has_the_fields_that_were_asked_for_and_no_body(ann, gmail):
    message_id = ann.deliver(letter(1, subject="=?utf-8?q?Gr=C3=BC=C3=9Fe?="))
    messages = gmail(METADATA).messages()
    answer = messages.get(userId="me", id=message_id, format="metadata", metadataHeaders=["from", "To"]).execute()
    assert [header["name"] for header in answer["payload"]["headers"]] == ["From", "To"]
    assert "body" not in answer["payload"] and "parts" not in answer["payload"]


@pytest.mark.parametrize(
    ("what", "status", "reason"),
    [
        (lambda users: users.messages().get(userId="me", id="18f0000000000000"), 404, "notFound"),
        (lambda users: users.messages().list(userId="me", labelIds=["Label_9"]), 400, "invalidArgument"),
        (lambda users: users.messages().list(userId="me", pageToken="x"), 400, "invalidArgument"),
        (lambda users: users.history().list(userId="me", startHistoryId="1"), 404, "notFound"),
        (lambda users: users.getProfile(userId="bob@example.com"), 403, "forbidden"),
        (lambda users: users.messages().trash(userId="me", id="18f0000000000000"), 403, "insufficientPermissions"),
    ],
)
def test_refusals_look_like_the_real_ones(ann, gmail, what, status, reason):
    with pytest.raises(HttpError) as caught:
        what(gmail(READONLY)).execute()
    assert (caught.value.status_code, caught.value.error_details[0]["reason"]) == (status, reason)


def test_a_batch_answers_each_part_for_itself(server, ann, gmail):
    ids = [ann.deliver(letter(number)) for number in range(20)]
    ann.delete(ids[3])
    server.faults.add("messages.get", status=429, kind="part", after=5)
    users, answers, failures = gmail(READONLY), {}, []

    def take(name, answer, error):
        if error is None:
            answers[name] = answer["id"]
        else:
            failures.append(error.status_code)

    in_batch(server, users, [users.messages().get(userId="me", id=i, format="raw") for i in ids], take)
    assert sorted(failures) == [404, 429]
    assert set(answers.values()) < set(ids) and len(answers) == 18
    assert server.requests.round_trips() == 1
    assert server.requests.units() == 20 * 19, "the part that was refused costs nothing"


def test_parts_are_answered_in_another_order_under_their_own_ids(server, ann, transport):
    ids = [ann.deliver(letter(number)) for number in range(30)]
    token = server.grant(ADDRESS, [READONLY])["access_token"]
    part = (
        "--b\r\nContent-Type: application/http\r\nContent-ID: <{0}>\r\n\r\nGET /gmail/v1/users/me/messages/{0}\r\n\r\n"
    )
    for path in ("batch", "batch/gmail/v1"):
        answer = transport.session.post(
            server.endpoints["api_root"] + path,
            data="".join(map(part.format, ids)) + "--b--\r\n",
            headers={"Authorization": f"Bearer {token}", "Content-Type": "multipart/mixed; boundary=b"},
        )
        named = re.findall(r"Content-ID: <response-(\w+)>", answer.text)
        assert named != ids and sorted(named) == sorted(ids)
        assert re.findall(r'"id": "(\w+)"', answer.text) == named
        server.clock.advance(60)


def test_a_batch_is_refused_in_part_when_the_minute_is_full(server, ann, gmail):
    server.limits.per_user = 500
    users, reasons = gmail(READONLY), []
    calls = [users.messages().get(userId="me", id=ann.deliver(letter(number))) for number in range(30)]
    try:
        in_batch(server, users, calls, lambda _name, _answer, error: reasons.append(error and error.error_details[0]))
    finally:
        server.limits.per_user = 6_000
    assert reasons.count(None) == 25
    assert {reason["reason"] for reason in reasons if reason} == {"userRateLimitExceeded"}


def test_a_batch_of_more_than_a_hundred_parts_is_refused(server, ann, gmail):
    users = gmail(READONLY)
    with pytest.raises(HttpError) as caught:
        in_batch(server, users, [users.labels().list(userId="me") for _part in range(101)], lambda *_answer: None)
    assert caught.value.status_code == 400
    assert server.requests.count("labels.list") == 0


LETTERS = sorted((Path(__file__).parents[1] / "mime" / "letters").glob("*.eml"))


@pytest.mark.parametrize("form", ["minimal", "metadata", "full", "raw"])
def test_real_letters_are_shown_in_every_format(server, ann, gmail, form):
    messages = gmail(READONLY).messages()
    for path in LETTERS:
        message_id = ann.deliver(path.read_bytes())
        answer = messages.get(userId="me", id=message_id, format=form).execute()
        assert answer["sizeEstimate"] == path.stat().st_size
        if form == "raw":
            assert base64.urlsafe_b64decode(answer["raw"]) == path.read_bytes()


@pytest.mark.slow
def test_hostile_messages_are_taken_and_given_like_others(server, ann, gmail):
    server.limits.off()
    messages = gmail(READONLY).messages()
    for name, content in all_messages():
        if len(content) < 300_000:
            message_id = ann.deliver(content)
            answer = messages.get(userId="me", id=message_id, format="metadata").execute()
            assert answer["sizeEstimate"] == len(content), name
            assert ann.raw(message_id) == content, name


def test_label_changes_are_in_the_history_and_label_names_are_not(ann, gmail):
    users = gmail(MODIFY)
    start = users.getProfile(userId="me").execute()["historyId"]
    label = ann.add_label("Customers")
    message_id = ann.deliver(letter(), ["INBOX", label])
    users.messages().modify(userId="me", id=message_id, body={"removeLabelIds": ["INBOX", "UNREAD"]}).execute()
    ann.remove_label(label)
    answer = users.history().list(userId="me", startHistoryId=start).execute()
    arrival, change = answer["history"]
    assert arrival["messagesAdded"][0]["message"]["id"] == message_id
    assert arrival["labelsAdded"][0]["labelIds"] == [label]
    assert change["labelsRemoved"][0]["labelIds"] == ["INBOX", "UNREAD"]
    assert int(start) < int(arrival["id"]) < int(change["id"]) < int(answer["historyId"])
    again = users.history().list(userId="me", startHistoryId=answer["historyId"]).execute()
    assert "history" not in again
