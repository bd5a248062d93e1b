# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Whoever follows the history knows the mailbox: the cursor, its gaps, its pages, and its end."""

from __future__ import annotations

import random

import pytest
from googleapiclient.errors import HttpError

from .conftest import METADATA, MODIFY, READONLY, letter

KINDS = ("messagesAdded", "messagesDeleted", "labelsAdded", "labelsRemoved")


class Follower:
    """Keeps a copy of the mailbox by ``history.list`` alone."""

    def __init__(self, users) -> None:
        self.users = users
        self.labels: dict[str, set[str]] = {}
        self.cursor = users.getProfile(userId="me").execute()["historyId"]

    def follow(self) -> None:
        request = self.users.history().list(userId="me", startHistoryId=self.cursor, maxResults=7)
        while request is not None:
            answer = request.execute()
            for record in answer.get("history", ()):
                self._apply(record)
            request = self.users.history().list_next(request, answer)
        self.cursor = answer["historyId"]

    def _apply(self, record) -> None:
        for event in record.get("messagesAdded", ()):
            self.labels[event["message"]["id"]] = set(event["message"].get("labelIds", ()))
        for event in record.get("labelsAdded", ()):
            self.labels[event["message"]["id"]].update(event["labelIds"])
        for event in record.get("labelsRemoved", ()):
            self.labels[event["message"]["id"]].difference_update(event["labelIds"])
        for event in record.get("messagesDeleted", ()):
            del self.labels[event["message"]["id"]]


@pytest.mark.parametrize("seed", range(5))
def test_who_follows_the_history_has_the_same_mailbox(server, ann, gmail, seed):
    server.limits.off()
    dice = random.Random(seed)
    labels = ["INBOX", "STARRED", "UNREAD", "IMPORTANT", ann.add_label("Customers")]
    follower = Follower(gmail(METADATA))
    users = gmail(MODIFY)
    for step in range(60):
        ids = ann.ids()
        one = dice.choice(ids) if ids else ann.deliver(letter(step))
        some = dice.sample(labels, 2)
        action = dice.randrange(6)
        if action == 0:
            ann.deliver(letter(1000 + step), dice.sample(labels, 2), unread=False)
        elif action == 1:
            ann.set_labels(one, add=some[:1], remove=some[1:])
        elif action == 2:
            ann.trash(one)
        elif action == 3:
            ann.delete(one)
        elif action == 4 and ids:
            body = {"ids": dice.sample(ids, min(3, len(ids))), "addLabelIds": some[:1], "removeLabelIds": some[1:]}
            users.messages().batchModify(userId="me", body=body).execute()
        else:
            follower.follow()
    follower.follow()
    assert follower.labels == {message_id: ann.labels(message_id) for message_id in ann.ids()}


def test_numbers_grow_with_gaps_and_the_answer_is_ahead(ann, gmail):
    follower = Follower(gmail(READONLY))
    for number in range(20):
        ann.deliver(letter(number))
    answer = follower.users.history().list(userId="me", startHistoryId=follower.cursor).execute()
    ids = [int(record["id"]) for record in answer["history"]]
    assert ids == sorted(set(ids)) and len(ids) == 20
    assert any(after - before > 1 for before, after in zip(ids, ids[1:], strict=False))
    assert int(answer["historyId"]) > ids[-1]


def test_a_number_between_two_records_is_good(ann, gmail):
    follower = Follower(gmail(READONLY))
    ann.deliver(letter(1))
    (record,) = follower.users.history().list(userId="me", startHistoryId=follower.cursor).execute()["history"]
    before = str(int(record["id"]) - 1)
    assert follower.users.history().list(userId="me", startHistoryId=before).execute()["history"] == [record]


def test_a_forgotten_history_is_not_found(ann, gmail):
    follower = Follower(gmail(READONLY))
    ann.deliver(letter())
    ann.expire_history()
    with pytest.raises(HttpError) as caught:
        follower.follow()
    assert (caught.value.status_code, caught.value.reason) == (404, "Requested entity was not found.")
    follower.cursor = follower.users.getProfile(userId="me").execute()["historyId"]
    ann.deliver(letter(2))
    follower.follow()
    assert len(follower.labels) == 1


