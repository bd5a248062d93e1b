# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Outlook's service limits (learn.microsoft.com/graph/throttling-limits): per app and mailbox."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.cloud.clock import Clock

from .errors import GraphError


class Limits:
    """10,000 requests in ten minutes and four at once, those within batches too; the attributes can be set."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._running: Counter[tuple[str, str]] = Counter()
        self._here = threading.local()
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

    @contextmanager
    def batch(self, parts: int) -> Iterator[None]:
        """Within, requests of this thread are the parts of a batch, of which Outlook runs four at a time."""
        self._here.batch = lanes = _Lanes(parts)
        try:
            yield
        finally:
            self._here.batch = None
            with self._lock:
                for who, taken in lanes.taken.items():
                    self._running[who] -= taken

    @contextmanager
    def slot(self, app: str, mailbox: str) -> Iterator[None]:
        """One of the places for requests at the same time; raises GraphError 429 when all are taken."""
        lanes: _Lanes | None = getattr(self._here, "batch", None)
        who = (app, mailbox)
        with self._lock:
            if lanes is None:
                self._running[who] += 1
                is_over = self._running[who] > self.concurrent
            else:
                is_over = not lanes.has_place(who, max(self.concurrent - self._running[who], 0), self.concurrent)
                self._running[who] += lanes.just_taken
        try:
            if self._on and is_over:
                raise GraphError(429, Retry_After="1")
            yield
        finally:
            if lanes is None:
                with self._lock:
                    self._running[who] -= 1


class _Lanes:
    """The places that a batch has taken at each mailbox, until all of it is answered."""

    def __init__(self, parts: int) -> None:
        self.taken: dict[tuple[str, str], int] = {}
        self.just_taken = 0
        self._parts = parts
        self._asked: Counter[tuple[str, str]] = Counter()

    def has_place(self, who: tuple[str, str], free: int, most: int) -> bool:
        """Whether the next part for this mailbox falls into a lane that could be taken."""
        wanted = min(self._parts, most)
        self.just_taken = 0
        if who not in self.taken:
            self.just_taken = self.taken[who] = min(wanted, free)
        lane = self._asked[who] % wanted if wanted else 0
        self._asked[who] += 1
        return lane < self.taken[who]
