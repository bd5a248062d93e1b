# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What Graph posts to an app's own addresses: the question whether they are its own, and notifications.

Source: learn.microsoft.com/graph/change-notifications-delivery-webhooks.
"""

from __future__ import annotations

import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from sandbox.cloud.clock import Clock

from .errors import GraphError

LOOPBACK = ("localhost", "127.0.0.1")
RETRY_SECONDS = 4 * 3_600.0
_FIRST_WAIT = 10.0
_LONGEST_WAIT = 600.0


@dataclass
class Post:
    """Notifications for one address; ``first`` and ``due`` in seconds since 1970, ``wait`` before the next try."""

    url: str
    items: list[dict[str, Any]]
    first: float
    due: float
    wait: float = _FIRST_WAIT


class Notices:
    """What waits to be sent, and the sending.

    ``answer_seconds`` is how long a receiver may take for a notification, ``handshake_seconds`` for the validation,
    ``copies`` how often each notification is sent, ``most`` how many one POST holds. All can be set.
    """

    def __init__(self, clock: Clock) -> None:
        self.answer_seconds = 3.0
        self.handshake_seconds = 10.0
        self.copies = 1
        self.most = 100
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: list[Post] = []

    def validate(self, url: str) -> None:
        """Ask an address for the token sent to it; raises GraphError 400 without its answer."""
        token = f"Validation: Testing client application reachability + {secrets.token_urlsafe(24)}="
        try:
            answer = _post(url, self.handshake_seconds, params={"validationToken": token})
        except requests.Timeout as error:
            raise GraphError(400, "ValidationError", "Subscription validation request timed out.") from error
        except requests.RequestException as error:
            raise GraphError(400, "ValidationError", "Subscription validation request failed.") from error
        if answer.status_code != 200:
            text = "Notification endpoint must respond with 200 OK to validation request."
            raise GraphError(400, "ValidationError", f"Subscription validation request failed. {text}")
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "text/plain" or answer.content != token.encode():
            text = "The validation response has not the token as plain text."
            raise GraphError(400, "ValidationError", f"Subscription validation request failed. {text}")

    def add(self, items: Iterable[tuple[str, dict[str, Any]]]) -> None:
        """Put notifications, each with its address, into as few POSTs as can be."""
        by_url: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for url, item in items:
            by_url[url] += [item] * self.copies
        now = self._clock.now()
        with self._lock:
            for url, found in by_url.items():
                parts = (found[start : start + self.most] for start in range(0, len(found), self.most))
                self._waiting += [Post(url, part, now, now) for part in parts]

    def forget(self, subscription_ids: set[str]) -> None:
        """Take back what waits for subscriptions that are gone."""
        with self._lock:
            for post in self._waiting:
                post.items = [item for item in post.items if item["subscriptionId"] not in subscription_ids]
            self._waiting = [post for post in self._waiting if post.items]

    def waiting(self) -> int:
        """How many POSTs are not delivered yet."""
        with self._lock:
            return len(self._waiting)

    def send(self, is_alive: Callable[[dict[str, Any]], bool]) -> int:
        """Send what is due and still wanted; answers how many POSTs were accepted. What was not comes again later."""
        now = self._clock.now()
        with self._lock:
            due = [post for post in self._waiting if post.due <= now]
            self._waiting = [post for post in self._waiting if post.due > now]
        accepted = 0
        for post in due:
            # A receiver may have ended its subscription while an earlier POST was answered.
            post.items = [item for item in post.items if is_alive(item)]
            if not post.items:
                continue
            if self._is_accepted(post):
                accepted += 1
            elif now + post.wait <= post.first + RETRY_SECONDS:
                post.due, post.wait = now + post.wait, min(post.wait * 2, _LONGEST_WAIT)
                with self._lock:
                    self._waiting.append(post)
        return accepted

    def _is_accepted(self, post: Post) -> bool:
        try:
            return 200 <= _post(post.url, self.answer_seconds, json={"value": post.items}).status_code < 300
        except requests.RequestException:
            return False


def _post(url: str, seconds: float, **content: Any) -> requests.Response:
    """No request leaves this computer: other ones are as good as down."""
    if urlsplit(url).hostname not in LOOPBACK:
        raise requests.ConnectionError("Only receivers on this computer can be reached.")
    with requests.Session() as session:
        # Receivers are on this computer, which a proxy of the environment cannot reach.
        session.trust_env = False
        return session.post(url, timeout=seconds, allow_redirects=False, **content)
