# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Push: which changes are told, how Pub/Sub posts them, and what a receiver has to refuse."""

from __future__ import annotations

from collections.abc import Iterator

import jwt
import pytest

from sandbox.cloud.call import Answer, Call
from sandbox.cloud.http_server import Server, serving
from sandbox.google import Clock, Google, running

from .conftest import ADDRESS, MODIFY, READONLY, client, credentials, letter
from .push_receiver import AUDIENCE, PUSHER, Receiver

TOPIC = "projects/sandbox/topics/mail"
DAY = 86_400


class StoppedClock(Clock):
    """Moves by :meth:`advance` only, so that what happens in one second does not depend on the computer's speed."""

    def __init__(self) -> None:
        super().__init__()
        self._start = super().now()

    def now(self) -> float:
        return self._start + self._ahead


@pytest.fixture(scope="module")
def _server(tmp_path_factory) -> Iterator[Google]:
    with running(tmp_path_factory.mktemp("google"), clock=StoppedClock()) as server:
        yield server


@pytest.fixture
def endpoint(server, transport) -> Iterator[tuple[str, Receiver]]:
    web, receiver = Server(), Receiver(server, transport)
    with serving(web, receiver.answer):
        yield web.base + "/push", receiver


@pytest.fixture
def receiver(server, endpoint) -> Receiver:
    """A receiver to which the topic is subscribed."""
    server.push.subscribe(endpoint[0], PUSHER, AUDIENCE)
    return endpoint[1]


def watch(users, **body) -> dict:
    return users.watch(userId="me", body={"topicName": TOPIC, **body}).execute()


def deliveries(server: Google, account, count: int) -> list[str]:
    """So many messages, a second apart, each of which is told."""
    ids = []
    for number in range(count):
        server.clock.advance(1)
        ids.append(account.deliver(letter(number)))
    return ids


def test_a_change_of_a_watched_mailbox_is_told(server, ann, gmail, receiver):
    users = gmail(READONLY)
    ann.deliver(letter(1))
    cursor = watch(users)["historyId"]
    message_id = ann.deliver(letter(2))
    assert receiver.bodies == [], "nothing is sent before it is asked for"
    assert server.push.deliver() == [204]
    (body,), (told,) = receiver.bodies, receiver.told
    assert set(body) == {"message", "subscription"} and body["subscription"].startswith("projects/")
    assert set(body["message"]) == {"data", "messageId", "publishTime"}
    assert told == {"emailAddress": ADDRESS, "historyId": int(users.getProfile(userId="me").execute()["historyId"])}
    (record,) = users.history().list(userId="me", startHistoryId=cursor).execute()["history"]
    assert record["messagesAdded"][0]["message"]["id"] == message_id
    assert server.push.deliver() == [], "what is acknowledged is not sent again"


def test_changes_by_the_api_are_told_too(server, ann, gmail, receiver):
    users = gmail(MODIFY)
    message_id = ann.deliver(letter())
    watch(users)
    users.messages().modify(userId="me", id=message_id, body={"removeLabelIds": ["UNREAD"]}).execute()
    server.clock.advance(1)
    users.messages().trash(userId="me", id=message_id).execute()
    assert server.push.deliver() == [204, 204]
    first, second = (told["historyId"] for told in receiver.told)
    assert first < second


def test_a_user_is_told_of_once_a_second_and_the_rest_is_dropped(server, ann, gmail, receiver):
    users = gmail(READONLY)
    watch(users)
    other = server.add_account("eve@example.com")
    watch(client(server, credentials(server, other.address, READONLY)))
    for number in range(5):
        ann.deliver(letter(number))
        other.deliver(letter(number))
    server.clock.advance(0.9)
    watch(users)
    ann.deliver(letter(6))
    server.push.deliver()
    assert [told["emailAddress"] for told in receiver.told] == [ADDRESS, other.address]
    server.clock.advance(0.2)
    assert server.push.deliver() == []
    ann.deliver(letter(7))
    assert server.push.deliver() == [204]


@pytest.mark.parametrize(("behavior", "expected"), [("include", [0, 2]), ("exclude", [1])])
def test_a_watch_can_be_of_some_labels_only(server, ann, gmail, receiver, behavior, expected):
    label = ann.add_label("Customers")
    watch(gmail(READONLY), labelIds=[label], labelFilterBehavior=behavior)
    told = []
    for step, labels in enumerate([["INBOX", label], ["INBOX"], [label]]):
        server.clock.advance(1)
        ann.deliver(letter(step), labels)
        told += [step] * len(server.push.deliver())
    assert told == expected


def test_a_label_that_goes_away_counts(server, ann, gmail, receiver):
    message_id = ann.deliver(letter())
    watch(gmail(READONLY), labelIds=["INBOX"])
    ann.set_labels(message_id, remove=["INBOX"])
    assert server.push.deliver() == [204]
    server.clock.advance(1)
    ann.set_labels(message_id, add=["STARRED"])
    assert server.push.deliver() == []


def test_a_watch_ends_after_seven_days_unless_it_is_renewed(server, ann, gmail, receiver):
    users = gmail(READONLY)
    first = int(watch(users)["expiration"])
    server.clock.advance(6 * DAY)
    users = gmail(READONLY)
    assert int(watch(users)["expiration"]) == first + 6 * DAY * 1000
    server.clock.advance(7 * DAY - 1)
    ann.deliver(letter(1))
    assert server.push.deliver() == [204]
    server.clock.advance(1)
    ann.deliver(letter(2))
    assert server.push.deliver() == []


