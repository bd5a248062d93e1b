# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Subscriptions: made with a handshake, told what changes, and ended, with a receiver that really listens."""

from __future__ import annotations

import json
import socket
import threading
from datetime import datetime, timezone

import pytest

from sandbox.cloud.call import Answer, Call
from sandbox.cloud.http_server import Server, serving

from .conftest import ADDRESS, Caller, mail

MINUTE = 60
DAY = 86_400


class Receiver:
    """Answers handshakes, and notifications with ``status``; while ``holding`` it says nothing until it is let go."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.status = 202
        self.handshake = lambda token: Answer(200, token.encode(), {"Content-Type": "text/plain; charset=utf-8"})
        self.holding = False
        self.released = threading.Event()
        self.asked: list[str] = []
        self.posts: list[tuple[str, list[dict]]] = []

    def answer(self, call: Call) -> Answer:
        if "validationToken" in call.args:
            self.asked.append(call.path)
        else:
            self.posts.append((call.path, json.loads(call.body)["value"]))
        if self.holding:
            self.released.wait()
        return self.handshake(call.args["validationToken"]) if "validationToken" in call.args else Answer(self.status)

    @property
    def items(self) -> list[dict]:
        return [item for _path, items in self.posts for item in items]


@pytest.fixture
def receiver():
    server = Server()
    made = Receiver(server.base)
    with serving(server, made.answer):
        yield made
        made.released.set()


@pytest.fixture
def subscribe(far, account, ask, receiver):
    """Makes a subscription and answers the response."""

    def make(seconds=2 * DAY, caller=ask, **fields):
        body = {
            "changeType": "created,updated,deleted", "notificationUrl": f"{receiver.base}/mail",
            "lifecycleNotificationUrl": f"{receiver.base}/life", "resource": "me/mailFolders('inbox')/messages",
            "expirationDateTime": written(far.clock.now() + seconds), "clientState": "known to two", **fields,
        }  # fmt: skip
        body = {name: value for name, value in body.items() if value is not None}
        return caller("POST", "/subscriptions", json=body)

    return make


def written(moment):
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")


def left(far, subscription):
    """Seconds until a subscription ends."""
    return datetime.fromisoformat(subscription["expirationDateTime"]).timestamp() - far.clock.now()


def test_both_addresses_are_asked_before_a_subscription_is_made(far, ask, subscribe, receiver):
    made = subscribe()
    assert made.status_code == 201
    assert receiver.asked == ["/mail", "/life"]
    assert receiver.posts == []
    assert made.json()["clientState"] == "known to two"
    assert ask("GET", f"/subscriptions/{made.json()['id']}").json() == made.json()
    assert ask("GET", "/subscriptions").json()["value"] == [made.json()]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda token: Answer(202, token.encode(), {"Content-Type": "text/plain"}),
        lambda token: Answer(200, token.encode(), {"Content-Type": "text/html"}),
        lambda token: Answer(200, token.replace(" ", "+").encode(), {"Content-Type": "text/plain"}),
        lambda _token: Answer(302, b"", {"Location": "/elsewhere"}),
    ],
    ids=["status", "type", "still encoded", "redirect"],
)
def test_a_wrong_answer_to_the_handshake_makes_no_subscription(ask, subscribe, receiver, wrong):
    receiver.handshake = wrong
    assert (subscribe().status_code, subscribe().json()["error"]["code"]) == (400, "ValidationError")
    assert ask("GET", "/subscriptions").json()["value"] == []


def test_a_handshake_that_takes_too_long_makes_no_subscription(far, ask, subscribe, receiver):
    assert far.subscriptions.notices.handshake_seconds == 10
    far.subscriptions.notices.handshake_seconds = 0.2
    receiver.holding = True
    answer = subscribe()
    assert (answer.status_code, "timed out" in answer.text) == (400, True)
    assert ask("GET", "/subscriptions").json()["value"] == []


def test_no_handshake_leaves_this_computer(subscribe, monkeypatch):
    looked_up = []
    find = socket.getaddrinfo

    def watched(host, *args, **options):
        looked_up.append(host)
        return find(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", watched)
    assert subscribe(notificationUrl="https://customer.example/mail").json()["error"]["code"] == "ValidationError"
    assert "customer.example" not in looked_up


def test_life_has_a_floor_and_a_cap_and_an_end(far, ask, subscribe):
    assert left(far, subscribe(MINUTE).json()) == pytest.approx(45 * MINUTE, abs=5)
    assert subscribe(10_080 * MINUTE + 30).status_code == 400
    assert subscribe(-30).status_code == 400
    longest = subscribe(10_080 * MINUTE)
    assert longest.status_code == 201
    far.clock.advance(50 * MINUTE)
    assert [one["id"] for one in ask("GET", "/subscriptions").json()["value"]] == [longest.json()["id"]]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"clientState": "x" * 129}, 400),
        ({"changeType": "moved"}, 400),
        ({"resource": "me/events"}, 400),
        ({"resource": "me/mailFolders('inbox')/messages?$filter=isRead eq true"}, 400),
        ({"notificationUrl": "http://customer.example/mail"}, 400),
        ({"expirationDateTime": "soon"}, 400),
        ({"expirationDateTime": None}, 400),
        ({"resource": "me/mailFolders('nowhere')/messages"}, 404),
        ({"resource": "users/bert@sandbox.example/messages"}, 403),
    ],
)
def test_what_cannot_be_is_refused_without_a_handshake(far, subscribe, receiver, fields, status):
    far.add_account("bert@sandbox.example")
    far.share("bert@sandbox.example", ADDRESS)
    assert subscribe(**fields).status_code == status
    assert receiver.asked == []


def test_a_subscription_is_renewed_and_moved_but_gets_no_lifecycle_address_later(far, ask, subscribe, receiver):
    path = f"/subscriptions/{subscribe(lifecycleNotificationUrl=None).json()['id']}"
    later = ask("PATCH", path, json={"expirationDateTime": written(far.clock.now() + 5 * DAY)})
    assert left(far, later.json()) == pytest.approx(5 * DAY, abs=5)
    assert ask("PATCH", path, json={"notificationUrl": f"{receiver.base}/other"}).status_code == 200
    assert receiver.asked == ["/mail", "/other"]
    assert ask("PATCH", path, json={"lifecycleNotificationUrl": f"{receiver.base}/life"}).status_code == 400
    assert ask("POST", f"{path}/reauthorize").status_code == 204
    assert ask("DELETE", path).status_code == 204
    assert ask("GET", path).json()["error"]["code"] == "ResourceNotFound"


def test_another_user_does_not_see_it(far, ask, subscribe):
    path = f"/subscriptions/{subscribe().json()['id']}"
    far.add_account("bert@sandbox.example")
    other = Caller(far, far.grant("bert@sandbox.example", ["Mail.Read"])["access_token"])
    assert other("GET", "/subscriptions").json()["value"] == []
    assert other("DELETE", path).status_code == 404
    assert ask("GET", path).status_code == 200


def test_one_post_tells_what_has_changed_in_the_folder_since_the_last(far, account, ask, subscribe, receiver):
    old = account.deliver(mail(1))
    made = subscribe().json()
    new = account.deliver(mail(2))
    account.deliver(mail(3), "archive")
    account.update(old, is_read=True)
    account.move(old, "archive")
    assert far.subscriptions.deliver() == 1
    assert [(item["changeType"], item["resourceData"]["id"]) for item in receiver.items] == [
        ("created", new), ("updated", old), ("deleted", old),
    ]  # fmt: skip
    assert {(item["subscriptionId"], item["clientState"], item["tenantId"]) for item in receiver.items} == {
        (made["id"], "known to two", far.tenant)
    }
    assert receiver.items[0]["resource"] == f"Users/{account.oid}/Messages/{new}"
    assert far.subscriptions.deliver() == 0


def test_a_subscription_to_the_mailbox_tells_of_every_folder_and_only_of_its_kinds(far, account, subscribe, receiver):
    subscribe(resource="/me/messages", changeType="created")
    ids = [account.deliver(mail(1)), account.deliver(mail(2), "archive")]
    account.update(ids[0], is_read=True)
    far.subscriptions.deliver()
    assert [item["resourceData"]["id"] for item in receiver.items] == ids


def test_ids_are_of_the_kind_that_was_asked_for(far, account, ask, subscribe, receiver):
    def caller(method, path, **options):
        return ask(method, path, headers={"Prefer": ""}, **options)

    subscribe(caller=caller)
    message_id = account.deliver(mail(1))
    far.subscriptions.deliver()
    (item,) = receiver.items
    assert item["resourceData"]["id"] != message_id
    found = ask("GET", "/me/messages/" + item["resourceData"]["id"].replace("/", "%2F"))
    assert found.json()["id"] == message_id


def test_tenants_share_a_post(far, account, subscribe, receiver):
    tenant = far.add_tenant("other.example")
    far.register_app(far.client_id, far.client_secret, multi_tenant=True)
    other = far.add_account("carl@other.example", tenant=tenant)
    subscribe()
    subscribe(caller=Caller(far, far.grant(other.address, ["Mail.Read"])["access_token"]), clientState="another")
    account.deliver(mail(1))
    other.deliver(mail(2))
    assert far.subscriptions.deliver() == 1
    assert {(item["tenantId"], item["clientState"]) for item in receiver.items} == {
        (far.tenant, "known to two"), (tenant, "another"),
    }  # fmt: skip


def test_notifications_come_twice_or_forged_on_order(far, account, subscribe, receiver):
    subscribe()
    far.subscriptions.notices.copies = 2
    far.subscriptions.forged_state = "guessed"
    account.deliver(mail(1))
    far.subscriptions.deliver()
    first, second = receiver.items
    assert first == second
    assert first["clientState"] == "guessed"


def test_a_refused_post_comes_again_later_until_it_is_taken(far, account, subscribe, receiver):
    subscribe()
    receiver.status = 500
    account.deliver(mail(1))
    assert far.subscriptions.deliver() == 0
    assert far.subscriptions.deliver() == 0
    assert len(receiver.posts) == 1
    receiver.status = 202
    far.clock.advance(11)
    assert far.subscriptions.deliver() == 1
    assert receiver.posts[0] == receiver.posts[1]
    assert far.subscriptions.notices.waiting() == 0


def test_after_four_hours_a_refused_post_is_given_up(far, account, subscribe, receiver):
    subscribe()
    receiver.status = 500
    account.deliver(mail(1))
    for _time in range(5 * 6):
        far.subscriptions.deliver()
        far.clock.advance(10 * MINUTE)
    assert far.subscriptions.notices.waiting() == 0
    assert 20 < len(receiver.posts) < 30


def test_a_slow_receiver_gets_the_same_again(far, account, subscribe, receiver):
    subscribe()
    assert far.subscriptions.notices.answer_seconds == 3
    far.subscriptions.notices.answer_seconds = 0.2
    receiver.holding = True
    account.deliver(mail(1))
    assert far.subscriptions.deliver() == 0
    receiver.holding = False
    receiver.released.set()
    far.subscriptions.notices.answer_seconds = 20
    far.clock.advance(11)
    assert far.subscriptions.deliver() == 1
    assert receiver.posts[0] == receiver.posts[1]


@pytest.mark.parametrize("is_deleted", [True, False])
def test_nothing_is_told_after_the_end(far, account, ask, subscribe, receiver, is_deleted):
    made = subscribe(45 * MINUTE).json()
    receiver.status = 500
    account.deliver(mail(1))
    far.subscriptions.deliver()
    if is_deleted:
        ask("DELETE", f"/subscriptions/{made['id']}")
        far.clock.advance(11)
    else:
        far.clock.advance(46 * MINUTE)
    account.deliver(mail(2))
    far.subscriptions.deliver()
    assert len(receiver.posts) == 1


@pytest.mark.parametrize("event", ["reauthorizationRequired", "subscriptionRemoved", "missed"])
def test_lifecycle_events_come_to_their_own_address(far, account, ask, subscribe, receiver, event):
    made = subscribe().json()
    account.deliver(mail(1))
    far.subscriptions.order(event, made["id"])
    far.subscriptions.deliver()
    told = [item for path, items in receiver.posts if path == "/life" for item in items]
    assert [(item["lifecycleEvent"], item["subscriptionId"], item["clientState"]) for item in told] == [
        (event, made["id"], "known to two")
    ]
    assert told[0]["organizationId"] == far.tenant
    changes = [path for path, _items in receiver.posts if path == "/mail"]
    assert changes == (["/mail"] if event == "reauthorizationRequired" else [])
    is_gone = ask("GET", f"/subscriptions/{made['id']}").status_code == 404
    assert is_gone == (event == "subscriptionRemoved")


def test_an_application_subscribes_for_any_mailbox_of_its_tenant(far, account, client, subscribe, receiver):
    far.consent_application(permissions=["Mail.Read"])
    token = client().acquire_token_for_client([f"{far.endpoints['graph']}/.default"])["access_token"]
    app = Caller(far, token)
    assert subscribe(caller=app).status_code == 400
    assert subscribe(caller=app, resource=f"users/{account.oid}/mailFolders('inbox')/messages").status_code == 201
    account.deliver(mail(1))
    far.subscriptions.deliver()
    assert len(receiver.items) == 1
