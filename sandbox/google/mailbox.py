# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One user's mail as Gmail keeps it: every message once, with a set of labels."""

from __future__ import annotations

import random
import re
import threading
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sandbox.cloud.clock import Clock
from sandbox.cloud.content import Content

from . import errors
from .history import Event, History
from .labels import Labels
from .page_tokens import Pages

_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
HIDDEN = frozenset(("SPAM", "TRASH"))


@dataclass
class Message:
    """A message in a mailbox.

    :param snippet: read once, on arrival: it is part of every answer
    :param received: milliseconds since 1970, the API's ``internalDate``
    :param born: the history number of its arrival; ``history`` is that of its last change
    """

    id: str
    thread_id: str
    content: Content
    labels: set[str]
    snippet: str
    received: int
    born: int
    history: int

    @property
    def label_ids(self) -> tuple[str, ...]:
        return tuple(sorted(self.labels))


class Mailbox:
    """The state of one mailbox. Callers hold :attr:`lock` while they read or change it.

    ``seen`` is the history number up to which the last call saw it; ``drafts`` are messages' ids by drafts' ids.
    """

    def __init__(self, address: str, clock: Clock) -> None:
        self.address = address
        self.clock = clock
        self.lock = threading.RLock()
        self.labels = Labels()
        self.pages = Pages(clock)
        dice = random.Random(address)
        self.history = History(dice)
        self.seen = self.history.current
        self._dice = dice
        self._last_id = dice.getrandbits(20) + (0x18F << 52)
        self._messages: dict[str, Message] = {}
        self._order: list[tuple[int, str]] = []
        self._threads: dict[str, str] = {}
        self._by_thread: defaultdict[str, set[str]] = defaultdict(set)
        self.drafts: dict[str, str] = {}

    def all(self) -> list[Message]:
        return list(self._messages.values())

    def get(self, message_id: str, until: int | None = None) -> Message:
        """:param until: as of this history number

        :raises ApiError: 404 when it is not there, not yet or not any more
        """
        message = self._messages.get(message_id)
        if message is None or (until is not None and message.born > until):
            raise errors.not_found()
        return message

    def newest_first(self, after: tuple[int, str] | None = None) -> Iterator[Message]:
        """The messages by the date of their arrival, from behind a place in that order (see :meth:`place`)."""
        start = 0 if after is None else bisect_left(self._order, after)
        if after is not None and start < len(self._order) and self._order[start] == after:
            start += 1
        for _received, message_id in self._order[start:]:
            yield self._messages[message_id]

    @staticmethod
    def place(message: Message) -> tuple[int, str]:
        """Where a message stands among the others, also after it is gone."""
        return (-message.received, message.id)

    def thread(self, thread_id: str, until: int | None = None) -> list[Message]:
        """A conversation's messages, oldest first.

        :raises ApiError: 404
        """
        members = [self._messages[message_id] for message_id in self._by_thread.get(thread_id, ())]
        found = [message for message in members if until is None or message.born <= until]
        if not found:
            raise errors.not_found()
        return sorted(found, key=lambda message: (message.received, message.id))

    def add(self, raw: bytes, labels: Iterable[str], received: float, thread_id: str | None = None) -> Message:
        """Put a message in. The user's own labels come by a filter, in the same record of the history.

        :param received: seconds since 1970
        :param thread_id: the conversation asked for, else what its References say
        """
        labels = set(labels)
        self.labels.check(labels)
        self._last_id += self._dice.randint(1, 1 << 24)
        message_id = f"{self._last_id:016x}"
        content = Content(raw, message_id)
        number = self.history.next()
        thread_id = thread_id or self._thread_of(content) or message_id
        message = Message(message_id, thread_id, content, labels, content.snippet, int(received * 1000), number, number)
        self._messages[message_id] = message
        insort(self._order, self.place(message))
        self._by_thread[thread_id].add(message_id)
        for own_id in _MESSAGE_ID.findall(content.header("Message-ID")):
            self._threads.setdefault(own_id, thread_id)
        filtered = tuple(label for label in message.label_ids if not self.labels.get(label).is_system)
        events = [Event("messagesAdded", message_id, thread_id, message.label_ids)]
        if filtered:
            events.append(Event("labelsAdded", message_id, thread_id, message.label_ids, filtered))
        self.history.add(number, events)
        return message

    def change_labels(self, messages: Sequence[Message], add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Give and take labels, all in one record of the history.

        :raises ApiError: 400 for an unknown label
        """
        add, remove = set(add), set(remove)
        self.labels.check(add | remove, changeable=True)
        number = self.history.next()
        events: list[Event] = []
        for message in messages:
            came = tuple(sorted(add - message.labels))
            went = tuple(sorted((remove - add) & message.labels))
            message.labels = (message.labels | add) - (remove - add)
            ids = (message.id, message.thread_id, message.label_ids)
            if came:
                events.append(Event("labelsAdded", *ids, came))
            if went:
                events.append(Event("labelsRemoved", *ids, went))
            if came or went:
                message.history = number
        if events:
            self.history.add(number, events)

    def trash(self, messages: Sequence[Message]) -> None:
        """Throw away: the message leaves the inbox and is hidden, its other labels stay."""
        self.change_labels(messages, add=("TRASH",), remove=("INBOX",))

    def delete(self, messages: Sequence[Message]) -> None:
        """Remove for ever."""
        number = self.history.next()
        for message in messages:
            del self._messages[message.id]
            self._by_thread[message.thread_id].discard(message.id)
            del self._order[bisect_left(self._order, self.place(message))]
        deleted = [Event("messagesDeleted", m.id, m.thread_id, m.label_ids) for m in messages]
        if deleted:
            self.history.add(number, deleted)

    def remove_label(self, label_id: str) -> None:
        """Take a label from the mailbox and all its messages. The history does not tell.

        :raises ApiError: 404, or 400 for a system label
        """
        self.labels.remove(label_id)
        self.history.next()
        for message in self._messages.values():
            message.labels.discard(label_id)

    def _thread_of(self, content: Content) -> str | None:
        ancestors = _MESSAGE_ID.findall(content.header("In-Reply-To") + " " + content.header("References"))
        return next((self._threads[ancestor] for ancestor in ancestors if ancestor in self._threads), None)