def test_stop_ends_a_watch(server, ann, gmail, receiver):
    users = gmail(READONLY)
    watch(users)
    users.stop(userId="me").execute()
    users.stop(userId="me").execute()
    ann.deliver(letter())
    assert server.push.deliver() == []


def test_nobody_hears_what_was_published_before_the_subscription(server, ann, gmail, receiver, endpoint):
    watch(gmail(READONLY))
    ann.deliver(letter())
    server.push.subscribe(endpoint[0], PUSHER, AUDIENCE)
    assert server.push.deliver() == []


@pytest.mark.parametrize("status", [302, 400, 429, 500, 503])
def test_what_is_not_acknowledged_comes_again(server, ann, gmail, receiver, status):
    watch(gmail(READONLY))
    deliveries(server, ann, 2)
    receiver.status = status
    assert server.push.deliver() == [status, status]
    receiver.status = 200
    server.clock.advance(7 * DAY - 2)
    assert server.push.deliver() == [200, 200]
    first, second, *again = receiver.bodies
    assert again == [first, second]
    assert server.push.deliver() == []


def test_after_seven_days_a_notification_is_given_up(server, ann, gmail, receiver):
    watch(gmail(READONLY))
    ann.deliver(letter())
    receiver.status = 500
    server.push.deliver()
    server.clock.advance(7 * DAY)
    assert server.push.deliver() == []


def test_an_endpoint_that_is_not_there_gets_it_when_it_is(server, ann, gmail, transport):
    web, receiver = Server(), Receiver(server, transport)
    server.push.subscribe(web.base + "/push", PUSHER, AUDIENCE)
    watch(gmail(READONLY))
    ann.deliver(letter())
    receiver.then = web.drop_connections
    with serving(web, receiver.answer):
        assert server.push.deliver() == [None], "the connection breaks before the answer"
        receiver.then = lambda: None
        assert server.push.deliver() == [204]
    server.clock.advance(1)
    ann.deliver(letter())
    assert server.push.deliver() == [None], "nobody listens"


def test_an_endpoint_may_change_the_mailbox_while_it_is_told(server, ann, gmail, receiver):
    watch(gmail(READONLY))
    ann.deliver(letter(1))
    server.clock.advance(1)
    receiver.then = lambda: ann.deliver(letter(2))
    assert server.push.deliver() == [204]
    receiver.then = lambda: None
    assert server.push.deliver() == [204]
    assert len(set(receiver.ids)) == 2


def test_notifications_come_twice_not_at_all_and_in_disorder_on_order(server, ann, gmail, receiver):
    watch(gmail(READONLY))
    deliveries(server, ann, 4)
    receiver.status = 500
    server.push.deliver()
    ids, receiver.bodies = receiver.ids, []
    receiver.status = 204
    for trouble in ("loss", "duplicate", "disorder"):
        server.push.order(trouble)
    server.push.deliver()
    assert receiver.ids == [ids[3], ids[2], ids[1], ids[1]]
    assert server.push.deliver() == [], "what is lost does not come later"
    deliveries(server, ann, 2)
    server.push.deliver()
    assert len(set(receiver.ids)) == 5 and receiver.ids[-2:] == sorted(receiver.ids[-2:], key=int)


@pytest.mark.parametrize("trouble", ["audience", "key", "expired"])
def test_a_token_that_is_not_to_be_believed_is_refused(server, ann, gmail, receiver, trouble):
    watch(gmail(READONLY))
    deliveries(server, ann, 2)
    server.push.order(trouble)
    assert server.push.deliver() == [401, 204]
    assert (receiver.refused, len(receiver.bodies)) == (1, 1)
    assert server.push.deliver() == [204], "the next token is good, and nothing was lost"
    assert len(set(receiver.ids)) == 2


def test_each_trouble_spoils_what_its_name_says(server, ann, gmail):
    tokens: list[str] = []
    web = Server()
    server.push.subscribe(web.base, PUSHER, AUDIENCE)
    watch(gmail(READONLY))
    deliveries(server, ann, 4)
    for trouble in ("audience", "key", "expired"):
        server.push.order(trouble)

    def listen(call: Call) -> Answer:
        tokens.append(call.bearer or "")
        return Answer(503)

    with serving(web, listen):
        server.push.deliver()
    spoilt, good = (jwt.decode(token, options={"verify_signature": False}) for token in tokens[:2])
    assert spoilt["aud"] != AUDIENCE and spoilt["exp"] < good["iat"]
    assert {**spoilt, "aud": AUDIENCE, "iat": 0, "exp": 0} == {**good, "iat": 0, "exp": 0}


def test_another_service_account_is_refused(server, ann, gmail, receiver, endpoint):
    server.push.subscribe(endpoint[0], "stranger@elsewhere.iam.gserviceaccount.com", AUDIENCE)
    watch(gmail(READONLY))
    ann.deliver(letter())
    assert server.push.deliver() == [401]
    assert receiver.refused == 1


def test_an_unknown_trouble_is_a_mistake_of_the_test(server):
    with pytest.raises(ValueError, match="no trouble 'late'"):
        server.push.order("late")
