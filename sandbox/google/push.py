# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Push: what Gmail publishes about watched mailboxes, and the Pub/Sub subscription that posts it to an endpoint.

Sources: developers.google.com/workspace/gmail/api/guides/push, cloud.google.com/pubsub/docs/push and
cloud.google.com/pubsub/docs/authenticate-push-subscriptions.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cached_property
from typing import Any, Literal, get_args

import requests

from sandbox.cloud.clock import Clock
from sandbox.cloud.keys import SigningKey

from .history import Record

Trouble = Literal["duplicate", "loss", "disorder", "audience", "key", "expired"]

WATCH_SECONDS = 7 * 86_400
_KEPT_SECONDS = 7 * 86_400
_ACKNOWLEDGED = frozenset((200, 201, 202, 204))
# Pub/Sub's usual deadline: an answer that takes longer is none.
_DEADLINE = 10
_HOUR = 3_600


@dataclass
class Watch:
    """What a user's ``watch`` asked for.

    :param labels: changes of messages with one of these are told, or with ``exclude`` all others; none means all
    :param expires: seconds of the movable clock, as is ``told``, when the last notification was published
    """

    labels: frozenset[str]
    exclude: bool
    expires: float
    told: float = 0.0

    def wants(self, record: Record) -> bool:
        if not self.labels:
            return True
        return any(any(map(event.concerns, self.labels)) != self.exclude for event in record.events)


@dataclass(frozen=True)
class Notification:
    """One message of the topic; ``published`` in seconds of the movable clock."""

    id: str
    address: str
    history: int
    published: float

    def shown(self, subscription: str) -> dict[str, Any]:
        """The body that Pub/Sub posts."""
        # A number, where the API's answers have text (github.com/googleworkspace/python-samples/issues/200).
        data = json.dumps({"emailAddress": self.address, "historyId": self.history}).encode()
        time = datetime.fromtimestamp(self.published, timezone.utc).isoformat(timespec="milliseconds")
        message = {"data": base64.b64encode(data).decode(), "messageId": self.id}
        return {"message": {**message, "publishTime": time.replace("+00:00", "Z")}, "subscription": subscription}


@dataclass(frozen=True)
class Subscription:
    """Where the notifications go, and whose token comes with them."""

    endpoint: str
    email: str
    audience: str
    name: str = "projects/sandbox/subscriptions/mail"
    subject: str = field(default_factory=lambda: str(10**20 + secrets.randbelow(10**20)))


class Push:
    """The watches of all users, one topic and its one push subscription; nothing is sent but by :meth:`deliver`."""

    def __init__(self, clock: Clock, key: SigningKey) -> None:
        self._clock = clock
        self._key = key
        self._lock = threading.Lock()
        self._watches: dict[str, Watch] = {}
        self._subscription: Subscription | None = None
        self._waiting: list[Notification] = []
        self._troubles: Counter[Trouble] = Counter()
        self._last_id = 10**15

    def subscribe(self, endpoint_url: str, service_account_email: str, audience: str) -> None:
        """Make the push subscription, in place of the one before, whose notifications and troubles are forgotten.

        :param service_account_email: in whose name Pub/Sub signs its posts
        :param audience: the claim ``aud`` of its tokens
        """
        with self._lock:
            self._subscription = Subscription(endpoint_url, service_account_email, audience)
            self._waiting = []
            self._troubles.clear()

    def order(self, trouble: Trouble, times: int = 1) -> None:
        """Order trouble for the next deliveries.

        - ``duplicate``: a notification is posted twice; ``loss``: it is never posted
        - ``disorder``: all that waits is posted newest first
        - ``audience``, ``key``, ``expired``: the token is for somebody else, signed with a key that is not Google's
          but has its name, or an hour too old

        :param times: how many notifications, deliveries or posts it meets
        :raises ValueError: there is no such trouble
        """
        if trouble not in get_args(Trouble):
            raise ValueError(f"There is no trouble {trouble!r}.")
        with self._lock:
            self._troubles[trouble] += times

    def watch(self, address: str, labels: frozenset[str], exclude: bool) -> float:
        """Start or renew a user's watch.

        :return: when it ends, in seconds of the movable clock
        """
        expires = self._clock.now() + WATCH_SECONDS
        with self._lock:
            before = self._watches.get(address)
            # Renewing is no way around the limit of one a second.
            self._watches[address] = Watch(labels, exclude, expires, before.told if before else 0.0)
        return expires

    def stop(self, address: str) -> None:
        """End a user's watch, if there is one; what is published already is still delivered."""
        with self._lock:
            self._watches.pop(address, None)

    def changed(self, address: str, record: Record, history: int) -> None:
        """Publish that a mailbox has changed: at most once a second and user, the others are dropped.

        :param history: the mailbox's number after the change
        """
        now = self._clock.now()
        with self._lock:
            watch = self._watches.get(address)
            if watch is None or now >= watch.expires or now < watch.told + 1 or not watch.wants(record):
                return
            watch.told = now
            if self._subscription is not None:
                self._last_id += 1 + secrets.randbelow(1000)
                self._waiting.append(Notification(str(self._last_id), address, history, now))

    def deliver(self) -> list[int | None]:
        """Post what waits, oldest first; what is not acknowledged waits for the next time, for seven days.

        :return: the status of each answer, None where there was none
        """
        # Without the lock: the endpoint may change a mailbox before it answers.
        return [self._post(notification, subscription) for notification, subscription in self._due()]

    def _due(self) -> list[tuple[Notification, Subscription]]:
        oldest = self._clock.now() - _KEPT_SECONDS
        with self._lock:
            if self._subscription is None:
                return []
            kept = [notification for notification in self._waiting if notification.published > oldest]
            self._waiting = [notification for notification in kept if not self._meets("loss")]
            due = [n for n in self._waiting for _time in range(1 + self._meets("duplicate"))]
            if len(due) > 1 and self._meets("disorder"):
                due.reverse()
            return [(notification, self._subscription) for notification in due]

    def _meets(self, trouble: Trouble) -> bool:
        if not self._troubles[trouble]:
            return False
        self._troubles[trouble] -= 1
        return True

    def _post(self, notification: Notification, subscription: Subscription) -> int | None:
        headers = {"Authorization": f"Bearer {self._token(subscription)}"}
        body = notification.shown(subscription.name)
        with requests.Session() as session:
            session.trust_env = False
            try:
                answer = session.post(
                    subscription.endpoint, json=body, headers=headers, timeout=_DEADLINE, allow_redirects=False
                )
            except requests.RequestException:
                return None
        if answer.status_code in _ACKNOWLEDGED:
            with self._lock:
                self._waiting = [waiting for waiting in self._waiting if waiting.id != notification.id]
        return answer.status_code

    def _token(self, subscription: Subscription) -> str:
        with self._lock:
            foreign, astray, expired = self._meets("key"), self._meets("audience"), self._meets("expired")
        issued = self._clock.stamp() - (2 * _HOUR if expired else 0)
        claims = {
            "iss": "https://accounts.google.com",
            "aud": "https://elsewhere.example/push" if astray else subscription.audience,
            "azp": subscription.subject,
            "sub": subscription.subject,
            "email": subscription.email,
            "email_verified": True,
            "iat": issued,
            "exp": issued + _HOUR,
        }
        return (self._foreign_key if foreign else self._key).sign(claims)

    @cached_property
    def _foreign_key(self) -> SigningKey:
        return SigningKey(self._key.name)
