# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Outlook's service limits (learn.microsoft.com/graph/throttling-limits): per app and mailbox."""

from __future__ import annotations

import threading
from collections import defaultdict, deque

from sandbox.google.clock import Clock

from .errors import GraphError


class Limits:
    """10,000 requests in ten minutes and four at once, those within batches too; the attributes can be set."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._on = True
        self.requests = 10_000
        self.seconds = 600.0
        self.concurrent = 4
        self.batch_parts = 20
        self.request_bytes = 4 * 2**20

    def off(self) -> None:
        """Refuse nothing for being too much or too fast."""
        self._on = False

    def on(self) -> None:
        self._on = True

    def spend(self, app: str, mailbox: str) -> None:
        """Count a request; raises GraphError 429 with Retry-After, and counts nothing, when there are too many."""
        now = self._clock.now()
        with self._lock:
            asked = self._asked[app, mailbox]
            while asked and asked[0] <= now - self.seconds:
                asked.popleft()
            if self._on and len(asked) >= self.requests:
                wait = str(max(int(asked[0] + self.seconds - now) + 1, 1))
                raise GraphError(429, message="Application is over its MailboxRequests limit.", Retry_After=wait)
            asked.append(now)

    def check_concurrency(self, in_flight: int) -> None:
        if self._on and in_flight > self.concurrent:
            raise GraphError(429, Retry_After="1")
