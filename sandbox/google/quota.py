# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Quota units, by Google's table of 1 May 2026, in a sliding window of a minute.

Source: developers.google.com/workspace/gmail/api/reference/quota. How many requests of a user may run at once is not
published; ten is our assumption.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque

from sandbox.cloud.clock import Clock

from . import errors

MINUTE = 60.0

UNITS = {
    "getProfile": 1,
    "watch": 100,
    "stop": 50,
    "history.list": 2,
    "labels.list": 1,
    "labels.get": 1,
    "labels.create": 5,
    "labels.update": 5,
    "labels.patch": 5,
    "labels.delete": 5,
    "messages.list": 5,
    "messages.get": 20,
    "messages.attachments.get": 20,
    "messages.modify": 5,
    "messages.batchModify": 50,
    "messages.batchDelete": 50,
    "messages.trash": 20,
    "messages.untrash": 20,
    "messages.delete": 10,
    "messages.insert": 25,
    "messages.import": 25,
    "messages.send": 100,
    "drafts.list": 5,
    "drafts.get": 20,
    "drafts.create": 10,
    "drafts.update": 15,
    "drafts.delete": 10,
    "drafts.send": 100,
    "threads.list": 10,
    "threads.get": 40,
    "threads.modify": 10,
    "threads.trash": 40,
    "threads.untrash": 40,
    "threads.delete": 20,
    "settings.sendAs.list": 1,
    "settings.sendAs.get": 1,
}


class _Window:
    """Units spent in the last minute."""

    def __init__(self) -> None:
        self._spent: deque[tuple[float, int]] = deque()
        self._total = 0

    def fits(self, units: int, limit: int, now: float) -> bool:
        while self._spent and self._spent[0][0] <= now - MINUTE:
            self._total -= self._spent.popleft()[1]
        return self._total + units <= limit

    def spend(self, units: int, now: float) -> None:
        self._spent.append((now, units))
        self._total += units


class Limits:
    """What a user and the project may use; the attributes can be set, and :meth:`off` lifts them all.

    ``per_user`` and ``per_project`` are units a minute, ``concurrent`` is requests of one user at the same time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._users: defaultdict[str, _Window] = defaultdict(_Window)
        self._project = _Window()
        self._on = True
        self.per_user = 6_000
        self.per_project = 1_200_000
        self.concurrent = 10

    def off(self) -> None:
        """Refuse nothing; units are still counted in the log."""
        self._on = False

    def on(self) -> None:
        """Refuse again what is too much."""
        self._on = True

    def check_concurrency(self, in_flight: int) -> None:
        """:raises ApiError: 429, when a user has more requests running than allowed"""
        if self._on and in_flight > self.concurrent:
            raise errors.too_many_concurrent()

    def spend(self, user: str, units: int) -> None:
        """Take units from the user's and the project's minute; what is refused costs nothing.

        :raises ApiError: 403
        """
        now = self._clock.now()
        with self._lock:
            if self._on and not self._users[user].fits(units, self.per_user, now):
                raise errors.user_rate_exceeded()
            if self._on and not self._project.fits(units, self.per_project, now):
                raise errors.project_rate_exceeded()
            self._users[user].spend(units, now)
            self._project.spend(units, now)
