# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What was asked of the stand-in: tests count calls, units and what ran at the same time."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass
class Record:
    """One request, or one part of a batch.

    :param route: the method as the discovery document names it (``messages.get``), or the page (``token``)
    :param path: without the query, which may hold secrets and search words
    :param started: seconds of the movable clock; ``ended`` likewise, None while it runs
    :param bytes: length of the answer's body
    :param in_flight: how many requests of this user ran when it started, itself included
    :param part: within a batch
    """

    method: str
    path: str
    route: str
    started: float
    part: bool = False
    status: int = 0
    user: str = ""
    units: int = 0
    ended: float | None = None
    bytes: int = 0
    in_flight: int = 0


class Requests:
    """All records since the start or the last :meth:`clear`, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: list[Record] = []
        self._running: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Record]:
        with self._lock:
            return iter(list(self._records))

    def __len__(self) -> int:
        with self._lock:
            return len(self._records)

    def __getitem__(self, index: int) -> Record:
        with self._lock:
            return self._records[index]

    def add(self, record: Record) -> None:
        with self._lock:
            self._records.append(record)

    def enter(self, record: Record, user: str) -> int:
        """The request turns out to be this user's.

        :return: how many of the user's requests run now
        """
        with self._lock:
            record.user = user
            if not record.part:
                self._running[user] += 1
            record.in_flight = self._running[user]
            return record.in_flight

    def leave(self, record: Record, ended: float) -> None:
        with self._lock:
            record.ended = ended
            if record.in_flight and not record.part:
                self._running[record.user] -= 1

    def clear(self) -> None:
        """Forget them; what runs still counts as in flight."""
        with self._lock:
            self._records = []

    def count(self, route: str | None = None, status: int | None = None, user: str | None = None) -> int:
        """How many records are of this route, status and user; parts of batches are records of their own."""
        return sum(
            (route is None or record.route == route)
            and (status is None or record.status == status)
            and (user is None or record.user == user)
            for record in self
        )

    def round_trips(self) -> int:
        """How many HTTP requests there were; a batch is one."""
        return sum(not record.part for record in self)

    def units(self, user: str | None = None) -> int:
        """Quota units spent."""
        return sum(record.units for record in self if user in (None, record.user))

    def most_in_flight(self, user: str) -> int:
        """The largest number of this user's requests that ran at the same time."""
        return max((record.in_flight for record in self if record.user == user), default=0)