def test_a_number_that_was_never_given_out_is_not_found(ann, gmail):
    follower = Follower(gmail(READONLY))
    follower.cursor = str(int(follower.cursor) + 1)
    with pytest.raises(HttpError) as caught:
        follower.follow()
    assert caught.value.status_code == 404


def test_records_tell_of_messages_that_are_gone_since(ann, gmail):
    follower = Follower(gmail(READONLY))
    message_id = ann.deliver(letter())
    ann.delete(message_id)
    added, deleted = follower.users.history().list(userId="me", startHistoryId=follower.cursor).execute()["history"]
    assert added["messagesAdded"][0]["message"]["id"] == message_id
    assert deleted["messagesDeleted"][0]["message"]["id"] == message_id
    with pytest.raises(HttpError) as caught:
        follower.users.messages().get(userId="me", id=message_id, format="raw").execute()
    assert caught.value.status_code == 404


def test_filters_leave_what_was_asked_for(ann, gmail):
    follower = Follower(gmail(READONLY))
    label = ann.add_label("Customers")
    inbox, archived = ann.deliver(letter(1)), ann.deliver(letter(2), [])
    ann.set_labels(archived, add=[label])
    ann.trash(inbox)
    history = follower.users.history()

    def kinds(**filters):
        records = history.list(userId="me", startHistoryId=follower.cursor, **filters).execute().get("history", [])
        return [sorted(set(record) & set(KINDS)) for record in records]

    assert kinds(historyTypes=["messageAdded"]) == [["messagesAdded"], ["messagesAdded"]]
    assert kinds(labelId=label) == [["labelsAdded"]]
    assert kinds(historyTypes=["labelRemoved"]) == [["labelsRemoved"]]
    assert kinds(labelId="TRASH") == [["labelsAdded", "labelsRemoved"]]
    assert kinds(labelId="SPAM") == []


def test_page_tokens_belong_to_their_query_and_die(server, ann, gmail):
    users = gmail(READONLY)
    for number in range(4):
        ann.deliver(letter(number))
    token = users.messages().list(userId="me", maxResults=2).execute()["nextPageToken"]
    users.messages().list(userId="me", maxResults=2, pageToken=token).execute()
    for broken in ({"q": "from:bob"}, {"labelIds": ["INBOX"]}):
        with pytest.raises(HttpError) as caught:
            users.messages().list(userId="me", pageToken=token, **broken).execute()
        assert caught.value.status_code == 400
    server.clock.advance(3_600)
    with pytest.raises(HttpError) as caught:
        users.messages().list(userId="me", pageToken=token).execute()
    assert caught.value.status_code == 400


def test_a_draft_keeps_its_id_and_changes_its_message(ann, gmail):
    users = gmail(MODIFY)
    follower = Follower(users)
    created = users.drafts().create(userId="me", body={"message": {"raw": "U3ViamVjdDogMQ0KDQox"}}).execute()
    body = {"message": {"raw": "U3ViamVjdDogMg0KDQoy"}}
    updated = users.drafts().update(userId="me", id=created["id"], body=body).execute()
    assert updated["id"] == created["id"]
    assert updated["message"]["id"] != created["message"]["id"]
    assert updated["message"]["threadId"] == created["message"]["threadId"]
    follower.follow()
    assert list(follower.labels) == [updated["message"]["id"]]
    (listed,) = users.drafts().list(userId="me").execute()["drafts"]
    assert listed["message"]["id"] == updated["message"]["id"]
    users.drafts().delete(userId="me", id=created["id"]).execute()
    assert ann.ids() == []


def test_a_draft_that_was_there_before_has_an_id_too(ann, gmail):
    users = gmail(MODIFY)
    there = ann.deliver(b"Subject: 1\r\n\r\n1", ["DRAFT"])
    (listed,) = users.drafts().list(userId="me").execute()["drafts"]
    assert listed["message"]["id"] == there
    body = {"message": {"raw": "U3ViamVjdDogMg0KDQoy"}}
    assert users.drafts().update(userId="me", id=listed["id"], body=body).execute()["id"] == listed["id"]
    users.drafts().delete(userId="me", id=listed["id"]).execute()
    assert ann.ids() == []
