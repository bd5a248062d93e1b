# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What happened in a mailbox, and what of it is news of a folder.

One question, history.list, tells of all folders. Its records grow in number, with gaps, and mention a message as often
as something happened to it; a mention says which labels came or went and mostly, but not reliably, which there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .labels import FLAG_LABELS, brings_into, holds, takes_from

_LABEL_CHANGES = ("labelsAdded", "labelsRemoved")


@dataclass(frozen=True, slots=True)
class _Mention:
    """A message in a record; ``index`` counts the record's messages."""

    record: int
    index: int
    message: str
    arrived: bool = False
    deleted: bool = False
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class News:
    """What a folder has to be told of one message.

    ``record`` and ``index`` say where it is mentioned first. ``gone``: it is not here any more; ``joined``: it came and
    is listed unless it is known. Else it is here, and something about it is another. ``labels``: those it has now.
    """

    record: int
    index: int
    message: str
    labels: frozenset[str] | None = None
    gone: bool = False
    joined: bool = False


@dataclass(slots=True)
class Snapshot:
    """Everything that happened between two moments: behind the record ``start``, up to ``end``."""

    start: int
    end: int
    _mentions: list[_Mention] = field(default_factory=list)
    _records: list[int] = field(default_factory=list)
    _labels: dict[str, frozenset[str] | None] = field(default_factory=dict)
    _deleted: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, start: int, end: int, records: Iterable[Mapping[str, Any]]) -> Snapshot:
        snapshot = cls(start, end)
        for record in sorted(records, key=lambda record: int(record["id"])):
            snapshot._add(record)
        return snapshot

    def _add(self, record: Mapping[str, Any]) -> None:
        number = int(record["id"])
        if self._records and self._records[-1] == number:
            # A list may be given twice.
            return
        self._records.append(number)
        index: dict[str, int] = {}
        for kind in ("messagesAdded", "labelsAdded", "labelsRemoved", "messagesDeleted"):
            for entry in record.get(kind, ()):
                message = entry["message"]
                changed = frozenset(entry.get("labelIds", ())) if kind in _LABEL_CHANGES else frozenset()
                mention = _Mention(
                    record=number,
                    index=index.setdefault(str(message["id"]), len(index)),
                    message=str(message["id"]),
                    arrived=kind == "messagesAdded",
                    deleted=kind == "messagesDeleted",
                    added=changed if kind == "labelsAdded" else frozenset(),
                    removed=changed if kind == "labelsRemoved" else frozenset(),
                )
                self._mentions.append(mention)
                self._follow(mention, message.get("labelIds"))

    def _follow(self, mention: _Mention, told: Sequence[str] | None) -> None:
        """The labels that the message has after this; None as long as nobody said."""
        key = mention.message
        if mention.deleted:
            self._deleted.add(key)
        elif mention.arrived:
            self._deleted.discard(key)
        labels = frozenset(told) if told is not None else self._labels.get(key)
        self._labels[key] = None if labels is None else (labels | mention.added) - mention.removed

    def unsettled(self, folder: str, since: int, within: int) -> list[str]:
        """Messages of which the folder's news cannot be told before their labels are asked for (:meth:`settle`)."""
        return [news.message for news in self.news(folder, since, within) if news.labels is None and not news.gone]

    def settle(self, message: str, labels: frozenset[str] | None) -> None:
        """What a look at the message said; None if it is no more."""
        if labels is None:
            self._deleted.add(message)
        else:
            self._labels[message] = labels

    def news(self, folder: str, since: int, within: int = 0) -> list[News]:
        """The folder's news behind the first ``within`` messages of the first record behind ``since``, oldest first."""
        first = next((record for record in self._records if record > since), None)
        by_message: dict[str, list[_Mention]] = {}
        for mention in self._mentions:
            if mention.record > since and not (mention.record == first and mention.index < within):
                by_message.setdefault(mention.message, []).append(mention)
        found = (self._news_of(folder, mentions) for mentions in by_message.values())
        return [news for news in found if news is not None]

    def before(self, record: int, since: int) -> int:
        """The record before this one, for a cursor that stands behind ``since``."""
        return max((number for number in self._records if number < record), default=since)

    def _news_of(self, folder: str, mentions: Sequence[_Mention]) -> News | None:
        first = mentions[0]
        place = (first.record, first.index, first.message)
        if first.message in self._deleted:
            return News(*place, gone=True)
        added = frozenset[str]().union(*(mention.added for mention in mentions))
        removed = frozenset[str]().union(*(mention.removed for mention in mentions))
        joined = any(mention.arrived for mention in mentions) or brings_into(folder, added, removed)
        left = takes_from(folder, added, removed)
        labels = self._labels[first.message]
        if labels is None:
            if joined or not left:
                return News(*place, joined=joined)
            return News(*place, gone=True)
        if not holds(folder, labels):
            return News(*place, labels, gone=True) if left else None
        # A message that left another folder lies here all the same, and that folder's word is not to stand alone.
        if joined or removed or not FLAG_LABELS.isdisjoint(added):
            return News(*place, labels, joined=joined)
        return None
