# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A mailbox's history: what happened to which message, numbered with gaps (reference of ``users.history``)."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from . import errors

Kind = Literal["messagesAdded", "messagesDeleted", "labelsAdded", "labelsRemoved"]

# The values of the parameter historyTypes.
KINDS: dict[str, Kind] = {
    "messageAdded": "messagesAdded",
    "messageDeleted": "messagesDeleted",
    "labelAdded": "labelsAdded",
    "labelRemoved": "labelsRemoved",
}


@dataclass(frozen=True)
class Event:
    """One thing that happened to one message; ``labels`` are those it had then, ``changed`` those that came or went."""

    kind: Kind
    message_id: str
    thread_id: str
    labels: tuple[str, ...]
    changed: tuple[str, ...] = ()

    def concerns(self, label: str | None) -> bool:
        return label is None or label in self.labels or label in self.changed

    def shown(self) -> dict[str, Any]:
        message: dict[str, Any] = {"id": self.message_id, "threadId": self.thread_id}
        if self.labels:
            message["labelIds"] = list(self.labels)
        return {"message": message, **({"labelIds": list(self.changed)} if self.changed else {})}


@dataclass(frozen=True)
class Record:
    """What happened in one stroke."""

    id: int
    events: tuple[Event, ...]

    def shown(self, label: str | None, kinds: Sequence[Kind]) -> dict[str, Any] | None:
        """As the API gives it, with what the filters leave; None when they leave nothing."""
        events = [event for event in self.events if event.concerns(label) and (not kinds or event.kind in kinds)]
        if not events:
            return None
        ids = {event.message_id: event.thread_id for event in events}
        record: dict[str, Any] = {"id": str(self.id), "messages": [{"id": i, "threadId": t} for i, t in ids.items()]}
        for event in events:
            record.setdefault(event.kind, []).append(event.shown())
        return record


class History:
    """The records, and the horizon below which they are forgotten.

    ``listener`` is told of each record, and the mailbox's own number after it.
    """

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._records: list[Record] = []
        self._ids: list[int] = []
        self.current = dice.randint(10_000, 900_000)
        self._horizon = self.current
        self.listener: Callable[[Record, int], None] | None = None

    def next(self) -> int:
        """The number of what is about to happen."""
        self.current += self._dice.randint(1, 40)
        return self.current

    def add(self, number: int, events: Sequence[Event]) -> None:
        """Note what has happened. The mailbox's own number runs ahead of the record's, as the real one does."""
        record = Record(number, tuple(events))
        self._records.append(record)
        self._ids.append(number)
        self.current += self._dice.randint(1, 5)
        if self.listener is not None:
            self.listener(record, self.current)

    def expire(self) -> None:
        """Forget all there is; numbers given out so far are too old from now on."""
        self._records, self._ids = [], []
        self._horizon = self.next()

    def since(self, number: int, until: int) -> list[Record]:
        """The records after ``number``, oldest first, as of ``until``.

        :raises ApiError: 404, when the number is too old or was never given out
        """
        if not self._horizon <= number <= self.current:
            raise errors.not_found()
        return self._records[bisect_right(self._ids, number) : bisect_right(self._ids, until)]
